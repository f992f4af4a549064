"""A bank is published only when everybody gets a whole paper, and papers of the same worth."""

import hashlib
from typing import Any

import msgspec
import pytest

from chalicelib.exams.bank_validation import check_bank
from chalicelib.exams.content import BlankPlace, Content, Paragraph, Text
from chalicelib.exams.paper import draw_paper, show_paper
from chalicelib.exams.questions import (
    MOST_BLANKS,
    MOST_BLANKS_OF_PAPER,
    Bank,
    Material,
    Question,
    QuestionType,
    Section,
    SectionType,
    from_json,
    is_possible_key,
    normal_key,
    to_json,
)

GROUPS = Section("case", "案例", SectionType.MATERIAL, 1, 2, group_size=2)
SINGLE = Section("single", "单选", SectionType.SINGLE, 1, 2)


def single(name: str, **more: Any) -> Question:
    return Question(name, QuestionType.SINGLE, "问？", ("甲", "乙", "丙"), "A", **more)


def blanks(count: int) -> Content:
    return (Paragraph((Text("填"), *(BlankPlace(n + 1) for n in range(count)))),)


def blank(name: str, count: int = 1) -> Question:
    key = "\n".join("甲" for _ in range(count))
    return Question(name, QuestionType.BLANK, blanks(count), (), key)


def group(name: str, size: int = 2, **more: Any) -> list[Question]:
    return [single(f"{name}-{i}", material=name, **more) for i in range(size)]


def bank(sections: tuple[Section, ...], *questions: Question, materials: str = "") -> Bank:
    return Bank(sections, questions, tuple(Material(m, f"材料{m}") for m in materials))


def reasons(of: Bank) -> list[str]:
    return [finding.reason for finding in check_bank(of)]


# --- materials ---


def test_a_section_of_materials_draws_whole_groups_in_their_order() -> None:
    of = bank((GROUPS, SINGLE), *group("x"), *group("y"), single("s"), materials="xy")
    assert reasons(of) == []
    seen = set()
    for number in range(20):
        first, second, third = draw_paper(of, f"seed{number}")
        assert first.material is not None
        assert second.material == first.material
        assert third.material is None
        assert (first.question.id[-1], second.question.id[-1]) == ("0", "1")
        assert first.question.material == second.question.material == first.material.id
        seen.add(first.material.id)
    assert seen == {"x", "y"}


def test_the_material_is_shown_once_with_its_questions() -> None:
    both = msgspec.structs.replace(GROUPS, count=2)
    of = bank((both,), *group("x"), *group("y"), materials="xy")
    [section] = show_paper(draw_paper(of, "seed"))
    assert [question.material for question in section.questions] == [1, 1, 2, 2]
    assert sorted(map(str, section.materials)) == ["材料x", "材料y"]


def test_a_question_of_a_material_is_not_drawn_alone() -> None:
    of = bank((SINGLE,), *group("x"), materials="x")
    assert reasons(of) == ["单选：需要 1 题，题库只有 0 题"]


def test_a_material_and_a_question_may_have_the_same_id() -> None:
    of = bank((GROUPS, SINGLE), *group("x"), single("x"), materials="x")
    assert reasons(of) == []
    assert [entry.question.id for entry in draw_paper(of, "seed")] == ["x-0", "x-1", "x"]


def test_too_few_materials_are_told() -> None:
    two = msgspec.structs.replace(GROUPS, count=2)
    assert reasons(bank((two,), *group("x"), materials="x")) == [
        "案例：需要 2 个材料，题库只有 1 个"
    ]


@pytest.mark.parametrize(("size", "right"), [(1, False), (2, True), (3, False)])
def test_every_material_has_the_questions_that_the_section_says(size: int, right: bool) -> None:
    found = reasons(bank((GROUPS,), *group("x"), *group("y", size), materials="xy"))
    wanted = f"案例：每个材料须有 2 题（group_size），不同的有：y（{size} 题）"
    assert (found == []) if right else (wanted in found)


def test_materials_without_questions_and_questions_without_material_are_told() -> None:
    found = reasons(bank((GROUPS,), *group("x"), *group("z"), materials="xy"))
    assert "1 个材料没有题目：y" in found
    assert "2 道题所属的材料不存在：z-0、z-1" in found


def test_only_a_section_of_materials_has_a_group_size() -> None:
    wrong = msgspec.structs.replace(SINGLE, group_size=2)
    assert "单选：只有材料题的部分可以设 group_size" in reasons(bank((wrong,), single("a")))


# --- points ---


def test_own_points_that_differ_are_refused_unless_everything_is_drawn() -> None:
    questions = (single("a", points=1), single("b", points=2))
    assert reasons(bank((SINGLE,), *questions)) == [
        "单选：题目分值不一（1、2 分），各人试卷的总分会不同：请统一分值，或全部抽取"
    ]
    everything = msgspec.structs.replace(SINGLE, count=2)
    assert reasons(bank((everything,), *questions)) == []
    assert reasons(bank((SINGLE,), single("a", points=2), single("b"))) == []


def test_own_points_are_those_that_are_shown() -> None:
    everything = msgspec.structs.replace(SINGLE, count=2)
    of = bank((everything,), single("a", points=0.5), single("b"))
    [section] = show_paper(draw_paper(of, "seed"))
    assert sorted(question.points for question in section.questions) == [0.5, 2]


