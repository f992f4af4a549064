"""Workbooks: read as a person sees them, judged before they are opened, written without loss."""

import datetime
import io
import struct
import tracemalloc
import zipfile
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.shared import archives
from chalicelib.sheets import writing, xlsx
from chalicelib.sheets.model import (
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Limits,
    SheetRefused,
)
from chalicelib.sheets.workbooks import read_workbook
from chalicelib.sheets.writing import SheetToWrite
from chalicelib.sheets.xlsx import MAX_ROW
from chalicelib.sheets.xlsx_parts import MAX_UNPACKED_BYTES
from chalicelib.sheets.xml_parts import MAX_DEPTH
from tests.dropbox import saved, workbook
from tests.unit.sheets import with_part

SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


def texts(data: bytes) -> list[list[str]]:
    [sheet] = read_workbook(data).sheets
    return [[cell.text for cell in cells] for _, cells in sheet.rows]


def only_cell(value: Any, number_format: str = "General") -> Cell:
    book = openpyxl.Workbook()
    book.active["A1"] = value
    book.active["A1"].number_format = number_format
    [sheet] = read_workbook(saved(book)).sheets
    return sheet.rows[0][1][0]


def with_rows(rows: str) -> bytes:
    return with_part(SHEET, f'<worksheet xmlns="{SPACE}"><sheetData>{rows}</sheetData></worksheet>')


def row(number: int, cell: str = "<is><t>x</t></is>") -> str:
    return f'<row r="{number}"><c r="A{number}" t="inlineStr">{cell}</c></row>'


def refused(data: bytes) -> str:
    with pytest.raises(SheetRefused) as refusal:
        read_workbook(data)
    return str(refusal.value)


# --- what a person sees ---


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        ("甲", "General", "甲"),
        (12, "General", "12"),
        (12.0, "General", "12"),
        (0.1 + 0.2, "General", "0.3"),
        (3, "0.00", "3.00"),
        (1234.5, "0", "1235"),
        (1.005, "0.00", "1.01"),
        (0.05, "0%", "5%"),
        (0.125, "0.0%", "12.5%"),
        (999_999_999_999_999, "General", "999999999999999"),
        (True, "General", "TRUE"),
        (False, "General", "FALSE"),
        ("a_x000D_b", "General", "a\rb"),
        ("110105194912310021", "@", "110105194912310021"),
    ],
)
def test_a_cell_is_the_text_that_is_seen_in_it(value: Any, number_format: str, text: str) -> None:
    assert only_cell(value, number_format) == Cell(text)


@pytest.mark.parametrize("value", ["甲", 5, True])
def test_what_its_format_does_not_show_is_hidden(value: Any) -> None:
    assert only_cell(value, ";;;") == Cell("", hidden=True)


@pytest.mark.parametrize(
    ("value", "number_format", "why"),
    [
        ("=1+1", "General", "公式"),
        ("#REF!", "General", "错误值"),
        (datetime.date(2027, 1, 2), "yyyy-mm-dd", "日期"),
        (datetime.time(9, 30), "hh:mm", "日期"),
        (1_000_000_000_000_000, "General", "超过 15 位"),
        (110105194912310021, "General", "超过 15 位"),
        (1234.5, "#,##0.00", "特殊格式"),
    ],
)
def test_a_cell_that_shows_something_else_than_it_holds_is_told(
    value: Any, number_format: str, why: str
) -> None:
    cell = only_cell(value, number_format)
    assert cell.text == ""
    assert why in cell.trouble


def test_rows_keep_their_numbers_and_hidden_or_empty_sheets_are_passed_over() -> None:
    book = openpyxl.Workbook()
    book.active["B3"] = "x"
    book.create_sheet("empty")
    hidden = book.create_sheet("hidden")
    hidden["A1"] = "secret"
    hidden.sheet_state = "hidden"
    [sheet] = read_workbook(saved(book)).sheets
    assert [(number, [c.text for c in cells]) for number, cells in sheet.rows] == [(3, ["", "x"])]


# --- what is never opened ---


