"""The grey levels of a face in few bytes, to be stored: a cosine transform, rounded and compressed.

The signature of each picture is written to DynamoDB, which bills per started KiB. The levels alone would take 2.3 kB.
"""

from __future__ import annotations

import functools
import lzma
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[Any]

SIDE: Final = 48
MOST_BYTES: Final = 850
"""A row with a signature of this length takes one write unit (`attempts.store.put_picture`)."""

_PACKED: Final = (
    b"\x02"  # the version of the layout; signatures of other versions are not comparable
)
_PLAIN: Final = b"\x01"  # of earlier releases: the levels as they are
_PIXELS: Final = SIDE * SIDE
_STEPS: Final = tuple(0.2 * 1.2**n for n in range(18))
"""To what coefficients are rounded, in grey levels as `sameness` compares them. Measured in docs/face.md."""
_LEAST_LEFT: Final = 0.1
_LZMA: Final = [{"id": lzma.FILTER_LZMA1, "lc": 0, "lp": 0, "pb": 0, "dict_size": 4096}]


def pack(levels: Grey) -> bytes:
    """Return the bytes for uint8[SIDE, SIDE], where 0 is nothing. Levels are rounded, and what is nothing is kept.

    They are rounded as little as `MOST_BYTES` allows; the coarsest rounding has room for any levels.
    """
    import numpy

    nothing = levels == 0
    wave = _cosines()
    filled = numpy.where(nothing, 128, levels).astype(numpy.float64) - 128
    coefficients = wave @ filled @ wave.T * _left_over()
    outside = numpy.packbits(nothing).tobytes()
    packed = b""
    for number, step in enumerate(_STEPS):
        rounded = numpy.rint(coefficients / step).astype(numpy.int32)[_order()]
        unsigned = numpy.where(rounded < 0, -2 * rounded - 1, 2 * rounded).astype("<u2")
        planes = unsigned.view(numpy.uint8).reshape(-1, 2).T.tobytes()
        data = lzma.compress(planes + outside, lzma.FORMAT_RAW, filters=_LZMA)
        packed = _PACKED + bytes([number]) + data
        if len(packed) <= MOST_BYTES:
            break
    return packed


def unpack(stored: bytes) -> Grey | None:
    """Return the levels of a stored signature; None when these bytes are none that this release can read."""
    import numpy

    if stored[:1] == _PLAIN and len(stored) == 1 + _PIXELS:
        return numpy.frombuffer(stored, numpy.uint8, offset=1).reshape(SIDE, SIDE)
    if stored[:1] != _PACKED or not stored[1:2] or stored[1] >= len(_STEPS):
        return None
    try:
        data = lzma.decompress(stored[2:], lzma.FORMAT_RAW, filters=_LZMA)
    except lzma.LZMAError:
        return None
    if len(data) != 2 * _PIXELS + _PIXELS // 8:
        return None
    planes = numpy.frombuffer(data, numpy.uint8, 2 * _PIXELS).reshape(2, _PIXELS)
    unsigned = numpy.ascontiguousarray(planes.T).view("<u2").ravel().astype(numpy.int32)
    coefficients = numpy.empty((SIDE, SIDE))
    coefficients[_order()] = numpy.where(unsigned % 2, -(unsigned + 1) // 2, unsigned // 2)
    wave = _cosines()
    filled = wave.T @ (coefficients * _STEPS[stored[1]] / _left_over()) @ wave + 128
    levels = numpy.clip(filled, 1, 255).round().astype(numpy.uint8)
    outside = numpy.frombuffer(data, numpy.uint8, offset=2 * _PIXELS)
    levels[numpy.unpackbits(outside).reshape(SIDE, SIDE) > 0] = 0
    return levels


@functools.cache
def _cosines() -> Grey:
    """Return the matrix of the orthonormal cosine transform (DCT-II), a row for each frequency."""
    import numpy

    frequency, place = numpy.arange(SIDE)[:, None], numpy.arange(SIDE)
    waves: Grey = numpy.cos(numpy.pi * (place + 0.5) * frequency / SIDE) * (2 / SIDE) ** 0.5
    waves[0] /= 2**0.5
    return waves


@functools.cache
def _left_over() -> Grey:
    """Return for each frequency what part of it `sameness` compares, after its two means over 3x3 pixels.

    Fine patterns are nearly lost there, so they are rounded more. Some part is kept of each.
    """
    import numpy

    angles = numpy.pi * numpy.arange(SIDE) / SIDE
    smoothed = numpy.cos(angles / 2) ** 2
    averaged = numpy.maximum(numpy.abs(1 + 2 * numpy.cos(angles)) / 3, _LEAST_LEFT)
    left = smoothed * averaged
    return numpy.maximum(numpy.outer(left, left), 0.001)


@functools.cache
def _order() -> tuple[Grey, Grey]:
    """Return rows and columns of all coefficients, the coarse patterns first: what is alike stands together."""
    import numpy

    squares = numpy.arange(SIDE) ** 2
    order = numpy.argsort((squares[:, None] + squares).ravel(), kind="stable")
    rows, columns = numpy.unravel_index(order, (SIDE, SIDE))
    return rows, columns
