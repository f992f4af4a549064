"""Scoring, checked by a second scorer that is written another way, over every type of question and every rule."""

import decimal
import itertools
import random
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

import pytest

from chalicelib.exams.content import BlankPlace, Content, Paragraph, Text
from chalicelib.exams.model import BlankRule, MultipleRule, Policy
from chalicelib.exams.paper import DrawnQuestion, draw_paper, with_key
from chalicelib.exams.questions import (
    LETTERS,
    Answer,
    Bank,
    Material,
    Question,
    QuestionType,
    Section,
    SectionType,
)
from chalicelib.exams.scoring import score_answer, score_paper

QUESTIONS_CHECKED = 16_000
ACCEPTED = (
    *("二十|20", "10±0.5", "北京|北京市", "ABC", "3.14±0.01|π"),
    *("10²|100", "H₂O", "0.5|½", "102", "③①②", "二十。"),
)
WRITTEN = (
    "二十",
    "２０",
    "20.0",
    "9.5",
    "9.49",
    "10.5",
    "北京 市",
    "abc",
    "π",
    "3.15",
    "3.16",
    "",
    "甲",
    *("10²", "102", "１０²", "H2O", "H₂O", "h₂o。", ".5", "0.50", "½", "1/2", "1½", "312", "③①②"),
    *("20。", "20．", "20..", "2\u200b0", "二\u00ad十", "\u200b", "。", "100."),
)
RAISED_OR_LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉₊₋ⁿ"
UNSEEN = {"Cf", "Cc"}


def stem(blanks: int) -> Content:
    if not blanks:
        return "问？"
    return (Paragraph((Text("填"), *(BlankPlace(n) for n in range(1, blanks + 1)))),)


def made_up_question(dice: random.Random, number: int, material: str = "") -> Question:
    kind = dice.choice(tuple(QuestionType))
    points = dice.choice((None, None, 0.01, 0.5, 1, 2.25, 3.33))
    if kind is QuestionType.BLANK:
        blanks = dice.randint(1, 5)
        key = "\n".join(dice.choice(ACCEPTED) for _ in range(blanks))
        return Question(f"q{number}", kind, stem(blanks), (), key, points=points, material=material)
    options = 2 if kind is QuestionType.JUDGE else dice.randint(2, 8)
    least = 2 if kind is QuestionType.MULTIPLE else 1
    most = options if kind.takes_several else 1
    right = "".join(sorted(dice.sample(LETTERS[:options], dice.randint(least, most))))
    return Question(
        f"q{number}",
        kind,
        "问？",
        tuple(f"选项{i}" for i in range(options)),
        right,
        points=points,
        pinned="".join(letter for letter in LETTERS[:options] if dice.random() < 0.2),
        material=material,
    )


def made_up_bank(dice: random.Random) -> Bank:
    """A bank of single questions and of materials with three questions each; every paper draws all of it."""
    materials = tuple(Material(f"m{i}", "材料") for i in range(3))
    single = [made_up_question(dice, number) for number in range(20)]
    grouped = [made_up_question(dice, 100 + n, f"m{n // 3}") for n in range(9)]
    counts = {kind: sum(q.type is kind for q in single) for kind in QuestionType}
    sections = [
        Section(kind.value, kind.value, SectionType(kind.value), count, dice.choice((1, 2.5, 0.33)))
        for kind, count in counts.items()
        if count
    ]
    sections.append(Section("material", "材料", SectionType.MATERIAL, 3, 1.5, group_size=3))
    return Bank(tuple(sections), (*single, *grouped), materials)


def made_up_answer(dice: random.Random, entry: DrawnQuestion) -> Answer:
    if entry.question.type is QuestionType.BLANK:
        blanks = entry.question.key.count("\n") + 1
        texts = tuple(dice.choice(WRITTEN) for _ in range(blanks))
        return dice.choice((texts, texts, texts, "", "A", texts[:-1]))
    shown = LETTERS[: len(entry.order)]
    several = "".join(sorted(dice.sample(shown, dice.randint(0, len(shown)))))
    return dice.choice((several, entry.shown_key(), entry.shown_key()[:-1], "", ("A",)))


# --- the second scorer: option by option, blank by blank, in decimals ---


