"""Question banks as offices keep them: usual headings and spellings are understood, doubts are told."""

import pathlib
from typing import Any

import pytest

from chalicelib.exams.content import inlines_of
from chalicelib.exams.questions import Question, QuestionType
from chalicelib.imports import banks, packs, readings
from chalicelib.imports.questions import HEADINGS, to_page, to_row
from chalicelib.imports.readings import HEADING_WITHIN, MAX_TEXT
from chalicelib.imports.remarks import Advice
from chalicelib.sheets.writing import write_xlsx
from infra.folders import read_folder
from scripts import import_templates
from tests.dropbox import BANK_HEADINGS, many_questions, workbook
from tests.unit.test_pictures import png_of

USUAL = (
    "序号",
    "题目类型",
    "题目",
    "A",
    "B",
    "C",
    "D",
    "正确答案",
    "答案解析",
    "知识点",
    "难度",
    "分值",
)


def read(data: bytes, name: str = "questions/bank.xlsx") -> banks.BankReading:
    return banks.read_bank({name: data})


def one(*cells: Any, headings: tuple[str, ...] = BANK_HEADINGS) -> Question:
    found = read(workbook(headings, cells))
    assert found.findings == ()
    [question] = found.questions
    return question


def why(*cells: Any, headings: tuple[str, ...] = BANK_HEADINGS) -> str:
    [finding] = read(workbook(headings, cells)).findings
    assert finding.row == 2
    return finding.reason


def advice(found: banks.BankReading) -> dict[str, tuple[int, ...]]:
    return {remark.advice.value: remark.rows for remark in found.remarks}


# --- headings ---


def test_usual_headings_are_understood_and_what_is_not_imported_is_told() -> None:
    found = read(
        workbook(USUAL, (1, "单选", "问？", "甲", "乙", None, None, "B", "因为", "期限", "易", 5))
    )
    [question] = found.questions
    assert (question.type, question.options, question.key) == (
        QuestionType.SINGLE,
        ("甲", "乙"),
        "B",
    )
    assert (question.explanation, question.tag) == ("因为", "期限")
    assert question.points == 5
    left_out, own_points = found.remarks
    assert left_out.reason.startswith("这些列不导入：序号、难度")
    assert own_points.advice is Advice.OWN_POINTS


@pytest.mark.parametrize(
    "heading", ["*题型（必填）", " 题 型 ：", "题型*", "题型(必填项)", "题目类型"]
)
def test_decorated_headings_are_understood(heading: str) -> None:
    assert one("单选", "问？", "甲", "乙", None, "A", "x", headings=(heading, *BANK_HEADINGS[1:]))


@pytest.mark.parametrize("above", [0, 1, HEADING_WITHIN - 1, HEADING_WITHIN])
def test_a_title_may_stand_above_the_headings(above: int) -> None:
    title = [("2027 年春季题库",)] * above
    found = read(workbook(*title, BANK_HEADINGS, ("单选", "问？", "甲", "乙", None, "A", "x")))
    if above < HEADING_WITHIN:
        assert len(found.questions) == 1
    else:
        [finding] = found.findings
        assert (finding.row, finding.reason[:12]) == (1, "缺少列：题型、题干、答案")


def test_each_sheet_with_headings_is_a_part_of_the_bank() -> None:
    line = ("单选", "问一？", "甲", "乙", None, "A", "x")
    book = workbook(
        BANK_HEADINGS,
        line,
        多选=[BANK_HEADINGS, ("多选", "问二？", "甲", "乙", None, "AB", "x"), ("单选",)],
        说明=[("本表由办公室维护",)],
    )
    found = read(book)
    assert [(f.file, f.row) for f in found.findings] == [("questions/bank.xlsx[多选]", 3)]
    assert found.right == 2
    left_out = next(r for r in found.remarks if r.advice.value == "sheet_left_out")
    assert "说明" in left_out.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_of_any_usual_encoding_reads_like_the_workbook(encoding: str) -> None:
    line = ("单选", "问？", "甲", "乙", "丙", "C", "因为")
    table = "\r\n".join([",".join(BANK_HEADINGS), ",".join(line)]).encode(encoding)
    assert read(table, "questions/bank.csv").questions == (one(*line),)


