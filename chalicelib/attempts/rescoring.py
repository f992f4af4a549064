"""Use cases of a corrected key: score all attempts of a paper version again, or none.

First each submitted attempt is scored as a trial. Then one write on the exam makes the correction. Then each attempt
follows in a write of its own, like every order. After a crash, the same command or the schedule completes it.
"""

from collections.abc import Iterator

import msgspec

from chalicelib.attempts import index_store, ordering
from chalicelib.attempts.deciding import load, score
from chalicelib.attempts.ordering import Followed
from chalicelib.exams import service as exams
from chalicelib.exams.model import Exam, ExamOrder
from chalicelib.exams.scoring import Score


class Rescored(msgspec.Struct, frozen=True):
    """The score of a submitted attempt with the key before, and with the corrected key."""

    attempt_id: str
    before: Score
    after: Score


class Corrected(msgspec.Struct, frozen=True):
    """The effect of a correction. `changed`: the attempts with other points or another pass."""

    followed: Followed
    key_version: str
    changed: tuple[Rescored, ...]


def correct_key(
    *, exam_id: str, corrected: dict[str, str], order: ExamOrder, version_seen: int, now: int
) -> Corrected:
    """Correct right answers (id of a question → letters in the bank's order) and score everybody again.

    After a crash, the same command again completes it, and returns the same changes. Raises `NotFound`,
    `Unavailable` (nothing was changed), `Invalid` (`key_invalid`), `Conflict` (`key_unchanged`, `exam_changed`,
    `too_many_orders`).
    """
    exam = exams.get_exam(exam_id)
    if exam.find_order(order.command_id) is None:
        key_version = exams.write_key(exam=exam, corrected=corrected)
        for _ in _compared(exam_id, exam.key_version, key_version):
            pass  # an attempt that cannot be scored raises here, before anything has changed
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
    for row in index_store.list_of_exam(exam_id):
        if row.submitted_at is None:
            continue
        attempt = load(row.attempt_id, None)
        scores = (
            score(msgspec.structs.replace(attempt, key_version=key)) for key in (before, after)
        )
        yield Rescored(row.attempt_id, *scores)
