"""One cloud, one clock, several people, an operator, and queues of events that can be delayed, lost or repeated.

    with world.living(pictures) as w:
        ann = w.people[0]
        ann.open(), ann.steps(), ann.reserve() …
        w.deliver_all()
        assert not invariants.violations(w)

Changes of an attempt are caught where moto stores them, so no way of writing them is overlooked.
"""

import base64
import contextlib
import copy
import dataclasses
import hashlib
import json
import pathlib
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock
from urllib.parse import unquote_plus

import boto3
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import StreamShard
from moto.s3.models import s3_backends
from moto.sns import sns_backends
from moto.sqs.models import SQSBackend

from chalicelib import faces
from chalicelib.attempts import events as sweep
from chalicelib.attempts import shards
from chalicelib.attempts.items import from_item, is_split
from chalicelib.attempts.model import Attempt, Status
from chalicelib.notices import sms
from chalicelib.notices.port import Message
from chalicelib.operators import codes
from chalicelib.results import document, signing
from chalicelib.shared import clock as product_clock
from chalicelib.shared import ids, log
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.shared.table import item_from_wire
from scripts.moments import moment
from tests import cloud, console, examinations, operators
from tests.api import publish, run, snapshot_event
from tests.clock import StandingClock
from tests.cloud import ENVIRONMENT
from tests.proof.book import Book, Crashed, Exchange, Lines, Post, Run, WatchedApi, current
from tests.proof.people import EXAM, PERSONS, T0, Person
from tests.signing import identity, put_identity

REGION = "us-east-1"
# infra/resources.yaml: retries + 1, receive count
TRIES = {"upload": 3, "snapshot": 3, "change": 11, "notice": 4, "document": 4, "certificate": 11}
TRIES |= {"entry": 11, "webhook": 13}
_IN_ORDER = {"change", "notice", "document", "certificate", "entry"}
OPERATORS = ("ops@example", "op-1", "op-2")
MINUTES_TO_QUIET = 1600  # more than the longest exam with the longest extra time


@dataclass(frozen=True)
class Change:
    """One write to the attempts table: the item before and after it, and the act that wrote it."""

    number: int
    attempt_id: str
    sk: str
    old_wire: dict[str, Any] | None
    new_wire: dict[str, Any] | None
    at: int
    cause: int | None
    old: Attempt | None = None  # set for the ATTEMPT item only
    new: Attempt | None = None


@dataclass
class Event:
    """An event that waits for its function."""

    number: int
    kind: str  # upload (EventBridge) · snapshot, webhook (SQS) · change, notice, document, certificate, entry (streams)
    subject: str  # key in S3, attempt id, case id, number of a certificate, id of a report; `told <number>`; a feed
    function: str
    payload: dict[str, Any]
    state: str = "waiting"  # waiting · done · dead (in a dead-letter queue)
    tries: int = 0


class Engine:
    """The real engine, which examines each picture once in a process. `down`: it cannot run now."""

    seen: dict[Any, Any] = {}
    down = False

    def __init__(self, name: faces.EngineName = "yunet_sface") -> None:
        self.name, self.real = name, _real_engine(name)

    def examine(self, image: Any, *, vectors: bool = True) -> Any:
        if Engine.down:
            raise faces.EngineUnavailable("down for a while")
        key = (self.name, hashlib.sha256(image.tobytes()).hexdigest(), image.size, vectors)
        if key not in self.seen:
            self.seen[key] = self.real.examine(image, vectors=vectors)
        return self.seen[key]


def once(write: Callable[..., bytes]) -> Callable[..., bytes]:
    """Write each document once in a run. The same content gives the same bytes, and every copy has the same people."""

    def written(*content: Any, **more: Any) -> bytes:
        asked = repr((write.__name__, content, more, identity()["certificate"]))
        name = hashlib.sha256(asked.encode()).hexdigest()
        data: bytes = examinations.recorded(name, lambda: write(*content, **more))
        return data

    return written


_real_engine = faces.default_engine
_send = sms.send


