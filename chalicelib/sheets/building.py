"""A sheet from cells as a file stores them: merged cells are filled, hidden rows and columns are left out. Pure."""

import bisect
from collections.abc import Iterator

import msgspec

from chalicelib.sheets.model import (
    EMPTY,
    MAX_CELLS,
    MAX_COLUMNS,
    Cell,
    CellPicture,
    Limits,
    Sheet,
    SheetRefused,
    column_letters,
)


class Area(msgspec.Struct, frozen=True):
    """Merged cells: the first and last row and column, both included. Rows count from 1, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int


class SheetBuilder:
    """Collects the cells of one sheet."""

    def __init__(self, title: str, limits: Limits) -> None:
        self.title = title
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.merged: list[Area] = []
        self.objects: set[int] = set()
        self._limits = limits
        self._rows: dict[int, dict[int, Cell]] = {}
        limits.add_sheet()

    def add(self, row: int, column: int, cell: Cell) -> None:
        """Put a cell into its place. Raises `SheetRefused` when a limit is exceeded."""
        self._limits.add_cell(column)
        if not cell.is_filled:
            return
        cells = self._rows.get(row)
        if cells is None:
            self._limits.add_row()
            cells = self._rows[row] = {}
        cells[column] = cell

    def count_picture(self) -> None:
        """Count a picture. Raises `SheetRefused` when there are too many."""
        self._limits.add_picture()

    def add_picture(self, row: int, column: int, picture: CellPicture) -> None:
        """Add a picture to what a cell holds already; a picture far from all cells counts as an object."""
        if column >= MAX_COLUMNS:
            self.objects.add(row)
            return
        self.count_picture()
        present = self._rows.get(row, {}).get(column, EMPTY)
        pictures = (*present.pictures, picture)
        self.add(row, column, msgspec.structs.replace(present, pictures=pictures))

    def finish(self) -> Sheet:
        """The sheet as a person sees it. Raises `SheetRefused` when merged cells cover too much."""
        self._fill_merged()
        hidden_rows, hidden_columns = [], set()
        rows: list[tuple[int, list[Cell]]] = []
        for number in sorted(self._rows):
            cells = self._rows.pop(number)
            if number in self.hidden_rows:
                hidden_rows.append(number)
                continue
            hidden_columns |= cells.keys() & self.hidden_columns
            seen = [column for column in cells if column not in self.hidden_columns]
            if seen:
                line = [EMPTY] * (max(seen) + 1)
                for column in seen:
                    line[column] = cells[column]
                rows.append((number, line))
        letters = tuple(column_letters(column) for column in sorted(hidden_columns))
        return Sheet(self.title, rows, tuple(hidden_rows), letters, tuple(sorted(self.objects)))

    def _fill_merged(self) -> None:
        """Give the value of merged cells to each row with content of its own, in the first column that is seen."""
        numbers = sorted(self._rows)
        values = [(area, self._rows.get(area.top, {}).get(area.left)) for area in self.merged]
        for number, area in self._covered(numbers):
            cells = self._rows[number]
            for covered in [c for c in cells if area.left <= c <= area.right]:
                del cells[covered]
        own = [number for number in numbers if self._rows[number]]
        tops = {area.top for area, value in values if value}
        self._rows = {number: self._rows[number] for number in numbers if self._rows[number]}
        self._rows |= {number: {} for number in tops if number not in self._rows}
        for area, value in values:
            seen = self._seen(area)
            if value is None or not seen:
                continue
            cell = msgspec.structs.replace(value, columns=len(seen))
            self._rows[area.top][seen[0]] = cell
            rows = slice(bisect.bisect_right(own, area.top), bisect.bisect_right(own, area.bottom))
            for number in own[rows]:
                self._rows[number][seen[0]] = cell

    def _covered(self, numbers: list[int]) -> Iterator[tuple[int, Area]]:
        """Each row that merged cells cover, with the area. Raises `SheetRefused` when there are too many."""
        count = 0
        for area in self.merged:
            first, last = (
                bisect.bisect_left(numbers, area.top),
                bisect.bisect_right(numbers, area.bottom),
            )
            count += last - first
            if count > MAX_CELLS:
                raise SheetRefused("合并的单元格过多：请取消合并，逐行填写")
            for number in numbers[first:last]:
                yield number, area

    def _seen(self, area: Area) -> list[int]:
        """The columns of merged cells that are not hidden."""
        columns = range(area.left, min(area.right, MAX_COLUMNS - 1) + 1)
        return [column for column in columns if column not in self.hidden_columns]
