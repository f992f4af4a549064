"""Sheets as readers of workbooks and text tables give them, and the limits that readers keep. Pure.

A cell is the text that a person sees in it.
"""

import re

import msgspec

from chalicelib.exams.content import Content, Inline, Paragraph, simplified

MAX_ROWS = 20_000  # with content, in all sheets together
MAX_CELLS = 1_000_000
MAX_COLUMNS = 256
MAX_SHEETS = 30
MAX_PICTURES = 2_000
MAX_PARTS = 2_000  # each picture is a part
_NO_ALT = re.compile(
    r"^(picture|image|图片|图像)\s*\d*$|\.(png|jpe?g|gif|bmp|webp|tiff?|emf|wmf)$|^upload_post_object",
    re.IGNORECASE,
)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how xlsx writes characters that XML cannot hold


class SheetRefused(Exception):
    """The file is not read; the message tells a person why."""


class CellPicture(msgspec.Struct, frozen=True):
    """A picture in a cell as its file has it; `alt` says what it shows. Data that cannot be read is empty.

    `crop`: how much of it is cut off at the left, top, right and bottom, 0 to 1 each. Nobody sees that part.
    """

    data: bytes
    alt: str = ""
    crop: tuple[float, float, float, float] = (0, 0, 0, 0)


class Cell(msgspec.Struct, frozen=True, gc=False):  # it holds nothing that could refer to it
    """The text of a cell; `trouble` says why the text is not what a person sees there, "" when it is.

    `pieces`: the text with its marks, empty for plain text. `struck`: whether struck-out text was left out. `hidden`:
    whether content was left out that its number format does not show. `columns`: how many columns that are seen it
    covers.
    """

    text: str = ""
    trouble: str = ""
    pieces: tuple[Inline, ...] = ()
    struck: bool = False
    hidden: bool = False
    pictures: tuple[CellPicture, ...] = ()
    columns: int = 1

    @property
    def content(self) -> Content:
        """The text with its marks; "" for plain text. Made when it is asked for: most cells are never imported."""
        made = simplified((Paragraph(self.pieces),)) if self.pieces else ""
        return "" if isinstance(made, str) else made

    @property
    def is_filled(self) -> bool:
        """Whether something is in the cell, be it struck out or hidden."""
        left_out = self.struck or self.hidden
        return bool(self.text.strip() or self.trouble or left_out or self.pictures)


EMPTY = Cell()


class Sheet(msgspec.Struct, frozen=True):
    """One sheet: its rows with content, each with the number that the spreadsheet shows.

    `hidden_rows` and `hidden_columns` (letters) had content, which is left out. `objects`: rows with charts, shapes or
    embedded objects, which are left out, too.
    """

    title: str
    rows: list[tuple[int, list[Cell]]]
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[str, ...] = ()
    objects: tuple[int, ...] = ()


class Workbook(msgspec.Struct, frozen=True):
    """The visible sheets with content.

    `hidden_sheets`: titles of hidden sheets with content. `has_macros`: whether it has programs, which never run.
    `has_pictures`: whether it has pictures that cannot be read out of this format.
    """

    sheets: tuple[Sheet, ...]
    hidden_sheets: tuple[str, ...] = ()
    has_macros: bool = False
    has_pictures: bool = False


class Limits:
    """Counts rows and cells of all sheets of a file, and stops at the first limit."""

    def __init__(self) -> None:
        self._rows = self._cells = self._sheets = self._pictures = 0

    def add_sheet(self) -> None:
        """Count a sheet. Raises `SheetRefused`."""
        self._sheets += 1
        if self._sheets > MAX_SHEETS:
            raise SheetRefused(f"工作表过多：最多 {MAX_SHEETS} 张")

    def expect_rows(self, count: int) -> None:
        """Refuse a file with more rows with content than allowed, before they are read. Raises `SheetRefused`."""
        if count > MAX_ROWS:
            raise SheetRefused(f"表格超过 {MAX_ROWS} 行：请分成几个文件")

    def add_row(self) -> None:
        """Count a row with content. Raises `SheetRefused`."""
        self._rows += 1
        self.expect_rows(self._rows)

    def add_cell(self, column: int) -> None:
        """Count a cell; columns are numbered from 0. Raises `SheetRefused`."""
        self._cells += 1
        if not 0 <= column < MAX_COLUMNS or self._cells > MAX_CELLS:
            raise SheetRefused(f"表格的列过多：最多 {MAX_COLUMNS} 列，请删除多余的列")

    def add_picture(self) -> None:
        """Count a picture. Raises `SheetRefused`."""
        self._pictures += 1
        if self._pictures > MAX_PICTURES:
            raise SheetRefused(f"表格里的图片过多：最多 {MAX_PICTURES} 张")


def alt_text(written: str) -> str:
    """The alternative text of a picture; "" for one that a program wrote by itself, such as `图片 1` or a file name."""
    text = " ".join(written.split())
    return "" if _NO_ALT.search(text) else text


def column_letters(column: int) -> str:
    """The letters of a column, which is numbered from 0: `A`, `Z`, `AA`."""
    letters, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    return letters
