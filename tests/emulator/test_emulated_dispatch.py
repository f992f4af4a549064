"""Events of the emulator on their way to functions that may fail."""

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from chalicelib.partners import webhook
from infra.local import dispatcher as dispatching
from infra.local import news
from infra.local.dispatcher import Dispatcher
from infra.local.functions import Catalogue, Function, Outcome
from tests.emulator.conftest import Cloud

UPLOADS = Function("uploads_judge_upload", "uploads.judge_upload", "CloudWatchEvent", 2, 128)
SNAPSHOTS = Function("uploads_judge_snapshot", "uploads.judge_snapshot", "SQSEvent", 2, 128)
CHANGES = Function("changes_record_changes", "changes.record_changes", "DynamoDBEvent", 2, 128)
WEBHOOKS = Function("webhooks_call_partner", "webhooks.call_partner", "SQSEvent", 2, 128)
FUNCTIONS = (UPLOADS, SNAPSHOTS, CHANGES, WEBHOOKS)
Json = dict[str, Any]


class Recorder:
    """Functions that remember their events and answer as told."""

    def __init__(self) -> None:
        functions = {function.name: function for function in FUNCTIONS}
        self.catalogue = Catalogue({}, [], functions)
        self.events: list[tuple[str, Json]] = []
        self.answer: Callable[[str, Json], Outcome] = lambda name, event: Outcome()

    def invoke(self, name: str, event: Json) -> Outcome:
        self.events.append((name, event))
        return self.answer(name, event)

    def of(self, function: Function) -> list[Json]:
        return [event for name, event in self.events if name == function.name]


class Running:
    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud = cloud
        self.functions = Recorder()
        self.dead_letters = folder / "dead-letters.jsonl"
        fake: Any = self.functions
        self.dispatcher = Dispatcher(cloud.aws, fake, self.dead_letters)
        self.dispatcher.start(cloud.deployment.taps, cloud.deployment.streams)
        self.dispatcher.drain()
        self.functions.events.clear()

    def upload(self, key: str, body: bytes) -> str:
        bucket = self.cloud.deployment.environment["PRIVATE_BUCKET"]
        answer = self.cloud.aws.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
        return str(answer["VersionId"])

    def write(self, attempt_id: str, sk: str = "ATTEMPT", **more: Any) -> None:
        table = self.cloud.deployment.environment["ATTEMPTS_TABLE"]
        item = {"attempt_id": {"S": attempt_id}, "sk": {"S": sk}, **more}
        self.cloud.aws.client("dynamodb").put_item(TableName=table, Item=item)

    def until(self, done: Callable[[], bool]) -> None:
        patience = time.monotonic() + 15
        while not done():
            assert time.monotonic() < patience, self.functions.events
            time.sleep(0.02)

    def buried(self) -> list[Json]:
        lines = self.dead_letters.read_text().splitlines() if self.dead_letters.exists() else []
        return [json.loads(line) for line in lines]


