"""GIFT and Aiken: what is read, what is named because the product does not have it, and what is refused by line."""

import pytest

from chalicelib.exams.content import BlankPlace, Mark, Paragraph, Picture, Text, plain_text
from chalicelib.exams.questions import QuestionType
from chalicelib.imports.banks import BankReading
from chalicelib.imports.formats import aiken
from chalicelib.imports.formats import gift as gift_reader
from chalicelib.imports.remarks import Advice
from tests.unit.formats import PNG, questions, read, reasons, told

# --- GIFT ---

GIFT = """// 题库样例：注释行不导入
$CATEGORY: $course$/top/政府采购/基础

::q-single:: 下列属于集中采购目录以外的是{
  ~甲类 #不对
  =乙类 #见第二条
  ~丙类
  ####总的说明
}

::q-truth::采购文件应当公开。{T#不对#对，见第三条}

$CATEGORY: 方式
::q-multi::[html]<p>属于竞争性方式的有<b>哪些</b></p>{~%50%公开招标 ~%50%邀请招标 ~%0%单一来源 ~%-50%协议}

::q-partial::最恰当的是{=甲 ~%50%乙 ~丙}

::q-short::公告期限不得少于几个工作日？{=五 =5 =%50%五天}

质疑期限为{=七}个工作日。

::q-range::保证金最多为预算的百分之几？{#0..2}

::q-number::报价的算术平均是{#=10:0.5 =%50%11:1}

::q-escaped::若 a\\=b\\~c 且 \\{x\\}，比例 10\\% ，下列正确的是{=\\#1 ~\\:2}

[plain]标签 <b> 表示{=粗体 ~斜体}

::q-essay::简述原则。{}

::q-match::配对{=甲 -> 一 =乙 -> 二}

这是一段说明，没有题目。
"""


@pytest.fixture(scope="module")
def gift() -> BankReading:
    return read("questions/bank.gift", GIFT)


def test_gift_questions_come_in_by_type(gift: BankReading) -> None:
    found = questions(gift)
    assert [(q.type.value, q.key, q.tag) for q in found] == [
        ("single", "B", "基础"),
        ("judge", "A", "基础"),
        ("multiple", "AB", "方式"),
        ("single", "A", "方式"),
        ("blank", "五|5", "方式"),
        ("blank", "七", "方式"),
        ("blank", "1±1", "方式"),
        ("blank", "10±0.5", "方式"),
        ("single", "A", "方式"),
        ("single", "A", "方式"),
    ]


def test_gift_contents(gift: BankReading) -> None:
    single, truth, multi, _, _, missing_word, _, _, escaped, plain = gift.questions
    assert (single.options, single.explanation) == (("甲类", "乙类", "丙类"), "总的说明\n见第二条")
    assert truth.explanation == "对，见第三条"
    assert multi.stem == (Paragraph((Text("属于竞争性方式的有"), Text("哪些", (Mark.BOLD,)))),)
    assert missing_word.stem == (
        Paragraph((Text("质疑期限为 "), BlankPlace(1), Text(" 个工作日。"))),
    )
    assert (escaped.stem, escaped.options) == (
        "若 a=b~c 且 {x}，比例 10% ，下列正确的是",
        ("#1", ":2"),
    )
    assert plain.stem == "标签 <b> 表示"


def line_of(begin: str) -> int:
    return next(n for n, line in enumerate(GIFT.splitlines(), 1) if line.startswith(begin))


def test_what_gift_has_and_we_have_not_is_named_by_kind_name_and_line(gift: BankReading) -> None:
    assert told(gift, Advice.KIND_LEFT_OUT) == [
        ("简答题（q-essay）", (line_of("::q-essay"),)),
        ("配对题（q-match）", (line_of("::q-match"),)),
        ("说明文字（不是题目）", (line_of("这是一段说明"),)),
    ]
    assert told(gift, Advice.SCORED_OTHERWISE) == [
        (
            "部分选项按百分比给分",
            tuple(map(line_of, ("::q-multi", "::q-partial", "::q-short", "::q-number"))),
        ),
        ("选错倒扣分", (line_of("::q-multi"),)),
    ]
    assert told(gift, Advice.PART_LEFT_OUT) == [
        ("错误选项的反馈", (line_of("::q-single"), line_of("::q-truth")))
    ]
    assert (gift.rows, gift.right) == (13, 10)


