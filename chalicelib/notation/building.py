"""Builds a content from texts, line ends, tables and other inlines, in reading order. Pure."""

import msgspec

from chalicelib.exams.content import (
    Block,
    Content,
    Inline,
    Mark,
    Paragraph,
    Table,
    TableCell,
    Text,
    simplified,
)

MOST_INLINES = 2_000  # in one content
MOST_SPAN = 50  # columns or rows that a cell of a table spans


class _OpenTable(msgspec.Struct):
    """A table that is being read: its rows so far, and the cell that is open."""

    rows: list[list[TableCell]] = msgspec.field(default_factory=list)
    cell: TableCell | None = None
    inlines: list[Inline] = msgspec.field(default_factory=list)


class ContentBuilder:
    """Collects what stands in a text, one piece after another."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._inlines: list[Inline] = []
        self._table: _OpenTable | None = None
        self._count = 0

    def add(self, inline: Inline) -> None:
        """Add an inline to the present paragraph or cell. Raises `ValueError` when there are too many."""
        inlines = self._present()
        if inlines is None:
            if not isinstance(inline, Text) or inline.text.strip():
                raise ValueError("表格里的内容须在单元格（<td>）里")
            return
        before = inlines[-1] if inlines else None
        if isinstance(inline, Text) and isinstance(before, Text) and before.marks == inline.marks:
            inlines[-1] = Text(before.text + inline.text, inline.marks)
            return
        self._count += 1
        if self._count > MOST_INLINES:
            raise ValueError(f"内容过于复杂：最多 {MOST_INLINES} 段文字、图片和公式")
        inlines.append(inline)

    def _present(self) -> list[Inline] | None:
        """The inlines of the present paragraph or cell; None between the cells of a table."""
        if self._table is None:
            return self._inlines
        return None if self._table.cell is None else self._table.inlines

    def add_text(self, text: str, marks: tuple[Mark, ...] = ()) -> None:
        """Add a piece of text."""
        if text:
            self.add(Text(text, marks))

    @property
    def at_line_start(self) -> bool:
        """Whether nothing stands on the present line yet."""
        inlines = self._present()
        last = inlines[-1] if inlines else None
        return last is None or (isinstance(last, Text) and last.text.endswith("\n"))

    def end_paragraph(self) -> None:
        """What follows is another paragraph; in a cell it is another line."""
        if self._table is None:
            if self._inlines:
                self._blocks.append(Paragraph(tuple(self._inlines)))
            self._inlines = []
        elif self._table.inlines and not self.at_line_start:
            self.add(Text("\n"))

    def begin_table(self) -> None:
        """Begin a table. Raises `ValueError` inside of another one."""
        if self._table is not None:
            raise ValueError("表格里不能再有表格")
        self.end_paragraph()
        self._table = _OpenTable()

    def begin_row(self) -> None:
        """Begin a row of the present table."""
        self.end_cell()
        if self._table is not None:
            self._table.rows.append([])

    def begin_cell(self, columns: int = 1, rows: int = 1) -> None:
        """Begin a cell of the present row. Raises `ValueError` when it spans too much."""
        self.end_cell()
        if not (1 <= columns <= MOST_SPAN and 1 <= rows <= MOST_SPAN):
            raise ValueError(f"表格的单元格最多合并 {MOST_SPAN} 行、{MOST_SPAN} 列")
        if self._table is not None:
            self._table.rows = self._table.rows or [[]]
            self._table.cell = TableCell((), columns, rows)

    def end_cell(self) -> None:
        """End the present cell, if one is open."""
        table = self._table
        if table is not None and table.cell is not None:
            cell = msgspec.structs.replace(table.cell, inlines=tuple(table.inlines))
            table.rows[-1].append(cell)
            table.cell, table.inlines = None, []

    def end_table(self) -> None:
        """End the present table; rows without cells are left out."""
        self.end_cell()
        if self._table is not None:
            rows = tuple(tuple(row) for row in self._table.rows if row)
            self._table = None
            if rows:
                self._blocks.append(Table(rows))

    def content(self) -> Content:
        """What was added, in its one form."""
        self.end_table()
        self.end_paragraph()
        return simplified(tuple(self._blocks))
