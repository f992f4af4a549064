"""Workbooks in the format of Excel (xlsx, xlsm; Transitional and Strict), read as a person sees them. Pure.

Formulas are never evaluated, macros never run. openpyxl cannot be used: it tells hidden rows only when it keeps all
cells in memory, and it knows neither Strict files nor pictures inside cells.
"""

import re

from chalicelib.sheets.building import Area, SheetBuilder
from chalicelib.sheets.cell_texts import (
    DATE,
    FORMULA,
    Run,
    error_cell,
    formatted_text_cell,
    number_cell,
)
from chalicelib.sheets.model import (
    EMPTY,
    ESCAPED,
    MAX_COLUMNS,
    Cell,
    Limits,
    Sheet,
    SheetRefused,
    Workbook,
)
from chalicelib.sheets.xlsx_parts import XlsxParts
from chalicelib.sheets.xlsx_pictures import CellPictures, find_drawn
from chalicelib.sheets.xlsx_texts import (
    FALSE_WORDS,
    RichText,
    Runs,
    SharedTexts,
    Styles,
    unescaped,
)
from chalicelib.sheets.xml_parts import Attributes, local_attributes, number_of

MAX_ROW = 1_048_576
_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})\Z")
_DISPIMG = re.compile(r'^=?(?:_xlfn\.)?DISPIMG\(\s*"([^"]+)"', re.IGNORECASE)


def read_xlsx(data: bytes) -> Workbook:
    """The sheets of a workbook. Raises `SheetRefused`."""
    parts = XlsxParts(data)
    limits = Limits()
    limits.expect_rows(parts.count_rows())
    book = parts.tree(parts.workbook)
    relations = parts.relations(parts.workbook)
    reader = _SheetReader(parts)
    visible: list[Sheet] = []
    hidden: list[str] = []
    for entry in book.iterfind("sheets/sheet"):
        relation = relations.get(entry.get("id", ""))
        if relation is None or relation.kind != "worksheet":
            continue
        sheet = reader.read(relation.target, SheetBuilder(entry.get("name", ""), limits))
        if entry.get("state", "visible") == "visible":
            visible.append(sheet)
        elif sheet.rows:
            hidden.append(sheet.title)
    sheets = tuple(sheet for sheet in visible if sheet.rows or sheet.hidden_rows)
    return Workbook(sheets, tuple(hidden), has_macros=parts.has_macros)


class _SheetReader:
    """Reads the sheets of one workbook, which share texts, styles and pictures."""

    def __init__(self, parts: XlsxParts) -> None:
        self._parts = parts
        self._styles = Styles(parts.tree_of_kind("styles"))
        texts = SharedTexts()
        if (name := parts.find("sharedStrings")) is not None:
            parts.read(name, texts)
        self._cells = _Cells(texts.runs, self._styles, CellPictures(parts))

    def read(self, name: str, builder: SheetBuilder) -> Sheet:
        """The sheet in a part. Raises `SheetRefused`."""
        content = _SheetContent(builder, self._cells)
        self._parts.read(name, content)
        relations = self._parts.relations(name)
        for relation_id in content.drawings:
            if relation := relations.get(relation_id):
                find_drawn(self._parts, relation.target, builder)
        return builder.finish()


class _Cells:
    """Makes cells of what a sheet stores. Equal cells are made once."""

    def __init__(self, texts: list[Runs], styles: Styles, pictures: CellPictures) -> None:
        self._texts = texts
        self._styles = styles
        self._pictures = pictures
        self._shared: dict[tuple[str, str], Cell] = {}

    def make(
        self, attributes: Attributes, value: str, formula: str | None, runs: Runs | None
    ) -> Cell:
        """A cell by its attributes, its value, its formula (None without one) and its own text."""
        picture = self._picture(attributes, formula or value)
        if picture is not None:
            return picture
        if formula is not None:
            return FORMULA
        style = attributes.get("s", "")
        match attributes.get("t", "n"):
            case "s":
                return self._of_shared(value, style)
            case "inlineStr":
                return self._of_runs(runs or (), style)
            case "str":
                return self._of_runs(((ESCAPED.sub(unescaped, value), None),), style)
            case "b":
                return self._of_runs((("TRUE" if value == "1" else "FALSE", None),), style)
            case "e":
                return error_cell(value)
            case "d":
                return DATE
        return self._of_number(value, style)

    def _picture(self, attributes: Attributes, text: str) -> Cell | None:
        """The picture inside of a cell, as WPS or Excel keep it; None for a cell without one."""
        if shown := _DISPIMG.match(text):
            return self._pictures.of_wps(shown[1])
        if attributes.get("t") == "e" and "vm" in attributes:
            return self._pictures.of_value(attributes["vm"])
        return None

    def _of_shared(self, number: str, style: str) -> Cell:
        cell = self._shared.get((number, style))
        if cell is None:
            index = number_of(number.strip(), len(self._texts))
            if index >= len(self._texts):
                raise SheetRefused("表格文件已损坏")
            cell = self._of_runs(self._texts[index], style)
            self._shared[number, style] = cell
        return cell

    def _of_runs(self, runs: Runs, style: str) -> Cell:
        own, number_format = self._styles.find(style)
        pieces = [Run(text, own if font is None else font) for text, font in runs]
        return formatted_text_cell(pieces, number_format)

    def _of_number(self, text: str, style: str) -> Cell:
        if not text.strip():
            return Cell()
        font, number_format = self._styles.find(style)
        try:
            value = int(text) if text.strip("-").isdigit() else float(text)
        except ValueError:
            raise SheetRefused("表格文件已损坏") from None
        return number_cell(value, number_format, font)


