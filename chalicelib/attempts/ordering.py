"""Use cases of orders and announcements for a whole exam.

The exam gets an order once; then each attempt follows it once. An announcement takes the same way.
"""

from collections.abc import Callable

import msgspec

from chalicelib.attempts import announcing, following, index_store, publishing, store
from chalicelib.attempts.deciding import decide, load, score
from chalicelib.attempts.following import KeyCorrected
from chalicelib.attempts.model import Attempt, Cause, Listed, Status
from chalicelib.exams import lists
from chalicelib.exams import service as exams
from chalicelib.exams.listing import CurrentExams
from chalicelib.exams.model import Announcement, Exam, ExamOrder, OrderKind
from chalicelib.identity import service as identity
from chalicelib.kernel.commands import find_command
from chalicelib.kernel.outcomes import Outcomes, applied, includes
from chalicelib.shared import log
from chalicelib.shared.errors import Conflict
from chalicelib.shared.time_slices import TimeSlice


class Followed(msgspec.Struct, frozen=True):
    """Which attempts of an exam follow an order.

    `followed`: how many follow it, also rounds that were re-opened after it. `closed_before`: how many were submitted
    before it. `already_closed`: those that the deadline submitted at the time of the order or later.
    `already_started`: those that keep their start although the exam was moved. `failed`: those for which the command
    has to be given again.
    """

    exam: Exam
    followed: int = 0
    closed_before: int = 0
    already_closed: tuple[str, ...] = ()
    already_started: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def compensate_exam(*, exam_id: str, order: ExamOrder, version_seen: int, now: int) -> Followed:
    """Give all candidates more time, also those who open their attempt later.

    After a crash, the same command again completes it, and gives nobody time twice. Raises `NotFound`,
    `Conflict` (`exam_changed`, `too_many_orders`).
    """
    exam = exams.give_order(exam_id=exam_id, order=order, version_seen=version_seen, now=now)
    return follow_all(exam, order.command_id, now)


def reschedule_exam(*, exam_id: str, order: ExamOrder, version_seen: int, now: int) -> Followed:
    """Move the start of an exam that nobody has started. Opened attempts follow.

    After a crash, the same command again completes it. Raises `NotFound`, `Conflict` (`exam_changed`,
    `exam_started`, `starts_in_the_past`, `too_many_orders`).
    """
    exam = exams.get_exam(exam_id)
    if exam.find_order(order.command_id) is None:
        _refuse_started(exam, now)
        exam = exams.give_order(exam_id=exam_id, order=order, version_seen=version_seen, now=now)
    return follow_all(exam, order.command_id, now)


def announce_to_all(*, exam_id: str, announcement: Announcement, now: int) -> Followed:
    """Announce something to everybody in an exam, also to those who open their attempt later.

    After a crash, the same command again completes it, and nobody is told twice. Raises `NotFound`, `Conflict`
    (`announcement_too_late`, `too_many_announcements`, `command_id_taken`).
    """
    exam = exams.announce(exam_id=exam_id, announcement=announcement, now=now)
    made = find_command(exam.announcements, announcement.command_id)
    assert made is not None  # the exam has it

    def group(row: Listed) -> str:
        after = _caught_up(row, exam, now)
        if after is None:
            return "failed"
        return "followed" if after.announced >= made.number else "closed_before"

    return _grouped(exam, group)


def _refuse_started(exam: Exam, now: int) -> None:
    """Refuse an exam with started attempts. They are read only after the start. Raises `Conflict`: `exam_started`."""
    if now >= exam.starts_at and any(map(_has_started, index_store.list_of_exam(exam.exam_id))):
        raise Conflict("exam_started", starts_at=exam.starts_at)


def _has_started(row: Listed) -> bool:
    if row.submitted_at is not None:
        return True
    attempt = store.load_attempt(row.attempt_id)
    return attempt is not None and attempt.status is not Status.OPENED


