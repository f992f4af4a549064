"""Workbooks in the old binary format (xls, et): what a person sees, as far as xlrd tells."""

import struct
from typing import Any

import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.exams.content import Mark, Paragraph, Text
from chalicelib.sheets import model, xls
from chalicelib.sheets.model import Cell, SheetRefused
from chalicelib.sheets.workbooks import read_workbook
from tests.dropbox import BANK_HEADINGS, LI, ROSTER_HEADINGS, ZHANG
from tests.unit.sheets import (
    OTHER_QUESTION,
    QUESTION,
    Change,
    only_sheet,
    people_of,
    read_bank,
    stems,
    told,
    xls_of,
)


def bank(*questions: tuple[Any, ...], change: Change | None = None) -> bytes:
    return xls_of(BANK_HEADINGS, *(questions or (QUESTION, OTHER_QUESTION)), change=change)


def font(**properties: Any) -> Any:
    made = xlwt.Font()
    for name, value in properties.items():
        setattr(made, name, value)
    return made


def style(number_format: str = "General", **properties: Any) -> Any:
    made = xlwt.XFStyle()
    made.num_format_str = number_format
    made.font = font(**properties)
    return made


@pytest.mark.parametrize("ending", ["xls", "et", "xlsx"])
def test_a_bank_is_read_whatever_its_ending_says(ending: str) -> None:
    assert stems(read_bank(bank(), f"bank.{ending}")) == ["问一？", "问二？"]


def test_people_are_read() -> None:
    people, reading = people_of("roster.xls", xls_of(ROSTER_HEADINGS, ZHANG, LI))
    assert [person.name for person in people] == ["张三", "李四"]
    assert (reading.findings, reading.remarks) == ([], [])


def test_hidden_rows_and_columns_are_left_out_and_told() -> None:
    def hide(sheet: Any) -> None:
        sheet.row(1).hidden = True
        sheet.col(4).hidden = True

    found = read_bank(bank(change=hide), "bank.xls")
    assert stems(found) == ["问二？"]
    assert found.questions[0].options == ("甲", "乙")
    assert told(found) == {"hidden_row_left_out": (2,), "hidden_column_left_out": ()}


@pytest.mark.parametrize("visibility", [1, 2])
def test_hidden_sheets_are_left_out_and_told(visibility: int) -> None:
    def hide(sheet: Any) -> None:
        other = sheet.get_parent().add_sheet("旧题")
        other.write(0, 0, "题干")
        other.visibility = visibility

    [remark] = read_bank(bank(change=hide), "bank.xls").remarks
    assert remark.reason == "隐藏的工作表没有导入：旧题"


def test_struck_text_is_left_out_and_told() -> None:
    def strike(sheet: Any) -> None:
        sheet.write(1, 1, "问一？", style(struck_out=True))

    half = [("甲", font()), ("（已废止）", font(struck_out=True)), ("乙", font())]
    data = bank(QUESTION, (*OTHER_QUESTION[:2], half, *OTHER_QUESTION[3:]), change=strike)
    found = read_bank(data, "bank.xls")
    assert found.questions[0].options[0] == "甲乙"
    assert told(found) == {"struck_row_left_out": (2,), "struck_text_left_out": (3,)}


def test_marks_survive() -> None:
    raised, lowered = font(escapement=1), font(escapement=2)
    runs: list[Any] = ["x", ("2", raised), ("H", font(bold=True)), ("3", lowered)]
    runs += [("下", font(underline=1))]
    [stem] = stems(read_bank(bank((QUESTION[0], runs, *QUESTION[2:])), "bank.xls"))
    marks = [(), (Mark.SUPERSCRIPT,), (Mark.BOLD,), (Mark.SUBSCRIPT,), (Mark.UNDERLINE,)]
    texts = zip(("x", "2", "H", "3", "下"), marks, strict=True)
    assert stem == (Paragraph(tuple(Text(text, of) for text, of in texts)),)


def test_merged_cells_count_for_all_their_rows() -> None:
    data = bank(
        QUESTION,
        (None, *OTHER_QUESTION[1:]),
        change=lambda sheet: sheet.merge(1, 2, 0, 0),
    )
    assert stems(read_bank(data, "bank.xls")) == ["问一？", "问二？"]


