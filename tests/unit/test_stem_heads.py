"""The number and the type that people write into a stem are taken out where that is certain."""

import pytest

from chalicelib.exams.content import Content, Mark, Paragraph, Picture, Text, plain_text
from chalicelib.exams.questions import QuestionType
from chalicelib.imports.banks import BankReading, read_bank
from chalicelib.imports.question_rows import QuestionRow, check_row
from chalicelib.imports.remarks import Advice
from chalicelib.imports.stem_heads import (
    running_numbers,
    type_mark,
    with_kept_number,
    without_number,
)
from chalicelib.notation.markup import read_markup
from chalicelib.notation.picture_shelf import PictureShelf
from tests.dropbox import workbook

PICTURE = Picture("0" * 64, 4, 3, "印章")


def bank(*stems: str, kind: str = "单选题") -> BankReading:
    lines = [(kind, stem, "甲", f"乙{place}", "A") for place, stem in enumerate(stems)]
    return read_bank({"bank.xlsx": workbook(("题型", "题干", "A", "B", "答案"), *lines)})


def rows_of(found: BankReading, advice: Advice) -> list[tuple[int, ...]]:
    return [remark.rows for remark in found.remarks if remark.advice is advice]


# --- numbers ---


@pytest.mark.parametrize(
    "written",
    ["{}. {}", "{}、{}", "{}．{}", "（{}）{}", "({}) {}", "第{}题 {}", "{}){}", "第 {} 题：{}"],
)
def test_numbers_that_count_the_questions_are_taken_out(written: str) -> None:
    found = bank(*(written.format(place, f"问{place}？") for place in (1, 2, 3)))
    assert [q.stem for q in found.questions] == ["问1？", "问2？", "问3？"]
    assert rows_of(found, Advice.NUMBER_REMOVED) == [(2, 3, 4)]


@pytest.mark.parametrize(
    ("stems", "certain"),
    [
        (["1. 甲"], [0]),
        (["2. 甲"], []),
        (["甲", "2. 乙", "丙"], [1]),
        (["甲", "乙", "2. 丙"], []),
        (["5. 甲", "6. 乙", "丙", "丁", "戊", "己"], [0, 1]),
        (["1. 甲", "2. 乙", "1. 丙", "2. 丁"], [0, 1, 2, 3]),
        (["1. 甲", "2. 乙", "2. 丙"], [0, 1]),
        (["2024. 年", "2025. 年"], []),
        (["1.5 米", "2.5 米"], []),
        (["1 个", "2 个"], []),
        (["1、2 月", "2、3 月"], []),
        (["（1）甲；（2）乙"], []),
        (["1. 甲 2. 乙", "2. 丙 3. 丁"], []),
        (["第一题", "第二题"], []),
        (["【单选题】1. 甲", "2.【单选题】乙"], [0, 1]),
        (["[图 1] 1. 甲"], []),
    ],
)
def test_only_numbers_that_are_certain_count(stems: list[str], certain: list[int]) -> None:
    assert running_numbers(stems, len(stems)) == certain


@pytest.mark.parametrize(("most", "certain"), [(40, []), (41, [0]), (42, [0, 1])])
def test_a_number_is_not_greater_than_the_number_of_questions(
    most: int, certain: list[int]
) -> None:
    assert running_numbers(["41. 甲", "42. 乙"], most) == certain


def test_sheets_may_count_on() -> None:
    heads = ("题型", "题干", "A", "B", "答案")
    line = ("单选", "1. 问？", "甲", "乙", "A")
    more = [("单选", f"{n}. 问{n}？", "甲", "乙", "A") for n in (2, 3)]
    found = read_bank({"bank.xlsx": workbook(heads, line, 多选=[heads, *more])})
    assert [q.stem for q in found.questions] == ["问？", "问2？", "问3？"]


def test_a_stem_that_looks_numbered_stays() -> None:
    found = bank("2024. 年的目标是？", "（1）甲；（2）乙，正确的是？")
    assert [q.stem for q in found.questions] == [
        "2024. 年的目标是？",
        "（1）甲；（2）乙，正确的是？",
    ]
    assert rows_of(found, Advice.NUMBER_REMOVED) == []


