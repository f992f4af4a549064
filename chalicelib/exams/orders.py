"""Rules of what operators may order for a whole exam: each order once, on what they saw. Pure.

An order changes the exam alone, in one write; the attempts follow it afterwards, each in a write of its own.
"""

import msgspec

from chalicelib.exams.model import (
    Exam,
    ExamOrder,
    ListedExam,
    OrderGiven,
    OrdersSettled,
    QuestionType,
    Rescheduled,
)
from chalicelib.exams.paper import LETTERS, Bank, Question
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared.errors import Conflict, Invalid

MOST_ORDERS = 20
SETTLES_MS = 60_000  # an attempt that was opened in the same moment is in the index by then

Key = dict[str, str]  # id of a question → its right letters in the bank's order of options


def give(exam: Exam, order: ExamOrder, version_seen: int, now: int) -> Outcomes:
    """Keep an order on the exam, and move its start if the order says so. The same command again changes nothing.

    Raises `Conflict` (`exam_changed`, `too_many_orders`, `starts_in_the_past`).
    """
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
    """All right answers that differ from the bank's own, these corrections included.

    Raises `Invalid` (`key_invalid`: no such question, or letters that it cannot have), `Conflict`
    (`key_unchanged`).
    """
    questions = {question.id: question for question in bank.questions}
    for question_id, letters in corrected.items():
        if question_id not in questions or not _possible(questions[question_id], letters):
            raise Invalid("key_invalid", question=question_id[:40])
    sorted_key = {name: "".join(sorted(letters)) for name, letters in corrected.items()}
    after = {**present, **sorted_key}
    before = {name: present.get(name, questions[name].key) for name in after}
    if after == before:
        raise Conflict("key_unchanged")
    return after


def _possible(question: Question, letters: str) -> bool:
    known = set(LETTERS[: len(question.options)])
    several = question.type is QuestionType.MULTIPLE
    distinct = len(set(letters)) == len(letters)
    return bool(letters) and distinct and set(letters) <= known and (several or len(letters) == 1)


def unsettled(exam: Exam | ListedExam, now: int) -> bool:
    """Whether the schedule has to see that all attempts followed: some may have been opened meanwhile."""
    return any(o.followed_at is None and now >= o.given_at + SETTLES_MS for o in exam.orders)


def settle(exam: Exam, now: int) -> Outcomes:
    """Note on the orders that are old enough that everybody followed."""
    orders = tuple(
        msgspec.structs.replace(order, followed_at=now)
        if order.followed_at is None and now >= order.given_at + SETTLES_MS
        else order
        for order in exam.orders
    )
    return (OrdersSettled(orders=orders),) if orders != exam.orders else ()
