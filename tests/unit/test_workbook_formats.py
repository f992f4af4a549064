"""The content of a file says which format it has; what cannot be read is refused with the reason."""

import pytest

from chalicelib.imports.tables import TABLES, is_table
from chalicelib.shared import archives
from chalicelib.sheets.model import SheetRefused
from chalicelib.sheets.workbooks import read_workbook
from tests.dropbox import saved
from tests.unit.sheets import bank_book, parts_of, read_bank, stems, told, with_parts

STRICT = (
    (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    ),
    (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    ),
)


def strict(data: bytes) -> bytes:
    """A workbook as Excel saves it in the Strict format."""
    changed = {}
    for name, part in parts_of(data).items():
        for before, after in STRICT:
            part = part.replace(before, after)
        changed[name] = part
    return archives.pack(changed)


def refused(data: bytes) -> str:
    with pytest.raises(SheetRefused) as refusal:
        read_workbook(data)
    return str(refusal.value)


def test_a_strict_workbook_is_read() -> None:
    book = bank_book()
    book.active.row_dimensions[2].hidden = True
    data = strict(saved(book))
    assert b"purl.oclc.org" in parts_of(data)["xl/workbook.xml"]
    found = read_bank(data)
    assert stems(found) == ["问二？"]
    assert told(found) == {"hidden_row_left_out": (2,)}


def test_names_with_prefixes_are_the_same_names() -> None:
    sheet = (
        '<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData><x:row r="1">'
        '<x:c r="A1" t="inlineStr"><x:is><x:t>甲</x:t></x:is></x:c><x:c><x:v>2</x:v></x:c></x:row></x:sheetData>'
        "</x:worksheet>"
    )
    data = with_parts(saved(bank_book()), {"xl/worksheets/sheet1.xml": sheet.encode()})
    [found] = read_workbook(data).sheets
    assert [(n, [cell.text for cell in cells]) for n, cells in found.rows] == [(1, ["甲", "2"])]


def test_macros_are_told_and_never_run() -> None:
    assert told(read_bank(saved(bank_book()), "bank.xlsm")) == {}
    data = with_parts(saved(bank_book()), {"xl/vbaProject.bin": b"\xd0\xcf"})
    found = read_bank(data, "bank.xlsm")
    assert stems(found) == ["问一？", "问二？"]
    assert told(found) == {"macros_left_out": ()}


def test_names_of_parts_may_differ_by_case_and_slashes() -> None:
    parts = parts_of(saved(bank_book()))
    renamed = {
        name.replace("xl/worksheets/sheet1.xml", "XL\\worksheets\\Sheet1.xml"): part
        for name, part in parts.items()
    }
    assert stems(read_bank(archives.pack(renamed))) == ["问一？", "问二？"]


@pytest.mark.parametrize(
    "page",
    [
        "<html><table><tr><td>题干</td></tr></table></html>",
        '\ufeff  <!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN">',
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        "<table border=1>",
    ],
)
def test_a_web_page_named_as_a_workbook_is_told_as_such(page: str) -> None:
    assert "网页" in refused(page.encode())


def test_a_binary_workbook_is_told_as_such() -> None:
    parts = parts_of(saved(bank_book()))
    assert "xlsb" in refused(archives.pack({**parts, "xl/workbook.bin": b"x"}))


@pytest.mark.parametrize("name", ["word/document.xml", "xl/workbook.xml", "x"])
def test_a_zip_that_is_no_workbook_is_refused(name: str) -> None:
    assert "xlsx" in refused(archives.pack({name: b"<x/>"}))


@pytest.mark.parametrize("ending", ["xlsx", "xlsm", "xls", "et", "ods", "XLS", "csv", "tsv", "txt"])
def test_files_with_these_endings_are_tables(ending: str) -> None:
    assert is_table(f"questions/a.{ending}")
    assert f".{ending.lower()}" in TABLES


@pytest.mark.parametrize("ending", ["xlsb", "numbers", "html", "xlsx~"])
def test_files_with_other_endings_are_no_tables(ending: str) -> None:
    assert not is_table(f"questions/a.{ending}")
