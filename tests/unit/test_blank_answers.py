"""Answers to blanks in files: what may be meant otherwise is told, and what nobody can write is refused."""

import pytest

from chalicelib.exams.content import Paragraph, Picture, Text, plain_text
from chalicelib.imports.remarks import Advice, Remark
from chalicelib.notation.raised import text_with_raised, text_without_tags
from tests.unit.formats import questions, read, reasons
from tests.unit.word import document, paragraph, run

UNDERLINED = '<w:u w:val="single"/>'
DOUBTS = {
    Advice.ANSWER_ALTERNATIVES,
    Advice.ANSWER_RANGE,
    Advice.ANSWER_RAISED,
    Advice.ANSWERS_PARTED,
}


def bank(answer: str, blanks: int = 1) -> str:
    stem = "，".join("期限____日" for _ in range(blanks))
    quoted = answer.replace('"', '""')
    return f'题型,题干,答案,解析\n填空题,{stem},"{quoted}",因为\n'


def doubts(answer: str, blanks: int = 1) -> tuple[str, list[Remark]]:
    """The key of a blank with this answer, and the remarks on it."""
    found = read("bank.csv", bank(answer, blanks))
    [question] = questions(found)
    return question.key, [remark for remark in found.remarks if remark.advice in DOUBTS]


@pytest.mark.parametrize(
    ("answer", "better"),
    [
        ("15/十五", "15|十五"),
        ("15或十五", "15|十五"),
        ("15 或者 十五", "15|十五"),
        ("甲;乙", "甲|乙"),
        ("甲；乙", "甲|乙"),
        ("甲、乙", "甲|乙"),
        ("甲，乙", "甲|乙"),
        ("甲,乙", "甲|乙"),
        ("yes OR no", "yes|no"),
        ("15（十五）", "15|十五"),
        ("1/2", "1|2"),
        ("2026/12/1", "2026|12|1"),
        ("二十|15/十五", "15|十五"),
    ],
)
def test_an_answer_like_several_is_kept_and_told_with_what_to_write(
    answer: str, better: str
) -> None:
    key, [remark] = doubts(answer)
    assert key == answer
    assert (remark.advice, remark.rows) == (Advice.ANSWER_ALTERNATIVES, (2,))
    assert f"写作“{better}”" in remark.reason


@pytest.mark.parametrize(
    ("answer", "better"),
    [
        ("9.5-10.5", "10±0.5"),
        ("9.5~10.5", "10±0.5"),
        ("９．５～１０．５", "10±0.5"),
        ("9.5—10.5", "10±0.5"),
        ("1 至 4", "2.5±1.5"),
        ("-5到5", "0±5"),
        ("[9.5,10.5]", "10±0.5"),
        ("(0, 1)", "0.5±0.5"),
        ("100-300", "200±100"),
        ("5%-10%", "10±0.5"),
        ("5-10天", "10±0.5"),
        ("≥5", "10±0.5"),
        ("<5", "10±0.5"),
    ],
)
def test_a_range_is_kept_and_told_with_what_to_write(answer: str, better: str) -> None:
    key, [remark] = doubts(answer)
    assert key == answer
    assert (remark.advice, remark.rows) == (Advice.ANSWER_RANGE, (2,))
    assert f"写作“{better}”" in remark.reason


@pytest.mark.parametrize(
    ("answer", "better"), [("10²", "10²|102"), ("H₂O", "H₂O|H2O"), ("甲|x¹", "x¹|x1")]
)
def test_raised_and_lowered_characters_are_told(answer: str, better: str) -> None:
    key, [remark] = doubts(answer)
    assert key == answer
    assert (remark.advice, remark.rows) == (Advice.ANSWER_RAISED, (2,))
    assert f"写作“{better}”" in remark.reason


@pytest.mark.parametrize(
    "answer",
    [
        "二十",
        "15|十五",
        "10±0.5",
        "1,000,000",
        "-5",
        "10.5-9.5",
        "10-10",
        "2026-12-01",
        "五-十",
        "或",
        "或许",
        "/",
        "（十五）",
        "H₂O|H2O",
        "<br>",
        "A-B",
        "20。",
    ],
)
def test_other_answers_are_not_remarked_on(answer: str) -> None:
    assert doubts(answer) == (answer, [])