def second_score(entry: DrawnQuestion, answer: Answer, policy: Policy) -> int:
    full = Decimal(
        str(entry.section.points if entry.question.points is None else entry.question.points)
    )
    if entry.question.type is QuestionType.BLANK:
        share, parts = second_blanks(entry.question.key, answer, policy.blank_rule)
    else:
        share, parts = second_choice(entry, answer, policy.multiple_rule)
    with decimal.localcontext(prec=60):
        points = (full * 100 * share / parts).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return int(points)


def second_choice(entry: DrawnQuestion, answer: Answer, rule: MultipleRule) -> tuple[int, int]:
    if not isinstance(answer, str):
        return 0, 1
    chosen_right = chosen_wrong = missed = 0
    for place, option in enumerate(entry.order):
        is_right = LETTERS[option] in entry.question.key
        is_chosen = LETTERS[place] in answer
        chosen_right += is_right and is_chosen
        chosen_wrong += is_chosen and not is_right
        missed += is_right and not is_chosen
    right = len(entry.question.key)
    if not chosen_wrong and not missed:
        return 1, 1
    if entry.question.type in (QuestionType.SINGLE, QuestionType.JUDGE):
        return 0, 1
    if rule is MultipleRule.MINUS_FOR_WRONG:
        return max(chosen_right - chosen_wrong, 0), right
    if chosen_wrong or not chosen_right or rule is MultipleRule.ALL_OR_NOTHING:
        return 0, 1
    return (1, 2) if rule is MultipleRule.HALF_FOR_SUBSET else (chosen_right, right)


def second_blanks(key: str, answer: Answer, rule: BlankRule) -> tuple[int, int]:
    lines = key.split("\n")
    texts = list(answer) if isinstance(answer, tuple) else []
    texts += [""] * (len(lines) - len(texts))
    right = sum(second_is_right(text, line) for text, line in zip(texts, lines, strict=True))
    if rule is BlankRule.ALL_OR_NOTHING:
        return (1, 1) if right == len(lines) else (0, 1)
    return right, len(lines)


def second_is_right(text: str, line: str) -> bool:
    written = second_form(text)
    for accepted in map(second_form, line.split("|")):
        if written and written == accepted:
            return True
        middle, _, tolerance = accepted.partition("±")
        try:
            if abs(Decimal(written) - Decimal(middle)) <= Decimal(tolerance or "0"):
                return True
        except decimal.InvalidOperation:
            continue
    return False


def second_form(text: str) -> str:
    """What is compared: raised and lowered signs are put aside while all others are made plain."""
    aside = {sign: chr(0xE000 + place) for place, sign in enumerate(RAISED_OR_LOWERED)}
    seen = "".join(
        aside.get(sign, sign)
        for sign in text
        if unicodedata.category(sign) not in UNSEEN and not sign.isspace()
    )
    if any(one.isdigit() and two == "½" for one, two in itertools.pairwise(seen)):
        return seen
    plain = unicodedata.normalize("NFKC", seen).lower().replace("⁄", "/")
    ends = len(plain) > 1 and plain[-1] in (".", "。") and plain[-2] not in (".", "。")
    return plain[:-1] if ends else plain


def test_a_second_scorer_agrees_on_every_type_and_rule() -> None:
    dice, checked = random.Random(16), 0
    rules = list(itertools.product(MultipleRule, BlankRule))
    kinds = set()
    for number in itertools.count():
        if checked >= QUESTIONS_CHECKED:
            break
        drawn = draw_paper(made_up_bank(dice), f"seed{number}")
        multiple, blank = rules[number % len(rules)]
        policy = Policy(multiple_rule=multiple, blank_rule=blank)
        answers = {str(entry.number): made_up_answer(dice, entry) for entry in drawn}
        for entry in drawn:
            answer = answers[str(entry.number)]
            earned = score_answer(entry, answer, policy)
            assert earned == second_score(entry, answer, policy), (entry, answer, policy)
            assert 0 <= earned <= entry.centipoints
            kinds.add((entry.question.type, multiple, blank, 0 < earned < entry.centipoints))
        score = score_paper(drawn, answers, policy)
        total = sum(second_score(e, answers[str(e.number)], policy) for e in drawn)
        assert round(score.points * 100) == total
        assert round(score.out_of * 100) == sum(entry.centipoints for entry in drawn)
        assert score.answered == sum(1 for answer in answers.values() if answer)
        checked += len(drawn)
    part = {(kind, multiple, blank) for kind, multiple, blank, partly in kinds if partly}
    assert (QuestionType.INDEFINITE, MultipleRule.PROPORTIONAL, BlankRule.EACH) in part
    assert (QuestionType.MULTIPLE, MultipleRule.MINUS_FOR_WRONG, BlankRule.ALL_OR_NOTHING) in part
    assert (QuestionType.BLANK, MultipleRule.ALL_OR_NOTHING, BlankRule.EACH) in part


