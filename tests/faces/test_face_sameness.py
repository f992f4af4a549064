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
from chalicelib.faces import sameness
from chalicelib.shared.pictures import decode_picture
from scripts.moments import moment
from tests.faces.measure_sameness import CHANGES

PORTRAITS = ("id_a.jpg", "id_b.jpg", "id_c.jpg")


def known_by(picture: Image.Image) -> bytes:
    [face] = [
        it for it in faces.default_engine().examine(picture, vectors=False).faces if not it.doubtful
    ]
    found = faces.signature(picture, face.points)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def signatures(picture: Callable[[str], Image.Image]) -> dict[str, bytes]:
    return {name: known_by(picture(name)) for name in PORTRAITS}


def test_a_signature_has_one_length(signatures: dict[str, bytes]) -> None:
    assert {len(it) for it in signatures.values()} == {sameness.SIGNATURE_BYTES}


def test_a_picture_is_itself(signatures: dict[str, bytes]) -> None:
    for it in signatures.values():
        assert faces.difference(it, it) == 0
        assert faces.same(it, it, one_camera=True)


@pytest.mark.parametrize("name", PORTRAITS)
@pytest.mark.parametrize("change", CHANGES)
def test_every_kind_of_copy_of_a_portrait_is_found(
    picture: Callable[[str], Image.Image],
    signatures: dict[str, bytes],
    name: str,
    change: str,
) -> None:
    copy = known_by(CHANGES[change](picture(name)))
    assert faces.same(signatures[name], copy, one_camera=False)
    assert faces.same(copy, signatures[name], one_camera=False)


def test_a_mirrored_picture_is_a_copy_whatever_the_camera(
    picture: Callable[[str], Image.Image], signatures: dict[str, bytes]
) -> None:
    for name in PORTRAITS:
        mirrored = known_by(ImageOps.mirror(picture(name)))
        assert faces.same(signatures[name], mirrored, one_camera=True)
        assert faces.difference(signatures[name], mirrored) > sameness.SAME_PHOTO
        assert faces.difference(signatures[name], mirrored, mirrored=True) <= sameness.SAME_PHOTO


def test_other_people_and_other_photos_of_one_person_are_not_the_same(
    picture: Callable[[str], Image.Image],
) -> None:
    names = ("person_a_1.jpg", "person_a_2.jpg", "person_a_3.jpg", "person_b_1.jpg", "id_c.jpg")
    for a, b in combinations([known_by(picture(name)) for name in names], 2):
        assert not faces.same(a, b, one_camera=False)


@pytest.mark.parametrize("name", ["frame_a.jpg", "frame_a_2.jpg", "frame_b.jpg", "frame_c.jpg"])
def test_moments_of_one_person_are_not_the_same(pictures: Path, name: str) -> None:
    data = (pictures / name).read_bytes()
    several = [known_by(decode_picture(moment(data, n))) for n in range(1, 7)]
    for a, b in pairwise(several):
        assert not faces.same(a, b, one_camera=True)
        assert not faces.same(a, b, one_camera=False)


def test_a_derived_frame_is_told_from_its_original(
    picture: Callable[[str], Image.Image], signatures: dict[str, bytes]
) -> None:
    """frame_b.jpg is id_b.jpg's original cut, mirrored, lit, and compressed twice at quality 40."""
    assert faces.same(signatures["id_b.jpg"], known_by(picture("frame_b.jpg")), one_camera=False)


def test_limits_are_in(monkeypatch: pytest.MonkeyPatch, signatures: dict[str, bytes]) -> None:
    one, other = signatures["id_a.jpg"], signatures["id_b.jpg"]

    def apart(upright: float, mirrored: float) -> None:
        monkeypatch.setattr(
            sameness, "difference", lambda a, b, mirrored=False, _=(upright, mirrored): _[mirrored]
        )

    just_over = math.nextafter(sameness.SAME_SCENE, 1)
    apart(sameness.SAME_SCENE, math.inf)
    assert faces.same(one, other, one_camera=True)
    apart(just_over, math.inf)
    assert not faces.same(one, other, one_camera=True)
    assert faces.same(one, other, one_camera=False)
    apart(math.nextafter(sameness.SAME_PHOTO, 1), math.inf)
    assert not faces.same(one, other, one_camera=False)
    for one_camera in (True, False):
        apart(math.inf, sameness.SAME_PHOTO)
        assert faces.same(one, other, one_camera=one_camera)
        apart(math.inf, math.nextafter(sameness.SAME_PHOTO, 1))
        assert not faces.same(one, other, one_camera=one_camera)


@pytest.mark.parametrize("stored", [b"", b"\x02" + bytes(48 * 48), b"\x01" + bytes(100)])
def test_what_is_no_signature_of_today_is_the_same_as_nothing(
    signatures: dict[str, bytes], stored: bytes
) -> None:
    assert math.isinf(faces.difference(stored, signatures["id_a.jpg"]))
    assert not faces.same(signatures["id_a.jpg"], stored, one_camera=False)


def test_an_even_face_or_one_outside_has_no_signature() -> None:
    even = Image.new("RGB", (200, 200), (120, 110, 100))
    assert faces.signature(even, ((80.0, 90.0), (120.0, 90.0))) is None
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    assert faces.signature(noise, ((80.0, 90.0), (120.0, 90.0))) is not None
    assert faces.signature(noise, ((-300.0, 90.0), (-260.0, 90.0))) is None


def test_a_face_at_the_edge_is_compared_by_what_is_there(
    picture: Callable[[str], Image.Image], signatures: dict[str, bytes]
) -> None:
    """The chin is cut away; what is left is enough."""
    portrait = picture("id_a.jpg")
    [face] = faces.default_engine().examine(portrait, vectors=False).faces
    left, right = face.points[:2]
    apart = right[0] - left[0]
    cut = portrait.crop((0, 0, portrait.width, round(left[1] + apart)))
    out = io.BytesIO()
    cut.save(out, format="JPEG", quality=80)
    known = faces.signature(decode_picture(out.getvalue()), face.points)
    assert known is not None
    assert faces.same(signatures["id_a.jpg"], known, one_camera=False)
