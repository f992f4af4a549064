"""Workbooks in the OpenDocument format (ods), read as a person sees them. Pure.

The file itself says which text is shown in a cell, and which rows, columns and sheets are hidden.
"""

import re

import msgspec

from chalicelib.shared import archives
from chalicelib.sheets.building import Area, SheetBuilder
from chalicelib.sheets.cell_texts import (
    DATE,
    FORMULA,
    PLAIN,
    TOO_LONG,
    Font,
    Run,
    error_cell,
    is_too_long,
    text_cell,
)
from chalicelib.sheets.model import (
    MAX_COLUMNS,
    MAX_PARTS,
    MAX_ROWS,
    Cell,
    CellPicture,
    Limits,
    Sheet,
    SheetRefused,
    Workbook,
    alt_text,
)
from chalicelib.sheets.ods_styles import Styles, StylesOnly
from chalicelib.sheets.xml_parts import Attributes, XmlParts, local_attributes, number_of

MAX_UNPACKED_BYTES = 64 * 1024 * 1024  # of all XML parts, and again of all pictures
CONTENT = "content.xml"
_FILLED_ROW = re.compile(
    rb"<(?:\w+:)?table-row\b[^<>]*>\s*<(?:\w+:)?table-cell\b[^<>]*>\s*<(?:\w+:)?p\b"
)
_MANIFEST = "META-INF/manifest.xml"
_UNREADABLE = "不是可以打开的 ods 表格：请用表格软件打开，另存为 xlsx"
_NUMBERS = {"float", "percentage", "currency"}
_HIDDEN = {"collapse", "filter"}
_SKIPPED = {"annotation", "tracked-changes", "forms"}  # what is in them is not in the cells
_DRAWN = {"frame", "custom-shape", "rect", "line", "ellipse", "g", "control"}
_STYLED_TEXTS = {"p", "span", "a"}
_TEXTS = {*_STYLED_TEXTS, "line-break", "s", "tab"}
_CELLS = {"table-cell", "covered-table-cell"}
_GROUPS = {"table-row-group", "table-column-group"}
_MOST_REPEATED = 1_048_576


def read_ods(data: bytes) -> Workbook:
    """The sheets of a workbook. Raises `SheetRefused`."""
    parts = _unpack(data, (CONTENT, "styles.xml", _MANIFEST))
    if b"encryption-data" in parts.get(_MANIFEST, b""):
        raise SheetRefused("文件加了密码：请去掉密码后重新上传")
    if CONTENT not in parts:
        raise SheetRefused(_UNREADABLE)
    limits = Limits()
    limits.expect_rows(len(_FILLED_ROW.findall(parts[CONTENT])))
    xml = XmlParts()
    styles = Styles()
    if "styles.xml" in parts:
        xml.read(parts["styles.xml"], StylesOnly(styles))
    book = _Book(styles, _Pictures(data), limits)
    xml.read(parts[CONTENT], book)
    sheets = tuple(sheet for sheet in book.visible if sheet.rows or sheet.hidden_rows)
    return Workbook(sheets, tuple(sheet.title for sheet in book.hidden if sheet.rows))


def _unpack(data: bytes, names: tuple[str, ...]) -> dict[str, bytes]:
    """The parts whose names begin with one of these. Raises `SheetRefused`."""
    try:
        return archives.unpack(
            data,
            wanted=lambda name: name.startswith(names),
            most_files=MAX_PARTS,
            most_bytes=MAX_UNPACKED_BYTES,
        )
    except archives.ZipTooLarge:
        raise SheetRefused("表格解压后过大：请删除多余的行和工作表，缩小图片") from None
    except archives.ZipRefused:
        raise SheetRefused(_UNREADABLE) from None


