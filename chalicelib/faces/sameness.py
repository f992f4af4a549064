"""Whether two pictures are one and the same, seen twice: copied, compressed again, resized, cut, mirrored.

Not whether they show one person. Two different moments of one person differ by a look, a lip, a turn of the head;
two copies of one picture differ by noise only. So the faces are laid upon each other, the light is evened out place
by place, the noise is averaged away, and what is left is measured. Figures and the line drawn: docs/face.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    from chalicelib.faces.quality import Point

    Grey = NDArray[Any]

SAME_PHOTO: Final = 0.03
"""`difference` up to which two pictures that were made at different times are one, and a mirrored one is a copy."""

SAME_SCENE: Final = 0.009
"""`difference` up to which two pictures of one camera are one. Stricter: a person may hold still from one to the next.

Both from docs/face.md (`tests.faces.measure_sameness`): 98 % of copies lie under the first and no two photos of one
person; nobody in the films there, from one second to the next, lies under the second.
"""

SIDE: Final = 48
EYES_APART: Final = 16.0
EYE_ROW: Final = 18.0
"""The face in a signature: 48x48, eyes 16 apart at row 18, so that brows, cheeks and chin are inside. A face of 80
pixels has its eyes about 32 apart: each pixel is the mean of at least four."""

SIGNATURE_BYTES: Final = 1 + SIDE * SIDE
_KIND: Final = b"\x01"  # of the layout above: signatures of another kind are not comparable
_GLARE: Final = 250  # grey levels: cut off by too much light, here or in a copy
_LEVELS: Final = 42.0  # grey levels of a deviation
_LEAST_CONTRAST: Final = 4.0  # grey levels: below, there is nothing to compare
_LEAST_OVERLAP: Final = 0.4  # of the signature's pixels
_ALIKE: Final = 0.7  # correlation before the faces are laid upon each other; copies have more
_STEPS: Final = 6  # two are usually enough
_FAR: Final = 0.2  # deviation left after one step from which further ones do not help; 99 % of copies leave less
_PLACE: Final = 4  # pixels around, in which light is evened out
_BLOCK: Final = 8


def signature(image: Image, points: Sequence[Point]) -> bytes | None:
    """The face of a picture with `points` of a Face (eyes first), small and grey: SIGNATURE_BYTES bytes.

    None when there is too little to compare: hardly any contrast, or most of it beyond the picture's edge.
    """
    import numpy

    chip, inside = _chip(image, points)
    inside &= chip < _GLARE
    if inside.mean() < _LEAST_OVERLAP:
        return None
    mean, deviation = chip[inside].mean(), chip[inside].std()
    if deviation < _LEAST_CONTRAST:
        return None
    levels = numpy.clip((chip - mean) / deviation * _LEVELS + 128, 1, 255).round()
    levels[~inside] = 0
    stored: bytes = levels.astype(numpy.uint8).tobytes()
    return _KIND + stored


def same(a: bytes, b: bytes, *, one_camera: bool) -> bool:
    """Whether two signatures are of one picture, or of a picture and its mirror image.

    `one_camera`: both may have been taken before one camera, moments apart. Nobody looks like their own mirror image,
    so for that the wider limit holds in any case.
    """
    limit = SAME_SCENE if one_camera else SAME_PHOTO
    return difference(a, b) <= limit or difference(a, b, mirrored=True) <= SAME_PHOTO


def difference(a: bytes, b: bytes, *, mirrored: bool = False) -> float:
    """What is left between two signatures, in deviations of the face's grey; infinite when nothing is comparable."""
    import numpy

    if not _comparable(a) or not _comparable(b):
        return math.inf
    first, second = (
        numpy.frombuffer(it, numpy.uint8, offset=1).reshape(SIDE, SIDE).astype(numpy.float32)
        for it in (a, b)
    )
    return _left_over(first, numpy.ascontiguousarray(second[:, ::-1]) if mirrored else second)


