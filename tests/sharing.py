"""Things that are made once in a run of the tests and shared by all its processes."""

import fcntl
from collections.abc import Callable
from pathlib import Path


def made_once(run_folder: Path, name: str, make: Callable[[Path], object]) -> Path:
    """`make(place)` in the first process that comes; the others wait for it. Returns the place.

    When it fails, the next process tries again, and fails in the same way.
    """
    place, ready = run_folder / name, run_folder / f"{name}.ready"
    with (run_folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            make(place)
            ready.touch()
    return place