class _Pictures:
    """The pictures of a file, unpacked when one is asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._files: dict[str, bytes] | None = None

    def find(self, name: str) -> bytes:
        """The bytes of a picture; empty when it is not there. Raises `SheetRefused`."""
        if self._files is None:
            self._files = _unpack(self._data, ("Pictures/", "media/"))
        return self._files.get(name.removeprefix("./"), b"")


class _Book:
    """A handler for the content: styles, then sheets."""

    def __init__(self, styles: Styles, pictures: _Pictures, limits: Limits) -> None:
        self.visible: list[Sheet] = []
        self.hidden: list[Sheet] = []
        self._styles = styles
        self._pictures = pictures
        self._limits = limits
        self._table: _Table | None = None
        self._is_hidden = False

    def begin(self, name: str, attributes: Attributes) -> None:
        """Note that an element begins."""
        if self._table is not None:
            self._table.begin(name, local_attributes(attributes))
        elif name == "table":
            told = local_attributes(attributes)
            self._is_hidden = self._styles.is_hidden(told.get("style-name", ""))
            builder = SheetBuilder(told.get("name", ""), self._limits)
            self._table = _Table(builder, self._styles, self._pictures)
        else:
            self._styles.begin(name, attributes)

    def end(self, name: str) -> None:
        """Note that an element ends."""
        if self._table is None:
            self._styles.end(name)
        elif self._table.end(name):
            kept = self.hidden if self._is_hidden else self.visible
            kept.append(self._table.builder.finish())
            self._table = None

    def add(self, text: str) -> None:
        """Note a piece of text."""
        if self._table is not None:
            self._table.add(text)


class _Frame:
    """A picture or another object that is just being read."""

    def __init__(self) -> None:
        self.href = ""
        self.alt = ""
        self.depth = 1
        self.in_alt = False


class _Texts:
    """Collects the runs of a cell. Each paragraph is a line."""

    def __init__(self, font: Font, styles: Styles) -> None:
        """`font`: that of the cell."""
        self.runs: list[Run] = []
        self._styles = styles
        self._fonts = [font]
        self._paragraphs = 0
        self._is_open = False

    def begin(self, name: str, told: Attributes) -> None:
        """Note that a paragraph, a piece of it or a character begins."""
        if name == "p":
            if self._paragraphs:
                self.runs.append(Run("\n", self._fonts[0]))
            self._paragraphs += 1
            self._is_open = True
        elif name in _STYLED_TEXTS:
            style = told.get("style-name", "") if name == "span" else ""
            self._fonts.append(self._styles.font("text", style, self._fonts[-1]))
        else:
            characters = {"line-break": "\n", "tab": "\t"}
            self.add(characters.get(name) or " " * min(_repeated(told, "c"), MAX_COLUMNS))

    def end(self, name: str) -> None:
        """Note that a paragraph or a piece of it ends."""
        if name == "p":
            self._is_open = False
        elif len(self._fonts) > 1:
            self._fonts.pop()

    def add(self, text: str) -> None:
        """Add a text; what stands outside of paragraphs is not shown."""
        if self._is_open:
            self.runs.append(Run(text, self._fonts[-1]))


class _Table:
    """Reads one sheet."""

    def __init__(self, builder: SheetBuilder, styles: Styles, pictures: _Pictures) -> None:
        self.builder = builder
        self._styles = styles
        self._pictures = pictures
        self._depth = 0  # open tables inside of this one
        self._row = 0
        self._rows_repeated = 1
        self._column = 0
        self._columns_repeated = 1
        self._column_styles: list[str] = []
        self._cells: list[tuple[int, int, Cell]] = []  # of the row: first column, how many, cell
        self._cell: Attributes | None = None
        self._is_row_hidden = self._in_shapes = False
        self._texts = _Texts(PLAIN, styles)
        self._found: list[CellPicture] = []
        self._frame: _Frame | None = None
        self._skipped: list[str] = []  # open elements whose texts are not in the cell: comments
        self._hidden_groups = [False]

    def begin(self, name: str, told: Attributes) -> None:
        """Note that an element begins."""
        if self._skipped or name in _SKIPPED:
            self._skipped.append(name)
        elif self._frame is not None:
            self._begin_in_frame(name, told)
        elif name in _DRAWN:
            self._frame = _Frame()
        elif name in _TEXTS:
            self._texts.begin(name, told)
        elif name in _CELLS:
            self._begin_cell(told)
        elif name == "table-row":
            self._begin_row(told)
        elif name == "table-column":
            self._add_columns(told)
        else:
            self._begin_group(name, told)

    def _begin_group(self, name: str, told: Attributes) -> None:
        if name in _GROUPS:
            closed = told.get("display") == "false" or self._hidden_groups[-1]
            self._hidden_groups.append(closed)
        elif name == "shapes":
            self._in_shapes = True
        elif name == "table":
            self._depth += 1

    def end(self, name: str) -> bool:
        """Note that an element ends; returns whether it is the sheet."""
        if self._skipped:
            self._skipped.pop()
        elif self._frame is not None:
            self._end_in_frame(self._frame)
        elif name in _STYLED_TEXTS:
            self._texts.end(name)
        elif name in _CELLS:
            self._end_cell()
        elif name == "table-row":
            self._end_row()
        elif name in _GROUPS:
            self._hidden_groups.pop()
        elif name == "shapes":
            self._in_shapes = False
        elif name == "table":
            self._depth -= 1
            return self._depth < 0
        return False

    def add(self, text: str) -> None:
        """Note a piece of text."""
        if self._skipped:
            return
        if self._frame is not None:
            if self._frame.in_alt:
                self._frame.alt += text
        else:
            self._texts.add(text)

    # --- columns and rows ---

    def _add_columns(self, told: Attributes) -> None:
        count = _repeated(told, "number-columns-repeated")
        first = len(self._column_styles)
        shown = min(count, MAX_COLUMNS - first)
        self._column_styles += [told.get("default-cell-style-name", "")] * max(shown, 0)
        if told.get("visibility") in _HIDDEN or self._hidden_groups[-1]:
            self.builder.hidden_columns.update(range(first, first + max(shown, 0)))

    def _begin_row(self, told: Attributes) -> None:
        self._rows_repeated = _repeated(told, "number-rows-repeated")
        self._column, self._cells = 0, []
        self._is_row_hidden = told.get("visibility") in _HIDDEN or self._hidden_groups[-1]

    def _end_row(self) -> None:
        filled = [entry for entry in self._cells if entry[2].is_filled]
        first = self._row + 1
        self._row += self._rows_repeated
        if not filled:
            return
        for row in range(first, min(self._row, first + MAX_ROWS) + 1):
            if self._is_row_hidden:
                self.builder.hidden_rows.add(row)
            for column, count, cell in filled:
                for place in range(column, min(column + count, MAX_COLUMNS + 1)):
                    self.builder.add(row, place, cell)

    # --- cells ---

    def _begin_cell(self, told: Attributes) -> None:
        self._cell = told
        self._columns_repeated = _repeated(told, "number-columns-repeated")
        font = self._styles.font("table-cell", self._style(told))
        self._texts = _Texts(font, self._styles)
        self._found = []
        rows, columns = (_repeated(told, f"number-{n}-spanned") for n in ("rows", "columns"))
        if rows > 1 or columns > 1:
            top, left = self._row + 1, self._column
            area = Area(top, left, top + rows - 1, left + columns - 1)
            self.builder.merged.append(area)

    def _column_style(self) -> str:
        known = self._column < len(self._column_styles)
        return self._column_styles[self._column] if known else ""

    def _end_cell(self) -> None:
        assert self._cell is not None
        cell = self._made(self._cell)
        if cell.is_filled:
            self._cells.append((self._column, self._columns_repeated, cell))
        self._column += self._columns_repeated
        self._cell = None

    def _hides_text(self, told: Attributes) -> bool:
        """Whether the number format of a cell does not show the text in it."""
        is_number = told.get("value-type", "") in _NUMBERS
        return not is_number and self._styles.hides_text(self._style(told))

    def _style(self, told: Attributes) -> str:
        """The style of the present cell, or else of its column."""
        return told.get("style-name") or self._column_style()

    def _made(self, told: Attributes) -> Cell:
        """The cell of what was collected."""
        kind, is_shown = (
            told.get("value-type", ""),
            any(run.text.strip() for run in self._texts.runs),
        )
        pictures = tuple(self._found)
        cell = text_cell(self._texts.runs)
        if told.get("formula"):
            cell = FORMULA
        elif kind == "error":
            cell = error_cell(cell.text)
        elif kind in ("date", "time"):
            cell = DATE
        elif kind in _NUMBERS and _is_too_long(told.get("value", "")):
            cell = TOO_LONG
        elif (kind in _NUMBERS and told.get("value") and not is_shown) or (
            is_shown and self._hides_text(told)
        ):
            cell = Cell("", hidden=True)
        return msgspec.structs.replace(cell, pictures=pictures) if pictures else cell

    # --- pictures and objects ---

    def _begin_in_frame(self, name: str, told: Attributes) -> None:
        frame = self._frame
        assert frame is not None
        frame.depth += 1
        frame.in_alt = name in ("title", "desc")
        if name == "image" and not frame.href:
            frame.href = told.get("href", "")
        elif name in ("object", "object-ole", "text-box", "plugin"):
            frame.href = "-"

    def _end_in_frame(self, frame: _Frame) -> None:
        frame.in_alt = False
        frame.depth -= 1
        if frame.depth:
            return
        self._frame = None
        is_picture = frame.href not in ("", "-")
        if is_picture and self._cell is not None and not self._in_shapes:
            self.builder.count_picture()
            self._found.append(CellPicture(self._pictures.find(frame.href), alt_text(frame.alt)))
        else:
            self.builder.objects.add(max(self._row + 1, 1))


def _is_too_long(number: str) -> bool:
    try:
        return is_too_long(float(number))
    except ValueError:
        return False


def _repeated(told: Attributes, name: str) -> int:
    """How often something occurs; 1 when the attribute is missing."""
    return max(1, min(number_of(told.get(name), 1), _MOST_REPEATED))
