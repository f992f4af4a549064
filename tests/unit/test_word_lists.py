"""Lists of questions in Word and in plain text: as people type them, with all that Word does to them."""

import pytest

from chalicelib.exams.content import BlankPlace, Mark, Paragraph, Picture, Table, Text, plain_text
from chalicelib.imports.banks import BankReading
from chalicelib.imports.formats import word_documents
from chalicelib.imports.remarks import Advice
from chalicelib.shared import archives
from tests.unit.formats import PNG, questions, read, reasons, told
from tests.unit.word import document, numbered, paragraph, picture, run, table

LIST = (
    "某某市从业人员题库",
    "一、单项选择题（每题 2 分，共 3 题）",
    "1. 采购文件由谁编制（ C ）。",
    "A. 甲  B. 乙",
    "C. 丙　　D. 丁",
    "2．期限为多少日？A、五 B、十 C、十五",
    "【答案】C",
    "【解析】见第四十二条。",
    "第二段解析。",
    "知识点：期限",
    "3、下列说法正确的是（ ）",
    "（A）甲说",
    "（B）乙说",
    "正确答案：B；解析：乙说有据",
    "二、多选题",
    "1. 属于当事人的有",
    "A.采购人",
    "B.供应商",
    "C.媒体",
    "参考答案：A、B",
    "依据：第二条",
    "三、判断题",
    "（1）评审应当独立。（√）",
    "（2）可以私下接触。",
    "答案：错",
    "四、填空题",
    "1. 公告期不得少于____个工作日，由____负责。",
    "答案：五|5；财政部门",
    "五、不定项选择题",
    "1. 可以采用的方式",
    "A. 招标 B. 谈判",
    "答案：A",
    "六、简答题",
    "1. 简述原则。",
    "答案：公开、公平",
    "七、案例分析题",
    "某项目预算 100 万元。",
    "采购人拆分为两次。",
    "1. 做法是否合规？（单选题）",
    "A. 合规 B. 不合规",
    "答案：B",
    "2. 应当公开招标。",
    "答案：对",
)


def as_text(*lines: str) -> str:
    return "\n".join(lines)


@pytest.fixture(scope="module", params=["questions/list.docx", "questions/list.txt"])
def found(request: pytest.FixtureRequest) -> BankReading:
    is_word = request.param.endswith(".docx")
    return read(request.param, document(*LIST) if is_word else as_text(*LIST))


def test_a_list_comes_in_by_sections(found: BankReading) -> None:
    assert [(q.type.value, q.key, len(q.options)) for q in questions(found)] == [
        ("single", "C", 4),
        ("single", "C", 3),
        ("single", "B", 2),
        ("multiple", "AB", 3),
        ("judge", "A", 2),
        ("judge", "B", 2),
        ("blank", "五|5\n财政部门", 0),
        ("indefinite", "A", 2),
        ("single", "B", 2),
        ("judge", "A", 2),
    ]


def test_the_parts_of_questions_come_in(found: BankReading) -> None:
    first, second, third, multiple, *_ = found.questions
    assert (first.stem, first.options) == ("采购文件由谁编制（ ）。", ("甲", "乙", "丙", "丁"))
    assert (second.stem, second.options) == ("期限为多少日？", ("五", "十", "十五"))
    assert (second.explanation, second.tag) == ("见第四十二条。\n第二段解析。", "期限")
    assert (third.options, third.explanation) == (("甲说", "乙说"), "乙说有据")
    assert multiple.source == "第二条"


def test_questions_below_a_material_belong_to_it(found: BankReading) -> None:
    [material] = found.materials
    assert material.content == "某项目预算 100 万元。\n采购人拆分为两次。"
    assert [q.material == material.id for q in found.questions] == [False] * 8 + [True] * 2


def test_what_is_not_taken_is_named(found: BankReading) -> None:
    assert told(found, Advice.KIND_LEFT_OUT) == [("简答题（第 1 题）", (34,))]
    assert told(found, Advice.PART_LEFT_OUT) == [
        ("开头的标题文字", (1,)),
        ("大题标题里的分值", (2,)),
    ]
    assert [remark.rows for remark in found.remarks if remark.advice is Advice.TYPE_BY_CONTENT] == [
        (42,)
    ]
    assert found.rows == 11


