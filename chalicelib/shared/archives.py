"""Zips from outside, unpacked within limits, and zips of our own. Pure.

Nothing is written to disk, so a path out of the folder (`../x`) is only a name.
"""

import contextlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

# These two can be unpacked up to a limit; bzip2 and LZMA cannot.
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_UTF_8_FLAG = 0x800
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


class NotAZip(ZipRefused):
    """The file is damaged, encrypted, or no zip."""


class UnsupportedCompression(ZipRefused):
    """The zip uses a compression that cannot be unpacked up to a limit."""


class DuplicateName(ZipRefused):
    """Two files have the same name."""


class ZipTooLarge(ZipRefused):
    """The zip contains more files or bytes than are allowed."""


def unpack(
    data: bytes, *, wanted: Callable[[str], bool], most_files: int, most_bytes: int
) -> dict[str, bytes]:
    """The wanted files by name. Raises `NotAZip`, `DuplicateName`, `UnsupportedCompression`, `ZipTooLarge`.

    Limits are checked by the sizes in the directory of the zip before anything is unpacked. No file is unpacked
    beyond its size there.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [i for i in archive.infolist() if not i.is_dir() and wanted(i.filename)]
            if len(infos) > most_files or sum(i.file_size for i in infos) > most_bytes:
                raise ZipTooLarge
            if not {info.compress_type for info in infos} <= _PACKINGS:
                raise UnsupportedCompression
            named = {_name(info): info for info in infos}
            if len(named) < len(infos):
                raise DuplicateName
            return {name: _unpacked(archive, info) for name, info in named.items()}
    except _BROKEN:
        raise NotAZip from None


def _name(info: zipfile.ZipInfo) -> str:
    """The name of a file. Without the UTF-8 flag it is UTF-8 all the same, or in the code page of Chinese Windows."""
    if info.flag_bits & _UTF_8_FLAG:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeError):
            return info.filename.encode("cp437").decode(encoding)
    return info.filename


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A file, unpacked up to its announced size; a plain `read()` would unpack everything first.

    Raises `BadZipFile` when the file is longer: its checksum does not match then.
    """
    with archive.open(info) as packed:
        return packed.read(info.file_size + 1)


def pack(files: dict[str, bytes], *, compressed: bool = True) -> bytes:
    """A zip without dates. The same files always give the same bytes."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
            archive.writestr(entry, content)
    return data.getvalue()
