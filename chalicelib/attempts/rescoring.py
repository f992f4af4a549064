"""Scoring again with corrected answers: all attempts of a paper version or none.

The correction is one write on the exam; before it every submitted attempt was tried. Then each attempt follows in a
write of its own, like any order for everybody; the same command, or the schedule, completes what a crash left undone.
"""

from collections.abc import Iterator

import msgspec

from chalicelib.attempts import ordering, store
from chalicelib.attempts.deciding import load, score
from chalicelib.attempts.ordering import Followed
from chalicelib.exams import service as exams
from chalicelib.exams.model import Exam, ExamOrder
from chalicelib.exams.paper import Score


class Rescored(msgspec.Struct, frozen=True):
    """How a submitted attempt stood with the key before, and stands with the corrected one."""

    attempt_id: str
    before: Score
    after: Score


class Corrected(msgspec.Struct, frozen=True):
    """What a correction did; `changed` lists those whose points or pass it alters."""

    followed: Followed
    key_version: str
    changed: tuple[Rescored, ...]


def correct_key(
    *, exam_id: str, corrected: dict[str, str], order: ExamOrder, version_seen: int, now: int
) -> Corrected:
    """Correct right answers (id of a question → letters in the bank's order) and score everybody again.

    The same command again completes what was left undone and lists the same changes. Raises `NotFound`,
    `Unavailable` (nothing was changed), `Invalid` (`key_invalid`), `Conflict` (`key_unchanged`, `exam_changed`,
    `too_many_orders`).
    """
    exam = exams.get_exam(exam_id)
    if exam.find_order(order.command_id) is None:
        key_version = exams.write_key(exam=exam, corrected=corrected)
        for _ in _compared(exam_id, exam.key_version, key_version):
            pass  # whoever could not be scored stops it here, before anything has changed
        ordered = msgspec.structs.replace(order, key_version=key_version)
        exam = exams.give_order(exam_id=exam_id, order=ordered, version_seen=version_seen, now=now)
    followed = ordering.follow_all(exam, order.command_id, now)
    return _as_told(exam, order.command_id, followed)


def _as_told(exam: Exam, command_id: str, followed: Followed) -> Corrected:
    order = exam.find_order(command_id)
    assert order is not None  # it was given, or found
    compared = _compared(exam.exam_id, exam.key_before(command_id), order.key_version)
    changed = tuple(row for row in compared if row.before != row.after)
    return Corrected(followed, order.key_version, changed)


def _compared(exam_id: str, before: str, after: str) -> Iterator[Rescored]:
    for row in store.list_of_exam(exam_id):
        if row.submitted_at is None:
            continue
        attempt = load(row.attempt_id, None)
        scores = (
            score(msgspec.structs.replace(attempt, key_version=key)) for key in (before, after)
        )
        yield Rescored(row.attempt_id, *scores)
