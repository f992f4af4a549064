"""Rules of what an operator sees of an exam: where attempts stand, who comes first, who was seen when. Pure."""

import enum
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

from chalicelib.attempts.model import Attempt, Listed
from chalicelib.proctoring.model import IntegrityRule, IntegrityState

T = TypeVar("T")


class AttemptStanding(enum.Enum):
    """What matters most about an attempt to somebody who watches an exam."""

    FLAGGED = "flagged"  # a human has to look
    NOT_WATCHED = "not_watched"  # frames are left that we have to judge, or an operator to accept
    STARTED = "started"
    OPENED = "opened"
    INVALIDATED = "invalidated"
    SUBMITTED = "submitted"


# Who may be away or somebody else comes first: while the exam runs, somebody can still look.
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


def standing(row: Listed) -> AttemptStanding:
    """Where an attempt stands, as far as the index by exam knows."""
    if row.integrity.state is IntegrityState.FLAGGED:
        return AttemptStanding.FLAGGED
    if row.integrity.state is IntegrityState.INVALIDATED:
        return AttemptStanding.INVALIDATED
    if row.submitted_at is not None and row.integrity.gaps:
        return AttemptStanding.NOT_WATCHED
    if row.submitted_at is not None:
        return AttemptStanding.SUBMITTED
    return AttemptStanding.OPENED if row.started_at is None else AttemptStanding.STARTED


def counts(rows: Iterable[Listed]) -> Counter[AttemptStanding]:
    """How many attempts stand where; each is counted once."""
    return Counter(map(standing, rows))


def urgent_first(rows: Iterable[Listed], only: AttemptStanding | None = None) -> list[Listed]:
    """Those that need an operator first, the gravest among them; `only` leaves the others out.

    The order stays from look to look.
    """
    wanted = [row for row in rows if only is None or standing(row) is only]
    return sorted(wanted, key=lambda row: (_URGENCY[standing(row)], *_gravity(row), row.attempt_id))


def _gravity(row: Listed) -> tuple[int, int]:
    """What is held against somebody, the more telling rule first; of one rule the one with more frames."""
    rule = row.integrity.rule
    return (_RULES[rule] if rule else len(_RULES), -len(row.integrity.slots))


def cut(rows: Sequence[T], number: int, size: int) -> tuple[Sequence[T], int, int]:
    """One page of a list, its number (the nearest that exists), and how many pages there are."""
    pages = max(1, math.ceil(len(rows) / size))
    here = min(max(1, number), pages)
    return rows[(here - 1) * size : here * size], here, pages


def last_seen(attempt: Attempt) -> int:
    """The newest sign of life of a candidate's page that the item knows of.

    A heartbeat with nothing new writes nothing: between two signs lie the candidate's own pauses, and at most
    the time to the next snapshot, which is asked for when a page reports.
    """
    absence, admission = attempt.last_absence, attempt.admission
    signs = [
        attempt.opened_at,
        attempt.started_at,
        attempt.saved_at,
        admission.at if admission else None,
        absence.reported_at if absence else None,
        *(check.reserved_at for check in attempt.verifications),
        attempt.pending.reserved_at if attempt.pending else None,
        *attempt.asked.values(),
    ]
    return max(sign for sign in signs if sign is not None)
