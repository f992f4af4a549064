"""Options in one text are parted when their letters count up from A; a letter in doubt is refused."""

import pytest

from chalicelib.exams.content import Content, Mark, Paragraph, Picture, Text
from chalicelib.imports.banks import read_bank
from chalicelib.imports.options_in_text import split_options
from tests.dropbox import workbook

PICTURE = Picture("0" * 64, 4, 3, "印章")


def why(text: Content) -> str:
    with pytest.raises(ValueError) as refused:
        split_options(text)
    return str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "问？ A.甲 B.乙 C.丙",
        "问？\nA、甲\nB、乙\nC、丙",
        "问？（A）甲（B）乙（C）丙",
        "问？A．甲  B．乙　C．丙",
    ],
)
def test_options_inside_the_stem_are_found(text: str) -> None:
    stem, options = split_options(text)
    assert (stem, options) == ("问？", ("甲", "乙", "丙"))


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("A.甲;B.乙", ("甲", "乙")),
        ("A.甲；B.乙；C.丙。", ("甲", "乙", "丙")),
        ("A.甲；B.乙；C.丙；", ("甲", "乙", "丙")),
        ("A.甲; B.乙; C.丙", ("甲", "乙", "丙")),
        ("A. int a; B. int b; C. int c;", ("int a;", "int b;", "int c;")),
        ("A.甲;B.乙 C.丙", ("甲;", "乙", "丙")),
        ("A.甲；B.乙;C.丙", ("甲；", "乙;", "丙")),
        ("A.甲。B.乙。C.丙。", ("甲。", "乙。", "丙。")),
        ("A.甲 B.乙；", ("甲", "乙；")),
        ("A.甲；乙；B.丙", ("甲；乙", "丙")),
    ],
)
def test_semicolons_between_options_are_no_part_of_them(
    text: str, options: tuple[str, ...]
) -> None:
    assert split_options(f"问？{text}") == ("问？", options)


def test_a_semicolon_behind_a_raised_character_goes_too() -> None:
    whole = (Paragraph((Text("问？A.10"), Text("2", (Mark.SUPERSCRIPT,)), Text("；B.乙"))),)
    ten = (Paragraph((Text("10"), Text("2", (Mark.SUPERSCRIPT,)))),)
    assert split_options(whole) == ("问？", (ten, "乙"))


@pytest.mark.parametrize(
    "text", ["关于 A. 的说法", "甲级A.B类", "按附件 B. 办理", "甲方 A 与乙方 B"]
)
def test_letters_that_do_not_count_up_are_text(text: str) -> None:
    assert split_options(text) == (text, ())


