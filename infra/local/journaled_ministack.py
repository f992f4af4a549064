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
"""

import base64
import json
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from ministack import app as emulator
from ministack.core import persistence, responses
from ministack.services import dynamodb

SNAPSHOT_PATH = "/_journal/snapshot"
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


Receive = Callable[[], Awaitable[Json]]
Send = Callable[[Json], Awaitable[None]]


def with_snapshots(serve: Callable[[Json, Receive, Send], Awaitable[None]]) -> Any:
    """Return the emulator's ASGI application with one more path, which saves the whole state."""

    async def answer(scope: Json, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != SNAPSHOT_PATH:
            await serve(scope, receive, send)
            return
        persistence.save_all(emulator._build_persistence_save_dict())
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return answer


if __name__ == "__main__":
    Journal(Path(os.environ["STATE_DIR"])).attach()
    emulator.app = with_snapshots(emulator.app)
    emulator.main()
