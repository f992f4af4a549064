"""What the default engine finds in real pictures, good and spoilt."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from chalicelib import faces
from chalicelib.faces import dlib_engine, sface_engine
from chalicelib.faces.dlib_engine import DlibEngine
from chalicelib.faces.sface_engine import SFaceEngine
from chalicelib.shared.pictures import decode_picture, encode_jpeg

Examined = Callable[[str], faces.Findings]
VectorOf = Callable[[str], tuple[float, ...]]
Picture = Callable[[str], Image.Image]

GOOD = [
    *("id_a.jpg", "id_b.jpg", "id_c.jpg", "frame_a.jpg", "frame_a_2.jpg", "frame_b.jpg"),
    *("frame_c.jpg", "person_a_1.jpg", "person_a_2.jpg", "person_a_3.jpg", "person_b_1.jpg"),
    *("person_b_2.jpg", "person_c_1.png"),
]


def apart(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    return faces.distance(one, two, "face_recognition_sface_2021dec")


@pytest.mark.parametrize("name", GOOD)
def test_a_good_picture_shows_one_face_and_nothing_wrong(examined: Examined, name: str) -> None:
    findings = examined(name)
    (face,) = findings.faces
    wrong = [findings.dark, findings.dim, findings.covered]
    wrong += [face.doubtful, face.small, face.blurred, face.soft, face.turned, face.tilted]
    assert not any(wrong)


@pytest.mark.parametrize("name", ["id_a.jpg", "id_b.jpg", "id_c.jpg"])
def test_the_portraits_are_large_enough_for_an_id_photo(examined: Examined, name: str) -> None:
    findings = examined(name)
    assert findings.width >= 295
    assert findings.height >= 413


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("id_a.jpg", "frame_a.jpg"),
        ("id_a.jpg", "frame_a_2.jpg"),
        ("person_a_2.jpg", "person_a_3.jpg"),
        # Derived: mirrored, brighter, badly compressed; there is one original of b and c only.
        ("id_b.jpg", "frame_b.jpg"),
        ("id_c.jpg", "frame_c.jpg"),
    ],
)
def test_two_pictures_of_one_person_are_near(vector_of: VectorOf, one: str, two: str) -> None:
    assert apart(vector_of(one), vector_of(two)) < 0.50


@pytest.mark.parametrize("own", ["a", "b", "c"])
@pytest.mark.parametrize("other", ["a", "b", "c"])
def test_two_persons_are_far_apart(vector_of: VectorOf, own: str, other: str) -> None:
    found = apart(vector_of(f"id_{own}.jpg"), vector_of(f"frame_{other}.jpg"))
    assert (found > 0.80) == (own != other)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("frame_empty.jpg", 0),
        ("frame_covered.jpg", 0),
        ("frame_two.jpg", 2),
        ("two_people.jpg", 2),
        ("group.jpg", 6),
        ("partial_face_1.jpg", 1),
        ("partial_face_2.jpg", 1),
    ],
)
def test_everybody_in_the_picture_is_counted(examined: Examined, name: str, count: int) -> None:
    assert len(examined(name).faces) == count


def test_a_badge_taken_for_a_face_is_doubtful(picture: Picture) -> None:
    """HOG sees a face in the badge on the suit of person c once it went through JPEG; YuNet does not."""
    again = decode_picture(encode_jpeg(picture("person_c_1.png"), quality=75))
    found = faces.default_engine("face_recognition").examine(again, vectors=False)
    assert [(face.width, face.doubtful) for face in found.faces] == [(105, True), (88, False)]
    assert len(found.people) == 1
    assert len(faces.default_engine().examine(again, vectors=False).faces) == 1


def test_the_largest_comes_first_and_only_two_get_a_vector(examined: Examined) -> None:
    group = examined("group.jpg").faces
    assert [face.vector is not None for face in group] == [True, True, False, False, False, False]
    sizes = [(face.box[2] - face.box[0]) * (face.box[3] - face.box[1]) for face in group]
    assert sizes == sorted(sizes, reverse=True)


def test_both_people_of_a_frame_are_recognised(examined: Examined, vector_of: VectorOf) -> None:
    right, left = sorted(examined("frame_two.jpg").faces, key=lambda face: -face.box[0])
    assert right.vector is not None
    assert left.vector is not None
    assert apart(left.vector, vector_of("id_a.jpg")) < 0.5
    assert apart(right.vector, vector_of("id_b.jpg")) < 0.5


def test_a_face_cut_by_the_edge_has_its_box_inside_the_picture(examined: Examined) -> None:
    findings = examined("partial_face_1.jpg")
    (face,) = findings.faces
    left, top, right, bottom = face.box
    assert left == 0
    assert 0 <= top < bottom < findings.height
    assert right < findings.width
    assert face.points[0][0] < 40  # an eye at the edge: the rest of the face is outside


def test_a_dark_frame_is_dark(examined: Examined) -> None:
    assert examined("frame_dark.jpg").dark


def test_a_finger_on_the_lens_is_covered_not_dark(examined: Examined) -> None:
    findings = examined("frame_covered.jpg")
    assert findings.covered
    assert not findings.dark


def test_an_empty_room_is_neither_dark_nor_covered(examined: Examined) -> None:
    findings = examined("frame_empty.jpg")
    assert not findings.dark
    assert not findings.covered


@pytest.mark.parametrize(
    ("name", "flag"),
    [
        ("frame_blurred.jpg", "blurred"),
        ("frame_small.jpg", "small"),
        ("frame_turned.jpg", "turned"),
    ],
)
def test_a_spoilt_face_is_found_and_flagged(examined: Examined, name: str, flag: str) -> None:
    (face,) = examined(name).faces
    assert getattr(face, flag)


def test_a_head_on_the_shoulder_is_tilted_with_its_direction(picture: Picture) -> None:
    engine = faces.default_engine()
    clockwise = engine.examine(picture("frame_b.jpg").rotate(-45, fillcolor="grey"), vectors=False)
    other_way = engine.examine(picture("frame_b.jpg").rotate(45, fillcolor="grey"), vectors=False)
    assert [face.tilted for face in clockwise.faces + other_way.faces] == [True, True]
    assert clockwise.faces[0].roll_degrees > 25
    assert other_way.faces[0].roll_degrees < -25


def test_the_sign_of_yaw_follows_the_nose(picture: Picture) -> None:
    engine = faces.default_engine()
    turned = picture("frame_turned.jpg")  # looks towards the left edge
    mirrored = engine.examine(ImageOps.mirror(turned), vectors=False)
    assert engine.examine(turned, vectors=False).faces[0].yaw < -0.4
    assert mirrored.faces[0].yaw > 0.4


def test_a_far_away_face_is_found_by_looking_again(examined: Examined) -> None:
    (face,) = examined("frame_small.jpg").faces
    assert 40 <= face.width < 60
    assert face.vector is not None


def test_boxes_are_in_pixels_of_the_given_picture(picture: Picture) -> None:
    """person_a_3 is 2333 pixels high: searched at 1280, told at 2333."""
    given = picture("person_a_3.jpg")
    (large,) = faces.default_engine().examine(given, vectors=False).faces
    half = given.resize((given.width // 2, given.height // 2), Image.Resampling.BOX)
    (small,) = faces.default_engine().examine(half, vectors=False).faces
    assert large.width == pytest.approx(2 * small.width, rel=0.15)
    for far, near in zip(large.box, small.box, strict=True):
        assert far == pytest.approx(2 * near, abs=45)


def test_without_vectors_the_rest_is_the_same(examined: Examined, picture: Picture) -> None:
    plain = faces.default_engine().examine(picture("frame_a.jpg"), vectors=False)
    full = examined("frame_a.jpg")
    assert [face.vector for face in plain.faces] == [None]
    assert [face.box for face in plain.faces] == [face.box for face in full.faces]
    assert plain.model == full.model


def test_a_stored_jpeg_still_gives_nearly_the_same_vector(
    picture: Picture, vector_of: VectorOf
) -> None:
    stored = decode_picture(encode_jpeg(picture("frame_a.jpg")))
    (face,) = faces.default_engine().examine(stored).faces
    assert face.vector is not None
    assert apart(face.vector, vector_of("frame_a.jpg")) < 0.1


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (7000, 3), (79, 79)])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_odd_pictures_are_findings_not_errors(size: tuple[int, int], mode: str) -> None:
    findings = faces.default_engine().examine(Image.new(mode, size))
    assert (findings.width, findings.height) == size
    assert findings.faces == ()


def test_findings_name_engine_and_model(examined: Examined) -> None:
    findings = examined("frame_a.jpg")
    assert findings.engine == "onnxruntime 1.32.0 YuNet"
    assert findings.model == "face_recognition_sface_2021dec@81b1b042"


def test_the_second_opinion_names_engine_and_model(examined_by_dlib: Examined) -> None:
    findings = examined_by_dlib("frame_a.jpg")
    assert findings.engine == "dlib 20.0.1 HOG"
    assert findings.model == "dlib_face_recognition_resnet_model_v1@55533b28"


@pytest.mark.parametrize("name", GOOD)
def test_both_engines_see_the_same_face_in_the_same_place(
    examined: Examined, examined_by_dlib: Examined, name: str
) -> None:
    one, two = examined(name).people[0], examined_by_dlib(name).people[0]
    assert (len(one.points), len(two.points)) == (5, 3)
    assert one.points[0][0] < one.points[1][0]
    assert two.points[0][0] < two.points[1][0]
    eyes = one.points[1][0] - one.points[0][0]
    for here, there in zip(one.points[:2], two.points[:2], strict=True):
        assert abs(here[0] - there[0]) + abs(here[1] - there[1]) < 0.35 * eyes
    assert one.brightness == pytest.approx(two.brightness, abs=12)


def test_the_second_opinion_belongs_to_sface_alone() -> None:
    assert faces.second_engine() is faces.default_engine("face_recognition")
    assert faces.second_engine("face_recognition") is None


def test_a_vector_does_not_show_in_logs(examined: Examined) -> None:
    assert "vector" not in repr(examined("frame_a.jpg"))


def test_the_default_engine_is_one_for_all_and_works_in_threads(
    picture: Picture, examined: Examined
) -> None:
    names = ["frame_a.jpg", "frame_b.jpg"] * 4
    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(lambda _: faces.default_engine(), range(8)))
        findings = list(pool.map(lambda name: engines[0].examine(picture(name)), names))
    assert len(set(map(id, engines))) == 1
    assert findings == [examined(name) for name in names]


def test_models_may_lie_anywhere(
    tmp_path: Path, picture: Picture, examined_by_dlib: Examined
) -> None:
    """The layer carries two files, not the package: that is all the engine asks for."""
    packaged = dlib_engine._packaged_models()
    for name in (dlib_engine._POINTS_FILE, dlib_engine._NETWORK_FILE):
        (tmp_path / name).symlink_to(packaged / name)
    assert DlibEngine(tmp_path).examine(picture("id_b.jpg")) == examined_by_dlib("id_b.jpg")


def test_a_model_with_another_sha256_is_refused_by_name(tmp_path: Path) -> None:
    for name in sface_engine.SHA256:
        (tmp_path / name).write_bytes((sface_engine._place() / name).read_bytes())
    SFaceEngine(tmp_path).load()
    damaged = tmp_path / sface_engine.NETWORK
    damaged.write_bytes(damaged.read_bytes() + b"\0")
    with pytest.raises(faces.EngineUnavailable, match=f"{sface_engine.NETWORK} has SHA-256"):
        SFaceEngine(tmp_path).load()


def test_models_that_were_not_prepared_make_the_engine_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sface_engine, "PLACES", (tmp_path,))
    with pytest.raises(faces.EngineUnavailable, match="make setup"):
        SFaceEngine().load()


def test_missing_models_make_the_engine_unavailable(tmp_path: Path) -> None:
    for engine in (DlibEngine(tmp_path), SFaceEngine(tmp_path)):
        for _ in range(2):  # a failure is not remembered as a success
            with pytest.raises(faces.EngineUnavailable):
                engine.load()


def test_a_missing_package_makes_the_engine_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dlib_engine, "_MODELS_PACKAGE", "no_such_package")
    with pytest.raises(faces.EngineUnavailable, match="not installed"):
        DlibEngine().load()


def test_importing_the_room_loads_nothing_heavy() -> None:
    look = (
        "import sys; from chalicelib import faces; faces.default_engine();"
        "print(sorted({'PIL', 'numpy', 'dlib', 'face_recognition_models', 'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
