"""Options that something refers to keep their places; options that only look alike are shuffled."""

import pytest

from chalicelib.exams.content import Content
from chalicelib.exams.questions import LETTERS, QuestionType
from chalicelib.imports.pinned_options import names_letter, pinned_by_options
from chalicelib.imports.question_rows import QuestionRow, check_row
from chalicelib.imports.remarks import Advice


def pins(
    *options: Content, stem: str = "问？", explanation: str = "", pinned: str | None = None
) -> tuple[str, set[Advice]]:
    row = QuestionRow(
        file="bank.csv",
        row=2,
        type=QuestionType.SINGLE,
        stem=stem,
        options=options,
        answer="A",
        explanation=explanation,
        pinned=pinned,
    )
    found = check_row(row)
    return found.question.pinned, set(found.advice)


ABOVE = (
    *(
        "以上都对",
        "以上都不对",
        "以上均正确。",
        "上述选项都正确",
        "以上全部正确",
        "以上全部",
        "以上皆是",
    ),
    *("以上皆非", "以上说法均正确", "上述都不对", "上述三种情形", "以上3项", "以上", "以 上 都 对"),
    *("All of the above", "None of the above.", "all of the above are correct"),
)
OTHERS = (
    *(
        "都不是",
        "均不正确",
        "都对",
        "其他三项都错误",
        "其余各项",
        "三者都是",
        "全部正确",
        "没有正确答案",
    ),
    *("其他说法都错误", "均可", "全选", "None of these"),
)
NAMED = (
    *(
        "A和B",
        "A、C",
        "AB都对",
        "选项A与选项B",
        "A和B都不对",
        "仅A、B",
        "ＡＢ",
        "仅A正确",
        "只有A、B",
    ),
    *(
        "A、C均可",
        "A或B",
        "A对B错",
        "A不正确",
        "前三项都是",
        "前两项",
        "后两项都对",
        "第一项和第二项",
    ),
    *("第一、二项", "前两者都对", "Both A and B", "A and B only", "Neither A nor B", "A, B and C"),
)
TEXTS = (
    *(
        "前三年",
        "前三名",
        "前三个月",
        "前一日",
        "其他三方",
        "其他",
        "A股",
        "AB股",
        "B超",
        "仅A级资质",
        "A级",
    ),
    *("A类", "5A", "24H", "BAD", "ABB公司", "都市计划", "以上级通知为准", "以上海为例", "三项以上"),
    *(
        "甲和乙",
        "对外公告",
        "全国",
        "全部",
        "第一",
        "第一条",
        "①②",
        "只有①正确",
        "不是",
        "无",
        "both parties",
    ),
)


@pytest.mark.parametrize("option", ABOVE)
def test_an_option_about_those_above_keeps_its_place_and_so_do_those_below(option: str) -> None:
    assert pins("甲", "乙", option) == ("C", {Advice.OPTION_PINNED})
    assert pins("甲", "乙", option, "丁") == ("CD", {Advice.OPTION_PINNED})
    assert pins("甲", "乙", option, "丁", "都不对") == ("CDE", {Advice.OPTION_PINNED})


@pytest.mark.parametrize("option", OTHERS)
def test_an_option_about_all_others_keeps_its_place_alone(option: str) -> None:
    assert pins("甲", "乙", option, "丁") == ("C", {Advice.OPTION_PINNED})


@pytest.mark.parametrize("option", NAMED)
def test_a_question_whose_options_name_others_is_not_shuffled(option: str) -> None:
    assert pins("甲", "乙", option, "以上都不是") == ("ABCD", {Advice.ORDER_KEPT})


@pytest.mark.parametrize("option", [*TEXTS, "A", "正确"])
def test_options_that_only_look_alike_are_shuffled(option: str) -> None:
    assert pins("甲", "乙", option, "丁") == ("", set())


@pytest.mark.parametrize(
    "text",
    [
        *(
            "A项错在期限",
            "故选B",
            "故选B。",
            "选项C不对",
            "答案：B",
            "本题答案为 B",
            "B正确",
            "ABC项正确",
        ),
        *("A、B两项错误", "A错，B对。", "因此选ＡＢ", "a项错误", "本题选 D"),
    ],
)
def test_a_letter_in_the_explanation_or_the_stem_keeps_all_options(text: str) -> None:
    assert pins("甲", "乙", "丙", explanation=text) == ("ABC", {Advice.LETTER_NAMED})
    assert pins("甲", "乙", "以上都对", explanation=text) == ("ABC", {Advice.LETTER_NAMED})
    assert pins("甲", "乙", "丙", explanation=text, pinned="") == ("", set())
    assert names_letter(text)


def test_a_letter_in_the_stem_keeps_all_options() -> None:
    assert pins("甲", "乙", "丙", stem="与选项A相反的是？") == ("ABC", {Advice.LETTER_NAMED})


@pytest.mark.parametrize(
    "text",
    [
        *(
            "A项目",
            "A公司违约",
            "应选A级供应商",
            "维生素B",
            "甲项错误",
            "A对B负有义务",
            "A股",
            "甲（B）级单位",
        ),
        *("第三项", "选B超", "IT项", "选择A类", "如图 A 点"),
    ],
)
def test_a_letter_that_names_something_else_changes_nothing(text: str) -> None:
    assert pins("甲", "乙", "丙", stem=text, explanation=text) == ("", set())


def test_a_long_text_of_such_words_is_looked_at_in_one_pass() -> None:
    assert pinned_by_options(("没有全部" * 2_000 + "甲", "乙")) == ""
    assert pinned_by_options(("以上都对", "乙")) == LETTERS[:2]
