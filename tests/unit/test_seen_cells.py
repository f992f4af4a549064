"""What a person sees in a workbook is its content: nothing hidden, nothing struck out, merged cells, marks."""

from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font

from chalicelib.exams.content import Mark, Paragraph, Text, plain_text
from chalicelib.sheets.building import Area, SheetBuilder
from chalicelib.sheets.cell_texts import Font as CellFont
from chalicelib.sheets.cell_texts import Run, formatted_text_cell, number_cell, text_cell
from chalicelib.sheets.model import EMPTY, Cell, Limits, SheetRefused, column_letters
from tests.dropbox import BANK_HEADINGS, LI, ROSTER_HEADINGS, ZHANG, saved
from tests.unit.sheets import (
    OTHER_QUESTION,
    QUESTION,
    bank_book,
    only_sheet,
    parts_of,
    people_of,
    read_bank,
    stems,
    told,
    with_part,
    with_parts,
)


def rich(*runs: str | tuple[str, InlineFont]) -> CellRichText:
    return CellRichText(
        *(run if isinstance(run, str) else TextBlock(run[1], run[0]) for run in runs)
    )


def changed(book: Any, before: str, after: str) -> bytes:
    """An openpyxl workbook with something in its sheet replaced."""
    data = saved(book)
    content = parts_of(data)[SHEET].decode()
    assert before in content
    return with_part(SHEET, content.replace(before, after), data)


SHEET = "xl/worksheets/sheet1.xml"
SHARED = (
    '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1" t="s"><v>1</v></c>'
    '<c r="C1" t="s"><v>0</v></c></row></sheetData></worksheet>'
)
RAISED, LOWERED = InlineFont(vertAlign="superscript"), InlineFont(vertAlign="subscript")
STRUCK, BOLD = InlineFont(strike=True), InlineFont(b=True)


def text(*pieces: str | tuple[str, Mark]) -> tuple[Paragraph, ...]:
    inlines = (Text(p) if isinstance(p, str) else Text(p[0], (p[1],)) for p in pieces)
    return (Paragraph(tuple(inlines)),)


# --- hidden ---------------------------------------------------------------------------------------------


def test_a_hidden_row_is_left_out_and_told() -> None:
    book = bank_book()
    book.active.row_dimensions[2].hidden = True
    found = read_bank(book)
    assert stems(found) == ["问二？"]
    assert told(found)["hidden_row_left_out"] == (2,)


@pytest.mark.parametrize(("height", "hidden"), [("0", True), ("0.0", True), ("1", False)])
def test_a_row_without_height_is_hidden_too(height: str, hidden: bool) -> None:
    data = changed(bank_book(), '<row r="3"', f'<row r="3" ht="{height}" customHeight="1"')
    assert stems(read_bank(data)) == ["问一？", "问二？"][: 1 if hidden else 2]


def test_a_row_that_a_filter_hides_is_left_out_and_told() -> None:
    book = bank_book()
    book.active.auto_filter.ref = "A1:G3"
    book.active.auto_filter.add_filter_column(1, ["问一？"])
    book.active.row_dimensions[3].hidden = True  # as a spreadsheet program does
    found = read_bank(book)
    assert stems(found) == ["问一？"]
    assert told(found)["hidden_row_left_out"] == (3,)


@pytest.mark.parametrize("how", ['hidden="1"', 'hidden="true"', 'width="0" customWidth="1"'])
def test_a_hidden_column_is_left_out_and_told_by_its_letter(how: str) -> None:
    column = f'<cols><col min="5" max="5" {how}/></cols>'
    found = read_bank(changed(bank_book(), "<sheetData>", f"{column}<sheetData>"))
    assert [question.options for question in found.questions] == [("甲", "乙")] * 2
    [remark] = [r for r in found.remarks if r.advice.value == "hidden_column_left_out"]
    assert "：E；" in remark.reason


def test_a_hidden_column_with_an_answer_makes_that_question_wrong_by_row() -> None:
    book = bank_book((*QUESTION[:5], "C", "因为"))
    book.active.column_dimensions["E"].hidden = True
    [finding] = read_bank(book).findings
    assert (finding.row, finding.reason) == (2, "答案须为 A–B 中的字母，不重复")