# --- spellings ---


@pytest.mark.parametrize(
    ("spelling", "kind", "answer"),
    [
        *(
            (s, QuestionType.SINGLE, "A")
            for s in ("单选", "单选题", "单项选择题", " 单项选择 ", "单　选")
        ),
        *((s, QuestionType.MULTIPLE, "AB") for s in ("多选", "多选题", "多项选择题", "多项选择")),
    ],
)
def test_types_are_understood_in_their_usual_spellings(
    spelling: str, kind: QuestionType, answer: str
) -> None:
    assert one(spelling, "问？", "甲", "乙", None, answer, "x").type is kind


@pytest.mark.parametrize(
    "answer", ["ABC", "A,B,C", "A，B，C", "a、b、c", "Ａ;Ｂ；Ｃ", "C B A", "A|B|C", "A/B/C"]
)
def test_several_answers_are_separated_as_one_likes(answer: str) -> None:
    assert one("多选", "问？", "甲", "乙", "丙", answer, "x").key == "ABC"


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        *((s, "A") for s in ("正确", "对", "√", "✓", "是", "T", "true", "Ｔ", True)),
        *((s, "B") for s in ("错误", "错", "×", "✗", "x", "否", "F", "False", "不正确", False)),
    ],
)
def test_true_and_false_are_understood_in_their_usual_spellings(answer: Any, key: str) -> None:
    question = one("判断", "对吗？", None, None, None, answer, "x")
    assert (question.options, question.key) == (("正确", "错误"), key)


def test_a_letter_answers_a_true_false_question_whose_options_say_what_it_means() -> None:
    assert one("判断", "对吗？", "错", "对", None, "A", "x").key == "B"
    assert one("判断", "对吗？", "正确", "错误", None, "A", "x").key == "A"
    assert "答案须为" in why("判断", "对吗？", None, None, None, "A", "x")
    assert one("判断", "对吗？", "否", "是", None, "A", "x").key == "B"
    assert one("判断", "对吗？", "A.正确", "B.不正确", None, "B", "x").key == "B"
    assert "判断题不填选项" in why("判断", "对吗？", "甲", "否", None, "A", "x")
    assert "判断题不填选项" in why("判断", "对吗？", "是", "对", None, "A", "x")


# --- row by row ---


def test_full_width_letters_and_blanks_do_no_harm() -> None:
    question = one(" 单选 ", "  问？ ", "甲 ", " 乙", None, " Ｂ ", " 因为 ")
    assert (question.stem, question.options, question.key) == ("问？", ("甲", "乙"), "B")


def test_empty_rows_are_no_rows_and_an_empty_type_is_explained() -> None:
    found = read(
        "题型,题干,选项A,选项B,答案\n单选,一？,甲,乙,A\n,,,,\n,二？,甲,乙,A\n".encode(),
        "questions/b.csv",
    )
    [finding] = found.findings
    assert (found.rows, finding.row) == (2, 4)
    assert "每一行都要填写" in finding.reason


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("=A1&B1", "“题干”是公式"),
        (1e20, "“题干”的数字超过 15 位"),
        ("字" * (MAX_TEXT + 1), f"“题干”超过 {MAX_TEXT} 字"),
    ],
)
def test_a_cell_that_cannot_be_taken_names_column_and_reason(cell: Any, reason: str) -> None:
    assert why("单选", cell, "甲", "乙", None, "A", "x").startswith(reason)


def test_the_longest_text_is_taken() -> None:
    assert len(one("单选", "字" * MAX_TEXT, "甲", "乙", None, "A", "x").stem) == MAX_TEXT


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1f", "\x7f", "\x85", "\ufffe"])
def test_characters_that_no_spreadsheet_can_hold_are_refused(character: str) -> None:
    table = f"题型,题干,选项A,选项B,答案\n单选,问{character}？,甲,乙,A".encode()
    [finding] = read(table, "questions/bank.csv").findings
    assert finding.row in (0, 2)  # a zero is no CSV at all for some


