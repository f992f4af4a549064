"""Workbooks with parts that are changed by hand, and what their cells hold."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import xlwt
from PIL import Image

from chalicelib.imports import banks
from chalicelib.imports.readings import Reading
from chalicelib.imports.rosters import RosterRow, read_roster
from chalicelib.imports.tables import open_table
from chalicelib.shared import archives
from chalicelib.sheets.model import Sheet
from chalicelib.sheets.workbooks import read_workbook
from tests.dropbox import BANK_HEADINGS, saved, workbook

Change = Callable[[Any], None]

QUESTION = ("单选", "问一？", "甲", "乙", "丙", "B", "因为")
OTHER_QUESTION = ("单选", "问二？", "甲", "乙", "丙", "A", "因为")


def with_part(name: str, content: str, base: bytes | None = None) -> bytes:
    """A right workbook with one part replaced."""
    return with_parts(base or workbook(("x",)), {name: content.encode()})


def with_parts(base: bytes, parts: dict[str, bytes]) -> bytes:
    """A workbook with these parts replaced or added."""
    return archives.pack({**parts_of(base), **parts})


def parts_of(data: bytes) -> dict[str, bytes]:
    """The parts of a workbook."""
    return archives.unpack(data, wanted=lambda _: True, most_files=99, most_bytes=2**30)


def bank_book(*questions: tuple[Any, ...]) -> Any:
    """An openpyxl workbook with the headings of a bank and these questions, by default two."""
    book = openpyxl.Workbook()
    for line in (BANK_HEADINGS, *(questions or (QUESTION, OTHER_QUESTION))):
        book.active.append(line)
    return book


def read_bank(book: Any, name: str = "bank.xlsx") -> banks.BankReading:
    """The bank in an openpyxl workbook, or in the bytes of a workbook."""
    data = book if isinstance(book, bytes) else saved(book)
    return banks.read_bank({f"questions/{name}": data})


def people_of(name: str, data: bytes) -> tuple[tuple[RosterRow, ...], Reading]:
    """The people in a file."""
    return read_roster(open_table(name, data))


def only_sheet(data: bytes) -> Sheet:
    """The one sheet of a workbook."""
    [sheet] = read_workbook(data).sheets
    return sheet


def told(found: banks.BankReading) -> dict[str, tuple[int, ...]]:
    """The remarks of a reading: advice → rows."""
    return {remark.advice.value: remark.rows for remark in found.remarks}


def stems(found: banks.BankReading) -> list[Any]:
    """The stems of the questions of a reading without findings."""
    assert found.findings == ()
    return [question.stem for question in found.questions]


def xls_of(*lines: tuple[Any, ...], change: Change | None = None) -> bytes:
    """An xls with these lines; `change` does something to its sheet."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("页", cell_overwrite_ok=True)
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            if isinstance(value, list):
                sheet.write_rich_text(row, column, value)
            elif value is not None:
                sheet.write(row, column, value)
    if change:
        change(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def png(shade: int = 0, size: tuple[int, int] = (8, 4)) -> bytes:
    """A small grey picture."""
    out = io.BytesIO()
    Image.new("L", size, shade).save(out, "PNG")
    return out.getvalue()
