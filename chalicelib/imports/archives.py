"""Zips that strangers made, unpacked without trusting a word of them. Pure.

Nothing is written to disk, so a path that leads elsewhere is only a name that nobody asks for.
"""

import contextlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

# These two can be unpacked up to a given size; bzip2 and LZMA cannot.
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_SAYS_UTF_8 = 0x800
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


class ZipRefused(Exception):
    """The zip is not opened."""


class NoZip(ZipRefused):
    """It is damaged, encrypted, or no zip at all."""


class StrangePacking(ZipRefused):
    """It is packed in a way that cannot be unpacked up to a given size."""


class NameTwice(ZipRefused):
    """Two files of one name: which of them is meant, nobody can tell."""


class ZipTooLarge(ZipRefused):
    """More files or bytes than are allowed would come out."""


def unpack(
    data: bytes, *, wanted: Callable[[str], bool], most_files: int, most_bytes: int
) -> dict[str, bytes]:
    """The wanted files by name. Raises `NoZip`, `NameTwice`, `StrangePacking`, `ZipTooLarge`.

    What is announced is counted before anything is unpacked; no file is unpacked further than announced.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [i for i in archive.infolist() if not i.is_dir() and wanted(i.filename)]
            if len(infos) > most_files or sum(i.file_size for i in infos) > most_bytes:
                raise ZipTooLarge
            if not {info.compress_type for info in infos} <= _PACKINGS:
                raise StrangePacking
            named = {_name(info): info for info in infos}
            if len(named) < len(infos):
                raise NameTwice
            return {name: _unpacked(archive, info) for name, info in named.items()}
    except _BROKEN:
        raise NoZip from None


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: packers that do not say UTF-8 write it, or the code page of Chinese Windows."""
    if info.flag_bits & _SAYS_UTF_8:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeError):
            return info.filename.encode("cp437").decode(encoding)
    return info.filename


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A file, unpacked no further than it was announced: `read()` alone would unpack all and then cut.

    Raises `BadZipFile` when there is more, by its check sum.
    """
    with archive.open(info) as packed:
        return packed.read(info.file_size + 1)


def pack(files: dict[str, bytes], *, compressed: bool = True) -> bytes:
    """A zip without times: the same files always give the same bytes."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
            archive.writestr(entry, content)
    return data.getvalue()
