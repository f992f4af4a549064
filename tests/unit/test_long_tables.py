"""Long tables: what a spreadsheet must not compute, what XML cannot hold, and memory that does not grow."""

import csv
import io
import tracemalloc
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest

from chalicelib.sheets import streaming
from chalicelib.sheets.writing import Cell, SheetToWrite

HEADS, WIDTHS = ("姓名", "得分"), (12, 8)


def workbook(*rows: tuple[Cell, ...], others: tuple[SheetToWrite, ...] = ()) -> Any:
    file = io.BytesIO()
    streaming.write_long_xlsx(file, "成绩单", HEADS, WIDTHS, rows, others)
    return openpyxl.load_workbook(file)


def csv_text(*rows: tuple[Cell, ...], heads: tuple[str, ...] = HEADS) -> str:
    file = io.BytesIO()
    streaming.write_long_csv(file, heads, rows)
    return file.getvalue().decode()


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe_in_csv(sign: str) -> None:
    text = f"{sign}cmd|' /C calc'!A0"
    assert streaming.harmless(text) == f"'{text}"
    for blank in (" ", "  ", "\u3000", "\ufeff", "\u200b"):
        assert streaming.harmless(blank + text) == f"'{blank}{text}"


@pytest.mark.parametrize("value", ["", "张三", "3-1", "a=b", "'=1", "1", 5, -1.5, 0, None, "一@二"])
def test_every_other_value_stays_as_it_is(value: Cell) -> None:
    assert streaming.harmless(value) == value


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "@x", '=HYPERLINK("http://a")', "<b>&\"'", "a\nb", " a ", "007", "1e5"]
)
def test_a_text_is_a_text_cell_in_a_workbook(text: str) -> None:
    [cell] = workbook((text,)).active["A"][1:]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


@pytest.mark.parametrize(
    ("value", "written"), [(100.0, "100"), (99.5, "99.5"), (0.0, "0"), (-1.0, "-1"), (7, "7")]
)
def test_a_whole_number_has_no_decimals(value: float, written: str) -> None:
    assert csv_text((value,)).splitlines()[1:] == [written]
    [cell] = workbook((value,)).active["A"][1:]
    assert repr(cell.value) == written


def test_numbers_are_numbers_and_nothing_is_nothing() -> None:
    sheet = workbook(("甲", 98.5), ("乙", 0), ("", None)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        list(HEADS),
        ["甲", 98.5],
        ["乙", 0],
        [None, None],
    ]
    assert sheet["B2"].data_type == "n"


def test_what_xml_cannot_hold_is_left_out_and_what_looks_escaped_is_kept() -> None:
    file = io.BytesIO()
    streaming.write_long_xlsx(file, "成绩单", HEADS, WIDTHS, [("a\x00\x0b\uffffb", "_x0041_")])
    [a, b] = openpyxl.load_workbook(file).active[2]
    assert (a.value, b.value) == ("ab", "_x005F_x0041_")  # a spreadsheet shows _x0041_


def test_a_cell_holds_as_much_as_a_spreadsheet_allows() -> None:
    most = streaming.MOST_CHARACTERS
    assert len(workbook(("字" * most,)).active["A2"].value) == most
    assert len(workbook(("字" * (most + 1),)).active["A2"].value) == most


def test_headings_stay_in_sight_and_other_sheets_follow() -> None:
    book = workbook(("甲", 1), others=(SheetToWrite("说明", ("项目",), [("人数",)], (10,)),))
    assert book.sheetnames == ["成绩单", "说明"]
    assert book["成绩单"].freeze_panes == "A2"
    assert book["成绩单"].column_dimensions["A"].width == 12
    assert book["说明"]["A2"].value == "人数"


def test_without_rows_there_are_the_headings() -> None:
    assert [cell.value for cell in workbook().active[1]] == list(HEADS)
    assert csv_text() == '\ufeff"姓名","得分"\r\n'


def test_csv_begins_with_the_mark_by_which_excel_knows_utf_8() -> None:
    text = csv_text(('张"三"，\n', 1.5), ("=1", None))
    assert text == '\ufeff"姓名","得分"\r\n"张""三""，\n",1.5\r\n"\'=1",""\r\n'
    assert list(csv.reader(io.StringIO(text[1:], newline="")))[1] == ['张"三"，\n', "1.5"]


def test_the_same_rows_give_the_same_bytes() -> None:
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        streaming.write_long_xlsx(file, "成绩单", HEADS, WIDTHS, [("甲", 1)])
    assert files[0].getvalue() == files[1].getvalue()


class _Sink(io.RawIOBase):
    """Takes bytes and keeps none."""

    def __init__(self) -> None:
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.size += len(data)
        return len(data)


@pytest.mark.parametrize("as_csv", [False, True])
def test_ten_times_the_rows_need_no_more_memory(*, as_csv: bool) -> None:
    peaks = []
    for number in (500, 5_000):
        rows: Iterator[tuple[Cell, ...]] = ((f"考生{i}", i) for i in range(number))
        tracemalloc.start()
        if as_csv:
            streaming.write_long_csv(_Sink(), HEADS, rows)  # type: ignore[arg-type]
        else:
            streaming.write_long_xlsx(_Sink(), "成绩单", HEADS, WIDTHS, rows)  # type: ignore[arg-type]
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2
