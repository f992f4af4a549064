"""The minute closes what is overdue: each attempt alone, whatever is wrong with another, or with S3."""

import threading
from typing import Any

import boto3
import pytest

from chalicelib.attempts import events, ordering, store
from chalicelib.cases import notices
from chalicelib.cases import service as cases
from chalicelib.exams import lists
from chalicelib.exams import service as exams
from chalicelib.identity import census
from chalicelib.results import service as certificates
from chalicelib.shared.time_slices import TimeSlice
from tests.api import minute
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import failing, rows
from tests.integration.candidates import MINUTE, Candidate, stored

OVER = T0 + 62 * MINUTE


def put(item: dict[str, Any]) -> None:
    boto3.client("dynamodb").put_item(TableName=ENVIRONMENT["ATTEMPTS_TABLE"], Item=item)


def copy(person: Candidate, attempt_id: str, **fields: Any) -> None:
    """Another attempt just like this one."""
    put({**stored(person), "attempt_id": {"S": attempt_id}, **fields})


def status(attempt_id: str) -> str:
    attempt = store.load_attempt(attempt_id)
    assert attempt is not None
    return attempt.status.value


def sweep_rows() -> dict[str, Any]:
    found = rows("ATTEMPTS_TABLE")
    return {key.removeprefix("#sweep/"): row for key, row in found.items() if "#sweep" in key}


POISON = {"policy": {"S": "not a policy"}}