def _comparable(stored: bytes) -> bool:
    """Whether these bytes are a signature of the present kind."""
    return len(stored) == SIGNATURE_BYTES and stored[:1] == _KIND


def _chip(image: Image, points: Sequence[Point]) -> tuple[Grey, Grey]:
    """Grey float32[SIDE, SIDE] with the eyes in their places, and which pixels lie inside the picture."""
    import numpy
    from PIL.Image import Resampling, Transform
    from PIL.Image import new as new_image

    (left, top), (right, bottom) = points[0], points[1]
    across, down = right - left, bottom - top
    grey = image.convert("L")
    # First in whole steps, then as many samples as there are pixels: all of them count, none by chance.
    shrink = max(1, int(math.hypot(across, down) / EYES_APART / 2))
    if shrink > 1:
        grey = grey.reduce(shrink)
        left, top, across, down = (value / shrink for value in (left, top, across, down))
    samples = max(1, math.ceil(math.hypot(across, down) / EYES_APART))
    cos, sin = across / EYES_APART / samples, down / EYES_APART / samples
    x, y = SIDE / 2 * samples, EYE_ROW * samples
    turn = (
        *(cos, -sin, left + across / 2 - cos * x + sin * y),
        *(sin, cos, top + down / 2 - sin * x - cos * y),
    )
    size = (SIDE * samples, SIDE * samples)
    chip = grey.transform(size, Transform.AFFINE, turn, Resampling.BILINEAR)
    there = new_image("L", grey.size, 255).transform(
        size, Transform.AFFINE, turn, Resampling.NEAREST
    )
    return (
        numpy.asarray(chip.reduce(samples), dtype=numpy.float32),
        numpy.asarray(there.reduce(samples)) == 255,
    )


def _left_over(first: Grey, second: Grey) -> float:
    """`difference` of two signatures as pictures."""
    laid = _laid_upon(first, second)
    if laid is None:
        return math.inf
    fixed, moved, valid = laid
    rest = _box(_unlike(fixed, moved, valid), 1)
    blocks = _blocks(rest * rest, valid)
    return sum(math.sqrt(block) for block in blocks) / len(blocks) if blocks else math.inf


def _laid_upon(first: Grey, second: Grey) -> tuple[Grey, Grey, Grey] | None:
    """Both in deviations, the second one shifted, turned and scaled to lie upon the first; and where both are.

    Gauss-Newton over a similarity transform: eye points are good to a few per cent of the eyes' distance only.
    None when they are too unlike for it.
    """
    import numpy

    fixed, moving = _smooth(first), _smooth(second)
    here, there = _inner(first > 0), _inner(second > 0)
    moves: Grey = numpy.zeros(4)
    best: tuple[float, Grey, Grey, Grey] | None = None
    for step in range(_STEPS):
        moved, valid = _moved(moving, moves), _moved(there.astype(numpy.float32), moves) > 0.99
        valid = valid & here
        if valid.mean() < _LEAST_OVERLAP:
            break
        one, other = _in_deviations(fixed, valid), _in_deviations(moved, valid)
        error = (one - other)[valid]
        rest = float((error * error).mean())
        if step == 0 and rest > 2 * (1 - _ALIKE):
            return None
        if best is None or rest < best[0]:
            best = (rest, one, other, valid)
        if step == 1 and best[0] > _FAR * _FAR:
            return None
        change = _change(other, error, valid)
        moves = moves + change
        if abs(change[2:]).max() < 0.01 and abs(change[:2]).max() < 0.0005:
            break
    return best[1:] if best else None


def _change(moved: Grey, error: Grey, valid: Grey) -> Grey:
    """How much to scale, turn and shift the moved one (in this order) to lessen the error."""
    import numpy

    down, across = numpy.gradient(moved)
    y, x = (place - (SIDE - 1) / 2 for place in numpy.mgrid[0:SIDE, 0:SIDE])
    slopes = (across * x + down * y, down * x - across * y, across, down)
    matrix = numpy.stack([slope[valid] for slope in slopes], axis=-1).astype(numpy.float64)
    found: Grey = numpy.linalg.lstsq(matrix.T @ matrix, matrix.T @ error)[0]
    return found


