"""Tables, text or xlsx: their headings are matched with the columns of a layout, their rows become texts. Pure.

What is wrong becomes a finding with its row. What is harmless but is not imported becomes a remark. A wrong heading
does not stop the reading: the rows are looked at all the same.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from chalicelib.exams.validation import FileFinding
from chalicelib.imports import delimited, headings, sheets
from chalicelib.imports.headings import Layout
from chalicelib.imports.readings import Reading, Row, SheetReader, find_headings
from chalicelib.imports.remarks import Advice, Remark, remark_on_file, remark_on_rows
from chalicelib.imports.sheets import Sheet, SheetRefused

Parsed = TypeVar("Parsed")

TABLES = (".xlsx", ".csv", ".tsv", ".txt")  # endings of the files that can be read as tables
HELP_SHEET = "填写说明"  # of our templates


def read_table(name: str, data: bytes, layout: Layout) -> Reading:
    """The rows of a file: a workbook when its name ends in `.xlsx`, else a text table (`delimited`)."""
    reading = Reading()
    try:
        book = _chosen(name, data, layout, reading)
    except SheetRefused as refused:
        reading.findings.append(FileFinding(name, 0, str(refused)))
        return reading
    for sheet in book:
        file = name if len(book) == 1 else f"{name}[{sheet.title}]"
        SheetReader(file, sheet, layout, reading).read(_told(name, sheet, layout))
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
    reading.remarks += _on_rows(Advice.TEMPLATE_ROW, examples)
    return parsed


def has_headings(name: str, data: bytes, layout: Layout) -> bool:
    """Whether some sheet of a file has the headings by which a layout is recognised, maybe with a typing error."""
    return bool(sheets_with_headings(name, data, layout))


def sheets_with_headings(name: str, data: bytes, layout: Layout) -> set[str]:
    """The titles of the sheets that have the headings by which a layout is recognised; that of a text table is ""."""
    try:
        book = _sheets(name, data, layout)
    except SheetRefused:
        return set()
    return {sheet.title for sheet in book if _fits(name, sheet, layout)}


def _on_rows(advice: Advice, rows: Iterable[Row]) -> list[Remark]:
    """A remark on the rows of each file."""
    numbers: dict[str, list[int]] = {}
    for row in rows:
        numbers.setdefault(row.file, []).append(row.number)
    return [remark for file, of in numbers.items() for remark in remark_on_rows(advice, file, of)]


# --- sheets and their headings --------------------------------------------------------------------------


def _is_workbook(name: str) -> bool:
    return name.lower().endswith(".xlsx")


def _sheets(name: str, data: bytes, layout: Layout) -> tuple[Sheet, ...]:
    """All sheets of a file. Raises `SheetRefused`."""
    if _is_workbook(name):
        return sheets.read_xlsx(data).sheets
    return (_text_table(data, layout),)


def _text_table(data: bytes, layout: Layout) -> Sheet:
    return delimited.read_text_table(data, lambda line: headings.count_known(line, layout))


def _chosen(name: str, data: bytes, layout: Layout, reading: Reading) -> list[Sheet]:
    """The sheets that have the headings of the layout, with remarks on the others; the first sheet when none has them.

    Raises `SheetRefused`.
    """
    if not _is_workbook(name):
        return [_text_table(data, layout)]
    book = sheets.read_xlsx(data)
    if not book.sheets:
        raise SheetRefused("文件是空的")
    if book.has_pictures:
        reading.remarks.append(remark_on_file(Advice.PICTURE_LEFT_OUT, name))
    fitting = [sheet for sheet in book.sheets if _fits(name, sheet, layout)]
    if not fitting:
        return [book.sheets[0]]
    for sheet in (s for s in book.sheets if s not in fitting and s.title != HELP_SHEET):
        reading.remarks.append(remark_on_file(Advice.SHEET_LEFT_OUT, name, what=sheet.title))
    return fitting


def _fits(name: str, sheet: Sheet, layout: Layout) -> bool:
    _, found = find_headings(sheet, layout, _told(name, sheet, layout))
    return found.has(layout.identifying)


def _told(name: str, sheet: Sheet, layout: Layout) -> dict[str, str]:
    """The values of columns that the name of the sheet tells, or else the name of the file."""
    stem = name.rpartition("/")[2].rpartition(".")[0]
    told = {
        column: headings.tell(sheet.title, values) or headings.tell(stem, values)
        for column, values in layout.named.items()
    }
    return {column: value for column, value in told.items() if value}
