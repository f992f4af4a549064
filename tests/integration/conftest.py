"""Fixtures that several files of the integration tests begin with."""

import hashlib

import pytest

from chalicelib import faces
from chalicelib.attempts import store
from chalicelib.proctoring.model import Verdict
from tests import lived
from tests.api import Api, publish
from tests.clock import T0, StandingClock
from tests.integration.candidates import Candidate, stored
from tests.integration.certificates import changed, one_face, submit
from tests.integration.complaints import judge_all
from tests.integration.orders import attempt_id
from tests.integration.signing_in import PHONE
from tests.integration.watching import beat
from tests.signing import put_identity


@pytest.fixture
@lived.once
def candidate(api: Api, pictures: str) -> Candidate:
    """Enrolled; the exam is published; the waiting room is open."""
    assert publish("agency-practitioners", T0)["ok"]
    person = Candidate(api, pictures)
    person.enrol()
    return person


@pytest.fixture
@lived.once
def inside(candidate: Candidate) -> Candidate:
    """In the waiting room."""
    candidate.open()
    candidate.come_in()
    return candidate


@pytest.fixture
@lived.once
def writing(inside: Candidate, clock: StandingClock) -> Candidate:
    """The exam runs, the paper is there."""
    clock.now = T0
    assert inside.post("start").status == 200
    return inside


@pytest.fixture
def quick_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every picture shows one and the same face: for tests of what comes after the exam."""
    monkeypatch.setattr(faces, "default_engine", one_face)


@pytest.fixture
@lived.once
def submitted(writing: Candidate, clock: StandingClock) -> Candidate:
    """Submitted with 98 of 100 points or so; the snapshots are not judged yet."""
    put_identity()
    clock.advance(minutes=45)
    submit(writing, wrong=1)
    return writing


@pytest.fixture
@lived.once
def passed(submitted: Candidate, clock: StandingClock) -> Candidate:
    """A final pass that the stream has told of."""
    judge_all(submitted, clock)
    changed(submitted)
    return submitted


@pytest.fixture
@lived.once
def accused(writing: Candidate, clock: StandingClock) -> Candidate:
    """Submitted; a minute later three frames with several people have made the result 不合格."""
    clock.advance(minutes=45)
    assert writing.post("submission", {}).status == 200
    clock.advance(minutes=1)
    judge_all(writing, clock, *[Verdict.SEVERAL] * 3)
    assert writing.get("result").json["outcome"] == "invalidated"
    return writing


@pytest.fixture
@lived.once
def registered(api: Api) -> Api:
    """Somebody registered an hour ago and is signed out on this browser."""
    assert api.register(PHONE).status == 201
    api.cookie = ""
    api.clock.advance(minutes=60)
    return api


@pytest.fixture
@lived.once
def flagged(writing: Candidate, clock: StandingClock) -> Candidate:
    """Six frames of somebody else: three incidents, which a human has to look at."""
    clock.advance(minutes=45)
    for _ in range(3):
        beat(writing)
    data = writing.picture("frame_b.jpg")
    digest = hashlib.sha256(data).hexdigest()
    for slot in range(6):
        findings = {"sha256": digest, "judged_at": clock.now}
        store.put_snapshot(attempt_id(writing), slot, findings)
    store.write_evidence(attempt_id(writing), digest, data)
    judge_all(writing, clock, *[Verdict.MISMATCH] * 6)
    assert stored(writing)["integrity"]["M"]["state"]["S"] == "flagged"
    return writing
