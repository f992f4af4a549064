"""Workbooks in the OpenDocument format (ods), read as a person sees them. Pure.

The file itself says which text is shown in a cell, and which rows, columns and sheets are hidden.
"""

import re
from typing import Any

import msgspec

from chalicelib.exams.content import Mark
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
from chalicelib.sheets.xml_parts import Attributes, XmlParts, local_attributes

MAX_UNPACKED_BYTES = 64 * 1024 * 1024  # of all XML parts, and again of all pictures
CONTENT = "content.xml"
_FILLED_ROW = re.compile(
    rb"<(?:\w+:)?table-row\b[^>]*>\s*<(?:\w+:)?table-cell\b[^>]*>\s*<(?:\w+:)?p\b"
)
_MANIFEST = "META-INF/manifest.xml"
_UNREADABLE = "不是可以打开的 ods 文件"
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
    styles = _Styles()
    if "styles.xml" in parts:
        xml.read(parts["styles.xml"], _StylesOnly(styles))
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


# --- styles ---------------------------------------------------------------------------------------------


class _Style(msgspec.Struct, frozen=True):
    """What a style changes; None leaves it as in the style of its parent."""

    parent: str = ""
    bold: bool | None = None
    underlined: bool | None = None
    position: Mark | None = None
    struck: bool | None = None
    hidden: bool = False


class _Styles:
    """The styles by family and name."""

    def __init__(self) -> None:
        self._styles: dict[tuple[str, str], _Style] = {}
        self._open: tuple[str, str] | None = None
        self._fonts: dict[tuple[str, str], Font] = {}

    def begin(self, name: str, attributes: Attributes) -> None:
        """Note a style or one of its properties."""
        if name == "style":
            told = local_attributes(attributes)
            self._open = (told.get("family", ""), told.get("name", ""))
            self._styles[self._open] = _Style(told.get("parent-style-name", ""))
        elif self._open and name == "text-properties":
            changes = _text_changes(local_attributes(attributes))
            self._change(changes)
        elif self._open and name == "table-properties":
            self._change({"hidden": local_attributes(attributes).get("display") == "false"})

    def _change(self, changes: dict[str, Any]) -> None:
        assert self._open is not None
        present = self._styles[self._open]
        self._styles[self._open] = msgspec.structs.replace(present, **changes)

    def end(self, name: str) -> None:
        """Note the end of a style."""
        if name == "style":
            self._open = None

    def is_hidden(self, table: str) -> bool:
        """Whether the style of a table hides it."""
        return self._styles.get(("table", table), _Style()).hidden

    def font(self, family: str, name: str, outer: Font = PLAIN) -> Font:
        """The font of a style; what the style leaves open is as in `outer`."""
        if not name:
            return outer
        if outer == PLAIN and (found := self._fonts.get((family, name))):
            return found
        told: dict[str, Any] = {}
        seen = set()
        key = (family, name)
        while key in self._styles and key not in seen:
            seen.add(key)
            style = self._styles[key]
            for field in ("bold", "underlined", "position", "struck"):
                value = getattr(style, field)
                if value is not None:
                    told.setdefault(field, value)
            key = (family, style.parent)
        font = _font(told, outer)
        if outer == PLAIN:
            self._fonts[family, name] = font
        return font


def _text_changes(told: Attributes) -> dict[str, Any]:
    """What the properties of a text change."""
    changes: dict[str, Any] = {}
    if weight := told.get("font-weight"):
        changes["bold"] = weight == "bold" or (weight.isdigit() and int(weight) >= 600)
    if underline := told.get("text-underline-style"):
        changes["underlined"] = underline != "none"
    line = told.get("text-line-through-style") or told.get("text-line-through-type")
    if line:
        changes["struck"] = line != "none"
    if position := told.get("text-position"):
        changes["position"] = _position(position.split()[0])
    return changes


def _position(text: str) -> Mark | None:
    """Superscript or subscript of `super`, `sub`, or a distance such as `-33%`."""
    if text == "super":
        return Mark.SUPERSCRIPT
    if text == "sub":
        return Mark.SUBSCRIPT
    distance = text.rstrip("%")
    if not distance.strip("0"):
        return None
    return Mark.SUBSCRIPT if distance.startswith("-") else Mark.SUPERSCRIPT


def _font(told: dict[str, Any], outer: Font) -> Font:
    marks = set(outer.marks)
    for field, mark in (("bold", Mark.BOLD), ("underlined", Mark.UNDERLINE)):
        if field in told:
            (marks.add if told[field] else marks.discard)(mark)
    if "position" in told:
        marks -= {Mark.SUPERSCRIPT, Mark.SUBSCRIPT}
        marks.add(told["position"])
    ordered = tuple(sorted(marks, key=lambda mark: mark.value))
    return Font(ordered, told.get("struck", outer.struck))


class _StylesOnly:
    """A handler for a part of which only the styles are read."""

    def __init__(self, styles: _Styles) -> None:
        self.begin, self.end = styles.begin, styles.end

    def add(self, text: str) -> None:
        """Texts do not matter."""


# --- sheets ---------------------------------------------------------------------------------------------


class _Book:
    """A handler for the content: styles, then sheets."""

    def __init__(self, styles: _Styles, pictures: _Pictures, limits: Limits) -> None:
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


class _Table:
    """Reads one sheet."""

    def __init__(self, builder: SheetBuilder, styles: _Styles, pictures: _Pictures) -> None:
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
        self._runs: list[Run] = []
        self._fonts: list[Font] = [PLAIN]
        self._paragraphs = 0
        self._in_paragraph = 0
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
            self._begin_text(name, told)
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
            self._end_text(name)
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
        elif self._in_paragraph:
            self._runs.append(Run(text, self._fonts[-1]))

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
        style = told.get("style-name") or self._column_style()
        self._fonts = [self._styles.font("table-cell", style)]
        self._runs, self._found = [], []
        self._paragraphs = self._in_paragraph = 0
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

    def _made(self, told: Attributes) -> Cell:
        """The cell of what was collected."""
        kind = told.get("value-type", "")
        pictures = tuple(self._found)
        cell = text_cell(self._runs)
        if told.get("formula"):
            cell = FORMULA
        elif kind == "error":
            cell = error_cell(cell.text)
        elif kind in ("date", "time"):
            cell = DATE
        elif kind in _NUMBERS and _is_too_long(told.get("value", "")):
            cell = TOO_LONG
        return msgspec.structs.replace(cell, pictures=pictures) if pictures else cell

    # --- texts ---

    def _begin_text(self, name: str, told: Attributes) -> None:
        if name == "p":
            if self._paragraphs:
                self._runs.append(Run("\n", self._fonts[0]))
            self._paragraphs += 1
            self._in_paragraph += 1
        elif not self._in_paragraph:
            return
        elif name in ("span", "a"):
            outer = self._fonts[-1]
            style = told.get("style-name", "") if name == "span" else ""
            self._fonts.append(self._styles.font("text", style, outer))
        else:
            signs = {"line-break": "\n", "tab": "\t"}
            text = signs.get(name) or " " * min(_repeated(told, "c"), MAX_COLUMNS)
            self._runs.append(Run(text, self._fonts[-1]))

    def _end_text(self, name: str) -> None:
        if name == "p":
            self._in_paragraph -= 1
        elif len(self._fonts) > 1:
            self._fonts.pop()

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
    text = told.get(name, "1")
    count = int(text) if text.isascii() and text.isdigit() else 1
    return max(1, min(count, _MOST_REPEATED))
