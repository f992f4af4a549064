"""Picture in, findings out. Knows no AWS, no exam and no person.

    from chalicelib import faces
    from chalicelib.shared.pictures import decode_picture

    findings = faces.default_engine().examine(decode_picture(data))
    if len(findings.faces) == 1:
        apart = faces.distance(findings.faces[0].vector, enrolled_vector)

Importing this package loads neither numpy nor dlib; the first examination does. What the figures
mean for a decision is written in docs/face.md; the decision itself is taken elsewhere.
"""

from chalicelib.faces.engine import (
    DlibEngine,
    EngineUnavailable,
    FaceEngine,
    default_engine,
)
from chalicelib.faces.findings import Face, Findings
from chalicelib.faces.sameness import difference, same, signature
from chalicelib.faces.vectors import (
    VECTOR_BYTES,
    VECTOR_LENGTH,
    cohort_z,
    distance,
    pack_vector,
    unpack_vector,
)

__all__ = [
    "VECTOR_BYTES",
    "VECTOR_LENGTH",
    "DlibEngine",
    "EngineUnavailable",
    "Face",
    "FaceEngine",
    "Findings",
    "cohort_z",
    "default_engine",
    "difference",
    "distance",
    "pack_vector",
    "same",
    "signature",
    "unpack_vector",
]