class World:
    """The cloud, the clock, people and events. Every action goes through this class and is written into the book."""

    def __init__(self, clock: StandingClock, pictures: str) -> None:
        self.clock = clock
        self.pictures = pathlib.Path(pictures)
        self.moment = 0
        self.book = Book()
        self.history: list[Change] = []
        self.events: list[Event] = []
        self.people: list[Person] = []
        self.memory: dict[str, Any] = {}  # what the invariants have checked already
        self.dice = Dice()
        self.operators: dict[str, str] = {}  # name → id
        self.secrets: dict[str, str] = {}  # name → secret of the app

    # --- people and pictures ---

    def add_person(self) -> Person:
        """Add the next of `PERSONS`, who is not enrolled yet."""
        phone, number, real_name, face = PERSONS[len(self.people)]
        name = f"person-{len(self.people) + 1}"
        api = WatchedApi(self.clock, book=self.book, who=name, changes=self.history)
        api.address = f"192.0.2.{len(self.people) + 1}"
        self.book.secrets |= {phone: "phone", number: "ID number"}
        person = Person(self, name, phone, number, real_name, face, api)
        self.people.append(person)
        return person

    def picture(self, name: str) -> bytes:
        """Return a real picture. A frame of a camera is at another moment each time."""
        data = (self.pictures / name).read_bytes()
        if not name.startswith("frame_"):
            return data
        self.moment += 1
        return moment(data, self.moment)

    def post(self, who: Person, ticket: dict[str, Any], picture: str | bytes) -> Post:
        """Post bytes to S3 as a browser does. S3 refuses what the ticket does not allow."""
        data = picture if isinstance(picture, bytes) else self.picture(picture)
        key: str = ticket["fields"]["key"]
        status = 204
        if self.clock.now >= ticket["expires_at"]:
            status = 403
        elif len(data) > ticket["max_bytes"]:
            status = 400
        digest = hashlib.sha256(data).hexdigest()
        entry = Post(who.name, key, digest, self.clock.now, status)
        self.book.posts.append(entry)
        if status == 204:
            put = boto3.client("s3").put_object(
                Bucket=ENVIRONMENT["PRIVATE_BUCKET"], Key=key, Body=data
            )
            self._uploaded(key, len(data), put["VersionId"])
        return entry

    def _uploaded(self, key: str, size: int, version_id: str) -> None:
        if key.startswith("incoming/snapshots/"):
            function = "chalicelib.handlers.uploads.judge_snapshot"
            self._queue("snapshot", key, function, snapshot_event(key, version_id))
        elif key.startswith("incoming/"):
            picture = {"key": key, "size": size, "etag": "0", "sequencer": "0"}
            detail = {"version": "0", "reason": "PostObject", "object": picture}
            detail["bucket"] = {"name": ENVIRONMENT["PRIVATE_BUCKET"]}
            picture["version-id"] = version_id
            event = {**envelope("Object Created", "aws.s3"), "detail": detail}
            self._queue("upload", key, "chalicelib.handlers.uploads.judge_upload", event)

    def sent(self, queue: str, body: str) -> None:
        """Add the event of a message that a function has sent to a queue."""
        if queue == "WebhookDeliveries":
            told = snapshot_event("")
            told["Records"][0] |= {"body": body, "messageId": f"webhook-{len(self.events)}"}
            subject = f"call {len(self.events)}"
            self._queue("webhook", subject, "chalicelib.handlers.webhooks.call_partner", told)
            return
        for record in json.loads(body)["Records"]:
            key = unquote_plus(record["s3"]["object"]["key"])
            function = "chalicelib.handlers.uploads.judge_snapshot"
            self._queue("snapshot", key, function, snapshot_event(key))

    # --- events ---

    def _queue(self, kind: str, subject: str, function: str, payload: dict[str, Any]) -> None:
        self.events.append(Event(len(self.events), kind, subject, function, payload))

    def written(self, old: Any, new: Any) -> None:
        """Called when moto has written an item of the attempts table."""
        before = old.to_json()["Attributes"] if old is not None else None
        after = new.to_json()["Attributes"] if new is not None else None
        keys = after or before
        assert keys is not None
        attempt_id, sk = keys["attempt_id"]["S"], keys["sk"]["S"]
        change = Change(
            len(self.history),
            attempt_id,
            sk,
            before,
            after,
            self.clock.now,
            current.get(),
            self._attempt(before) if sk == "ATTEMPT" else None,
            self._attempt(after) if sk == "ATTEMPT" else None,
        )
        self.history.append(change)
        if sk == "ATTEMPT":
            function = "chalicelib.handlers.changes.record_changes"
            names = {"attempt_id": {"S": attempt_id}, "sk": {"S": sk}}
            told = _stream_event("attempts", change.number, names, before, after)
            self._queue("change", attempt_id, function, told)

    def _attempt(self, wire: dict[str, Any] | None) -> Attempt | None:
        if not wire or "status" not in wire:
            return None
        item = item_from_wire(wire)
        return from_item(item, self._resting(item["attempt_id"]) if is_split(item) else None)

    def _resting(self, attempt_id: str) -> dict[str, Any]:
        """Return the resting item of an attempt as it was written last."""
        for change in reversed(self.history):
            if (change.attempt_id, change.sk) == (attempt_id, "ATTEMPT#RESTING"):
                return item_from_wire(change.new_wire or {})
        return {}

    def case_written(self, old: Any, new: Any) -> None:
        """Called when moto has written a case. The stream's filter takes cases with a notice to be sent."""
        before = old.to_json()["Attributes"] if old is not None else None
        after = new.to_json()["Attributes"] if new is not None else None
        if after is not None and after.get("notice_pending") == {"S": "pending"}:
            keys = {"case_id": after["case_id"]}
            told = _stream_event("cases", len(self.events), keys, before, after)
            function = "chalicelib.handlers.changes.send_notices"
            self._queue("notice", after["case_id"]["S"], function, told)

    def certificate_written(self, old: Any, new: Any) -> None:
        """Called when moto has written into the results table, whose stream calls two functions."""
        before = old.to_json()["Attributes"] if old is not None else None
        after = new.to_json()["Attributes"] if new is not None else None
        if after is not None and after.get("waits_for") in ({"S": "document"}, {"S": "record"}):
            keys = {"feed": after["feed"], "sk": after["sk"]}
            told = _stream_event("results", len(self.events), keys, before, after)
            function = "chalicelib.handlers.certificates.write_documents"
            self._queue("document", after["feed"]["S"], function, told)
        if after is not None and after["sk"] == {"S": "CERTIFICATE"}:
            keys = {"feed": after["feed"], "sk": after["sk"]}
            told = _stream_event("results", len(self.events), keys, before, after)
            function = "chalicelib.handlers.changes.tell_partners"
            self._queue("certificate", f"told {after['number']['S']}", function, told)
        if before is None and after is not None and after["feed"]["S"].startswith("organisation#"):
            keys = {"feed": after["feed"], "sk": after["sk"]}
            told = _stream_event("results", len(self.events), keys, before, after)
            function = "chalicelib.handlers.changes.tell_partners"
            self._queue("entry", after["feed"]["S"], function, told)

    def waiting(self) -> list[Event]:
        """Return the events that could come next. Only changes of one item keep their order."""
        found, items = [], set()
        for event in self.events:
            if event.state == "waiting" and event.subject not in items:
                found.append(event)
            if event.state == "waiting" and event.kind in _IN_ORDER:
                items.add(event.subject)
        return found

    def dead(self) -> list[Event]:
        """Return the events in dead-letter queues."""
        return [event for event in self.events if event.state == "dead"]

    def done(self) -> list[Event]:
        """Return the handled events, which could come again."""
        return [event for event in self.events if event.state == "done"]

    def deliver(self, event: Event) -> Run:
        """Call the function of an event. After a failure it stays in the queue until its tries are used up."""
        again = event.state == "done"
        entry = self.run(event.function, event.payload, repeats=again)
        failed = entry.error is not None or _partly_failed(entry.answer)
        if not again:
            event.tries += failed
            if not failed:
                event.state = "done"
            elif event.state == "waiting" and event.tries >= TRIES[event.kind]:
                event.state = "dead"
        return entry

    def repeat(self, event: Event) -> None:
        """Deliver a handled event again; with a change, all handled ones after it come again, in order."""
        if event.kind != "change":
            self.deliver(event)
            return
        for other in self.done():
            if other.subject == event.subject and other.number >= event.number:
                self.deliver(other)

    def drop(self, event: Event) -> None:
        """Move an event to the dead-letter queue, as if all its tries had failed."""
        event.state, event.tries = "dead", TRIES[event.kind]

    def redrive(self) -> None:
        """Send all events of the dead-letter queues back, as an operator does."""
        for event in self.dead():
            self.deliver(event)

    def deliver_all(self) -> None:
        """Deliver events until none is waiting."""
        while waiting := self.waiting():
            for event in waiting:
                self.deliver(event)

    def minute(self) -> Run:
        """Run the schedule once."""
        event = {**envelope("Scheduled Event", "aws.events"), "detail": {}}
        return self.run("chalicelib.handlers.clock.run_minute", event)

    def quiet(self) -> None:
        """Redrive and deliver everything, and run the schedule until nothing is due any more."""
        self.redrive()
        self.deliver_all()
        for _ in range(MINUTES_TO_QUIET):
            self.minute()
            self.deliver_all()
            due = [a.due_bucket for a in self.attempts().values() if a.due_bucket]
            if not due:
                return
            minute = min(int(bucket.partition("#")[0]) for bucket in due)
            self.clock.now = max(self.clock.now + 1, minute * MINUTE_MS)

    def operate(self, function: str, *, room: str = "console", **event: Any) -> dict[str, Any]:
        """Invoke a function of the console as an operator, with a code if it needs one. Returns its answer."""
        if "operator" in event and "operator_code" not in event:
            event["operator_code"] = self._code_for(event["operator"], function, event)
        entry = self.run(f"chalicelib.handlers.{room}.{function}", event)
        return entry.answer if isinstance(entry.answer, dict) else {}

    def announce(
        self,
        widget: str,
        do: str,
        command_id: str,
        *,
        operator: str = "op-1",
        text: str = "请看通知",
        **about: Any,
    ) -> str:
        """Press the button of an announcement, as the dashboard does. Returns what it shows then."""
        given = {"do": do, "command_id": command_id, **about}
        typed = {"operator": operator, "reason": "设备故障", "text": text}
        typed["operator_code"] = self._code_for(operator, do, {**given, **typed})
        event = {**given, "endpoints": console.ENDPOINTS, "widgetContext": console.context(typed)}
        return str(self.run(console.handler_of(widget), event).answer)

    def code_of(self, operator: str) -> str:
        """Return the one-time code of an operator now."""
        return codes.code_at(self.secrets[operator], self.clock.now)

    def _code_for(self, operator: str, function: str, event: dict[str, Any]) -> str:
        """Return the code of this moment. For another command than the last one it counts as unused.

        So operators give many commands in one moment, and a repeated command comes with its own code.
        """
        code = self.code_of(operator)
        given = (code, function, json.dumps(event, sort_keys=True))
        if self.memory.get(f"code of {operator}") not in (None, given):
            self._rest(operator)
        self.memory[f"code of {operator}"] = given
        return code

    def _rest(self, operator: str) -> None:
        """Forget the last used code of an operator, without a request."""
        for item in self._stored("OPERATORS_TABLE"):
            if item.attrs["pk"].value == self.operators[operator]:
                item.attrs["last_step"] = DynamoType({"N": "0"})

    def run(self, function: str, event: dict[str, Any], *, repeats: bool = False) -> Run:
        """Run a packaged handler by its string, and note its exception in the book."""
        entry = Run(
            self.book.tick(), function, event, self.clock.now, len(self.history), repeats=repeats
        )
        self.book.runs.append(entry)
        with self.book.acting(entry.number):
            try:
                entry.answer = run(function, json.loads(json.dumps(event, default=_base64)))
            except Crashed:
                entry.error = "Crashed"
            except Exception as error:
                entry.error = repr(error)
        entry.kept = len(self.history)
        return entry

    # --- what is stored ---

    def items(self, variable: str) -> list[dict[str, Any]]:
        """Return all items of a table in DynamoDB's format, without a request."""
        return [item.to_json()["Attributes"] for item in self._stored(variable)]

    def _stored(self, variable: str) -> list[Any]:
        """Return all items of a table as moto keeps them."""
        table = _tables()[ENVIRONMENT[variable]]
        found: list[Any] = []
        for entry in table.items.values():
            found += entry.values() if isinstance(entry, dict) else [entry]
        return found

    def rows(self, variable: str) -> list[dict[str, Any]]:
        """Return all items of a table as plain values."""
        return [item_from_wire(wire) for wire in self.items(variable)]

    def object_names(self, variable: str = "") -> list[str]:
        """Return the keys of all buckets, or of this one (`PAPERS_BUCKET`, …), without a request."""
        buckets = [_buckets()[ENVIRONMENT[variable]]] if variable else _buckets().values()
        return [name for bucket in buckets for name in bucket.keys]

    def attempts(self) -> dict[str, Attempt]:
        """Return all attempts as stored now."""
        found = {}
        for change in self.history:
            if change.new is not None:
                found[change.attempt_id] = change.new
        return found

    def attempt(self, person: Person) -> Attempt:
        """Return the attempt of a person as stored now."""
        return self.attempts()[person.attempt_id]

    def repeatable(self) -> list[Exchange]:
        """Return the requests that somebody could send again."""
        return [entry for entry in self.book.exchanges if entry.attempt_id]


