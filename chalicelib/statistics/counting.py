"""Which attempts count, and what one paper has at each question. Pure.

A person with several rounds counts by the last submitted one. In the figures of papers and questions are the submitted
papers whose result stands on its answers. Left out are 不合格 by the watch and those with an open mark: it is not known
who answered them. A paper with frames that we failed to judge stays in, because that is our fault.
"""

import enum
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from chalicelib.attempts.model import Attempt, Cause, Listed
from chalicelib.exams.model import Policy
from chalicelib.exams.paper import DrawnQuestion
from chalicelib.exams.questions import LETTERS, Answer, Bank
from chalicelib.exams.scoring import score_answer
from chalicelib.proctoring.model import IntegrityState
from chalicelib.statistics.answers import UNKNOWN, Response
from chalicelib.statistics.model import Timed


class Standing(enum.Enum):
    """How a submitted paper counts."""

    COUNTED = "counted"
    INVALIDATED = "invalidated"
    OPEN = "open"


def standing(attempt: Attempt) -> Standing:
    """How a submitted attempt counts."""
    match attempt.integrity.state:
        case IntegrityState.INVALIDATED:
            return Standing.INVALIDATED
        case IntegrityState.FLAGGED:
            return Standing.OPEN
        case _:
            return Standing.COUNTED


def with_times(before: Timed, attempt: Attempt) -> Timed:
    """Count a submitted paper among those with or without times."""
    if attempt.seconds:
        return msgspec.structs.replace(before, timed=before.timed + 1)
    if attempt.cause is Cause.CANDIDATE:
        return msgspec.structs.replace(before, without=before.without + 1)
    return msgspec.structs.replace(before, closed=before.closed + 1)


def digest(rows: Iterable[Listed]) -> str:
    """A digest of the standing of all attempts: 16 hex digits. It changes with each result."""
    lines = sorted(msgspec.json.encode(row) for row in rows)
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:16]


class Places:
    """Where questions and units of a bank stand in the columns of an answer table."""

    def __init__(self, bank: Bank) -> None:
        self.questions = {question.id: place for place, question in enumerate(bank.questions)}
        self.sections = {section.id: place for place, section in enumerate(bank.sections)}
        materials = enumerate(bank.materials, start=len(bank.questions))
        self.materials = {material.id: place for place, material in materials}

    def unit(self, entry: DrawnQuestion) -> int:
        """The unit that a drawn question belongs to: its material, or the question itself."""
        if entry.material is not None:
            return self.materials[entry.material.id]
        return self.questions[entry.question.id]


def responses(
    places: Places,
    drawn: Sequence[DrawnQuestion],
    answers: Mapping[str, Answer],
    policy: Policy,
    seconds: Sequence[int] = (),
) -> Iterator[Response]:
    """What a paper has at each of its questions. `seconds`: as its page reports them, by number; () for no report."""
    for entry in drawn:
        answer = answers.get(str(entry.number), "")
        yield Response(
            question=places.questions[entry.question.id],
            section=places.sections[entry.section.id],
            unit=places.unit(entry),
            worth=max(1, entry.centipoints),  # a worth that rounds to 0 earns nothing
            earned=score_answer(entry, answer, policy),
            chosen=_chosen(entry, answer),
            omitted=not answer,
            seconds=seconds[entry.number - 1] if seconds else UNKNOWN,
        )


def _chosen(entry: DrawnQuestion, answer: Answer) -> int:
    """The chosen options as bits in the bank's order. Each paper shows the options in an order of its own."""
    if not isinstance(answer, str) or not entry.question.type.has_options:
        return 0
    shown = (LETTERS.index(letter) for letter in answer)
    return sum(1 << entry.order[place] for place in shown if place < len(entry.order))
