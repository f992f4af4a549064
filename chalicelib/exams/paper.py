"""Drawing a candidate's paper and scoring it. Both depend on bank, seed and answers alone. Pure.

The order comes from HMAC-SHA-256 of seed and id, not from a random generator. So a paper can be drawn again after
years, on any version of Python.
"""

import hashlib
from collections.abc import Mapping

import msgspec

from chalicelib.exams.model import MultipleRule, QuestionType, Section
from chalicelib.shared import hmacs

LETTERS = "ABCDEF"


class Question(msgspec.Struct, frozen=True):
    """A question of the bank. `key` holds the right letters in the bank's own order of options."""

    id: str
    type: QuestionType
    stem: str
    options: tuple[str, ...]
    key: str
    explanation: str = ""
    source: str = ""
    tag: str = ""


class Bank(msgspec.Struct, frozen=True):
    """The sections and questions from which papers are drawn. A version of a bank never changes."""

    sections: tuple[Section, ...]
    questions: tuple[Question, ...]


def to_json(bank: Bank) -> bytes:
    """The stored form of a bank: the same bank always gives the same bytes."""
    return msgspec.json.encode(bank, order="deterministic")


def from_json(data: bytes) -> Bank:
    """The bank of its stored form."""
    return msgspec.json.decode(data, type=Bank)


def version(data: bytes) -> str:
    """Return the name of a version: the first 16 hex digits of the SHA-256 of its stored bytes."""
    return hashlib.sha256(data).hexdigest()[:16]


class DrawnQuestion(msgspec.Struct, frozen=True):
    """A question at its place in one candidate's paper; `order[i]` is the bank's index of shown option i."""

    number: int
    section: Section
    question: Question
    order: tuple[int, ...]

    def shown_key(self) -> str:
        """Return the right letters as this candidate sees them."""
        right = {LETTERS.index(letter) for letter in self.question.key}
        return "".join(LETTERS[i] for i, option in enumerate(self.order) if option in right)


def with_key(drawn: tuple[DrawnQuestion, ...], key: Mapping[str, str]) -> tuple[DrawnQuestion, ...]:
    """The same paper with other right answers: id of a question → its right letters in the bank's order."""
    return tuple(
        msgspec.structs.replace(
            entry,
            question=msgspec.structs.replace(entry.question, key=key[entry.question.id]),
        )
        if entry.question.id in key
        else entry
        for entry in drawn
    )


class ShownOption(msgspec.Struct, frozen=True):
    """One option as shown."""

    letter: str
    text: str


class ShownQuestion(msgspec.Struct, frozen=True):
    """A question as candidates see it before submission: without key and without its id in the bank."""

    number: int
    type: QuestionType
    stem: str
    options: tuple[ShownOption, ...]
    points: float


class ShownSection(msgspec.Struct, frozen=True):
    """A section as shown."""

    title: str
    questions: tuple[ShownQuestion, ...]


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


def _rank(seed: str, *parts: str | int) -> bytes:
    """Return the rank of something in the order that follows from `seed`. Attempts store only the seed."""
    return hmacs.digest(seed.encode(), *parts)


def eligible(bank: Bank, section: Section) -> list[Question]:
    """The questions that a section may draw."""
    return [
        q
        for q in bank.questions
        if q.type is section.type and (not section.tag or q.tag == section.tag)
    ]


def draw_paper(bank: Bank, seed: str) -> tuple[DrawnQuestion, ...]:
    """Draw the paper of a seed: the questions of lowest rank in each section, none twice, options shuffled.

    Options of true/false questions keep their order. Raises `ValueError` when a bank is too small; `check_bank`
    excludes this before publication.
    """
    drawn: list[DrawnQuestion] = []
    used: set[str] = set()
    for section in bank.sections:
        free = [q for q in eligible(bank, section) if q.id not in used]
        chosen = sorted(free, key=lambda q: _rank(seed, "question", section.id, q.id))
        chosen = chosen[: section.count]
        if len(chosen) < section.count:
            raise ValueError(f"section {section.id} has too few questions")
        for question in chosen:
            used.add(question.id)
            order = _option_order(question, seed)
            drawn.append(DrawnQuestion(len(drawn) + 1, section, question, order))
    return tuple(drawn)


def _option_order(question: Question, seed: str) -> tuple[int, ...]:
    indexes = range(len(question.options))
    if question.type is QuestionType.JUDGE:
        return tuple(indexes)
    return tuple(sorted(indexes, key=lambda i: _rank(seed, "option", question.id, i)))


def show_paper(drawn: tuple[DrawnQuestion, ...]) -> tuple[ShownSection, ...]:
    """Return a paper as the candidate sees it."""
    sections: dict[str, list[ShownQuestion]] = {}
    titles: dict[str, str] = {}
    for entry in drawn:
        options = tuple(
            ShownOption(LETTERS[i], entry.question.options[bank_index])
            for i, bank_index in enumerate(entry.order)
        )
        question, section = entry.question, entry.section
        shown = ShownQuestion(entry.number, question.type, question.stem, options, section.points)
        titles[section.id] = section.title
        sections.setdefault(section.id, []).append(shown)
    return tuple(ShownSection(titles[key], tuple(group)) for key, group in sections.items())


def question_centipoints(entry: DrawnQuestion, answer: str, rule: MultipleRule) -> int:
    """Return what one answer earns, in hundredths of a point."""
    given, right = set(answer), set(entry.shown_key())
    full = entry.section.centipoints
    if given == right:
        return full
    subset = bool(given) and given < right and entry.question.type is QuestionType.MULTIPLE
    return full // 2 if subset and rule is MultipleRule.HALF_FOR_SUBSET else 0


def score_paper(
    drawn: tuple[DrawnQuestion, ...], answers: dict[str, str], rule: MultipleRule, pass_mark: int
) -> Score:
    """Score acknowledged answers (`number` → shown letters). Passing means at least `pass_mark` per cent."""
    earned = {
        e.number: question_centipoints(e, answers.get(str(e.number), ""), rule) for e in drawn
    }
    total = sum(entry.section.centipoints for entry in drawn)
    points = sum(earned.values())
    sections: dict[str, list[DrawnQuestion]] = {}
    for entry in drawn:
        sections.setdefault(entry.section.id, []).append(entry)
    return Score(
        points=points / 100,
        out_of=total / 100,
        passed=points * 100 >= total * pass_mark,
        answered=sum(1 for entry in drawn if answers.get(str(entry.number))),
        questions=len(drawn),
        sections=tuple(_section_score(group, earned) for group in sections.values()),
    )


def _section_score(group: list[DrawnQuestion], earned: dict[int, int]) -> SectionScore:
    section = group[0].section
    return SectionScore(
        title=section.title,
        points=sum(earned[entry.number] for entry in group) / 100,
        out_of=section.centipoints * len(group) / 100,
        right=sum(1 for entry in group if earned[entry.number] == section.centipoints),
        questions=len(group),
    )
