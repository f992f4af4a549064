"""Each picture is examined once in a run of the tests, by the process that comes first.

Hundreds of candidates show the same few faces, and an examination takes a quarter of a second. The
processes share what was found through files in the folder of the run. A next run begins with none,
so nothing is ever found by an engine of yesterday.
"""

import contextlib
import hashlib
import os
import pathlib
import pickle
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

_known: dict[str, Any] = {}
_folder: pathlib.Path | None = None


def share(folder: pathlib.Path) -> None:
    """From now on find there what other processes have found, and leave there what this one finds."""
    global _folder
    folder.mkdir(exist_ok=True)
    _folder = folder


@contextlib.contextmanager
def each_once() -> Iterator[None]:
    """Let both engines examine only pictures that nobody has examined in this run."""
    from chalicelib.faces.dlib_engine import DlibEngine
    from chalicelib.faces.sface_engine import SFaceEngine

    with contextlib.ExitStack() as patches:
        for engine in (DlibEngine, SFaceEngine):
            once = _once(engine.examine)
            patches.enter_context(mock.patch.object(engine, "examine", once))
        yield


def _once(look: Callable[..., Any]) -> Callable[..., Any]:
    def examine(self: Any, image: Any, *, vectors: bool = True) -> Any:
        asked = (type(self).__name__, str(self._folder), image.mode, image.size, vectors)
        name = hashlib.sha256(repr(asked).encode() + image.tobytes()).hexdigest()
        if name not in _known:
            _known[name] = recorded(name, lambda: look(self, image, vectors=vectors))
        return _known[name]

    return examine


def recorded(name: str, look: Callable[[], Any]) -> Any:
    """What some process of this run has found under this name, or else what `look` finds now."""
    if _folder is None:
        return look()
    file = _folder / name
    with contextlib.suppress(FileNotFoundError):
        return pickle.loads(file.read_bytes())
    findings = look()
    unfinished = _folder / f"{name}.{os.getpid()}"
    unfinished.write_bytes(pickle.dumps(findings))
    unfinished.replace(file)  # in one step: nobody reads half of it
    return findings