# --- what Word does to a list ---


def one(*blocks: str, **parts: object) -> BankReading:
    return read("a.docx", document("一、单选题", *blocks, **parts))  # type: ignore[arg-type]


NUMBERING = (
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
    '<w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperLetter"/>'
    '<w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="2"><w:lvl w:ilvl="0"><w:numFmt w:val="chineseCounting"/>'
    '<w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>'
    '</w:lvlOverride></w:num><w:num w:numId="4"><w:abstractNumId w:val="2"/></w:num>'
)


def test_automatic_numbers_count_as_if_they_were_typed() -> None:
    data = document(
        numbered("单选题", 4),
        numbered("第一问？", 1),
        *(numbered(text, 2) for text in ("甲", "乙")),
        "答案：B",
        numbered("第二问？", 1),
        *(numbered(text, 3) for text in ("丙", "丁", "戊")),
        "答案：C",
        numbered("判断题", 4),
        numbered("对吗？（×）", 1),
        numbering=NUMBERING,
    )
    first, second, judge = questions(read("a.docx", data))
    assert (first.stem, first.options, first.key) == ("第一问？", ("甲", "乙"), "B")
    assert (second.options, second.key) == (("丙", "丁", "戊"), "C")
    assert (judge.type.value, judge.key) == ("judge", "B")


def test_marks_tables_and_pictures_come_along() -> None:
    found = one(
        paragraph(
            "1. 面积为 10",
            run("2", '<w:vertAlign w:val="superscript"/>'),
            "，",
            run("不", "<w:b/>"),
            "是",
        ),
        table(("项", "值"), ("甲", "1")),
        paragraph("如图", picture("rId1", "印章")),
        "A. 甲 B. 乙",
        "答案：A",
        media={"rId1": PNG},
    )
    [question] = questions(found)
    first, middle, last = question.stem
    assert first == Paragraph(
        (
            *(Text("面积为 10"), Text("2", (Mark.SUPERSCRIPT,)), Text("，")),
            *(Text("不", (Mark.BOLD,)), Text("是")),
        )
    )
    assert isinstance(middle, Table)
    assert isinstance(last, Paragraph)
    assert isinstance(last.inlines[1], Picture)
    assert last.inlines[1].alt == "印章"
    assert list(found.pictures) == [last.inlines[1].sha256]


def test_merged_cells_span() -> None:
    cell = "<w:tc><w:tcPr>{}</w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    rows = (
        cell.format('<w:gridSpan w:val="2"/>', "宽")
        + cell.format('<w:vMerge w:val="restart"/>', "高"),
        cell.format("", "甲") + cell.format("", "乙") + cell.format("<w:vMerge/>", ""),
    )
    merged = f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"
    [question] = questions(one("1. 看表", merged, "A. 甲 B. 乙", "答案：A"))
    grid = question.stem[1]
    assert isinstance(grid, Table)
    assert [[(c.columns, c.rows) for c in row] for row in grid.rows] == [
        [(2, 1), (1, 2)],
        [(1, 1), (1, 1)],
    ]


def test_what_a_person_does_not_see_is_no_content_and_is_told() -> None:
    deleted = "<w:del><w:r><w:delText>旧</w:delText></w:r></w:del>"
    inserted = "<w:ins><w:r><w:t>新</w:t></w:r></w:ins>"
    found = one(
        paragraph(
            "1. 问", deleted, inserted, run("藏", "<w:vanish/>"), run("划", "<w:strike/>"), "？"
        ),
        "A. 甲 B. 乙",
        paragraph("答案：A"),
    )
    [question] = questions(found)
    assert question.stem == "问新？"
    assert told(found, Advice.PART_LEFT_OUT) == [
        ("修订中删除的文字", (2,)),
        ("隐藏的文字", (2,)),
        ("划掉的文字", (2,)),
    ]


