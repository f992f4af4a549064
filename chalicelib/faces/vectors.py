"""Face vectors: how far apart two are, and how they are stored.

A vector is 128 floats from the network named in `Findings.model`. It is personal data, because it
identifies the person. Keep it no longer than the picture that it came from.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Final

Vector = Sequence[float]

COSINE_MODELS: Final = ("face_recognition_sface",)
"""How the names of models begin whose vectors were trained to be compared by their angle."""

VECTOR_LENGTH: Final = 128
VECTOR_BYTES: Final = 4 * VECTOR_LENGTH
"""512: float32 is what the network computes in, so nothing is lost."""

_STORED: Final = struct.Struct(f"<{VECTOR_LENGTH}f")


def distance(a: Vector, b: Vector, model: str) -> float:
    """How far apart two vectors of one model are: 0 for one picture.

    For SFace 1 - cosine (0 to 2; median .37 for two pictures of one person, .95 for two persons), for dlib's
    network the Euclidean distance (medians .42 and .81; docs/face.md). Raises ValueError when the lengths differ.
    """
    if not model.startswith(COSINE_MODELS):
        return math.dist(a, b)
    alike = math.fsum(x * y for x, y in zip(a, b, strict=True))
    return 1 - alike / (math.hypot(*a) * math.hypot(*b))


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