def test_a_formula_in_a_column_that_is_not_imported_does_no_harm() -> None:
    assert one(
        "=ROW()-1", "单选", "问？", "甲", "乙", None, "A", "x", headings=("序号", *BANK_HEADINGS)
    )


def test_numbers_as_options_are_what_is_seen() -> None:
    assert one("单选", "几个？", 10, 1.5, 3.0, "A", "x").options == ("10", "1.5", "3")


def test_a_question_without_a_number_is_known_by_its_content() -> None:
    first = one("单选", "问？", "甲", "乙", None, "A", "因为")
    assert first.id == one("单选", "问？", "甲", "乙", None, "B", "另一个理由").id
    assert first.id != one("单选", "问？", "甲", "丙", None, "A", "因为").id
    line = ("单选", "问？", "甲", "乙", None, "A", "因为")
    [finding] = read(workbook(BANK_HEADINGS, line, line)).findings
    assert (finding.row, finding.reason) == (
        3,
        "与第 2 行是同一道题（题型、题干、选项都相同），请删去一行",
    )


@pytest.mark.parametrize("ids", [(), ("S1", "S2")])
@pytest.mark.parametrize(
    ("kind", "options", "keys", "told"),
    [
        ("单选", ("甲", "乙"), ("A", "B"), "第 2 行是 A，第 3 行是 B"),
        ("判断", (None, None), ("对", "×"), "第 2 行是正确，第 3 行是错误"),
        ("填空", (None, None), ("七|7", "八"), "第 2 行是 七|7，第 3 行是 八"),
    ],
)
def test_the_same_question_with_another_key_is_refused_with_both_keys(
    ids: tuple[str, ...],
    kind: str,
    options: tuple[str | None, ...],
    keys: tuple[str, str],
    told: str,
) -> None:
    headings = ("编号", *BANK_HEADINGS) if ids else BANK_HEADINGS
    lines = [
        (*ids[place : place + 1], kind, "问（ ）？", *options, None, key, "x")
        for place, key in enumerate(keys)
    ]
    [finding] = read(workbook(headings, *lines)).findings
    same = "是同一道题（题型、题干、选项都相同），答案却不同："
    assert (finding.row, finding.reason) == (3, f"与第 2 行{same}{told}；请核对答案，删去一行")


def test_the_same_question_with_the_same_key_under_two_ids_is_told_only() -> None:
    lines = [(name, "单选", "问？", "甲", "乙", None, "A", "x") for name in ("S1", "S2")]
    found = read(workbook(("编号", *BANK_HEADINGS), *lines))
    assert (len(found.questions), found.findings) == (2, ())
    assert advice(found)["duplicate_stem"] == (3,)


@pytest.mark.parametrize(
    "heading",
    [
        "I",
        "选项I",
        "I选项",
        "选择J",
        "答案I",
        "optionI",
        "选项9",
        "选项九",
        "备选答案十",
        "Choice9",
    ],
)
@pytest.mark.parametrize(("cell", "refused"), [("壬", True), (None, False)])
def test_an_option_beyond_the_eighth_is_refused_where_it_has_content(
    heading: str, cell: str | None, refused: bool
) -> None:
    headings = ("题型", "题干", *"ABCDEFGH", heading, "答案")
    found = read(workbook(headings, ("单选", "问？", *"甲乙丙丁戊己庚辛", cell, "A")))
    reasons = [(f.row, f.reason) for f in found.findings]
    assert reasons == ([(2, "选项最多 8 个（A–H）")] if refused else [])


@pytest.mark.parametrize("heading", ["H", "选项8", "选项八", "答案H", "H项"])
def test_the_eighth_option_is_known_by_each_of_its_headings(heading: str) -> None:
    headings = ("题型", "题干", *"ABCDEFG", heading, "答案")
    [question] = read(workbook(headings, ("单选", "问？", *"甲乙丙丁戊己庚辛", "H"))).questions
    assert (question.options[7], question.key) == ("辛", "H")


# --- what a table leaves out ---


def table(text: str) -> bytes:
    return text.encode()