def test_underlined_spaces_are_blanks_and_underlined_texts_are_answers() -> None:
    line = run("      ", '<w:u w:val="single"/>')
    answer = run(" 财政部门 ", '<w:u w:val="single"/>')
    data = document(
        "一、填空题",
        paragraph("1. 期限不少于", line),
        "答案：20",
        paragraph("2. 由", answer, "负责监督。"),
    )
    first, second = questions(read("a.docx", data))
    assert first.stem == (Paragraph((Text("期限不少于"), BlankPlace(1))),)
    assert second.stem == (Paragraph((Text("由"), BlankPlace(1), Text("负责监督。"))),)
    assert second.key == "财政部门"


@pytest.mark.parametrize(
    ("answer", "shown"), [("财政部门", "由____负责"), ("审计部门", "由财政部门负责\n____")]
)
def test_an_underlined_text_is_hidden_when_it_is_the_answer(answer: str, shown: str) -> None:
    line = paragraph("1. 由", run("财政部门", '<w:u w:val="single"/>'), "负责")
    [question] = questions(read("a.docx", document("一、填空题", line, f"答案：{answer}")))
    assert (plain_text(question.stem), question.key) == (shown, answer)


def text(of: str, properties: str = "") -> str:
    return f"<m:r><m:rPr>{properties}</m:rPr><m:t>{of}</m:t></m:r>"


A, B = text("a"), text("b")


@pytest.mark.parametrize(
    ("omml", "latex"),
    [
        (f"<m:f><m:num>{A}</m:num><m:den>{B}</m:den></m:f>", r"\frac{a}{b}"),
        (
            f'<m:f><m:fPr><m:type m:val="noBar"/></m:fPr><m:num>{A}</m:num><m:den>{B}</m:den></m:f>',
            r"{{a} \atop {b}}",
        ),
        (
            f'<m:f><m:fPr><m:type m:val="lin"/></m:fPr><m:num>{A}</m:num><m:den>{B}</m:den></m:f>',
            "{a} / {b}",
        ),
        (f"<m:d><m:e>{A}</m:e><m:e>{B}</m:e></m:d>", r"\left( a | b \right)"),
        (
            f'<m:d><m:dPr><m:sepChr m:val=";"/></m:dPr><m:e>{A}</m:e><m:e>{B}</m:e></m:d>',
            r"\left( a ; b \right)",
        ),
        (
            f'<m:acc><m:accPr><m:chr m:val="\u20d7"/></m:accPr><m:e>{A}</m:e></m:acc>',
            r"\overrightarrow{a}",
        ),
        (f"<m:acc><m:e>{A}</m:e></m:acc>", r"\widehat{a}"),
        (f'<m:bar><m:barPr><m:pos m:val="top"/></m:barPr><m:e>{A}</m:e></m:bar>', r"\overline{a}"),
        (f"<m:bar><m:e>{A}</m:e></m:bar>", r"\underline{a}"),
        (f"<m:groupChr><m:e>{A}</m:e></m:groupChr>", r"\underbrace{a}"),
        (f"<m:limLow><m:e>{A}</m:e><m:lim>{B}</m:lim></m:limLow>", r"\underset{b}{a}"),
        (f"<m:limUpp><m:e>{A}</m:e><m:lim>{B}</m:lim></m:limUpp>", r"\overset{b}{a}"),
        (
            f"<m:func><m:fName>{text('sin')}</m:fName><m:e>{A}</m:e></m:func>",
            r"\operatorname{sin} a",
        ),
        (f"<m:eqArr><m:e>{A}</m:e><m:e>{B}</m:e></m:eqArr>", r"\begin{matrix}a \\ b\end{matrix}"),
        (
            '<m:nary><m:naryPr><m:chr m:val="∑"/><m:limLoc m:val="undOvr"/></m:naryPr>'
            f"<m:sub>{A}</m:sub><m:sup>{B}</m:sup><m:e>{A}</m:e></m:nary>",
            r"\sum\limits_{a}^{b} a",
        ),
        (text("若 5%", "<m:nor/>"), r"\text{若 5\%}"),
        (text("a", '<w:strike w:val="0"/>'), "a"),
    ],
)
def test_formulas_of_word_become_formulas(omml: str, latex: str) -> None:
    line = paragraph("1. 值为", f"<m:oMath>{omml}</m:oMath>")
    [question] = questions(one(line, "A. 甲 B. 乙", "答案：A"))
    assert plain_text(question.stem) == f"值为${latex}$"