@pytest.mark.parametrize("value", ["甲", 5, True])
def test_what_its_format_does_not_show_is_hidden(value: Any) -> None:
    data = xls_of(change=lambda sheet: sheet.write(0, 0, value, style(";;;")))
    [(_, [cell])] = only_sheet(data).rows
    assert cell == Cell("", hidden=True)


@pytest.mark.parametrize(
    ("value", "number_format", "text", "trouble"),
    [
        (12, "General", "12", ""),
        (0.125, "0.0%", "12.5%", ""),
        (True, "General", "TRUE", ""),
        (10**15, "General", "", "超过 15 位"),
        (44927, "yyyy-mm-dd", "", "日期"),
        (1234.5, "#,##0.00", "", "特殊格式"),
        (1234.5, "0", "1235", ""),
        (1.005, "0.00", "1.01", ""),
        ("甲", "0.00", "甲", ""),
        ("甲", '"第"@"条"', "", "特殊格式"),
        (xlwt.Formula("1+1"), "General", "", "公式"),
    ],
)
def test_a_cell_is_the_text_that_is_seen_in_it(
    value: Any, number_format: str, text: str, trouble: str
) -> None:
    data = xls_of(change=lambda sheet: sheet.write(0, 0, value, style(number_format)))
    [(number, [cell])] = only_sheet(data).rows
    assert (number, cell.text) == (1, text)
    assert trouble in cell.trouble
    assert bool(cell.trouble) is bool(trouble)


@pytest.mark.parametrize(
    ("value", "shows"), [('=DISPIMG("ID_1",1)', True), ("2", False), (2.0, False)]
)
def test_a_picture_that_wps_put_into_a_cell_is_told_as_such(value: Any, shows: bool) -> None:
    assert xls._shows_picture(value) is shows


# --- what is never opened ---


def refused(data: bytes) -> str:
    with pytest.raises(SheetRefused) as refusal:
        read_workbook(data)
    return str(refusal.value)


def with_record(data: bytes, kind: int, content: bytes, before: int = 0x85) -> bytes:
    """An xls with a record put before the first of another kind; what follows in its stream moves back."""
    stream = xls._stream(data)
    at = next(offset for offset, found, _, _ in xls._records(stream) if found == before)
    record = struct.pack("<HH", kind, len(content)) + content
    changed = (stream[:at] + record + stream[at:])[: len(stream)]
    return data.replace(stream[:512], changed[:512], 1)


def test_an_encrypted_workbook_is_told_as_such() -> None:
    assert "密码" in refused(with_record(bank(), 0x2F, b"\0" * 6, before=0x42))
    assert "密码" in refused(_compound("EncryptedPackage"))


def test_another_compound_file_is_told_as_such() -> None:
    assert "不是可以打开的 xls" in refused(_compound("WordDocument"))


def _compound(stream: str) -> bytes:
    """A compound file with one stream of this name."""
    name = "Workbook".encode("utf-16-le") + b"\0\0"
    other = stream.encode("utf-16-le") + b"\0\0"
    at = bank().find(name)
    data = bytearray(bank())
    data[at : at + 64] = other.ljust(64, b"\0")
    data[at + 64 : at + 66] = struct.pack("<H", len(other))
    return bytes(data)


def test_what_is_cut_off_is_refused() -> None:
    for length in (8, 100, 512, 2000):
        assert refused(bank()[:length])


def test_limits_are_checked_before_xlrd_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MAX_ROWS", 3)
    assert len(only_sheet(xls_of(*[("x",)] * 3)).rows) == 3
    monkeypatch.setattr(xls, "_open", lambda data: pytest.fail("xlrd must not read this"))
    assert "超过 3 行" in refused(xls_of(*[("x",)] * 4))


def test_a_picture_is_noticed() -> None:
    record = struct.pack("<HHHH", 0x15, 0x12, 8, 1) + b"\0" * 14
    data = xls_of(("x",))
    assert not read_workbook(data).has_pictures
    assert xls._Survey(xls._stream(with_record(data, 0x5D, record, before=0x42))).has_pictures


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_whatever_happened_to_a_workbook_the_answer_is_text_or_a_reason(
    place: int, new: bytes
) -> None:
    whole = bank()
    place %= len(whole)
    try:
        read_workbook(whole[:place] + new + whole[place + len(new) :])
    except SheetRefused as refusal:
        assert str(refusal)
