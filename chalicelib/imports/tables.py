"""Tables, texts or workbooks: their headings are matched with the columns of a layout, their rows become texts. Pure.

What is wrong becomes a finding with its row. What is harmless but is not imported becomes a remark. A wrong heading
does not stop the reading: the rows are looked at all the same.
"""

import functools
from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from chalicelib.exams.validation import FileFinding
from chalicelib.imports import headings
from chalicelib.imports.headings import Headings, Layout
from chalicelib.imports.readings import Reading, Row, SheetReader, find_headings
from chalicelib.imports.remarks import Advice, Remark, remark_on_file, remark_on_rows
from chalicelib.notation.picture_shelf import PictureShelf
from chalicelib.sheets import delimited, workbooks
from chalicelib.sheets.model import Sheet, SheetRefused, Workbook

Parsed = TypeVar("Parsed")

TABLES = (
    *workbooks.ENDINGS,
    ".csv",
    ".tsv",
    ".txt",
)  # endings of the files that can be read as tables
HELP_SHEET = "填写说明"  # of our templates


class Table(msgspec.Struct, frozen=True):
    """An opened file. `book` holds the sheets of a workbook; a text table is read by the headings that one looks for.

    `refused` says why the file cannot be opened, "" when it can.
    """

    name: str
    data: bytes
    book: Workbook | None = None
    refused: str = ""

    def sheets(self, layout: Layout) -> tuple[Sheet, ...]:
        """The sheets with content; a text table is one sheet without a title. Raises `SheetRefused`."""
        if self.refused:
            raise SheetRefused(self.refused)
        if self.book is None:
            fit = functools.partial(headings.count_known, layout=layout)
            return (delimited.read_text_table(self.data, fit),)
        if not self.book.sheets:
            raise SheetRefused("文件是空的")
        return self.book.sheets

    def titles_with(self, layout: Layout) -> set[str]:
        """The titles of the sheets with the headings by which a layout is recognised, maybe with a typing error."""
        try:
            return {sheet.title for sheet in self.sheets(layout) if _fits(self.name, sheet, layout)}
        except SheetRefused:
            return set()

    def count_known(self, layout: Layout) -> int:
        """The most headings of a layout that a row has."""
        try:
            found = [_match(self.name, sheet, layout) for sheet in self.sheets(layout)]
        except SheetRefused:
            return 0
        return max(row.known for row in found)


def open_table(name: str, data: bytes) -> Table:
    """Open a file: a workbook when its name says so, else a text table (`delimited`)."""
    if not workbooks.is_workbook(name):
        return Table(name, data)
    try:
        return Table(name, data, workbooks.read_workbook(data))
    except SheetRefused as refused:
        return Table(name, data, refused=str(refused))


def is_table(name: str) -> bool:
    """Whether a file with this name can be read as a table."""
    return name.lower().endswith(TABLES)


def read_table(table: Table, layout: Layout, shelf: PictureShelf | None = None) -> Reading:
    """The rows of a table. `shelf` keeps the pictures of its cells; without it they are left out."""
    reading = Reading()
    try:
        chosen = _chosen(table, layout, reading)
    except SheetRefused as refused:
        reading.findings.append(FileFinding(table.name, 0, str(refused)))
        return reading
    for sheet in chosen:
        file = table.name if len(chosen) == 1 else f"{table.name}[{sheet.title}]"
        reader = SheetReader(file, sheet, layout, reading, shelf)
        reader.read(_told(table.name, sheet, layout))
    return reading


def parse_rows(
    reading: Reading, parse: Callable[[Row], Parsed], is_example: Callable[[Row], bool]
) -> list[tuple[Row, Parsed]]:
    """Parse each row of a reading; a `ValueError` becomes a finding. Returns the right rows.

    The example rows of our templates are left out, with a remark.
    """
    examples = [row for row in reading.rows if is_example(row)]
    parsed: list[tuple[Row, Parsed]] = []
    for row in (row for row in reading.rows if not is_example(row)):
        try:
            result = parse(row)
        except ValueError as error:
            reading.findings.append(FileFinding(row.file, row.number, str(error)))
            continue
        if not row.wrong:
            parsed.append((row, result))
    reading.remarks += remark_on(Advice.TEMPLATE_ROW, examples)
    places = {
        file: place for place, file in enumerate(dict.fromkeys(f.file for f in reading.findings))
    }
    reading.findings.sort(key=lambda finding: (places[finding.file], finding.row))
    return parsed


def remark_on(advice: Advice, rows: Iterable[Row]) -> list[Remark]:
    """A remark on the rows of each file."""
    numbers: dict[str, list[int]] = {}
    for row in rows:
        numbers.setdefault(row.file, []).append(row.number)
    return [remark for file, of in numbers.items() for remark in remark_on_rows(advice, file, of)]


# --- sheets and their headings --------------------------------------------------------------------------


def _chosen(table: Table, layout: Layout, reading: Reading) -> list[Sheet]:
    """The sheets that have the headings of the layout, with remarks on the others; the first sheet when none has them.

    Raises `SheetRefused`.
    """
    if table.book is not None:
        reading.remarks += _on_workbook(table.name, table.book)
    found = table.sheets(layout)
    fitting = [sheet for sheet in found if _fits(table.name, sheet, layout)]
    if not fitting:
        return [found[0]]
    for sheet in (s for s in found if s not in fitting and s.title != HELP_SHEET):
        reading.remarks.append(remark_on_file(Advice.SHEET_LEFT_OUT, table.name, what=sheet.title))
    return fitting


def _on_workbook(name: str, book: Workbook) -> list[Remark]:
    """Remarks on what is left out of a whole workbook."""
    remarks = []
    if book.hidden_sheets:
        what = "、".join(book.hidden_sheets)
        remarks.append(remark_on_file(Advice.HIDDEN_SHEET_LEFT_OUT, name, what=what))
    if book.has_pictures:
        remarks.append(remark_on_file(Advice.PICTURES_UNREADABLE, name))
    if book.has_macros:
        remarks.append(remark_on_file(Advice.MACROS_LEFT_OUT, name))
    return remarks


def _fits(name: str, sheet: Sheet, layout: Layout) -> bool:
    return _match(name, sheet, layout).has(layout.identifying)


def _match(name: str, sheet: Sheet, layout: Layout) -> Headings:
    return find_headings(sheet, layout, _told(name, sheet, layout))[1]


def _told(name: str, sheet: Sheet, layout: Layout) -> dict[str, str]:
    """The values of columns that the name of the sheet tells, or else the name of the file."""
    stem = name.rpartition("/")[2].rpartition(".")[0]
    told = {
        column: headings.tell(sheet.title, values) or headings.tell(stem, values)
        for column, values in layout.named.items()
    }
    return {column: value for column, value in told.items() if value}