@pytest.fixture
def running(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(dispatching, "RETRY_AFTER_S", (0, 0))
    made = Running(cloud, tmp_path)
    yield made
    made.functions.answer = lambda name, event: Outcome()
    made.dispatcher.stop()


def attempts(batch: Json) -> list[str]:
    return [record["dynamodb"]["Keys"]["attempt_id"]["S"] for record in batch["Records"]]


def attempts_of(running: Running) -> list[str]:
    return [name for batch in running.functions.of(CHANGES) for name in attempts(batch)]


def test_a_link_for_one_look_shows_the_picture_and_a_forged_one_does_not(running: Running) -> None:
    running.upload("id-photos/ac_1/a.jpg", b"picture")
    where = {
        "Bucket": running.cloud.deployment.environment["PRIVATE_BUCKET"],
        "Key": "id-photos/ac_1/a.jpg",
    }
    s3 = running.cloud.aws.client("s3")
    link = s3.generate_presigned_url("get_object", Params=where, ExpiresIn=60)
    assert httpx.get(link, trust_env=False).content == b"picture"
    assert httpx.get(link[:-1] + "!", trust_env=False).status_code == 403


def test_an_upload_arrives_as_eventbridge_sends_it(running: Running) -> None:
    version = running.upload("incoming/id-photos/a b/中.jpg", b"12345")
    running.upload("elsewhere/x.jpg", b"1")
    running.until(lambda: bool(running.functions.of(UPLOADS)))
    event = running.functions.of(UPLOADS)[0]
    assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
    stored = event["detail"]["object"]
    assert (
        event["detail"]["bucket"]["name"] == running.cloud.deployment.environment["PRIVATE_BUCKET"]
    )
    assert (stored["key"], stored["size"], stored["version-id"]) == (
        "incoming/id-photos/a b/中.jpg",
        5,
        version,
    )
    assert '"' not in stored["etag"]
    time.sleep(0.5)
    assert len(running.functions.of(UPLOADS)) == 1  # other prefixes stay quiet


def test_each_version_of_an_object_is_its_own_event(running: Running) -> None:
    versions = {running.upload("incoming/id-photos/twice", body) for body in (b"first", b"second")}
    running.until(lambda: len(running.functions.of(UPLOADS)) == 2)
    seen = {event["detail"]["object"]["version-id"] for event in running.functions.of(UPLOADS)}
    assert seen == versions


def test_a_failed_upload_is_tried_three_times_and_then_buried(running: Running) -> None:
    error = {"errorType": "E", "errorMessage": "no"}
    running.functions.answer = lambda name, event: Outcome(error=error)
    running.upload("incoming/id-photos/bad", b"1")
    running.until(lambda: bool(running.buried()))
    assert len(running.functions.of(UPLOADS)) == 3
    line = running.buried()[0]
    assert (line["function"], line["error"]) == (UPLOADS.name, error)
    assert line["event"]["detail"]["object"]["key"] == "incoming/id-photos/bad"
    time.sleep(0.5)
    assert len(running.functions.of(UPLOADS)) == 3


def test_an_upload_that_fails_once_is_delivered_again(running: Running) -> None:
    failing = iter([True])
    running.functions.answer = lambda name, event: (
        Outcome(error={"errorMessage": "once"}) if next(failing, False) else Outcome()
    )
    running.upload("incoming/verifications/second-chance", b"1")
    running.until(lambda: len(running.functions.of(UPLOADS)) == 2)
    assert running.buried() == []


def test_changes_arrive_in_order_with_both_images_and_filtered(running: Running) -> None:
    running.write("a1", count={"N": "1"})
    running.write("a1", sk="EVENT#1")
    running.write("a1", count={"N": "2"}, photo={"B": b"\x01"})
    assert running.dispatcher.drain()
    batches = running.functions.of(CHANGES)
    records = [record for batch in batches for record in batch["Records"]]
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY"]
    change = records[1]["dynamodb"]
    assert (change["OldImage"]["count"], change["NewImage"]["count"]) == ({"N": "1"}, {"N": "2"})
    assert change["NewImage"]["photo"] == {"B": "AQ=="}
    assert {record["dynamodb"]["Keys"]["sk"]["S"] for record in records} == {"ATTEMPT"}
    [arn] = {record["eventSourceARN"] for record in records}
    assert "/stream/" in arn
    assert type(change["ApproximateCreationDateTime"]) is int
    json.dumps(records)


def test_events_come_by_the_news_of_the_emulator_not_by_looking_again(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "LOOK_AGAIN_S", 3600)
    running = Running(cloud, tmp_path)
    for changes in (["n1"], ["n1", "n1"]):
        running.write("n1", count={"N": str(len(changes))})
        running.until(partial(lambda told: attempts_of(running) == told, changes))
        running.upload(f"incoming/id-photos/news-{len(changes)}", b"1")
        running.until(partial(lambda n: len(running.functions.of(UPLOADS)) == n, len(changes)))
    running.dispatcher.stop()
    assert not any(thread.is_alive() for thread in running.dispatcher._threads)


def test_without_news_streams_and_queues_are_looked_at_all_the_same(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "PATH", "/_ministack/no-such-page")
    monkeypatch.setattr(dispatching, "LOOK_AGAIN_S", 0.05)
    running = Running(cloud, tmp_path)
    running.write("n2")
    running.upload("incoming/id-photos/no-news", b"1")
    running.until(lambda: attempts_of(running) == ["n2"])
    running.until(lambda: len(running.functions.of(UPLOADS)) == 1)
    running.dispatcher.stop()


def test_a_refused_write_changes_nothing_and_a_change_keeps_its_old_image(running: Running) -> None:
    nested = {"M": {"list": {"L": [{"N": "1"}, {"SS": ["a", "b"]}, {"NULL": True}]}}}
    running.write("d1", nested=nested, photo={"B": b"\x00\x01"})
    update = {
        "TableName": running.cloud.deployment.environment["ATTEMPTS_TABLE"],
        "Key": {"attempt_id": {"S": "d1"}, "sk": {"S": "ATTEMPT"}},
        "ExpressionAttributeNames": {"#list": "list"},
        "ExpressionAttributeValues": {":two": {"N": "2"}, ":text": {"S": "x"}},
    }
    tables = running.cloud.aws.client("dynamodb")
    with pytest.raises(tables.exceptions.ClientError):
        both = "SET nested.#list[0] = :two, nested.none.inner = :text"
        tables.update_item(**update, UpdateExpression=both)
    del update["ExpressionAttributeValues"][":text"]
    tables.update_item(**update, UpdateExpression="SET nested.#list[0] = :two")
    assert running.dispatcher.drain()
    records = [one for batch in running.functions.of(CHANGES) for one in batch["Records"]]
    change = records[-1]["dynamodb"]
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY"]
    assert change["OldImage"]["nested"] == nested
    assert change["NewImage"]["nested"]["M"]["list"]["L"][0] == {"N": "2"}
    assert change["NewImage"]["photo"] == {"B": "AAE="}


def test_a_function_that_hides_its_message_gets_it_when_it_said(running: Running) -> None:
    """And as often as the template allows: the caller of webhooks decides how long a failed call rests."""
    url = running.cloud.deployment.environment["WEBHOOK_QUEUE_URL"]
    sqs = running.cloud.aws.client("sqs")

    def hide(name: str, event: Json) -> Outcome:
        [record] = event["Records"]
        receipt = record["receiptHandle"]
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)
        failed = {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
        return Outcome(result=failed, aws_calls=("sqs.ChangeMessageVisibility",))

    running.functions.answer = hide
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    running.until(lambda: bool(running.buried()))
    counts = [
        event["Records"][0]["attributes"]["ApproximateReceiveCount"]
        for event in running.functions.of(WEBHOOKS)
    ]
    assert counts == [str(number) for number in range(1, webhook.TRIES + 1)]
    assert len(running.buried()) == 1


def test_only_what_failed_and_what_follows_comes_again(running: Running) -> None:
    def fail_once_at_b2(name: str, event: Json) -> Outcome:
        if len(running.functions.of(CHANGES)) > 1 or "b2" not in attempts(event):
            return Outcome(result={"batchItemFailures": []})
        number = event["Records"][attempts(event).index("b2")]["dynamodb"]["SequenceNumber"]
        return Outcome(result={"batchItemFailures": [{"itemIdentifier": number}]})

    with running.dispatcher._followers[0]._reading:  # so that the three form one batch
        running.functions.answer = fail_once_at_b2
        for name in ("b1", "b2", "b3"):
            running.write(name)
    running.until(lambda: len(running.functions.of(CHANGES)) == 2)
    first, second = running.functions.of(CHANGES)
    assert (attempts(first), attempts(second)) == (["b1", "b2", "b3"], ["b2", "b3"])
    assert running.buried() == []


def test_a_poisonous_change_is_buried_alone(running: Running) -> None:
    def refuse_c2(name: str, event: Json) -> Outcome:
        return Outcome(error={"errorMessage": "no"}) if "c2" in attempts(event) else Outcome()

    with running.dispatcher._followers[0]._reading:
        running.functions.answer = refuse_c2
        for name in ("c1", "c2", "c3"):
            running.write(name)
    running.until(lambda: bool(running.buried()) and running.dispatcher.drain())
    assert [attempts(line["event"]) for line in running.buried()] == [["c2"]]
    assert set(attempts_of(running)) == {"c1", "c2", "c3"}


def test_a_snapshot_comes_by_its_queue_and_wakes_its_own_function_alone(running: Running) -> None:
    version = running.upload("incoming/snapshots/at_1/sn 1", b"picture")
    running.until(lambda: bool(running.functions.of(SNAPSHOTS)))
    [event] = running.functions.of(SNAPSHOTS)
    [record] = event["Records"]
    assert record["eventSource"] == "aws:sqs"
    assert "SnapshotUploads" in record["eventSourceARN"]
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    [told] = json.loads(record["body"])["Records"]
    assert told["s3"]["bucket"]["name"].startswith("kaochang-privatebucket")
    assert told["s3"]["object"]["versionId"] == version
    assert told["s3"]["object"]["key"] in (
        "incoming/snapshots/at_1/sn+1",
        "incoming/snapshots/at_1/sn%201",
    )
    running.upload("incoming/id-photos/ac_1/ph_1", b"picture")
    running.until(lambda: bool(running.functions.of(UPLOADS)))
    [upload] = running.functions.of(UPLOADS)  # the rule has not told of the snapshot
    assert upload["detail"]["object"]["key"] == "incoming/id-photos/ac_1/ph_1"


def test_a_message_that_the_function_gives_back_comes_again_and_is_buried_at_last(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "RETRY_AFTER_S", (0, 0))

    def give_back(_name: str, event: Json) -> Outcome:
        failed = [{"itemIdentifier": record["messageId"]} for record in event["Records"]]
        return Outcome(result={"batchItemFailures": failed})

    running.functions.answer = give_back
    running.upload("incoming/snapshots/at_1/sn_2", b"picture")
    running.until(lambda: bool(running.buried()))
    assert len(running.functions.of(SNAPSHOTS)) == dispatching.TRIES
    [letter] = running.buried()
    assert letter["function"] == SNAPSHOTS.name
