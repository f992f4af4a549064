"""Drawing a candidate's paper from bank and seed, and showing it without its key. Pure.

The order comes from HMAC-SHA-256 of seed and id, not from a random generator. So a paper can be drawn again after
years, on any version of Python.
"""

from collections.abc import Mapping

import msgspec

from chalicelib.exams.content import Content, count_blanks
from chalicelib.exams.questions import (
    LETTERS,
    Bank,
    Material,
    Question,
    QuestionType,
    Section,
    SectionType,
    pictures_in,
    to_centipoints,
)
from chalicelib.shared import hmacs


class DrawnQuestion(msgspec.Struct, frozen=True):
    """A question at its place in one candidate's paper; `order[i]` is the bank's index of shown option i."""

    number: int
    section: Section
    question: Question
    order: tuple[int, ...]
    material: Material | None = None

    @property
    def centipoints(self) -> int:
        """What the right answer earns, in hundredths of a point."""
        return worth(self.question, self.section)

    def shown_key(self) -> str:
        """Return the right letters as this candidate sees them, or the accepted answers of the blanks."""
        if not self.question.type.has_options:
            return self.question.key
        right = {LETTERS.index(letter) for letter in self.question.key}
        return "".join(LETTERS[i] for i, option in enumerate(self.order) if option in right)


def worth(question: Question, section: Section) -> int:
    """What the right answer to a question of this section earns, in hundredths: its own points, or the section's."""
    return section.centipoints if question.points is None else to_centipoints(question.points)


def section_worths(bank: Bank) -> tuple[int, ...]:
    """What each section is worth on every paper, in hundredths; () when no question has points of its own.

    `check_bank` makes sure that all papers are worth the same, so any paper tells it.
    """
    if all(question.points is None for question in bank.questions):
        return ()
    drawn = draw_paper(bank, "")
    return tuple(
        sum(entry.centipoints for entry in drawn if entry.section.id == section.id)
        for section in bank.sections
    )


def with_key(drawn: tuple[DrawnQuestion, ...], key: Mapping[str, str]) -> tuple[DrawnQuestion, ...]:
    """The same paper with other keys: id of a question → its key (`questions`)."""
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
    """One option as shown; `text` may have markup."""

    letter: str
    text: Content


class ShownQuestion(msgspec.Struct, frozen=True):
    """A question as candidates see it before submission: without key and without its id in the bank.

    `blanks`: how many texts the answer has; 0 for a question with options. `material`: the number of its material
    in the section; 0 for none.
    """

    number: int
    type: QuestionType
    stem: Content
    options: tuple[ShownOption, ...]
    points: float
    blanks: int = 0
    material: int = 0


class ShownSection(msgspec.Struct, frozen=True):
    """A section as shown. `materials[n - 1]` is material number n."""

    title: str
    questions: tuple[ShownQuestion, ...]
    materials: tuple[Content, ...] = ()


class DrawingUnit(msgspec.Struct, frozen=True):
    """What is drawn as a whole: one question, or a material with all of its questions."""

    id: str
    questions: tuple[Question, ...]
    material: Material | None = None

    @property
    def key(self) -> tuple[bool, str]:
        """What tells it from all other units: a material and a question may have the same id."""
        return self.material is not None, self.id

    def centipoints(self, section: Section) -> int:
        """What its questions are worth together when this section draws them, in hundredths of a point."""
        return sum(worth(question, section) for question in self.questions)


def eligible(bank: Bank, section: Section) -> list[DrawingUnit]:
    """What a section may draw, in the order of the bank."""
    if section.type is SectionType.MATERIAL:
        return _groups(bank, section.tag)
    return [
        DrawingUnit(question.id, (question,))
        for question in bank.questions
        if question.type.value == section.type.value
        and not question.material
        and (not section.tag or question.tag == section.tag)
    ]


