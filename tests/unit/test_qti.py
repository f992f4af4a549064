"""QTI 2.1, 2.2 and 3.0: items of a package come in by type; what the product does not have is named."""

import pytest

from chalicelib.exams.content import BlankPlace, Paragraph, Picture, Text, plain_text
from chalicelib.imports import banks
from chalicelib.imports.formats import qti_packages
from chalicelib.imports.formats.qti import KINDS
from chalicelib.imports.remarks import Advice
from chalicelib.shared import archives
from tests.unit.formats import PNG, package, questions, read, reasons, told

V21, V22, V30 = "imsqti_item_xmlv2p1", "imsqti_item_xmlv2p2", "imsqti_item_xmlv3p0"


def response(identifier: str, *values: str, cardinality: str = "single", more: str = "") -> str:
    correct = "".join(f"<value>{value}</value>" for value in values)
    kind = 'baseType="string"' if "baseType" not in more else more
    inner = "" if "baseType" in more else more
    return (
        f'<responseDeclaration identifier="{identifier}" cardinality="{cardinality}" {kind}>'
        f"<correctResponse>{correct}</correctResponse>{inner}</responseDeclaration>"
    )


def choices(
    *texts: str, attributes: str = 'maxChoices="1"', identifier: str = "R", prompt: str = ""
) -> str:
    inner = "".join(
        f'<simpleChoice identifier="C{n}">{text}</simpleChoice>' for n, text in enumerate(texts)
    )
    return (
        f'<choiceInteraction responseIdentifier="{identifier}" {attributes}>'
        f"<prompt>{prompt}</prompt>{inner}</choiceInteraction>"
    )


def item(title: str, body: str, *declared: str, after: str = "", attributes: str = "") -> str:
    return (
        f'<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="i" title="{title}" '
        f"{attributes}>{''.join(declared)}<itemBody>{body}</itemBody>{after}</assessmentItem>"
    )


def mapping(**shares: float) -> str:
    entries = "".join(
        f'<mapEntry mapKey="{key}" mappedValue="{share}"/>' for key, share in shares.items()
    )
    return f"<mapping>{entries}</mapping>"


SINGLE = item(
    "单选",
    '<p>见图<img src="../media/a%20b.png" alt="章"/></p>'
    + choices(
        "甲", "<p>乙<b>二</b></p>", prompt="选<sup>2</sup>哪个？", attributes='shuffle="false"'
    ),
    response("R", "C1"),
    after='<modalFeedback identifier="correct" showHide="show">见<i>第一条</i></modalFeedback>'
    '<modalFeedback identifier="wrong" showHide="show">错</modalFeedback>',
)
MULTIPLE = item(
    "多选",
    choices("甲", "乙", "丙", prompt="哪些？", attributes='maxChoices="0" shuffle="true"'),
    response("R", "C0", "C2", cardinality="multiple", more=mapping(C0=1, C1=-1, C2=1)),
)
ONE_RIGHT = item(
    "不定项",
    choices("甲", "乙", prompt="哪些？", attributes='maxChoices="0"'),
    response("R", "C0", cardinality="multiple"),
)
BLANKS = item(
    "填空",
    '<p>公告期<textEntryInteraction responseIdentifier="A"/>日，比例<textEntryInteraction responseIdentifier="B"/>，'
    '由<inlineChoiceInteraction responseIdentifier="C"><inlineChoice identifier="x">财政部门</inlineChoice>'
    '<inlineChoice identifier="y">采购人</inlineChoice></inlineChoiceInteraction>负责</p>',
    response("A", "七", more=mapping(七=1, **{"7": 1, "8": 0.5})),
    response("B", "10", more='baseType="float"'),
    response("C", "x"),
    after='<responseProcessing><responseCondition><responseIf><equal toleranceMode="absolute" '
    'tolerance="0.5 0.5"><variable identifier="B"/><correct identifier="B"/></equal></responseIf>'
    "</responseCondition></responseProcessing>",
)
ESSAY = item("简答", '<extendedTextInteraction responseIdentifier="R"/>', response("R", "x"))
STIMULUS = (
    '<assessmentStimulus identifier="s"><stimulusBody><p>某采购项目，预算<img src="media/a b.png"/>如图。</p>'
    "</stimulusBody></assessmentStimulus>"
)


