"""Counters under threads, in moto with its lock. tests/emulator/test_exam_over_http.py counts the same over HTTP."""

from typing import Any

from chalicelib.attempts import service as attempts
from chalicelib.attempts.absences import ReportedAbsence
from chalicelib.attempts.model import AbsenceKind, Cause, Status
from tests.faults import at_once
from tests.proof import invariants
from tests.proof.copies import in_a_copy
from tests.proof.scenarios import ann, checked_in, writing
from tests.proof.world import World

MANY = 20


def test_twenty_at_once_never_get_more_than_ten_chances(living: World) -> None:
    def reserve(request_id: str) -> Any:
        reserved = attempts.reserve_verification(
            attempt_id=ann(living).attempt_id,
            account_id=ann(living).account_id,
            request_id=request_id,
            now=living.clock.now,
        )
        return reserved.check.id, reserved.upload

    def day() -> None:
        checked_in(living)
        for number in range(10):
            calls = [lambda n=n, k=number: reserve(f"reserve-{k:02}-{n:02}") for n in range(MANY)]
            outcomes = at_once(calls)
            [(_check, ticket)] = [won for won in outcomes if not isinstance(won, str)]
            refused = {code for code in outcomes if isinstance(code, str)}
            assert refused <= {"verification_pending", "busy"}
            living.post(ann(living), {"fields": ticket.fields, **expiry(ticket)}, "frame_b.jpg")
            living.deliver_all()
            assert living.attempt(ann(living)).chances.used == number + 1
            living.clock.advance(s=30)
        calls = [lambda n=n: reserve(f"reserve-no-{n:02}") for n in range(MANY)]
        assert set(at_once(calls)) == {"chances_used_up"}
        assert living.attempt(ann(living)).chances.used == 10
        assert invariants.violations(living) == []

    in_a_copy(day)


def expiry(ticket: Any) -> dict[str, Any]:
    return {"expires_at": ticket.expires_at, "max_bytes": ticket.max_bytes}


def test_twenty_who_report_one_absence_count_one_switch_and_the_third_submits_once(
    living: World,
) -> None:
    def report(seq: int) -> Any:
        attempt = attempts.report_absences(
            attempt_id=ann(living).attempt_id,
            account_id=ann(living).account_id,
            page=1,
            reports=(ReportedAbsence(seq, AbsenceKind.HIDDEN, 5000),),
            batch=None,
            now=living.clock.now,
        )
        return len(attempt.switches)

    def day() -> None:
        writing(living)
        for seq in (1, 2, 3):
            living.clock.advance(s=20)
            outcomes = at_once([lambda seq=seq: report(seq)] * MANY)
            assert set(outcomes) <= {seq, "busy"}
            assert seq in outcomes
            assert len(living.attempt(ann(living)).switches) == seq
        attempt = living.attempt(ann(living))
        assert (attempt.status, attempt.cause) == (Status.SUBMITTED, Cause.SWITCHES)
        closings = [c for c in living.history if c.new and c.new.cause and not c.old.cause]  # type: ignore[union-attr]
        assert len(closings) == 1
        living.deliver_all()

    in_a_copy(day)
