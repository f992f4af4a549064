"""What makes a picture unusable. All thresholds of this room, each with its source.

Source "tried": set by hand on good and spoilt frames (light reduced, lens covered by a finger or a
lid, defocused, face turned) while the product was designed. They are working points, not standards;
tests/faces pins what they do to the pictures there, docs/face.md what they refuse of a larger set.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

FRAME_SIDE: Final = 320
"""Pixels of the long side on which brightness and cover are measured, noise averaged; 2-4 ms."""

DARK_MEAN: Final = 15.0
"""Mean grey below which a frame shows nobody (tried)."""

DIM_MEAN: Final = 30.0
"""Mean grey below which the candidate is asked for more light (tried)."""

COVER_ROWS: Final = 6
COVER_COLUMNS: Final = 8
FLAT_BLOCK_DEVIATION: Final = 4.0
"""Grey standard deviation under which one of the 6x8 blocks counts as flat (tried)."""

COVERED_SHARE: Final = 0.9
"""Share of flat blocks from which the lens counts as covered (tried). It alone catches a finger
with light shining through: bright on one side, dark on the other, flat in each block."""

FLAT_FRAME_DEVIATION: Final = 8.0
"""Grey standard deviation of the whole frame under which it counts as covered (tried)."""

BLURRED_SHARPNESS: Final = 12.0
"""Laplacian variance of the 150-pixel chip below which a face is not compared (tried)."""

SOFT_SHARPNESS: Final = 25.0
"""Laplacian variance below which the candidate is asked to hold still (tried)."""

SMALL_FACE_WIDTH: Final = 80
"""Pixels: the size of face that dlib's HOG detector was trained on (dlib,
frontal_face_detector.h: 80x80); it finds down to about 70, narrower ones in an enlarged picture
only. The chip that is compared has 150 pixels: below half of that most of it is interpolated."""

TURNED_YAW: Final = 0.25
"""Eye distances between nose and middle of the eyes (tried; the two who look aside in the group
picture of tests/faces measure .28 and .39, faces that look at the camera up to .15)."""

TILTED_DEGREES: Final = 25.0
"""Degrees (tried). Beyond 35-50 the HOG detector does not find the face at all (docs/face.md)."""

DOUBTFUL_SCORE: Final = 0.15
"""Detector score below which a "face" may be a badge or a pattern. The badge on a suit, in five
JPEG qualities of one picture, scored 0 to .11; of 214 real faces two are under .15."""

Point = tuple[float, float]


def brightness_and_cover(image: Image) -> tuple[float, bool]:
    """Mean grey (0-255) and whether the frame is one even surface, for an image of any mode."""
    import numpy

    grey = numpy.asarray(_frame(image), dtype=numpy.float32)
    return float(grey.mean()), _is_flat(grey)


def sharpness(chip: NDArray[Any]) -> float:
    """Variance of the four-neighbour Laplacian of a chip uint8[150, 150, 3] (RGB) as grey."""
    import numpy

    # ITU-R BT.601 luma, the grey of Pillow and OpenCV.
    grey = chip.astype(numpy.float32) @ numpy.array((0.299, 0.587, 0.114), dtype=numpy.float32)
    centre = grey[1:-1, 1:-1]
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((around - 4 * centre).var())


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
    """Mean grey (0-255) too low to see anybody."""
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
