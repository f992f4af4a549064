"""Judges whether the head in a second picture turned to the asked side, and is not a flat picture. Pure.

When a head turns, its nose moves relative to the plane of eyes and mouth. A photo on paper or on a screen has only that
plane: in any position all five points follow one projective map of the plane. So the nose of the second picture is
compared with the point to which that map moves it (plane and parallax; Hartley and Zisserman, Multiple View Geometry,
2nd edition, section 13.3). An engine may take a very slanted photo for a turned head. So a face that is too narrow or
not level is not accepted. docs/face.md says what this stops and what it does not stop.
"""

import enum
from typing import TYPE_CHECKING

import msgspec

from chalicelib.identity.model import FaceOutcome

if TYPE_CHECKING:
    from chalicelib.faces import Face

Point = tuple[float, float]

# docs/face.md. The first picture must be more frontal than a comparison of faces needs: from a photo of a slightly
# turned head, a slanted copy would look like a turn. A turn of 30 degrees passes the other four limits.
FRONT_YAW = 0.25
TURN_YAW = 0.35
TURN_DEPTH = 0.25
TURN_BREADTH = 0.6
TURN_LEVEL_DEGREES = 20.0
POINTS = 5
NOT_SEEN, WRONG_WAY = "turn_not_seen", "turn_wrong_way"


class Turn(enum.Enum):
    """The side to which a person turns the head: their own left or right, also when the preview is mirrored."""

    LEFT = "left"
    RIGHT = "right"


class Turned(msgspec.Struct, frozen=True):
    """Measurements of two pictures. `yaw` and `depth` are positive towards the side that was asked for.

    `yaw`: distance of the nose from the middle of the eyes. `depth`: distance of the nose from the point where a flat
    picture would have it; None when it cannot be computed. Both in eye distances. `breadth`: eye distance divided by
    the distance from eyes to mouth, relative to the frontal picture; a turn makes a face narrow. `outcome`: whether
    both pictures show one person. `reason`: why the turn is not accepted; "" when it is.
    """

    reason: str
    yaw: float
    depth: float | None
    breadth: float | None
    outcome: FaceOutcome


def judge_turn(front: "Face", turned: "Face", asked: Turn, outcome: FaceOutcome) -> Turned:
    """Judge the second picture by the frontal one. A measure at its limit still passes.

    A clear turn to the wrong side has its own reason, so that the person can repeat it correctly. Every other failure
    is `turn_not_seen`.
    """
    # Picture and person face each other: the person's left is the right edge of a picture that is not mirrored.
    sign = 1 if asked is Turn.LEFT else -1
    yaw = sign * turned.yaw
    parallax, broad = depth(front.points, turned.points), breadth(front.points, turned.points)
    if parallax is None or broad is None:
        return Turned(NOT_SEEN, round(yaw, 3), None, None, outcome)
    deep = sign * parallax
    reason = NOT_SEEN
    fit = abs(front.yaw) <= FRONT_YAW and broad >= TURN_BREADTH and _level(turned)
    if outcome is FaceOutcome.MATCH and fit:
        if _far(yaw, deep):
            reason = ""
        elif _far(-yaw, -deep):
            reason = WRONG_WAY
    return Turned(reason, round(yaw, 3), round(deep, 3), round(broad, 3), outcome)


def _level(turned: "Face") -> bool:
    return abs(turned.roll_degrees) <= TURN_LEVEL_DEGREES


def can_tell(points: tuple[Point, ...]) -> bool:
    """Whether an engine found both eyes, the nose and both corners of the mouth."""
    return len(points) == POINTS


def _far(yaw: float, deep: float) -> bool:
    return yaw >= TURN_YAW and deep >= TURN_DEPTH


def depth(front: tuple[Point, ...], turned: tuple[Point, ...]) -> float | None:
    """Return how far the nose of the second picture lies from the point where a flat picture would have it.

    Measured along the eye axis, in eye distances, positive towards the right edge of the picture. Five points each, as
    `Face.points`; None without them, or when eyes and mouth lie on one line.
    """
    if not can_tell(front) or not can_tell(turned):
        return None
    flat = _carried(front, turned)
    (left, right), nose = turned[:2], turned[2]
    across, down = right[0] - left[0], right[1] - left[1]
    apart = across * across + down * down
    if flat is None or apart == 0:
        return None
    return ((nose[0] - flat[0]) * across + (nose[1] - flat[1]) * down) / apart


def breadth(front: tuple[Point, ...], turned: tuple[Point, ...]) -> float | None:
    """Return the breadth of the second face relative to the first: eye distance divided by distance to the mouth.

    Five points each; None without them, or when eyes and mouth lie on one line.
    """
    shapes = [_shape(points) for points in (front, turned) if can_tell(points)]
    if len(shapes) != 2 or not shapes[0] or shapes[1] is None:
        return None
    return shapes[1] / shapes[0]


def _shape(points: tuple[Point, ...]) -> float | None:
    left, right, _, *mouth = points
    across, down = right[0] - left[0], right[1] - left[1]
    below = [sum(p[i] for p in mouth) / 2 - (left[i] + right[i]) / 2 for i in (0, 1)]
    height = abs(across * below[1] - down * below[0])
    return (across * across + down * down) / height if height else None


def _carried(front: tuple[Point, ...], turned: tuple[Point, ...]) -> Point | None:
    """Return the point to which the projective map of eyes and mouth moves the nose of the first picture.

    Four points define the map. In the triangle of three of them, the map multiplies each weight of a point by a factor
    of its corner. The fourth point gives the factors.
    """
    (a, b, nose, c, d), (to_a, to_b, _, to_c, to_d) = front, turned
    of_nose, of_fourth = _weights(nose, (a, b, c)), _weights(d, (a, b, c))
    to_fourth = _weights(to_d, (to_a, to_b, to_c))
    if any(weight == 0 for weight in of_fourth):
        return None
    weights = [n * to / f for n, to, f in zip(of_nose, to_fourth, of_fourth, strict=True)]
    total = sum(weights)
    if total == 0:
        return None
    corners = (to_a, to_b, to_c)
    x, y = (sum(w * at[axis] for w, at in zip(weights, corners, strict=True)) for axis in (0, 1))
    return x / total, y / total


def _weights(p: Point, corners: tuple[Point, Point, Point]) -> tuple[float, float, float]:
    """The homogeneous barycentric weights of a point: twice the areas opposite the corners."""
    a, b, c = corners
    return _area(p, b, c), _area(a, p, c), _area(a, b, p)


def _area(a: Point, b: Point, c: Point) -> float:
    """Twice the signed area of a triangle."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
