"""Whether two pictures are copies of one picture: copied, compressed again, resized, cut or mirrored.

This does not compare persons. Two pictures of one person at different moments differ in eyes, mouth and pose of the
head; two copies of one picture differ by noise only. So the faces are aligned with each other, local differences of
light are removed, noise is averaged, and the rest is measured. Figures and limits: docs/face.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from chalicelib.faces import signatures
from chalicelib.faces.signatures import SIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    from chalicelib.faces.quality import Point

    Grey = NDArray[Any]

SAME_PHOTO: Final = 0.03
"""`difference` up to which two pictures that were made at different times are one, and a mirrored one is a copy."""

SAME_SCENE: Final = 0.008
"""`difference` up to which two pictures of one camera are one. Stricter: a person may hold still from one to the next.

Both from docs/face.md (`tests.faces.measure_sameness`): nearly all copies lie under the first and no two photos of one
person; nobody in the films there, from one second to the next, lies under the second.
"""

EYES_APART: Final = 16.0
EYE_ROW: Final = 18.0
"""The face in a signature: 48x48, eyes 16 apart at row 18, so that brows, cheeks and chin are inside. A face of 80
pixels has its eyes about 32 apart: each pixel is the mean of at least four."""

_GLARE: Final = 250  # grey levels: cut off by too much light, here or in a copy
_LEVELS: Final = 42.0  # grey levels of a deviation
_LEAST_CONTRAST: Final = 4.0  # grey levels: below, there is nothing to compare
_LEAST_OVERLAP: Final = 0.4  # of the signature's pixels
_ALIKE: Final = 0.5  # correlation before the alignment; copies have more
_STEPS: Final = 8
# steps after which a copy is aligned, even if its eyes were found with a difference of 8 degrees
_TRIED: Final = 4
_STALLED: Final = 0.85  # of the mean square before; that of copies decreases faster until then
# remaining deviation from which further steps do not help; 99 % of copies have less
_FAR: Final = 0.2
_PLACE: Final = 4  # pixels around, over which the light is equalised
_BLOCK: Final = 8


class FacePicture:
    """A picture with the eyes of its face (`points` of a Face), to be compared with signatures of others.

    `signature`: its face small and grey, packed (`signatures`); empty when there is too little to compare: hardly any
    contrast, or most of it beyond the picture's edge.
    """

    def __init__(self, image: Image, points: Sequence[Point]) -> None:
        self._image = image.convert("L")
        self._eyes = (points[0], points[1])
        self._seen = _levels(*_chip(self._image, self._eyes))
        self.signature = b"" if self._seen is None else signatures.pack(self._seen)

    def same(self, stored: bytes, *, one_camera: bool) -> bool:
        """Return whether a signature is of this picture or of its mirror image.

        `one_camera`: both may have been taken before one camera, moments apart. Nobody looks like their own mirror
        image, so for that the wider limit holds in any case.
        """
        limit = SAME_SCENE if one_camera else SAME_PHOTO
        upright = self.difference(stored) <= limit
        return upright or self.difference(stored, mirrored=True) <= SAME_PHOTO

    def difference(self, stored: bytes, *, mirrored: bool = False) -> float:
        """Return the difference in standard deviations of the face's grey; infinite when nothing is comparable."""
        import numpy

        other = signatures.unpack(stored)
        if self._seen is None or other is None:
            return math.inf
        other = numpy.ascontiguousarray(other[:, ::-1]) if mirrored else other
        laid = _laid_upon(other, self._seen)
        if laid is None:
            return math.inf
        # The eyes are found at slightly different positions each time. So the face is cut out again at the position
        # that fits the other one, and both are sampled in the same way.
        again = _levels(*_chip(self._image, _moved_eyes(self._eyes, laid.moves)))
        nearer = None if again is None else _laid_upon(other, again)
        return math.inf if nearer is None else _left_over(nearer)


def _chip(grey: Image, eyes: Sequence[Point]) -> tuple[Grey, Grey]:
    """Return grey float32[SIDE, SIDE] with the eyes at their places, and which pixels are inside the picture."""
    import numpy
    from PIL.Image import Resampling, Transform
    from PIL.Image import new as new_image

    (left, top), (right, bottom) = eyes
    across, down = right - left, bottom - top
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


def _levels(chip: Grey, inside: Grey) -> Grey | None:
    """uint8[SIDE, SIDE]: 128 is the mean, 0 is nothing (outside, or glare); None when too little is left."""
    import numpy

    there = inside & (chip < _GLARE)
    if there.mean() < _LEAST_OVERLAP or chip[there].std() < _LEAST_CONTRAST:
        return None
    levels = numpy.clip(_in_deviations(chip, there) * _LEVELS + 128, 1, 255).round()
    levels[~there] = 0
    rounded: Grey = levels.astype(numpy.uint8)
    return rounded


def _moved_eyes(eyes: tuple[Point, Point], moves: Grey) -> tuple[Point, Point]:
    """Return where in the picture the eye positions of the other signature are."""
    (left, top), (right, bottom) = eyes
    across, down = (right - left) / EYES_APART, (bottom - top) / EYES_APART
    scale, turn, aside, below = (float(move) for move in moves)

    def moved(x: float) -> Point:
        y = EYE_ROW - SIDE / 2
        u = x + scale * x - turn * y + aside + EYES_APART / 2
        v = y + turn * x + scale * y + below - y
        return left + u * across - v * down, top + u * down + v * across

    return moved(-EYES_APART / 2), moved(EYES_APART / 2)


