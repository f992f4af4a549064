"""Rules of the operators' list of an exam: the standing of attempts, their order, their last sign of life. Pure."""

import enum
import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

from chalicelib.attempts import watch
from chalicelib.attempts.model import Attempt, Listed, open_help
from chalicelib.proctoring.model import IntegrityRule, IntegrityState, Verdict

T = TypeVar("T")


class AttemptStanding(enum.Enum):
    """The most important fact about an attempt for an operator who watches an exam, the most urgent first."""

    FLAGGED = "flagged"  # a human has to look
    NOT_WATCHED = "not_watched"  # it has gaps that we have to judge, or an operator to accept
    STARTED = "started"
    OPENED = "opened"
    INVALIDATED = "invalidated"
    SUBMITTED = "submitted"


# A candidate who may be away or another person comes first: while the exam runs, somebody can still check.
_RULES = {
    rule: place
    for place, rule in enumerate(
        (
            IntegrityRule.MISMATCH,
            IntegrityRule.UNSEEN,
            IntegrityRule.REPLAYED,
            IntegrityRule.SEVERAL,
            IntegrityRule.MISSING,
        )
    )
}
_URGENCY = {standing: place for place, standing in enumerate(AttemptStanding)}


def standing(row: Listed | Attempt) -> AttemptStanding:
    """Return the standing of an attempt, or of its fields in the index."""
    if row.integrity.state is IntegrityState.FLAGGED:
        return AttemptStanding.FLAGGED
    if row.integrity.state is IntegrityState.INVALIDATED:
        return AttemptStanding.INVALIDATED
    if row.submitted_at is not None and row.integrity.gaps:
        return AttemptStanding.NOT_WATCHED
    if row.submitted_at is not None:
        return AttemptStanding.SUBMITTED
    return AttemptStanding.OPENED if row.started_at is None else AttemptStanding.STARTED


def urgent_first(rows: Iterable[Listed], only: AttemptStanding | None = None) -> list[Listed]:
    """Return the attempts in a fixed order: those that need an operator first, the gravest of them at the top.

    `only`: return only attempts with this standing.
    """
    wanted = [row for row in rows if only is None or standing(row) is only]
    return sorted(wanted, key=lambda row: (_URGENCY[standing(row)], *gravity(row), row.attempt_id))


def gravity(row: Listed) -> tuple[int, int]:
    """Return the sort key of the broken rule: the order of `_RULES`, then more frames first."""
    rule = row.integrity.rule
    return (_RULES[rule] if rule else len(_RULES), -len(row.integrity.slots))


def waiting_for_help(rows: Iterable[Listed]) -> list[Listed]:
    """Return the attempts with an open request for help, the one that waits longest first."""
    waiting = [row for row in rows if open_help(row.help, row.submitted_at)]
    return sorted(waiting, key=lambda row: (_asked_at(row), row.attempt_id))


def _asked_at(row: Listed) -> int:
    return row.help.asked_at if row.help else 0


def readers(rows: Iterable[Listed], number: int) -> tuple[list[Listed], list[Listed]]:
    """Return who has an announcement to everybody and has not confirmed it, and who has confirmed it.

    Somebody who had submitted before it has none. Both lists are in the order of the ids.
    """
    unread: list[Listed] = []
    read: list[Listed] = []
    for row in sorted(rows, key=lambda row: row.attempt_id):
        if row.announced >= number:
            confirmed = row.receipt.for_all if row.receipt else 0
            (read if confirmed >= number else unread).append(row)
    return unread, read


def cut(rows: Sequence[T], number: int, size: int) -> tuple[Sequence[T], int, int]:
    """Return one page of a list, its number (the nearest that exists, from 1), and the number of pages."""
    pages = max(1, math.ceil(len(rows) / size))
    here = min(max(1, number), pages)
    return rows[(here - 1) * size : here * size], here, pages


def last_seen(attempt: Attempt) -> int:
    """Return the time of the newest sign of life in the item (UTC ms).

    A heartbeat with nothing new writes nothing. So this time may be older than the last heartbeat, at most by the time
    until the next snapshot is judged: a frame that was sent shows that the page was there at its moment.
    """
    absence, admission = attempt.last_absence, attempt.admission
    sent = {slot for slot, verdict in attempt.verdicts.items() if verdict is not Verdict.MISSING}
    times = [
        attempt.opened_at,
        attempt.started_at,
        attempt.saved_at,
        admission.at if admission else None,
        absence.reported_at if absence else None,
        *(check.reserved_at for check in attempt.verifications),
        attempt.pending.reserved_at if attempt.pending else None,
        *attempt.asked.values(),
        *(at for slot, at in enumerate(watch.moments(attempt)) if str(slot) in sent),
    ]
    return max(time for time in times if time is not None)