def _partly_failed(answer: Any) -> bool:
    return isinstance(answer, dict) and bool(answer.get("batchItemFailures"))


def envelope(kind: str, source: str) -> dict[str, Any]:
    """Return the fields that all events of EventBridge have."""
    event = {"version": "0", "id": "e", "detail-type": kind, "source": source, "resources": []}
    return event | {"account": "123456789012", "region": REGION, "time": "2027-01-15T08:00:00Z"}


def _base64(value: bytes) -> str:
    """Return bytes as a stream tells them."""
    return base64.b64encode(value).decode()


def _stream_event(
    table: str, number: int, keys: dict[str, Any], old: Any, new: Any
) -> dict[str, Any]:
    told = {"Keys": keys, "SequenceNumber": str(number), "SizeBytes": 1}
    told |= {"StreamViewType": "NEW_AND_OLD_IMAGES", "ApproximateCreationDateTime": 1}
    told |= {"OldImage": old} if old is not None else {}
    told |= {"NewImage": new} if new is not None else {}
    kind = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    record = {"eventID": str(number), "eventName": kind, "dynamodb": told}
    arn = f"arn:aws:dynamodb:{REGION}:1:table/{table}/stream/1"
    record |= {"eventSource": "aws:dynamodb", "eventSourceARN": arn, "awsRegion": REGION}
    return {"Records": [record]}