def _moved(picture: Grey, moves: Grey) -> Grey:
    """The picture scaled, turned and shifted about its middle."""
    import numpy
    from PIL.Image import Resampling, Transform, fromarray

    scale, turn, right, down = (float(move) for move in moves)
    middle = SIDE / 2
    data = (
        *(1 + scale, -turn, middle * (turn - scale) + right),
        *(turn, 1 + scale, middle * (-turn - scale) + down),
    )
    size = (SIDE, SIDE)
    return numpy.asarray(
        fromarray(picture).transform(size, Transform.AFFINE, data, Resampling.BILINEAR)
    )


def _unlike(fixed: Grey, moved: Grey, valid: Grey) -> Grey:
    """Their difference once brightness and contrast are evened out around each pixel; 0 where there is nothing."""
    import numpy

    count = _box(valid.astype(numpy.float64), _PLACE) + 1e-9
    one, other = (numpy.where(valid, it, 0).astype(numpy.float64) for it in (fixed, moved))

    def mean(values: Grey) -> Grey:
        return _box(values, _PLACE) / count

    mean_one, mean_other = mean(one), mean(other)
    together = mean(one * other) - mean_one * mean_other
    spread = mean(other * other) - mean_other * mean_other
    # A place without contrast has no gain of its own: it is drawn towards 1.
    gain = numpy.clip((together + 0.02) / (spread + 0.02), 0.4, 2.5)
    rest: Grey = numpy.where(valid, one - mean_one - gain * (other - mean_other), 0)
    return rest


def _blocks(values: Grey, valid: Grey) -> list[float]:
    """The mean of each block that lies inside by more than half."""
    corners = [(y, x) for y in range(0, SIDE, _BLOCK) for x in range(0, SIDE, _BLOCK)]
    parts = [(slice(y, y + _BLOCK), slice(x, x + _BLOCK)) for y, x in corners]
    return [float(values[part][valid[part]].mean()) for part in parts if valid[part].mean() > 0.5]


def _in_deviations(picture: Grey, valid: Grey) -> Grey:
    """Mean 0 and deviation 1 over the valid pixels."""
    values = picture[valid]
    scaled: Grey = (picture - values.mean()) / max(float(values.std()), 1e-6)
    return scaled


def _inner(valid: Grey) -> Grey:
    """Pixels whose eight neighbours are valid as well: what is smoothed there comes from the picture alone."""
    import numpy

    wide = numpy.pad(valid, 1, constant_values=False)
    rows = wide[:-2] & wide[1:-1] & wide[2:]
    inner: Grey = rows[:, :-2] & rows[:, 1:-1] & rows[:, 2:]
    return inner


def _smooth(picture: Grey) -> Grey:
    """A binomial 3x3: two resolutions of one picture come closer."""
    import numpy

    wide = numpy.pad(picture, 1, mode="edge")
    rows = wide[:-2] + 2 * wide[1:-1] + wide[2:]
    smooth: Grey = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16
    return smooth


def _box(picture: Grey, around: int) -> Grey:
    """The mean over `around` pixels to each side; edges are repeated."""
    import numpy

    length = 2 * around + 1
    for axis in (0, 1):
        pads = [(around, around) if axis == it else (0, 0) for it in (0, 1)]
        sums = numpy.cumsum(numpy.pad(picture, pads, mode="edge"), axis=axis, dtype=numpy.float64)
        zero = numpy.zeros_like(sums.take([0], axis=axis))
        sums = numpy.concatenate([zero, sums], axis=axis)
        size = sums.shape[axis]
        upper, lower = sums.take(range(length, size), axis), sums.take(range(size - length), axis)
        picture = (upper - lower) / length
    return picture
