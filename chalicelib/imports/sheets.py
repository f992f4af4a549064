"""Spreadsheets (xlsx): cells are read as the text that a person sees, and written so that they read the same. Pure.

Limits are checked before openpyxl gets the file: unpacked size, rows, cells, XML definitions. openpyxl reads exactly
the parts that were checked. Formulas are never evaluated. Only this module imports openpyxl.
"""

import datetime
import io
import re
import xml.parsers.expat
from typing import Any
from xml.sax.saxutils import escape

import msgspec

from chalicelib.imports import archives

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS = 20_000  # with content, in all sheets together
MAX_BLANK_ROWS = 100_000  # rows that exist only because somebody formatted them
MAX_CELLS = 1_000_000
MAX_COLUMNS = 256
MAX_SHEETS = 30
MAX_PARTS = 2_000  # each picture is a part
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_ELEMENTS = 6_000_000
MAX_DEPTH = 64
EXACT_DIGITS = 15  # spreadsheets keep no more of a number
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # xls, or an encrypted xlsx
_PICTURES = re.compile(r"^xl/(media|drawings)/")
_DECIMALS = re.compile(r"^0(?:\.(0+))?(%?)\Z")
_PLAIN_FORMATS = {"General", "@", "GENERAL", ""}
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CREATED_AT = "1980-01-01T00:00:00Z"


class SheetRefused(Exception):
    """The file is not read; the message tells a person why."""


class Cell(msgspec.Struct, frozen=True, gc=False):  # it holds texts only
    """The text of a cell; `trouble` says why the text is not what a person sees there, "" when it is."""

    text: str = ""
    trouble: str = ""


class Sheet(msgspec.Struct, frozen=True):
    """One sheet: its rows with content, each with the number that the spreadsheet shows."""

    title: str
    rows: list[tuple[int, list[Cell]]]


class Workbook(msgspec.Struct, frozen=True):
    """The visible sheets with content."""

    sheets: tuple[Sheet, ...]
    has_pictures: bool = False


def read_xlsx(data: bytes) -> Workbook:
    """The sheets of a workbook. Raises `SheetRefused`."""
    if data.startswith(_OLD_OFFICE):
        raise SheetRefused("文件是旧版 xls 或加了密码：请去掉密码，另存为 xlsx")
    pictures = False

    def wanted(name: str) -> bool:
        nonlocal pictures
        pictures = pictures or _PICTURES.search(name) is not None
        return name.endswith((".xml", ".rels")) and not _PICTURES.search(name)

    try:
        parts = archives.unpack(
            data, wanted=wanted, most_files=MAX_PARTS, most_bytes=MAX_UNPACKED_BYTES
        )
    except archives.ZipTooLarge:
        raise SheetRefused("表格解压后过大：请删除多余的行、工作表和格式，或分成几个文件") from None
    except archives.ZipRefused:
        raise SheetRefused("不是可以打开的 xlsx 文件") from None
    limits = _Limits()
    for part in parts.values():
        limits.check(part)
    return Workbook(_sheets(archives.pack(parts, compressed=False)), pictures)


