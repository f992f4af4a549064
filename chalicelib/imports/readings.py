"""The rows of one sheet: texts under our headings, mistakes and remarks. Pure."""

import re

import msgspec

from chalicelib.exams import content
from chalicelib.exams.content import (
    Content,
    Inline,
    Mark,
    Paragraph,
    Picture,
    Text,
    plain_text,
    simplified,
)
from chalicelib.exams.validation import FileFinding
from chalicelib.imports import characters, headings
from chalicelib.imports.headings import Headings, Layout
from chalicelib.imports.remarks import Advice, Remark, remark_on_file, remark_on_rows
from chalicelib.notation.markup import has_markup
from chalicelib.notation.picture_shelf import PictureShelf
from chalicelib.notation.raised import with_raised_characters
from chalicelib.shared.hidden_characters import without_hidden
from chalicelib.sheets import delimited
from chalicelib.sheets.model import EMPTY, MAX_ROWS, Cell, CellPicture, Sheet

MAX_TEXT = 10_000  # characters that are seen in one cell
MOST_WRITTEN = 32_767  # characters in one cell with all notation; a spreadsheet cuts off the rest
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
    """The index of the row with the headings, and the headings: the first row that has all of them, or the most.

    Of headings in two rows the lower one counts, where the upper one has a merged heading for several columns.
    """
    matched = []
    for index, (_, cells) in enumerate(sheet.rows[:HEADING_WITHIN]):
        texts = [cell.text for cell in cells]
        written = headings.spread(texts, [cell.columns for cell in cells], layout)
        found = headings.match(written, layout, told)
        complete = found.has(layout.identifying)
        plain = complete and written == texts
        merit = (complete and not found.mistakes, complete, plain, found.known)
        matched.append((merit, index, found))
    if not matched:  # all rows are hidden
        return -1, headings.match((), layout, told)
    _, index, found = max(matched, key=lambda entry: entry[0])
    return index, found


