"""Orders for a whole exam: who follows, who cannot, and that a crash half-way gives nobody time twice."""

from typing import Any

import boto3
import pytest

from chalicelib.attempts import index_store, ordering, store
from chalicelib.attempts.following import OrdersFollowed
from chalicelib.exams import service as exams
from chalicelib.kernel.outcomes import includes
from chalicelib.shared.time_slices import TimeSlice
from tests.api import minute, publish
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import everything_stored, rows
from tests.integration.candidates import EXAM, MINUTE, Candidate, stored
from tests.integration.orders import another, attempt_id
from tests.operators import give

CONSOLE = "chalicelib.handlers.console"
HOUR = 60 * MINUTE


def order(function: str, **more: Any) -> Any:
    event = {
        "exam_id": EXAM,
        "command_id": f"{function}-0001",
        "operator": "ops@example",
        "reason": "平台故障",
        "version_seen": exams.get_exam(EXAM).version,
    }
    return give(f"{CONSOLE}.{function}", {**event, **more})


def test_more_time_reaches_who_writes_who_waits_and_who_comes_later(
    writing: Candidate, clock: StandingClock
) -> None:
    waiting, later = another(writing, 1), another(writing, 2)
    waiting.open()
    answer = order("compensate_exam", extra_min=15)
    assert answer == {
        "ok": True,
        "errors": [],
        "exam_id": EXAM,
        "version": 2,
        "starts_at": T0,
        "compensated_min": 15,
        "followed": 2,
        "closed_before": 0,
        "already_closed": [],
        "already_started": [],
        "failed": [],
    }
    assert writing.post("heartbeat", {}).json["deadline"] == T0 + 75 * MINUTE
    assert waiting.get().json["allowed_ms"] == 75 * MINUTE
    assert later.open().json["allowed_ms"] == 75 * MINUTE
    before = everything_stored()
    again = order("compensate_exam", extra_min=15)
    assert again["followed"] == 3
    assert everything_stored() == before


def test_the_identity_stays_frozen_as_long_as_the_attempt_may_run(writing: Candidate) -> None:
    order("compensate_exam", extra_min=60)
    account = writing.api.get("/me").json["account_id"]
    locks = rows("ACCOUNTS_TABLE")[f"account#{account}"]["locks"]
    exam = exams.get_exam(EXAM)
    late_frames_ms = exam.policy.deadline_grace_ms + exam.policy.settling_ms
    assert locks == {attempt_id(writing): exam.ends_at + late_frames_ms}