def test_hidden_columns_and_rows_without_content_are_not_mentioned() -> None:
    book = bank_book()
    book.active.column_dimensions["K"].hidden = True
    book.active.row_dimensions[9].hidden = True
    assert told(read_bank(book)) == {}


def test_a_sheet_whose_rows_are_all_hidden_is_told() -> None:
    book = bank_book()
    for number in (1, 2, 3):
        book.active.row_dimensions[number].hidden = True
    found = read_bank(book)
    assert found.questions == ()
    assert found.findings
    assert told(found)["hidden_row_left_out"] == (1, 2, 3)


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_left_out_and_told_by_its_title(state: str) -> None:
    book = bank_book(QUESTION)
    other = book.create_sheet("旧题")
    other.append(BANK_HEADINGS)
    other.append(OTHER_QUESTION)
    other.sheet_state = state
    found = read_bank(book)
    assert stems(found) == ["问一？"]
    [remark] = found.remarks
    assert remark.reason == "隐藏的工作表没有导入：旧题"


def test_a_hidden_person_is_not_admitted() -> None:
    book = openpyxl.Workbook()
    for line in (ROSTER_HEADINGS, ZHANG, LI):
        book.active.append(line)
    book.active.row_dimensions[3].hidden = True
    people, reading = people_of("roster.xlsx", saved(book))
    assert [person.name for person in people] == ["张三"]
    [remark] = reading.remarks
    assert (remark.advice.value, remark.rows) == ("hidden_row_left_out", (3,))


# --- struck out -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", ["AC", "ABCDE"])
def test_a_struck_person_is_not_admitted(columns: str) -> None:
    book = openpyxl.Workbook()
    for line in (ROSTER_HEADINGS, ZHANG, LI):
        book.active.append(line)
    for column in columns:
        book.active[f"{column}3"].font = Font(strike=True)
    people, reading = people_of("roster.xlsx", saved(book))
    assert [person.name for person in people] == ["张三"]
    assert reading.findings == []
    [remark] = reading.remarks
    assert (remark.advice.value, remark.rows) == ("struck_row_left_out", (3,))


def test_a_person_whose_number_alone_is_struck_out_is_refused() -> None:
    book = openpyxl.Workbook()
    for line in (ROSTER_HEADINGS, ZHANG):
        book.active.append(line)
    book.active["C2"].font = Font(strike=True)
    people, reading = people_of("roster.xlsx", saved(book))
    assert [person.id_number for person in people] == [""]  # refused by the check of numbers
    assert [remark.advice.value for remark in reading.remarks] == ["struck_text_left_out"]


def test_a_struck_question_is_left_out_and_a_struck_option_is_none() -> None:
    book = bank_book()
    book.active["B2"].font = Font(strike=True)
    book.active["E3"].font = Font(strike=True)
    found = read_bank(book)
    [question] = found.questions
    assert (question.stem, question.options) == ("问二？", ("甲", "乙"))
    assert told(found) == {"struck_row_left_out": (2,), "struck_text_left_out": (3,)}
    assert (found.rows, found.right) == (1, 1)


def test_struck_runs_are_left_out_of_a_text() -> None:
    book = bank_book((*QUESTION[:2], rich("甲", ("（已废止）", STRUCK), "乙"), *QUESTION[3:]))
    found = read_bank(book)
    assert found.questions[0].options[0] == "甲乙"
    assert told(found) == {"struck_text_left_out": (2,)}


def test_what_is_struck_in_a_column_that_is_not_imported_is_not_mentioned() -> None:
    book = bank_book()
    book.active["H1"], book.active["H2"] = "处室", "甲处"
    book.active["H2"].font = Font(strike=True)
    assert set(told(read_bank(book))) == {"column_left_out"}


# --- marks ----------------------------------------------------------------------------------------------