class SheetReader:
    """Adds the rows of one sheet to a reading."""

    def __init__(
        self,
        file: str,
        sheet: Sheet,
        layout: Layout,
        reading: Reading,
        shelf: PictureShelf | None = None,
    ) -> None:
        """`shelf` keeps the pictures of cells; without it they are left out."""
        self._file = file
        self._sheet = sheet
        self._layout = layout
        self._reading = reading
        self._shelf = shelf
        self._noted: dict[Advice, list[int]] = {}  # rows on which there will be a remark
        self._taken: dict[int, Picture] = {}  # by the identity of the picture of the sheet

    def read(self, told: dict[str, str]) -> None:
        """Read headings and rows. `told`: values of columns that the table need not have."""
        self._note_left_out()
        index, found = find_headings(self._sheet, self._layout, told)
        for number, cells in self._sheet.rows[: index + 1]:
            self._note_pictures(number, cells)
        body = self._without_pictures_alone(self._sheet.rows[index + 1 :])
        for mistake in found.mistakes:
            self._refuse(self._sheet.rows[index][0] if self._sheet.rows else 0, mistake)
        if not body:
            self._refuse(0, "没有数据行")
        if len(body) > MAX_ROWS:
            self._refuse(0, f"表格超过 {MAX_ROWS} 行：请分成几个文件")
            return
        if found.known:
            self._read_rows(found, body, told)
        else:  # it is another table: what its cells hold says nothing
            self._reading.count += len(body)
        for advice, rows in self._noted.items():
            self._reading.remarks += remark_on_rows(advice, self._file, rows)

    def _read_rows(
        self, found: Headings, body: list[tuple[int, list[Cell]]], told: dict[str, str]
    ) -> None:
        named = {column: told[column] for column in told if column not in found.columns}
        self._remark_on_columns(found, body, named)
        for number, cells in body:
            if unseen := self._why_unseen(found, cells):
                self._note(unseen, number)
                continue
            self._reading.count += 1
            mistakes = len(self._reading.findings)
            texts = self._texts(number, found, cells)
            # without a needed column each row would be refused for it
            if texts is not None and not found.missing:
                contents = self._contents(number, found, cells)
                wrong = len(self._reading.findings) > mistakes
                row = Row(self._file, number, {**named, **texts}, wrong, contents)
                self._reading.rows.append(row)

    def _note(self, advice: Advice, number: int) -> None:
        rows = self._noted.setdefault(advice, [])
        if not rows or rows[-1] != number:
            rows.append(number)

    def _note_left_out(self) -> None:
        """Note what of the sheet nobody sees, and what is drawn on it."""
        self._noted[Advice.HIDDEN_ROW_LEFT_OUT] = list(self._sheet.hidden_rows)
        self._noted[Advice.OBJECT_LEFT_OUT] = list(self._sheet.objects)
        if self._sheet.hidden_columns:
            what = "、".join(self._sheet.hidden_columns)
            remark = remark_on_file(Advice.HIDDEN_COLUMN_LEFT_OUT, self._file, what=what)
            self._reading.remarks.append(remark)

    def _note_pictures(self, number: int, cells: list[Cell]) -> None:
        if any(cell.pictures for cell in cells):
            self._note(Advice.PICTURE_LEFT_OUT, number)

    def _without_pictures_alone(
        self, body: list[tuple[int, list[Cell]]]
    ) -> list[tuple[int, list[Cell]]]:
        """The rows without those in which there are only pictures, which are noted."""
        kept = []
        for number, cells in body:
            if any(cell.text.strip() or cell.trouble or _is_left_out(cell) for cell in cells):
                kept.append((number, cells))
            else:
                self._note_pictures(number, cells)
        return kept

    def _why_unseen(self, found: Headings, cells: list[Cell]) -> Advice | None:
        """What is told of a row that nobody sees: its most important cell is struck out or hidden, or all cells are."""
        imported = {
            column: cell for column, cell in zip(found.columns, cells, strict=False) if column
        }
        main = imported.get(self._layout.identifying[0], EMPTY)
        for group in ([main], list(imported.values()), cells):
            left_out = [cell for cell in group if _is_left_out(cell)]
            if left_out and not any(map(_is_seen, group)):
                struck = any(cell.struck for cell in left_out)
                return Advice.STRUCK_ROW_LEFT_OUT if struck else Advice.HIDDEN_TEXT_LEFT_OUT
        return None

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
            text = _LINE_ENDS.sub("\n", _plain(cell)).strip()
            noted = column in self._layout.contents and has_markup(text)
            most = MOST_WRITTEN if noted else MAX_TEXT
            if trouble := cell.trouble or text_trouble(text, most):
                self._refuse(number, f"“{column}”{trouble}")
                readable = False
            texts[column] = self._seen(number, column, text)
        return texts if readable else None

    def _contents(self, number: int, found: Headings, cells: list[Cell]) -> dict[str, Content]:
        """What the cells of a row hold besides plain text: our heading → content. Says what is left out of it."""
        contents: dict[str, Content] = {}
        for place, cell in enumerate(cells):
            column = found.columns[place] if place < len(found.columns) else ""
            if column and cell.struck:
                self._note(Advice.STRUCK_TEXT_LEFT_OUT, number)
            if column and cell.hidden:
                self._note(Advice.HIDDEN_TEXT_LEFT_OUT, number)
            if column in self._layout.contents:
                if cell.content or (cell.pictures and self._shelf):
                    contents[column] = self._content(number, column, cell)
                continue
            if cell.pictures:
                self._note(Advice.PICTURE_LEFT_OUT, number)
            if column and _has_raised(with_raised_characters(cell.content)):
                self._note(Advice.MARKUP_LEFT_OUT, number)
        return contents

    def _content(self, number: int, column: str, cell: Cell) -> Content:
        """The content of a cell, its pictures last. A picture that cannot be taken is refused with its place."""
        taken: list[Inline] = []
        for picture in cell.pictures:
            try:
                taken.append(self._take(picture))
            except ValueError as error:
                self._refuse(number, f"“{column}”：{error}")
        whole = content.map_inlines(cell.content or cell.text, _with_plain_line_ends)
        return simplified((*whole, Paragraph(tuple(taken))))

    def _take(self, picture: CellPicture) -> Picture:
        """The picture on the shelf. Raises `ValueError`. One picture may be in many cells that were merged."""
        assert self._shelf is not None
        if id(picture) not in self._taken:
            self._taken[id(picture)] = self._shelf.take(picture.data, picture.alt, picture.crop)
        return self._taken[id(picture)]

    def _seen(self, number: int, column: str, text: str) -> str:
        """The text without hidden characters; they are refused, or removed and noted together with quotes."""
        seen = without_hidden(text).strip()
        if not self._layout.cleaned:
            if hidden := characters.hidden_in(text):
                names = "、".join(hidden)
                self._refuse(number, f"“{column}”含有看不见的字符：{names}，请删去后重新填写")
            return seen
        if seen != text:
            self._note(Advice.HIDDEN_CHARACTERS_REMOVED, number)
        bare = characters.unquoted(seen)
        if bare != seen:
            self._note(Advice.QUOTES_REMOVED, number)
        return bare


def text_trouble(text: str, most: int = MAX_TEXT) -> str:
    """Why a text cannot be taken; "" when it can. `most`: characters."""
    if len(text) > most:
        return f"超过 {most} 字"
    return "含有看不见的控制字符" if _UNPRINTABLE.search(text) else ""


def _has_content(cells: list[Cell], place: int) -> bool:
    return place < len(cells) and bool(cells[place].text.strip() or cells[place].trouble)


def _with_plain_line_ends(inline: Inline) -> tuple[Inline, ...]:
    if isinstance(inline, Text):
        return (Text(_LINE_ENDS.sub("\n", inline.text), inline.marks),)
    return (inline,)


def _plain(cell: Cell) -> str:
    """The text of a cell, raised and lowered letters as characters."""
    return plain_text(with_raised_characters(cell.content)) if cell.content else cell.text


def _has_raised(whole: Content) -> bool:
    """Whether some text is above or below the line."""
    return any(
        isinstance(inline, Text) and {Mark.SUPERSCRIPT, Mark.SUBSCRIPT} & set(inline.marks)
        for inline in content.inlines_of(whole)
    )


def _is_left_out(cell: Cell) -> bool:
    return cell.struck or cell.hidden


def _is_seen(cell: Cell) -> bool:
    """Whether something that is neither struck out nor hidden is in a cell."""
    return bool(cell.text.strip() or cell.trouble or cell.pictures)
