"""Rules and thresholds of unusable pictures. Each threshold has its source.

Source "tried": set by hand on good and spoilt frames (light reduced, lens covered by a finger or a
lid, defocused, face turned) while the product was designed. They are working points, not standards;
tests/faces pins what they do to the pictures there, docs/face.md what they refuse of a larger set.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

FRAME_SIDE: Final = 320
"""Pixels of the long side on which brightness and cover are measured, noise averaged; 2-4 ms."""

DARK_MEAN: Final = 15.0
"""Mean grey below which a frame shows nobody (tried)."""

DIM_MEAN: Final = 30.0
"""Mean grey below which the candidate is asked for more light (tried)."""

LIT_MEAN: Final = 64.0
MOST_GAIN: Final = 8.0
"""Mean grey up to which darker pictures are brightened before a network looks at them, and how far at most. Measured
on 54 faces at a quarter of the light: the vectors move by .03 (median), without it by .07."""

ROUNDING_EDGES: Final = 20 / 12
"""Variance of the Laplacian (squared weights: 20) of rounding errors (uniform: 1/12)."""

COVER_ROWS: Final = 6
COVER_COLUMNS: Final = 8
FLAT_BLOCK_DEVIATION: Final = 4.0
"""Grey standard deviation under which one of the 6x8 blocks counts as flat (tried)."""

COVERED_SHARE: Final = 0.9
"""Share of flat blocks from which the lens counts as covered (tried). It alone catches a finger
with light shining through: bright on one side, dark on the other, flat in each block."""

FLAT_FRAME_DEVIATION: Final = 8.0
"""Grey standard deviation of the whole frame under which it counts as covered (tried)."""

CHIP_SIDE: Final = 150
"""Pixels of the aligned face on which sharpness and light are measured."""

INNER_FACE: Final = (30, 45, 120, 135)
"""Left, top, right, bottom of eyes, nose and mouth in that chip: no hair, no background, nothing beyond the picture."""

BLURRED_SHARPNESS: Final = 60.0
"""Sharpness (see `sharpness`) below which a face is not compared. Measured on 29 faces: none has less than 178. A blur
(Gaussian, 2 % of the face's width) brings them to a median of 55 and moves vectors by .09, 2.5 % to 34 and by .16;
faces of 16 pixels, enlarged, have 10 to 57."""

SOFT_SHARPNESS: Final = 120.0
"""Sharpness below which the candidate is asked to hold still; vectors move by .05 (median)."""

DARK_FACE_MEAN: Final = 20.0
DARK_FACE_DEVIATION: Final = 5.0
"""Mean grey and deviation of the aligned face below which it is not compared. In full light the darkest of 52 pictures
of Black persons has 47 and 21, the median 90 and 47."""

DIM_FACE_MEAN: Final = 40.0
"""Mean grey of the aligned face below which only a match is told: what else it could be is the light's fault."""

LIT_FRAME_MEAN: Final = 60.0
BACKLIGHT_TIMES: Final = 2.0
"""A frame at least this bright, and this many times as bright as the face in it, is lit from behind (tried)."""

SECOND_FACE_WIDTH: Final = 60
SECOND_FACE_SHARE: Final = 0.4
"""From these many pixels of the given picture, and this share of the largest face on, a face is a second person.
Somebody who looks over a shoulder half a metre behind has a share of .5 or more; posters on the wall behind have 40
to 75 pixels beside a face of 150 to 250 (docs/face.md)."""

SMALL_FACE_WIDTH: Final = 60
"""Pixels. SFace looks at 112; a face of 40, enlarged, moves its vector by .02 (median of 29), one of 24 by .12."""

TURNED_YAW: Final = 0.4
"""Eye distances between the tip of the nose and the middle of the eyes. Of 216 press pictures 2 have more, 13 more than
.25; with those 11 in, FRR does not rise (docs/face.md). Who looks aside in frame_turned.jpg of tests/faces has .65."""

TILTED_DEGREES: Final = 25.0
"""Degrees (tried). Beyond 35-50 the HOG detector does not find the face at all (docs/face.md)."""

Point = tuple[float, float]


def brightness_and_cover(image: Image) -> tuple[float, bool]:
    """Mean grey (0-255) and whether the frame is one even surface, for an image of any mode."""
    import numpy

    grey = numpy.asarray(_frame(image), dtype=numpy.float32)
    return float(grey.mean()), _is_flat(grey)


class ChipQuality(NamedTuple):
    """Measurements of an aligned face: mean and deviation of its grey (0-255), and its sharpness."""

    brightness: float
    contrast: float
    sharpness: float


def look_of(chip: Image) -> ChipQuality:
    """Light and sharpness of an aligned face, an RGB image of CHIP_SIDE pixels square."""
    import numpy

    inner = chip.convert("L").crop(INNER_FACE)
    grey = numpy.asarray(inner, dtype=numpy.float32)
    # At half the size, noise of single pixels counts less, and an enlarged face is measured as blurred.
    half = numpy.asarray(inner.reduce(2), dtype=numpy.float32)
    return ChipQuality(float(grey.mean()), float(grey.std()), sharpness(half))


def sharpness(grey: NDArray[Any]) -> float:
    """Variance of the four-neighbour Laplacian of a grey chip, in thousandths of the chip's own variance.

    So a face has the same sharpness in any light and any skin. What rounding to whole grey levels alone brings about
    is taken off first.
    """
    centre = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    edges = max(0.0, float((around - 4 * centre).var()) - ROUNDING_EDGES)
    return 1000 * edges / max(float(grey.var()), 1.0)


def gain(brightness: float) -> float:
    """Return the factor by which a picture of this mean grey is brightened for a network; 1 in good light."""
    return min(MOST_GAIN, max(1.0, LIT_MEAN / max(brightness, 1.0)))


def brightened(picture: Image, gain: float) -> Image:
    """Return the picture times `gain`, limited to white."""
    return picture if gain == 1 else picture.point(lambda value: value * gain)


def pose(right_eye: Sequence[Point], left_eye: Sequence[Point], nose: Point) -> tuple[float, float]:
    """(yaw, roll in degrees) of a face, see Face.

    `right_eye` and `left_eye` hold the corners of the eyes nearer to the right and the left edge
    of the picture; points are (x, y) in pixels, y downwards. Two eyes on one spot give (0, 0).
    """
    right, left = middle(right_eye), middle(left_eye)
    across, down = right[0] - left[0], right[1] - left[1]
    apart = math.hypot(across, down)
    if apart == 0:
        return 0.0, 0.0
    centre = middle((right, left))
    along = ((nose[0] - centre[0]) * across + (nose[1] - centre[1]) * down) / apart
    return along / apart, math.degrees(math.atan2(down, across))


def is_dark(brightness: float) -> bool:
    """Return whether this mean grey (0-255) is too low to see anybody."""
    return brightness < DARK_MEAN


def _frame(image: Image) -> Image:
    """Grey, long side at most FRAME_SIDE."""
    from PIL.Image import Resampling

    scale = min(1.0, FRAME_SIDE / max(image.size))
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.convert("L").resize((width, height), Resampling.BOX)


def _is_flat(grey: NDArray[Any]) -> bool:
    """Whether a grey picture float32[height, width] shows one even surface."""
    import numpy

    if float(grey.std()) < FLAT_FRAME_DEVIATION:
        return True
    deviations = [
        float(block.std())
        for row in numpy.array_split(grey, COVER_ROWS, axis=0)
        for block in numpy.array_split(row, COVER_COLUMNS, axis=1)
        if block.size
    ]
    flat = sum(deviation < FLAT_BLOCK_DEVIATION for deviation in deviations)
    return flat >= COVERED_SHARE * len(deviations)


def middle(points: Sequence[Point]) -> Point:
    """The mean of some points."""
    return (
        sum(point[0] for point in points) / len(points),
        sum(point[1] for point in points) / len(points),
    )