def _groups(bank: Bank, tag: str) -> list[DrawingUnit]:
    """The materials with this tag, or all materials, each with its questions in the order of the bank."""
    questions: dict[str, list[Question]] = {}
    for question in bank.questions:
        questions.setdefault(question.material, []).append(question)
    return [
        DrawingUnit(material.id, tuple(questions.get(material.id, ())), material)
        for material in bank.materials
        if not tag or material.tag == tag
    ]


def _rank(seed: str, *parts: str | int) -> bytes:
    """Return the rank of something in the order that follows from `seed`. Attempts store only the seed."""
    return hmacs.digest(seed.encode(), *parts)


def draw_paper(bank: Bank, seed: str) -> tuple[DrawnQuestion, ...]:
    """Draw the paper of a seed: what has the lowest rank in each section, nothing twice, options shuffled.

    Options of true/false questions and pinned options keep their places. Raises `ValueError` when a bank is too
    small; `check_bank` excludes this before publication.
    """
    drawn: list[DrawnQuestion] = []
    used: set[tuple[bool, str]] = set()
    for section in bank.sections:
        free = [unit for unit in eligible(bank, section) if unit.key not in used]
        chosen = sorted(free, key=lambda unit: _rank(seed, "question", section.id, unit.id))
        chosen = chosen[: section.count]
        if len(chosen) < section.count:
            raise ValueError(f"section {section.id} has too few questions")
        for unit in chosen:
            used.add(unit.key)
            for question in unit.questions:
                order = _option_order(question, seed)
                number = len(drawn) + 1
                drawn.append(DrawnQuestion(number, section, question, order, unit.material))
    return tuple(drawn)


def _option_order(question: Question, seed: str) -> tuple[int, ...]:
    """The bank's index of each shown option. A pinned option keeps its place; the others share the free places."""
    indexes = range(len(question.options))
    if question.type is QuestionType.JUDGE:
        return tuple(indexes)
    free = [index for index in indexes if LETTERS[index] not in question.pinned]
    shuffled = iter(sorted(free, key=lambda index: _rank(seed, "option", question.id, index)))
    return tuple(
        index if LETTERS[index] in question.pinned else next(shuffled) for index in indexes
    )


def show_paper(drawn: tuple[DrawnQuestion, ...]) -> tuple[ShownSection, ...]:
    """Return a paper as the candidate sees it."""
    sections: dict[str, list[DrawnQuestion]] = {}
    for entry in drawn:
        sections.setdefault(entry.section.id, []).append(entry)
    return tuple(map(_shown_section, sections.values()))


def pictures_of_paper(drawn: tuple[DrawnQuestion, ...]) -> frozenset[str]:
    """The SHA-256 (hex) of every picture that a paper shows before the result."""
    questions = (c for entry in drawn for c in (entry.question.stem, *entry.question.options))
    return pictures_in(questions) | pictures_in(
        entry.material.content for entry in drawn if entry.material
    )


def _shown_section(entries: list[DrawnQuestion]) -> ShownSection:
    materials = {entry.material.id: entry.material for entry in entries if entry.material}
    numbers = {material_id: number for number, material_id in enumerate(materials, start=1)}
    return ShownSection(
        title=entries[0].section.title,
        questions=tuple(show_question(entry, numbers) for entry in entries),
        materials=tuple(material.content for material in materials.values()),
    )


def show_question(entry: DrawnQuestion, material_numbers: Mapping[str, int]) -> ShownQuestion:
    """A question without its key. `material_numbers`: id of a material → its number in the section."""
    question = entry.question
    return ShownQuestion(
        number=entry.number,
        type=question.type,
        stem=question.stem,
        options=tuple(
            ShownOption(LETTERS[place], question.options[index])
            for place, index in enumerate(entry.order)
        ),
        points=entry.centipoints / 100,
        blanks=0 if question.type.has_options else count_blanks(question.stem),
        material=material_numbers.get(question.material, 0),
    )
