"""Tables, CSV or xlsx: their headings are matched with the columns of a layout, their rows become texts. Pure.

What is wrong becomes a finding with its row. What is harmless but is not imported becomes a remark.
"""

import csv
import enum
import io
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from chalicelib.exams.validation import FileFinding
from chalicelib.imports import sheets, texts
from chalicelib.imports.sheets import MAX_ROWS, Cell, Sheet, SheetRefused

Parsed = TypeVar("Parsed")

MAX_TEXT = 10_000  # characters in one cell; a spreadsheet holds 32,767 and cuts off the rest
HEADING_WITHIN = 10  # rows above the headings may hold a title
_MAX_ROWS_NAMED = 20  # in one remark
EXAMPLE = "示例"  # the example rows of our templates begin with this
REMARK = "备注"
HELP_SHEET = "填写说明"  # of our templates
_OPTIONAL_MARKS = re.compile(r"\((必填|选填|必填项|选填项)\)|[*:\s]")
_LINE_ENDS = re.compile(r"\r\n?")
# Controls but line end and tab, halves of surrogate pairs, and what XML cannot hold.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Advice(enum.Enum):
    """What an import does not refuse, but points out."""

    DUPLICATE_STEM = "duplicate_stem"
    NO_EXPLANATION = "no_explanation"
    ALL_OPTIONS_RIGHT = "all_options_right"
    TEMPLATE_ROW = "template_row"
    JUDGE_AS_SINGLE = "judge_as_single"
    COLUMN_LEFT_OUT = "column_left_out"
    SHEET_LEFT_OUT = "sheet_left_out"
    PICTURE_LEFT_OUT = "picture_left_out"
    OPENED_KEEPS_TIME = "opened_keeps_time"
    NEEDS_PHOTOS = "needs_photos"
    WITHOUT_PHOTO = "without_photo"
    PHOTO_STAYS = "photo_stays"


class Remark(msgspec.Struct, frozen=True):
    """One piece of advice on one file: how many rows it is about (0: the whole file), and the first of them."""

    advice: Advice
    file: str
    reason: str
    count: int = 0
    rows: tuple[int, ...] = ()


def remark_on_file(advice: Advice, file: str = "", **values: str) -> Remark:
    """A remark on a whole file; `values` fill its text."""
    return Remark(advice, file, texts.advice_message(advice.value, **values))


def remark_on_rows(advice: Advice, file: str, rows: Sequence[int]) -> list[Remark]:
    """A remark on these rows; no remark when there are none."""
    if not rows:
        return []
    named = tuple(rows[:_MAX_ROWS_NAMED])
    return [Remark(advice, file, texts.advice_message(advice.value), len(rows), named)]


class Layout(msgspec.Struct, frozen=True):
    """The columns of a kind of table: our heading → other headings that people use for it.

    `needed`: headings that a table must have. `left_out`: known headings whose content is not imported.
    """

    columns: dict[str, tuple[str, ...]]
    needed: tuple[str, ...]
    left_out: tuple[str, ...] = (REMARK,)

    def column(self, heading: str) -> str | None:
        """Our heading for a column; the heading itself when the column is left out; None when it is unknown."""
        plain = _plain(heading)
        for name, others in self.columns.items():
            if plain == _plain(name) or plain in map(_plain, others):
                return name
        return heading if plain in map(_plain, self.left_out) else None


class Row(msgspec.Struct, frozen=True):
    """A row with content. `cells`: our heading → text. `file` includes the sheet where a file has several."""

    file: str
    number: int
    cells: dict[str, str]


class Reading(msgspec.Struct):
    """What a file contains: its right rows, mistakes and remarks; `count` counts all rows with content."""

    rows: list[Row] = msgspec.field(default_factory=list)
    findings: list[FileFinding] = msgspec.field(default_factory=list)
    remarks: list[Remark] = msgspec.field(default_factory=list)
    count: int = 0