@pytest.mark.parametrize(
    ("omml", "name"),
    [
        (f"<m:phant><m:e>{A}</m:e></m:phant>", "phant"),
        (f"<m:borderBox><m:e>{A}</m:e></m:borderBox>", "borderBox"),
        (
            f'<m:f><m:fPr><m:type m:val="skw"/></m:fPr><m:num>{A}</m:num><m:den>{B}</m:den></m:f>',
            "f skw",
        ),
        (f'<m:acc><m:accPr><m:chr m:val="x"/></m:accPr><m:e>{A}</m:e></m:acc>', "acc x"),
        (
            f'<m:groupChr><m:groupChrPr><m:chr m:val="→"/></m:groupChrPr><m:e>{A}</m:e></m:groupChr>',
            "groupChr →",
        ),
        (text("a", "<w:vanish/>"), "隐藏或划掉的文字 vanish"),
        (text("a", "<w:strike/>"), "隐藏或划掉的文字 strike"),
        (text("a^2"), "字符 ^"),
        (text("{a}", "<m:nor/>"), "字符 {"),
    ],
)
def test_a_formula_of_word_that_is_not_known_is_refused_by_its_name(omml: str, name: str) -> None:
    found = one(paragraph("1. 值为", f"<m:oMath>{omml}</m:oMath>"), "A. 甲 B. 乙", "答案：A")
    assert any(f"含有不能识别的公式（{name}）" in reason for _, reason in reasons(found))


def test_characters_of_symbol_fonts_mark_right_and_wrong() -> None:
    mark = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
    [question] = questions(read("a.docx", document("判断题", paragraph("1. 对吗（", mark, "）"))))
    assert question.key == "A"


# --- answers at the end ---


@pytest.mark.parametrize(
    "answers",
    [
        ("1-3 BAB",),
        ("1-3 B A B",),
        ("1.B 2.A 3.B",),
        ("1-2：BA", "3、B"),
        ("一、单选题", "1-3 BAB"),
    ],
)
def test_answers_may_stand_at_the_end(answers: tuple[str, ...]) -> None:
    items = [line for n in (1, 2, 3) for line in (f"{n}. 第{n}问", "A. 甲 B. 乙")]
    assert [q.key for q in questions(one(*items, "参考答案：", *answers))] == ["B", "A", "B"]


def test_answers_of_several_sections_are_kept_apart() -> None:
    data = document(
        *("一、单选题", "1. 问", "A. 甲 B. 乙", "2. 问二", "A. 甲 B. 乙"),
        *("二、判断题", "1. 对吗", "2. 错吗"),
        *("答案", "一、单选题", "1-2 BA", "二、判断题", "1-2 √×"),
    )
    assert [q.key for q in questions(read("a.docx", data))] == ["B", "A", "A", "B"]


def test_answers_in_a_table_at_the_end() -> None:
    items = [line for n in (1, 2) for line in (f"{n}. 第{n}问", "A. 甲 B. 乙")]
    found = one(*items, table(("题号", "1", "2"), ("答案", "B", "A")))
    assert [q.key for q in questions(found)] == ["B", "A"]


def test_answers_that_do_not_fit_are_refused() -> None:
    items = [line for n in (1, 2) for line in (f"{n}. 第{n}问", "A. 甲 B. 乙")]
    assert reasons(one(*items, "参考答案", "1-3 AB"))[0] == (
        7,
        "不是答案的写法（如 1-5 ABCDD、6. 对）：1-3 AB",
    )


# --- without sections ---


