"""The engine port, and which adapter stands behind it in this process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from PIL.Image import Image

    from chalicelib.faces.findings import Findings

EngineName = Literal["yunet_sface", "face_recognition"]
DEFAULT: Final[EngineName] = "yunet_sface"


class EngineUnavailable(RuntimeError):
    """No examination is possible here: library or models are missing. Says nothing of a picture."""


class FaceEngine(Protocol):
    """Whatever can look at a picture; see docs/face.md for what another engine has to keep."""

    def examine(self, image: Image, *, vectors: bool = True) -> Findings:
        """Measure one picture (any Pillow image, as `decode_picture` gives it).

        `vectors=False` leaves the vectors out and saves most of the time. A picture without faces
        is a finding, not an error. Raises EngineUnavailable.
        """
        ...


_lock = threading.Lock()
_engines: dict[EngineName, FaceEngine] = {}


def default_engine(name: EngineName = DEFAULT) -> FaceEngine:
    """The engine that decides: made once in a process, loaded at its first picture, shared by all threads."""
    with _lock:
        if name not in _engines:
            _engines[name] = _make(name)
        return _engines[name]


def second_engine(name: EngineName = DEFAULT) -> FaceEngine | None:
    """The engine that is asked before the one of this name says mismatch; None: that one decides alone.

    It shares neither network nor training pictures with the first. Made and loaded when it is first asked.
    """
    return default_engine("face_recognition") if name == "yunet_sface" else None


def _make(name: EngineName) -> FaceEngine:
    if name == "face_recognition":
        from chalicelib.faces.dlib_engine import DlibEngine

        return DlibEngine()
    from chalicelib.faces.sface_engine import SFaceEngine

    return SFaceEngine()