def test_marks_and_pictures_behind_a_number_stay() -> None:
    bold = Text("哪项", (Mark.BOLD,))
    whole = (Paragraph((Text("1. "), bold, PICTURE)),)
    assert without_number(whole) == (Paragraph((bold, PICTURE)),)
    split = (Paragraph((Text("1", (Mark.BOLD,)), Text("、问"), bold)),)
    assert without_number(split) == (Paragraph((Text("问"), bold)),)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1. 甲", "&#32;1. 甲"),
        ("第 0 题：甲", "&#32;第 0 题：甲"),
        ("（12）甲", "&#32;（12）甲"),
        ("１．甲", "&#32;１．甲"),
        ("1.5 米", "1.5 米"),
        ("甲 1. 乙", "甲 1. 乙"),
    ],
)
def test_a_number_that_belongs_to_a_stem_survives_an_export(written: str, kept: str) -> None:
    assert with_kept_number(written) == kept
    assert plain_text(read_markup(kept, PictureShelf())) == written
    assert running_numbers([kept], 20) == []


# --- types ---


def checked(stem: Content, kind: QuestionType) -> tuple[str, set[Advice]]:
    choice = kind.has_options and kind is not QuestionType.JUDGE
    options = ("甲", "乙") if choice else ()
    answer = {QuestionType.JUDGE: "对", QuestionType.MULTIPLE: "AB"}.get(kind, "A")
    row = QuestionRow(file="a", row=2, type=kind, stem=stem, options=options, answer=answer)
    found = check_row(row)
    return plain_text(found.question.stem), set(found.advice)


@pytest.mark.parametrize(
    ("stem", "kind"),
    [
        ("【单选题】问？", QuestionType.SINGLE),
        ("[单选] 问？", QuestionType.SINGLE),
        ("（单选题，2 分）问？", QuestionType.SINGLE),
        ("（单选）问？", QuestionType.SINGLE),
        ("问？（单选题）", QuestionType.SINGLE),
        ("（多选题）问？", QuestionType.MULTIPLE),
        ("[判断]：问？", QuestionType.JUDGE),
        ("【不定项】问？", QuestionType.INDEFINITE),
    ],
)
def test_the_type_in_a_stem_is_taken_out(stem: str, kind: QuestionType) -> None:
    assert checked(stem, kind) == ("问？", {Advice.TYPE_MARK_REMOVED})


@pytest.mark.parametrize(
    ("stem", "kind", "reason"),
    [
        ("【多选题】问？", QuestionType.SINGLE, "题干写着“多选题”，题型却是“单选题”"),
        ("问？（判断题）", QuestionType.SINGLE, "题干写着“判断题”，题型却是“单选题”"),
        ("[单选] 问？", QuestionType.INDEFINITE, "题干写着“单选题”，题型却是“不定项选择题”"),
    ],
)
def test_another_type_in_a_stem_is_refused(stem: str, kind: QuestionType, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        checked(stem, kind)


@pytest.mark.parametrize(
    ("stem", "kind"),
    [
        ("（判断）是思维的形式", QuestionType.SINGLE),
        ("应当作出（判断）", QuestionType.JUDGE),
        ("单选题的选项有几个？", QuestionType.SINGLE),
        ("【判断依据】是什么？", QuestionType.SINGLE),
        ("【案例】问？", QuestionType.SINGLE),
    ],
)
def test_words_that_only_look_like_a_type_stay(stem: str, kind: QuestionType) -> None:
    assert checked(stem, kind) == (stem, set())
    assert type_mark(stem) is None


def test_a_mark_behind_a_picture_stays() -> None:
    whole = (Paragraph((Text("看图"), PICTURE, Text("（单选题）"))),)
    assert checked(whole, QuestionType.SINGLE)[1] == set()
    before = (Paragraph((Text("【单选题】看图"), PICTURE)), Paragraph((Text("问？"),)))
    assert checked(before, QuestionType.SINGLE) == (
        "看图[图：印章]\n问？",
        {Advice.TYPE_MARK_REMOVED},
    )


def test_number_and_type_may_stand_together_in_a_table() -> None:
    found = bank("1.【单选题】甲？", "【单选题】2. 乙？", "（3）丙？（单选题）")
    assert [q.stem for q in found.questions] == ["甲？", "乙？", "丙？"]


def test_without_a_column_the_type_in_the_stem_counts() -> None:
    table = workbook(("题干", "A", "B", "答案"), ("【不定项】问？", "甲", "乙", "A"))
    [question] = read_bank({"bank.xlsx": table}).questions
    assert (question.type, question.stem) == (QuestionType.INDEFINITE, "问？")


def test_a_type_that_differs_from_its_section_is_refused() -> None:
    text = "一、单选题\n1.【多选题】问？\nA. 甲 B. 乙\n答案：AB"
    [finding] = read_bank({"list.txt": text.encode()}).findings
    assert (finding.row, finding.reason[:16]) == (2, "第 1 题：题干写着“多选题”，")
