"""The face engines of this process."""

import threading
from typing import Final

from chalicelib.faces.engine import EngineName, FaceEngine

DEFAULT: Final[EngineName] = "yunet_sface"

_lock = threading.Lock()
_engines: dict[EngineName, FaceEngine] = {}


def default_engine(name: EngineName = DEFAULT) -> FaceEngine:
    """Return the engine that decides. All threads of a process share it; it loads at its first picture."""
    with _lock:
        if name not in _engines:
            _engines[name] = _make(name)
        return _engines[name]


def second_engine(name: EngineName = DEFAULT) -> FaceEngine | None:
    """Return the engine that is asked before the one of this name says mismatch; None: that one decides alone.

    It shares neither network nor training pictures with the first. Made and loaded when it is first asked.
    """
    return default_engine("face_recognition") if name == "yunet_sface" else None


def _make(name: EngineName) -> FaceEngine:
    if name == "face_recognition":
        from chalicelib.faces.dlib_engine import DlibEngine

        return DlibEngine()
    from chalicelib.faces.sface_engine import SFaceEngine

    return SFaceEngine()