def two_items(kind: str = V21) -> bytes:
    return package(
        {"items/1.xml": SINGLE, "items/2.xml": MULTIPLE, "media/a b.png": PNG},
        {"items/1.xml": kind, "items/2.xml": kind},
    )


@pytest.mark.parametrize("kind", [V21, V22])
def test_choices_of_version_2_come_in(kind: str) -> None:
    found = read("questions/bank.zip", two_items(kind))
    single, multiple = questions(found)
    assert (single.type.value, single.key, single.pinned) == ("single", "B", "AB")
    assert plain_text(single.stem) == "见图[图：章]\n选2哪个？"
    assert plain_text(single.options[1]) == "乙二"
    assert single.explanation == "见第一条"
    assert (multiple.type.value, multiple.key, multiple.pinned) == ("multiple", "AC", "")
    assert told(found, Advice.SCORED_OTHERWISE) == [
        ("选错倒扣分", (2,)),
        ("部分选项按百分比给分", (2,)),
    ]
    assert told(found, Advice.PART_LEFT_OUT) == [("其他反馈", (1,))]
    assert len(found.pictures) == 1


def test_one_right_choice_of_several_is_an_indefinite_question() -> None:
    [question] = questions(read("a.zip", package({"1.xml": ONE_RIGHT}, {"1.xml": V22})))
    assert (question.type.value, question.key) == ("indefinite", "A")


def test_text_entries_and_inline_choices_are_blanks() -> None:
    found = read("a.zip", package({"1.xml": BLANKS}, {"1.xml": V21}))
    [question] = questions(found)
    assert (question.type.value, question.key) == ("blank", "七|7\n10±0.5\n财政部门")
    assert question.stem == (
        Paragraph(
            (
                *(Text("公告期"), BlankPlace(1), Text("日，比例"), BlankPlace(2), Text("，由")),
                *(BlankPlace(3), Text("（选填：财政部门；采购人）负责")),
            )
        ),
    )
    assert told(found, Advice.PART_LEFT_OUT) == [("下拉选择改为填空，选项写在空的后面", (1,))]
    assert told(found, Advice.SCORED_OTHERWISE) == [("部分选项按百分比给分", (1,))]


VERSION_3 = """<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
identifier="i{n}" title="三版{n}">
<qti-response-declaration identifier="R" cardinality="single" base-type="identifier"><qti-correct-response>
<qti-value>C{n}</qti-value></qti-correct-response></qti-response-declaration>
<qti-outcome-declaration identifier="MAXSCORE"><qti-default-value><qti-value>{points}</qti-value></qti-default-value>
</qti-outcome-declaration>
<qti-assessment-stimulus-ref identifier="s" href="../stimulus.xml"/>
<qti-item-body><qti-choice-interaction response-identifier="R" max-choices="1"><qti-prompt>第{n}问？</qti-prompt>
<qti-simple-choice identifier="C1">甲</qti-simple-choice>
<qti-simple-choice identifier="C2" fixed="true">乙</qti-simple-choice></qti-choice-interaction></qti-item-body>
</qti-assessment-item>"""


def test_version_3_with_a_shared_stimulus() -> None:
    names = ("assessmentStimulus", "stimulusBody")
    three = STIMULUS
    for name, dashed in zip(names, ("qti-assessment-stimulus", "qti-stimulus-body"), strict=True):
        three = three.replace(f"<{name}", f"<{dashed}").replace(f"</{name}", f"</{dashed}")
    files = {
        "items/1.xml": VERSION_3.format(n=1, points=2),
        "items/2.xml": VERSION_3.format(n=2, points=1),
        "stimulus.xml": three,
        "media/a b.png": PNG,
    }
    found = read("a.zip", package(files, {"items/1.xml": V30, "items/2.xml": V30}))
    first, second = questions(found)
    assert [(q.key, q.points, q.pinned) for q in (first, second)] == [("A", 2, "B"), ("B", 1, "B")]
    [material] = found.materials
    assert {first.material, second.material} == {material.id}
    assert plain_text(material.content) == "某采购项目，预算[图]如图。"


