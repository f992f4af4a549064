"""Moodle XML: questions, files and feedback come in by type; what the product does not have is named."""

import pytest

from chalicelib.exams.content import Paragraph, Picture, Table, plain_text
from chalicelib.imports.banks import BankReading
from chalicelib.imports.formats.moodle import KINDS
from chalicelib.imports.remarks import Advice
from tests.unit.formats import PNG_BASE64, questions, read, reasons, told


def text(content: str, tag: str = "questiontext", kind: str = "html", more: str = "") -> str:
    return f'<{tag} format="{kind}"><text><![CDATA[{content}]]></text>{more}</{tag}>'


def answer(fraction: str, content: str, feedback: str = "", more: str = "") -> str:
    told_text = text(feedback, "feedback") if feedback else ""
    return (
        f'<answer fraction="{fraction}" format="html"><text><![CDATA[{content}]]></text>'
        f"{told_text}{more}</answer>"
    )


def question(kind: str, name: str, *parts: str) -> str:
    return f'<question type="{kind}"><name><text>{name}</text></name>{"".join(parts)}</question>'


def category(path: str) -> str:
    return f'<question type="category"><category><text>{path}</text></category></question>'


def quiz(*parts: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><quiz>{"".join(parts)}</quiz>'


PICTURE = f'<file name="印 章.png" path="/" encoding="base64">{PNG_BASE64}</file>'
QUIZ = quiz(
    category("$course$/top/政府采购法"),
    question(
        "multichoice",
        "单选",
        text(
            '<p>见图</p><p><img src="@@PLUGINFILE@@/%E5%8D%B0%20%E7%AB%A0.png" alt="章"></p>',
            more=PICTURE,
        ),
        text("总的说明", "generalfeedback"),
        "<defaultgrade>2.5000000</defaultgrade><single>true</single><shuffleanswers>false</shuffleanswers>",
        answer("0", "甲", "不对"),
        answer("100", "<p>乙</p>", "见第一条"),
    ),
    question(
        "multichoice",
        "多选",
        text("<table><tr><td>a</td></tr></table>哪些"),
        "<defaultgrade>1.0000000</defaultgrade><single>false</single><shuffleanswers>true</shuffleanswers>",
        *(answer("50", "甲"), answer("50", "乙"), answer("-100", "丙")),
    ),
    question(
        "multichoice",
        "不定项",
        text("哪些"),
        "<single>0</single>",
        answer("100", "甲"),
        answer("0", "乙"),
    ),
    question(
        "truefalse", "判断", text("对吗"), answer("0", "true"), answer("100", "false", "错在时间")
    ),
    category("$course$/top/方式"),
    question(
        "shortanswer",
        "填空",
        text("期限为____日", kind="plain_text"),
        "<usecase>1</usecase>",
        *(answer("100", "7"), answer("100", "七"), answer("50", "7 日")),
    ),
    question(
        "numerical",
        "数值",
        text("多少"),
        answer("100", "10", more="<tolerance>0.5</tolerance>"),
        "<units><unit><multiplier>1</multiplier></unit></units>",
        text("想一想", "hint"),
    ),
    question("essay", "简答", text("简述")),
    question("matching", "配对", text("配对")),
    question("multichoice", "藏", text("旧题"), "<hidden>1</hidden>", answer("100", "甲")),
    question("newkind", "新", text("新")),
)


@pytest.fixture(scope="module")
def found() -> BankReading:
    return read("questions/moodle.xml", QUIZ)


def test_questions_come_in_by_type(found: BankReading) -> None:
    assert [(q.type.value, q.key, q.tag, q.points, q.pinned) for q in questions(found)] == [
        ("single", "B", "政府采购法", 2.5, "AB"),
        ("multiple", "AB", "政府采购法", 1, ""),
        ("indefinite", "A", "政府采购法", None, ""),
        ("judge", "B", "政府采购法", None, ""),
        ("blank", "7|七", "方式", None, ""),
        ("blank", "10±0.5", "方式", None, ""),
    ]


def test_contents_files_and_feedback_come_in(found: BankReading) -> None:
    single, multiple, _, judge, blank, _ = found.questions
    assert isinstance(single.stem[1], Paragraph)
    [picture] = single.stem[1].inlines
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height, picture.alt) == (4, 3, "章")
    assert list(found.pictures) == [picture.sha256]
    assert (single.options, single.explanation) == (("甲", "乙"), "总的说明\n见第一条")
    assert isinstance(multiple.stem[0], Table)
    assert judge.explanation == "错在时间"
    assert plain_text(blank.stem) == "期限为____日"


