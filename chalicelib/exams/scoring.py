"""Scoring a paper from the acknowledged answers, the paper and its key alone. Pure.

The points of an answer are exact fractions, rounded to the hundredth (half up) once for each question.
"""

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from chalicelib.exams import blanks
from chalicelib.exams.model import BlankRule, MultipleRule, Policy
from chalicelib.exams.paper import DrawnQuestion
from chalicelib.exams.questions import Answer


class SectionScore(msgspec.Struct, frozen=True):
    """Points of one section."""

    title: str
    points: float
    out_of: float
    right: int
    questions: int


class Score(msgspec.Struct, frozen=True):
    """The result of scoring; points are exact to the hundredth."""

    points: float
    out_of: float
    passed: bool
    answered: int
    questions: int
    sections: tuple[SectionScore, ...]


def score_paper(
    drawn: tuple[DrawnQuestion, ...], answers: Mapping[str, Answer], policy: Policy
) -> Score:
    """Score answers (number of the question → answer). Passing means at least `pass_mark` per cent of all points."""
    earned = {e.number: score_answer(e, answers.get(str(e.number), ""), policy) for e in drawn}
    total = sum(entry.centipoints for entry in drawn)
    points = sum(earned.values())
    sections: dict[str, list[DrawnQuestion]] = {}
    for entry in drawn:
        sections.setdefault(entry.section.id, []).append(entry)
    return Score(
        points=points / 100,
        out_of=total / 100,
        passed=points * 100 >= total * policy.pass_mark,
        answered=sum(1 for entry in drawn if answers.get(str(entry.number))),
        questions=len(drawn),
        sections=tuple(_section_score(group, earned) for group in sections.values()),
    )


def _section_score(group: list[DrawnQuestion], earned: dict[int, int]) -> SectionScore:
    return SectionScore(
        title=group[0].section.title,
        points=sum(earned[entry.number] for entry in group) / 100,
        out_of=sum(entry.centipoints for entry in group) / 100,
        right=sum(1 for entry in group if earned[entry.number] == entry.centipoints),
        questions=len(group),
    )


def score_answer(entry: DrawnQuestion, answer: Answer, policy: Policy) -> int:
    """Return what one answer earns, in hundredths of a point. An answer of the wrong kind earns nothing."""
    if entry.question.type.has_options:
        given = set(answer) if isinstance(answer, str) else set()
        part = _choice_part(entry, given, policy.multiple_rule)
    else:
        texts = answer if isinstance(answer, tuple) else ()
        part = _blank_part(entry.question.key, texts, policy.blank_rule)
    return _rounded(part * entry.centipoints)


def _choice_part(entry: DrawnQuestion, given: set[str], rule: MultipleRule) -> Fraction:
    """The part of the points that the chosen options earn."""
    right = set(entry.shown_key())
    if given == right:
        return Fraction(1)
    if not entry.question.type.takes_several or not given:
        return Fraction(0)
    if rule is MultipleRule.MINUS_FOR_WRONG:
        return Fraction(max(0, len(given & right) - len(given - right)), len(right))
    if not given < right:  # a wrong option was chosen
        return Fraction(0)
    match rule:
        case MultipleRule.HALF_FOR_SUBSET:
            return Fraction(1, 2)
        case MultipleRule.PROPORTIONAL:
            return Fraction(len(given), len(right))
        case _:
            return Fraction(0)


def _blank_part(key: str, texts: tuple[str, ...], rule: BlankRule) -> Fraction:
    """The part of the points that the texts of the blanks earn."""
    accepted = blanks.accepted_answers(key)
    right = sum(map(blanks.is_right, texts, accepted))
    if rule is BlankRule.ALL_OR_NOTHING and right < len(accepted):
        return Fraction(0)
    return Fraction(right, len(accepted))


def _rounded(centipoints: Fraction) -> int:
    """To the nearest whole number, half up."""
    return int(centipoints + Fraction(1, 2))