def test_an_order_that_died_half_way_is_completed_by_the_same_command(
    writing: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [another(writing, number) for number in (1, 2)]
    for person in others:
        person.open()
    apply, done = store.write_outcomes, []

    def dies_at_the_second(attempt: Any, outcomes: Any) -> Any:
        if includes(outcomes, OrdersFollowed) and done:
            raise OSError("the function died")
        done.append(attempt.attempt_id)
        return apply(attempt, outcomes)

    with monkeypatch.context() as patch:
        patch.setattr(store, "write_outcomes", dies_at_the_second)
        assert len(order("compensate_exam", extra_min=15)["failed"]) == 2
    again = order("compensate_exam", extra_min=15)
    assert (again["failed"], again["followed"]) == ([], 3)
    assert writing.get().json["deadline"] == T0 + 75 * MINUTE
    assert [person.get().json["allowed_ms"] for person in others] == [75 * MINUTE] * 2


def test_the_schedule_completes_what_nobody_repeats_and_then_rests(
    writing: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ordering, "follow_all", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            order("compensate_exam", extra_min=15)
    clock.advance(ms=59_999)
    assert minute()["orders_followed"] == 0
    assert writing.get().json["deadline"] == T0 + 60 * MINUTE
    clock.advance(ms=1)
    assert minute()["orders_followed"] == 1
    assert writing.get().json["deadline"] == T0 + 75 * MINUTE
    assert exams.get_exam(EXAM).orders[0].followed_at == clock.now
    assert minute()["orders_followed"] == 0


def test_an_order_that_takes_longer_than_a_turn_is_followed_over_several_minutes(
    writing: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is noted as seen through when everybody follows, and not before."""
    others = [another(writing, number) for number in range(1, 4)]
    for person in others:
        person.open()
    with monkeypatch.context() as patch:
        patch.setattr(ordering, "follow_all", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            order("compensate_exam", extra_min=15)
    clock.advance(minutes=1)
    follow = ordering._followed

    def slowly(*arguments: Any) -> Any:
        clock.advance(s=1)
        return follow(*arguments)

    monkeypatch.setattr(ordering, "_followed", slowly)

    def a_turn(ms: int) -> int:
        return ordering.follow_orders(
            now=clock.now, time_slice=TimeSlice(lambda: clock.now, clock.now + ms)
        )

    def following() -> int:
        return sum(len(row.orders) for row in index_store.list_of_exam(EXAM))

    told = [(a_turn(1_001), following()) for _ in range(2)]
    assert told == [(0, 2), (1, 4)]
    assert exams.get_exam(EXAM).orders[0].followed_at == clock.now - 2_000


def test_who_was_closed_after_the_decision_is_named_and_who_submitted_is_counted(
    writing: Candidate, clock: StandingClock
) -> None:
    done = another(writing, 1)
    clock.now = T0 - MINUTE
    done.open()
    done.come_in()
    clock.now = T0
    done.post("start")
    done.post("submission", {})
    clock.now = T0 + 62 * MINUTE
    minute()
    before = stored(writing)
    answer = order("compensate_exam", extra_min=15, decided_at=T0 + 60 * MINUTE)
    assert (answer["already_closed"], answer["closed_before"]) == ([attempt_id(writing)], 1)
    assert stored(writing) == before
    later = order("compensate_exam", extra_min=5, command_id="more-0002")
    assert (later["already_closed"], later["closed_before"]) == ([], 2)


def test_a_rescheduled_exam_takes_those_who_wait_along(
    inside: Candidate, clock: StandingClock
) -> None:
    minute()
    assert exams.get_exam(EXAM).preflight_opening is not None
    clock.now = T0  # the bell rings, and nobody has started yet
    answer = order("reschedule_exam", starts_at=T0 + 2 * HOUR)
    assert (answer["ok"], answer["followed"], answer["starts_at"]) == (True, 1, T0 + 2 * HOUR)
    exam = exams.get_exam(EXAM)
    assert (exam.preflight_opening, exam.waiting_opened_at) == (None, None)
    assert inside.post("heartbeat", {}).json["starts_at"] == T0 + 2 * HOUR
    assert inside.post("start").code == "exam_not_started"
    assert inside.api.get(f"/exams/{EXAM}").json["exam"]["phase"] == "upcoming"
    clock.now = T0 + 2 * HOUR - 45 * MINUTE
    assert minute()["waiting_rooms_opened"] == 1
    clock.now = T0 + 2 * HOUR
    assert inside.post("start").json["deadline"] == T0 + 3 * HOUR
    before = everything_stored()
    assert order("reschedule_exam", starts_at=T0 + 2 * HOUR)["ok"]
    assert everything_stored() == before
    assert publish("agency-practitioners", T0 + 2 * HOUR)[
        "ok"
    ]  # the same pack, at its present start


def test_an_exam_that_somebody_has_started_is_not_moved(
    writing: Candidate, clock: StandingClock
) -> None:
    before = everything_stored()
    answer = order("reschedule_exam", starts_at=T0 + HOUR)
    assert (answer["ok"], answer["errors"][0]["code"]) == (False, "exam_started")
    writing.post("submission", {})
    assert order("reschedule_exam", starts_at=T0 + HOUR)["errors"][0]["code"] == "exam_started"
    assert everything_stored()["EXAMS_TABLE"] == before["EXAMS_TABLE"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"starts_at": "2027"},
        {"starts_at": 1_800_000_000},
        {"starts_at": T0, "extra_min": 1},
        {"starts_at": T0, "reason": ""},
        {"starts_at": T0, "attempt_id": "at_1"},
    ],
)
def test_a_wrong_event_is_refused_and_changes_nothing(
    candidate: Candidate, wrong: dict[str, Any]
) -> None:
    before = everything_stored()
    answer = order("reschedule_exam", **wrong)
    assert (answer["ok"], answer["errors"][0]["code"]) == (False, "invalid_request")
    assert everything_stored() == before


def test_an_exam_that_does_not_exist_is_not_found(candidate: Candidate) -> None:
    for function, what in (("compensate_exam", "extra_min"), ("reschedule_exam", "starts_at")):
        answer = order(function, exam_id="nothing", **{what: 15 if what == "extra_min" else T0})
        assert answer["errors"][0]["code"] == "not_found"


def test_a_start_in_the_past_and_an_older_version_are_refused(candidate: Candidate) -> None:
    now = candidate.api.clock.now
    assert order("reschedule_exam", starts_at=now)["errors"][0]["code"] == "starts_in_the_past"
    stale = order("compensate_exam", extra_min=1, version_seen=7)
    assert stale["errors"][0] == {
        "code": "exam_changed",
        "message": "考试信息已有变化（现为版本 1），请刷新后再操作",
        "details": {"version": 1},
    }


def test_the_index_by_exam_holds_attempts_alone_and_no_answers(writing: Candidate) -> None:
    writing.save(1, 1, {"1": "A"})
    found = boto3.client("dynamodb").scan(
        TableName=ENVIRONMENT["ATTEMPTS_TABLE"], IndexName="by_exam"
    )
    keys = {
        "attempt_id",
        "sk",
        "exam_shard",
    }  # orders, integrity and announced only if they say anything
    assert [set(item) for item in found["Items"]] == [keys | {"started_at"}]
