"""Photos of people on a roster, as registration offices hand them over: a zip of files named by ID number. Pure."""

import pathlib
import re
import unicodedata
from collections.abc import Callable, Collection

import msgspec

from chalicelib.exams.validation import Finding
from chalicelib.imports import packs
from chalicelib.imports.rosters import RESIDENT, RosterRow

MAX_PHOTOS = 500
MAX_BYTES = 50 * 1024 * 1024
_NUMBER = re.compile(r"(?=[A-Za-z]*[0-9])[0-9A-Za-z]{5,}\Z")


class PhotoFile(msgspec.Struct, frozen=True):
    """A file of the zip: whose number its name holds, and what the report may call it."""

    row: RosterRow
    data: bytes


def read_photos(
    data: bytes, id_types: Collection[str], mask: Callable[[str], str]
) -> tuple[list[PhotoFile], list[Finding], int]:
    """The photos of a zip in the order of their names, those whose names say nothing, and how many files there are.

    `110105199001011234.jpg`, `110105199001011234-张三.jpg`, `护照_E1234567.png`; folders do not matter. A
    report may name a file by `row.file`: the number masked, no name. Raises `FileRejected`.
    """
    files = packs.unpack(data, most_files=MAX_PHOTOS, most_bytes=MAX_BYTES)
    found: list[PhotoFile] = []
    findings: list[Finding] = []
    for place, name in enumerate(sorted(files), start=1):
        file = unicodedata.normalize("NFKC", name.rpartition("/")[2])
        parts = _parts(file)
        numbers = [part for part in parts if _NUMBER.match(part)]
        if len(numbers) != 1:
            reason = "文件名须为证件号码，如 110105199001011234.jpg；护照等写作 护照-E1234567.jpg"
            findings.append(Finding(re.sub(r"\d", "*", file), place, reason))
            continue
        kind = next((part for part in parts if part in id_types), RESIDENT)
        shown = mask(numbers[0]) + pathlib.PurePath(file).suffix
        row = RosterRow(place, "", kind, numbers[0], 0, file=shown)
        found.append(PhotoFile(row, files[name]))
    if not files:
        findings.append(Finding("", 0, "压缩包里没有照片"))
    return found, findings, len(files)


def _parts(file: str) -> list[str]:
    """What stands between hyphens, underscores and blanks of a name without its ending."""
    stem = file.rpartition(".")[0] or file
    return [part for part in re.split(r"[-_+\s]+", stem) if part]
