"""Workbooks with a part that is changed by hand."""

from chalicelib.imports import archives
from tests.dropbox import workbook


def with_part(name: str, content: str, base: bytes | None = None) -> bytes:
    """A right workbook with one part replaced."""
    parts = archives.unpack(
        base or workbook(("x",)), wanted=lambda _: True, most_files=99, most_bytes=2**30
    )
    return archives.pack({**parts, name: content.encode()})
