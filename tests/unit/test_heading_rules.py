"""Headings: which are known, which are taken for typing errors, which are left out."""

import pytest

from chalicelib.exams.paper import LETTERS
from chalicelib.imports import headings, questions, rosters
from chalicelib.imports.headings import Headings

BANK, ROSTER = questions.LAYOUT, rosters.LAYOUT
USUAL = ("题型", "题干", "选项A", "选项B", "答案")


def bank(*written: str) -> Headings:
    return headings.match(written, BANK, {})


def roster(*written: str) -> Headings:
    return headings.match(written, ROSTER, {})


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        *(
            (text, "题干")
            for text in ("试题内容", "题目", "题面", "*题干（必填）", "题 干：", "题干(含材料)")
        ),
        *((text, "答案") for text in ("正确选项", "标准答案", "参考答案", "答案(字母)")),
        *((text, "题型") for text in ("题目类型", "试题类型", "考题类型", "类型")),
        *(
            (text, "选项A")
            for text in ("A", "Ａ", "A选项", "选项1", "选项一", "选项(A)", "选项 A", "a")
        ),
        *(
            (text, "选项C")
            for text in ("C", "选项3", "选项三", "备选答案C", "OptionC", "选项C内容")
        ),
        ("\ufeff题型", "题型"),
        ("题\u200b型", "题型"),
        ("答案解析", "解析"),
        ("法律依据", "依据"),
        ("题型（必填）\n单选题、多选题或判断题", "题型"),
        ("正确答案\n多选题写作 ABD", "答案"),
        ("【题干】", "题干"),
        ("Question", "题干"),
        ("question_text", "题干"),
        ("Correct Answer", "答案"),
        ("option1", "选项A"),
        ("explanation", "解析"),
    ],
)
def test_a_heading_of_a_bank_is_known_in_its_usual_spellings(written: str, ours: str) -> None:
    assert bank(written).columns == (ours,)


@pytest.mark.parametrize(
    "written",
    [
        *("身份证", "身份证号", "身份证号码", "公民身份证号码", "居民身份证号码", "证件号"),
        *("身份证号码(必填)", "身份证号码（18位）", "＊证件号码", "公民身份号码"),
    ],
)
def test_a_number_of_a_roster_is_known_in_its_usual_spellings(written: str) -> None:
    assert roster(written).columns == ("证件号码",)


def test_each_option_has_the_same_spellings() -> None:
    for number, letter in enumerate(LETTERS, start=1):
        found = bank(letter, f"选项{number}")
        assert found.columns == ("", f"选项{letter}") or found.columns == (f"选项{letter}", "")


def test_unknown_headings_are_left_out_and_named_once() -> None:
    found = bank(*USUAL, "页码", "是否启用", "页码", "难易程度")
    assert found.left_out == ("页码", "是否启用", "难易程度")
    assert found.mistakes == ()


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ("题杆", "题干"),
        ("提干", "题干"),
        ("题千", "题干"),
        ("题目内客", "题干"),
        ("题目内", "题干"),
        ("题目的内容", "题干"),
        ("答按", "答案"),
        ("正确答按", "答案"),
        ("题形", "题型"),
    ],
)
def test_a_typing_error_of_a_needed_heading_is_refused_with_the_guess(
    written: str, ours: str
) -> None:
    others = [heading for heading in USUAL if heading != ours]
    found = bank(*others, written)
    [mistake] = found.mistakes
    assert f"“{written}”是不是“{ours}”？" in mistake
    assert found.columns[-1] == ours
    assert (found.missing, found.left_out) == ((), ())


@pytest.mark.parametrize("written", ["题号", "题目的内容们", "编制", "页码"])
def test_two_characters_away_or_another_word_is_no_typing_error(written: str) -> None:
    found = bank("题型", written, "选项A", "选项B", "答案")
    assert found.missing == ("题干",)
    assert found.mistakes == ("缺少列：题干",)


def test_a_typing_error_beside_the_right_heading_is_only_left_out() -> None:
    found = bank(*USUAL, "题杆")
    assert (found.mistakes, found.left_out) == ((), ("题杆",))


def test_a_typing_error_of_an_option_or_of_extra_time_is_refused_too() -> None:
    """Otherwise an option or somebody's extra time would be lost without a word."""
    assert "“选顶C”是不是“选项C”？" in bank(*USUAL, "选顶C").mistakes[0]
    assert "“延长分种”是不是“加时(分钟)”？" in roster("姓名", "证件号码", "延长分种").mistakes[0]
    assert bank(*USUAL, "选项").mistakes == ()


def test_an_option_beyond_the_last_letter_and_extra_time_in_hours_must_be_empty() -> None:
    assert "选项最多" in bank(*USUAL, "选项Z").forbidden[5]
    assert "须以分钟填写" in roster("姓名", "证件号码", "加时（小时）").forbidden[2]


def test_of_two_spellings_the_better_one_counts_and_the_other_is_left_out() -> None:
    found = bank("题目", *USUAL)
    assert (found.columns[0], found.columns[2], found.left_out) == ("", "题干", ("题目",))
    assert bank(*USUAL, " 答案 ").mistakes == ("列标题重复：答案",)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("一、单选题（40 题）", "单选题"),
        ("多选", "多选题"),
        ("判断题", "判断题"),
        ("2027年单项选择题", "单选题"),
        ("单选和多选", ""),
        ("Sheet1", ""),
    ],
)
def test_a_name_tells_the_type_of_its_questions_unless_it_names_two(name: str, told: str) -> None:
    assert headings.tell(name, BANK.named["题型"]) == told
