"""A page that falls silent, over HTTP: noted with the next write, at no call more."""

from typing import Any

import pytest

from tests.api import Answer, run
from tests.clock import StandingClock
from tests.console import Widget
from tests.integration.candidates import Candidate, stored
from tests.integration.orders import attempt_id


def beat(person: Candidate, stamp: str) -> Answer:
    answer = person.post("heartbeat", {"stamp": stamp})
    assert answer.status == 200
    return answer


def silences(person: Candidate) -> dict[str, Any] | None:
    found = stored(person).get("silences")
    return found and {name: int(value["N"]) for name, value in found["M"].items()}


def test_a_silence_is_noted_with_the_next_write_and_costs_none_of_its_own(
    writing: Candidate, clock: StandingClock
) -> None:
    stamp = beat(writing, "").json["stamp"]
    clock.advance(s=31)
    stamp = beat(writing, stamp).json["stamp"]
    clock.advance(s=91)
    quiet = beat(writing, stamp)
    if "UpdateItem" not in quiet.headers["aws-calls"]:  # else a frame was due just now
        assert silences(writing) is None
    stamp = quiet.json["stamp"]
    clock.advance(s=20)
    body = {"absences": [{"absence_seq": 1, "kind": "hidden", "away_ms": 2000}], "stamp": stamp}
    assert writing.post("absences", body).headers["aws-calls"] == "Query 1, UpdateItem 1"
    assert silences(writing) == {"times": 1, "longest_ms": 91_000}
    assert "沉默 1 次，最长 91 秒" in Widget().open("live").text


def test_a_silence_is_written_by_the_submission_at_the_latest(
    writing: Candidate, clock: StandingClock
) -> None:
    stamp = beat(writing, "").json["stamp"]
    clock.advance(minutes=20)
    assert writing.post("submission", {"stamp": stamp}).status == 200
    assert silences(writing) == {"times": 1, "longest_ms": 20 * 60_000}
    entries = run("chalicelib.handlers.console.read_timeline", {"attempt_id": attempt_id(writing)})
    assert entries["ok"]


@pytest.mark.parametrize("forged", ["", "x", "1.2.3.4.5.made-up", "a.b.c"])
def test_a_stamp_that_is_not_ours_says_nothing(
    writing: Candidate, clock: StandingClock, forged: str
) -> None:
    beat(writing, "")
    clock.advance(minutes=20)
    assert beat(writing, forged).status == 200
    assert silences(writing) is None


def test_somebody_elses_moment_cannot_be_signed(writing: Candidate, clock: StandingClock) -> None:
    stamp = beat(writing, "").json["stamp"]
    page, at, *rest = stamp.split(".")
    clock.advance(minutes=20)
    later = ".".join([page, str(int(at) + 19 * 60_000), *rest])
    writing.post("submission", {"stamp": later})
    assert silences(writing) is None
