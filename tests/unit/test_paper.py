"""Drawing a paper and scoring it: the same for ever, and fair to the hundredth of a point."""

import hashlib
import itertools
import pathlib
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.exams import paper
from chalicelib.exams.model import MultipleRule, Policy
from chalicelib.exams.paper import DrawnQuestion, draw_paper
from chalicelib.exams.questions import (
    LETTERS,
    Bank,
    Question,
    QuestionType,
    Section,
    SectionType,
    from_json,
    to_json,
)
from chalicelib.exams.scoring import score_answer, score_paper
from chalicelib.imports import packs
from infra.folders import read_folder

ALL = MultipleRule.ALL_OR_NOTHING
HALF = MultipleRule.HALF_FOR_SUBSET
EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"

SINGLES = [
    Question(
        f"s{i}", QuestionType.SINGLE, f"单{i}", ("一", "二", "三", "四"), "A", tag="a" * (i % 2)
    )
    for i in range(8)
]
MULTIPLES = [
    Question(f"m{i}", QuestionType.MULTIPLE, f"多{i}", ("一", "二", "三", "四", "五"), "ACE")
    for i in range(6)
]
JUDGES = [
    Question(f"j{i}", QuestionType.JUDGE, f"判{i}", ("正确", "错误"), "AB"[i % 2]) for i in range(4)
]
SECTIONS = (
    Section("single", "单选", SectionType.SINGLE, 4, 5.0),
    Section("multiple", "多选", SectionType.MULTIPLE, 3, 2.5),
    Section("judge", "判断", SectionType.JUDGE, 2, 1.0),
)
BANK = Bank(SECTIONS, tuple(SINGLES + MULTIPLES + JUDGES))
seeds = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30)


def policy(rule: MultipleRule = ALL, pass_mark: int = 60) -> Policy:
    return Policy(multiple_rule=rule, pass_mark=pass_mark)


def example_bank(folder: str) -> Bank:
    return packs.read_pack(read_folder(EXAMPLES / folder)).bank


def keys(drawn: tuple[DrawnQuestion, ...]) -> dict[str, str]:
    return {str(entry.number): entry.shown_key() for entry in drawn}


def test_a_paper_drawn_today_can_be_drawn_again_in_ten_years() -> None:
    """If this hash changes, papers of exams already held change with it: keep the old way for them."""
    shape = [
        (e.number, e.section.id, e.question.id, e.order) for e in draw_paper(BANK, "seed-of-2027")
    ]
    digest = hashlib.sha256(repr(shape).encode()).hexdigest()
    assert digest == "d0ebcbe7d65d88d0c5dd1d2eae1ab6d059920895995b45621c46d9bb7440fea1"


def test_a_corrected_key_changes_the_answers_it_names_and_nothing_else() -> None:
    """It speaks in the order of the bank; a paper shows the options in an order of its own."""
    drawn = draw_paper(BANK, "seed-of-2027")
    named = next(entry for entry in drawn if entry.question.type is QuestionType.MULTIPLE)
    corrected = paper.with_key(drawn, {named.question.id: "BD", "not-on-this-paper": "A"})
    for before, after in zip(drawn, corrected, strict=True):
        if before.question.id != named.question.id:
            assert after is before
            continue
        shown = sorted(after.order.index("ABCDE".index(letter)) for letter in "BD")
        assert after.shown_key() == "".join("ABCDE"[place] for place in shown)
        assert msgspec.structs.replace(after, question=before.question) == before
        assert msgspec.structs.replace(after.question, key="ACE") == before.question


@given(seeds, st.randoms())
def test_the_order_of_the_bank_changes_no_paper(seed: str, shuffle: random.Random) -> None:
    questions = list(BANK.questions)
    shuffle.shuffle(questions)
    assert draw_paper(Bank(SECTIONS, tuple(questions)), seed) == draw_paper(BANK, seed)


