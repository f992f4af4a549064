"""Rules of how an attempt follows what was ordered for everybody who sits its exam. Pure."""

import msgspec

from chalicelib.attempts.commands import KEPT_AUDITS, more_time
from chalicelib.attempts.model import Attempt, Audit, Changes, Status
from chalicelib.exams.model import Order, OrderKind


def follow(attempt: Attempt, orders: tuple[Order, ...], now: int) -> Changes:
    """Follow all orders that it has not followed yet, in one change.

    A closed round never changes, but that its answers are scored with the corrected key. More time moves the
    deadline of a running clock, or raises what is allowed before the start. Another start concerns only those who
    have not started; of several the newest counts.
    """
    missing = [order for order in orders if _concerns(attempt, order)]
    if not missing:
        return {}
    told = tuple(_told(order, now) for order in missing)
    changes: Changes = {
        "orders": (*attempt.orders, *(order.command_id for order in missing)),
        "audit": (*attempt.audit, *told)[-KEPT_AUDITS:],
        "ordered_version": attempt.version + 1,
    }
    if keys := [order.key_version for order in missing if order.key_version]:
        changes["key_version"] = keys[-1]
    if extra_ms := sum(order.extra_ms for order in missing):
        changes |= more_time(attempt, extra_ms)
    starts = [order.starts_at for order in missing if order.starts_at is not None]
    return changes | _moved(attempt, starts[-1]) if starts else changes


def _concerns(attempt: Attempt, order: Order) -> bool:
    if order.command_id in attempt.orders:
        return False
    if order.kind is OrderKind.CORRECT_KEY:
        return True
    if attempt.status is Status.SUBMITTED:
        return False
    if (
        attempt.round > 1 and attempt.opened_at > order.at
    ):  # re-opened with its time already made up
        return False
    return order.kind is OrderKind.COMPENSATE or attempt.status is Status.OPENED


def _told(order: Order, now: int) -> Audit:
    details = {
        OrderKind.COMPENSATE: f"+{order.extra_ms} ms",
        OrderKind.RESCHEDULE: f"starts_at {order.starts_at}",
        OrderKind.CORRECT_KEY: f"key {order.key_version}",
    }
    detail = details[order.kind]
    what = "correct_key" if order.kind is OrderKind.CORRECT_KEY else f"{order.kind.value}_exam"
    return Audit(
        order.command_id, what, order.operator, order.reason, detail, now, order.operator_id
    )


def _moved(attempt: Attempt, starts_at: int) -> Changes:
    """Move start and closing of entry together: what somebody was granted beyond the closing they keep."""
    by = starts_at - attempt.starts_at
    changes: Changes = {"starts_at": starts_at, "entry_until": attempt.entry_until + by}
    if attempt.admission is not None:
        until = attempt.admission.start_until + by
        changes["admission"] = msgspec.structs.replace(attempt.admission, start_until=until)
    return changes