@pytest.mark.parametrize(
    ("line", "kind", "key"),
    [
        ("问？,甲,乙,丙,B", QuestionType.SINGLE, "B"),
        ("问？,甲,乙,丙,A、C", QuestionType.MULTIPLE, "AC"),
        ("问（ C ）？,甲,乙,丙,", QuestionType.SINGLE, "C"),
        ("对吗？,,,,对", QuestionType.JUDGE, "A"),
        ("对吗？（×）,,,,", QuestionType.JUDGE, "B"),
        ("对吗？,正确,错误,,B", QuestionType.JUDGE, "B"),
        ("首都是____,,,,北京", QuestionType.BLANK, "北京"),
        ("首都是（ ）,,,,北京", QuestionType.BLANK, "北京"),
        ("问？A.甲 B.乙 C.丙,,,,BC", QuestionType.MULTIPLE, "BC"),
    ],
)
def test_a_table_without_types_tells_them_by_options_and_answers(
    line: str, kind: QuestionType, key: str
) -> None:
    found = read(table(f"题干,选项A,选项B,选项C,答案\n{line}\n"), "questions/bank.csv")
    [question] = found.questions
    assert (question.type, question.key) == (kind, key)
    assert advice(found)["type_by_content"] == (2,)


@pytest.mark.parametrize("line", ["问？,甲,乙,,也许", "简述条件。,,,,略"])
def test_a_type_that_nobody_can_tell_is_refused(line: str) -> None:
    [finding] = read(table(f"题干,选项A,选项B,选项C,答案\n{line}\n"), "questions/b.csv").findings
    assert finding.row == 2
    assert finding.reason.startswith("没有“题型”列")


def test_answers_may_stand_in_the_stems_alone() -> None:
    lines = "题型,题干,选项A,选项B\n单选题,不包括（ B ）。,甲,乙\n判断题,可以（√）。,,\n单选题,问？,甲,乙\n"
    found = read(table(lines), "questions/bank.csv")
    assert [question.key for question in found.questions] == ["B", "A"]
    assert [(f.row, f.reason[:4]) for f in found.findings] == [(4, "没有答案")]


def test_a_column_of_pictures_belongs_to_the_stems() -> None:
    lines = "题型,题干,选项A,选项B,答案,图片\n单选题,如图,甲,乙,A,seal.png\n单选题,问？,甲,乙,A,none.png\n"
    found = banks.read_bank(
        {"questions/b.csv": lines.encode()}, {"pictures/seal.png": png_of(7, 1)}
    )
    [question] = found.questions
    assert [type(inline).__name__ for inline in inlines_of(question.stem)] == ["Text", "Picture"]
    assert [(f.row, "none.png" in f.reason) for f in found.findings] == [(3, True)]


# --- remarks ---


def test_what_is_right_in_form_and_odd_all_the_same_is_told() -> None:
    found = read(
        workbook(
            BANK_HEADINGS,
            ("单选", "下列说法正确的是？", "甲", "乙", None, "A", "因为"),
            ("多选", "下列说法正确的是", "甲", "乙", None, "AB", None),
            ("单选", "对吗？", "对", "错", None, "A", "因为"),
            ("单选", "另一题？", "甲", "乙", None, "A", "因为"),
        )
    )
    assert found.findings == ()
    assert advice(found) == {
        "no_explanation": (3,),
        "all_options_right": (3,),
        "judge_as_single": (4,),
        "duplicate_stem": (3,),
    }


def test_example_rows_of_the_template_are_passed_over() -> None:
    rows = [*import_templates.BANK_ROWS, to_row(many_questions(1)[0])]
    found = read(write_xlsx([to_page(rows)]))
    assert [question.id for question in found.questions] == ["N-0"]
    assert advice(found)["template_row"] == (2, 3, 4)
    assert (found.rows, found.right) == (4, 1)


# --- back again ---


def test_a_bank_written_and_read_is_the_same_bank() -> None:
    many = many_questions(30)
    assert read(write_xlsx([to_page([to_row(question) for question in many])])).questions == tuple(
        many
    )


