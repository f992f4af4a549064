"""Zip archives whose bytes depend only on their content: fixed dates and modes, sorted entries.

The same content gives the same bytes, so a deployment uploads an archive once, and anybody can build a package
again and compare. Another release of zlib may give other compressed bytes.

Bytecode that refers to its source by date is left out: Python does not use it in an archive, and it differs from
one checkout to the next. Bytecode that refers to its source by hash (PEP 552) stays.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip can store
MODE = 0o100644  # a file that everybody may read, because Lambda's user is not the owner
UNIX = 3
# of bytecode: the first byte of its flags, and the bit of those that name a hash
FLAGS, BY_HASH = (4, 1)
LEVEL = 6


def of_folder(archive: Path, folder: Path) -> None:
    """Write all files below a folder; folders without files are left out."""
    files = (path for path in folder.rglob("*") if path.is_file())
    _write(archive, ((path.relative_to(folder).as_posix(), path.read_bytes()) for path in files))


def again(archive: Path) -> None:
    """Write an existing archive again in the form of `of_folder`."""
    with zipfile.ZipFile(archive) as content:
        kept = [(name, content.read(name)) for name in content.namelist() if name[-1] != "/"]
    _write(archive, kept)


def sha256(archive: Path) -> str:
    """Return the SHA-256 of the whole file as hexadecimal digits."""
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(archive: Path, entries: Iterable[tuple[str, bytes]]) -> None:
    beside = archive.with_name(archive.name + ".part")
    with zipfile.ZipFile(beside, "w") as made:
        for name, data in sorted(entries):
            if name.endswith(".pyc") and not data[FLAGS] & BY_HASH:
                continue
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = UNIX, MODE << 16
            made.writestr(entry, data, zipfile.ZIP_DEFLATED, LEVEL)
    os.replace(beside, archive)
