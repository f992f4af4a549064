"""One JSON line per event. Fields are ids, codes and numbers: never a name, phone, ID number or code."""

import json
import sys
import traceback
from typing import Any

from chalicelib.shared import clock


def event(name: str, **fields: Any) -> None:
    """Write one line to standard output, where Lambda collects it."""
    line = {"at": clock.now_ms(), "event": name, **fields}
    sys.stdout.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")


def crash(error: BaseException, **fields: Any) -> None:
    """Tell of an unexpected exception by type and place; its message may hold a person's data."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames
    ]
    event("crash", kind=type(error).__name__, places=places, **fields)