def test_the_examples_of_the_project_survive_the_way_through_a_spreadsheet() -> None:
    root = pathlib.Path(__file__).parents[2]
    for folder, count in (("agency-practitioners", 44), ("evaluation-experts", 40)):
        files = read_folder(root / "examples" / folder)
        bank = packs.read_pack(files).bank
        assert len(bank.questions) == count
        contents = {material.id: material.content for material in bank.materials}
        rows = [
            to_row(question, contents.get(question.material, "")) for question in bank.questions
        ]
        pictures = packs.read_pack(files).pictures
        named = {f"{sha256[:16]}.png": data for sha256, data in pictures.items()}
        again = banks.read_bank({"questions/bank.xlsx": write_xlsx([to_page(rows)])}, named)
        assert (again.questions, again.materials) == (bank.questions, bank.materials)


def test_the_templates_in_the_project_are_those_that_the_code_writes() -> None:
    """`make templates` writes them anew."""
    for name, data in import_templates.files().items():
        assert (import_templates.FOLDER / name).read_bytes() == data, name
    assert import_templates.BANK_ROWS[0][: len(HEADINGS)] == import_templates.BANK_ROWS[0]


@pytest.mark.parametrize(("count", "right"), [(2, True), (3, True), (4, False)])
def test_a_table_may_have_so_many_rows_and_no_more(
    monkeypatch: pytest.MonkeyPatch, count: int, right: bool
) -> None:
    monkeypatch.setattr(readings, "MAX_ROWS", 3)
    lines = [f"单选,问{number}？,甲,乙,A" for number in range(count)]
    table = "\n".join(["题型,题干,选项A,选项B,答案", *lines]).encode()
    found = read(table, "questions/bank.csv")
    if right:
        assert found.right == count
    else:
        assert [(f.row, f.reason[:4]) for f in found.findings] == [(0, "表格超过")]


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("10|15|20|30", ("10", "15", "20", "30")),
        ("10｜15｜", ("10", "15")),
        ("A甲\nB乙\nC丙", ("甲", "乙", "丙")),
        ("A 甲\nB-乙", ("甲", "乙")),
        ("A. |x| B. |y|", ("|x|", "|y|")),
    ],
)
def test_the_options_in_one_cell_are_parted(cell: str, options: tuple[str, ...]) -> None:
    headings = ("题型", "题干", "选项", "答案")
    assert one("单选题", "问？", cell, "B", headings=headings).options == options


@pytest.mark.parametrize("cell", ["甲", "甲\n乙", "A甲\nC乙", "甲|乙\n丙|丁"])
def test_one_cell_whose_options_are_not_certain_is_refused(cell: str) -> None:
    headings = ("题型", "题干", "选项", "答案")
    assert "须写作 A.… B.…" in why("单选题", "问？", cell, "A", headings=headings)


@pytest.mark.parametrize(
    ("cell", "answer", "key"),
    [
        ("A.正确 B.错误", "A", "A"),
        ("A.错误\nB.正确", "A", "B"),
        ("对|错", "错", "B"),
        ("", "对", "A"),
    ],
)
def test_a_true_false_question_may_have_both_words_in_one_cell(
    cell: str, answer: str, key: str
) -> None:
    headings = ("题型", "题干", "选项", "答案")
    assert one("判断题", "对吗？", cell, answer, headings=headings).key == key


def test_the_options_of_a_true_false_question_are_not_passed_over() -> None:
    headings = ("题型", "题干", "选项", "答案")
    reason = why("判断题", "对吗？", "A.甲 B.乙", "对", headings=headings)
    assert reason == "判断题不填选项"


def test_an_option_that_is_a_tag_alone_is_refused_with_the_way_to_write_it() -> None:
    headings = ("题型", "题干", "选项A", "选项B", "答案")
    reason = why("单选题", "换行标签是", "<br>", "<hr>", "A", headings=headings)
    assert "要显示它本身，请写作 &lt;br&gt;" in reason
    options = one("单选题", "换行标签是", "&lt;br&gt;", "<hr>", "A", headings=headings).options
    assert options == ("<br>", "<hr>")
