"""Runs the emulator with a journal of its tables, so that no answered write is lost by a `kill -9`.

It runs in the emulator's own environment (.venv-cloud), so it imports nothing of ours. `ministack` writes its state
only when it is ended by SIGTERM. Here each successful write of DynamoDB becomes a line of a journal before it is
answered, and the next start replays the lines onto the state that was saved last.

    saved state 7 ──┬── journal-7: write, write, write … killed
                    └── next start: state 7, then the lines of journal-7 in their order
    saved state 8 ───── journal-8: (a gentle stop, or POST /_journal/snapshot)

State and journal are paired by a number inside the tables' own file, which is replaced at once: there is no
moment in which a line would be replayed onto a state that has it already. Lines go to the operating system with each
write, so they outlive the process, not a power failure.

It also tells who reads streams and queues that there is something to read (`News`), notes when a text message was
sent, refuses what a fault switch of the launcher names (`Refusals`), and copies items faster than `copy.deepcopy`,
which took a quarter of the time of a write.
"""

import asyncio
import base64
import contextlib
import copy
import json
import marshal
import os
import re
import time
import types
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from ministack import app as emulator
from ministack.core import persistence, responses
from ministack.services import dynamodb, eventbridge, s3, sns, sqs

SNAPSHOT_PATH = "/_journal/snapshot"
NEWS_PATH = "/_news"
REFUSALS_PATH = "/_refusals"
NEWS_WITHIN_S = 10
_NUMBER = "journal"  # beside the tables in dynamodb.json
_WRITES = re.compile(r"\.(Put|Update|Delete|BatchWrite|TransactWrite)Items?$")

Json = dict[str, Any]
Answer = tuple[int, Json, Any]
Headers = dict[str, str]


class Journal:
    """A file with the writes since the state was last saved."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._file: int | None = None
        self.handle = dynamodb.handle_request
        self.save = dynamodb.get_state
        self.load = dynamodb.load_persisted_state

    def attach(self) -> None:
        """Replace the emulator's functions that write, save and load tables by those of the journal."""
        self._folder.mkdir(parents=True, exist_ok=True)
        dynamodb.handle_request = self.answer
        dynamodb.get_state = self.begin_anew
        dynamodb.load_persisted_state = self.replay

    async def answer(
        self, method: str, path: str, headers: Headers, body: bytes, query: Json
    ) -> Answer:
        """Handle a request and append a successful write to the journal. No other request runs in between."""
        answer: Answer = await self.handle(method, path, headers, body, query)
        target = headers.get("x-amz-target", "")
        if answer[0] == 200 and _WRITES.search(target):
            self._append(target, body)
        return answer

    def _append(self, target: str, body: bytes) -> None:
        line = {
            "target": target,
            "account": responses.get_account_id(),
            "region": responses.get_region(),
            "body": base64.b64encode(body).decode(),
        }
        if self._file is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._file = os.open(self._path(self._number), flags, 0o600)
        os.write(self._file, json.dumps(line).encode() + b"\n")

    def begin_anew(self) -> Json:
        """Return the tables to be saved, with the number of the journal that begins now."""
        state: Json = self.save()
        self._number += 1
        if self._file is not None:
            os.close(self._file)
            self._file = None
        return {**state, _NUMBER: self._number}

    def replay(self, state: Json) -> None:
        """Load a saved state, repeat the writes of its journal, and delete older journals."""
        self._number = int(state.get(_NUMBER, 0))
        self.load(state)
        path = self._path(self._number)
        for line in path.read_bytes().splitlines() if path.exists() else []:
            self._redo(line)
        for old in self._folder.glob("journal-*.jsonl"):
            if old != path:
                old.unlink()

    def _redo(self, line: bytes) -> None:
        """Repeat the write of one line. A last line that is cut off is ignored, because its write was not answered."""
        try:
            entry = json.loads(line)
        except ValueError:
            return
        responses.set_request_account_id(entry["account"])
        responses.set_request_region(entry["region"])
        work = self.handle(
            "POST", "/", {"x-amz-target": entry["target"]}, base64.b64decode(entry["body"]), {}
        )
        try:
            work.send(None)  # it never awaits, so one step completes it
        except StopIteration:
            return
        raise RuntimeError("a write of the emulator awaits: the journal cannot keep its order")

    def _path(self, number: int) -> Path:
        return self._folder / f"journal-{number}.jsonl"