def test_types_are_judged_by_content_where_it_is_certain() -> None:
    data = document(
        *("1. 单选？", "A. 甲 B. 乙", "答案：A"),
        *("2. 多选？", "A. 甲 B. 乙", "答案：AB"),
        *("3. 对吗？", "答案：对"),
        *("4. 共____日", "答案：7"),
        *("5.【不定项】哪些", "A. 甲 B. 乙", "答案：A"),
    )
    found = read("a.docx", data)
    assert [q.type.value for q in questions(found)] == [
        *("single", "multiple", "judge", "blank", "indefinite")
    ]
    assert [r.rows for r in found.remarks if r.advice is Advice.TYPE_BY_CONTENT] == [(1, 4, 7, 9)]


# --- habits of people ---


@pytest.mark.parametrize(
    ("lines", "key", "options"),
    [
        (("1、采购方式是（B）", "A.甲B.乙C.丙"), "B", ("甲", "乙", "丙")),
        (("1、采购方式是（B）", "A．甲；B．乙；C．丙"), "B", ("甲", "乙", "丙")),
        (("（B）1. 采购方式？", "A. 甲", "B. 乙"), "B", ("甲", "乙")),
        (("1. 采购方式？ A. 甲 B. 乙 答案：B",), "B", ("甲", "乙")),
        (("1. 采购方式？", "A. 甲 B. 乙 【答案】：B 解析：因为"), "B", ("甲", "乙")),
        (("1. 采购方式？ A. 甲 B. 乙 （答案：B）",), "B", ("甲", "乙")),
        (("1. 采购方式？", "A. 甲 B. 乙", "（答案：B）"), "B", ("甲", "乙")),
        (("１．问（Ｂ）", "Ａ．甲　Ｂ．乙"), "B", ("甲", "乙")),
        (
            ("1. 说法：", "（1）甲", "（2）乙", "正确的是（B）", "A. (1)", "B. (2)"),
            "B",
            ("(1)", "(2)"),
        ),
        (("1. 2024 年属于（B）", "A. 甲", "B. 3.5 万元"), "B", ("甲", "3.5 万元")),
    ],
)
def test_usual_ways_of_typing_are_understood(
    lines: tuple[str, ...], key: str, options: tuple[str, ...]
) -> None:
    [question] = questions(one(*lines))
    assert (question.key, question.options) == (key, options)


@pytest.mark.parametrize("brackets", ["（{}）", "【{}】", "[{}]", "(答案：{})"])
def test_stems_with_their_answers_in_any_brackets_need_nothing_between_them(brackets: str) -> None:
    lines = ("1. 应当公开。" + brackets.format("√"), "5. 可以私下接触。" + brackets.format("×"))
    data = document(*lines)
    assert [(q.type.value, q.key) for q in questions(read("a.docx", data))] == [
        ("judge", "A"),
        ("judge", "B"),
    ]


def test_a_mark_before_the_number_is_the_answer() -> None:
    data = document("一、判断题", "（√）1. 应当公开。", "(×) 2. 可以私下接触。")
    assert [q.key for q in questions(read("a.docx", data))] == ["A", "B"]


@pytest.mark.parametrize("answer", ["（1）七；（2）财政部门", "①七②财政部门", "七；财政部门"])
def test_answers_to_blanks_may_be_counted(answer: str) -> None:
    data = document("一、填空题", "1. 公告期____日，由____负责。", f"答案：{answer}")
    assert [q.key for q in questions(read("a.docx", data))] == ["七\n财政部门"]


# --- refusals ---

ENTITY = b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"
TEXT_BOX = (
    "<w:r><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p>"
    "</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
)


@pytest.mark.parametrize(
    ("blocks", "row", "reason"),
    [
        (("1. 问", "A. 甲 B. 乙"), 6, "第 1 题：没有答案"),
        (("1. 问", "A. 甲 C. 乙", "答案：A"), 6, "第 1 题：选项须从 A 起依次排列"),
        (
            ("1. 问", "A. 甲 B. 乙", "答案：A", "孤零零的一段"),
            9,
            "不知道这一段属于哪一题：孤零零的一段",
        ),
        (("1. 问", "A. 甲 B. 乙", "答案：D"), 6, "第 1 题：答案须为 A–B 中的字母"),
        (("1. 问\u200b", "A. 甲 B. 乙", "答案：A"), 6, "第 1 题：含有看不见的字符"),
        (("1. 问", "A. 甲 B. 乙", "答案：A", table(("x", "y"))), 9, "这个表格不属于任何一题：x"),
    ],
)
def test_what_is_not_understood_is_refused_by_paragraph(
    blocks: tuple[str, ...], row: int, reason: str
) -> None:
    right = ("一、单选题", "1. 对", "A. 甲 B. 乙", "答案：A", "二、单选题")
    found = reasons(read("a.docx", document(*right, *blocks)))
    [(at, why)] = found
    assert (at, why[: len(reason)]) == (row, reason)