def test_a_test_gives_the_order_and_shared_blocks_of_sections() -> None:
    sections = (
        '<assessmentTest><testPart><assessmentSection><rubricBlock view="candidate">共两题</rubricBlock>'
        '<assessmentItemRef href="2.xml"/></assessmentSection><assessmentSection>'
        '<rubricBlock view="candidate" use="sharedStimulus"><p>材料</p></rubricBlock>'
        '<assessmentItemRef href="1.xml"/></assessmentSection></testPart></assessmentTest>'
    )
    data = package(
        {"1.xml": ONE_RIGHT, "2.xml": MULTIPLE, "test.xml": sections},
        {"1.xml": V21, "2.xml": V21},
        extra='<resource identifier="T" type="imsqti_test_xmlv2p1" href="test.xml"/>',
    )
    found = read("a.zip", data)
    assert [(q.key, bool(q.material)) for q in questions(found)] == [("AC", False), ("A", True)]
    assert told(found, Advice.PART_LEFT_OUT) == [("试卷各部分的说明", (0,))]


def test_other_kinds_are_named_and_the_rest_comes_in() -> None:
    files = {"1.xml": ESSAY, "2.xml": MULTIPLE}
    found = read("a.zip", package(files, {"1.xml": V21, "2.xml": V21}))
    assert told(found, Advice.KIND_LEFT_OUT) == [("简答题（第 1 题 简答）", (1,))]
    assert len(questions(found)) == 1
    assert (found.rows, found.right) == (2, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_every_interaction_that_we_lack_is_named_in_chinese(kind: str) -> None:
    other = item("甲", f'<p><{kind} responseIdentifier="R"/></p>', response("R", "x"))
    found = read(
        "a.zip", package({"1.xml": other, "2.xml": MULTIPLE}, {"1.xml": V21, "2.xml": V21})
    )
    assert told(found, Advice.KIND_LEFT_OUT) == [(f"{KINDS[kind]}（第 1 题 甲）", (1,))]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<p>只有文字</p>", "说明文字（没有作答处）"),
        (choices("甲", "乙") + choices("甲", "乙"), "一题有几处选择的题"),
        (
            choices("甲", "乙") + '<p><textEntryInteraction responseIdentifier="R"/></p>',
            "一题有几处选择的题",
        ),
    ],
)
def test_mixed_items_are_named(body: str, kind: str) -> None:
    other = item("甲", body, response("R", "C0"))
    found = read(
        "a.zip", package({"1.xml": other, "2.xml": MULTIPLE}, {"1.xml": V21, "2.xml": V21})
    )
    assert told(found, Advice.KIND_LEFT_OUT) == [(f"{kind}（第 1 题 甲）", (1,))]


def test_a_section_of_a_test_may_lie_in_another_file() -> None:
    test = (
        '<assessmentTest><testPart><assessmentSectionRef href="sections/s.xml"/></testPart>'
        "<testFeedback>好</testFeedback></assessmentTest>"
    )
    section = (
        '<assessmentSection><rubricBlock view="candidate" use="sharedStimulus">材料</rubricBlock>'
        '<assessmentItemRef href="../1.xml"/><assessmentSectionRef href="s.xml"/></assessmentSection>'
    )
    files = {"1.xml": ONE_RIGHT, "2.xml": MULTIPLE, "test.xml": test, "sections/s.xml": section}
    kind = '<resource identifier="T" type="imsqti_test_xmlv2p1" href="test.xml"/>'
    found = read("a.zip", package({**files}, {"2.xml": V21, "1.xml": V21}, extra=kind))
    assert [(q.key, bool(q.material)) for q in questions(found)] == [("A", True), ("AC", False)]
    assert told(found, Advice.PART_LEFT_OUT) == [("试卷的反馈", (0,))]


