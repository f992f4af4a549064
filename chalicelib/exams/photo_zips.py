"""Photos of people on a roster, as registration offices hand them over: a zip of files named by ID number. Pure."""

import re
import unicodedata
from collections.abc import Callable, Collection

import msgspec

from chalicelib.exams import archives
from chalicelib.exams.pack import NOT_OURS, PackRefused
from chalicelib.exams.roster import RESIDENT, RosterRow
from chalicelib.exams.validation import Finding

MAX_PHOTOS = 500
MAX_BYTES = 50 * 1024 * 1024
_NUMBER = re.compile(r"(?=[A-Za-z]*[0-9])[0-9A-Za-z]{5,}\Z")
_ANY_NUMBER = re.compile(r"(?=[A-Za-z]*[0-9])[0-9A-Za-z]{5,}")


class PhotoFile(msgspec.Struct, frozen=True):
    """A file of the zip: whose number its name holds, and what the report may call it."""

    row: RosterRow
    data: bytes


def read_photos(
    data: bytes, id_types: Collection[str], mask: Callable[[str], str]
) -> tuple[list[PhotoFile], list[Finding], int]:
    """The photos of a zip in the order of their names, those whose names say nothing, and how many files there are.

    `110105199001011234.jpg`, `110105199001011234-张三.jpg`, `护照_E1234567.png`; folders do not matter. Findings and
    rows name a file with the numbers in its name masked. Raises `PackRefused`.
    """
    files = _unpacked(data)
    found: list[PhotoFile] = []
    findings: list[Finding] = []
    for place, name in enumerate(sorted(files), start=1):
        file = unicodedata.normalize("NFKC", name.rpartition("/")[2])
        parts = _parts(file)
        numbers = [part for part in parts if _NUMBER.match(part)]
        shown = _ANY_NUMBER.sub(lambda number: mask(number.group()), file)
        if len(numbers) != 1:
            reason = "文件名须为证件号码，如 110105199001011234.jpg；护照等写作 护照-E1234567.jpg"
            findings.append(Finding(shown, place, reason))
            continue
        kind = next((part for part in parts if part in id_types), RESIDENT)
        row = RosterRow(place, "", kind, numbers[0], 0, file=shown)
        found.append(PhotoFile(row, files[name]))
    if not files:
        findings.append(Finding("", 0, "压缩包里没有照片"))
    return found, findings, len(files)


def _unpacked(data: bytes) -> dict[str, bytes]:
    try:
        return archives.unpack(
            data,
            wanted=lambda name: not NOT_OURS.search(name),
            most_files=MAX_PHOTOS,
            most_bytes=MAX_BYTES,
        )
    except archives.ZipTooLarge:
        most = f"最多 {MAX_PHOTOS} 张、{MAX_BYTES // 1024 // 1024} MB，可以分成几个压缩包"
        raise PackRefused([Finding("", 0, f"压缩包过大：{most}")]) from None
    except archives.StrangePacking:
        raise PackRefused([Finding("", 0, "请用普通的 zip 方式压缩")]) from None
    except archives.NoZip:
        raise PackRefused([Finding("", 0, "不是可以打开的 zip 文件")]) from None


def _parts(file: str) -> list[str]:
    """What stands between hyphens, underscores and blanks of a name without its ending."""
    stem = file.rpartition(".")[0] or file
    return [part for part in re.split(r"[-_+\s]+", stem) if part]
