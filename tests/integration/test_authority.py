"""The identity authority: its requests and answers, and that its failures cost nobody a chance."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chalicelib.exams.model import Policy
from chalicelib.identity import authority
from chalicelib.identity.authority import AuthorityDown, AuthorityQuestion
from chalicelib.shared import http, secrets, settings, timed
from tests import authority as there
from tests.api import NotJudged, deliver, upload
from tests.authority import Authority
from tests.clock import StandingClock
from tests.faults import rows
from tests.integration.candidates import Candidate, stored
from tests.integration.watching import deliver_frame, next_ticket, verdicts

NOW = 1_800_000_000_000
QUESTION = AuthorityQuestion("rq", "王敏", "resident_id_card", "11010519491231002X", b"jpeg")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited between tries; nobody waits here, and nobody is hurried."""
    waited: list[float] = []
    monkeypatch.setattr(authority, "LIMITS", http.Limits(connect_s=60, read_s=60, total_s=60))
    monkeypatch.setattr(authority, "BUDGET_S", 600.0)  # a busy machine is no bad day
    monkeypatch.setattr(http, "pause", waited.append)
    return waited


@pytest.fixture
def asked(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """An authority that the functions know, without any cloud."""
    with there.running() as running:
        known = authority.Secrets(authority.AuthorityKey(**running.secret))
        monkeypatch.setattr(authority, "operators_secret", lambda _: known)
        yield running


def ask() -> Any:
    return authority.ask(QUESTION, now=NOW)


@pytest.mark.parametrize("result", ["same", "different", "unknown"])
@pytest.mark.parametrize("score", [0, 0.5, 1, None])
def test_an_answer_is_taken_as_it_is(asked: Authority, result: str, score: float | None) -> None:
    asked.result, asked.score = result, score
    verdict = ask()
    assert (verdict.result.value, verdict.score) == (result, score)
    assert (verdict.request_id, verdict.key_id) == ("rq", there.KEY_ID)


def test_the_question_holds_name_number_and_face_and_is_signed(asked: Authority) -> None:
    ask()
    [told], [headers], [body] = asked.asked, asked.headers, asked.bodies
    assert told == {
        "request_id": "rq",
        "name": "王敏",
        "id_type": "resident_id_card",
        "id_number": "11010519491231002X",
        "face": base64.b64encode(b"jpeg").decode(),
    }
    assert headers["kaochang-key"] == there.KEY_ID
    assert headers["kaochang-timestamp"] == str(NOW)
    signed = there.signature("request", str(NOW), "rq", body=body)
    assert headers["kaochang-signature"] == signed


@pytest.mark.parametrize(
    "mood", sorted(set(there._MOODS) - {"honest", "slow", "refusing", "moved"})
)
def test_whatever_is_no_answer_is_asked_again(
    asked: Authority, pauses: list[float], mood: str
) -> None:
    asked.moods = [mood, mood]
    assert ask().result.value == "same"
    assert {told["request_id"] for told in asked.asked} == {"rq"}  # it knows the question again
    assert len(asked.asked) == 3 and pauses == [0.2, 0.6]


@pytest.mark.parametrize(
    "mood", sorted(set(there._MOODS) - {"honest", "slow", "refusing", "moved"})
)
def test_three_times_no_answer_is_none(asked: Authority, mood: str) -> None:
    asked.moods = [mood] * 4
    with pytest.raises(AuthorityDown):
        ask()
    assert len(asked.asked) == 3


@pytest.mark.parametrize("mood", ["refusing", "moved"])
def test_a_refusal_is_not_repeated(asked: Authority, mood: str) -> None:
    asked.moods = [mood] * 4
    with pytest.raises(AuthorityDown):
        ask()
    assert len(asked.asked) == 1


def test_a_slow_authority_is_not_waited_for(
    asked: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authority, "LIMITS", http.Limits(connect_s=60, read_s=0.2, total_s=60))
    asked.moods = ["slow"]
    assert ask().result.value == "same"
    asked.moods = ["slow"] * 3
    with pytest.raises(AuthorityDown):
        ask()


def test_all_tries_together_stay_within_the_budget(
    asked: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timed, "tick", lambda: authority.BUDGET_S if asked.asked else 0.0)
    asked.moods = ["broken"] * 3
    with pytest.raises(AuthorityDown):
        ask()
    assert len(asked.asked) == 1


def test_nobody_listening_is_no_answer(asked: Authority) -> None:
    asked.port = 1
    known = authority.Secrets(authority.AuthorityKey(**asked.secret))
    with pytest.MonkeyPatch.context() as patch, pytest.raises(AuthorityDown):
        patch.setattr(authority, "operators_secret", lambda _: known)
        ask()


def test_an_authority_that_was_never_set_up_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authority, "operators_secret", lambda _: authority.Secrets())
    with pytest.raises(AuthorityDown, match="not_set_up"):
        ask()


# --- in the check-in and in the exam ---


