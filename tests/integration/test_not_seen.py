"""What was not seen or not judged: flagged, provisional, judged later; never a certificate without a human."""

import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote_plus

import boto3
import pytest

from chalicelib import faces
from chalicelib.faces import EngineUnavailable
from tests import lived
from tests.api import NotJudged, deliver, minute, upload
from tests.clock import StandingClock
from tests.cloud import ENVIRONMENT
from tests.integration.candidates import EXAM, Candidate, stored
from tests.integration.certificates import changed, mine, submit
from tests.integration.complaints import sign_in_again
from tests.integration.orders import attempt_id
from tests.integration.watching import beat, next_ticket, verdicts
from tests.operators import give

ORDER = {"command_id": "gaps-0001", "operator": "ops@example", "reason": "引擎故障已排除"}


def broken_engine(name: str) -> Any:
    def fail(*_: Any) -> Any:
        raise EngineUnavailable("models are missing")

    return SimpleNamespace(examine=fail)


@pytest.fixture
@lived.once
def submitted(writing: Candidate, clock: StandingClock) -> Candidate:
    """All answers are right, all frames are asked for, none was delivered."""
    clock.advance(minutes=59)
    minute()  # the search for what is due begins
    submit(writing)
    changed(writing)
    return writing


def upload_all(person: Candidate, picture: str | None) -> list[str]:
    """Every frame that is asked for arrives in S3 (`None`: a file that is no picture); its event comes later."""
    return [
        upload(ticket["upload"], person.picture(picture) if picture else "没有照片".encode())
        for ticket in beat(person)["snapshots"]
    ]


def time_passes(clock: StandingClock) -> None:
    """Grace and time-out of all verdicts."""
    for _ in range(3):
        clock.advance(minutes=8)
        minute()


def order(function: str, **more: Any) -> Any:
    event = {**ORDER, "exam_id": EXAM, **more}
    return give(f"chalicelib.handlers.gaps.{function}", event)


def make_queue() -> None:
    """The queue of the judge. Made by each test that needs it: moto's cannot be given back by `lived`."""
    name = ENVIRONMENT["SNAPSHOT_QUEUE_URL"].rpartition("/")[2]
    boto3.client("sqs").create_queue(QueueName=name)