def test_a_picture_of_gift_lies_beside_it() -> None:
    found = read(
        "a.gift",
        '[html]看图<img src="@@PLUGINFILE@@/seal.png">{=甲 ~乙}',
        {"pictures/seal.png": PNG},
    )
    [question] = questions(found)
    assert isinstance(question.stem[0], Paragraph)
    assert isinstance(question.stem[0].inlines[1], Picture)
    assert len(found.pictures) == 1


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a\n\n::q::问{=甲 ~乙", 3, "q：答案的大括号没有闭合：问"),
        ("::q::问{甲 =乙}", 1, "q：答案须以 = 或 ~ 开头：甲"),
        ("::q::问{=甲 ~乙 =丙}", 1, "q：单选题只能有一个答案"),
        ("::q::问{=甲|乙 =丙}", 1, "q：填空题的答案不能有竖线和换行"),
        ("::q::问{#十}", 1, "q：不是数字：十"),
        ("::q::问{#5:-1}", 1, "q：误差不能小于 0：-1"),
        ("::q::图<img src='no.png'>{=甲 ~乙}", 1, "q：找不到图片“no.png”"),
        ("::q::问\u200b{=甲 ~乙}", 1, "q：含有看不见的字符：U+200B（零宽空格）"),
    ],
)
def test_wrong_gift_is_refused_by_line_and_name(text: str, line: int, reason: str) -> None:
    found = [(row, why) for row, why in reasons(read("a.gift", text)) if row == line]
    assert [why[: len(reason)] for _, why in found] == [reason]


def test_wildcards_and_several_answer_places_are_named() -> None:
    found = read("a.gift", "::q1::问{=甲*}\n\n::q2::甲{=1}乙{=2}\n\n::q3::问{T}")
    assert told(found, Advice.KIND_LEFT_OUT) == [
        ("带通配符 * 的简答题（q1）", (1,)),
        ("一题有几处答案的题（q2）", (3,)),
    ]


def test_a_file_of_which_nothing_is_left_is_refused() -> None:
    assert reasons(read("a.gift", "::q::简述{}")) == [(0, "没有可以导入的题目")]
    assert reasons(read("a.gift", "")) == [(0, "没有可以导入的题目")]


# --- Aiken ---

AIKEN = """第一题的题干
续行
A) 甲
B) 乙
  续行
ANSWER: b

第二题？
A. 甲
B. 乙
C. 丙
FEEDBACK: 见第一条
answer：A, C
"""


def test_aiken_questions() -> None:
    first, second = questions(read("bank.txt", AIKEN))
    assert (first.type, first.stem, first.options, first.key) == (
        QuestionType.SINGLE,
        "第一题的题干\n续行",
        ("甲", "乙\n  续行"),
        "B",
    )
    assert (second.type, second.key, second.explanation) == (
        QuestionType.MULTIPLE,
        "AC",
        "见第一条",
    )


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("题\nA. 甲\nB. 乙\nANSWER: C\n", 1, "答案须为 A–B 中的字母"),
        ("题\nA. 甲\nB. 乙\nANSWER:\n", 1, "没有答案"),
        ("题\nA. 甲\nC. 乙\nANSWER: A\n", 1, "选项须从 A 起依次排列"),
        ("题\nA. 甲\nB. 乙\nANSWER: A\n\n题二\nA. 甲\n", 6, "缺少 ANSWER: 一行：题二"),
        ("题\nA. 甲\nB. 乙\nANSWER: A\nFEEDBACK: x\n", 5, "FEEDBACK 须写在 ANSWER 之前"),
    ],
)
def test_wrong_aiken_is_refused_by_line(text: str, line: int, reason: str) -> None:
    [(row, why)] = reasons(read("a.txt", text))
    assert (row, why[: len(reason)]) == (line, reason)


@pytest.mark.parametrize(
    "text",
    [
        "题型,题干,选项A,选项B,答案\n单选,ANSWER: 是什么？,甲,乙,A\n",
        "题型\t题干\t答案\n判断\t对{=吗}\t对\n",
    ],
)
def test_a_text_table_stays_a_table(text: str) -> None:
    [question] = questions(read("bank.txt", text))
    assert "{=" in plain_text(question.stem) or "ANSWER" in plain_text(question.stem)


def test_other_encodings_are_read_too() -> None:
    assert questions(read("bank.txt", AIKEN.encode("gb18030"))) == questions(read("b.txt", AIKEN))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.gift", "::q{}::第{}问{{T}}"),
        ("a.txt", "第{}{}问\nA. 甲\nB. 乙\nANSWER: A"),
    ],
)
def test_too_many_questions_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setattr("chalicelib.imports.formats.entries.MAX_ROWS", 2)
    for count, right in ((2, True), (3, False)):
        found = read(name, "\n\n".join(text.format(n, n) for n in range(count)))
        assert (found.findings == ()) is right
    assert reasons(found) == [(0, "超过 2 题：请分成几个文件")]


def test_one_question_has_a_limit_of_its_own() -> None:
    long = "=x " * (gift_reader.MOST_CHARACTERS // 3 + 1)
    assert reasons(read("a.gift", f"::q::{{{long}}}"))[0][1].startswith("q：一题最多 100000 个字符")
    lines = "续\n" * aiken.MOST_LINES
    assert reasons(read("a.txt", f"{lines}A. 甲\nB. 乙\nANSWER: A"))[0][1] == "一题最多 300 行"


@pytest.mark.parametrize("between", ["\n", " \n", "\n// 第二题\n"])
def test_questions_of_gift_without_an_empty_line_between_them_are_refused(between: str) -> None:
    found = read("a.gift", f"甲对。{{T}}{between}乙对。{{F}}")
    assert [reason for _, reason in reasons(found)] == ["这一段里有几道题：题与题之间请空一行"]
