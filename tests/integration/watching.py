"""What tests do under watch: heartbeats, absences, snapshots, verdicts."""

from typing import Any

from tests.api import deliver, upload
from tests.clock import StandingClock
from tests.integration.candidates import Candidate, stored


def absence(seq: int, ms: int = 5000, **more: Any) -> dict[str, Any]:
    return {"absence_seq": seq, "kind": "hidden", "away_ms": ms, **more}


def leave(person: Candidate, clock: StandingClock, seq: int, ms: int = 5000) -> Any:
    clock.advance(ms=10_000)
    return person.post("absences", {"absences": [absence(seq, ms)]})


def beat(person: Candidate) -> Any:
    answer = person.post("heartbeat", {})
    assert answer.status == 200, answer
    return answer.json


def next_ticket(person: Candidate, clock: StandingClock) -> Any:
    """Live on, a heartbeat each 30 s, until a frame is asked for."""
    for _ in range(120):
        clock.advance(s=30)
        if tickets := beat(person)["snapshots"]:
            return tickets[0]
    raise AssertionError("no snapshot in an hour")


def deliver_frame(person: Candidate, ticket: Any, picture: str) -> None:
    deliver(upload(ticket["upload"], person.picture(picture)))


def verdicts(person: Candidate) -> list[str]:
    found = stored(person)["verdicts"]["M"]
    return [found[slot]["S"] for slot in sorted(found, key=int)]