def test_raised_and_lowered_letters_survive_and_tell_options_apart() -> None:
    options = (rich("10", ("2", RAISED)), rich("10", ("3", RAISED)), "102")
    book = bank_book(("单选", rich("H", ("2", LOWERED), "O？"), *options, "B", "因为"))
    [question] = read_bank(book).questions
    assert question.stem == text("H", ("2", Mark.SUBSCRIPT), "O？")
    assert [plain_text(option) for option in question.options] == ["102", "103", "102"]
    assert question.options[0] == text("10", ("2", Mark.SUPERSCRIPT))
    assert question.options[2] == "102"


def test_bold_and_underlined_runs_survive() -> None:
    book = bank_book(
        (
            "单选",
            rich("下列", ("不", BOLD), ("正确", InlineFont(u="single")), "的是"),
            *QUESTION[2:],
        )
    )
    assert stems(read_bank(book)) == [
        text("下列", ("不", Mark.BOLD), ("正确", Mark.UNDERLINE), "的是")
    ]


def test_bold_of_a_whole_cell_is_no_emphasis_but_other_marks_of_it_survive() -> None:
    book = bank_book()
    book.active["B2"].font = Font(bold=True)
    book.active["B3"].value = rich(("问二？", BOLD))
    book.active["C2"].font = Font(vertAlign="superscript")
    book.active["E2"].font = Font(underline="single")
    found = read_bank(book)
    assert stems(found) == ["问一？", "问二？"]
    assert found.questions[0].options == (
        text(("甲", Mark.SUPERSCRIPT)),
        "乙",
        text(("丙", Mark.UNDERLINE)),
    )


def test_a_run_without_a_font_has_that_of_its_cell() -> None:
    cell = (
        '<c r="A1" s="1" t="inlineStr"><is><r><t>一</t></r><r><rPr/><t>二</t></r>'
        "<rPh sb='0' eb='1'><t>yi</t></rPh></is></c>"
    )
    book = openpyxl.Workbook()
    book.active["A1"].font = Font(bold=True)
    data = with_part(
        SHEET,
        f'<worksheet><sheetData><row r="1">{cell}</row></sheetData></worksheet>',
        saved(book),
    )
    [(_, [found])] = only_sheet(data).rows
    assert (found.text, found.content) == ("一二", text(("一", Mark.BOLD), "二"))


def test_shared_texts_have_runs_too() -> None:
    texts = (
        '<sst><si><t>题</t></si><si><r><t xml:space="preserve">H </t></r><r><rPr><vertAlign val="subscript"/></rPr>'
        "<t>2</t></r><rPh sb='0' eb='1'><t>ai</t></rPh></si></sst>"
    )
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = "a", "b"
    book.active["B1"].font = Font(underline="single")
    related = "xl/_rels/workbook.xml.rels"
    entry = '<Relationship Id="s" Type="any/sharedStrings" Target="sharedStrings.xml"/>'
    listing = parts_of(saved(book))[related].decode()
    parts = {
        "xl/sharedStrings.xml": texts,
        SHEET: SHARED,
        related: listing.replace("</Relationships>", f"{entry}</Relationships>"),
    }
    data = with_parts(saved(book), {name: part.encode() for name, part in parts.items()})
    [(_, cells)] = only_sheet(data).rows
    assert [cell.text for cell in cells] == ["题", "H 2", "题"]
    assert cells[1].content == (
        Paragraph((Text("H ", (Mark.UNDERLINE,)), Text("2", (Mark.SUBSCRIPT,)))),
    )
    assert cells[0] == cells[2] == Cell("题")


@pytest.mark.parametrize(
    ("properties", "marks", "struck"),
    [
        ('<b val="0"/><u val="none"/><strike val="false"/>', (), False),
        ('<b val="1"/><u val="double"/>', (Mark.BOLD, Mark.UNDERLINE), False),
        ('<strike/><vertAlign val="baseline"/>', (), True),
    ],
)
def test_properties_of_a_run_may_be_switched_off(
    properties: str, marks: tuple[Mark, ...], struck: bool
) -> None:
    data = with_part(
        SHEET,
        '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><r><t>甲</t></r><r>'
        f"<rPr>{properties}</rPr><t>乙</t></r></is></c></row></sheetData></worksheet>",
    )
    [(_, [found])] = only_sheet(data).rows
    assert found.struck is struck
    assert found.content == ((Paragraph((Text("甲"), Text("乙", marks))),) if marks else "")


