"""Which format a file has, by its name and its content. Pure."""

import re
from collections.abc import Callable

from chalicelib.imports.formats import (
    aiken,
    gift,
    moodle,
    qti,
    qti_packages,
    word_documents,
    word_lists,
    word_tables,
)
from chalicelib.imports.formats.entries import FormatReading, refuse_too_many
from chalicelib.notation.picture_shelf import PictureShelf
from chalicelib.notation.xml_trees import parse_xml
from chalicelib.sheets import delimited
from chalicelib.sheets.model import SheetRefused

ENDINGS = (".docx", ".gift", ".aiken", ".xml", ".zip")
"""Endings of files that hold questions in a format of this package; `.txt` may be one, too."""

FormatReader = Callable[[str, bytes, PictureShelf], FormatReading]
"""Reads a file by name and content. Raises `ValueError` with the reason when the whole file is refused."""


def find_reader(name: str, data: bytes) -> FormatReader | None:
    """The reader of a file; None for what is no format of this package."""
    ending = f".{name.lower().rpartition('.')[2]}"
    if ending == ".txt":
        return _reader_of_text(data)
    if ending == ".zip":
        return qti.read_package if qti_packages.has_manifest(data) else None
    return _READERS.get(ending)


def _reader_of_text(data: bytes) -> FormatReader | None:
    """The reader of a text file; None when it is probably a table."""
    try:
        text = delimited.decode_text(data)
    except SheetRefused:
        return None
    if any(map(_is_heading, text.splitlines()[: delimited.LOOKED_AT])):
        return None
    if aiken.is_aiken(text):
        return _read_aiken
    if gift.is_gift(text):
        return _read_gift
    return _read_text_list if word_lists.is_list(text) else None


def _is_heading(line: str) -> bool:
    """Whether a line has the headings of a table."""
    return word_tables.are_headings(re.split(r"[,;\t]", line))


def _read_aiken(name: str, data: bytes, shelf: PictureShelf) -> FormatReading:
    return aiken.read_aiken(name, _decoded(data), shelf)


def _read_gift(name: str, data: bytes, shelf: PictureShelf) -> FormatReading:
    return gift.read_gift(name, _decoded(data), shelf)


def _read_word(name: str, data: bytes, shelf: PictureShelf) -> FormatReading:
    document = word_documents.read_document(data, shelf)
    if word_tables.has_bank_table(document):
        return word_tables.read_tables(name, document)
    return word_lists.read_list(name, document.lines, document.left_out)


def _read_text_list(name: str, data: bytes, shelf: PictureShelf) -> FormatReading:
    return word_lists.read_list(name, word_lists.lines_of(_decoded(data), shelf), {})


def _decoded(data: bytes) -> str:
    """The text of a file. Raises `ValueError`."""
    try:
        return delimited.decode_text(data)
    except SheetRefused as refused:
        raise ValueError(str(refused)) from None


def _read_xml(name: str, data: bytes, shelf: PictureShelf) -> FormatReading:
    refuse_too_many(data.count(b"<question ") - data.count(b'type="category"'))
    root = parse_xml(data)
    if root.tag == "quiz":
        return moodle.read_moodle(name, root, shelf)
    return qti.read_item(name, qti_packages.as_item(root), shelf)


_READERS: dict[str, FormatReader] = {
    ".docx": _read_word,
    ".gift": _read_gift,
    ".aiken": _read_aiken,
    ".xml": _read_xml,
}
