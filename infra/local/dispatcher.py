"""Delivers events to functions: uploads from their queues, table changes from their streams.

A failed event is tried twice more, one in a function's own queue as often as the template says. Then the event and its
error become a line of `dead-letters.jsonl`.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from infra.local import events
from infra.local.aws import Aws
from infra.local.functions import Function, Functions, Outcome
from infra.local.news import QUEUES, News
from infra.local.resources import TRIES, Stream, Tap

Json = dict[str, Any]
Work = Callable[[], bool]

RETRY_AFTER_S = (1, 3)
REST_S = 0.1  # between two looks at an event source that was read to its end: what comes meanwhile is one batch
LOOK_AGAIN_S = 1  # without news: a message may come again

log = logging.getLogger("kaochang.events")


def repeat_upload_events(aws: Aws, bucket: str, prefix: str, since: float) -> int:
    """Make S3 send the events of pictures again that were uploaded after `since` (seconds since 1970).

    A killed emulator loses its events. Each picture is copied onto itself, which makes a new version of the
    same bytes and a new event. A picture that was judged already is not judged again. Returns the number of pictures.
    """
    s3 = aws.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    recent = [
        entry["Key"]
        for page in pages
        for entry in page.get("Contents", [])
        if entry["LastModified"].timestamp() >= since
    ]
    for key in recent:
        source = {"Bucket": bucket, "Key": key}
        s3.copy_object(Bucket=bucket, Key=key, CopySource=source, MetadataDirective="REPLACE")
    return len(recent)


class Dispatcher:
    """Runs one thread for each source of events."""

    def __init__(
        self,
        aws: Aws,
        functions: Functions,
        dead_letters: Path,
        count_dead_letter: Callable[[Function], None] = lambda _: None,
    ) -> None:
        self._aws = aws
        self._functions = functions
        self._dead_letters = dead_letters
        self._count_dead_letter = count_dead_letter
        self._stopping = threading.Event()
        self._news = News(aws)
        self._threads: list[threading.Thread] = []
        self._followers: list[_StreamFollower] = []

    def start(self, taps: tuple[Tap, ...], streams: tuple[Stream, ...]) -> None:
        """Read every queue and stream that the template connects to a function of the app."""
        functions = {
            function.logical_id: function
            for function in self._functions.catalogue.functions.values()
        }
        self._news.start()
        for tap in taps:
            if tap.function in functions:
                self._run(_QueueReader(self, functions[tap.function], tap).read, QUEUES)
        for stream in streams:
            if stream.function in functions:
                follower = _StreamFollower(self, functions[stream.function], stream)
                self._followers.append(follower)
                self._run(follower.follow, stream.table)

    def drain(self, patience_s: float = 5) -> bool:
        """Deliver all table changes made so far. Returns False when that takes longer than `patience_s`."""
        deadline = time.monotonic() + patience_s
        return all(follower.drain(deadline - time.monotonic()) for follower in self._followers)

    def stop(self) -> None:
        """Deliver the remaining table changes, because the emulator does not keep its streams, then end the threads."""
        self.drain()
        self._stopping.set()
        self._news.end()
        for thread in self._threads:
            thread.join(timeout=5)

    def write_dead_letter(
        self, function: Function, event: Any, error: Json | None, tries: int = TRIES
    ) -> None:
        """Write an event that failed in every try to the file of dead letters."""
        line = {
            "at": int(time.time() * 1000),
            "function": function.name,
            "error": error,
            "event": event,
        }
        with self._dead_letters.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._count_dead_letter(function)
        log.error("%s failed %d times: see %s", function.name, tries, self._dead_letters)

    @property
    def aws(self) -> Aws:
        """The clients of the emulator."""
        return self._aws

    @property
    def functions(self) -> Functions:
        """The functions to call."""
        return self._functions

    @property
    def stopping(self) -> threading.Event:
        """Set when the threads are to end."""
        return self._stopping

    def _run(self, work: Work, topic: str) -> None:
        thread = threading.Thread(target=self._repeat, args=(work, topic), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _repeat(self, work: Work, topic: str) -> None:
        """Call `work` until stopped. After a call that left nothing to do, wait for news of the topic."""
        while not self._stopping.is_set():
            seen = self._news.count(topic)
            try:
                more = work()
            except Exception:
                if self._stopping.is_set():
                    return
                log.exception("The event source could not be read; trying again")
                more = False
                self._stopping.wait(1)
            if not more:
                self._stopping.wait(REST_S)
                self._news.wait(topic, seen, LOOK_AGAIN_S)


class _QueueReader:
    """Delivers the events of a queue to a function, one at a time. The queue counts the tries."""

    def __init__(self, dispatcher: Dispatcher, function: Function, tap: Tap) -> None:
        self._dispatcher = dispatcher
        self._function = function
        self._tap = tap

    def read(self) -> bool:
        """Handle the oldest event. Returns whether there was one."""
        answer = self._dispatcher.aws.call(
            "sqs",
            "AmazonSQS.ReceiveMessage",
            {
                "QueueUrl": self._tap.queue_url,
                "MaxNumberOfMessages": 1,
                "VisibilityTimeout": int(self._function.timeout_s) * 2,
                "AttributeNames": ["All"],
            },
        )
        messages = answer.get("Messages", [])
        for message in messages:
            self._handle(message)
        return bool(messages)

    def _handle(self, message: Json) -> None:
        event = self._event(message)
        outcome = self._dispatcher.functions.invoke(self._function.name, event)
        handled = outcome.ok and not _failures(outcome.result)
        if self._dispatcher.stopping.is_set() and not handled:
            return  # interrupted, not failed: the next start delivers it again
        handle = {"QueueUrl": self._tap.queue_url, "ReceiptHandle": message["ReceiptHandle"]}
        sqs = self._dispatcher.aws.client("sqs")
        tries = int(message["Attributes"]["ApproximateReceiveCount"])
        if not handled and tries < self._tap.tries:
            if not _hid_its_message(outcome):
                wait_s = RETRY_AFTER_S[min(tries, len(RETRY_AFTER_S)) - 1]
                sqs.change_message_visibility(**handle, VisibilityTimeout=wait_s)
            return
        if not handled:
            self._dispatcher.write_dead_letter(self._function, event, outcome.error, tries)
        sqs.delete_message(**handle)

    def _event(self, message: Json) -> Json:
        """Return the event for the function: a message of its own queue, or the content of a message in a tap.

        The version of an uploaded object is added, because AWS names it and the emulator does not.
        """
        content: Json = json.loads(message["Body"])
        if not self._tap.arn:
            if content.get("source") == "aws.s3":
                bucket, written = content["detail"]["bucket"]["name"], content["detail"]["object"]
                self._add_version(written, "version-id", bucket, written["key"], written["etag"])
            return content
        for record in content.get("Records", []):
            bucket, written = record["s3"]["bucket"]["name"], record["s3"]["object"]
            key = unquote_plus(written["key"])
            self._add_version(written, "versionId", bucket, key, written["eTag"])
        message = {**message, "Body": json.dumps(content)}
        return {"Records": [events.queue_record(message, self._tap.arn)]}

    def _add_version(self, written: Json, field: str, bucket: str, key: str, etag: str) -> None:
        if field in written:
            return
        s3 = self._dispatcher.aws.client("s3")
        for version in s3.list_object_versions(Bucket=bucket, Prefix=key).get("Versions", []):
            if (version["Key"], version["ETag"].strip('"')) == (key, etag.strip('"')):
                written[field] = version["VersionId"]
                return


class _StreamFollower:
    """Delivers the changes of one table to a function, in order."""

    def __init__(self, dispatcher: Dispatcher, function: Function, stream: Stream) -> None:
        self._dispatcher = dispatcher
        self._function = function
        self._stream = stream
        self._iterator: str | None = None
        self._reading = threading.Lock()

    def follow(self) -> bool:
        """Deliver the next batch. Returns whether it was full, so that there may be more."""
        return self._next_batch() == self._stream.batch_size

    def drain(self, patience_s: float) -> bool:
        """Deliver until no record is left. Returns False when that takes longer than `patience_s`."""
        deadline = time.monotonic() + patience_s
        while self._next_batch():
            if time.monotonic() > deadline:
                return False
        return True

    def _next_batch(self) -> int:
        """Deliver the next batch. Returns how many records the stream had."""
        with self._reading:
            records = self._next_records()
            batch = [record for record in records if self._wanted(record)]
            if batch:
                self._deliver(batch)
            return len(records)

    def _next_records(self) -> list[Json]:
        if self._iterator is None:
            self._iterator = self._first_iterator()
        answer = self._dispatcher.aws.call(
            "dynamodb",
            "DynamoDBStreams_20120810.GetRecords",
            {"ShardIterator": self._iterator, "Limit": self._stream.batch_size},
        )
        self._iterator = answer["NextShardIterator"]
        return [events.stream_record(record, self._stream.arn) for record in answer["Records"]]

    def _first_iterator(self) -> str:
        streams = self._dispatcher.aws.client("dynamodbstreams")
        described = streams.describe_stream(StreamArn=self._stream.arn)["StreamDescription"]
        first: str = streams.get_shard_iterator(
            StreamArn=self._stream.arn,
            ShardId=described["Shards"][0]["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        return first

    def _wanted(self, record: Json) -> bool:
        patterns = self._stream.patterns
        return not patterns or any(events.matches(pattern, record) for pattern in patterns)

    def _deliver(self, batch: list[Json]) -> None:
        """Deliver a batch; retry the records that failed, then split them, so that one bad record is given up alone."""
        error: Json | None = None
        for wait_s in (0, *RETRY_AFTER_S):
            self._dispatcher.stopping.wait(wait_s)
            outcome = self._dispatcher.functions.invoke(self._function.name, {"Records": batch})
            error = outcome.error
            batch = batch if error else _unhandled(batch, outcome.result)
            if not batch:
                return
        if len(batch) == 1:
            self._dispatcher.write_dead_letter(self._function, {"Records": batch}, error)
            return
        middle = len(batch) // 2
        self._deliver(batch[:middle])
        self._deliver(batch[middle:])


def _hid_its_message(outcome: Outcome) -> bool:
    """Whether the function itself has said when its message comes again, as the caller of webhooks does."""
    return any(call.startswith("sqs.ChangeMessageVisibility") for call in outcome.aws_calls)


def _failures(answer: Any) -> set[str]:
    """Return the ids of the items that a function reports as failed."""
    failures = answer.get("batchItemFailures", []) if isinstance(answer, dict) else []
    return {failure["itemIdentifier"] for failure in failures}


def _unhandled(batch: list[Json], answer: Any) -> list[Json]:
    """Return the records that AWS would send again (ReportBatchItemFailures): all from the first failure on."""
    failed = _failures(answer)
    for place, record in enumerate(batch):
        if record["dynamodb"]["SequenceNumber"] in failed:
            return batch[place:]
    return []
