"""Rows of any format become questions: what a person sees at once is understood, the rest is refused with a reason."""

from typing import Any

import msgspec
import pytest

from chalicelib.exams.content import (
    BlankPlace,
    Content,
    Mark,
    Paragraph,
    Picture,
    Text,
    plain_text,
)
from chalicelib.exams.questions import LETTERS, Question, QuestionType
from chalicelib.imports.question_rows import (
    QuestionRow,
    check_row,
    find_blanks,
    infer_type,
)
from chalicelib.imports.remarks import Advice

PICTURE = Picture("0" * 64, 4, 3, "印章")
FOUR = ("甲", "乙", "丙", "丁")


def row(kind: QuestionType, stem: Content = "问？", **more: Any) -> QuestionRow:
    return QuestionRow(file="bank.csv", row=2, type=kind, stem=stem, **more)


def choice(*options: Content, answer: str = "A", **more: Any) -> QuestionRow:
    return row(QuestionType.SINGLE, options=options, answer=answer, **more)


def checked(of: QuestionRow) -> tuple[Question, set[Advice]]:
    result = check_row(of)
    return result.question, set(result.advice)


def why(of: QuestionRow) -> str:
    with pytest.raises(ValueError) as refused:
        check_row(of)
    return str(refused.value)


# --- options ---


def test_what_the_file_pins_counts() -> None:
    question, advice = checked(choice("甲", "乙", "以上都对", pinned="A"))
    assert (question.pinned, advice) == ("A", set())


@pytest.mark.parametrize("written", ["{}.{}", "{}、{}", "（{}）{}", "{}．{}", "({}) {}", " {}: {}"])
def test_letters_before_all_options_are_removed(written: str) -> None:
    options = [written.format(letter, text) for letter, text in zip(LETTERS, FOUR, strict=False)]
    question, advice = checked(choice(*options))
    assert (question.options, advice) == (FOUR, {Advice.LETTER_REMOVED})


def test_a_letter_that_is_not_the_own_one_of_every_option_stays() -> None:
    for options in (("A.甲", "乙"), ("B.甲", "A.乙"), ("A甲", "B乙")):
        assert checked(choice(*options))[0].options == options


def test_marks_and_pictures_of_a_lettered_option_stay() -> None:
    first = (Paragraph((Text("A.10"), Text("2", (Mark.SUPERSCRIPT,)))),)
    second = (Paragraph((Text("B."), PICTURE)),)
    question, _ = checked(choice(first, second))
    assert question.options == (
        (Paragraph((Text("10"), Text("2", (Mark.SUPERSCRIPT,)))),),
        (Paragraph((PICTURE,)),),
    )


def test_options_that_differ_in_their_marks_alone_are_different() -> None:
    raised = (Paragraph((Text("10"), Text("2", (Mark.SUPERSCRIPT,)))),)
    assert checked(choice("102", raised))[0].options == ("102", raised)
    assert why(choice(raised, raised)) == "选项重复"
    assert why(choice("甲 乙", "甲  乙")) == "选项重复"


@pytest.mark.parametrize(
    ("options", "answer", "reason"),
    [
        ((), "A", "至少两个选项"),
        (("甲",), "A", "至少两个选项"),
        (("甲", "", "乙"), "A", "中间不留空"),
        (("甲", "乙"), "C", "A–B"),
        (("甲", "乙"), "", "没有答案"),
        (("甲", "乙"), "AA", "不重复"),
        (("甲", "乙"), "AB", "只能有一个"),
        (tuple("甲乙丙丁戊己庚辛壬"), "A", "最多 8 个选项"),
    ],
)
def test_options_and_answer_fit_each_other(
    options: tuple[str, ...], answer: str, reason: str
) -> None:
    assert reason in why(choice(*options, answer=answer))


def test_indefinite_choice_has_one_or_more_right_options_and_multiple_choice_two() -> None:
    assert checked(row(QuestionType.INDEFINITE, options=FOUR, answer="C"))[0].key == "C"
    assert checked(row(QuestionType.INDEFINITE, options=FOUR, answer="D、 a"))[0].key == "AD"
    assert "至少有两个" in why(row(QuestionType.MULTIPLE, options=FOUR, answer="C"))


def test_eight_options_are_taken() -> None:
    question, _ = checked(choice(*"甲乙丙丁戊己庚辛", answer="H"))
    assert (len(question.options), question.key) == (8, "H")


# --- the answer in the stem ---


