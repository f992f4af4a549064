"""What a refusal tells besides its code: the page and the operator go on by these details."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from chalicelib.attempts import check_in, commands, sitting
from chalicelib.attempts.model import Chances, Verification
from chalicelib.attempts.sitting import Batch
from chalicelib.cases import model as cases
from chalicelib.exams import orders
from chalicelib.exams.model import ExamOrder, OrderKind
from chalicelib.kernel.commands import Command
from chalicelib.kernel.outcomes import changed_fields
from tests.unit.attempts import (
    ALL_STEPS,
    CLOSES,
    HOUR,
    T0,
    admitted,
    attempt,
    checked_in,
    refusal,
    started,
)
from tests.unit.exams import exam

ORDER = Command("command-1", "ops", "网络故障", version_seen=1)
A = Batch(1, 1, {"1": "A"})
LATE = T0 + HOUR + 2001
MANY = tuple(ExamOrder(f"order-{n}", OrderKind.COMPENSATE, "o", "r", T0, T0) for n in range(20))
THREE = tuple(cases.RegisterEntry(f"tk-{n}", T0) for n in range(3))


def full() -> Any:
    register = cases.CaseRegister("ac_1", 1, THREE)
    found = dict.fromkeys(register.open_ids)
    return cases.enter(register, "tk-9", found, T0 + 1)


@pytest.mark.parametrize(
    ("call", "code", "details"),
    [
        (
            lambda: sitting.why_not_saved(admitted(), 1, A, T0),
            "exam_not_started",
            {"starts_at": T0},
        ),
        (
            lambda: sitting.why_not_saved(started(), 1, A, LATE),
            "time_is_up",
            {"deadline": T0 + HOUR},
        ),
        (
            lambda: sitting.why_not_saved(started(), 1, Batch(1, 1, {"9": "A"}), T0),
            "answer_invalid",
            {"question": "9"},
        ),
        (
            lambda: sitting.why_not_saved(started(), 1, Batch(3, 3, {"1": "A"}), T0),
            "answers_missing",
            {"acked_seq": 0},
        ),
        (
            lambda: sitting.submit(admitted(), 1, None, T0),
            "exam_not_started",
            {"starts_at": T0},
        ),
        (
            lambda: sitting.start(admitted(), 1, T0 - 1),
            "exam_not_started",
            {"starts_at": T0},
        ),
        (
            lambda: sitting.start(admitted(), 1, CLOSES + 1),
            "entry_closed",
            {"closed_at": CLOSES},
        ),
        (
            lambda: sitting.start(admitted(), 2, T0),
            "superseded",
            {"next_step": "notice"},
        ),
        (
            lambda: commands.grant_chances(attempt(), ORDER, 91, T0),
            "too_many_chances",
            {"most": 100},
        ),
        (
            lambda: orders.give(
                exam(orders=MANY), msgspec.structs.replace(MANY[0], command_id="x"), 1, T0
            ),
            "too_many_orders",
            {"most": 20},
        ),
        (
            lambda: orders.give(
                exam(), ExamOrder("x", OrderKind.RESCHEDULE, "o", "r", T0, T0, starts_at=T0), 1, T0
            ),
            "starts_in_the_past",
            {"starts_at": T0},
        ),
        (full, "too_many_tickets", {"most": 3}),
        (
            lambda: check_in.reserve_verification(attempt(), "vf", T0),
            "wrong_step",
            {"next_step": "notice"},
        ),
        (
            lambda: check_in.reserve_verification(checked_in(chances=Chances(10, 10)), "vf", T0),
            "chances_used_up",
            {"chances": 10, "next_step": "ticket"},
        ),
        (
            lambda: check_in.reserve_verification(
                checked_in(pending=Verification("vf_1", 1, False, T0, T0 + 1)), "vf_2", T0
            ),
            "verification_pending",
            {"verification_id": "vf_1"},
        ),
    ],
)
def test_a_refusal_tells_what_is_needed_to_go_on(
    call: Callable[[], Any], code: str, details: dict[str, Any]
) -> None:
    with refusal(code) as caught:
        call()
    assert caught.value.details == details


def test_each_notice_after_the_first_begins_another_check_in() -> None:
    first = changed_fields(check_in.begin(attempt(), "request-1"))["check_in"]
    assert first.number == 1
    on_the_way = attempt(check_in=msgspec.structs.replace(first, steps=ALL_STEPS))
    assert changed_fields(check_in.begin(on_the_way, "request-2"))["check_in"].number == 2
