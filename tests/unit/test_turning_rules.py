"""The turn of a head, at its limits, and that no flat picture shows one, however it is held."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.faces import Face
from chalicelib.identity import turning
from chalicelib.identity.model import FaceOutcome
from chalicelib.identity.turning import (
    FRONT_YAW,
    NOT_SEEN,
    TURN_BREADTH,
    TURN_DEPTH,
    TURN_LEVEL_DEGREES,
    TURN_YAW,
    WRONG_WAY,
    Turn,
)

Point = tuple[float, float]
Solid = tuple[float, float, float]
LEAST = 0.001  # what a measure is rounded to

# Eyes, nose, mouth of a usual head in eye distances: x to the picture's right, y down, z away from the camera.
HEAD: tuple[Solid, ...] = (
    (-0.5, 0.0, 0.0),
    (0.5, 0.0, 0.0),
    (0.0, 0.6, -0.45),
    (-0.4, 1.05, -0.1),
    (0.4, 1.05, -0.1),
)
FRONT: tuple[Point, ...] = ((100, 100), (200, 100), (150, 160), (110, 210), (190, 210))


def shift(amount: float, points: tuple[Point, ...] = FRONT) -> tuple[Point, ...]:
    """The same points, the nose moved to the right edge by so many eye distances (of 100 pixels)."""
    x, y = points[2]
    return (*points[:2], (x + 100 * amount, y), *points[3:])


def narrow(share: float, points: tuple[Point, ...]) -> tuple[Point, ...]:
    """The same points in a picture that was made narrower."""
    return tuple((share * x, y) for x, y in points)


def face(points: tuple[Point, ...], yaw: float = 0.0, roll: float = 0.0) -> Face:
    return Face((0, 0, 300, 300), 300, 50.0, yaw, roll, (0.0,) * 128, points=points)


def judged(yaw: float, deep: float, asked: Turn, outcome: FaceOutcome = FaceOutcome.MATCH) -> str:
    """`yaw` and `deep` towards the right edge of the picture."""
    return turning.judge_turn(face(FRONT), face(shift(deep), yaw), asked, outcome).reason


# --- directions -----------------------------------------------------------------------------------------


def test_ones_own_left_is_the_right_edge_of_the_picture() -> None:
    assert judged(0.5, 0.4, Turn.LEFT) == ""
    assert judged(-0.5, -0.4, Turn.RIGHT) == ""


def test_a_clear_turn_to_the_other_side_is_told_as_such() -> None:
    assert judged(0.5, 0.4, Turn.RIGHT) == WRONG_WAY
    assert judged(-0.5, -0.4, Turn.LEFT) == WRONG_WAY


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("yaw", "deep", "good"),
    [
        (TURN_YAW - LEAST, 0.5, False),
        (TURN_YAW, 0.5, True),
        (TURN_YAW + LEAST, 0.5, True),
        (0.5, TURN_DEPTH - LEAST, False),
        (0.5, TURN_DEPTH + LEAST, True),
    ],
)
def test_a_turn_must_be_far_enough_by_both_measures(
    side: int, yaw: float, deep: float, good: bool
) -> None:
    asked, other = (Turn.LEFT, Turn.RIGHT) if side == 1 else (Turn.RIGHT, Turn.LEFT)
    assert judged(side * yaw, side * deep, asked) == ("" if good else NOT_SEEN)
    assert judged(side * yaw, side * deep, other) == (WRONG_WAY if good else NOT_SEEN)


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("yaw", "good"),
    [(FRONT_YAW - LEAST, True), (FRONT_YAW, True), (FRONT_YAW + LEAST, False)],
)
def test_the_first_picture_must_look_at_the_camera(side: int, yaw: float, good: bool) -> None:
    """Else a slanted copy of a photo of a head that is turned a little would do."""
    front = face(FRONT, side * yaw)
    found = turning.judge_turn(front, face(shift(0.5), 0.5), Turn.LEFT, FaceOutcome.MATCH)
    assert found.reason == ("" if good else NOT_SEEN)


def test_the_limit_of_depth_itself_is_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    exactly = turning.depth(FRONT, shift(0.25))
    assert exactly == 0.25  # no rounding hides in it
    monkeypatch.setattr(turning, "TURN_DEPTH", exactly)
    assert judged(0.5, 0.25, Turn.LEFT) == ""


@pytest.mark.parametrize(
    ("share", "good"),
    [(TURN_BREADTH - LEAST, False), (TURN_BREADTH + LEAST, True), (1.2, True)],
)
def test_a_picture_that_is_very_narrow_shows_nothing(share: float, good: bool) -> None:
    turned = face(narrow(share, shift(0.5)), 0.5)
    for asked, reason in ((Turn.LEFT, ""), (Turn.RIGHT, WRONG_WAY)):
        found = turning.judge_turn(face(FRONT), turned, asked, FaceOutcome.MATCH)
        assert found.reason == (reason if good else NOT_SEEN)
        assert found.breadth == pytest.approx(share, abs=0.001)


def test_the_limit_of_breadth_itself_is_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    exactly = turning.breadth(FRONT, narrow(0.5, FRONT))
    assert exactly == 0.5
    monkeypatch.setattr(turning, "TURN_BREADTH", exactly)
    turned = face(narrow(0.5, shift(0.5)), 0.5)
    assert turning.judge_turn(face(FRONT), turned, Turn.LEFT, FaceOutcome.MATCH).reason == ""


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(("more", "good"), [(-0.1, True), (0, True), (0.1, False)])
def test_a_picture_that_is_not_level_shows_nothing(side: int, more: float, good: bool) -> None:
    turned = face(shift(0.5), 0.5, side * (TURN_LEVEL_DEGREES + more))
    found = turning.judge_turn(face(FRONT), turned, Turn.LEFT, FaceOutcome.MATCH)
    assert found.reason == ("" if good else NOT_SEEN)


def test_measures_that_contradict_each_other_are_no_turn() -> None:
    assert judged(0.5, -0.5, Turn.LEFT) == NOT_SEEN
    assert judged(0.5, -0.5, Turn.RIGHT) == NOT_SEEN


@pytest.mark.parametrize("outcome", [FaceOutcome.UNCERTAIN, FaceOutcome.MISMATCH])
def test_somebody_else_or_perhaps_somebody_else_has_not_turned_this_head(
    outcome: FaceOutcome,
) -> None:
    assert judged(0.5, 0.5, Turn.LEFT, outcome) == NOT_SEEN
    assert judged(0.5, 0.5, Turn.RIGHT, outcome) == NOT_SEEN


def test_what_was_measured_is_told_towards_the_side_that_was_asked_for() -> None:
    found = turning.judge_turn(face(FRONT), face(shift(-0.3), -0.4), Turn.RIGHT, FaceOutcome.MATCH)
    assert (found.yaw, found.depth, found.breadth) == (0.4, 0.3, 1.0)
    assert found.outcome is FaceOutcome.MATCH


# --- points that tell nothing ---------------------------------------------------------------------------

ON_A_LINE: tuple[Point, ...] = ((0, 0), (10, 0), (5, 5), (20, 0), (30, 0))


@pytest.mark.parametrize(
    ("front", "turned"),
    [
        ((), FRONT),
        (FRONT, ()),
        (FRONT[:4], FRONT),
        (FRONT, FRONT[:4]),
        (ON_A_LINE, FRONT),
        (FRONT, (FRONT[0], FRONT[0], *FRONT[2:])),
        (FRONT, ON_A_LINE),
        (FRONT, ((0, 0),) * 5),
    ],
)
def test_without_five_points_in_a_plane_nothing_is_seen(front: Any, turned: Any) -> None:
    assert None in (turning.depth(front, turned), turning.breadth(front, turned))
    found = turning.judge_turn(face(front), face(turned, 0.5), Turn.LEFT, FaceOutcome.MATCH)
    assert (found.reason, found.depth, found.breadth) == (NOT_SEEN, None, None)


# --- heads and flat pictures ----------------------------------------------------------------------------


def turned_by(
    points: tuple[Solid, ...], yaw: float, pitch: float = 0, roll: float = 0, away: float = 8
) -> tuple[Point, ...]:
    """Points seen by a camera `away` eye distances off, after pitch, yaw, then roll in degrees.

    A positive yaw brings what stands out towards the picture's right edge.
    """
    y, p, r = (math.radians(angle) for angle in (yaw, pitch, roll))
    found = []
    for a, b, c in points:
        b, c = b * math.cos(p) - c * math.sin(p), b * math.sin(p) + c * math.cos(p)
        a, c = a * math.cos(y) - c * math.sin(y), a * math.sin(y) + c * math.cos(y)
        a, b = a * math.cos(r) - b * math.sin(r), a * math.sin(r) + b * math.cos(r)
        found.append((320 + 800 * a / (away + c), 200 + 800 * b / (away + c)))
    return tuple(found)


def flat(points: tuple[Point, ...]) -> tuple[Solid, ...]:
    """A picture as a sheet before the camera."""
    return tuple(((x - 320) / 100, (y - 260) / 100, 0.0) for x, y in points)


slants = st.floats(-65, 65)
away = st.floats(4, 30)


@given(st.floats(-30, 30), slants, slants, st.floats(-180, 180), away)
def test_no_flat_picture_shows_depth_however_it_is_held(
    before: float, yaw: float, pitch: float, roll: float, distance: float
) -> None:
    """Also when the head on it is turned itself: both pictures show that same head."""
    shown = turned_by(HEAD, before)
    found = turning.depth(shown, turned_by(flat(shown), yaw, pitch, roll, distance))
    assert found is not None
    assert abs(found) < 1e-6


@given(st.floats(-4, 4), st.floats(37, 45), st.floats(-15, 15), st.floats(-15, 15), away)
def test_a_head_that_turns_by_thirty_three_degrees_shows_it(
    before: float, yaw: float, pitch: float, roll: float, distance: float
) -> None:
    for side in (1, -1):
        front = turned_by(HEAD, before, away=distance)
        found = turning.depth(front, turned_by(HEAD, side * yaw, pitch, roll, distance))
        assert found is not None
        assert side * found > TURN_DEPTH
        broad = turning.breadth(front, turned_by(HEAD, side * yaw, pitch, roll, distance))
        assert broad is not None
        assert broad > TURN_BREADTH