@pytest.mark.parametrize(
    ("stem", "answer"),
    [("主体不包括（ B ）。", ""), ("主体不包括（B）。", "B"), ("（见第三条）不包括( ｂ )", "")],
)
def test_the_answer_in_the_brackets_of_the_stem_is_taken_out(stem: str, answer: str) -> None:
    question, advice = checked(choice(*FOUR, answer=answer, stem=stem))
    assert question.key == "B"
    assert "B" not in plain_text(question.stem).upper().replace("ｂ", "B")
    assert "（ ）" in plain_text(question.stem)
    assert advice == {Advice.ANSWER_IN_STEM}


def test_letters_in_brackets_that_are_not_the_answer_stay() -> None:
    question, advice = checked(choice(*FOUR, answer="C", stem="甲（A）与乙的关系是"))
    assert (question.stem, question.key, advice) == ("甲（A）与乙的关系是", "C", set())


def test_several_letters_in_the_stem_answer_a_multiple_choice_question() -> None:
    of = row(QuestionType.MULTIPLE, "当事人有（ A、B C ）。", options=FOUR)
    question, _ = checked(of)
    assert (question.key, question.stem) == ("ABC", "当事人有（ ）。")


@pytest.mark.parametrize(
    ("stem", "key"), [("可以（×）", "B"), ("应当（ √ ）", "A"), ("应当。（错误）", "B")]
)
def test_a_sign_in_the_stem_answers_a_true_false_question(stem: str, key: str) -> None:
    question, advice = checked(row(QuestionType.JUDGE, stem))
    assert (question.key, advice) == (key, {Advice.ANSWER_IN_STEM})
    assert plain_text(question.stem).endswith("（ ）")


# --- blanks ---


@pytest.mark.parametrize(
    ("stem", "answer", "blanks", "key"),
    [
        ("不少于____日", "二十|20", 1, "二十|20"),
        ("不少于＿＿日", "二十", 1, "二十"),
        ("不少于（　）日", "二十", 1, "二十"),
        ("从____到____", "北京；上海", 2, "北京\n上海"),
        ("从____到____", "北京\n上海|沪", 2, "北京\n上海|沪"),
        ("从____到____（含）", "北京、上海", 2, "北京\n上海"),
        ("从____到____", "北京 上海", 2, "北京\n上海"),
        ("不少于____日", "二十；20", 1, "二十；20"),
        ("不少于（ 二十 ）日", "", 1, "二十"),
    ],
)
def test_blanks_are_found_and_each_has_its_answers(
    stem: str, answer: str, blanks: int, key: str
) -> None:
    question, _ = checked(row(QuestionType.BLANK, stem, answer=answer))
    assert question.key == key
    numbers = [i.number for b in question.stem for i in b.inlines if isinstance(i, BlankPlace)]  # type: ignore[union-attr]
    assert numbers == list(range(1, blanks + 1))


def test_a_stem_without_a_place_gets_a_blank_at_its_end() -> None:
    question, advice = checked(row(QuestionType.BLANK, "首都是", answer="北京"))
    assert plain_text(question.stem) == "首都是\n____"
    assert advice == {Advice.BLANK_ADDED}
    assert checked(row(QuestionType.BLANK, "1 加 1 得", answer="1"))[0].key == "1"


def test_underlined_spaces_are_a_blank() -> None:
    stem = (Paragraph((Text("不少于"), Text("   ", (Mark.UNDERLINE,)), Text("日"))),)
    assert find_blanks(stem) == (Paragraph((Text("不少于"), BlankPlace(1), Text("日"))),)


@pytest.mark.parametrize(
    ("stem", "answer", "reason"),
    [
        ("从____到____", "北京", "题干有 2 个空"),
        ("从____到____", "北京；上海；广州", "题干有 2 个空"),
        ("不少于____日", "", "没有答案"),
        ("电话是 119 。", "119", "题干里写着答案“119”，却没有空"),
        ("电话是一一九。", "119|一一九", "题干里写着答案“一一九”"),
        ("不少于____日", "长" * 201, "最多 200 字"),
        ("约____日", "10±5%", "不是可以比较的范围"),
        ("____" + "，____" * 10, "一", "最多 10 个空"),
    ],
)
def test_blanks_and_answers_fit_each_other(stem: str, answer: str, reason: str) -> None:
    assert reason in why(row(QuestionType.BLANK, stem, answer=answer))


def test_an_answer_of_exactly_two_hundred_characters_is_taken() -> None:
    assert checked(row(QuestionType.BLANK, "____", answer="长" * 200))[0].key == "长" * 200


# --- the rest ---


def test_a_question_without_an_id_is_known_by_its_content() -> None:
    first = checked(choice(*FOUR))[0]
    assert checked(choice(*FOUR, answer="B", explanation="别的"))[0].id == first.id
    assert checked(choice("甲", "乙", "丙", "戊"))[0].id != first.id
    assert checked(choice(*FOUR, material="m"))[0].id != first.id