class Bookmark:
    """A saved state of a world. Going back is faster than enrolling people again for each story."""

    def __init__(self, w: World) -> None:
        self.w, self.now, self.thrown = w, w.clock.now, w.dice.thrown
        self.tables = {name: copy.deepcopy(table.items) for name, table in _tables().items()}
        self.buckets = {
            name: {key: list(bucket.keys.getlist(key)) for key in bucket.keys}
            for name, bucket in _buckets().items()
        }
        self.messages = dict(_messages())
        self.book = {f.name: copy.copy(getattr(w.book, f.name)) for f in dataclasses.fields(w.book)}
        self.history = list(w.history)
        self.events = [dataclasses.replace(event) for event in w.events]
        self.people = [_plain(person) for person in w.people]
        self.tokens = [(person.api.cookie, person.api.page_token) for person in w.people]

    def go_back(self) -> None:
        """Restore the saved state."""
        w = self.w
        w.clock.now, w.dice.thrown, Engine.down = self.now, self.thrown, False
        for name, table in _tables().items():
            table.items = copy.deepcopy(self.tables[name])
        for name, bucket in _buckets().items():
            bucket.keys.clear()
            for key, versions in self.buckets[name].items():
                dict.__setitem__(bucket.keys, key, list(versions))
        _messages().clear()
        _messages().update(self.messages)
        for name, value in self.book.items():
            setattr(w.book, name, copy.copy(value))
        w.history[:] = self.history
        w.events[:] = [dataclasses.replace(event) for event in self.events]
        w.memory.clear()
        for person, fields, tokens in zip(w.people, self.people, self.tokens, strict=True):
            for name, value in fields.items():
                setattr(person, name, copy.copy(value))
            person.api.cookie, person.api.page_token = tokens
            person.api.answers.clear()