def test_a_poisoned_attempt_is_remembered_apart_and_the_cursor_moves_on(
    writing: Candidate, clock: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = stored(writing)
    copy(writing, "at_poison", **POISON)
    clock.now = OVER
    minute()
    assert sweep_rows()["CURSOR"]["minute"] == OVER // MINUTE
    assert sweep_rows()["UNCLOSED#at_poison"]["tried_at"] == OVER
    assert '"AttemptsNotClosed": 1, "attempts": ["at_poison"]' in capsys.readouterr().out
    # Ten hours later, far more than one run catches up, another attempt is overdue: it is closed at once.
    clock.now = OVER + 600 * MINUTE
    for _ in range(3):
        minute()
    bucket = {"S": store_bucket(clock.now + MINUTE)}
    put({**whole, "attempt_id": {"S": "at_later"}, "due_bucket": bucket})
    clock.advance(minutes=2)
    minute()
    assert status("at_later") == "submitted"
    # Repaired, the first is closed with the next run, and forgotten.
    put({**whole, "attempt_id": {"S": "at_poison"}})
    clock.advance(minutes=1)
    minute()
    assert status("at_poison") == "submitted"
    assert [key for key in sweep_rows() if key.startswith("UNCLOSED")] == []


def store_bucket(moment: int) -> str:
    from chalicelib.attempts import shards

    return shards.due_buckets(moment // MINUTE + 1, shards.LEAST_SHARDS)[-1]


@pytest.mark.parametrize("at_once", [1, 2])
def test_a_run_out_of_time_stops_and_the_next_goes_on_where_it_stopped(
    writing: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(events, "AT_ONCE", at_once)
    others = [f"at_{number}" for number in range(5)]
    for attempt_id in others:
        copy(writing, attempt_id)
    mine = stored(writing)["attempt_id"]["S"]
    clock.now = OVER

    def slow() -> int:  # each look at the clock takes 7 s
        clock.advance(s=7)
        return clock.now

    def run() -> int:
        return events.close_overdue_attempts(
            now=slow, time_slice=TimeSlice(slow, clock.now + 35_000)
        )

    assert 0 < run() < 6
    closed = [a for a in (*others, mine) if status(a) == "submitted"]
    assert 0 < len(closed) < 6
    while len(closed) < 6:
        before = len(closed)
        run()
        closed = [a for a in (*others, mine) if status(a) == "submitted"]
        assert len(closed) > before


@pytest.mark.parametrize(
    ("due", "groups"),
    [(0, []), (1, [1]), (2, [2]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])],
)
def test_a_few_are_closed_side_by_side_and_no_more(
    writing: Candidate,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
    due: int,
    groups: list[int],
) -> None:
    """Each waits until all of its group have begun: one after the other, they would wait for ever."""
    minute_of_all = OVER // MINUTE
    ids = [f"at_{number}" for number in range(due)]
    buckets = {f"{minute_of_all}#0": ids}
    monkeypatch.setattr(events, "AT_ONCE", 3)
    monkeypatch.setattr(events.index_store, "list_due", lambda name: buckets.get(name, []))
    whole, last = {n: threading.Barrier(n) for n in (1, 2, 3)}, due // 3 * 3
    closed: list[str] = []

    def close(attempt_id: str, now: int) -> bool:
        size = 3 if int(attempt_id[3:]) < last else due - last
        whole[size].wait(timeout=20)
        closed.append(attempt_id)
        return attempt_id != "at_2"  # one that cannot be closed stops nobody

    monkeypatch.setattr(events, "_closed", close)
    clock.now = OVER
    assert events.close_overdue_attempts(now=lambda: OVER) == due
    first_tries = closed[: len(ids)]
    sizes = [len(first_tries[n : n + 3]) for n in range(0, due, 3)]
    assert (sorted(first_tries), sizes) == (ids, groups)
    unclosed = [key for key in sweep_rows() if key.startswith("UNCLOSED")]
    assert unclosed == ["UNCLOSED#at_2"] * (due > 2)


def test_many_poisoned_attempts_never_keep_a_good_one_open(
    writing: Candidate, clock: StandingClock
) -> None:
    for number in range(30):
        copy(writing, f"at_{number:03}", **POISON)
    clock.now = OVER

    def slow() -> int:
        clock.advance(s=5)
        return clock.now

    for _ in range(30):
        events.close_overdue_attempts(now=slow, time_slice=TimeSlice(slow, clock.now + 35_000))
        if stored(writing)["status"] == {"S": "submitted"}:
            break
    assert stored(writing)["status"] == {"S": "submitted"}


def test_one_part_of_the_minute_that_fails_does_not_keep_the_others_waiting(
    writing: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: Any) -> int:
        raise ValueError

    monkeypatch.setattr(exams, "open_waiting_rooms", broken)
    clock.now = OVER
    told = minute()
    assert (told["waiting_rooms_opened"], told["overdue"], told["preflights"]) == (None, 1, 3)
    assert stored(writing)["status"] == {"S": "submitted"}


PARTS = {
    "waiting_rooms_opened": (exams, "open_waiting_rooms"),
    "preflights": (exams, "run_preflights"),
    "orders_followed": (ordering, "follow_orders"),
    "exams_ended": (lists, "move_ended"),
    "decisions_finished": (cases, "finish_decisions"),
    "outcomes_followed": (certificates, "follow_marked"),
    "documents_ordered": (certificates, "order_documents_again"),
    "notices_sent": (notices, "send_waiting"),
    "pages_counted": (census, "count_faces"),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_the_minute_without_an_end_does_not_keep_the_others_waiting(
    writing: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def endless(**arguments: Any) -> int:
        time_slice = next(value for value in arguments.values() if isinstance(value, TimeSlice))
        steps = 0
        while not time_slice.is_over():
            clock.advance(s=1)
            steps += 1
        return steps

    monkeypatch.setattr(*PARTS[part], endless)
    clock.now = OVER
    told = minute()
    assert (told["overdue"], told[part]) == (1, 42)
    assert stored(writing)["status"] == {"S": "submitted"}
    assert set(told) == {*PARTS, "overdue"}
    assert clock.now - OVER < 55_000


def test_every_part_of_the_minute_keeps_to_its_time_slice(
    writing: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time slice that is over before it begins: no work is begun, and none is lost."""
    over = TimeSlice(lambda: clock.now, until=0)
    clock.now = OVER
    assert exams.open_waiting_rooms(now=clock.now, time_slice=over) == 0
    assert events.close_overdue_attempts(now=lambda: clock.now, time_slice=over) == 0
    assert exams.run_preflights(now=clock.now, time_slice=over) == 0
    assert over.cut
    assert minute()["overdue"] == 1
    assert stored(writing)["status"] == {"S": "submitted"}


def test_the_minute_goes_on_without_s3_and_settles_the_snapshots_later(
    writing: Candidate, clock: StandingClock
) -> None:
    clock.now = T0 + 20 * MINUTE
    writing.post("heartbeat", {})
    clock.now = OVER
    with failing("s3"):
        minute()
        assert stored(writing)["status"] == {"S": "submitted"}
        clock.advance(minutes=7)
        minute()
    assert "due_bucket" in stored(writing)
    clock.advance(minutes=60)  # its minute is long past the cursor
    minute()
    minute()
    assert "due_bucket" not in stored(writing)


# --- the exam goes on without S3 ------------------------------------------------------------------------


def test_the_exam_goes_on_while_s3_is_down(writing: Candidate, clock: StandingClock) -> None:
    writing.get("paper")  # read once and kept
    clock.now = T0 + 20 * MINUTE
    assert writing.post("heartbeat", {}).json["snapshots"]
    clock.advance(minutes=6)  # three frames were never delivered: somebody has to look for them
    with failing("s3"):
        assert writing.save(1, 1, {"1": "A"}).status == 200
        assert writing.post("heartbeat", {}).status == 200
        assert stored(writing)["verdicts"]["M"] == {}
        assert writing.post("submission", {}).json["receipt"] == {"1": "A"}
    clock.advance(minutes=6)
    writing.get("result")
    assert {v["S"] for v in stored(writing)["verdicts"]["M"].values()} == {"missing"}


def test_a_check_whose_picture_cannot_be_looked_for_is_settled_later(
    candidate: Candidate, clock: StandingClock
) -> None:
    candidate.open()
    candidate.steps()
    reserved = candidate.reserve()
    clock.advance(s=60)
    with failing("s3"):
        assert candidate.verdict(reserved)["state"] == "pending"
    assert candidate.verdict(reserved)["reason"] == "not_uploaded"
