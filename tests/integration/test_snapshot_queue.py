"""Snapshots come by a queue: batches, repeats, messages that tell of no picture, and what comes again."""

import copy
import json
from typing import Any

import pytest

from chalicelib import faces
from tests.api import run, snapshot_event, upload
from tests.clock import StandingClock
from tests.faults import everything_stored, failing
from tests.integration.candidates import Candidate
from tests.integration.watching import next_ticket, verdicts

JUDGE = "chalicelib.handlers.uploads.judge_snapshot"


def judge(*events: dict[str, Any]) -> list[str]:
    """Hand messages over as one batch; the ids of those that shall come again."""
    records = [record for event in events for record in event["Records"]]
    answer = run(JUDGE, {"Records": records})
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def message(body: str, message_id: str = "m-other") -> dict[str, Any]:
    event = copy.deepcopy(snapshot_event("incoming/snapshots/x/y"))
    event["Records"][0] |= {"body": body, "messageId": message_id}
    return event


@pytest.fixture
def frame(writing: Candidate, clock: StandingClock) -> dict[str, Any]:
    """The message about a frame that was just uploaded."""
    key = upload(next_ticket(writing, clock)["upload"], writing.picture("frame_a.jpg"))
    return snapshot_event(key)


def test_a_batch_is_judged_message_by_message(
    writing: Candidate, frame: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    broken = message("no JSON", "m-broken")
    assert judge(broken, frame) == ["m-broken"]
    assert verdicts(writing) == ["match"]
    assert '"event": "crash"' in capsys.readouterr().out


def test_a_message_that_comes_again_changes_nothing(
    writing: Candidate, frame: dict[str, Any]
) -> None:
    assert judge(frame, frame) == []
    before = everything_stored()
    assert judge(frame) == []
    assert everything_stored() == before


def test_messages_that_tell_of_no_snapshot_are_done_with(frame: dict[str, Any]) -> None:
    before = everything_stored()
    test = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "private"}
    assert judge(message(json.dumps(test))) == []
    for key in ("incoming/snapshots/at_nobody/sn_1", "incoming/id-photos/ac_1/ph_1", "else/where"):
        assert judge(snapshot_event(key)) == []
    assert everything_stored() == before


def test_what_cannot_be_judged_now_comes_again(
    writing: Candidate, frame: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(name: str) -> Any:
        raise faces.EngineUnavailable("no models")

    [record] = frame["Records"]
    with monkeypatch.context() as patch:
        patch.setattr(faces, "default_engine", down)
        assert judge(frame) == [record["messageId"]]
    for service in ("s3", "dynamodb"):
        with failing(service):
            assert judge(frame) == [record["messageId"]]
    assert judge(frame) == []
    assert verdicts(writing) == ["match"]


def test_a_key_that_s3_encoded_is_found(writing: Candidate, frame: dict[str, Any]) -> None:
    [record] = frame["Records"]
    told = json.loads(record["body"])
    picture = told["Records"][0]["s3"]["object"]
    picture["key"] = picture["key"].replace("_", "%5F")
    assert judge(message(json.dumps(told))) == []
    assert verdicts(writing) == ["match"]
