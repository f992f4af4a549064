"""Rules of 切屏: which absences count, and that the last allowed one submits the paper. Pure."""

import contextlib
import enum

import msgspec

from chalicelib.attempts.model import (
    Absence,
    AbsenceKind,
    Attempt,
    Cause,
    Status,
    check_page,
)
from chalicelib.attempts.sitting import Batch, close, merge
from chalicelib.kernel.outcomes import Outcome, Outcomes, applied, outcome_of
from chalicelib.shared.clock import SECOND_MS
from chalicelib.shared.errors import Conflict, Invalid

MAX_REPORTS = 20  # in one call: a page that was offline reports what it kept
MAX_PRACTISED = 20  # counted absences that a practice keeps: none of them submits it
MAX_SHORT = 200  # recorded short absences; a flickering screen must not fill the item


@outcome_of(Attempt)
class Absent(Outcome, frozen=True):
    """An absence was reported, or reported again."""

    last_absence: Absence


@outcome_of(Attempt)
class Switched(Outcome, frozen=True):
    """An absence counts as a switch: all counted absences, the new one last."""

    switches: tuple[Absence, ...]


@outcome_of(Attempt)
class BrieflyAbsent(Outcome, frozen=True):
    """An absence was too short to count. `short_absences`: the number of such absences."""

    short_absences: int


class ReportedAbsence(msgspec.Struct, frozen=True):
    """An absence as the page reports it: once when it passes the minimum, once more when it is over."""

    seq: int
    kind: AbsenceKind
    away_ms: int
    ended: bool = True


def report_absences(
    attempt: Attempt, page: int, reports: tuple[ReportedAbsence, ...], batch: Batch | None, now: int
) -> Outcomes:
    """Record absences in the page's own sequence, and the answers that came with them if they can be saved.

    A repeated report changes nothing. The absence that reaches the limit submits the paper in the same write.
    Absences are recorded also when the answers cannot be saved: `refuse_unsaved` refuses those afterwards.
    Raises `Conflict`: `superseded`, `exam_not_started`, `attempt_submitted`, `absences_missing` (a gap; the
    details name the number that is due).
    """
    if attempt.status is Status.SUBMITTED and all(_known(attempt, page, r.seq) for r in reports):
        return ()
    check_page(attempt, page)
    if attempt.status is Status.SUBMITTED:
        raise Conflict("attempt_submitted", next_step="result")
    if attempt.status is Status.OPENED:
        raise Conflict("exam_not_started", starts_at=attempt.starts_at)
    outcomes: Outcomes = ()
    with contextlib.suppress(Conflict, Invalid):
        outcomes = merge(attempt, page, batch, now)
    for report in reports:
        outcomes += _record(applied(attempt, outcomes), page, report, now)
        if _was_the_last(attempt, applied(attempt, outcomes).switches):
            return (*outcomes, *close(attempt, Cause.SWITCHES, now, now))
    return outcomes


def _was_the_last(attempt: Attempt, switches: tuple[Absence, ...]) -> bool:
    """Whether the newest of these switches submits the paper. In a practice none does."""
    return len(switches) >= attempt.policy.switch_limit and not attempt.policy.is_practice


def refuse_unsaved(attempt: Attempt, page: int, batch: Batch | None, now: int) -> None:
    """Refuse answers that came with absences and were not saved; nothing is refused once the paper is closed.

    Raises `Conflict` (`answers_missing`), `Invalid`.
    """
    if attempt.status is Status.STARTED:
        merge(attempt, page, batch, now)


def _known(attempt: Attempt, page: int, seq: int) -> bool:
    last = attempt.last_absence
    return last is not None and last.page == page and seq <= last.seq


def _record(attempt: Attempt, page: int, report: ReportedAbsence, now: int) -> Outcomes:
    last = attempt.last_absence if _known(attempt, page, 1) else None
    newest = last.seq if last else 0
    if report.seq < newest or (last and report.seq == newest and last.ended):
        return ()
    if report.seq > newest + 1:
        raise Conflict("absences_missing", expected=newest + 1)
    continues = last if last and report.seq == newest else None
    since = continues.since if continues else _since(attempt, page)
    away_ms = max(min(report.away_ms, now - since), 0)
    counted = away_ms >= _minimum_ms(attempt, report.kind)
    if continues:  # an absence that counts stays counted, and counts once
        counted, away_ms = counted or continues.counted, max(away_ms, continues.away_ms)
    absence = Absence(page, report.seq, report.kind, since, now, away_ms, report.ended, counted)
    absent = Absent(last_absence=absence)
    room = not attempt.policy.is_practice or len(attempt.switches) < MAX_PRACTISED
    if counted and room and not (continues and continues.counted):
        return (absent, Switched(switches=(*attempt.switches, absence)))
    if report.ended and not counted:
        short = min(attempt.short_absences + 1, MAX_SHORT)
        return (absent, BrieflyAbsent(short_absences=short))
    return (absent,)


def _since(attempt: Attempt, page: int) -> int:
    """Return the earliest time at which an absence can begin: after the start, the admission and the last absence."""
    moments = [attempt.started_at or 0, attempt.admission.at if attempt.admission else 0]
    last = attempt.last_absence
    if last is not None and last.page == page:
        moments.append(last.since + last.away_ms)
    return max(moments)


def _minimum_ms(attempt: Attempt, kind: AbsenceKind) -> int:
    """Return how long an absence must be to count (ms). Leaving full screen has its own grace."""
    policy = attempt.policy
    grace_ms = policy.fullscreen_grace_s * SECOND_MS if kind is AbsenceKind.FULLSCREEN else 0
    return max(policy.switch_min_ms, grace_ms)


class Return(enum.Enum):
    """Whether coming back to a running exam on a new page is a switch, and why."""

    COUNTS = "counts"  # the old page was closed or crashed
    SAME_ABSENCE = "same_absence"  # an absence that already counted was not over
    NOT_COUNTED = "not_counted"  # by the policy, or in a practice that keeps no more


def judge_return(attempt: Attempt) -> Return | None:
    """Return what coming back on a new page would be; None while no exam runs on a page."""
    if attempt.status is not Status.STARTED or attempt.page == 0:
        return None
    last = attempt.last_absence
    full = attempt.policy.is_practice and len(attempt.switches) >= MAX_PRACTISED
    if not attempt.policy.page_loss_counts or full:
        return Return.NOT_COUNTED
    same = last is not None and last.page == attempt.page and last.counted and not last.ended
    return Return.SAME_ABSENCE if same else Return.COUNTS


def lose_page(attempt: Attempt, now: int) -> Outcomes:
    """Count one switch when somebody comes back to a running exam on a new page: the old one was closed or crashed.

    Nothing counts unless `judge_return` says so. The last allowed switch submits the paper.
    """
    if judge_return(attempt) is not Return.COUNTS:
        return ()
    lost = Absence(
        page=attempt.page,
        seq=0,
        kind=AbsenceKind.PAGE_LOST,
        since=_since(attempt, attempt.page),
        reported_at=now,
        away_ms=0,
        ended=True,
        counted=True,
    )
    switched = Switched(switches=(*attempt.switches, lost))
    if _was_the_last(attempt, switched.switches):
        return (switched, *close(attempt, Cause.SWITCHES, now, now))
    return (switched,)


def number_of(attempt: Attempt, page: int, seq: int) -> int | None:
    """Return the number of this absence among the switches, from 1; None when it did not count."""
    for number, absence in enumerate(attempt.switches, start=1):
        if (absence.page, absence.seq) == (page, seq):
            return number
    return None
