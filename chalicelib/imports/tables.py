"""Tables as people keep them, CSV or xlsx: which heading is which column, which rows hold something. Pure.

Whatever is wrong becomes a finding with its row; what is harmless but will not be imported becomes a remark.
"""

import csv
import enum
import io
import re
import unicodedata

import msgspec

from chalicelib.exams.validation import Finding
from chalicelib.imports import sheets, texts
from chalicelib.imports.sheets import MAX_ROWS, Cell, Sheet, SheetRefused

MAX_TEXT = 10_000  # signs in one cell; a spreadsheet holds 32,767 and cuts what is longer
HEADING_WITHIN = 10  # rows above the headings may hold a title
_ROWS_TOLD = 20  # of a remark
REMARK = "备注"
HELP_SHEET = "填写说明"  # of our templates
_OPTIONAL_MARKS = re.compile(r"\((必填|选填|必填项|选填项)\)|[*:\s]")
_LINE_ENDS = re.compile(r"\r\n?")
# Controls but line end and tab, halves of surrogate pairs, and what XML cannot hold.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Advice(enum.Enum):
    """What an import does not refuse, but tells."""

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
    """One advice for one file: how many rows it is about, and the first of them."""

    advice: Advice
    file: str
    reason: str
    count: int = 0
    rows: tuple[int, ...] = ()


class Layout(msgspec.Struct, frozen=True):
    """The columns of a kind of table, by our heading, with the headings that others use.

    `left_out`: headings that are known, and whose content is not imported.
    """

    columns: dict[str, tuple[str, ...]]
    needed: tuple[str, ...]
    left_out: tuple[str, ...] = (REMARK,)

    def column(self, heading: str) -> str | None:
        """Our name of a column; the heading itself when it is left out; None when nobody knows it."""
        plain = _plain(heading)
        for name, others in self.columns.items():
            if plain == _plain(name) or plain in map(_plain, others):
                return name
        return heading if plain in map(_plain, self.left_out) else None


class Row(msgspec.Struct, frozen=True):
    """A row with content: our heading → text. `file` names the sheet where there are several."""

    file: str
    number: int
    cells: dict[str, str]


class Reading(msgspec.Struct):
    """What came out of a file: right rows, mistakes, remarks; `count` of all rows with content."""

    rows: list[Row] = msgspec.field(default_factory=list)
    findings: list[Finding] = msgspec.field(default_factory=list)
    remarks: list[Remark] = msgspec.field(default_factory=list)
    count: int = 0

    def remark(self, advice: Advice, file: str, rows: list[int], **about: str) -> None:
        """Tell something about rows of a file, if there are any."""
        if rows or about:
            reason = texts.advice_message(advice.value, **about)
            self.remarks.append(Remark(advice, file, reason, len(rows), tuple(rows[:_ROWS_TOLD])))


class TableError(ValueError):
    """Why a table cannot be read, and in which row (0: the whole file)."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row


def read_table(name: str, data: bytes, layout: Layout) -> Reading:
    """The rows of a file, by its ending a workbook or CSV. UTF-8 with or without BOM, or GB18030."""
    reading = Reading()
    try:
        found = _workbook(name, data, layout, reading) if _is_workbook(name) else [_csv(data)]
        for sheet in found:
            file = name if len(found) == 1 else f"{name}[{sheet.title}]"
            _read_sheet(file, sheet, layout, reading)
    except SheetRefused as refused:
        reading.findings.append(Finding(name, 0, str(refused)))
    except TableError as error:
        reading.findings.append(Finding(name, error.row, str(error)))
    return reading


def has_headings(name: str, data: bytes, layout: Layout) -> bool:
    """Whether some sheet of a file has all headings that a layout needs."""
    try:
        found = sheets.read_xlsx(data).sheets if _is_workbook(name) else (_csv(data),)
    except (SheetRefused, TableError):
        return False
    return any(_heading_place(sheet, layout) is not None for sheet in found)


def _is_workbook(name: str) -> bool:
    return name.lower().endswith(".xlsx")


def _workbook(name: str, data: bytes, layout: Layout, reading: Reading) -> list[Sheet]:
    """The sheets with the headings that are needed; the first one when there is none."""
    book = sheets.read_xlsx(data)
    if not book.sheets:
        raise TableError(0, "文件是空的")
    if book.has_pictures:
        reading.remark(Advice.PICTURE_LEFT_OUT, name, [], what="")
    fitting: list[Sheet] = []
    others: list[Sheet] = []
    for sheet in book.sheets:
        (others if _heading_place(sheet, layout) is None else fitting).append(sheet)
    if not fitting:
        return [book.sheets[0]]
    for sheet in (sheet for sheet in others if sheet.title != HELP_SHEET):
        reading.remark(Advice.SHEET_LEFT_OUT, name, [], what=sheet.title)
    return fitting


def _csv(data: bytes) -> Sheet:
    rows: list[tuple[int, list[Cell]]] = []
    try:
        lines = csv.reader(io.StringIO(decoded(data), newline=""), strict=True)
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


def decoded(data: bytes) -> str:
    """The text of a file. Raises `TableError`."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError(0, "文字编码无法识别：请用 UTF-8 或 GB18030 保存")


def _heading_place(sheet: Sheet, layout: Layout) -> int | None:
    """Which of the first rows has all headings that are needed."""
    for place, (_, cells) in enumerate(sheet.rows[:HEADING_WITHIN]):
        if set(layout.needed) <= {layout.column(cell.text) for cell in cells}:
            return place
    return None


def _read_sheet(file: str, sheet: Sheet, layout: Layout, reading: Reading) -> None:
    place = _heading_place(sheet, layout) or 0
    number, headings = sheet.rows[place]
    columns = _columns(file, number, headings, layout, reading)
    body = sheet.rows[place + 1 :]
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
            reading.findings.append(Finding(file, row, str(error)))


def _columns(
    file: str, row: int, headings: list[Cell], layout: Layout, reading: Reading
) -> list[str]:
    """Our name for each column; "" for one without a heading.

    A heading that nobody knows is a typing error more often than not, and would be lost without a word.
    """
    named = [unicodedata.normalize("NFKC", cell.text).strip() for cell in headings]
    found = [layout.column(name) if name else "" for name in named]
    unknown = sorted({name for name, column in zip(named, found, strict=True) if column is None})
    if unknown:
        raise TableError(row, f"不认识的列：{'、'.join(unknown)}")
    columns = [column or "" for column in found]
    told = [column for column in columns if column]
    if len(set(told)) < len(told):
        raise TableError(row, "列标题重复")
    left_out = [c for c in told if c not in layout.columns and _plain(c) != REMARK]
    if left_out:
        reading.remark(Advice.COLUMN_LEFT_OUT, file, [], what="、".join(left_out))
    return columns


def _texts(row: int, columns: list[str], cells: list[Cell], layout: Layout) -> dict[str, str]:
    """The imported cells of a row. Raises `TableError`."""
    beyond = cells[len(columns) :]
    if any(cell.text.strip() or cell.trouble for cell in beyond):
        raise TableError(row, "内容多于标题行的列，可能有未加引号的逗号")
    cells = cells + [Cell()] * (len(columns) - len(cells))
    found: dict[str, str] = {}
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
        found[column] = text
    return found


def _plain(heading: str) -> str:
    """A heading without what people decorate it with: `*题型（必填）：` is `题型`."""
    return _OPTIONAL_MARKS.sub("", unicodedata.normalize("NFKC", heading)).upper()
