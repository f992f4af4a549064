"""A partner that is called by a webhook, and the queue in which its deliveries wait."""

import contextlib
import http.server
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.shared import queues
from examples.webhook_receiver import is_genuine
from infra.local.events import queue_record
from tests.api import run
from tests.clock import StandingClock
from tests.cloud import ENVIRONMENT, TEMPLATE
from tests.provider import serving

CALL = "chalicelib.handlers.webhooks.call_partner"
QUEUE = TEMPLATE["Resources"]["WebhookDeliveries"]["Properties"]


@dataclass
class Receiver:
    """The partner's server. It answers 401 to a call that is not genuine, otherwise as `statuses` says, then 204."""

    keys: dict[str, str]
    clock: StandingClock
    url: str = ""
    statuses: list[int] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)  # bodies of genuine calls
    headers: list[dict[str, str]] = field(default_factory=list)
    calls: int = 0

    def answer(self, headers: Any, body: bytes) -> int:
        self.calls += 1
        self.headers.append({name.lower(): value for name, value in headers.items()})
        if not is_genuine(self.keys, headers, body, self.clock.now):
            return 401
        status = self.statuses.pop(0) if self.statuses else 204
        if status == 204:
            self.told.append(json.loads(body))
        return status

    def cursors(self) -> list[str]:
        """The numbers of the entries that it was told of and has acknowledged."""
        return [told["cursor"] for told in self.told]


@contextlib.contextmanager
def receiving(clock: StandingClock, **keys: str) -> Iterator[Receiver]:
    """A partner's server on loopback. `keys`: by key id, with `_` for `-`."""
    receiver = Receiver({name.replace("_", "-"): key for name, key in keys.items()}, clock)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.answer(self.headers, body))
            self.send_header("Location", receiver.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with serving(Handler) as port:
        receiver.url = f"http://127.0.0.1:{port}/hooks"
        yield receiver


@dataclass
class Waiting:
    """A message of the queue."""

    message_id: str
    body: str
    visible_at: int
    received: int = 0
    done: bool = False


@dataclass
class Queue:
    """SQS as the template sets it up, by the clock of the test: what is hidden, how often received, what is dead."""

    clock: StandingClock
    messages: list[Waiting] = field(default_factory=list)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take the place of SQS."""
        monkeypatch.setattr(queues, "send", self.send)
        monkeypatch.setattr(queues, "hide", self.hide)

    def send(self, queue_url: str, bodies: Any) -> int:
        assert queue_url == ENVIRONMENT["WEBHOOK_QUEUE_URL"]
        before = len(self.messages)
        for body in bodies:
            self.messages.append(Waiting(f"m-{len(self.messages)}", body, self.clock.now))
        return len(self.messages) - before

    def hide(self, queue_url: str, receipt_handle: str, seconds: int) -> None:
        assert queue_url == ENVIRONMENT["WEBHOOK_QUEUE_URL"]
        assert 0 <= seconds <= 12 * 3600  # the most that SQS allows
        [message] = [entry for entry in self.messages if entry.message_id == receipt_handle]
        message.visible_at = self.clock.now + seconds * 1000

    def waiting(self) -> list[Waiting]:
        """Messages that will be received again."""
        return [entry for entry in self.messages if not entry.done and not self._is_dead(entry)]

    def dead(self) -> list[Waiting]:
        """Messages that the next receive moves into the queue of dead letters."""
        return [entry for entry in self.messages if not entry.done and self._is_dead(entry)]

    def _is_dead(self, entry: Waiting) -> bool:
        received_out = entry.received >= QUEUE["RedrivePolicy"]["maxReceiveCount"]
        return received_out and entry.visible_at <= self.clock.now

    def deliver(self) -> int:
        """Call the function for each message that is visible now. Returns how many."""
        visible = [entry for entry in self.waiting() if entry.visible_at <= self.clock.now]
        for entry in visible:
            entry.received += 1
            entry.visible_at = self.clock.now + QUEUE["VisibilityTimeout"] * 1000
            failed = run(CALL, event_of(entry))["batchItemFailures"]
            entry.done = failed == []
        return len(visible)

    def run_for(self, ms: int) -> None:
        """Let time pass, and deliver each message at the moment at which it becomes visible."""
        ends = self.clock.now + ms
        while due := [entry.visible_at for entry in self.waiting() if entry.visible_at <= ends]:
            self.clock.now = max(self.clock.now, min(due))
            self.deliver()
        self.clock.now = ends

    def redrive(self) -> None:
        """Send the dead letters back, as the console does: as new messages."""
        for entry in self.dead():
            entry.received, entry.visible_at = 0, self.clock.now


def event_of(entry: Waiting) -> dict[str, Any]:
    """The event with one message."""
    message = {
        "MessageId": entry.message_id,
        "ReceiptHandle": entry.message_id,
        "Body": entry.body,
        "Attributes": {"ApproximateReceiveCount": str(entry.received)},
        "MD5OfBody": "0",
    }
    arn = "arn:aws:sqs:us-east-1:123456789012:WebhookDeliveries"
    return {"Records": [queue_record(message, arn)]}


def entry_event(row: dict[str, Any]) -> dict[str, Any]:
    """The event of the stream about a new item (DynamoDB's format) of the results table."""
    keys = {"feed": row["feed"], "sk": row["sk"]}
    change = {"Keys": keys, "NewImage": row, "SequenceNumber": "7", "SizeBytes": 1}
    change |= {"StreamViewType": "NEW_AND_OLD_IMAGES", "ApproximateCreationDateTime": 1}
    record = {"eventID": "1", "eventName": "INSERT", "dynamodb": change, "awsRegion": "us-east-1"}
    arn = "arn:aws:dynamodb:us-east-1:1:table/results/stream/1"
    return {"Records": [{**record, "eventSource": "aws:dynamodb", "eventSourceARN": arn}]}