def _plain(person: Person) -> dict[str, Any]:
    """Return the plain values of a person, without API client and world."""
    names = {f.name for f in dataclasses.fields(person)} - {"world", "api"}
    return {name: copy.copy(getattr(person, name)) for name in names}


def _tables() -> dict[str, Any]:
    found: dict[str, Any] = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
    return found


def _buckets() -> dict[str, Any]:
    found: dict[str, Any] = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets
    return found


def _messages() -> dict[str, Any]:
    found: dict[str, Any] = sns_backends[DEFAULT_ACCOUNT_ID][REGION].sms_messages
    return found


class Dice:
    """Randomness that is the same in each world, so that a failure can be repeated."""

    def __init__(self) -> None:
        self.thrown = 0

    def __call__(self, length: int) -> bytes:
        self.thrown += 1
        return hashlib.shake_256(f"dice {self.thrown}".encode()).digest(length)


@contextlib.contextmanager
def empty(pictures: str) -> Iterator[World]:
    """A world with a cloud and a clock (T0 − 40 min), without people."""
    clock = StandingClock(T0 - 40 * MINUTE_MS)
    w = World(clock, pictures)
    lines = Lines(w.book)
    transact, send_message = DynamoDBBackend.transact_write_items, SQSBackend.send_message
    followers = {
        ENVIRONMENT["ATTEMPTS_TABLE"]: w.written,
        ENVIRONMENT["CASES_TABLE"]: w.case_written,
        ENVIRONMENT["RESULTS_TABLE"]: w.certificate_written,
    }

    def whole(self: Any, *args: Any, **words: Any) -> Any:
        before, queued = len(w.history), len(w.events)
        try:
            return transact(self, *args, **words)
        except BaseException:  # moto takes the writes of a failed transaction back
            del w.history[before:], w.events[queued:]
            raise

    def written(shard: StreamShard, old: Any, new: Any) -> None:
        followers[shard.table.name](old, new)

    def sent(self: Any, queue: str, body: str, **words: Any) -> Any:
        message = send_message(self, queue, body, **words)
        w.sent(queue, body)
        return message

    def hand_over(message: Message) -> None:
        _send(message)
        w.book.sent.append((message.message_id, message.template))

    with (
        mock.patch.object(product_clock, "now_ms", lambda: clock.now),
        mock.patch.object(ids, "source", w.dice),
        mock.patch.object(faces, "default_engine", Engine),
        # the schedule makes eight times fewer queries
        mock.patch.multiple(shards, LEAST_SHARDS=1, SHARDS_PER_10_000=0),
        # a copy of the world is a fork of its process, which takes the calling thread alone along
        mock.patch.object(sweep, "AT_ONCE", 1),
        mock.patch.object(StreamShard, "add", written),
        mock.patch.object(sms, "send", hand_over),
        mock.patch.object(document, "write_document", once(document.write_document)),
        mock.patch.object(signing, "sign_document", once(signing.sign_document)),
        mock.patch.object(DynamoDBBackend, "transact_write_items", whole),
        mock.patch.object(SQSBackend, "send_message", sent),
        cloud.one_request_at_a_time(),
        contextlib.redirect_stdout(lines),
        # pytest restores its own standard output between a fixture and its test.
        mock.patch.object(log, "sys", types.SimpleNamespace(stdout=lines)),
        cloud.running(),
    ):
        for name in followers:
            images = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
            _tables()[name].set_stream_specification(images)
        put_identity()
        for variable in ("SNAPSHOT_QUEUE_URL", "WEBHOOK_QUEUE_URL"):
            queue = ENVIRONMENT[variable].rpartition("/")[2]
            boto3.client("sqs").create_queue(QueueName=queue)
        for name in OPERATORS:
            w.operators[name] = operators.enter(name).operator_id
            w.secrets[name] = operators.secret(name)
        yield w