class TableError(ValueError):
    """Why a table cannot be read, and in which row (0: the whole file)."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row


def read_table(name: str, data: bytes, layout: Layout) -> Reading:
    """The rows of a file: a workbook when its name ends in `.xlsx`, else CSV (`decode_text`)."""
    reading = Reading()
    try:
        book = _workbook(name, data, layout, reading) if _is_workbook(name) else [_csv(data)]
        for sheet in book:
            file = name if len(book) == 1 else f"{name}[{sheet.title}]"
            _read_sheet(file, sheet, layout, reading)
    except SheetRefused as refused:
        reading.findings.append(FileFinding(name, 0, str(refused)))
    except TableError as error:
        reading.findings.append(FileFinding(name, error.row, str(error)))
    return reading


def parse_rows(
    reading: Reading, parse: Callable[[Row], Parsed], is_example: Callable[[Row], bool]
) -> list[tuple[Row, Parsed]]:
    """Parse each row of a reading; a `ValueError` becomes a finding.

    The example rows of our templates are left out, with a remark.
    """
    examples = [row for row in reading.rows if is_example(row)]
    parsed: list[tuple[Row, Parsed]] = []
    for row in (row for row in reading.rows if not is_example(row)):
        try:
            parsed.append((row, parse(row)))
        except ValueError as error:
            reading.findings.append(FileFinding(row.file, row.number, str(error)))
    for file in dict.fromkeys(row.file for row in examples):
        numbers = [row.number for row in examples if row.file == file]
        reading.remarks += remark_on_rows(Advice.TEMPLATE_ROW, file, numbers)
    return parsed


def has_headings(name: str, data: bytes, layout: Layout) -> bool:
    """Whether some sheet of a file has all headings that a layout needs."""
    try:
        book = sheets.read_xlsx(data).sheets if _is_workbook(name) else (_csv(data),)
    except (SheetRefused, TableError):
        return False
    return any(_heading_index(sheet, layout) is not None for sheet in book)


def _is_workbook(name: str) -> bool:
    return name.lower().endswith(".xlsx")


def _workbook(name: str, data: bytes, layout: Layout, reading: Reading) -> list[Sheet]:
    """The sheets that have all needed headings; the first sheet when none has them. Remarks on the others."""
    book = sheets.read_xlsx(data)
    if not book.sheets:
        raise TableError(0, "文件是空的")
    if book.has_pictures:
        reading.remarks.append(remark_on_file(Advice.PICTURE_LEFT_OUT, name))
    fitting: list[Sheet] = []
    others: list[Sheet] = []
    for sheet in book.sheets:
        (others if _heading_index(sheet, layout) is None else fitting).append(sheet)
    if not fitting:
        return [book.sheets[0]]
    for sheet in (sheet for sheet in others if sheet.title != HELP_SHEET):
        reading.remarks.append(remark_on_file(Advice.SHEET_LEFT_OUT, name, what=sheet.title))
    return fitting


def _csv(data: bytes) -> Sheet:
    rows: list[tuple[int, list[Cell]]] = []
    try:
        lines = csv.reader(io.StringIO(decode_text(data), newline=""), strict=True)
        for number, line in enumerate(lines, start=1):
            if any(cell.strip() for cell in line):
                rows.append((number, [Cell(cell) for cell in line]))
            if len(rows) > MAX_ROWS + HEADING_WITHIN:
                break
    except csv.Error as error:
        raise TableError(0, f"不是有效的 CSV：{error}") from None
    if not rows:
        raise TableError(0, "文件是空的")
    return Sheet("", rows)


def decode_text(data: bytes) -> str:
    """The text of a file in UTF-8, with or without BOM, or GB18030. Raises `TableError`."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError(0, "文字编码无法识别：请用 UTF-8 或 GB18030 保存")


def _heading_index(sheet: Sheet, layout: Layout) -> int | None:
    """The index of the first row that has all needed headings; None when none of the first rows has them."""
    for index, (_, cells) in enumerate(sheet.rows[:HEADING_WITHIN]):
        if set(layout.needed) <= {layout.column(cell.text) for cell in cells}:
            return index
    return None


def _read_sheet(file: str, sheet: Sheet, layout: Layout, reading: Reading) -> None:
    """Add the rows of a sheet to the reading. Raises `TableError` when the sheet as a whole is wrong."""
    index = _heading_index(sheet, layout) or 0
    number, headings = sheet.rows[index]
    columns = _columns(file, number, headings, layout, reading)
    body = sheet.rows[index + 1 :]
    if not body:
        raise TableError(0, "没有数据行")
    if missing := [name for name in layout.needed if name not in columns]:
        raise TableError(number, f"缺少列：{'、'.join(missing)}")
    if len(body) > MAX_ROWS:
        raise TableError(0, f"表格超过 {MAX_ROWS} 行：请分成几个文件")
    for row, cells in body:
        reading.count += 1
        try:
            reading.rows.append(Row(file, row, _texts(row, columns, cells, layout)))
        except TableError as error:
            reading.findings.append(FileFinding(file, row, str(error)))


def _columns(
    file: str, row: int, headings: list[Cell], layout: Layout, reading: Reading
) -> list[str]:
    """Our heading for each column; "" for a column without a heading.

    Raises `TableError` for an unknown heading: it is probably a typing error, and ignoring it would lose the column.
    """
    written = [unicodedata.normalize("NFKC", cell.text).strip() for cell in headings]
    matched = [layout.column(heading) if heading else "" for heading in written]
    unknown = {heading for heading, ours in zip(written, matched, strict=True) if ours is None}
    if unknown:
        raise TableError(row, f"不认识的列：{'、'.join(sorted(unknown))}")
    columns = [column or "" for column in matched]
    named = [column for column in columns if column]
    if len(set(named)) < len(named):
        raise TableError(row, "列标题重复")
    left_out = [c for c in named if c not in layout.columns and _plain(c) != REMARK]
    if left_out:
        reading.remarks.append(
            remark_on_file(Advice.COLUMN_LEFT_OUT, file, what="、".join(left_out))
        )
    return columns


def _texts(row: int, columns: list[str], cells: list[Cell], layout: Layout) -> dict[str, str]:
    """The cells of a row that are imported: our heading → text. Raises `TableError`."""
    beyond = cells[len(columns) :]
    if any(cell.text.strip() or cell.trouble for cell in beyond):
        raise TableError(row, "内容多于标题行的列，可能有未加引号的逗号")
    cells = cells + [Cell()] * (len(columns) - len(cells))
    texts_by_column: dict[str, str] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column not in layout.columns:
            continue
        if cell.trouble:
            raise TableError(row, f"“{column}”{cell.trouble}")
        text = _LINE_ENDS.sub("\n", cell.text).strip()
        if len(text) > MAX_TEXT:
            raise TableError(row, f"“{column}”超过 {MAX_TEXT} 字")
        if _UNPRINTABLE.search(text):
            raise TableError(row, f"“{column}”含有看不见的控制字符")
        texts_by_column[column] = text
    return texts_by_column


def _plain(heading: str) -> str:
    """A heading without marks around its name: `*题型（必填）：` becomes `题型`."""
    return _OPTIONAL_MARKS.sub("", unicodedata.normalize("NFKC", heading)).upper()
