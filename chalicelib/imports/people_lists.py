"""How a list of people is recognised, wherever it lies: by its headings, or by the ID numbers in it. Pure."""

from chalicelib.identity.documents import IdType, find_fault
from chalicelib.imports import questions, rosters
from chalicelib.imports.signs import unquoted, without_hidden
from chalicelib.imports.tables import Table
from chalicelib.sheets.model import Cell, Sheet, SheetRefused

_LOOKED_AT = 20  # rows of a sheet in which ID numbers are looked for


def people_sheets(table: Table) -> set[str]:
    """The titles of the sheets that are lists of people and no questions."""
    try:
        numbered = {s.title for s in table.sheets(rosters.LAYOUT) if _has_id_numbers(s)}
    except SheetRefused:
        return set()
    people = numbered | table.titles_with(rosters.LAYOUT)
    return people - table.titles_with(questions.LAYOUT)


def _has_id_numbers(sheet: Sheet) -> bool:
    return any(_is_id_number(cell) for _, row in sheet.rows[:_LOOKED_AT] for cell in row)


def _is_id_number(cell: Cell) -> bool:
    """Whether a cell holds the number of a resident ID card."""
    if len(cell.text) < rosters.CITIZEN_DIGITS:
        return False
    text = unquoted(without_hidden(cell.text).strip())
    return find_fault(IdType.RESIDENT, text) is None