@contextlib.contextmanager
def living(pictures: str, people: int = 2, **policy: Any) -> Iterator[World]:
    """A world with an exam at `T0` and enrolled people, while the waiting room is open."""
    with empty(pictures) as w:
        published = publish("agency-practitioners", T0, EXAM, **with_policy(policy))
        assert published["ok"], published
        for _ in range(people):
            w.add_person().enrol()
        w.minute()
        yield w


def with_policy(policy: dict[str, Any]) -> dict[str, bytes]:
    """Return the settings of the exam pack with changes of its policy."""
    return with_settings({"policy": policy}) if policy else {}


def with_settings(changes: dict[str, Any]) -> dict[str, bytes]:
    """Return the settings of the exam pack with these changes; a policy changes field by field."""
    import yaml

    file = cloud.ROOT / "examples/agency-practitioners/exam.yaml"
    pack = yaml.safe_load(file.read_text("utf-8"))
    policy = {**pack.get("policy", {}), **changes.get("policy", {})}
    chosen = {**pack, **changes, "policy": policy}
    return {"exam.yaml": yaml.safe_dump(chosen, allow_unicode=True).encode()}


def is_open(attempt: Attempt) -> bool:
    """Return whether the paper of an attempt can still change."""
    return attempt.status is not Status.SUBMITTED