@pytest.mark.parametrize(
    ("inline", "reason"),
    [
        ('<w:r><w:sym w:font="Webdings" w:char="F001"/></w:r>', "含有特殊字体的符号"),
        ("<w:r><w:drawing/></w:r>", "含有不能导入的图形"),
        (picture("rId9"), "图片不在文档里"),
        (
            TEXT_BOX,
            "含有文本框",
        ),
        ("<w:r><w:instrText> EQ \\f(1,2) </w:instrText></w:r>", "含有域公式"),
        ("<m:oMath><m:phant/></m:oMath>", "含有不能识别的公式"),
    ],
)
def test_what_cannot_be_taken_over_is_refused_by_its_question(inline: str, reason: str) -> None:
    [(row, why)] = reasons(one(paragraph("1. 问", inline), "A. 甲 B. 乙", "答案：A"))
    assert (row, why[: len(reason) + 6]) == (2, f"第 1 题：{reason}")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xd0\xcf\x11\xe0 old", "文件是旧版 doc 或加了密码"),
        (b"no zip", "不是可以打开的 docx 文件"),
        (archives.pack({"a.xml": b"<a/>"}), "不是可以打开的 docx 文件"),
        (
            archives.pack({"word/document.xml": ENTITY}),
            "文件含有不允许的 XML 定义",
        ),
        (archives.pack({"word/document.xml": b"<a>" * 201 + b"</a>" * 201}), "文件的结构过于复杂"),
        (archives.pack({"word/media/a.png": b" " * (word_documents.MOST_BYTES + 1)}), "文档过大"),
    ],
)
def test_hostile_and_damaged_documents_are_refused_whole(data: bytes, reason: str) -> None:
    [(row, why)] = reasons(read("a.docx", data))
    assert (row, why[: len(reason)]) == (0, reason)


def test_a_document_has_a_limit_of_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_documents, "MOST_ELEMENTS", 20)
    [(_, why)] = reasons(one("1. 问", "A. 甲 B. 乙", "答案：A"))
    assert why == "文件的结构过于复杂"


def test_too_many_questions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.imports.formats.entries.MAX_ROWS", 1)
    assert len(questions(one("1. 第1问", "A. 甲 B. 乙", "答案：A"))) == 1
    items = [line for n in (1, 2) for line in (f"{n}. 第{n}问", "A. 甲 B. 乙", "答案：A")]
    assert reasons(one(*items)) == [(0, "超过 1 题：请分成几个文件")]


@pytest.mark.parametrize(("count", "right"), [(299, True), (300, True), (301, False)])
def test_a_question_has_so_many_lines_and_no_more(count: int, right: bool) -> None:
    explained = ["A. 甲 B. 乙", "答案：A", "解析：见", *["x"] * (count - 3)]
    found = one("1. 问", *explained)
    assert (found.findings == ()) is right
    assert right or reasons(found)[0][1].startswith("一题或一段材料最多 300 段")


@pytest.mark.parametrize("number", ["2．2024年", "2.2024年", "2、100元", "2.5G", "2.1.5"])
def test_a_question_that_begins_with_a_digit_begins_a_question(number: str) -> None:
    lines = ("一、判断题", "1. 甲对。", "答案：对", f"{number}是乙。", "答案：错")
    found = questions(read("list.txt", as_text(*lines)))
    assert [plain_text(q.stem) for q in found] == ["甲对。", f"{number[2:]}是乙。"]


