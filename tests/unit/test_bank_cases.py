"""Question banks as offices have them: separators, encodings, strange columns, hidden characters, many mistakes."""

import pytest

from chalicelib.imports import banks
from chalicelib.imports.banks import BankReading
from chalicelib.sheets.delimited import decode_text
from chalicelib.sheets.model import SheetRefused
from tests.dropbox import workbook

HEADINGS = "题型,题干,选项A,选项B,选项C,选项D,答案,解析"
SINGLE = "单选题,应当遵循下列哪项原则？,公开透明,先到先得,领导审批,价高者得,A,见第三条"
MULTIPLE = "多选题,下列属于采购方式的有,公开招标,竞争性谈判,询价,内部分配,ABC,"
JUDGE = "判断题,可以将项目化整为零。,,,,,错误,"
TABLE = "\r\n".join([HEADINGS, SINGLE, MULTIPLE, JUDGE, ""])


def read(text: str | bytes, name: str = "bank.csv") -> BankReading:
    return banks.read_bank({name: text if isinstance(text, bytes) else text.encode()})


def table(*rows: str, headings: str = HEADINGS) -> str:
    return "\n".join([headings, *rows])


def reasons(found: BankReading) -> list[tuple[int, str]]:
    return [(finding.row, finding.reason) for finding in found.findings]


def left_out(found: BankReading) -> list[str]:
    return [r.reason for r in found.remarks if r.advice.value == "column_left_out"]


# --- separators and encodings ---


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("name", ["bank.csv", "bank.txt", "bank.tsv"])
def test_every_usual_text_table_reads_like_the_one_with_commas(
    delimiter: str, encoding: str, name: str
) -> None:
    found = read(TABLE.replace(",", delimiter).encode(encoding), name)
    assert found.findings == ()
    assert found.questions == read(TABLE).questions
    assert [question.key for question in found.questions] == ["A", "ABC", "B"]


def test_a_byte_order_mark_of_big_endian_utf_16_is_understood() -> None:
    assert read(b"\xfe\xff" + TABLE.encode("utf-16-be")).right == 3


@pytest.mark.parametrize(
    ("text", "known"), [("题,题,题\n", False), ("题,题,题\n题,", True), ("题,题,题\n题,题,", True)]
)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_known_by_four_zero_bytes_on_one_side(
    text: str, known: bool, encoding: str
) -> None:
    try:
        decoded = decode_text(text.encode(encoding))
    except SheetRefused:
        decoded = ""
    assert (decoded == text) is known


def test_text_in_no_known_encoding_is_refused() -> None:
    for data in (b"\xff\xff", b"\xff\xfe\x00", b"\x81"):
        with pytest.raises(SheetRefused, match="文字编码无法识别"):
            decode_text(data)


def test_commas_in_the_questions_do_not_make_a_table_of_commas() -> None:
    row = "单选题;甲,乙,丙,丁,戊,己,庚,辛？;公开,透明;先到,先得;;;A;"
    [question] = read(table(row, headings=HEADINGS.replace(",", ";"))).questions
    assert question.options == ("公开,透明", "先到,先得")


def test_a_line_for_spreadsheets_and_a_title_may_stand_above_the_headings() -> None:
    assert read(f"sep=;\n题库\n{TABLE.replace(',', ';')}").right == 3


# --- columns ---


def test_unknown_columns_are_listed_once_each() -> None:
    headings = f"{HEADINGS},正确答案文本,页码,是否启用,你的答案,科目"
    found = read(
        table(*(f"{row},公开,12,是,,采购法" for row in (SINGLE, JUDGE)), headings=headings)
    )
    assert (found.findings, found.right) == ((), 2)
    assert left_out(found) == ["这些列不导入：正确答案文本、页码、是否启用、你的答案、科目"]


def test_a_column_without_a_heading_is_named_when_it_has_content() -> None:
    found = read(table(f"{SINGLE},多余,", headings=f"{HEADINGS},,"))
    assert left_out(found) == ["这些列不导入：第 9 列（没有标题）"]
    assert left_out(read(table(f"{SINGLE},,", headings=f"{HEADINGS},,"))) == []


def test_a_typing_error_in_a_needed_heading_is_guessed_and_the_rows_are_looked_at() -> None:
    wrong = "单选题,哪项正确？,甲,乙,,,D,"
    found = read(table(SINGLE, wrong, headings=HEADINGS.replace("题干", "题杆")))
    assert reasons(found) == [
        (1, "没有“题干”列；“题杆”是不是“题干”？请改正列标题"),
        (3, "答案须为 A–B 中的字母，不重复"),
    ]


def test_two_mistakes_and_an_unknown_column_are_told_in_one_round() -> None:
    rows = (f"{SINGLE},1", "单选题,哪项正确？,甲,乙,,,D,,2", "多选题,无答案的题,甲,乙,丙,,,,3")
    found = read(table(*rows, headings=f"{HEADINGS},页码"))
    assert [row for row, _ in reasons(found)] == [3, 4]
    assert left_out(found) == ["这些列不导入：页码"]


def test_without_a_needed_column_cells_are_looked_at_all_the_same() -> None:
    found = read(table("单选题,甲\u200b,乙,A", headings="题型,选项A,选项B,答案"))
    assert [row for row, _ in reasons(found)] == [1, 2]


# --- types by names ---