def test_a_raised_letter_in_an_answer_becomes_a_raised_character() -> None:
    book = bank_book(("填空", "面积是____", None, None, None, rich("10 m", ("2", RAISED)), "因为"))
    found = read_bank(book)
    assert found.questions[0].key == "10 m²"
    assert told(found) == {"answer_raised": (2,)}


def test_a_raised_letter_without_such_a_character_is_told_because_answers_are_plain() -> None:
    book = bank_book(("填空", "面积是____", None, None, None, rich("10 m", ("二", RAISED)), "因为"))
    found = read_bank(book)
    assert found.questions[0].key == "10 m二"
    assert told(found) == {"markup_left_out": (2,)}


def test_line_ends_in_marked_text_are_plain() -> None:
    book = bank_book(("单选", rich("一_x000D_\n", ("二", BOLD)), *QUESTION[2:]))
    [stem] = stems(read_bank(book))
    assert plain_text(stem) == "一\n二"


# --- numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number_format", "seen"),
    [
        (5, "0_ ", "5"),
        (5, "0_);[Red]\\(0\\)", "5"),
        (2.5, "0.00_ ", "2.50"),
        (5, "G/通用格式", "5"),
        (5, "[$-804]General", "5"),
        (5, "General;-General", "5"),
        (0, "0;-0", "0"),
        (7, '0;-0;;"@"', "7"),
    ],
)
def test_usual_formats_of_numbers_show_their_digits(
    value: float, number_format: str, seen: str
) -> None:
    assert number_cell(value, number_format) == Cell(seen)


@pytest.mark.parametrize(
    ("value", "number_format"),
    [
        (-5, "0_);[Red]\\(0\\)"),
        (5, "0*-"),
        (5, "[Red]"),
        (-5, "0;"),
        (5, "[>9];0"),
        (5, "[DBNum1]General"),
        (5, "[$-1E000804]General"),
        (0, '0;-0;"无"'),
        (5, '0"元"'),
        (5, "# ?/?"),
        (5, "0." + "0" * 31),
        (5, "[" * 256),
    ],
)
def test_other_formats_are_not_guessed(value: float, number_format: str) -> None:
    assert number_cell(value, number_format).trouble


@pytest.mark.parametrize(
    ("value", "number_format", "seen"),
    [
        (1234.5, "0", "1235"),
        (1233.5, "0", "1234"),
        (1234.4999999999, "0", "1234"),
        (-1234.5, "0", "-1235"),
        (2.5, "0", "3"),
        (0.5, "0", "1"),
        (1.005, "0.00", "1.01"),
        (2.675, "0.00", "2.68"),
        (1.00499999999999, "0.00", "1.00"),
        (1.0049999999999999, "0.00", "1.01"),  # the same number as 1.005
        (0.285, "0%", "29%"),
        (0.284999, "0%", "28%"),
        (0.00125, "0.0%", "0.1%"),
        (0.0015, "0.0%", "0.2%"),
        (1e-7, "0.000000", "0.000000"),
        (5e-7, "0.000000", "0.000001"),
        (999_999_999_999_999, "0." + "0" * 30, "999999999999999." + "0" * 30),
        (0.1, "0." + "0" * 20, "0.1" + "0" * 19),
        (12, "0.00", "12.00"),
    ],
)
def test_numbers_are_rounded_half_away_from_zero_in_their_fifteen_digits(
    value: float, number_format: str, seen: str
) -> None:
    assert number_cell(value, number_format) == Cell(seen)


@given(st.integers(-(10**13), 10**13), st.integers(0, 6))
def test_a_half_is_rounded_away_from_zero_whatever_stands_before_it(
    whole: int, decimals: int
) -> None:
    sign = "-" if whole < 0 else ""
    half = float(f"{sign}{abs(whole)}5e-{decimals + 1}")
    expected = Decimal(f"{sign}{abs(whole) + 1}e-{decimals}")
    assert number_cell(half, f"0.{'0' * decimals}".rstrip(".")) == Cell(f"{expected:f}")