@pytest.mark.parametrize(
    ("below", "is_question"),
    [("2、100 元是乙。", True), ("2.5+1 是 3.5。", False), ("3、5 月", False)],
)
def test_in_an_explanation_a_decimal_is_no_number_of_a_question(
    below: str, is_question: bool
) -> None:
    lines = ("一、判断题", "1. 甲对。", "答案：对", "解析：", below)
    found = read("list.txt", as_text(*lines))
    assert bool(found.findings) is is_question  # it has no answer
    assert is_question or below in plain_text(found.questions[0].explanation)


def test_an_answer_stands_above_or_below_the_explanation_but_not_twice() -> None:
    below = ("一、判断题", "1. 甲对。", "解析：见第二条。", "答案：对")
    [question] = questions(read("list.txt", as_text(*below)))
    assert (question.key, question.explanation) == ("A", "见第二条。")
    twice = ("一、判断题", "1. 甲对。", "答案：对", "解析：见上。", "2.5 比 3 大。", "答案：错")
    [(_, reason)] = reasons(read("list.txt", as_text(*twice)))
    assert "第 1 题已有答案" in reason


@pytest.mark.parametrize("end", ["1-3 √×√", "1. √\n2. ×\n3. √"])
def test_an_answer_at_the_end_whose_question_was_not_noticed_is_refused(end: str) -> None:
    lines = [
        "一、判断题",
        "1. 甲对。",
        "2. 乙对。",
        "3. 丙对。",
        "参考答案",
        "一、判断题",
        *end.split("\n"),
    ]
    assert len(questions(read("list.txt", as_text(*lines)))) == 3
    lines[3] = "丙对。"
    [(_, reason)] = reasons(read("list.txt", as_text(*lines)))
    assert "第 3 题的答案，前面却没有读到这道题" in reason


@pytest.mark.parametrize("heading", ["【判断题】", "[判断题]", "（判断题）"])
def test_a_heading_in_brackets_begins_a_section(heading: str) -> None:
    lines = (
        "【单选题】",
        "1. 甲",
        "A. 对 B. 否",
        "答案：A",
        "难度：易",
        heading,
        "1. 乙对。",
        "答案：错",
    )
    single, judge = questions(read("list.txt", as_text(*lines)))
    assert (single.type.value, judge.type.value) == ("single", "judge")


def test_the_answer_beside_a_question_and_the_one_at_the_end_agree() -> None:
    lines = [
        "一、多选题",
        "1. 甲（ A、B ）",
        "A. 一 B. 二",
        "2. 乙",
        "A. 一 B. 二",
        "答案：AB",
        "参考答案",
    ]
    assert len(questions(read("list.txt", as_text(*lines, "1-2 AB BA")))) == 2
    lines[5] = "答案：AC"
    lines[4] = "A. 一 B. 二 C. 三"
    [(_, reason)] = reasons(read("list.txt", as_text(*lines, "1-2 AB AB")))
    assert "题目旁的答案是“AC”，后面的答案里却是“AB”" in reason


@pytest.mark.parametrize("answers", ["答案：1.A 2.B", "【参考答案】：1-2 AB", "答案:1、A；2、B"])
def test_all_answers_may_stand_in_one_line_behind_the_word(answers: str) -> None:
    lines = ("一、单选题", "1. 甲", "A. 一 B. 二", "2. 乙", "A. 一 B. 二", answers)
    assert [q.key for q in questions(read("list.txt", as_text(*lines)))] == ["A", "B"]


def test_options_may_have_a_letter_without_a_dot_in_lines_of_their_own() -> None:
    lines = ("一、单选题", "1. 下列属于", "A 类的是", "A 甲", "B 乙", "C  丙", "答案 B")
    [question] = questions(read("list.txt", as_text(*lines)))
    assert (question.stem, question.options, question.key) == (
        "下列属于\nA 类的是",
        ("甲", "乙", "丙"),
        "B",
    )
    without = ("一、单选题", "1. 下列属于", "A 甲", "C 丙", "答案 A")
    assert reasons(read("list.txt", as_text(*without)))