@pytest.mark.parametrize(
    ("points", "right"),
    [(0.0, False), (0.001, False), (0.01, True), (99.99, True), (100.0, True), (100.01, False)],
)
def test_points_are_between_a_hundredth_and_a_hundred(points: float, right: bool) -> None:
    found = reasons(bank((SINGLE,), single("a", points=points)))
    assert (found == []) is right


# --- blanks and keys ---


@pytest.mark.parametrize(
    ("count", "right"), [(1, True), (MOST_BLANKS, True), (MOST_BLANKS + 1, False)]
)
def test_a_question_has_at_most_ten_blanks(count: int, right: bool) -> None:
    section = Section("blank", "填空", SectionType.BLANK, 1, 1)
    assert (reasons(bank((section,), blank("b", count))) == []) is right


@pytest.mark.parametrize(("extra", "right"), [(0, True), (1, False)])
def test_a_paper_has_at_most_a_hundred_blanks(extra: int, right: bool) -> None:
    questions = [blank(f"b{n}", 10) for n in range(MOST_BLANKS_OF_PAPER // 10)]
    questions += [blank(f"c{n}") for n in range(extra)]
    section = Section("blank", "填空", SectionType.BLANK, len(questions), 1)
    found = reasons(bank((section,), *questions))
    assert (found == []) is right
    few = msgspec.structs.replace(section, count=2)
    assert reasons(bank((few,), *questions)) == []


def test_a_choice_question_has_no_blanks() -> None:
    odd = Question("a", QuestionType.SINGLE, blanks(1), ("甲", "乙"), "A")
    assert any("空数不对" in reason for reason in reasons(bank((SINGLE,), odd)))


@pytest.mark.parametrize(
    ("question", "key", "possible"),
    [
        (single("a"), "C", True),
        (single("a"), "D", False),
        (single("a"), "AB", False),
        (blank("b", 2), "甲\n乙", True),
        (blank("b", 2), "甲|丙\n乙", True),
        (blank("b", 2), "甲", False),
        (blank("b", 2), "甲\n", False),
        (blank("b", 2), "甲\n乙\n丙", False),
        (blank("b"), "x" * 4000, True),
        (blank("b"), "x" * 4001, False),
        (Question("i", QuestionType.INDEFINITE, "?", ("甲", "乙"), "A"), "AB", True),
        (Question("i", QuestionType.INDEFINITE, "?", ("甲", "乙"), "A"), "B", True),
    ],
)
def test_a_key_fits_its_question(question: Question, key: str, possible: bool) -> None:
    assert is_possible_key(question, key) is possible


def test_a_key_has_one_form() -> None:
    assert normal_key(single("a"), "BA") == "AB"
    assert normal_key(blank("b", 2), " 甲 | 丙\n 乙 ") == "甲|丙\n乙"


# --- pinned options ---


def test_pinned_options_keep_their_places_and_the_others_share_the_rest() -> None:
    options = ("甲", "乙", "丙", "以上都对")
    of = Bank((SINGLE,), (Question("a", QuestionType.SINGLE, "?", options, "D", pinned="D"),))
    orders = {draw_paper(of, f"seed{n}")[0].order for n in range(60)}
    assert {order[3] for order in orders} == {3}
    assert len({order[:3] for order in orders}) == 6
    assert all(draw_paper(of, f"seed{n}")[0].shown_key() == "D" for n in range(5))


def test_a_question_whose_options_are_all_pinned_is_not_shuffled() -> None:
    of = bank((SINGLE,), single("a", pinned="ABC"))
    assert {draw_paper(of, f"seed{n}")[0].order for n in range(20)} == {(0, 1, 2)}


@pytest.mark.parametrize(("pinned", "right"), [("", True), ("C", True), ("D", False)])
def test_only_options_that_exist_are_pinned(pinned: str, right: bool) -> None:
    assert (reasons(bank((SINGLE,), single("a", pinned=pinned))) == []) is right


# --- what is stored ---


def test_a_bank_of_the_first_version_keeps_its_bytes_and_its_version() -> None:
    """The stored form is the name of a bank: a paper of an exam already held is drawn from these bytes."""
    stored = (
        '{"sections":[{"id":"single","title":"单选","type":"single","count":1,"points":2.0,"tag":""}],'
        '"questions":[{"id":"a","type":"single","stem":"问？","options":["甲","乙"],"key":"A",'
        '"explanation":"","source":"","tag":""}]}'
    ).encode()
    assert to_json(from_json(stored)) == stored


def test_a_bank_with_everything_is_stored_and_read_unchanged() -> None:
    of = bank(
        (GROUPS, SINGLE),
        *group("x", points=0.5, pinned="C"),
        blank("b", 3),
        single("s"),
        materials="x",
    )
    assert from_json(to_json(of)) == of


def test_a_paper_with_materials_and_pins_drawn_today_can_be_drawn_again_in_ten_years() -> None:
    """If this hash changes, papers of exams already held change with it: keep the old way for them."""
    questions = [q for name in "uvwxyz" for q in group(name, pinned="C")]
    two = msgspec.structs.replace(GROUPS, count=2)
    of = bank((two,), *questions, materials="uvwxyz")
    shape = [(e.question.id, e.order) for e in draw_paper(of, "seed-of-2027")]
    assert hashlib.sha256(repr(shape).encode()).hexdigest()[:16] == "3bb5a4e4a0bb18d2"