@pytest.mark.parametrize(
    ("value", "number_format"),
    [
        (5, ";;;"),
        (-5, ";;;"),
        (0, ";;;"),
        (5, ";;"),
        (0, "0;-0;;@"),
        (0, "0;-0;"),
        (-5, "0;;0"),
        (5, '""'),
        (5, '" "'),
        (5, "_ "),
        (5, '"";"";"";""'),
        (10**15, ";;;"),
    ],
)
def test_a_number_that_its_format_does_not_show_is_hidden(value: float, number_format: str) -> None:
    assert number_cell(value, number_format) == Cell("", hidden=True)


@pytest.mark.parametrize(
    "number_format",
    [
        *("General", "@", "0.00", "0;-0", "0;-0;0", ";;", "yyyy/m/d;@", ";;;@", "0;0;0;@", ""),
        *('_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "[$-804]@", "0;;;General", '0"a;b"'),
    ],
)
def test_a_text_is_seen_when_its_format_shows_it(number_format: str) -> None:
    assert formatted_text_cell([Run("甲")], number_format) == Cell("甲")


@pytest.mark.parametrize("number_format", [";;;", "0;0;0;", '0;;;""', "0;0;0;_ ", '0;0;0;" "'])
def test_a_text_that_its_format_does_not_show_is_hidden(number_format: str) -> None:
    assert formatted_text_cell([Run("甲")], number_format) == Cell("", hidden=True)
    assert formatted_text_cell([Run(" ")], number_format) == Cell(" ")


@pytest.mark.parametrize(
    "number_format", ['"第"@"条"', ';;;"已删"', ";;;**", "@*.", ";;;[Red]", "0;" * 128]
)
def test_other_formats_of_texts_are_not_guessed(number_format: str) -> None:
    assert formatted_text_cell([Run("甲")], number_format).trouble


@pytest.mark.parametrize(
    ("column", "kept"),
    [(1, 1), (0, None), (5, None)],  # the stem; the type; the answer
)
def test_what_a_format_hides_is_told_and_not_read(column: int, kept: int | None) -> None:
    book = bank_book(QUESTION, OTHER_QUESTION)
    book.active.cell(row=2, column=column + 1).number_format = ";;;"
    found = read_bank(book)
    assert told(found)["hidden_text_left_out"] == (2,)
    if kept:  # without its stem nobody sees a question there
        assert len(found.questions) == kept
    assert bool(found.findings) is (kept is None)


def test_a_struck_number_is_left_out() -> None:
    assert number_cell(5, "General", CellFont(struck=True)) == Cell("", struck=True)
    assert text_cell([Run(" ", CellFont(struck=True))]) == EMPTY


# --- merged cells ---------------------------------------------------------------------------------------


def test_a_merged_type_counts_for_ten_rows() -> None:
    book = bank_book(*((*QUESTION[:1], f"问{n}？", *QUESTION[2:]) for n in range(10)))
    book.active.merge_cells("A2:A11")
    assert stems(read_bank(book)) == [f"问{n}？" for n in range(10)]


def test_merged_material_counts_for_each_of_its_questions() -> None:
    book = bank_book()
    book.active["H1"], book.active["H2"] = "材料", "某单位采购。"
    book.active.merge_cells("H2:H3")
    first, second = read_bank(book).questions
    assert first.material == second.material != ""


def test_a_row_that_only_merged_cells_cover_is_no_row() -> None:
    book = bank_book(QUESTION)
    for column in "ABCDEFG":
        book.active.merge_cells(f"{column}2:{column}3")
    found = read_bank(book)
    assert (found.rows, stems(found)) == (1, ["问一？"])


def test_a_value_that_lies_under_merged_cells_is_not_seen() -> None:
    builder = SheetBuilder("", Limits())
    for row, column, value in ((1, 0, "一"), (2, 0, "下"), (2, 1, "二")):
        builder.add(row, column, Cell(value))
    builder.merged.append(Area(1, 0, 2, 0))
    assert builder.finish().rows == [(1, [Cell("一")]), (2, [Cell("一"), Cell("二")])]


def test_cells_merged_across_columns_show_their_value_in_the_first_that_is_seen() -> None:
    builder = SheetBuilder("", Limits())
    builder.add(1, 0, Cell("一"))
    builder.add(1, 3, Cell("四"))
    builder.merged.append(Area(1, 0, 1, 2))
    builder.hidden_columns.add(0)
    sheet = builder.finish()
    assert sheet.rows == [(1, [EMPTY, Cell("一", columns=2), EMPTY, Cell("四")])]
    assert sheet.hidden_columns == ()


@pytest.mark.parametrize("last", ["D", "E", "F"])
def test_options_under_one_merged_heading_are_options(last: str) -> None:
    book = openpyxl.Workbook()
    for line in (
        ("题型", "题干", "选项", None, None, None, "答案", "解析"),
        ("单选", "问一？", "甲", "乙", None, None, "B", "因为"),
    ):
        book.active.append(line)
    book.active.merge_cells(f"C1:{last}1")
    found = read_bank(book)
    assert found.findings == ()
    assert [question.options for question in found.questions] == [("甲", "乙")]


def test_headings_in_two_rows_are_read_from_the_lower_one() -> None:
    book = openpyxl.Workbook()
    for line in (
        ("题型", "题干", "选项", None, None, "答案", "解析"),
        (None, None, "A", "B", "C", None, None),
        QUESTION,
    ):
        book.active.append(line)
    for cells in ("C1:E1", "A1:A2", "B1:B2", "F1:F2", "G1:G2"):
        book.active.merge_cells(cells)
    found = read_bank(book)
    assert stems(found) == ["问一？"]
    assert found.questions[0].options == ("甲", "乙", "丙")


def test_options_in_one_cell_that_is_merged_over_their_columns_are_parted() -> None:
    book = bank_book(("单选", "问一？", "A.甲 B.乙 C.丙", None, None, "B", "因为"))
    book.active.merge_cells("C2:E2")
    [question] = read_bank(book).questions
    assert (question.options, question.key) == (("甲", "乙", "丙"), "B")


def test_a_stem_that_is_merged_over_the_columns_of_options_is_a_stem() -> None:
    book = bank_book(("判断", "对吗？", None, None, None, "对", "因为"))
    book.active.merge_cells("B2:E2")
    assert stems(read_bank(book)) == ["对吗？"]


def test_merged_cells_of_a_roster_count_for_each_person() -> None:
    book = openpyxl.Workbook()
    for line in (ROSTER_HEADINGS, ZHANG, LI):
        book.active.append(line)
    book.active.merge_cells("D2:D3")
    people, reading = people_of("roster.xlsx", saved(book))
    assert [person.extra_min for person in people] == [20, 20]
    assert reading.findings == []


def test_a_merged_value_is_seen_though_its_first_row_is_hidden() -> None:
    book = bank_book()
    book.active.merge_cells("A2:A3")
    book.active.row_dimensions[2].hidden = True
    assert stems(read_bank(book)) == ["问二？"]


def test_merged_cells_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.sheets.building.MAX_CELLS", 3)
    for last, right in ((3, True), (4, False)):
        builder = SheetBuilder("", Limits())
        for row in range(1, last + 1):
            builder.add(row, 1, Cell("x"))
        builder.merged.append(Area(1, 0, last, 0))
        if right:
            assert len(builder.finish().rows) == 3
        else:
            with pytest.raises(SheetRefused, match="合并的单元格过多"):
                builder.finish()


# --- what is no content ---------------------------------------------------------------------------------


def test_a_comment_is_no_picture() -> None:
    book = bank_book()
    book.active["B2"].comment = Comment("请核对", "某人")
    found = read_bank(book)
    assert stems(found) == ["问一？", "问二？"]
    assert told(found) == {}


@pytest.mark.parametrize(("column", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (255, "IV")])
def test_columns_have_letters(column: int, letters: str) -> None:
    assert column_letters(column) == letters
