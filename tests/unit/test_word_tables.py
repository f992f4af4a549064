"""Banks as tables in Word documents, and lists that begin with the bare name of a type."""

import pytest

from chalicelib.exams.content import Mark, Paragraph, Picture, Text
from chalicelib.imports.remarks import Advice
from tests.unit.formats import PNG, questions, read, reasons, told
from tests.unit.word import document, paragraph, picture, run, table

HEADS = ("题型", "题干", "选项A", "选项B", "答案")
SINGLE = ("单选题", "问？", "甲", "乙", "B")


def cell(*runs: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(*runs)}</w:tc>"


def rows(*lines: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"


def test_a_table_with_headings_is_read_like_a_sheet() -> None:
    judge = ("判断题", "对吗？", "", "", "×")
    found = read("a.docx", document("某市题库", table(HEADS, SINGLE, judge), "完"))
    single, true_false = questions(found)
    assert (single.stem, single.options, single.key) == ("问？", ("甲", "乙"), "B")
    assert (true_false.type.value, true_false.key) == ("judge", "B")
    assert (found.rows, found.right) == (2, 2)
    assert told(found, Advice.PART_LEFT_OUT) == [("表格外的文字", (1, 3))]


def test_a_wrong_row_of_a_table_is_refused_by_its_number() -> None:
    wrong = ("单选题", "问二？", "甲", "乙", "D")
    found = read("a.docx", document(table(("题库",), HEADS, SINGLE, wrong)))
    assert reasons(found) == [(4, "答案须为 A–B 中的字母，不重复")]


def test_marks_and_pictures_of_cells_come_along() -> None:
    stem = cell("面积 10", run("2", '<w:vertAlign w:val="superscript"/>'), picture("rId1", "印章"))
    others = "".join(map(cell, ("甲", "乙", "A")))
    heads = "".join(map(cell, HEADS))
    data = document(rows(heads, cell("单选题") + stem + others), media={"rId1": PNG})
    [question] = questions(read("a.docx", data))
    [block] = question.stem
    assert isinstance(block, Paragraph)
    assert block.inlines[:2] == (Text("面积 10"), Text("2", (Mark.SUPERSCRIPT,)))
    assert isinstance(block.inlines[2], Picture)


def test_a_merged_cell_counts_for_each_row_and_a_merged_heading_for_each_column() -> None:
    wide = cell("选项", properties='<w:gridSpan w:val="2"/>')
    heads = cell("题型") + cell("题干") + wide + cell("答案")
    first = cell("单选题", properties='<w:vMerge w:val="restart"/>')
    below = cell("", properties="<w:vMerge/>")
    data = document(
        rows(
            heads,
            first + "".join(map(cell, SINGLE[1:])),
            below + "".join(map(cell, ("问二？", "丙", "丁", "A"))),
        )
    )
    one, two = questions(read("a.docx", data))
    assert (one.options, two.options) == (("甲", "乙"), ("丙", "丁"))
    assert two.type is one.type


def test_the_line_above_a_table_without_types_tells_them() -> None:
    found = read(
        "a.docx",
        document(
            *("一、多选题", table(HEADS[1:], ("问？", "甲", "乙", "AB"))),
            *("二、判断题", table(("题干", "答案"), ("对吗？", "对"))),
        ),
    )
    assert [q.type.value for q in questions(found)] == ["multiple", "judge"]


@pytest.mark.parametrize("beside", ["1. 另一题？", table(("单选题", "续", "甲", "乙", "A"))])
def test_questions_beside_a_table_are_not_lost(beside: str) -> None:
    [(row, reason)] = reasons(read("a.docx", document(table(HEADS, SINGLE), beside)))
    assert (row, reason[:20]) == (0, "文档里既有题目表格，表格外又有题目或没有")
    assert "（第 2 段）" in reason


def test_a_table_of_answers_is_no_bank() -> None:
    lines = ("一、单选题", "1. 问", "A. 甲 B. 乙", table(("题号", "1"), ("答案", "B")))
    assert [q.key for q in questions(read("a.docx", document(*lines)))] == ["B"]


# --- lists that begin with the name of a type ---


@pytest.mark.parametrize(
    "heading", ["判断题", "判断题：", " 判断题（每题 1 分）", "## 判断题", "一、判断题"]
)
@pytest.mark.parametrize("name", ["a.txt", "a.docx"])
def test_a_list_may_begin_with_the_name_of_a_type(heading: str, name: str) -> None:
    if heading.startswith("#") and name == "a.docx":
        return
    lines = (heading, "1. 应当公开。（√）", "2. 可以私下接触。（×）")
    data = document(*lines) if name == "a.docx" else "\n".join(lines)
    assert [(q.type.value, q.key) for q in questions(read(name, data))] == [
        ("judge", "A"),
        ("judge", "B"),
    ]


@pytest.mark.parametrize("name", ["a.txt", "a.docx"])
def test_questions_without_numbers_are_refused_with_what_to_write(name: str) -> None:
    lines = ("判断题", "应当公开。（√）")
    data = document(*lines) if name == "a.docx" else "\n".join(lines)
    assert reasons(read(name, data)) == [
        (2, "这一段前面没有题号，请在每道题前写上 1.、2. …：应当公开。（√）")
    ]


@pytest.mark.parametrize(
    "text", ["判断题\n题干,答案\n对吗？,对", "题型,题干,答案\n判断题,1. 对吗？,对"]
)
def test_a_table_below_such_a_line_is_a_table(text: str) -> None:
    assert [q.type.value for q in questions(read("判断题.txt", text))] == ["judge"]
