"""The JSON of events, and the clock that paces them. No emulator."""

import json
import time
import uuid
from pathlib import Path

import pytest

from infra.local import events
from infra.local.timekeeper import MINUTE_MS, MOST_MINUTES, Timekeeper


def test_a_stream_record_gets_the_name_of_its_stream() -> None:
    record = {"eventID": "1", "dynamodb": {"NewImage": {"photo": {"B": "AP8="}}}}
    made = events.stream_record(record, "arn:stream")
    assert made == {**record, "eventSourceARN": "arn:stream"}


def test_ids_are_random_uuids() -> None:
    made = {events.new_id() for _ in range(100)}
    assert len(made) == 100
    assert {uuid.UUID(one).version for one in made} == {4}


def test_a_schedule_event_names_its_minute() -> None:
    event = events.schedule_event("run_minute", 1_800_000_000_000)
    assert event["time"] == "2027-01-15T08:00:00Z"
    assert (event["source"], event["detail-type"]) == ("aws.events", "Scheduled Event")


def test_event_filters() -> None:
    pattern = {"dynamodb": {"Keys": {"sk": {"S": ["ATTEMPT", {"prefix": "SNAP"}]}}}}

    def record(sk: str) -> events.Json:
        return {"dynamodb": {"Keys": {"sk": {"S": sk}}}}

    assert events.matches(pattern, record("ATTEMPT"))
    assert events.matches(pattern, record("SNAPSHOT#1"))
    assert not events.matches(pattern, record("EVENT#1"))
    assert not events.matches(pattern, {"dynamodb": {}})
    with pytest.raises(ValueError, match="does not know"):
        events.matches({"a": [{"anything-but": "x"}]}, {"a": "y"})


def keeper(tmp_path: Path, seen: list[tuple[int, int]]) -> Timekeeper:
    made: Timekeeper

    def note(moment_ms: int) -> None:
        seen.append((moment_ms // MINUTE_MS, made.now_ms() // MINUTE_MS))

    made = Timekeeper(tmp_path / "clock.json", note)
    return made


def test_moving_the_clock_lives_every_minute_once_and_on_time(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    clock = keeper(tmp_path, seen)
    before = clock.now_ms()
    jump = clock.advance(10 * MINUTE_MS)
    assert clock.now_ms() >= before + 10 * MINUTE_MS
    assert clock.now_ms() < before + 10 * MINUTE_MS + 5_000
    assert (jump.minutes_run, jump.minutes_skipped) == (len(seen), 0)
    assert [minute for minute, _ in seen] == [now for _, now in seen]
    first = before // MINUTE_MS
    assert [minute for minute, _ in seen] == list(range(first + 1, first + 1 + len(seen)))
    assert len(seen) in (10, 11)
    assert clock.catch_up().minutes_run == 0


def test_the_offset_outlives_a_restart_and_never_shrinks(tmp_path: Path) -> None:
    clock = keeper(tmp_path, [])
    clock.advance(90 * MINUTE_MS)
    offset = clock.offset_ms()
    assert offset > 89 * MINUTE_MS
    again = keeper(tmp_path, [])
    assert again.offset_ms() == offset
    again.advance(0)
    assert again.offset_ms() >= offset


def test_minutes_missed_while_stopped_are_made_up(tmp_path: Path) -> None:
    minute = time.time_ns() // 1_000_000 // MINUTE_MS
    (tmp_path / "clock.json").write_text(json.dumps({"offset_ms": 0, "last_minute": minute - 5}))
    seen: list[tuple[int, int]] = []
    jump = keeper(tmp_path, seen).catch_up()
    assert jump.minutes_run == len(seen)
    assert len(seen) in (5, 6)


def test_a_jump_lives_as_many_minutes_as_are_asked_for_and_the_last_one(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    clock = keeper(tmp_path, seen)
    jump = clock.advance(30 * MINUTE_MS, most_minutes=2)
    assert jump.minutes_run == 3 == len(seen)
    assert jump.minutes_skipped in (27, 28)
    assert seen[1][0] == seen[0][0] + 1
    assert seen[-1][0] == clock.now_ms() // MINUTE_MS
    assert clock.advance(30 * MINUTE_MS, most_minutes=0).minutes_run == 1


def test_a_season_is_not_lived_minute_by_minute(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    clock = keeper(tmp_path, seen)
    jump = clock.advance((MOST_MINUTES + 500) * MINUTE_MS)
    assert jump.minutes_run == MOST_MINUTES + 1 == len(seen)
    assert jump.minutes_skipped in (499, 500)
    assert seen[-1][0] == clock.now_ms() // MINUTE_MS