@given(seeds)
def test_every_paper_has_the_right_questions_once_and_all_their_options(seed: str) -> None:
    drawn = draw_paper(BANK, seed)
    assert [e.number for e in drawn] == list(range(1, 10))
    assert [e.section.id for e in drawn] == ["single"] * 4 + ["multiple"] * 3 + ["judge"] * 2
    assert len({e.question.id for e in drawn}) == 9
    for entry in drawn:
        assert entry.question.type.value == entry.section.type.value
        assert sorted(entry.order) == list(range(len(entry.question.options)))
        assert len(entry.shown_key()) == len(entry.question.key)


def test_true_stays_before_false() -> None:
    for seed in "abcdefgh":
        judges = [e for e in draw_paper(BANK, seed) if e.question.type is QuestionType.JUDGE]
        assert {e.order for e in judges} == {(0, 1)}


def test_neighbours_get_different_papers_and_every_question_has_its_turn() -> None:
    papers = [draw_paper(BANK, f"seed{i}") for i in range(200)]
    assert len({tuple((e.question.id, e.order) for e in p) for p in papers}) > 190
    assert {e.question.id for p in papers for e in p} == {q.id for q in BANK.questions}
    firsts = [e.order[0] for p in papers for e in p if e.section.id == "single"]
    assert all(firsts.count(option) > len(firsts) / 8 for option in range(4))


def test_a_tag_limits_what_a_section_draws_and_no_question_comes_twice() -> None:
    sections = (
        Section("tagged", "甲", SectionType.SINGLE, 4, 1, tag="a"),
        Section("any", "乙", SectionType.SINGLE, 4, 1),
    )
    for seed in "abcdefgh":
        drawn = draw_paper(Bank(sections, tuple(SINGLES)), seed)
        assert {e.question.tag for e in drawn[:4]} == {"a"}
        assert len({e.question.id for e in drawn}) == 8


def test_sections_are_worth_what_their_questions_say_when_these_have_own_points() -> None:
    doubled = [msgspec.structs.replace(q, points=5.0) for q in MULTIPLES]
    bank = Bank(SECTIONS, tuple(SINGLES + doubled + JUDGES))
    assert paper.section_worths(bank) == (2000, 1500, 200)
    assert sum(paper.section_worths(bank)) == sum(e.centipoints for e in draw_paper(bank, "x"))
    assert paper.section_worths(BANK) == ()  # then count and points of the sections say it


def test_a_bank_that_is_too_small_is_an_error_not_a_short_paper() -> None:
    with pytest.raises(ValueError, match="too few"):
        draw_paper(Bank(SECTIONS, tuple(SINGLES)), "seed")


@pytest.mark.parametrize("folder", ["agency-practitioners", "evaluation-experts"])
def test_no_key_explanation_source_or_bank_id_is_shown(folder: str) -> None:
    bank = example_bank(folder)
    drawn = draw_paper(bank, "seed")
    shown = msgspec.json.encode(paper.show_paper(drawn)).decode()
    for entry in drawn:
        question = entry.question
        for secret in (question.id, question.explanation, question.source):
            assert secret
            assert secret not in shown
    assert '"key"' not in shown
    assert '"tag"' not in shown
    titles = [section.title for section in paper.show_paper(drawn)]
    assert titles == [section.title for section in bank.sections]


def test_the_shown_letters_are_the_ones_that_score() -> None:
    for seed in "abcdefgh":
        drawn = draw_paper(BANK, seed)
        shown = [q for section in paper.show_paper(drawn) for q in section.questions]
        for entry, seen in zip(drawn, shown, strict=True):
            texts = {option.letter: option.text for option in seen.options}
            right = {entry.question.options[LETTERS.index(x)] for x in entry.question.key}
            assert {texts[letter] for letter in entry.shown_key()} == right


@given(seeds)
def test_all_right_earns_everything_and_nothing_earns_nothing(seed: str) -> None:
    drawn = draw_paper(BANK, seed)
    best, worst = (
        score_paper(drawn, keys(drawn), policy(ALL, 100)),
        score_paper(drawn, {}, policy(ALL, 1)),
    )
    assert (best.points, best.out_of, best.passed, best.answered) == (29.5, 29.5, True, 9)
    assert (worst.points, worst.passed, worst.answered, worst.questions) == (0, False, 0, 9)