def test_an_empty_stem_is_refused() -> None:
    assert why(choice(*FOUR, stem=" \n")) == "题干不能为空"
    only_picture = (Paragraph((PICTURE,)),)
    assert checked(choice(*FOUR, stem=only_picture))[0].stem == only_picture


def test_the_rest_of_a_row_is_taken_over() -> None:
    of = choice(
        *FOUR, id="S1", explanation="因为", source="第一条", tag="期限", points=2.5, material="m"
    )
    question, _ = checked(of)
    assert msgspec.structs.replace(question, key="A") == Question(
        *("S1", QuestionType.SINGLE, "问？", FOUR, "A", "因为", "第一条", "期限", 2.5, "", "m")
    )


# --- keys that stems tell ---


@pytest.mark.parametrize(
    ("stem", "answer", "left"),
    [
        ("甲（√）", "正确", "甲（ ）"),
        ("甲。（ 错 ）。", "×", "甲。（ ）。"),
        ("甲【对】", "正确", "甲（ ）"),
        ("甲（答案：错）乙", "错误", "甲（ ）乙"),
        ("甲。答案：对", "正确", "甲。"),
        ("（√）甲", "正确", "（ ）甲"),
        ("（错误）甲", "错误", "（ ）甲"),
        ("（正确）使用甲", "错误", "（正确）使用甲"),
        ("甲（√），乙", "正确", "甲（ ），乙"),
        ("甲（×）。（2分）", "错误", "甲（ ）。（2分）"),
        ("甲，√", "正确", "甲"),
        ("甲。错", "错误", "甲。"),
        ("好的打（√），不好的打（×）。", "正确", "好的打（√），不好的打（×）。"),
        ("函数 y=f(x)", "正确", "函数 y=f(x)"),
        ("概率为 P(F)", "正确", "概率为 P(F)"),
        ("甲的做法（错误）应当纠正", "错误", "甲的做法（错误）应当纠正"),
    ],
)
def test_a_true_false_question_does_not_tell_its_key(stem: str, answer: str, left: str) -> None:
    question, _ = checked(row(QuestionType.JUDGE, stem, answer=answer))
    assert plain_text(question.stem) == left


@pytest.mark.parametrize(
    ("stem", "left"),
    [
        ("不包括【B】", "不包括（ ）"),
        ("不包括[ B ]。", "不包括（ ）。"),
        ("问？（正确答案：B）", "问？（ ）"),
        ("问？答案：B", "问？"),
        ("（B）级单位是（ ）", "（B）级单位是（ ）"),
        ("期限为__B__日", "期限为（ ）日"),
        ("期限为〔B〕日", "期限为（ ）日"),
        ("期限为？（选B）", "期限为？（ ）"),
        ("期限为？答案B", "期限为？"),
        ("期限为（ ）。B", "期限为（ ）。"),
        ("期限为（B）。（2分）", "期限为（ ）。（2分）"),
        ("（答案：B）期限为（B）", "（ ）期限为（ ）"),
        ("维生素 B", "维生素 B"),
        ("已知 P(B)=1，则", "已知 P(B)=1，则"),
        ("设 sin(b)=1，则", "设 sin(b)=1，则"),
        ("求 f(a)", "求 f(a)"),
    ],
)
def test_a_choice_question_does_not_tell_its_key(stem: str, left: str) -> None:
    question, _ = checked(choice(*FOUR, answer="B", stem=stem))
    assert (plain_text(question.stem), question.key) == (left, "B")


@pytest.mark.parametrize(
    "of",
    [
        choice(*FOUR, answer="A", stem="不包括（ B ）。"),
        choice(*FOUR, answer="A", stem="问？答案：B"),
        row(QuestionType.JUDGE, "可以（√）", answer="错误"),
    ],
)
def test_an_answer_in_the_stem_that_differs_is_refused(of: QuestionRow) -> None:
    assert "题干里的答案与“答案”不同" in why(of)


@pytest.mark.parametrize("texts", [("为（", " B ", "）日"), ("为", " B ", "日")])
def test_an_underlined_answer_in_the_stem_is_taken_out(texts: tuple[str, str, str]) -> None:
    before, letter, behind = texts
    stem = (Paragraph((Text(before), Text(letter, (Mark.UNDERLINE,)), Text(behind))),)
    question, advice = checked(choice(*FOUR, answer="B", stem=stem))
    assert (question.stem, advice) == ("为（ ）日", {Advice.ANSWER_IN_STEM})


