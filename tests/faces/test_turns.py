"""A turn of the head on real pictures: what a head shows, and what flat photos of it do not."""

from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import NamedTuple

import pytest
from PIL.Image import Image

from chalicelib import faces
from chalicelib.faces import Face
from chalicelib.identity import model, turning
from chalicelib.identity.turning import NOT_SEEN, WRONG_WAY, Turn, Turned

FRONT = "frame_a.jpg"
PHOTOS = ("id_a.jpg", "id_b.jpg", "id_c.jpg", "frame_a.jpg", "frame_a_2.jpg", "frame_b.jpg")


class Seen(NamedTuple):
    """The one face of a picture, and by which model."""

    face: Face
    model: str


Look = Callable[[str], Seen]


@pytest.fixture(scope="module")
def look(picture: Callable[[str], Image]) -> Look:
    """A test picture by its name."""
    return cache(lambda name: seen(picture(name)))


def seen(image: Image) -> Seen:
    findings = faces.default_engine().examine(image)
    face = model.the_face(findings)
    assert face is not None
    return Seen(face, findings.model)


def judge(front: Seen, other: Seen, asked: Turn) -> Turned:
    assert front.face.vector
    assert other.face.vector
    apart = faces.distance(front.face.vector, other.face.vector, other.model)
    outcome = model.judge_distance(apart, engine="", model=other.model).outcome
    return turning.judge_turn(front.face, other.face, asked, outcome)


@pytest.mark.parametrize("side", list(Turn))
def test_a_turned_head_is_seen_and_to_which_side(look: Look, side: Turn) -> None:
    turned = look(f"frame_a_{side.value}.jpg")
    assert (turned.face.yaw > 0) is (side is Turn.LEFT), (
        "one's own left is the picture's right edge"
    )
    for asked in Turn:
        found = judge(look(FRONT), turned, asked)
        assert found.reason == ("" if asked is side else WRONG_WAY)


@pytest.mark.parametrize("name", [FRONT, "frame_a_2.jpg", "id_a.jpg", "frame_turned.jpg"])
def test_who_looks_ahead_or_is_another_has_not_turned(look: Look, name: str) -> None:
    for asked in Turn:
        assert judge(look(FRONT), look(name), asked).reason == NOT_SEEN


@pytest.mark.parametrize("degrees", [15, 30, 45])
@pytest.mark.parametrize("name", PHOTOS)
def test_a_flat_photo_that_is_turned_shows_no_turn(
    picture_script: ModuleType, picture: Callable[[str], Image], name: str, degrees: int
) -> None:
    """Also one whose head is turned a little itself (frame_a_2)."""
    photo = picture(name)
    front = seen(picture_script.held(photo, 0))
    for angle in (degrees, -degrees):
        for asked in Turn:
            found = judge(front, seen(picture_script.held(photo, angle)), asked)
            assert found.reason == NOT_SEEN, found


def test_two_photos_of_one_person_pass(
    picture_script: ModuleType, picture: Callable[[str], Image], look: Look
) -> None:
    """What this does not stop: a second photo, of the turned head."""
    photo = seen(picture_script.held(picture("frame_a_right.jpg"), 0))
    assert judge(look(FRONT), photo, Turn.RIGHT).reason == ""