@pytest.fixture
def real(
    candidate: Candidate, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Authority]:
    """A candidate in the check-in of a stack with an authority."""
    with there.running() as running:
        told = json.dumps({"authority": running.secret})
        boto3.client("secretsmanager").create_secret(Name="partners", SecretString=told)
        choose(monkeypatch, snapshots="false")
        yield running
    settings.settings.cache_clear()


def choose(monkeypatch: pytest.MonkeyPatch, snapshots: str) -> None:
    monkeypatch.setenv("IDENTITY_AUTHORITY", "http")
    monkeypatch.setenv("AUTHORITY_FOR_SNAPSHOTS", snapshots)
    monkeypatch.setenv("PARTNERS_SECRET_ID", "partners")
    settings.settings.cache_clear()
    settings.settings()
    secrets.forget()


def begun(candidate: Candidate) -> Candidate:
    candidate.open()
    candidate.steps()
    return candidate


def left(candidate: Candidate) -> int:
    chances: int = candidate.get().json["chances_left"]
    return chances


def test_the_authority_lets_in_whom_it_knows(real: Authority, candidate: Candidate) -> None:
    assert begun(candidate).verify("frame_a.jpg")["state"] == "passed"
    [told] = real.asked
    assert told["name"] and told["id_number"]
    assert base64.b64decode(told["face"]).startswith(b"\xff\xd8")
    kept = json.dumps(rows("ATTEMPTS_TABLE"), ensure_ascii=False, default=str)
    assert '"key_id": "kaochang-1"' in kept and told["id_number"] not in kept
    assert candidate.admit().status == 201


def test_whom_the_authority_calls_another_loses_a_chance(
    real: Authority, candidate: Candidate
) -> None:
    """Though the photo that they uploaded themselves looks just like them."""
    real.result = "different"
    check = begun(candidate).verify("frame_a.jpg")
    assert (check["state"], check["reason"]) == ("failed", "mismatch")
    assert left(candidate) == 9


@pytest.mark.parametrize(
    ("result", "moods", "reason"),
    [("unknown", [], "authority_unknown"), ("same", ["broken"] * 3, "authority_down")],
)
def test_no_answer_costs_no_chance(
    real: Authority, candidate: Candidate, result: str, moods: list[str], reason: str
) -> None:
    real.result, real.moods = result, moods
    check = begun(candidate).verify("frame_a.jpg")
    assert (check["state"], check["reason"]) == ("not_run", reason)
    assert left(candidate) == 10
    real.result = "same"
    assert candidate.verify("frame_a.jpg")["state"] == "passed"


def test_no_answer_however_often_never_uses_a_chance(real: Authority, candidate: Candidate) -> None:
    """More often than unusable pictures are forgiven in a day."""
    begun(candidate)
    real.result = "unknown"
    for _ in range(Policy().unusable_per_day + 1):
        assert candidate.verify("frame_a.jpg")["state"] == "not_run"
    assert left(candidate) == 10


def test_an_unusable_picture_is_not_shown_to_the_authority(
    real: Authority, candidate: Candidate
) -> None:
    assert begun(candidate).verify("two_people.jpg")["reason"] == "several_faces"
    assert real.asked == []


def test_an_event_told_twice_is_one_question(real: Authority, candidate: Candidate) -> None:
    reserved = begun(candidate).reserve()
    key = upload(reserved.json["upload"], candidate.picture("frame_a.jpg"))
    deliver(key)
    deliver(key)
    assert candidate.verdict(reserved)["state"] == "passed"
    assert len(real.asked) == 1


def test_snapshots_are_compared_with_the_photo_unless_the_setting_says_otherwise(
    real: Authority, writing: Candidate, clock: StandingClock
) -> None:
    before = len(real.asked)
    deliver_frame(writing, next_ticket(writing, clock), "frame_a.jpg")
    assert verdicts(writing) == ["match"]
    assert len(real.asked) == before


def test_with_the_setting_the_authority_judges_snapshots_too(
    real: Authority,
    writing: Candidate,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choose(monkeypatch, snapshots="true")
    real.result = "different"
    deliver_frame(writing, next_ticket(writing, clock), "frame_a.jpg")
    assert verdicts(writing) == ["mismatch"]


@pytest.mark.parametrize(("result", "moods"), [("unknown", []), ("same", ["broken"] * 3)])
def test_a_snapshot_without_an_answer_comes_again_and_ends_as_our_gap(
    real: Authority,
    writing: Candidate,
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
    result: str,
    moods: list[str],
) -> None:
    choose(monkeypatch, snapshots="true")
    real.result, real.moods = result, moods
    with pytest.raises(NotJudged):
        deliver_frame(writing, next_ticket(writing, clock), "frame_a.jpg")
    assert not stored(writing)["verdicts"]["M"]
    for _ in range(30):  # the grace and the time for a verdict pass
        clock.advance(s=30)
        writing.post("heartbeat", {})
    assert verdicts(writing)[0] == "system_gap"
