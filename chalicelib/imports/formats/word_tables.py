"""Tables of Word documents that hold a bank under headings: they become sheets, as a workbook has them. Pure."""

import re

from chalicelib.exams.content import Paragraph, Table, TableCell, Text, plain_text
from chalicelib.imports.formats.entries import Entries, FormatReading
from chalicelib.imports.formats.word_documents import Document, Line
from chalicelib.imports.remarks import Advice
from chalicelib.imports.stem_heads import NUMBERS
from chalicelib.sheets.delimited import LOOKED_AT
from chalicelib.sheets.model import EMPTY, Cell, Sheet

_LONGEST_HEADING = 12  # characters
_LONGEST_TITLE = 80
_STEM = re.compile("题干|题目|试题|考题|问题|题面")


def are_headings(cells: list[str]) -> bool:
    """Whether these cells are the headings of a bank: 题干 and 答案, in cells of their own."""
    named = [cell for cell in cells if len(cell) <= _LONGEST_HEADING]
    return any("答案" in cell for cell in named) and any(_STEM.search(cell) for cell in named)


def has_bank_table(document: Document) -> bool:
    """Whether a table of a document has the headings of a bank."""
    return any(map(_is_bank, document.lines))


def read_tables(name: str, document: Document) -> FormatReading:
    """The tables of a document as sheets. Raises `ValueError` when it has questions beside them, which may be lost."""
    entries = Entries(name)
    sheets: list[Sheet] = []
    title = ""
    for line in document.lines:
        if _is_bank(line):
            sheets.append(Sheet(f"表格 {len(sheets) + 1} {title}".strip(), _rows(line)))
        elif line.is_table or any(number.match(line.text) for number in NUMBERS):
            raise ValueError(
                f"文档里既有题目表格，表格外又有题目或没有标题行的表格（第 {line.number} 段）："
                "请把每个表格都加上标题行（题型、题干、选项A…、答案），表格外的题目另存为一个文件"
            )
        else:
            entries.note(line.number, Advice.PART_LEFT_OUT, "表格外的文字")
            title = line.text.strip()[:_LONGEST_TITLE]
    for what, numbers in document.left_out.items():
        for number in numbers:
            entries.note(number, Advice.PART_LEFT_OUT, what)
    return FormatReading((), remarks=entries.remarks(), sheets=tuple(sheets))


def _is_bank(line: Line) -> bool:
    table = _table_of(line)
    rows = table.rows[:LOOKED_AT] if table else ()
    return any(are_headings([_text(cell).strip() for cell in row]) for row in rows)


def _table_of(line: Line) -> Table | None:
    return next((block for block in line.content if isinstance(block, Table)), None)


def _rows(line: Line) -> list[tuple[int, list[Cell]]]:
    """The rows of a table with their numbers. A merged cell counts for each row that it covers."""
    table = _table_of(line)
    assert table is not None
    below: dict[tuple[int, int], Cell] = {}  # row and column → what a merged cell above puts there
    rows = []
    for number, written in enumerate(table.rows, start=1):
        cells: list[Cell] = []
        for cell in written:
            while (number, len(cells)) in below:
                cells.append(below[number, len(cells)])
            made = _cell(cell)
            for place in range(number + 1, number + cell.rows):
                below[place, len(cells)] = made
                below |= {(place, len(cells) + n): EMPTY for n in range(1, cell.columns)}
            cells += [made, *(EMPTY,) * (cell.columns - 1)]
        while (number, len(cells)) in below:
            cells.append(below[number, len(cells)])
        if any(cell.is_filled for cell in cells):
            rows.append((number, cells))
    return rows


def _cell(cell: TableCell) -> Cell:
    marked = any(not isinstance(inline, Text) or inline.marks for inline in cell.inlines)
    return Cell(_text(cell), pieces=cell.inlines if marked else (), columns=cell.columns)


def _text(cell: TableCell) -> str:
    return plain_text((Paragraph(cell.inlines),))