@given(seeds, st.dictionaries(st.integers(1, 9).map(str), st.text("ABCDEF", max_size=6)))
def test_the_sum_of_the_sections_is_the_score(seed: str, answers: dict[str, str]) -> None:
    drawn = draw_paper(BANK, seed)
    for rule in MultipleRule:
        score = score_paper(drawn, answers, policy(rule, 60))
        assert round(sum(s.points for s in score.sections), 2) == score.points
        assert sum(s.out_of for s in score.sections) == score.out_of == 29.5
        assert 0 <= score.points <= score.out_of
        assert score.answered == sum(1 for letters in answers.values() if letters)
    strict = score_paper(drawn, answers, policy(ALL, 60)).points
    assert strict <= score_paper(drawn, answers, policy(HALF, 60)).points


@given(seeds, st.dictionaries(st.integers(1, 9).map(str), st.text("ABCDEF", max_size=6)))
def test_one_more_right_answer_never_lowers_the_score(seed: str, answers: dict[str, str]) -> None:
    drawn = draw_paper(BANK, seed)
    for number, key in keys(drawn).items():
        for rule in MultipleRule:
            before = score_paper(drawn, answers, policy(rule, 60)).points
            assert score_paper(drawn, {**answers, number: key}, policy(rule, 60)).points >= before


def test_multiple_choice_is_all_or_nothing_unless_the_policy_gives_half_for_a_subset() -> None:
    entry = next(e for e in draw_paper(BANK, "seed") if e.section.id == "multiple")
    right = entry.shown_key()
    wrong = next(letter for letter in "ABCDE" if letter not in right)
    for size in (1, 2):
        for subset in map("".join, itertools.combinations(right, size)):
            assert score_answer(entry, subset, policy(ALL)) == 0
            assert score_answer(entry, subset, policy(HALF)) == 125
            assert score_answer(entry, subset + wrong, policy(HALF)) == 0
    for rule in (ALL, HALF):
        assert score_answer(entry, right, policy(rule)) == 250
        assert score_answer(entry, right[::-1], policy(rule)) == 250
        assert score_answer(entry, right + wrong, policy(rule)) == 0
        assert score_answer(entry, "", policy(rule)) == 0


def test_half_points_are_for_multiple_choice_alone() -> None:
    for entry in draw_paper(BANK, "seed"):
        if entry.question.type is not QuestionType.MULTIPLE:
            assert score_answer(entry, "", policy(HALF)) == 0
            assert score_answer(entry, "AB", policy(HALF)) == 0


def hundred_judges() -> tuple[DrawnQuestion, ...]:
    questions = [
        Question(f"j{i}", QuestionType.JUDGE, "?", ("正确", "错误"), "A") for i in range(100)
    ]
    section = Section("judge", "判断", SectionType.JUDGE, 100, 1)
    return draw_paper(Bank((section,), tuple(questions)), "seed")


@pytest.mark.parametrize(("right", "passed"), [(59, False), (60, True), (61, True)])
def test_exactly_the_pass_mark_is_a_pass(right: int, passed: bool) -> None:
    answers = {str(number): "A" for number in range(1, right + 1)}
    score = score_paper(hundred_judges(), answers, policy(ALL, 60))
    assert (score.points, score.passed) == (right, passed)


def test_a_pass_mark_is_not_missed_by_a_rounding_error() -> None:
    # 3 × 0.1 is less than 0.3 in binary fractions; in hundredths it is not
    questions = [
        Question(f"j{i}", QuestionType.JUDGE, "?", ("正确", "错误"), "A") for i in range(10)
    ]
    section = Section("judge", "判断", SectionType.JUDGE, 10, 0.1)
    drawn = draw_paper(Bank((section,), tuple(questions)), "seed")
    score = score_paper(drawn, {"1": "A", "2": "A", "3": "A"}, policy(ALL, 30))
    assert (score.points, score.out_of, score.passed) == (0.3, 1.0, True)


def test_a_stored_bank_is_the_same_bank_and_the_same_bytes() -> None:
    stored = to_json(BANK)
    assert from_json(stored) == BANK
    assert to_json(from_json(stored)) == stored
