"""Alignment: a face is cut out, turned and scaled so that eyes, nose and mouth are where the networks expect them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.Image import Image

Point = tuple[float, float]

TEMPLATE: Final[tuple[Point, ...]] = (
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
)
"""Where the points of `Face.points` stand in 112 pixels (ArcFace's template, on which SFace was trained)."""

TEMPLATE_SIDE: Final = 112


def chip(picture: Image, points: Sequence[Point], side: int) -> Image:
    """The face with these points (in pixels of `picture`, an RGB image), `side` pixels square.

    A similarity: the face is turned, scaled and moved, never distorted, so that as many of the template's points as
    are given (the first two, three or all five) are met as nearly as possible. Outside the picture is black.
    """
    from PIL.Image import Resampling, Transform

    scale = side / TEMPLATE_SIDE
    wanted = [(x * scale, y * scale) for x, y in TEMPLATE[: len(points)]]
    # Least squares in the chip's pixels, as SFace was trained, then inverted: from a pixel of the chip to the picture.
    turn, shift = _similarity(list(points), wanted)
    turn, shift = 1 / turn, -shift / turn
    # A face much larger than the chip is reduced first, because bilinear sampling alone skips pixels.
    whole = max(1, int(abs(turn)))
    if whole > 1:
        picture = picture.reduce(whole)
        turn, shift = turn / whole, (shift + complex(0.5, 0.5)) / whole - complex(0.5, 0.5)
    a, b = turn.real, turn.imag
    # Pillow asks for the place of pixel centres, which lie at halves.
    moved = shift + complex(0.5, 0.5) - turn * complex(0.5, 0.5)
    return picture.transform(
        (side, side),
        Transform.AFFINE,
        (a, -b, moved.real, b, a, moved.imag),
        Resampling.BILINEAR,
    )


def _similarity(source: Sequence[Point], target: Sequence[Point]) -> tuple[complex, complex]:
    """(turn, shift) with turn·z + shift nearest to the targets by least squares, points as complex numbers.

    Points that all lie on one spot give a scale of 1.
    """
    sources, targets = ([complex(*point) for point in some] for some in (source, target))
    middle, aim = (sum(some) / len(some) for some in (sources, targets))
    spread = math.fsum(abs(z - middle) ** 2 for z in sources)
    turn = sum((w - aim) * (z - middle).conjugate() for z, w in zip(sources, targets, strict=True))
    turn = turn / spread if spread and turn else complex(1, 0)
    return turn, aim - turn * middle
