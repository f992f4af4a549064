"""Admission without the face check: what a waiver opens, what it excuses, and what it does not."""

from typing import Any

import msgspec
import pytest

from chalicelib.attempts import check_in, commands, sitting, waiving, watch
from chalicelib.attempts.commands import SeenFlag
from chalicelib.attempts.model import Attempt, Chances, CheckIn, Status, Waiver
from chalicelib.identity.model import Reference
from chalicelib.kernel.commands import Command
from chalicelib.kernel.outcomes import applied, changed_fields
from chalicelib.proctoring.model import IntegrityRule, IntegrityState, Verdict
from tests.unit.attempts import (
    ALL_STEPS,
    CLOSES,
    HOUR,
    MINUTE,
    T0,
    admitted,
    attempt,
    checked_in,
    refusal,
    reserved,
    started,
)
from tests.unit.commands import asked

PHOTO = Reference("sha", b"vector", "dlib", "model")
NOW = T0 - 10 * MINUTE


def waiver(at: int = NOW, case_id: str = "tk-1", **more: Any) -> Waiver:
    return Waiver(case_id, "ops", "已核对", at, **more)


def waived(before: Attempt, *given: Waiver) -> Attempt:
    for one in given or (waiver(),):
        before = applied(before, waiving.waive(before, one))
    return before


def test_the_check_in_goes_on_without_the_face_check() -> None:
    now = waived(checked_in(chances=Chances(10, 10)))
    assert now.next_step(NOW) == "admission"
    inside = applied(now, check_in.admit(now, "request-1", NOW))
    assert inside.admission is not None
    assert (inside.page, inside.admission.verification_id) == (1, "tk-1")
    running = applied(inside, sitting.start(inside, 1, T0))
    assert running.deadline == T0 + HOUR


def test_notice_camera_and_network_stay_each_time() -> None:
    now = waived(attempt())
    for step in ("notice", "camera", "network"):
        assert now.check_in_step == step
        with refusal("wrong_step"):
            check_in.admit(now, "request-1", NOW)
        now = applied(
            now, check_in.take_step(now, ALL_STEPS[("notice", "camera", "network").index(step)])
        )
    inside = applied(now, check_in.admit(now, "request-1", NOW))
    assert inside.check_in_step == "notice"


def test_it_holds_for_coming_back_to_a_running_exam_too() -> None:
    running = started(chances_after_start=Chances(10, 10))
    now = waived(msgspec.structs.replace(running, check_in=CheckIn(number=9, steps=ALL_STEPS)))
    assert applied(now, check_in.admit(now, "request-9", T0 + MINUTE)).page == 2


def test_no_chance_is_spent_where_none_is_needed() -> None:
    with refusal("wrong_step") as caught:
        check_in.reserve_verification(waived(checked_in()), "vf", NOW)
    assert caught.value.details == {"next_step": "admission"}


def test_a_check_that_still_runs_keeps_nobody_outside() -> None:
    now = waived(reserved(NOW - 1))
    assert now.next_step(NOW) == "admission"
    assert changed_fields(check_in.admit(now, "request-1", NOW))["page"] == 1


@pytest.mark.parametrize(("later_ms", "in_time"), [(-1, True), (0, True), (1, False)])
def test_a_granted_entry_ends_at_its_millisecond(later_ms: int, in_time: bool) -> None:
    until = CLOSES + 20 * MINUTE
    outside = waived(checked_in(), waiver(CLOSES + 1, enter_until=until))
    inside = waived(admitted(), waiver(CLOSES + 1, enter_until=until))
    if in_time:
        assert outside.next_step(until + later_ms) == "admission"
        assert check_in.admit(outside, "request-1", until + later_ms)
        assert sitting.start(inside, 1, until + later_ms)
    else:
        assert outside.next_step(until + later_ms) == "entry_closed"
        with refusal("entry_closed"):
            check_in.admit(outside, "request-1", until + later_ms)
        with refusal("entry_closed"):
            sitting.start(inside, 1, until + later_ms)


def test_entry_never_closes_earlier() -> None:
    now = waived(admitted(), waiver(enter_until=CLOSES - 1))
    assert now.entry_until == CLOSES
    assert now.admission is not None
    assert now.admission.start_until == CLOSES


def test_mismatches_never_invalidate_nor_flag() -> None:
    now = waived(asked(started(snapshot_seed="secret")))
    now = applied(now, watch.record(now, dict.fromkeys(range(9), Verdict.MISMATCH)))
    assert now.integrity.state is IntegrityState.CLEAR
    assert len(now.verdicts) == 9  # recorded all the same


def test_a_flag_for_another_person_ends_with_the_waiver() -> None:
    before = asked(started(snapshot_seed="secret"))
    before = applied(before, watch.record(before, dict.fromkeys(range(6), Verdict.MISMATCH)))
    assert before.integrity.rule is IntegrityRule.MISMATCH
    assert waived(before).integrity.state is IntegrityState.CLEAR


def test_a_flag_that_was_confirmed_ends_with_it_too() -> None:
    before = asked(started(snapshot_seed="secret"))
    before = applied(before, watch.record(before, dict.fromkeys(range(6), Verdict.MISMATCH)))
    order = Command("command-1", "ops", "非本人", before.version)
    before = applied(
        before, commands.confirm_flag(before, order, SeenFlag(IntegrityRule.MISMATCH), True, NOW)
    )
    assert before.integrity.state is IntegrityState.INVALIDATED
    assert waived(before).integrity.state is IntegrityState.CLEAR


@pytest.mark.parametrize(
    ("verdict", "rule"),
    [(Verdict.SEVERAL, IntegrityRule.SEVERAL), (Verdict.MISSING, IntegrityRule.MISSING)],
)
def test_everything_else_counts_as_ever(verdict: Verdict, rule: IntegrityRule) -> None:
    now = waived(asked(started(snapshot_seed="secret")))
    now = applied(now, watch.record(now, dict.fromkeys(range(3), verdict)))
    assert now.integrity.rule is rule


def test_it_is_written_once_and_never_replaced_by_an_older_one() -> None:
    first, second = waiver(), waiver(NOW + 1, "tk-2", reference=PHOTO)
    now = waived(checked_in(), first)
    assert waiving.waive(now, first) == ()
    now = waived(now, second)
    assert waiving.waive(now, first) == ()
    assert now.reference == PHOTO


def test_a_closed_round_never_changes_by_a_waiver() -> None:
    assert waiving.waive(attempt(status=Status.SUBMITTED), waiver()) == ()
