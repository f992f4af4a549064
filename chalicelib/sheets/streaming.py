"""Long tables written row by row, as xlsx and as CSV: memory does not grow with the number of rows. Pure.

A text stays a text in both. In xlsx it is a text cell, which no spreadsheet computes. CSV has no kinds of cells, so a
text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV Injection").
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO
from xml.sax.saxutils import escape

from chalicelib.shared import archives
from chalicelib.sheets.model import ESCAPED, MAX_PARTS
from chalicelib.sheets.writing import Cell, SheetToWrite, write_xlsx

CSV_TYPE = "text/csv; charset=utf-8"
MOST_CHARACTERS = 32_767  # in one cell of a spreadsheet
_BOM = "\ufeff"  # without it Excel takes a CSV for a file in the code page of the computer
# What begins a formula: also in the wide form that Chinese and Japanese keyboards type.
_FORMULA_SIGNS = frozenset("=+-@\t\r\n＝＋－＠")
_BLANKS = " \u3000\ufeff\u200b"
_SHEET = "xl/worksheets/sheet1.xml"
_SAMPLE = "sample"


def write_long_xlsx(
    file: IO[bytes],
    title: str,
    headings: tuple[str, ...],
    widths: tuple[int, ...],
    rows: Iterable[Sequence[Cell]],
    others: Sequence[SheetToWrite] = (),
) -> None:
    """Write a workbook: a long first sheet, row by row, and `others` after it. The same rows give the same bytes."""
    shell = archives.unpack(
        write_xlsx([SheetToWrite(title, headings, [(_SAMPLE,)], widths), *others]),
        wanted=lambda _: True,
        most_files=MAX_PARTS,
        most_bytes=2**26,
    )
    head, style, tail = _cut(shell.pop(_SHEET))
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in shell.items():
            archive.writestr(_entry(name), content)
        with archive.open(_entry(_SHEET), "w") as sheet:
            sheet.write(head)
            for number, row in enumerate(rows, start=2):
                sheet.write(_row(number, row, style))
            sheet.write(tail)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _cut(sheet: bytes) -> tuple[bytes, str, bytes]:
    """What stands before and after the rows of a sheet with one sample row, and the style of its text cell."""
    place, end = sheet.index(b'<row r="2"'), sheet.index(b"</sheetData>")
    sample = sheet[place:end].decode()
    return sheet[:place], sample.partition(' s="')[2].partition('"')[0], sheet[end:]


def _row(number: int, row: Sequence[Cell], style: str) -> bytes:
    cells = "".join(_cell(value, style) for value in row)
    return f'<row r="{number}">{cells}</row>'.encode()


def _cell(value: Cell, style: str) -> str:
    """A cell. It needs no address, because each row has all its cells in order."""
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, str):
        text = escape(_storable(value))
        return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{text}</t></is></c>'
    return f"<c><v>{_plain(value)!r}</v></c>"


def _plain(value: Cell) -> Cell:
    """A whole number without decimals: 100 points, not 100.0. Everything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _storable(text: str) -> str:
    """The text as xlsx holds it: characters that XML has no place for are left out, `_x0041_` is not read as an A."""
    plain = "".join(filter(_is_xml, text[:MOST_CHARACTERS]))
    return ESCAPED.sub(lambda match: f"_x005F{match[0]}", plain)


def _is_xml(character: str) -> bool:
    code = ord(character)
    return (code >= 0x20 and code not in (0xFFFE, 0xFFFF)) or character in "\t\n\r"


def write_long_csv(
    file: IO[bytes], headings: tuple[str, ...], rows: Iterable[Sequence[Cell]]
) -> None:
    """Write a CSV in UTF-8 with a byte order mark, commas and CRLF; every text in quotation marks."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    text.write(_BOM)
    lines = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    lines.writerow(map(harmless, headings))
    for row in rows:
        lines.writerow(["" if value is None else harmless(_plain(value)) for value in row])
    text.detach()


def harmless(value: Cell) -> Cell:
    """A value that no spreadsheet computes: a text that begins like a formula gets an apostrophe in front.

    Blanks before the sign do not help it. A number stays a number.
    """
    if isinstance(value, str) and value.lstrip(_BLANKS)[:1] in _FORMULA_SIGNS:
        return f"'{value}"
    return value