class _Limits:
    """Counts elements, rows and cells of a workbook, part by part, and stops at the first limit."""

    def __init__(self) -> None:
        self._elements = self._rows = self._blank_rows = self._cells = 0
        self._depth = 0
        self._filled = True  # whether a cell with content has been seen in the present row

    def check(self, part: bytes) -> None:
        """Count one part. Raises `SheetRefused` when a limit is exceeded, or the part is no XML."""
        self._depth = 0
        parser = xml.parsers.expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        try:
            parser.Parse(part, True)
        except xml.parsers.expat.ExpatError:
            raise SheetRefused("表格文件已损坏") from None

    def _doctype(self, *_: Any) -> None:
        """Refuse definitions of entities: a few of them can expand to gigabytes. No spreadsheet needs them."""
        raise SheetRefused("表格文件含有不允许的 XML 定义")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise SheetRefused("表格文件的结构过于复杂")
        kind = name.rpartition(":")[2]
        if kind == "row":
            self._begin_row(attributes.get("r", ""))
        elif kind == "c":
            self._begin_cell(attributes.get("r", ""))
        elif kind in ("v", "is", "f") and not self._filled:
            self._filled = True
            self._rows += 1
            if self._rows > MAX_ROWS:
                raise SheetRefused(f"表格超过 {MAX_ROWS} 行：请分成几个文件")

    def _end(self, name: str) -> None:
        self._depth -= 1

    def _begin_row(self, number: str) -> None:
        self._filled = False
        self._blank_rows += 1
        far = number and not (number.isdigit() and int(number) <= MAX_BLANK_ROWS)
        if far or self._blank_rows > MAX_BLANK_ROWS:
            raise SheetRefused("表格里有大量空行：请选中最后一题之后的所有行，删除后再保存")

    def _begin_cell(self, place: str) -> None:
        self._cells += 1
        column = 0
        for letter in place.rstrip("0123456789"):
            column = column * 26 + ord(letter) - 64
        if not 0 <= column <= MAX_COLUMNS or self._cells > MAX_CELLS:
            raise SheetRefused(f"表格的列过多：最多 {MAX_COLUMNS} 列，请删除多余的列")


def _sheets(data: bytes) -> tuple[Sheet, ...]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        sheets = tuple(Sheet(sheet.title, _rows(sheet)) for sheet in visible[: MAX_SHEETS + 1])
    except Exception:  # openpyxl trusts its input: a damaged file can raise anything
        raise SheetRefused("表格文件已损坏，或不是标准的 xlsx") from None
    if len(sheets) > MAX_SHEETS:
        raise SheetRefused(f"工作表过多：最多 {MAX_SHEETS} 张")
    return tuple(sheet for sheet in sheets if sheet.rows)


def _rows(sheet: Any) -> list[tuple[int, list[Cell]]]:
    sheet.reset_dimensions()  # a wrong size in the file would add empty cells
    rows = []
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [_cell(entry) for entry in row]
        if any(cell.text.strip() or cell.trouble for cell in cells):
            rows.append((number, cells))
    return rows


def _cell(entry: Any) -> Cell:
    """The text that a person sees in a cell; a trouble when that is uncertain."""
    value, kind = entry.value, entry.data_type
    if value is None:
        return Cell()
    if kind == "f":
        return Cell("", "是公式：请复制后“选择性粘贴”为数值")
    if kind == "e":
        return Cell("", f"是错误值（{value}）")
    if isinstance(value, bool):
        return Cell("TRUE" if value else "FALSE")
    if isinstance(value, int | float):
        return _number(value, entry.number_format or "")
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return Cell("", "是日期：请把单元格格式设为“文本”后重新填写")
    return Cell(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), str(value)))


def _number(value: int | float, number_format: str) -> Cell:
    if abs(value) >= 10**EXACT_DIGITS:
        return Cell("", "的数字超过 15 位，末几位已失真：请把单元格格式设为“文本”后重新填写")
    if number_format in _PLAIN_FORMATS:
        return Cell(f"{value:.15g}" if isinstance(value, float) else str(value))
    if decimal := _DECIMALS.match(number_format):
        decimals, percent = len(decimal[1] or ""), decimal[2]
        return Cell(f"{value * 100 if percent else value:.{decimals}f}{percent}")
    return Cell("", "的数字带有特殊格式：请把单元格格式设为“文本”后重新填写")


# --- writing --------------------------------------------------------------------------------------------


class SheetToWrite(msgspec.Struct, frozen=True):
    """A sheet to be written: headings, rows of text, and the width of each column in characters.

    `choices`: the index of a column → the values that the spreadsheet offers for it.
    """

    title: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    widths: tuple[int, ...]
    choices: dict[int, tuple[str, ...]] = {}


def write_xlsx(pages: list[SheetToWrite]) -> bytes:
    """A workbook of text cells, also for what looks like a number or a formula. The same pages give the same bytes."""
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
        sheet.append([_written(sheet, text, body) if text else None for text in row])


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

    cell = WriteOnlyCell(sheet, value=_ESCAPED.sub(lambda match: f"_x005F{match[0]}", text))
    cell.data_type = "s"
    cell._style = like._style
    return cell