def test_items_of_apip_are_items() -> None:
    found = read("a.zip", package({"1.xml": ONE_RIGHT}, {"1.xml": "imsqti_apipitem_xmlv2p1"}))
    assert len(questions(found)) == 1


@pytest.mark.parametrize(
    ("inside", "after", "what"),
    [
        (
            '<rubricBlock view="scorer">按点给分</rubricBlock>',
            "",
            "给评分人、监考人的说明（rubricBlock）",
        ),
        ('<rubricBlock view="tutor proctor"/>', "", "给评分人、监考人的说明（rubricBlock）"),
        ("<infoControl>提示</infoControl>", "", "点开才显示的提示（infoControl）"),
        ("<p>x<script>1</script></p>", "", "脚本（script）"),
        ("<feedbackBlock identifier='a'>对</feedbackBlock>", "", "题中的反馈"),
        ("", "<catalogInfo/>", "无障碍替代内容（catalogInfo）"),
        ("", "<companionMaterialsInfo/>", "随附的工具和资料（companionMaterialsInfo）"),
        ("", "<apipAccessibility/>", "无障碍信息（apipAccessibility）"),
        ("", "<other/>", "其他内容（other）"),
    ],
)
def test_what_is_left_out_of_an_item_is_told_with_its_place(
    inside: str, after: str, what: str
) -> None:
    body = inside + choices("甲", "乙", prompt="问？")
    left = item("甲", body, response("R", "C0"), after=after)
    files = {"1.xml": MULTIPLE, "2.xml": left}
    found = read("a.zip", package({**files}, {"1.xml": V21, "2.xml": V21}))
    assert "问？" in plain_text(questions(found)[1].stem)
    assert told(found, Advice.PART_LEFT_OUT) == [(what, (2,))]


def test_a_block_for_candidates_is_part_of_the_stem() -> None:
    body = '<rubricBlock view="scorer candidate">须选一项</rubricBlock>' + choices("甲", "乙")
    found = read("a.zip", package({"1.xml": item("甲", body, response("R", "C0"))}, {"1.xml": V21}))
    assert questions(found)[0].stem == "须选一项"
    assert told(found, Advice.PART_LEFT_OUT) == []


def test_what_is_left_out_of_shared_material_is_told() -> None:
    reference = '<assessmentStimulusRef identifier="s" href="s.xml"/>'
    shared = "<assessmentStimulus><stimulusBody>材料<infoControl>x</infoControl></stimulusBody></assessmentStimulus>"
    files = {
        "1.xml": item("甲", choices("甲", "乙", prompt="问"), response("R", "C0"), reference),
        "s.xml": shared,
    }
    found = read("a.zip", package({**files}, {"1.xml": V21}))
    assert told(found, Advice.PART_LEFT_OUT) == [("点开才显示的提示（infoControl）", (1,))]


def test_feedback_in_the_text_is_not_shown_before_the_answer() -> None:
    body = choices("甲<feedbackInline identifier='a'>对了</feedbackInline>", "乙", prompt="问？")
    found = read("a.zip", package({"1.xml": item("甲", body, response("R", "C0"))}, {"1.xml": V21}))
    [question] = questions(found)
    assert question.options == ("甲", "乙")
    assert told(found, Advice.PART_LEFT_OUT) == [("题中的反馈", (1,))]


@pytest.mark.parametrize(
    ("item_text", "reason"),
    [
        (item("甲", choices("甲", "乙", prompt="问")), "没有 responseDeclaration：R"),
        (
            item("甲", choices("甲", "乙", prompt="问"), response("R")),
            "没有答案（correctResponse）",
        ),
        (item("甲", choices("甲", "甲", prompt="问"), response("R", "C0")), "选项重复"),
        (
            item("甲", "<p>图<img src='no.png'/></p>" + choices("甲", "乙"), response("R", "C0")),
            "包里没有图片：no.png",
        ),
        (
            item("甲", "<p>x<video/></p>" + choices("甲", "乙"), response("R", "C0")),
            "含有不能导入的内容：音频",
        ),
    ],
)
def test_wrong_items_are_refused_by_number_and_title(item_text: str, reason: str) -> None:
    [(row, why)] = reasons(read("a.zip", package({"1.xml": item_text}, {"1.xml": V21})))
    assert (row, why[: len(reason) + 8]) == (1, f"第 1 题 甲：{reason}")