def test_markup_survives_the_split() -> None:
    whole = (
        Paragraph(
            (Text("如图"), PICTURE, Text(" A.10"), Text("2", (Mark.SUPERSCRIPT,)), Text(" B.乙"))
        ),
    )
    stem, options = split_options(whole)
    assert stem == (Paragraph((Text("如图"), PICTURE)),)
    assert options == ((Paragraph((Text("10"), Text("2", (Mark.SUPERSCRIPT,)))),), "乙")


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("A.a B.b D.d", "A、B、D（缺 C）"),
        ("A. a\nB. b\nD. d", "A、B、D（缺 C）"),
        ("A.a B.b B.c", "A、B、B（B 重复）"),
        ("D. d A. x", "D、A（缺 B、C）"),
        ("B.甲 A.乙", "B、A（次序不对）"),
        ("A. 甲 C. 乙", "A、C（缺 B）"),
        ("问？D. d A. a B. b", "D、A、B（缺 C）"),
        ("（A）甲（B）乙（D）丁", "A、B、D（缺 C）"),
        ("A.甲B.乙D.丁", "A、B、D（缺 C）"),
        ("A. 甲 B. 乙 C. 丙D. 丁", "A、B、C、D（次序不对）"),
        ("A. 甲 B. 乙 见附件D. 其他", "A、B、D（缺 C）"),
        ("A. 甲 B. 乙 D、丁", "A、B、D（缺 C）"),
        ("A. 甲 B. 乙 A. 丙", "A、B、A（A 重复）"),
    ],
)
def test_letters_that_do_not_count_up_are_refused_with_what_is_wrong(
    text: str, letters: str
) -> None:
    assert why(text).startswith(f"选项须从 A 起依次排列，这里是 {letters}：请改正")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("A. 甲 B. 乙 C. A、B都对", ("甲", "乙", "A、B都对")),
        ("A、甲 B、乙 C、A、B都对", ("甲", "乙", "A、B都对")),
        ("A、B超 B、CT", ("B超", "CT")),
        ("A. 维生素B、维生素C B. 维生素D：每日", ("维生素B、维生素C", "维生素D：每日")),
        ("A. 甲 B. 乙（见图 C） C. 丙", ("甲", "乙（见图 C）", "丙")),
        ("（ A、B、C ）A.甲 B.乙 C.丙", ("甲", "乙", "丙")),
        ("A. 甲（A）B. 乙（D）", ("甲（A）", "乙（D）")),
        ("A. 3.5 B. ABC.D", ("3.5", "ABC.D")),
        (" ".join(f"{x}. {x * 2}" for x in "ABCDEFGH"), tuple(x * 2 for x in "ABCDEFGH")),
        (" ".join(f"{x}. 甲" for x in "ABCDEFGHI"), ("甲",) * 9),
        ("A. 甲 B. 乙 见 I. 节", ("甲", "乙 见 I. 节")),
    ],
)
def test_letters_inside_of_options_stay(text: str, options: tuple[str, ...]) -> None:
    assert split_options(text)[1] == options


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("A、a1|B、b1", ("a1", "b1")),
        ("A. 甲 | B. 乙｜C. 丙|", ("甲", "乙", "丙")),
        ("|A. 甲|B. 乙", ("甲", "乙")),
        ("A. |x| B. |y|", ("|x|", "|y|")),
        ("A. a|b B. c", ("a|b", "c")),
    ],
)
def test_bars_between_options_are_no_part_of_them(text: str, options: tuple[str, ...]) -> None:
    assert split_options(text) == ("", options)


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        (("题型", "题干", "选项", "答案"), ("单选", "问？", "A.a B.b D.d", "A")),
        (("题型", "题干", "选项A", "答案"), ("单选", "问？", "A.a B.b D.d", "A")),
        (("题型", "题干", "答案"), ("单选", "问？A.a B.b D.d", "A")),
        (("题干", "答案"), ("问？A.a B.b D.d", "A")),
    ],
)
def test_a_table_with_a_wrong_letter_is_refused_by_row(
    headings: tuple[str, ...], cells: tuple[str, ...]
) -> None:
    [finding] = read_bank({"bank.xlsx": workbook(headings, cells)}).findings
    assert (finding.row, finding.reason[:27]) == (
        2,
        "选项须从 A 起依次排列，这里是 A、B、D（缺 C）",
    )


def test_an_option_too_many_in_one_cell_is_refused() -> None:
    cell = " ".join(f"{letter}. 选{letter}" for letter in "ABCDEFGHI")
    table = workbook(("题型", "题干", "选项", "答案"), ("单选", "问？", cell, "A"))
    [finding] = read_bank({"bank.xlsx": table}).findings
    assert (finding.row, finding.reason) == (2, "最多 8 个选项")


@pytest.mark.parametrize(
    "options",
    [
        ("Washington, D.C.", "New York", "U.S.A.", "Others"),
        ("M.D.", "Ph.D.", "C.I.A.", "B.A."),
        ("a.", "b.", "c.", "d."),
    ],
)
def test_abbreviations_are_no_options(options: tuple[str, ...]) -> None:
    for between in ("\n", " "):
        text = between.join(f"{letter}. {o}" for letter, o in zip("ABCD", options, strict=True))
        assert split_options(text) == ("", options)