def test_an_underlined_letter_of_a_word_is_no_answer() -> None:
    stem = (Paragraph((Text("B", (Mark.UNDERLINE,)), Text("ook"))),)
    assert checked(choice(*FOUR, answer="B", stem=stem))[0].stem == stem


@pytest.mark.parametrize(
    ("stem", "answer", "left"),
    [
        ("为__财政__部门", "财政", "为____部门"),
        ("为（财政）部门", "财政", "为____部门"),
        ("为____部门。（财政）", "财政|财", "为____部门。"),
        ("为____部门。答案：财政", "财政", "为____部门。"),
        ("从（甲）到（乙）", "甲；乙", "从____到____"),
        ("为____（代词）部门", "代词", "为____（代词）部门"),
        ("to ____ (go)", "go", "to ____ (go)"),
        ("（2023 年）为____", "甲", "（2023 年）为____"),
    ],
)
def test_a_question_with_blanks_does_not_tell_its_answers(
    stem: str, answer: str, left: str
) -> None:
    question, _ = checked(row(QuestionType.BLANK, stem, answer=answer))
    assert plain_text(question.stem) == left


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        (("甲", "乙√", "丙"), "B"),
        (("甲", "√ 乙", "丙"), "B"),
        (("甲", "乙（正确）", "丙"), "B"),
        (("甲（√）", "乙（√）", "丙"), "AB"),
        (("甲", "乙", "丙（答案：B）"), "B"),
        (("甲", "乙", "丙 答案B"), "B"),
    ],
)
def test_options_that_tell_the_key_are_refused(options: tuple[str, ...], answer: str) -> None:
    assert "考生会看到" in why(row(QuestionType.INDEFINITE, options=options, answer=answer))


@pytest.mark.parametrize(
    "options",
    [("√2", "√3", "2"), ("√", "×", "○"), ("甲（√）", "乙（×）"), ("甲", "乙√"), ("标准答案", "乙")],
)
def test_signs_that_tell_nothing_stay(options: tuple[str, ...]) -> None:
    assert checked(choice(*options, answer="A"))[0].options == options


@pytest.mark.parametrize("mark", [Mark.BOLD, Mark.UNDERLINE])
def test_what_makes_the_right_option_alone_stand_out_is_removed(mark: Mark) -> None:
    right = (Paragraph((Text("甲", (mark,)),)),)
    part = (Paragraph((Text("乙", (mark,)), Text("丙"))),)
    question, advice = checked(choice(right, part, "丁", answer="A"))
    assert (question.options, advice) == (("甲", part, "丁"), {Advice.KEY_MARK_REMOVED})
    assert checked(choice(right, part, "丁", answer="C"))[0].options == (right, part, "丁")
    assert checked(choice(right, part, "丁", answer="B"))[0].options[0] == right


def test_of_several_brackets_none_is_guessed() -> None:
    assert "几处像是答案" in why(choice(*FOUR, answer="", stem="甲类（A）和乙类（B）的区别"))
    assert "没有答案" in why(choice(*FOUR, answer="", stem="（A）是（ ）吗"))


@pytest.mark.parametrize("tail", ["\n答案：B", "\n解析：因为", "\n 正确答案: B"])
def test_an_option_does_not_hold_what_belongs_to_the_question(tail: str) -> None:
    assert "分开填写" in why(choice("甲", "乙" + tail, answer="B"))


@pytest.mark.parametrize(
    ("stem", "options", "answer", "kind"),
    [
        ("不包括【B】", FOUR, "", QuestionType.SINGLE),
        ("不包括[ B ]。", FOUR, "", QuestionType.SINGLE),
        ("问？答案：AB", FOUR, "", QuestionType.MULTIPLE),
        ("包括（A、B）", FOUR, "", QuestionType.MULTIPLE),
        ("应当公开【√】", (), "", QuestionType.JUDGE),
        ("应当公开。答案：错", (), "", QuestionType.JUDGE),
        ("甲的做法（错误）应当纠正", (), "", None),
        ("（B）级单位是（ ）", FOUR, "", None),
        ("不包括【E】", FOUR, "", None),
        ("共____日", (), "7", QuestionType.BLANK),
    ],
)
def test_a_type_is_told_by_the_answer_that_the_stem_tells(
    stem: str, options: tuple[str, ...], answer: str, kind: QuestionType | None
) -> None:
    assert infer_type(stem, options, answer) is kind


def test_a_type_is_not_guessed_among_several_answers() -> None:
    with pytest.raises(ValueError, match="几处像是答案"):
        infer_type("甲类（A）和乙类（B）的区别", FOUR, "")
