"""Face engines: they measure a picture and return findings. They know no AWS, no exam and no person.

    from chalicelib import faces
    from chalicelib.shared.pictures import decode_picture

    findings = faces.default_engine().examine(decode_picture(data))
    if len(findings.faces) == 1:
        apart = faces.distance(findings.faces[0].vector, enrolled_vector, findings.model)

Importing this package loads neither numpy nor a face library; the first examination does. docs/face.md says what the
figures mean. Decisions are made in `identity` and `proctoring`.
"""

from chalicelib.faces.engine import EngineName, EngineUnavailable, FaceEngine
from chalicelib.faces.engines import default_engine, second_engine
from chalicelib.faces.findings import Face, Findings
from chalicelib.faces.sameness import FacePicture
from chalicelib.faces.vectors import (
    VECTOR_BYTES,
    VECTOR_LENGTH,
    distance,
    pack_vector,
    unpack_vector,
)

__all__ = [
    "VECTOR_BYTES",
    "VECTOR_LENGTH",
    "EngineName",
    "EngineUnavailable",
    "Face",
    "FaceEngine",
    "FacePicture",
    "Findings",
    "default_engine",
    "distance",
    "pack_vector",
    "second_engine",
    "unpack_vector",
]
