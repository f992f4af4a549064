"""How a list of people is recognised, wherever it lies: by its headings, or by the ID numbers in it. Pure."""

import re

from chalicelib.identity.documents import IdType, find_fault
from chalicelib.imports import questions, rosters
from chalicelib.imports.characters import unquoted
from chalicelib.imports.headings import Layout
from chalicelib.imports.tables import Table
from chalicelib.shared import archives
from chalicelib.shared.hidden_characters import without_hidden
from chalicelib.sheets.model import Cell, Sheet, SheetRefused

# What is written like the number of a resident ID card: region, date of birth, order; the check digit may be wrong.
_LIKE_ID_NUMBER = re.compile(
    rb"(?<![0-9A-Za-z])[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
    rb"(?![0-9A-Za-z])"
)
# A list of candidates without ID numbers: a name, and what only somebody who takes part has.
_CANDIDATES = Layout(
    columns={
        "姓名": rosters.LAYOUT.columns["姓名"],
        "准考证号": (
            *(
                "准考证",
                "准考证号码",
                "考号",
                "考生号",
                "报名号",
                "报名序号",
                "考场",
                "考场号",
                "座位号",
                "座号",
            ),
            *("手机号", "手机号码", "手机", "联系电话", "联系方式", "电话", "电话号码"),
        ),
    },
    needed=("姓名", "准考证号"),
    identifying=("姓名", "准考证号"),
)
_TAG = re.compile(rb"<[^>]*>")
_MOST_FILES, _MOST_BYTES = 3_000, 64 * 1024 * 1024  # of a zipped document
_LOOKED_AT = 20  # rows of a sheet in which ID numbers are looked for


def people_sheets(table: Table) -> set[str]:
    """The titles of the sheets that are lists of people and no questions."""
    try:
        numbered = {s.title for s in table.sheets(rosters.LAYOUT) if _has_id_numbers(s)}
    except SheetRefused:
        return set()
    people = numbered | table.titles_with(rosters.LAYOUT) | table.titles_with(_CANDIDATES)
    return people - table.titles_with(questions.LAYOUT)


def mentions_people(data: bytes) -> bool:
    """Whether something in a file, whatever its format, is written like the number of a resident ID card."""
    texts = [data, data.replace(b"\0", b"")]  # the second is UTF-16
    try:
        parts = archives.unpack(
            data,
            wanted=lambda name: name.endswith((".xml", ".html", ".txt", ".csv")),
            most_files=_MOST_FILES,
            most_bytes=_MOST_BYTES,
        )
    except archives.ZipRefused:
        parts = {}
    texts += [_TAG.sub(joint, part) for part in parts.values() for joint in (b"", b" ")]
    return any(_LIKE_ID_NUMBER.search(text) for text in texts)


def _has_id_numbers(sheet: Sheet) -> bool:
    return any(_is_id_number(cell) for _, row in sheet.rows[:_LOOKED_AT] for cell in row)


def _is_id_number(cell: Cell) -> bool:
    """Whether a cell holds the number of a resident ID card."""
    if len(cell.text) < rosters.CITIZEN_DIGITS:
        return False
    text = unquoted(without_hidden(cell.text).strip())
    return find_fault(IdType.RESIDENT, text) is None