def queued() -> list[str]:
    """Keys of the frames that wait in the queue of the judge."""
    sqs, keys = boto3.client("sqs"), []
    url = ENVIRONMENT["SNAPSHOT_QUEUE_URL"]
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in found:
            [record] = json.loads(message["Body"])["Records"]
            keys.append(unquote_plus(record["s3"]["object"]["key"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return keys


@pytest.mark.parametrize("picture", ["frame_covered.jpg", "frame_empty.jpg", None])
def test_whoever_was_never_seen_gets_no_certificate_until_a_human_has_decided(
    submitted: Candidate, clock: StandingClock, picture: str | None
) -> None:
    """A covered lens, an empty chair, files that are no pictures: all day."""
    for key in upload_all(submitted, picture):
        deliver(key)
    changed(submitted)
    result = submitted.get("result").json
    assert (result["integrity"], result["integrity_rule"]) == ("flagged", "unseen")
    assert (result["provisional"], mine(submitted)) == (True, [])
    assert "看不到" in result["reason"]
    clock.advance(minutes=49 * 60)
    minute()
    sign_in_again(submitted)
    assert mine(submitted) == []
    flag = {"rule": "unseen", "confirmed": False, "version_seen": submitted.get().json["version"]}
    command = {**ORDER, "attempt_id": attempt_id(submitted), **flag}
    assert give("chalicelib.handlers.console.confirm_flag", command)["integrity"] == "clear"
    changed(submitted)
    assert submitted.get("result").json["provisional"] is False
    assert len(mine(submitted)) == 1


def test_what_our_judge_missed_is_judged_a_day_later_and_then_the_result_is_final(
    submitted: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = upload_all(submitted, "frame_a.jpg")
    with monkeypatch.context() as patch:
        patch.setattr(faces, "default_engine", broken_engine)
        for key in keys:
            with pytest.raises(NotJudged):
                deliver(key)
    time_passes(clock)
    assert set(verdicts(submitted)) == {"system_gap"}
    changed(submitted)
    result = submitted.get("result").json
    assert (result["integrity"], result["provisional"]) == ("not_watched", True)
    assert "系统原因" in result["reason"]
    assert (result["frames"], result["outcome"]) == ([], "passed"), "nothing is held against them"
    clock.advance(minutes=72 * 60)
    minute()
    sign_in_again(submitted)
    assert mine(submitted) == [], "never final by time alone"
    for key in keys:
        deliver(key)
    assert set(verdicts(submitted)) == {"match"}
    changed(submitted)
    result = submitted.get("result").json
    assert (result["integrity"], result["provisional"]) == ("clear", False)
    assert len(mine(submitted)) == 1
    s3, prefix = boto3.client("s3"), f"snapshots/{attempt_id(submitted)}/"
    found = s3.list_objects_v2(Bucket=ENVIRONMENT["EVIDENCE_BUCKET"], Prefix=prefix)
    assert found["KeyCount"] == len(keys), "the bytes are kept"


@pytest.fixture
@lived.once
def not_watched(submitted: Candidate, clock: StandingClock) -> Candidate:
    """All frames arrived and none was judged."""
    upload_all(submitted, "frame_a.jpg")
    time_passes(clock)
    changed(submitted)
    return submitted


def test_an_operator_has_the_frames_of_an_exam_judged_again(
    not_watched: Candidate, clock: StandingClock
) -> None:
    make_queue()
    gaps = len(verdicts(not_watched))
    told = order("judge_gaps")
    assert (told["ok"], told["attempts"], told["frames"], told["failed"]) == (True, 1, gaps, ())
    keys = queued()
    assert len(keys) == len(set(keys)) == gaps
    for key in [*keys, *keys]:  # at least once
        deliver(key)
    changed(not_watched)
    assert not_watched.get("result").json["integrity"] == "clear"
    assert order("judge_gaps")["attempts"] == 0, "nothing is left"


def test_an_operator_accepts_the_gaps_of_an_exam_with_a_reason(
    not_watched: Candidate, clock: StandingClock
) -> None:
    told = order("accept_gaps")
    assert (told["ok"], told["attempts"], told["frames"]) == (True, 1, len(verdicts(not_watched)))
    changed(not_watched)
    result = not_watched.get("result").json
    assert (result["integrity"], result["provisional"]) == ("clear", False)
    assert len(mine(not_watched)) == 1
    audit = stored(not_watched)["audit"]["L"][-1]["M"]
    assert (audit["what"]["S"], audit["reason"]["S"]) == ("accept_gaps", ORDER["reason"])
    assert order("accept_gaps")["attempts"] == 0
    # A verdict that comes after all still counts, and suspends what was issued.
    for key in keys_of(not_watched)[:3]:
        boto3.client("s3").put_object(
            Bucket=ENVIRONMENT["PRIVATE_BUCKET"],
            Key=key,
            Body=not_watched.picture("frame_two.jpg"),
        )
    for key in keys_of(not_watched)[:3]:
        deliver(key)
    changed(not_watched)
    assert not_watched.get("result").json["outcome"] == "invalidated"


def keys_of(person: Candidate) -> list[str]:
    from chalicelib.attempts import store

    slots = sorted(map(int, stored(person)["verdicts"]["M"]))
    return [store.snapshot_key(attempt_id(person), slot) for slot in slots]


@pytest.mark.parametrize("function", ["accept_gaps", "judge_gaps"])
def test_one_attempt_can_be_named_and_must_be_of_that_exam(
    not_watched: Candidate, function: str
) -> None:
    make_queue()
    named = {"attempt_id": attempt_id(not_watched)}
    assert order(function, exam_id="another", **named)["errors"][0]["code"] == "not_found"
    told = order(function, **named)
    assert (told["ok"], told["attempts"]) == (True, 1)


@pytest.mark.parametrize("function", ["accept_gaps", "judge_gaps"])
def test_without_a_gap_there_is_nothing_to_order(
    submitted: Candidate, clock: StandingClock, function: str
) -> None:
    named = {"attempt_id": attempt_id(submitted)}
    assert order(function, **named)["errors"][0]["code"] == "no_gap"
    assert order(function, operator="")["errors"][0]["code"] == "invalid_request"
    assert order(function)["attempts"] == 0


def test_a_frame_that_arrives_after_it_was_called_missing_was_not_missing(
    writing: Candidate, clock: StandingClock
) -> None:
    ticket = next_ticket(writing, clock)
    clock.advance(s=90)
    beat(writing)
    clock.advance(minutes=5)
    beat(writing)
    assert verdicts(writing)[0] == "missing"
    deliver(upload(ticket["upload"], writing.picture("frame_a.jpg")))
    assert verdicts(writing)[0] == "match"


def test_a_gap_is_counted_for_the_alarm(
    submitted: Candidate, clock: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    [key, *_] = upload_all(submitted, "frame_a.jpg")
    assert key
    capsys.readouterr()
    time_passes(clock)
    assert '"SnapshotsNotJudged": ' in capsys.readouterr().out