class _SheetContent:
    """A handler for one sheet: puts its cells into a builder. `drawings`: ids of the parts with what is drawn on it."""

    def __init__(self, builder: SheetBuilder, cells: _Cells) -> None:
        self.drawings: list[str] = []
        self._builder = builder
        self._cells = cells
        self._hidden: set[range] = set()
        self._in_data = False
        self._row = 0
        self._column = -1
        self._columns: dict[str, int] = {}  # by letters
        self._attributes: Attributes = {}
        self._value = ""
        self._formula: str | None = None
        self._rich: RichText | None = None
        self._collected: list[str] | None = None  # pieces of the present value or formula
        self._object: list[str] = []  # names of the open elements of an embedded object

    def begin(self, name: str, attributes: Attributes) -> None:
        if not self._in_data:
            self._begin_outside(name, attributes)
        elif name == "c":
            self._begin_cell(attributes)
        elif self._rich is not None:
            self._rich.begin(name, attributes)
        elif name in ("v", "f"):
            self._collected = []
        elif name == "row":
            self._begin_row(attributes)
        elif name == "is":
            self._rich = RichText()

    def _begin_outside(self, name: str, attributes: Attributes) -> None:
        if self._object:
            self._object.append(name)
            self._collected = [] if self._object[-2:] == ["from", "row"] else None
        elif name == "sheetData":
            self._in_data = True
        elif name == "col":
            self._hide_columns(attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif name == "drawing":
            self.drawings.append(local_attributes(attributes).get("id", ""))
        elif name in ("oleObject", "control"):
            self._object.append(name)

    def end(self, name: str) -> None:
        if not self._in_data:
            self._end_outside()
        elif name == "c":
            self._end_cell()
        elif name == "is":
            pass
        elif self._rich is not None:
            self._rich.end(name)
        elif name == "v" and self._collected is not None:
            self._value, self._collected = "".join(self._collected), None
        elif name == "f" and self._collected is not None:
            self._formula, self._collected = "".join(self._collected), None
        elif name == "sheetData":
            self._in_data = False

    def _end_outside(self) -> None:
        if self._collected is not None:
            self._builder.objects.add(number_of("".join(self._collected), 0) + 1)
            self._collected = None
        if self._object:
            self._object.pop()

    def add(self, text: str) -> None:
        if self._collected is not None:
            self._collected.append(text)
        elif self._rich is not None:
            self._rich.add(text)

    def _hide_columns(self, attributes: Attributes) -> None:
        if not _is_hidden(attributes, "width"):
            return
        first, last = (number_of(attributes.get(name), 0) for name in ("min", "max"))
        columns = range(max(first, 1) - 1, min(last, MAX_COLUMNS))
        if columns not in self._hidden:  # a file may say it a million times
            self._hidden.add(columns)
            self._builder.hidden_columns.update(columns)

    def _merge(self, reference: str) -> None:
        begin, _, end = reference.partition(":")
        first, last = self._place(begin), self._place(end or begin)
        area = Area(first[0], first[1], last[0], last[1])
        if area.bottom > area.top or area.right > area.left:
            self._builder.merged.append(area)

    def _begin_row(self, attributes: Attributes) -> None:
        number = attributes.get("r")
        self._row = number_of(number, 0) if number else self._row + 1
        if not 0 < self._row <= MAX_ROW:
            raise SheetRefused("表格文件已损坏")
        self._column = -1
        if _is_hidden(attributes, "ht"):
            self._builder.hidden_rows.add(self._row)

    def _begin_cell(self, attributes: Attributes) -> None:
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            self._column = self._column_of(place.rstrip("0123456789"))
        self._attributes = attributes
        self._value, self._formula, self._rich = "", None, None

    def _end_cell(self) -> None:
        runs = tuple(self._rich.runs) if self._rich else None
        self._rich = None
        filled = self._value or self._formula is not None or runs
        cell = (
            self._cells.make(self._attributes, self._value, self._formula, runs)
            if filled
            else EMPTY
        )
        self._builder.add(self._row, self._column, cell)

    def _place(self, reference: str) -> tuple[int, int]:
        """Row and column of a cell. Raises `SheetRefused`."""
        place = _PLACE.match(reference)
        if place is None:
            raise SheetRefused("表格文件已损坏")
        return int(place[2]), self._column_of(place[1])

    def _column_of(self, letters: str) -> int:
        column = self._columns.get(letters)
        if column is None:
            if not letters.isascii() or not letters.isalpha():
                raise SheetRefused("表格文件已损坏")
            column = 0
            for letter in letters.upper()[:4]:
                column = column * 26 + ord(letter) - 64
            column -= 1
            self._columns[letters] = column
        return column


def _is_hidden(attributes: Attributes, size: str) -> bool:
    """Whether a row or column is hidden, or has no height or width."""
    hidden = attributes.get("hidden", "0").lower() not in FALSE_WORDS
    return hidden or not attributes.get(size, "1").strip("0.")