def test_what_is_no_workbook_is_refused() -> None:
    for data in (b"", b"PK", b"a,b\n1,2", workbook(("x",))[:-40], archives.pack({"a.txt": b"x"})):
        assert "xlsx" in refused(data)


def test_a_workbook_may_hold_so_many_rows_and_no_more() -> None:
    assert len(texts(with_rows("".join(row(n) for n in range(1, 101))))) == 100
    limits = Limits()
    for _ in range(MAX_ROWS):
        limits.add_row()
    with pytest.raises(SheetRefused, match=f"超过 {MAX_ROWS} 行"):
        limits.add_row()


@pytest.mark.parametrize(("count", "right"), [(MAX_ROWS, True), (MAX_ROWS + 1, False)])
def test_rows_are_counted_before_they_are_read(
    monkeypatch: pytest.MonkeyPatch, count: int, right: bool
) -> None:
    data = with_rows('<row><c t="inlineStr"><is><t>x</t></is></c></row>' * count)
    if right:
        [sheet] = read_workbook(data).sheets
        assert len(sheet.rows) == MAX_ROWS
    else:
        monkeypatch.setattr(xlsx, "_SheetReader", lambda _: pytest.fail("nobody reads this"))
        assert "超过" in refused(data)


@pytest.mark.parametrize(
    ("attribute", "value"), [(f's="{"9" * 5000}"', "1"), ('t="s"', "9" * 5000), ("", "9" * 5000)]
)
def test_a_number_with_thousands_of_digits_is_text_or_a_reason(attribute: str, value: str) -> None:
    data = with_rows(f'<row r="1"><c r="A1" {attribute}><v>{value}</v></c></row>')
    try:
        assert texts(data) == [[value]]
    except SheetRefused as refusal:
        assert "损坏" in str(refusal)