def test_a_single_item_is_read_too() -> None:
    [question] = questions(read("questions/item.xml", MULTIPLE))
    assert question.key == "AC"


# --- packages ---


def test_a_missing_item_and_old_versions_are_refused() -> None:
    found = read("a.zip", package({"1.xml": MULTIPLE}, {"1.xml": V21, "2.xml": V21}))
    assert reasons(found) == [(0, "2.xml：包里没有这个文件")]
    [(_, why)] = reasons(read("a.zip", package({"1.xml": MULTIPLE}, {"1.xml": "imsqti_xmlv1p2"})))
    assert why.startswith("是 QTI 1.x 的包")


def test_a_zip_without_a_manifest_is_no_bank() -> None:
    [(row, why)] = reasons(read("a.zip", archives.pack({"a.xml": b"<a/>"})))
    assert row == 0
    assert why
    assert not qti_packages.has_manifest(b"PK no zip")


@pytest.mark.parametrize(
    ("limit", "reason"), [("MOST_FILES", "QTI 包过大"), ("MOST_BYTES", "QTI 包过大")]
)
def test_a_package_has_limits(monkeypatch: pytest.MonkeyPatch, limit: str, reason: str) -> None:
    files = {"items/1.xml": SINGLE, "items/2.xml": MULTIPLE, "media/a b.png": PNG}
    data = two_items()
    size = {
        "MOST_FILES": len(files) + 1,
        "MOST_BYTES": sum(
            map(
                len,
                archives.unpack(
                    data, wanted=lambda _: True, most_files=9, most_bytes=10**6
                ).values(),
            )
        ),
    }[limit]
    monkeypatch.setattr(qti_packages, limit, size)
    assert len(questions(read("a.zip", data))) == 2
    monkeypatch.setattr(qti_packages, limit, size - 1)
    [(_, why)] = reasons(read("a.zip", data))
    assert why.startswith(reason)


def test_all_files_together_have_a_limit_of_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qti_packages, "MOST_ELEMENTS", 30)
    [(_, why)] = reasons(read("a.zip", two_items()))
    assert why == "文件的结构过于复杂"


def test_a_zip_bomb_and_entities_are_refused() -> None:
    bomb = package({"1.xml": b" " * (qti_packages.MOST_BYTES + 1)}, {"1.xml": V21})
    assert len(bomb) < 100_000
    assert reasons(read("a.zip", bomb))[0][1].startswith("QTI 包过大")
    entity = '<!DOCTYPE a [<!ENTITY x "y">]>' + MULTIPLE
    [(_, why)] = reasons(read("a.zip", package({"1.xml": entity}, {"1.xml": V21})))
    assert why == "文件含有不允许的 XML 定义"


def test_a_file_that_includes_itself_is_left() -> None:
    loop = "<assessmentStimulus><stimulusBody><include href='loop.xml'/></stimulusBody></assessmentStimulus>"
    body = "<p>x</p><include href='loop.xml'/>" + choices("甲", "乙")
    data = package(
        {"1.xml": item("甲", body, response("R", "C0")), "loop.xml": loop}, {"1.xml": V21}
    )
    assert reasons(read("a.zip", data)) == [(1, "第 1 题 甲：一题最多引用 10 个文件")]


def test_a_package_lies_in_a_pack_among_its_banks() -> None:
    found = banks.read_bank(
        {
            "questions/bank.zip": two_items(),
            "questions/z.csv": "题型,题干,答案\n判断,对,对\n".encode(),
        }
    )
    assert len(questions(found)) == 3
    [first, *_] = questions(found)
    assert isinstance(first.stem[0], Paragraph)
    assert isinstance(first.stem[0].inlines[1], Picture)
