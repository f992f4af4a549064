"""Rules of how an attempt follows the orders of its exam. Pure."""

import msgspec

from chalicelib.attempts.commands import audited, more_time
from chalicelib.attempts.model import Attempt, AttemptAudit, Status
from chalicelib.attempts.outcomes import EntryMoved
from chalicelib.exams.model import ExamOrder, OrderKind
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of


@outcome_of(Attempt)
class OrdersFollowed(Outcome, frozen=True):
    """The attempt follows orders of its exam: the ids of all that it has followed, the new ones last."""

    orders: tuple[str, ...]


@outcome_of(Attempt)
class KeyCorrected(Outcome, frozen=True):
    """The answers are scored with a corrected key from now on."""

    key_version: str


@outcome_of(Attempt)
class StartMoved(Outcome, frozen=True):
    """The exam starts at another time."""

    starts_at: int


def follow(attempt: Attempt, orders: tuple[ExamOrder, ...], now: int) -> Outcomes:
    """Follow all orders that the attempt has not followed yet, in one change.

    A closed round follows corrected keys only. More time moves the deadline of a running attempt, or raises the
    allowed time before the start. A new start concerns only attempts without a start; of several orders the newest
    counts.
    """
    missing = [order for order in orders if _concerns(attempt, order)]
    if not missing:
        return ()
    outcomes: Outcomes = (
        OrdersFollowed(orders=(*attempt.orders, *(order.command_id for order in missing))),
        audited(attempt, *(_audit(order, now) for order in missing)),
    )
    if keys := [order.key_version for order in missing if order.key_version]:
        outcomes += (KeyCorrected(key_version=keys[-1]),)
    if extra_ms := sum(order.extra_ms for order in missing):
        outcomes += more_time(attempt, extra_ms)
    starts = [order.starts_at for order in missing if order.starts_at is not None]
    return (*outcomes, *_move(attempt, starts[-1])) if starts else outcomes


def _concerns(attempt: Attempt, order: ExamOrder) -> bool:
    if order.command_id in attempt.orders:
        return False
    if order.kind is OrderKind.CORRECT_KEY:
        return True
    if attempt.status is Status.SUBMITTED:
        return False
    # re-opened with its time already made up
    if attempt.round > 1 and attempt.opened_at > order.at:
        return False
    return order.kind is OrderKind.COMPENSATE or attempt.status is Status.OPENED


def _audit(order: ExamOrder, now: int) -> AttemptAudit:
    details = {
        OrderKind.COMPENSATE: f"+{order.extra_ms} ms",
        OrderKind.RESCHEDULE: f"starts_at {order.starts_at}",
        OrderKind.CORRECT_KEY: f"key {order.key_version}",
    }
    detail = details[order.kind]
    what = "correct_key" if order.kind is OrderKind.CORRECT_KEY else f"{order.kind.value}_exam"
    return AttemptAudit.of(order, what, now, detail=detail)


def _move(attempt: Attempt, starts_at: int) -> Outcomes:
    """Move the start and the closing of the entry by the same time. A later personal entry moves with them."""
    by = starts_at - attempt.starts_at
    start, entry_until = StartMoved(starts_at=starts_at), attempt.entry_until + by
    if attempt.admission is None:
        return (start, EntryMoved(entry_until=entry_until))
    until = attempt.admission.start_until + by
    admission = msgspec.structs.replace(attempt.admission, start_until=until)
    return (start, EntryMoved(entry_until=entry_until, admission=admission))