def follow_orders(
    *,
    now: int,
    time_slice: TimeSlice | None = None,
    listed: CurrentExams = lists.list_current,
) -> int:
    """Let the attempts follow that were opened at the time of an order or announcement, or that a crash left behind.

    The schedule calls it. Returns how many exams are complete now. Attempts that follow already are skipped, so the
    next run continues where the time slice of this one ended.
    """
    done, time_slice = 0, time_slice or TimeSlice()
    for exam in time_slice.each(
        exams.list_unsettled(now=now, listed=listed), lambda exam: exam.exam_id
    ):
        behind = [row for row in index_store.list_of_exam(exam.exam_id) if _behind(row, exam)]
        caught_up = [
            _caught_up(row, exam, now)
            for row in time_slice.each(behind, lambda row: row.attempt_id)
        ]
        if len(caught_up) == len(behind) and None not in caught_up:
            exams.settle_orders(exam_id=exam.exam_id, now=now)
            done += 1
    return done


def follow_all(exam: Exam, command_id: str, now: int) -> Followed:
    """Let each attempt of the exam follow its orders. An attempt that fails does not stop the others."""
    order = exam.find_order(command_id)
    assert order is not None  # the exam has it
    return _grouped(exam, lambda row: _follow(row, exam, order, now))


def _grouped(exam: Exam, group: Callable[[Listed], str]) -> Followed:
    """Put each attempt of the exam into one group, which is a field of `Followed`."""
    groups: dict[str, list[str]] = {}
    for row in index_store.list_of_exam(exam.exam_id):
        groups.setdefault(group(row), []).append(row.attempt_id)
    return Followed(
        exam,
        followed=len(groups.get("followed", ())),
        closed_before=len(groups.get("closed_before", ())),
        already_closed=tuple(groups.get("already_closed", ())),
        already_started=tuple(groups.get("already_started", ())),
        failed=tuple(groups.get("failed", ())),
    )


def _follow(row: Listed, exam: Exam, order: ExamOrder, now: int) -> str:
    """Let one attempt follow all orders of its exam. Returns the name of the field of `Followed` for it."""
    after = _caught_up(row, exam, now)
    if after is None:
        return "failed"
    if order.command_id in after.orders:
        return "followed"
    if after.submitted_at is None:
        return "already_started" if order.kind is OrderKind.RESCHEDULE else "followed"
    late = after.cause is Cause.DEADLINE and after.submitted_at >= order.at
    return "already_closed" if late else "closed_before"


def _caught_up(row: Listed, exam: Exam, now: int) -> Listed | None:
    """Let one attempt follow all orders and announcements; returns it as it is then, or None when that failed."""
    try:
        return _followed(row, exam, now) if _behind(row, exam) else row
    except Exception as error:  # an error of one attempt must not stop the others
        log.crash(error, attempt=row.attempt_id)
        return None


def _behind(row: Listed, exam: Exam) -> bool:
    """Whether this attempt may still have to follow something. A submitted one follows corrected keys only."""
    if row.submitted_at is None and row.announced < exam.announced:
        return True
    missing = _missing_orders(row, exam)
    return any(row.submitted_at is None or o.kind is OrderKind.CORRECT_KEY for o in missing)


def _missing_orders(row: Listed, exam: Exam) -> list[ExamOrder]:
    return [order for order in exam.orders if order.command_id not in row.orders]


def _followed(row: Listed, exam: Exam, now: int) -> Listed:
    """Let an attempt follow everything. First the identity is frozen for as long as the attempt may then run."""
    if _missing_orders(row, exam):
        attempt = load(row.attempt_id, None)
        if attempt.status is not Status.SUBMITTED:
            _keep_frozen(attempt, exam)
    after = decide(row.attempt_id, None, now, lambda a: _rule(a, exam, now))
    return Listed(
        row.attempt_id, after.orders, after.submitted_at, after.cause, announced=after.announced
    )


def _rule(attempt: Attempt, exam: Exam, now: int) -> Outcomes:
    """Follow everything. When a corrected key takes a pass away, the verdict is published again."""
    outcomes = following.follow(attempt, exam.orders, now)
    outcomes += announcing.follow(attempt, exam.announced)
    if attempt.status is not Status.SUBMITTED or not includes(outcomes, KeyCorrected):
        return outcomes
    before, after = score(attempt).passed, score(applied(attempt, outcomes)).passed
    return (*outcomes, *publishing.publish_again(before=before, after=after, now=now))


def _keep_frozen(attempt: Attempt, exam: Exam) -> None:
    longer = max(exam.ends_at, attempt.last_deadline + exam.compensated_ms) - attempt.last_deadline
    until = attempt.frozen_until + longer
    identity.keep_frozen(account_id=attempt.account_id, attempt_id=attempt.attempt_id, until=until)