def test_rows_without_content_do_not_count() -> None:
    empty = '<row r="2"/><row r="3"><c r="A3" s="1"/></row><row><c t="inlineStr"></c></row>'
    assert texts(with_rows(row(1) + empty * (MAX_ROWS // 2))) == [["x"]]


def test_two_megabytes_that_hold_four_hundred_thousand_rows_are_refused_after_the_first_few() -> (
    None
):
    data = with_rows("".join(row(number) for number in range(1, 400_001)))
    assert 1_000_000 < len(data) < 4_000_000
    assert refused(data) == f"表格超过 {MAX_ROWS} 行：请分成几个文件"


@pytest.mark.parametrize(
    ("number", "right"), [(MAX_ROW, True), (MAX_ROW + 1, False), (10**9, False), (0, False)]
)
def test_a_row_may_be_as_far_below_as_a_spreadsheet_has_rows(number: int, right: bool) -> None:
    data = with_rows(row(number))
    if right:
        [sheet] = read_workbook(data).sheets
        assert [n for n, _ in sheet.rows] == [number]
    else:
        assert "损坏" in refused(data)


@pytest.mark.parametrize(("column", "right"), [("IV", True), ("IW", False), ("XFD", False)])
def test_a_cell_far_to_the_right_would_be_filled_up_too(column: str, right: bool) -> None:
    cell = f'<row r="1"><c r="{column}1" t="inlineStr"><is><t>x</t></is></c></row>'
    if right:
        assert texts(with_rows(cell)) == [[""] * (MAX_COLUMNS - 1) + ["x"]]
    else:
        assert "列过多" in refused(with_rows(cell))


def test_the_size_that_a_sheet_claims_is_not_believed() -> None:
    data = with_part(
        SHEET,
        f'<worksheet xmlns="{SPACE}"><dimension ref="A1:XFD1048576"/>'
        f"<sheetData>{row(1)}</sheetData></worksheet>",
    )
    assert texts(data) == [["x"]]


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml"])
def test_definitions_that_stand_for_gigabytes_are_refused(part: str) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    assert "XML 定义" in refused(with_part(part, f"<!DOCTYPE x [{laughs}]><x>&l9;</x>"))
    outside = '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'
    assert "XML 定义" in refused(with_part(part, outside))
    wide = "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE x []><x/>"
    parts = archives.unpack(
        workbook(("x",)), wanted=lambda _: True, most_files=99, most_bytes=2**30
    )
    assert "XML 定义" in refused(archives.pack({**parts, part: wide.encode("utf-16")}))


def test_a_deeply_nested_part_is_refused() -> None:
    deep = "<a>" * (MAX_DEPTH + 1) + "</a>" * (MAX_DEPTH + 1)
    assert "过于复杂" in refused(with_part("xl/styles.xml", deep))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    data = with_part("xl/sharedStrings.xml", "<sst>" + " " * MAX_UNPACKED_BYTES)
    assert len(data) < 200_000
    tracemalloc.start()
    try:
        assert "解压后过大" in refused(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 3_000_000)
    whole = bytearray(out.getvalue())
    for start, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = whole.find(start) + offset
        whole[at : at + 4] = struct.pack("<I", 10)
    assert "xlsx" in refused(bytes(whole))


@pytest.mark.parametrize(("count", "right"), [(30, True), (31, False)])
def test_a_workbook_has_so_many_sheets_and_no_more(count: int, right: bool) -> None:
    more: dict[str, list[tuple[Any, ...]]] = {f"s{n}": [("x",)] for n in range(count - 1)}
    if right:
        assert len(read_workbook(workbook(("x",), **more)).sheets) == count
    else:
        assert "工作表过多" in refused(workbook(("x",), **more))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_whatever_happened_to_a_workbook_the_answer_is_text_or_a_reason(
    place: int, new: bytes
) -> None:
    whole = workbook(("题型", "题干"), ("单选", "甲"))
    place %= len(whole)
    try:
        read_workbook(whole[:place] + new + whole[place + len(new) :])
    except SheetRefused as refusal:
        assert str(refusal)


@pytest.mark.parametrize(
    "content",
    [
        "<worksheet/>",
        "<x/>",
        f'<worksheet xmlns="{SPACE}"><sheetData><row r="1"><c r="1A"><v>1</v></c></row></sheetData></worksheet>',
        f'<worksheet xmlns="{SPACE}"><sheetData><row r="1"><c t="s"><v>99</v></c></row></sheetData></worksheet>',
        f'<worksheet xmlns="{SPACE}"><sheetData><row r="1"><c t="n"><v>x</v></c></row></sheetData></worksheet>',
    ],
)
def test_a_part_that_makes_no_sense_is_text_or_a_reason(content: str) -> None:
    try:
        read_workbook(with_part(SHEET, content))
    except SheetRefused as refusal:
        assert str(refusal)


# --- writing ---

WRITABLE = st.text(
    st.characters(
        blacklist_categories=("Cs", "Cc"),
        blacklist_characters="\ufffe\uffff",
        whitelist_characters="\n\t",
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WRITABLE, WRITABLE), min_size=1, max_size=4))
def test_whatever_text_is_written_the_same_is_read(lines: list[tuple[str, str]]) -> None:
    data = writing.write_xlsx([SheetToWrite("页", ("一", "二"), list(lines), (10, 10))])
    written = [
        [*line] for line in lines if any(cell.strip() for cell in line)
    ]  # blank rows are none
    wanted = [["一", "二"], *written]
    read = [[*line, "", ""][:2] for line in texts(data)]
    assert read == wanted


def test_what_looks_like_a_formula_a_number_or_an_escape_stays_text() -> None:
    tricky = (
        "=HYPERLINK(1)",
        "+1",
        "@x",
        "0012",
        "1E5",
        "_x0041_",
        "#N/A",
        "TRUE",
        " x ",
        "2027-01-02",
    )
    data = writing.write_xlsx([SheetToWrite("页", ("h",) * len(tricky), [tricky], ())])
    assert texts(data)[1] == list(tricky)
    [cells] = list(openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(min_row=2))
    assert {cell.data_type for cell in cells} == {"s"}


def test_the_same_content_is_the_same_file() -> None:
    page = SheetToWrite("页", ("题型",), [("单选题",)], (9,), {0: ("单选题", "多选题")})
    assert writing.write_xlsx([page]) == writing.write_xlsx([page])