def test_the_sheets_of_a_workbook_tell_the_types_of_their_questions() -> None:
    headings = ("题干", "A", "B", "C", "答案")
    book = workbook(
        ("说明",),
        单选题=[headings, ("问一？", "甲", "乙", None, "A")],
        多选题=[headings, ("问二？", "甲", "乙", "丙", "AB")],
        判断题=[("题干", "答案"), ("对吗？", "错")],
    )
    found = read(book, "bank.xlsx")
    assert found.findings == ()
    assert [question.type.value for question in found.questions] == ["single", "multiple", "judge"]
    assert sum(1 for remark in found.remarks if remark.advice.value == "type_by_name") == 3


@pytest.mark.parametrize(
    ("name", "right"), [("填空题.csv", 1), ("questions/填空题（2027）.csv", 1), ("bank.csv", 0)]
)
def test_the_name_of_a_file_tells_the_type_of_its_questions(name: str, right: int) -> None:
    found = read("题干,答案\n多少日？,七", name)
    assert found.right == right
    if not right:
        [(row, reason)] = reasons(found)
        assert (row, reason[:6]) == (2, "没有“题型”")
        assert "工作表或文件命名为" in reason


def test_without_a_name_the_content_of_each_row_tells_its_type_where_it_is_certain() -> None:
    table = (
        "题干,A,B,C,答案\n单选？,甲,乙,丙,B\n多选？,甲,乙,丙,AC\n判断？,,,,×\n判断（√）,,,,\n"
        "判断吗？,对,错,,对\n期限____日,,,,7\n选项在题干？A.甲 B.乙,,,,A\n"
    )
    found = read(table, "bank.csv")
    assert found.findings == ()
    assert [(q.type.value, q.key) for q in found.questions] == [
        *(("single", "B"), ("multiple", "AC"), ("judge", "B"), ("judge", "A"), ("judge", "A")),
        *(("blank", "7"), ("single", "A")),
    ]
    [remark] = [r for r in found.remarks if r.advice.value == "type_by_content"]
    assert remark.rows == (2, 3, 4, 5, 6, 7, 8)


@pytest.mark.parametrize(
    "row", ["问？,,,,甲", "问？,甲,乙,,D", "问？,甲,乙,,", "问？,甲,乙,,甲", "简述____,,,,"]
)
def test_a_row_whose_content_tells_no_type_is_refused(row: str) -> None:
    [(at, reason)] = reasons(read(f"题干,A,B,C,答案\n{row}\n对吗？,,,,对\n", "bank.csv"))
    assert (at, reason[:6]) == (2, "没有“题型”")


def test_the_column_of_types_counts_before_any_name() -> None:
    assert read(TABLE, "判断题.csv").right == 3


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("一、单选题（每题 2 分）", "single"),
        ("单选题(2分)", "single"),
        ("不定项选择题", "indefinite"),
        ("1.判断题", "judge"),
        ("单选和多选", ""),
        ("问答题", ""),
    ],
)
def test_a_cell_may_say_more_than_the_type(cell: str, kind: str) -> None:
    answer = "对" if kind == "judge" else "A"
    options = "," if kind == "judge" else "甲,乙"
    found = read(f"题型,题干,选项A,选项B,答案\n{cell},问？,{options},{answer}")
    assert [question.type.value for question in found.questions] == ([kind] if kind else [])


# --- the same question again ---


def test_the_same_question_again_is_refused_with_both_rows() -> None:
    [(row, reason)] = reasons(read(table(SINGLE, MULTIPLE, SINGLE)))
    assert (row, "第 2 行" in reason) == (4, True)


def test_the_same_question_in_another_file_is_refused_with_its_place() -> None:
    found = banks.read_bank({"a.csv": table(SINGLE).encode(), "b.csv": table(SINGLE).encode()})
    [finding] = found.findings
    assert (finding.file, finding.row) == ("b.csv", 2)
    assert "a.csv 第 2 行" in finding.reason


# --- examples ---


def test_a_question_that_begins_like_an_example_is_a_question() -> None:
    rows = (
        "单选题,示例中的合同属于（）,买卖合同,租赁合同,承揽合同,委托合同,A,",
        "单选题,【示例图】所示流程的第一步是,公告,开标,评标,定标,A,",
    )
    found = read(table(*rows))
    assert (found.right, found.findings) == (2, ())


# --- hidden characters ---


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\u200b", "U+200B（零宽空格）"),
        ("\u200d", "U+200D（零宽连字）"),
        ("\u202e", "U+202E（从右到左强制）"),
        ("\u2066", "U+2066（从左到右隔离）"),
        ("\u2069", "U+2069（方向隔离结束）"),
        ("\ufeff", "U+FEFF（零宽不换行空格）"),
        ("\u00ad", "U+00AD（软连字符）"),
        ("\u3164", "U+3164（HANGUL FILLER）"),
    ],
)
def test_a_hidden_character_is_refused_with_its_name_and_place(character: str, name: str) -> None:
    [(row, reason)] = reasons(read(table(SINGLE, f"单选题,倒{character}序,甲,乙,丙,丁,A,")))
    assert (row, reason) == (3, f"“题干”含有看不见的字符：{name}，请删去后重新填写")


@pytest.mark.parametrize("character", ["\u200a", "\u2010", "\u2070", "\u3000", "\ufe0f"])
def test_characters_beside_the_hidden_ones_are_taken(character: str) -> None:
    assert read(table(f"单选题,甲{character}乙,甲,乙,丙,丁,A,")).right == 1


def test_options_that_look_the_same_are_refused_with_the_character_between_them() -> None:
    found = read(table("单选题,哪项正确,甲,甲\u200b,乙,丙,A,"))
    assert reasons(found) == [
        (2, "“选项B”含有看不见的字符：U+200B（零宽空格），请删去后重新填写"),
        (2, "选项重复"),
    ]
    assert found.right == 0
