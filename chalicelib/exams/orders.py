"""Rules of the orders that operators give for a whole exam. Pure.

An order changes the exam by one write. Afterwards each attempt applies it by a write of its own.
"""

import msgspec

from chalicelib.exams.model import (
    Exam,
    ExamOrder,
    ListedExam,
    OrderGiven,
    OrdersSettled,
    Rescheduled,
)
from chalicelib.exams.questions import Bank, is_possible_key, normal_key
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared.errors import Conflict, Invalid

MOST_ORDERS = 20
SETTLES_MS = 60_000  # after this time an attempt that was opened in the same moment is in the index

Key = dict[str, str]  # id of a question → its key (`questions`)


def give(exam: Exam, order: ExamOrder, version_seen: int, now: int) -> Outcomes:
    """Store an order on the exam, and move its start if the order says so. The same command again changes nothing.

    Raises `Conflict` (`practice_takes_no_orders`, `exam_changed`, `too_many_orders`, `starts_in_the_past`).
    """
    if exam.is_practice:
        raise Conflict("practice_takes_no_orders")
    if exam.find_order(order.command_id) is not None:
        return ()
    if version_seen != exam.version:
        raise Conflict("exam_changed", version=exam.version)
    if len(exam.orders) >= MOST_ORDERS:
        raise Conflict("too_many_orders", most=MOST_ORDERS)
    given = OrderGiven(orders=(*exam.orders, order))
    if order.starts_at is None:
        return (given,)
    if order.starts_at <= now:
        raise Conflict("starts_in_the_past", starts_at=order.starts_at)
    moved = msgspec.structs.replace(exam, starts_at=order.starts_at)
    opened_at = exam.waiting_opened_at if moved.waiting_opens_at <= now else None
    return (given, Rescheduled(starts_at=order.starts_at, waiting_opened_at=opened_at))


def corrected_key(bank: Bank, present: Key, corrected: Key) -> Key:
    """Return all right answers that differ from those of the bank, including these corrections.

    Raises `Invalid` (`key_invalid`: no such question, or a key that it cannot have), `Conflict`
    (`key_unchanged`).
    """
    questions = {question.id: question for question in bank.questions}
    for question_id, key in corrected.items():
        if question_id not in questions or not is_possible_key(questions[question_id], key):
            raise Invalid("key_invalid", question=question_id[:40])
    normal = {name: normal_key(questions[name], key) for name, key in corrected.items()}
    after = {**present, **normal}
    before = {name: present.get(name, questions[name].key) for name in after}
    if after == before:
        raise Conflict("key_unchanged")
    return after


def unsettled(exam: Exam | ListedExam, now: int) -> bool:
    """Whether the schedule still has to check that all attempts applied an order."""
    return any(o.followed_at is None and now >= o.given_at + SETTLES_MS for o in exam.orders)


def settle(exam: Exam, now: int) -> Outcomes:
    """Note on the orders that are old enough that every attempt has applied them."""
    orders = tuple(
        msgspec.structs.replace(order, followed_at=now)
        if order.followed_at is None and now >= order.given_at + SETTLES_MS
        else order
        for order in exam.orders
    )
    return (OrdersSettled(orders=orders),) if orders != exam.orders else ()
