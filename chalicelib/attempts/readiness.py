"""Who of a roster has practised (试考), and whose device or photo will not do.

The marks of the accounts are counted, not the attempts: those are gone after days.
"""

from collections.abc import Iterable

import msgspec

from chalicelib.attempts.practice_texts import say_readiness
from chalicelib.exams import service as exams
from chalicelib.exams.model import Exam
from chalicelib.identity import service as identity
from chalicelib.identity.model import PersonPractice, PracticeArea, PracticeMark
from chalicelib.shared import log
from chalicelib.shared.clock import DAY_MS
from chalicelib.shared.errors import Unavailable

COUNTS_DAYS = (
    30  # a practice earlier than this before the start says little about the computer of the day
)
MOST_COUNTED = 10_000  # people of a roster: two reads for each hundred of them
TOLD = (PracticeArea.CAMERA, PracticeArea.NETWORK, PracticeArea.FACE)


class Readiness(msgspec.Struct, frozen=True):
    """How many people of a roster have practised.

    `listed`: on the roster; `counted`: of these, how many were looked at. `tried`: have practised; `unfinished`: of
    these, how many have neither ended nor failed. `failed`: area → for how many it did not work (`TOLD`).
    `in_trouble`: people for whom anything did not work. `untried`: with an account and without a practice.
    """

    listed: int
    counted: int
    tried: int
    unfinished: int
    failed: dict[PracticeArea, int]
    in_trouble: tuple[PersonPractice, ...]
    untried: tuple[PersonPractice, ...]

    @property
    def not_tried(self) -> int:
        """How many have not practised, with or without an account."""
        return self.counted - self.tried


def matters(mark: PracticeMark, starts_at: int) -> bool:
    """Whether a practice says something about an exam: it was begun at most `COUNTS_DAYS` before the start."""
    return mark.at >= starts_at - COUNTS_DAYS * DAY_MS


def assess(
    people: Iterable[PersonPractice], *, listed: int, counted: int, starts_at: int
) -> Readiness:
    """Count the practices of the people of a roster who have an account."""
    failed = dict.fromkeys(TOLD, 0)
    tried = unfinished = 0
    in_trouble: list[PersonPractice] = []
    untried: list[PersonPractice] = []
    for person in people:
        mark = person.practice
        if mark is None or not matters(mark, starts_at):
            untried.append(person)
            continue
        tried += 1
        if mark.failed:
            in_trouble.append(person)
        elif mark.ended_at is None:
            unfinished += 1
        for area in {found.area for found in mark.failed} & failed.keys():
            failed[area] += 1
    return Readiness(listed, counted, tried, unfinished, failed, tuple(in_trouble), tuple(untried))


def count_practices(*, exam: Exam) -> Readiness:
    """Count who of the roster has practised; people beyond `MOST_COUNTED` are not looked at. Raises `Unavailable`."""
    listed = exams.list_roster(exam=exam)
    looked_at = [entry.person_hash for entry in listed[:MOST_COUNTED]]
    people = identity.list_practices(person_hashes=looked_at)
    return assess(people, listed=len(listed), counted=len(looked_at), starts_at=exam.starts_at)


def note_readiness(exam: Exam) -> tuple[str, ...]:
    """Say how many of the roster have practised; nothing without a roster, or when it cannot be counted now."""
    if not exam.has_roster or exam.is_practice:
        return ()
    try:
        counted = count_practices(exam=exam)
    except Unavailable as error:
        log.crash(error, exam=exam.exam_id)
        return ()
    said = say_readiness(
        listed=counted.listed,
        counted=counted.counted,
        tried=counted.tried,
        unfinished=counted.unfinished,
        failed={area.value: number for area, number in counted.failed.items()},
    )
    return (said,)