# --- boundaries ---


def entry_of(kind: QuestionType, key: str, points: float = 1) -> DrawnQuestion:
    blanks = 0 if kind.has_options else key.count("\n") + 1
    options = () if blanks else tuple("甲乙丙丁戊")
    question = Question("q", kind, stem(blanks), options, key)
    section = Section("s", "部分", SectionType(kind.value), 1, points)
    return DrawnQuestion(1, section, question, tuple(range(len(options))))


@pytest.mark.parametrize(
    ("rule", "answer", "earned"),
    [
        (MultipleRule.ALL_OR_NOTHING, "AB", 0),
        (MultipleRule.ALL_OR_NOTHING, "ABC", 100),
        (MultipleRule.HALF_FOR_SUBSET, "A", 50),
        (MultipleRule.HALF_FOR_SUBSET, "AB", 50),
        (MultipleRule.HALF_FOR_SUBSET, "ABD", 0),
        (MultipleRule.PROPORTIONAL, "A", 33),
        (MultipleRule.PROPORTIONAL, "AB", 67),
        (MultipleRule.PROPORTIONAL, "ABC", 100),
        (MultipleRule.PROPORTIONAL, "ABCD", 0),
        (MultipleRule.MINUS_FOR_WRONG, "AB", 67),
        (MultipleRule.MINUS_FOR_WRONG, "ABCD", 67),
        (MultipleRule.MINUS_FOR_WRONG, "ABD", 33),
        (MultipleRule.MINUS_FOR_WRONG, "AD", 0),
        (MultipleRule.MINUS_FOR_WRONG, "DE", 0),
        (MultipleRule.MINUS_FOR_WRONG, "ABCDE", 33),
    ],
)
@pytest.mark.parametrize("kind", [QuestionType.MULTIPLE, QuestionType.INDEFINITE])
def test_partial_credit_follows_the_policy(
    kind: QuestionType, rule: MultipleRule, answer: str, earned: int
) -> None:
    assert score_answer(entry_of(kind, "ABC"), answer, Policy(multiple_rule=rule)) == earned


@pytest.mark.parametrize(
    ("rule", "answer", "earned"),
    [
        (BlankRule.EACH, ("甲", "乙", "丙"), 100),
        (BlankRule.EACH, ("甲", "乙", ""), 67),
        (BlankRule.EACH, ("甲", "甲", "甲"), 33),
        (BlankRule.EACH, ("", "", ""), 0),
        (BlankRule.EACH, ("甲",), 33),
        (BlankRule.EACH, ("甲", "乙", "丙", "丁"), 100),
        (BlankRule.ALL_OR_NOTHING, ("甲", "乙", ""), 0),
        (BlankRule.ALL_OR_NOTHING, ("甲", "乙", "丙"), 100),
    ],
)
def test_blanks_earn_their_shares_or_nothing(rule: BlankRule, answer: Answer, earned: int) -> None:
    entry = entry_of(QuestionType.BLANK, "甲\n乙\n丙")
    assert score_answer(entry, answer, Policy(blank_rule=rule)) == earned


def test_an_answer_of_the_wrong_kind_earns_nothing() -> None:
    assert score_answer(entry_of(QuestionType.BLANK, "A"), "A", Policy()) == 0
    assert score_answer(entry_of(QuestionType.SINGLE, "A"), ("A",), Policy()) == 0


def test_half_a_hundredth_is_rounded_up_once_for_each_question() -> None:
    policy = Policy(multiple_rule=MultipleRule.HALF_FOR_SUBSET)
    assert score_answer(entry_of(QuestionType.MULTIPLE, "ABC", 0.01), "A", policy) == 1
    assert score_answer(entry_of(QuestionType.MULTIPLE, "ABC", 0.03), "A", policy) == 2


def test_a_corrected_key_of_a_blank_scores_like_any_other() -> None:
    [entry] = with_key((entry_of(QuestionType.BLANK, "甲"),), {"q": "乙|丙"})
    assert score_answer(entry, ("丙",), Policy()) == 100
    assert score_answer(entry, ("甲",), Policy()) == 0
