"""Workbooks in the old binary format (xls; et of WPS), read by xlrd as a person sees them. Pure.

xlrd does not say which cells are formulas and whether there are pictures, so the records are looked through before.
That is also where the limits are checked. Only this module imports xlrd.
"""

import io
import struct
from collections.abc import Iterator
from typing import Any

from chalicelib.exams.content import Mark
from chalicelib.sheets.building import Area, SheetBuilder
from chalicelib.sheets.cell_texts import (
    FORMULA,
    PLAIN,
    UNREADABLE_PICTURE,
    Font,
    Run,
    error_cell,
    formatted_text_cell,
    number_cell,
)
from chalicelib.sheets.model import Cell, Limits, Sheet, SheetRefused, Workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how compound files begin
_BOF, _FORMULA, _FILEPASS, _BOUNDSHEET, _OBJECT = 0x809, (0x06, 0x206, 0x406), 0x2F, 0x85, 0x5D
_CELL_RECORDS = {0xFD, 0x203, 0x27E, 0xBD, 0x204, 0x205, 0xD6, *_FORMULA}  # those with a value
_MANY_CELLS = 0xBD  # numbers of several columns in one record
_PICTURE = 8  # the type of an object
_VISIBLE, _WORKSHEET = 0, 0
_BOLD = 700
_LEAST_BYTES = 6  # of a record that is looked at


def read_xls(data: bytes) -> Workbook:
    """The sheets of a workbook. Raises `SheetRefused`."""
    survey = _Survey(_stream(data))
    book = _open(data)
    limits = Limits()
    visible: list[Sheet] = []
    hidden: list[str] = []
    try:
        fonts = [_font(entry) for entry in book.font_list]
        for number, entry in enumerate(book.sheets()):
            reader = _Reader(book, entry, fonts, survey.formulas(number))
            sheet = reader.read(SheetBuilder(entry.name, limits))
            if entry.visibility == _VISIBLE:
                visible.append(sheet)
            elif sheet.rows:
                hidden.append(sheet.title)
    except (IndexError, KeyError, ValueError, TypeError, AttributeError):
        raise SheetRefused("表格文件已损坏") from None
    sheets = tuple(sheet for sheet in visible if sheet.rows or sheet.hidden_rows)
    return Workbook(sheets, tuple(hidden), has_pictures=survey.has_pictures)


def _stream(data: bytes) -> bytes:
    """The stream of records in a compound file. Raises `SheetRefused`."""
    import xlrd.compdoc

    try:
        document = xlrd.compdoc.CompDoc(data, logfile=io.StringIO())
        if document.get_named_stream("EncryptedPackage") is not None:
            raise SheetRefused("文件加了密码：请去掉密码后重新上传")
        stream = document.get_named_stream("Workbook") or document.get_named_stream("Book")
    except SheetRefused:
        raise
    except Exception:  # a damaged file can raise anything
        raise SheetRefused("表格文件已损坏") from None
    if stream is None:
        raise SheetRefused("不是可以打开的 xls 文件：请另存为 xlsx")
    return bytes(stream)


def _records(stream: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Each record: its offset, its kind, and where its content begins and ends."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, at + 4, min(at + 4 + length, len(stream))
        at += 4 + length


class _Survey:
    """What the records say: the formulas of each sheet (by the offset of its first record), and pictures."""

    def __init__(self, stream: bytes) -> None:
        """Look through all records. Raises `SheetRefused` when a limit is exceeded, or the file is encrypted."""
        self.has_pictures = False
        self.sheet_offsets: list[int] = []
        self._formulas: dict[int, set[tuple[int, int]]] = {}
        self._present: set[tuple[int, int]] = set()
        self._stream = stream
        self._limits = Limits()
        self._row = -1
        for offset, kind, begin, end in _records(stream):
            if kind == _FILEPASS:
                raise SheetRefused("文件加了密码：请去掉密码后重新上传")
            if kind == _BOF:
                self._present = self._formulas[offset] = set()
                self._row = -1
            elif end - begin >= _LEAST_BYTES:
                self._look_at(kind, begin, end)

    def _look_at(self, kind: int, begin: int, end: int) -> None:
        if kind == _BOUNDSHEET:
            if self._stream[begin + 5] == _WORKSHEET:
                self.sheet_offsets.append(struct.unpack_from("<I", self._stream, begin)[0])
        elif kind in _CELL_RECORDS:
            self._count(kind, begin, end)
        elif kind == _OBJECT:
            what = struct.unpack_from("<H", self._stream, begin + 4)[0]
            self.has_pictures |= what == _PICTURE

    def _count(self, kind: int, begin: int, end: int) -> None:
        row, column = struct.unpack_from("<HH", self._stream, begin)
        if row != self._row:
            self._limits.add_row()
            self._row = row
        count = (end - begin - 6) // 6 if kind == _MANY_CELLS else 1
        for place in range(column, column + count):
            self._limits.add_cell(place)
        if kind in _FORMULA:
            self._present.add((row, column))

    def formulas(self, sheet: int) -> set[tuple[int, int]]:
        """Row and column of each formula of a sheet, numbered from 0."""
        known = sheet < len(self.sheet_offsets)
        return self._formulas.get(self.sheet_offsets[sheet], set()) if known else set()


def _open(data: bytes) -> Any:
    import xlrd

    try:
        return xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )
    except Exception:  # xlrd trusts its input: a damaged file can raise anything
        raise SheetRefused("表格文件已损坏，或不是标准的 xls：请另存为 xlsx") from None


