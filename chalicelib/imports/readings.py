"""The rows of one sheet: texts under our headings, mistakes and remarks. Pure."""

import re

import msgspec

from chalicelib.exams.content import Content
from chalicelib.exams.validation import FileFinding
from chalicelib.imports import delimited, headings, signs
from chalicelib.imports.headings import Headings, Layout
from chalicelib.imports.remarks import Advice, Remark, remark_on_file, remark_on_rows
from chalicelib.imports.sheets import MAX_ROWS, Cell, Sheet

MAX_TEXT = 10_000  # characters in one cell; a spreadsheet holds 32,767 and cuts off the rest
HEADING_WITHIN = delimited.LOOKED_AT  # rows above the headings may hold a title
_LINE_ENDS = re.compile(r"\r\n?")
# Controls but line end and tab, halves of surrogate pairs, and what XML cannot hold.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Row(msgspec.Struct, frozen=True):
    """A row with content. `cells`: our heading → text; `contents`: the same for cells with more than plain text.

    `file` includes the sheet where a file has several. A row that is `wrong` has a finding already; it is parsed only
    to find more.
    """

    file: str
    number: int
    cells: dict[str, str]
    wrong: bool = False
    contents: dict[str, Content] = {}

    def content(self, column: str) -> Content:
        """What stands in a column, with its markup; "" when the table has no such column."""
        return self.contents.get(column, self.cells.get(column, ""))


class Reading(msgspec.Struct):
    """What a file contains: its rows, mistakes and remarks; `count` counts all rows with content."""

    rows: list[Row] = msgspec.field(default_factory=list)
    findings: list[FileFinding] = msgspec.field(default_factory=list)
    remarks: list[Remark] = msgspec.field(default_factory=list)
    count: int = 0


def find_headings(sheet: Sheet, layout: Layout, told: dict[str, str]) -> tuple[int, Headings]:
    """The index of the row with the headings, and the headings: the first row that has all of them, or the most."""
    first_rows = sheet.rows[:HEADING_WITHIN]
    matched = [
        (index, headings.match([cell.text for cell in cells], layout, told))
        for index, (_, cells) in enumerate(first_rows)
    ]
    return max(matched, key=lambda entry: _completeness(entry[1], layout))


def _completeness(found: Headings, layout: Layout) -> tuple[bool, bool, int]:
    complete = found.has(layout.identifying)
    return (complete and not found.mistakes, complete, found.known)


class SheetReader:
    """Adds the rows of one sheet to a reading."""

    def __init__(self, file: str, sheet: Sheet, layout: Layout, reading: Reading) -> None:
        self._file = file
        self._sheet = sheet
        self._layout = layout
        self._reading = reading
        self._hidden: list[int] = []  # rows from whose cells signs were removed
        self._quoted: list[int] = []

    def read(self, told: dict[str, str]) -> None:
        """Read headings and rows. `told`: values of columns that the table need not have."""
        index, found = find_headings(self._sheet, self._layout, told)
        heading_row, body = self._sheet.rows[index][0], self._sheet.rows[index + 1 :]
        for mistake in found.mistakes:
            self._refuse(heading_row, mistake)
        if not body:
            self._refuse(0, "没有数据行")
        if len(body) > MAX_ROWS:
            self._refuse(0, f"表格超过 {MAX_ROWS} 行：请分成几个文件")
            return
        if not found.known:  # it is another table: what its cells hold says nothing
            self._reading.count += len(body)
            return
        named = {column: told[column] for column in told if column not in found.columns}
        self._remark_on_columns(found, body, named)
        for number, cells in body:
            self._reading.count += 1
            mistakes = len(self._reading.findings)
            texts = self._texts(number, found, cells)
            # without a needed column each row would be refused for it
            if texts is not None and not found.missing:
                wrong = len(self._reading.findings) > mistakes
                self._reading.rows.append(Row(self._file, number, {**named, **texts}, wrong))
        self._reading.remarks += [
            *remark_on_rows(Advice.HIDDEN_SIGNS_REMOVED, self._file, self._hidden),
            *remark_on_rows(Advice.QUOTES_REMOVED, self._file, self._quoted),
        ]

    def _refuse(self, row: int, reason: str) -> None:
        self._reading.findings.append(FileFinding(self._file, row, reason))

    def _remark_on_columns(
        self, found: Headings, body: list[tuple[int, list[Cell]]], named: dict[str, str]
    ) -> None:
        """Say which columns are not imported, and which value stands for a missing column."""
        untitled = [
            place
            for place in found.untitled
            if any(_has_content(cells, place) for _, cells in body)
        ]
        left_out = [*found.left_out, *(f"第 {place + 1} 列（没有标题）" for place in untitled)]
        if left_out:
            what = "、".join(left_out)
            self._reading.remarks.append(
                remark_on_file(Advice.COLUMN_LEFT_OUT, self._file, what=what)
            )
        for value in named.values():
            self._reading.remarks.append(
                remark_on_file(Advice.TYPE_BY_NAME, self._file, what=value)
            )

    def _texts(self, number: int, found: Headings, cells: list[Cell]) -> dict[str, str] | None:
        """The cells of a row that are imported: our heading → text. None when the row cannot be parsed."""
        width, readable = len(found.columns), True
        if any(_has_content(cells, place) for place in range(width, len(cells))):
            self._refuse(number, "内容多于标题行的列，可能有未加引号的逗号")
            return None
        for place, reason in found.forbidden.items():
            if _has_content(cells, place):
                self._refuse(number, reason)
        texts: dict[str, str] = {}
        for column, cell in zip(found.columns, cells + [Cell()] * width, strict=False):
            if not column:
                continue
            text = _LINE_ENDS.sub("\n", cell.text).strip()
            if trouble := cell.trouble or _trouble(text):
                self._refuse(number, f"“{column}”{trouble}")
                readable = False
            texts[column] = self._seen(number, column, text)
        return texts if readable else None

    def _seen(self, number: int, column: str, text: str) -> str:
        """The text without hidden signs; they are refused, or removed and noted together with quotes."""
        seen = signs.without_hidden(text).strip()
        if not self._layout.cleaned:
            if hidden := signs.hidden_in(text):
                names = "、".join(hidden)
                self._refuse(number, f"“{column}”含有看不见的字符：{names}，请删去后重新填写")
            return seen
        if seen != text:
            _note(self._hidden, number)
        bare = signs.unquoted(seen)
        if bare != seen:
            _note(self._quoted, number)
        return bare


def _trouble(text: str) -> str:
    """Why a text cannot be taken; "" when it can."""
    if len(text) > MAX_TEXT:
        return f"超过 {MAX_TEXT} 字"
    return "含有看不见的控制字符" if _UNPRINTABLE.search(text) else ""


def _has_content(cells: list[Cell], place: int) -> bool:
    return place < len(cells) and bool(cells[place].text.strip() or cells[place].trouble)


def _note(rows: list[int], number: int) -> None:
    if not rows or rows[-1] != number:
        rows.append(number)