def _left_over(laid: _Laid) -> float:
    """Return the difference of two aligned faces: the mean over its blocks."""
    rest = _box(_unlike(laid.fixed, laid.moved, laid.valid), 1)
    blocks = _blocks(rest * rest, laid.valid)
    return sum(math.sqrt(block) for block in blocks) / len(blocks) if blocks else math.inf


class _Laid(NamedTuple):
    """Two aligned faces in standard deviations, the pixels that both have, and how the second one was moved."""

    fixed: Grey
    moved: Grey
    valid: Grey
    moves: Grey


def _laid_upon(first: Grey, second: Grey) -> _Laid | None:
    """Align the second signature to the first: shift, turn and scale it. Returns None when they are too different.

    Gauss-Newton over a similarity transform.
    """
    import numpy

    fixed, moving = (_smooth(it.astype(numpy.float32)) for it in (first, second))
    here, there = _inner(first > 0), _inner(second > 0).astype(numpy.float32)
    moves: Grey = numpy.zeros(4)
    best, least = None, math.inf
    for step in range(_STEPS):
        moved, valid = _moved(moving, moves), (_moved(there, moves) > 0.99) & here
        if valid.mean() < _LEAST_OVERLAP:
            break
        laid = _Laid(_in_deviations(fixed, valid), _in_deviations(moved, valid), valid, moves)
        error = (laid.fixed - laid.moved)[valid]
        rest = float((error * error).mean())
        if _hopeless(step, rest, least):
            return None
        if rest < least:
            best, least = laid, rest
        change = _change(laid.moved, error, valid)
        moves = moves + change
        if abs(change[2:]).max() < 0.01 and abs(change[:2]).max() < 0.0005:
            break
    return best


def _hopeless(step: int, rest: float, least: float) -> bool:
    """Return whether further steps are useless: the remaining mean square is too large and hardly decreases."""
    if step == 0:
        return rest > 2 * (1 - _ALIKE)
    return rest > _FAR * _FAR and (step >= _TRIED or rest > _STALLED * least)


def _change(moved: Grey, error: Grey, valid: Grey) -> Grey:
    """Return how much to scale, turn and shift the moved face (in this order) to reduce the error."""
    import numpy

    down, across = numpy.gradient(moved)
    x = numpy.arange(SIDE) - (SIDE - 1) / 2
    y = x[:, None]
    slopes = (across * x + down * y, down * x - across * y, across, down)
    matrix = numpy.stack([slope[valid] for slope in slopes], axis=-1).astype(numpy.float64)
    change: Grey = numpy.linalg.lstsq(matrix.T @ matrix, matrix.T @ error)[0]
    return change


def _moved(picture: Grey, moves: Grey) -> Grey:
    """Return the picture scaled, turned and shifted about its middle."""
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
    """Return the difference after brightness and contrast are equalised around each pixel; 0 without data."""
    import numpy

    one, other = (numpy.where(valid, it, 0).astype(numpy.float64) for it in (fixed, moved))
    sums = _box(numpy.stack([valid, one, other, one * other, other * other]), _PLACE)
    mean_one, mean_other, product, square = sums[1:] / (sums[0] + 1e-9)
    together, spread = product - mean_one * mean_other, square - mean_other * mean_other
    # Without contrast the gain cannot be measured, so it is moved towards 1.
    gain = numpy.clip((together + 0.02) / (spread + 0.02), 0.4, 2.5)
    rest: Grey = numpy.where(valid, one - mean_one - gain * (other - mean_other), 0)
    return rest


def _blocks(values: Grey, valid: Grey) -> list[float]:
    """Return the mean of each block of which more than half is valid."""
    corners = [(y, x) for y in range(0, SIDE, _BLOCK) for x in range(0, SIDE, _BLOCK)]
    parts = [(slice(y, y + _BLOCK), slice(x, x + _BLOCK)) for y, x in corners]
    return [float(values[part][valid[part]].mean()) for part in parts if valid[part].mean() > 0.5]


def _in_deviations(picture: Grey, valid: Grey) -> Grey:
    """Return the picture scaled to mean 0 and standard deviation 1 over the valid pixels."""
    values = picture[valid]
    scaled: Grey = (picture - values.mean()) / max(float(values.std()), 1e-6)
    return scaled


def _inner(valid: Grey) -> Grey:
    """Return the pixels whose eight neighbours are also valid, so that smoothing there uses picture data only."""
    import numpy

    wide = numpy.pad(valid, 1, constant_values=False)
    rows = wide[:-2] & wide[1:-1] & wide[2:]
    inner: Grey = rows[:, :-2] & rows[:, 1:-1] & rows[:, 2:]
    return inner


def _smooth(picture: Grey) -> Grey:
    """Return the picture after a binomial 3x3 filter, which makes two resolutions of one picture more alike."""
    import numpy

    wide = numpy.pad(picture, 1, mode="edge")
    rows = wide[:-2] + 2 * wide[1:-1] + wide[2:]
    smooth: Grey = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16
    return smooth


def _box(pictures: Grey, around: int) -> Grey:
    """Return the mean over `around` pixels to each side of each picture [..., SIDE, SIDE]; edges are repeated."""
    import numpy

    length = 2 * around + 1
    for axis in (-2, -1):
        pads = [(0, 0)] * pictures.ndim
        pads[axis] = (around + 1, around)
        sums = numpy.cumsum(numpy.pad(pictures, pads, mode="edge"), axis=axis, dtype=numpy.float64)
        places = range(length, SIDE + length), range(SIDE)
        upper, lower = (sums.take(place, axis) for place in places)
        pictures = (upper - lower) / length
    return pictures
