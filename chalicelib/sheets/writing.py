"""Sheets written as xlsx: text cells that read the same as they were written, and numbers. Pure.

Only this module imports openpyxl.
"""

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import msgspec

from chalicelib.shared import archives
from chalicelib.sheets.model import ESCAPED, MAX_PARTS, MAX_ROWS

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CREATED_AT = "1980-01-01T00:00:00Z"


Cell = str | int | float | None
"""A text, a number, or nothing."""


class SheetToWrite(msgspec.Struct, frozen=True):
    """A sheet to be written: headings, rows, and the width of each column in characters.

    `choices`: the index of a column → the values that the spreadsheet offers for it.
    """

    title: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    widths: tuple[int, ...]
    choices: dict[int, tuple[str, ...]] = {}


def write_xlsx(pages: list[SheetToWrite]) -> bytes:
    """A workbook in which a text stays a text, also one that looks like a number or a formula.

    The same pages give the same bytes.
    """
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for page in pages:
        _write_page(book.create_sheet(page.title), page)
    saved = io.BytesIO()
    book.save(saved)
    parts = archives.unpack(
        saved.getvalue(), wanted=lambda _: True, most_files=MAX_PARTS, most_bytes=2**31
    )
    parts["docProps/core.xml"] = _PROPERTIES.encode()
    return archives.pack(parts)


_PROPERTIES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>Kaochang</dc:creator>'
    f'<dcterms:created xsi:type="dcterms:W3CDTF">{escape(_CREATED_AT)}</dcterms:created></cp:coreProperties>'
)


def _write_page(sheet: Any, page: SheetToWrite) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    sheet.freeze_panes = "A2"
    for column, width in enumerate(page.widths):
        letter = get_column_letter(column + 1)
        sheet.column_dimensions[letter].width = width
        sheet.column_dimensions[
            letter
        ].number_format = "@"  # text that is typed in later stays text
        if column in page.choices:
            values = '"' + ",".join(page.choices[column]) + '"'
            choice = DataValidation(type="list", formula1=values, allow_blank=True)
            choice.add(f"{letter}2:{letter}{MAX_ROWS + 1}")
            sheet.data_validations.append(choice)
    head, body = _styled(sheet, bold=True), _styled(sheet, bold=False)
    sheet.append([_written(sheet, text, head) for text in page.headings])
    for row in page.rows:
        sheet.append([_cell(sheet, value, body) for value in row])


def _cell(sheet: Any, value: Cell, like: Any) -> Any:
    """A cell with a text or a number; None for an empty one."""
    if isinstance(value, str):
        return _written(sheet, value, like) if value else None
    from openpyxl.cell import WriteOnlyCell

    return None if value is None else WriteOnlyCell(sheet, value=value)


def _styled(sheet: Any, *, bold: bool) -> Any:
    """A cell whose style others copy: text, wrapped, aligned at the top."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    cell = WriteOnlyCell(sheet)
    cell.number_format = "@"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.font = Font(bold=bold)
    return cell


def _written(sheet: Any, text: str, like: Any) -> Any:
    """A text cell: `=1+1` stays these four characters, and `_x0041_` is not read as an A."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)
    # not by `value`, which cuts off what is longer than spreadsheets allow
    cell._value = ESCAPED.sub(lambda match: f"_x005F{match[0]}", text)
    cell.data_type = "s"
    cell._style = like._style
    return cell