class News:
    """Counts the changes of each table that has a stream, and the messages that came to any queue."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.came = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None  # of who waits
        self.tell_of_change = dynamodb._emit_stream_event

    def attach(self) -> None:
        """Count where the emulator writes a change, and where it wakes the readers of its queues."""
        dynamodb._emit_stream_event = self.count_change
        for service in (sqs, s3, eventbridge):
            service.esm_wake = types.SimpleNamespace(set=lambda: self.count("queues"))

    def count(self, what: str) -> None:
        """Count one more, in any thread."""
        self.counts[what] += 1
        if self.loop is not None and not self.came.is_set():
            self.loop.call_soon_threadsafe(self.came.set)

    def count_change(self, table: str, *change: Any, **more: Any) -> None:
        """Write a change to the stream of its table, then count it."""
        self.tell_of_change(table, *change, **more)
        self.count(table)

    async def wait(self, seen: int) -> Json:
        """Return the counts as soon as their sum is not `seen`, otherwise after some seconds."""
        self.loop = asyncio.get_running_loop()
        self.came.clear()
        if self.counts.total() == seen:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.came.wait(), NEWS_WITHIN_S)
        return dict(self.counts)


class TimedMessages:
    """The text messages to one number. A new one gets the moment of its sending (real time, UTC ms)."""

    def __init__(self, records: list[Json]) -> None:
        self._records = records

    def append(self, record: Json) -> None:
        """Add a message."""
        self._records.append({**record, "SentAt": time.time_ns() // 1_000_000})


def timed(records_of: Callable[[str], list[Json]]) -> Callable[[str], TimedMessages]:
    """Return the emulator's function that gives the messages of a number, with times for new ones."""
    return lambda number: TimedMessages(records_of(number))


class Refusals:
    """What the emulator refuses on purpose: `sms` (all of SNS) and `uploads` (forms that a browser posts to S3)."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def answer(self, scope: Json) -> tuple[int, str] | None:
        """Return status and code of the refusal of a request; None when it is not refused."""
        headers = {name.lower(): value for name, value in scope["headers"]}
        if "sms" in self.names and b"/sns/aws4_request" in headers.get(b"authorization", b""):
            return 403, "AuthorizationError"
        posts_a_form = headers.get(b"content-type", b"").startswith(b"multipart/form-data")
        if "uploads" in self.names and scope["method"] == "POST" and posts_a_form:
            return 503, "SlowDown"
        return None


def copied(value: Any) -> Any:
    """Return a deep copy. `marshal` does it for what JSON knows, seven times as fast as `copy.deepcopy`."""
    try:
        return marshal.loads(marshal.dumps(value))  # noqa: S302 - these bytes were made right here
    except ValueError:
        return copy.deepcopy(value)


Receive = Callable[[], Awaitable[Json]]
Send = Callable[[Json], Awaitable[None]]
Serve = Callable[[Json, Receive, Send], Awaitable[None]]


def with_own_paths(serve: Serve, news: News, refusals: Refusals) -> Serve:
    """Return the emulator's ASGI application with paths of ours: for saving the whole state, news, and refusals.

    `POST` to the news is news itself: it ends the waiting of a reader. `POST` to the refusals says which hold from now
    on (`?name=…`).
    """

    async def answer(scope: Json, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path == SNAPSHOT_PATH:
            persistence.save_all(emulator._build_persistence_save_dict())
            await _reply(send, {})
        elif path == NEWS_PATH and scope["method"] == "POST":
            news.count("asked")
            await _reply(send, {})
        elif path == NEWS_PATH:
            await _reply(send, await news.wait(_seen(scope)))
        elif path == REFUSALS_PATH:
            refusals.names = set(_query(scope).get("name", []))
            await _reply(send, {})
        elif path and (refused := refusals.answer(scope)):
            await _refuse(receive, send, *refused)
        else:
            await serve(scope, receive, send)

    return answer


def _query(scope: Json) -> dict[str, list[str]]:
    return parse_qs(scope["query_string"].decode())


def _seen(scope: Json) -> int:
    return int(_query(scope).get("seen", ["-1"])[0])


async def _reply(send: Send, content: Json) -> None:
    await _send(send, 200, "application/json", json.dumps(content))


async def _refuse(receive: Receive, send: Send, status: int, code: str) -> None:
    """Read the request to its end, then refuse it as AWS does, in XML; a page of any origin may read it."""
    while (await receive()).get("more_body"):
        pass
    said = f"<Error><Code>{code}</Code><Message>refused by a fault switch</Message></Error>"
    await _send(send, status, "text/xml", f"<ErrorResponse>{said}</ErrorResponse>")


async def _send(send: Send, status: int, kind: str, text: str) -> None:
    headers = [(b"content-type", kind.encode()), (b"access-control-allow-origin", b"*")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


if __name__ == "__main__":
    Journal(Path(os.environ["STATE_DIR"])).attach()
    dynamodb.copy = types.SimpleNamespace(deepcopy=copied)
    told = News()
    told.attach()
    sns._sms_log_for = timed(sns._sms_log_for)
    emulator.app = with_own_paths(emulator.app, told, Refusals())
    emulator.main()