def _font(entry: Any) -> Font:
    marks = []
    if entry.weight >= _BOLD or entry.bold:
        marks.append(Mark.BOLD)
    if entry.escapement in (1, 2):
        marks.append(Mark.SUPERSCRIPT if entry.escapement == 1 else Mark.SUBSCRIPT)
    if entry.underline_type:
        marks.append(Mark.UNDERLINE)
    ordered = tuple(sorted(marks, key=lambda mark: mark.value))
    return Font(ordered, bool(entry.struck_out)) if ordered or entry.struck_out else PLAIN


class _Reader:
    """Reads one sheet."""

    def __init__(
        self, book: Any, sheet: Any, fonts: list[Font], formulas: set[tuple[int, int]]
    ) -> None:
        self._book = book
        self._sheet = sheet
        self._fonts = fonts
        self._formulas = formulas

    def read(self, builder: SheetBuilder) -> Sheet:
        """The sheet. Raises `SheetRefused` when a limit is exceeded."""
        for row, info in self._sheet.rowinfo_map.items():
            if info.hidden or info.height == 0:
                builder.hidden_rows.add(row + 1)
        for column, info in self._sheet.colinfo_map.items():
            if info.hidden or info.width == 0:
                builder.hidden_columns.add(column)
        for top, bottom, left, right in self._sheet.merged_cells:
            builder.merged.append(Area(top + 1, left, bottom, right - 1))
        for row in range(self._sheet.nrows):
            for column in range(self._sheet.row_len(row)):
                cell = self._cell(row, column)
                if cell is not None:
                    builder.add(row + 1, column, cell)
        return builder.finish()

    def _cell(self, row: int, column: int) -> Cell | None:
        """A cell; None for one without content."""
        import xlrd

        kind, value = self._sheet.cell_type(row, column), self._sheet.cell_value(row, column)
        if (row, column) in self._formulas:
            return UNREADABLE_PICTURE if _shows_picture(value) else FORMULA
        if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            return None
        style = self._book.xf_list[self._sheet.cell_xf_index(row, column)]
        font = self._fonts[style.font_index]
        number_format = self._book.format_map[style.format_key].format_str
        match kind:
            case xlrd.XL_CELL_TEXT:
                return formatted_text_cell(self._runs(row, column, value, font), number_format)
            case xlrd.XL_CELL_BOOLEAN:
                return formatted_text_cell([Run("TRUE" if value else "FALSE", font)], number_format)
            case xlrd.XL_CELL_ERROR:
                return error_cell(xlrd.error_text_from_code.get(value, ""))
        return number_cell(float(value), number_format, font)

    def _runs(self, row: int, column: int, text: str, font: Font) -> list[Run]:
        starts = self._sheet.rich_text_runlist_map.get((row, column), ())
        runs, begin = [], 0
        for start, number in starts:
            runs.append(Run(text[begin:start], font))
            begin, font = start, self._fonts[number]
        return [*runs, Run(text[begin:], font)]


def _shows_picture(value: Any) -> bool:
    """Whether the result of a formula is a picture that WPS put into the cell."""
    return isinstance(value, str) and "DISPIMG(" in value
