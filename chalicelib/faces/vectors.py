"""Face vectors: how far apart two are, how they are stored, how a cohort sharpens the answer.

A vector is 128 floats from the network named in `Findings.model`. It is personal data: whoever
holds it can recognise the person. Keep it as short a time as the picture it came from.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

Vector = Sequence[float]

VECTOR_LENGTH: Final = 128
VECTOR_BYTES: Final = 4 * VECTOR_LENGTH
"""512: float32 is what the network computes in, so nothing is lost."""

_STORED: Final = struct.Struct(f"<{VECTOR_LENGTH}f")

NEAREST: Final = 50
"""Cohort members that the z rule looks at: the look-alikes decide (measured, docs/face.md)."""


def distance(a: Vector, b: Vector) -> float:
    """Euclidean distance of two vectors of one model: 0 for one picture, median .42 for
    two pictures of one person, .81 for two persons (docs/face.md).

    Raises ValueError when the lengths differ.
    """
    return math.dist(a, b)


def pack_vector(vector: Vector) -> bytes:
    """512 bytes, float32 little endian. Raises ValueError unless there are 128 finite numbers."""
    if len(vector) != VECTOR_LENGTH:
        raise ValueError(f"a vector has {VECTOR_LENGTH} numbers, not {len(vector)}")
    if not all(math.isfinite(number) for number in vector):
        raise ValueError("a vector holds finite numbers only")
    return _STORED.pack(*vector)


def unpack_vector(stored: bytes) -> tuple[float, ...]:
    """The vector that `pack_vector` stored. Raises ValueError unless there are 512 bytes."""
    if len(stored) != VECTOR_BYTES:
        raise ValueError(f"a stored vector has {VECTOR_BYTES} bytes, not {len(stored)}")
    return _STORED.unpack(stored)


def cohort_z(
    a: Vector, b: Vector, cohort: Sequence[Vector] | NDArray[Any], *, nearest: int = NEAREST
) -> float:
    """How much nearer two faces are to each other than to their look-alikes, in deviations.

    `cohort` holds vectors of *other* persons, shape [n, 128], all of the same model. For each of
    the two faces: (distance - mean of its `nearest` nearest cohort distances) / their standard
    deviation; the answer is the mean of both. Negative: nearer than the look-alikes. It evens out
    that the network puts some groups of people closer together than others (docs/face.md); its
    threshold depends on the size of the cohort and on `nearest`. Raises ValueError when the cohort
    holds fewer than `nearest` vectors, or nothing but equal ones.
    """
    import numpy

    others = numpy.asarray(cohort, dtype=numpy.float64)
    if len(others) < nearest:
        raise ValueError(f"{len(others)} cohort vectors, {nearest} needed")
    apart = distance(a, b)
    return (_one_sided_z(apart, a, others, nearest) + _one_sided_z(apart, b, others, nearest)) / 2


def _one_sided_z(apart: float, vector: Vector, others: NDArray[Any], nearest: int) -> float:
    """(apart - mean) / deviation over the nearest cohort distances of one face."""
    import numpy

    away = numpy.linalg.norm(others - numpy.asarray(vector, dtype=numpy.float64), axis=1)
    near = numpy.partition(away, nearest - 1)[:nearest]
    spread = float(near.std())
    if spread == 0:
        raise ValueError("all cohort distances are equal")
    return (apart - float(near.mean())) / spread
