"""Zips with photos of the people on a roster: each file is named by an ID number. Pure."""

import pathlib
import re
import unicodedata
from collections.abc import Callable, Collection

import msgspec

from chalicelib.exams.validation import FileFinding
from chalicelib.imports import packs
from chalicelib.imports.rosters import RESIDENT, RosterRow

MAX_PHOTOS = 500
MAX_BYTES = 50 * 1024 * 1024
_NUMBER = re.compile(r"(?=[A-Za-z]*[0-9])[0-9A-Za-z]{5,}\Z")


class PhotoFile(msgspec.Struct, frozen=True):
    """A photo. `row` holds the ID number from the name of the file, and the name that a report may show."""

    row: RosterRow
    data: bytes


def read_photos(
    data: bytes, id_types: Collection[str], mask: Callable[[str], str]
) -> tuple[list[PhotoFile], list[FileFinding], int]:
    """The photos of a zip in the order of their names, a finding for each name without one number, and the file count.

    Names such as `110105199001011234.jpg`, `110105199001011234-张三.jpg`, `护照_E1234567.png`; folders do not matter.
    `mask` masks an ID number: `row.file` is the masked name without the person's name, and reports use only that.
    `id_types`: the document types that a name may contain. Raises `FileRejected` for a zip that cannot be opened.
    """
    files = packs.unpack(data, most_files=MAX_PHOTOS, most_bytes=MAX_BYTES)
    photos: list[PhotoFile] = []
    findings: list[FileFinding] = []
    for place, name in enumerate(sorted(files), start=1):
        file = unicodedata.normalize("NFKC", name.rpartition("/")[2])
        parts = _parts(file)
        numbers = [part for part in parts if _NUMBER.match(part)]
        if len(numbers) != 1:
            reason = "文件名须为证件号码，如 110105199001011234.jpg；护照等写作 护照-E1234567.jpg"
            findings.append(FileFinding(re.sub(r"\d", "*", file), place, reason))
            continue
        kind = next((part for part in parts if part in id_types), RESIDENT)
        shown = mask(numbers[0]) + pathlib.PurePath(file).suffix
        row = RosterRow(place, "", kind, numbers[0], 0, file=shown)
        photos.append(PhotoFile(row, files[name]))
    if not files:
        findings.append(FileFinding("", 0, "压缩包里没有照片"))
    return photos, findings, len(files)


def _parts(file: str) -> list[str]:
    """The parts of a file name, without its ending, between hyphens, underscores, plus signs and blanks."""
    stem = file.rpartition(".")[0] or file
    return [part for part in re.split(r"[-_+\s]+", stem) if part]
