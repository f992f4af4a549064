"""Operators' commands as functions that are invoked with a test event."""

from typing import Any

import pytest

from tests.api import run
from tests.clock import T0, StandingClock
from tests.faults import rows
from tests.integration.candidates import MINUTE, PROFILE, Candidate, stored, stream_record
from tests.integration.orders import CONSOLE, order


def test_more_time_reaches_the_page_with_its_next_heartbeat(
    writing: Candidate, clock: StandingClock
) -> None:
    answer = order(writing, "extend_time", extra_min=20)
    assert (answer["ok"], answer["deadline"]) == (True, T0 + 80 * MINUTE)
    assert writing.post("heartbeat", {}).json["deadline"] == T0 + 80 * MINUTE
    again = order(writing, "extend_time", extra_min=20)
    assert again["deadline"] == T0 + 80 * MINUTE
    clock.now = T0 + 80 * MINUTE + 2000
    assert writing.save(1, 1, {"1": "A"}).status == 200


@pytest.mark.parametrize(("ms", "code"), [(0, "identity_frozen"), (1, None)])
def test_more_time_keeps_the_identity_frozen_for_as_long_as_frames_can_come(
    writing: Candidate, clock: StandingClock, ms: int, code: str | None
) -> None:
    for number in (1, 2):  # the second is the first again
        assert order(writing, "extend_time", extra_min=180)["ok"], number
    # New deadline, network grace, delivery of the last frame, its verdict.
    clock.now = T0 + (60 + 180) * MINUTE + 2000 + 300_000 + 120_000 + ms
    assert writing.api.put("/me", PROFILE).code == code


def test_time_that_is_not_given_freezes_nobody_longer(
    writing: Candidate, clock: StandingClock
) -> None:
    locks = rows("ACCOUNTS_TABLE")
    writing.post("submission", {})
    assert not order(writing, "extend_time", extra_min=180)["ok"]
    assert rows("ACCOUNTS_TABLE") == locks


def test_granted_chances_can_be_used(candidate: Candidate) -> None:
    candidate.open()
    assert order(candidate, "grant_chances", count=2)["ok"]
    assert candidate.get().json["chances_left"] == 12


def test_what_a_running_attempt_does_by_itself_stands_in_no_command_s_way(
    writing: Candidate, clock: StandingClock
) -> None:
    seen = int(stored(writing)["version"]["N"])
    for _ in range(10):
        clock.advance(minutes=2)
        writing.post("heartbeat", {})
    assert int(stored(writing)["version"]["N"]) > seen
    assert order(writing, "extend_time", extra_min=20, version_seen=seen)["ok"]


def test_of_two_operators_on_the_same_state_the_second_has_to_look_again(
    writing: Candidate,
) -> None:
    seen = int(stored(writing)["version"]["N"])
    assert order(writing, "extend_time", extra_min=20, version_seen=seen)["ok"]
    before = stored(writing)
    second = {"command_id": "extend_time-0002", "version_seen": seen}
    answer = order(writing, "extend_time", extra_min=20, **second)
    assert (answer["ok"], answer["errors"][0]["code"]) == (False, "changed_meanwhile")
    assert stored(writing) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"extra_min": 0},
        {"extra_min": "20"},
        {"extra_min": 20, "reason": ""},
        {"extra_min": 20, "operator": ""},
        {"extra_min": 20, "more": 1},
        {},
    ],
)
def test_a_wrong_event_is_refused_and_changes_nothing(
    writing: Candidate, wrong: dict[str, Any]
) -> None:
    before = stored(writing)
    answer = order(writing, "extend_time", **wrong)
    assert (answer["ok"], answer["errors"][0]["code"]) == (False, "invalid_request")
    assert stored(writing) == before


def test_an_attempt_that_does_not_exist_is_not_found(writing: Candidate) -> None:
    answer = order(writing, "grant_chances", count=1, attempt_id="at_nobody")
    assert answer["errors"][0]["code"] == "not_found"


def test_a_flag_is_confirmed_by_a_human_and_told_in_the_result_and_the_timeline(
    writing: Candidate, clock: StandingClock
) -> None:
    assert (
        order(writing, "confirm_flag", rule="snapshots_missing", confirmed=True)["errors"][0][
            "code"
        ]
        == "no_flag"
    )
    clock.now = T0 + 70 * MINUTE
    writing.get()
    clock.advance(minutes=6)
    assert writing.get("result").json["integrity"] == "flagged"
    before = stored(writing)
    assert (
        order(writing, "confirm_flag", rule="snapshots_missing", confirmed=True)["integrity"]
        == "invalidated"
    )
    result = writing.get("result").json
    assert (result["outcome"], result["integrity_rule"]) == ("invalidated", "snapshots_missing")
    event = stream_record(writing)
    event["Records"][0]["dynamodb"]["OldImage"] = before
    run("chalicelib.handlers.changes.record_changes", event)
    told = run(f"{CONSOLE}.read_timeline", {"attempt_id": writing.path.rsplit("/", 1)[-1]})
    [command] = [f for e in told["entries"] for f in e["facts"] if f["what"] == "command"]
    assert (command["operator"], command["command"]) == ("ops@example", "confirm_flag")