def test_what_is_not_taken_is_named(found: BankReading) -> None:
    assert told(found, Advice.KIND_LEFT_OUT) == [
        ("简答题（第 7 题 简答）", (7,)),
        ("配对题（第 8 题 配对）", (8,)),
        ("在原系统中已隐藏的题（第 9 题 藏）", (9,)),
        ("newkind（第 10 题 新）", (10,)),
    ]
    assert told(found, Advice.SCORED_OTHERWISE) == [
        ("部分选项按百分比给分", (2, 5)),
        ("选错倒扣分", (2,)),
        ("区分大小写", (5,)),
    ]
    assert told(found, Advice.PART_LEFT_OUT) == [
        ("错误选项的反馈", (1,)),
        ("提示（hint）", (6,)),
        ("单位（units）", (6,)),
    ]
    assert (found.rows, found.right) == (10, 6)


def test_the_default_grade_of_all_is_no_points_of_their_own() -> None:
    def judge(name: str, grade: str) -> str:
        parts = (text(name), f"<defaultgrade>{grade}</defaultgrade>", answer("100", "true"))
        return question("truefalse", name, *parts)

    all_default = read("a.xml", quiz(judge("甲", "1"), judge("乙", "1.0")))
    assert [q.points for q in questions(all_default)] == [None, None]
    different = read("a.xml", quiz(judge("甲", "1"), judge("乙", "3")))
    assert [q.points for q in questions(different)] == [1, 3]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_that_we_lack_is_named_in_chinese(kind: str) -> None:
    truth = question("truefalse", "对", text("对"), answer("100", "true"))
    found = read("a.xml", quiz(question(kind, "甲", text("问")), truth))
    assert told(found, Advice.KIND_LEFT_OUT) == [(f"{KINDS[kind]}（第 1 题 甲）", (1,))]
    assert len(questions(found)) == 1


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (
            ("multichoice", text("问"), answer("100", "甲"), answer("100", "乙")),
            "单选题只能有一个答案",
        ),
        (("multichoice", text("问"), answer("0", "甲"), answer("0", "乙")), "没有答案"),
        (("multichoice", text("问"), answer("x", "甲")), "答案的 fraction 不是数字：x"),
        (("truefalse", text("问"), answer("0", "true")), "判断题的答案须为 true 或 false"),
        (("shortanswer", text("问"), answer("100", "")), "没有答案"),
        (("numerical", text("问"), answer("100", "十")), "不是数字：十"),
        (
            ("truefalse", text("问"), "<defaultgrade>0</defaultgrade>", answer("100", "true")),
            "分值须大于 0",
        ),
        (
            ("truefalse", text("问<img src='@@PLUGINFILE@@/no.png'>"), answer("100", "true")),
            "找不到图片“no.png”",
        ),
        (
            (
                "truefalse",
                text("问<img src='@@PLUGINFILE@@/a.png'>", more='<file name="a.png">AA=A</file>'),
                answer("100", "true"),
            ),
            "文件“a.png”的数据已损坏",
        ),
    ],
)
def test_wrong_questions_are_refused_by_number_and_name(
    parts: tuple[str, ...], reason: str
) -> None:
    kind, *rest = parts
    other = question("truefalse", "对", text("对"), answer("100", "true"))
    [(row, why)] = reasons(read("a.xml", quiz(other, question(kind, "甲", *rest))))
    assert (row, why[: len(reason) + 8]) == (2, f"第 2 题 甲：{reason}")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("<quiz>", "不是有效的 XML，或文件已损坏"),
        ("<html/>", "不是认识的题库"),
        ('<!DOCTYPE quiz [<!ENTITY a "b">]><quiz>&a;</quiz>', "文件含有不允许的 XML 定义"),
        ("<quiz/>", "没有可以导入的题目"),
    ],
)
def test_other_files_are_refused_whole(data: str, reason: str) -> None:
    [(row, why)] = reasons(read("a.xml", data))
    assert (row, why[: len(reason)]) == (0, reason)


@pytest.mark.parametrize(
    ("shown", "named"), [("您的回答不正确", ["按答对、答错显示的反馈"]), ("", [])]
)
def test_feedback_by_right_and_wrong_is_told(shown: str, named: list[str]) -> None:
    parts = text("对？"), answer("100", "true"), text(shown, "incorrectfeedback")
    found = read("a.xml", quiz(question("truefalse", "甲", *parts)))
    assert [what for what, _ in told(found, Advice.PART_LEFT_OUT)] == named


def test_a_script_in_a_text_is_told() -> None:
    parts = text("对？<script>alert(1)</script>"), answer("100", "true")
    found = read("a.xml", quiz(question("truefalse", "甲", *parts)))
    assert questions(found)[0].stem == "对？"
    assert told(found, Advice.PART_LEFT_OUT) == [("脚本（script）", (1,))]
