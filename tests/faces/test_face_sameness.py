"""The same picture again: copies are found, other moments and other photos are not."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from chalicelib import faces
from chalicelib.faces import sameness, signatures
from chalicelib.shared.pictures import decode_picture
from scripts.moments import moment
from tests.faces.measure_sameness import CHANGES

PORTRAITS = ("id_a.jpg", "id_b.jpg", "id_c.jpg")


def known_by(picture: Image.Image) -> faces.FacePicture:
    [face] = [
        it for it in faces.default_engine().examine(picture, vectors=False).faces if not it.doubtful
    ]
    return faces.FacePicture(picture, face.points)


@pytest.fixture(scope="session")
def looks(picture: Callable[[str], Image.Image]) -> dict[str, faces.FacePicture]:
    return {name: known_by(picture(name)) for name in PORTRAITS}


def test_a_picture_is_itself_within_what_packing_loses(looks: dict[str, faces.FacePicture]) -> None:
    for it in looks.values():
        assert it.difference(it.signature) < sameness.SAME_SCENE / 2
        assert it.same(it.signature, one_camera=True)


@pytest.mark.parametrize("name", PORTRAITS)
def test_a_signature_of_an_earlier_release_is_still_compared(
    picture: Callable[[str], Image.Image], looks: dict[str, faces.FacePicture], name: str
) -> None:
    """It is the grey levels as they were, after its version."""
    levels = signatures.unpack(looks[name].signature)
    assert levels is not None
    older = b"\x01" + levels.tobytes()
    assert looks[name].difference(older) == looks[name].difference(looks[name].signature)
    copy = known_by(CHANGES["JPEG 70"](picture(name)))
    assert copy.same(older, one_camera=True)


@pytest.mark.parametrize("name", PORTRAITS)
@pytest.mark.parametrize("change", CHANGES)
def test_every_kind_of_copy_of_a_portrait_is_found(
    picture: Callable[[str], Image.Image],
    looks: dict[str, faces.FacePicture],
    name: str,
    change: str,
) -> None:
    copy = known_by(CHANGES[change](picture(name)))
    assert looks[name].same(copy.signature, one_camera=False)
    assert copy.same(looks[name].signature, one_camera=False)


def test_a_mirrored_picture_is_a_copy_whatever_the_camera(
    picture: Callable[[str], Image.Image], looks: dict[str, faces.FacePicture]
) -> None:
    for name in PORTRAITS:
        mirrored = known_by(ImageOps.mirror(picture(name)))
        assert looks[name].same(mirrored.signature, one_camera=True)
        assert looks[name].difference(mirrored.signature) > sameness.SAME_PHOTO
        assert looks[name].difference(mirrored.signature, mirrored=True) <= sameness.SAME_PHOTO


def test_other_people_and_other_photos_of_one_person_are_not_the_same(
    picture: Callable[[str], Image.Image],
) -> None:
    names = ("person_a_1.jpg", "person_a_2.jpg", "person_a_3.jpg", "person_b_1.jpg", "id_c.jpg")
    for a, b in combinations([known_by(picture(name)) for name in names], 2):
        assert not a.same(b.signature, one_camera=False)


@pytest.mark.parametrize("name", ["frame_a.jpg", "frame_a_2.jpg", "frame_b.jpg", "frame_c.jpg"])
def test_moments_of_one_person_are_not_the_same(pictures: Path, name: str) -> None:
    data = (pictures / name).read_bytes()
    several = [known_by(decode_picture(moment(data, n))) for n in range(1, 7)]
    for a, b in pairwise(several):
        assert not a.same(b.signature, one_camera=True)
        assert not a.same(b.signature, one_camera=False)


def test_a_derived_frame_is_told_from_its_original(
    picture: Callable[[str], Image.Image], looks: dict[str, faces.FacePicture]
) -> None:
    """frame_b.jpg is id_b.jpg's original cut, mirrored, lit, and compressed twice at quality 40."""
    assert looks["id_b.jpg"].same(known_by(picture("frame_b.jpg")).signature, one_camera=False)


def test_limits_are_in(
    monkeypatch: pytest.MonkeyPatch, looks: dict[str, faces.FacePicture]
) -> None:
    def same(upright: float, mirrored: float, *, one_camera: bool) -> bool:
        apart = {False: upright, True: mirrored}
        monkeypatch.setattr(
            faces.FacePicture, "difference", lambda self, stored, mirrored=False: apart[mirrored]
        )
        return looks["id_a.jpg"].same(looks["id_b.jpg"].signature, one_camera=one_camera)

    over_scene, over_photo = (
        math.nextafter(it, 1) for it in (sameness.SAME_SCENE, sameness.SAME_PHOTO)
    )
    assert same(sameness.SAME_SCENE, math.inf, one_camera=True)
    assert not same(over_scene, math.inf, one_camera=True)
    assert same(over_scene, math.inf, one_camera=False)
    assert same(sameness.SAME_PHOTO, math.inf, one_camera=False)
    assert not same(over_photo, math.inf, one_camera=False)
    for one_camera in (True, False):
        assert same(math.inf, sameness.SAME_PHOTO, one_camera=one_camera)
        assert not same(math.inf, over_photo, one_camera=one_camera)


@pytest.mark.parametrize(
    "stored",
    [b"", b"\x03" + bytes(48 * 48), b"\x01" + bytes(100), b"\x02", b"\x02\x00", b"\x02\xff"],
)
def test_what_is_no_signature_of_today_is_the_same_as_nothing(
    looks: dict[str, faces.FacePicture], stored: bytes
) -> None:
    assert math.isinf(looks["id_a.jpg"].difference(stored))
    assert not looks["id_a.jpg"].same(stored, one_camera=False)


def test_an_even_face_or_one_outside_has_no_signature(looks: dict[str, faces.FacePicture]) -> None:
    even = faces.FacePicture(
        Image.new("RGB", (200, 200), (120, 110, 100)), ((80.0, 90.0), (120.0, 90.0))
    )
    assert even.signature == b""
    assert not even.same(looks["id_a.jpg"].signature, one_camera=False)
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    assert faces.FacePicture(noise, ((80.0, 90.0), (120.0, 90.0))).signature
    assert faces.FacePicture(noise, ((-300.0, 90.0), (-260.0, 90.0))).signature == b""


def test_a_face_at_the_edge_is_compared_by_what_is_there(
    picture: Callable[[str], Image.Image], looks: dict[str, faces.FacePicture]
) -> None:
    """The chin is cut away; what is left is enough."""
    portrait = picture("id_a.jpg")
    [face] = faces.default_engine().examine(portrait, vectors=False).faces
    left, right = face.points[:2]
    apart = right[0] - left[0]
    cut = portrait.crop((0, 0, portrait.width, round(left[1] + apart)))
    out = io.BytesIO()
    cut.save(out, format="JPEG", quality=80)
    known = faces.FacePicture(decode_picture(out.getvalue()), face.points)
    assert looks["id_a.jpg"].same(known.signature, one_camera=False)