@pytest.mark.parametrize("answer", ["15\n十五", "15\n\n十五"])
def test_several_lines_for_one_blank_are_refused(answer: str) -> None:
    [(row, reason)] = reasons(read("bank.csv", bank(answer)))
    assert row == 2
    assert "只有 1 个空，答案却有几行" in reason


@pytest.mark.parametrize("answer", ["15\n十五；20\n二十", "15\n十五\n20"])
def test_lines_and_separators_that_do_not_fit_are_refused(answer: str) -> None:
    [(_, reason)] = reasons(read("bank.csv", bank(answer, blanks=2)))
    assert "题干有 2 个空，答案须有 2 个" in reason


@pytest.mark.parametrize(
    ("answer", "certain"),
    [("15\n20", True), ("15;20", True), ("15；20", True), ("15、20", False), ("15 20", False)],
)
def test_answers_that_are_parted_by_uncertain_separators_are_told(
    answer: str, certain: bool
) -> None:
    key, remarks = doubts(answer, blanks=2)
    assert key == "15\n20"
    assert [remark.advice for remark in remarks] == ([] if certain else [Advice.ANSWERS_PARTED])


def test_one_remark_names_all_rows_and_the_first_answer() -> None:
    lines = bank("甲/乙") + "填空题,比例____,丙/丁,因为\n填空题,限额____,5,因为\n"
    [remark] = [r for r in read("bank.csv", lines).remarks if r.advice in DOUBTS]
    assert (remark.rows, remark.count) == ((2, 3), 2)
    assert "“甲/乙”" in remark.reason


# --- raised letters and formulas ---


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bank.csv", bank("10<sup>2</sup>")),
        ("bank.gift", "面积 {=10<sup>2</sup>}"),
        ("bank.gift", "[html]面积 {=10<sup>2</sup>}"),
    ],
)
def test_raised_digits_of_an_answer_stay_raised(name: str, text: str) -> None:
    [question] = questions(read(name, text))
    assert question.key == "10²"


def test_raised_digits_of_an_answer_in_word_stay_raised() -> None:
    raised = run("2", '<w:vertAlign w:val="superscript"/>')
    both = run("2", f'{UNDERLINED}<w:vertAlign w:val="superscript"/>')
    data = document(
        "一、填空题",
        "1. 面积为____",
        paragraph("答案：10", raised),
        paragraph("2. 面积为", run("10", UNDERLINED), both, "平方"),
        paragraph("3. 由", run("甲", UNDERLINED), "和", run("乙", UNDERLINED), "负责"),
    )
    first, second, third = questions(read("a.docx", data))
    assert (first.key, second.key, third.key) == ("10²", "10²", "甲\n乙")
    assert plain_text(second.stem) == "面积为____平方"


@pytest.mark.parametrize("answer", [r"\(x^2\)", "$x^2$", r"甲|\[x\]"])
def test_a_formula_is_no_answer(answer: str) -> None:
    [(_, reason)] = reasons(read("bank.csv", bank(answer)))
    assert "不能是公式" in reason


def test_what_has_no_raised_character_is_refused() -> None:
    for refused in ("10<sup>二</sup>", "x<sub>q</sub>"):
        with pytest.raises(ValueError, match="不能是上标或下标"):
            text_without_tags(refused)
    assert text_without_tags("x<SUP>n+1</SUP> a<b") == "xⁿ⁺¹ a<b"
    with pytest.raises(ValueError, match="图片"):
        text_with_raised((Paragraph((Text("甲"), Picture("0" * 64, 1, 1))),))


def test_a_marked_answer_in_the_brackets_of_the_stem_is_refused() -> None:
    lines = "题型,题干,答案,解析\n填空题,面积（10<sup>2</sup>）,,因为\n"
    [(_, reason)] = reasons(read("bank.csv", lines))
    assert "题干括号里的答案带有格式" in reason
