"""Compiled modules for a package, so that a cold start need not compile what it imports.

Lambda's folders cannot be written to: without compiled files each cold start compiles every module anew. The files are
"unchecked hash" ones (PEP 552): Python takes them as they are, whatever date an archive gives the source, and the same
source gives the same bytes.
"""

import os
import subprocess
from pathlib import Path


class BytecodeError(Exception):
    """The compiler itself failed. The text has what it wrote."""


def add(folder: Path, python: str, place: str) -> None:
    """Compile the modules below `folder` into its `__pycache__` folders.

    `python`: an interpreter of the runtime's version; others do not read its files. `place`: where the folder will be
    on Lambda, for tracebacks (`/var/task`). A file that is no Python of this version is left as it is: packages have
    templates and old examples that nobody imports. Raises `BytecodeError`.
    """
    options = ["-q", "-q", "-f", "--invalidation-mode", "unchecked-hash", "-s", str(folder)]
    command = [python, "-I", "-m", "compileall", *options, "-p", place, str(folder)]
    done = subprocess.run(
        command,
        env={"PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stderr:  # a file that does not compile makes no sound here
        raise BytecodeError(done.stderr)


def remove(folder: Path) -> None:
    """Remove all compiled files below a folder."""
    for file in folder.rglob("*.pyc"):
        file.unlink()
