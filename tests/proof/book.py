"""The record of a run: every answer that a client got, every run of a function, every log line, every upload.

It does not use what the product has stored, so tests can compare the two.
"""

import contextlib
import contextvars
import copy
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.api import Answer, Api

current: contextvars.ContextVar[int | None] = contextvars.ContextVar("current", default=None)


class Crashed(BaseException):
    """A killed process. It is a `BaseException`, so that no `except Exception` of the product catches it."""


@dataclass
class Exchange:
    """One request and its answer. `status` is None when no answer arrived."""

    number: int
    who: str
    method: str
    path: str
    body: Any
    page_token: str
    headers: dict[str, str]
    at: int  # the server's clock when it was sent
    began: (
        int  # ticks: of two exchanges, one was before the other if it ended before the other began
    )
    seen: int  # length of the history when it was sent
    repeats: int | None = None  # number of the exchange that this one is a copy of
    status: int | None = None
    json: Any = None
    ended: int = 0
    kept: int = 0  # length of the history when it was answered

    @property
    def ok(self) -> bool:
        """Whether it was acknowledged."""
        return self.status is not None and self.status < 300

    @property
    def refused(self) -> bool:
        """Whether the request was refused: an answer came, and it does not mean "try again later"."""
        return self.status is not None and 400 <= self.status < 500

    @property
    def code(self) -> str | None:
        """The error code of a refusal."""
        return self.json.get("error", {}).get("code") if isinstance(self.json, dict) else None

    @property
    def attempt_id(self) -> str:
        """The id of the attempt in the path, "" without one."""
        found = re.match(r"/attempts/([^/]+)", self.path)
        return found[1] if found else ""

    @property
    def what(self) -> str:
        """Method and path without ids: `PUT answers`."""
        return f"{self.method} {re.sub(r'^/attempts/[^/]+/?', '', self.path)}"

    @property
    def page(self) -> int:
        """Number of the page that sent it, 0 for none."""
        number = self.page_token.partition(".")[0]
        return int(number) if number.isdecimal() else 0

    @property
    def batch(self) -> dict[str, Any] | None:
        """The candidate's answers in the request."""
        if not isinstance(self.body, dict):
            return None
        found: dict[str, Any] | None = (
            self.body if "first" in self.body else self.body.get("answers")
        )
        return found if isinstance(found, dict) and "first" in found else None


@dataclass
class Run:
    """One run of a function that no browser called. `error` is the name of its exception."""

    number: int
    function: str
    event: dict[str, Any]
    at: int
    seen: int
    repeats: bool = False  # this very event was handled before
    answer: Any = None
    error: str | None = None
    kept: int = 0


@dataclass
class Post:
    """A picture that was posted to S3 with a ticket."""

    who: str
    key: str
    sha256: str
    at: int
    status: int  # 204, or S3's refusal of an expired ticket or of too many bytes


@dataclass
class Book:
    """All requests, runs, log lines and posts in their order. Requests and runs share one numbering."""

    exchanges: list[Exchange] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)  # SMS handed over: id, template
    secrets: dict[str, str] = field(default_factory=dict)  # secret value → what it is
    ticks: int = 0

    def tick(self) -> int:
        """Return the next tick. No two events have the same one."""
        self.ticks += 1
        return self.ticks

    @contextlib.contextmanager
    def acting(self, number: int) -> Iterator[None]:
        """Note act `number` as the cause of everything that this thread writes meanwhile."""
        token = current.set(number)
        try:
            yield
        finally:
            current.reset(token)

    def act(self, number: int | None) -> Exchange | Run | None:
        """Return the request or run of this number."""
        acts: list[Exchange | Run] = [*self.exchanges, *self.runs]
        return next((act for act in acts if act.number == number), None)

    def of_attempt(self, attempt_id: str, *what: str) -> list[Exchange]:
        """Return all requests about one attempt, in order."""
        mine = [entry for entry in self.exchanges if entry.attempt_id == attempt_id]
        return [entry for entry in mine if entry.what in what] if what else mine


class Lines(io.TextIOBase):
    """Replaces standard output. Whole lines go into the book."""

    def __init__(self, book: Book) -> None:
        super().__init__()
        self.book = book

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.book.lines += text.splitlines()
        return len(text)


@dataclass
class WatchedApi(Api):
    """An API client that writes every call into the book."""

    book: Book = field(default_factory=Book)
    who: str = ""
    changes: list[Any] = field(default_factory=list)  # the history of its world
    repeats: int | None = None

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Like `Api.call`; a server that was killed meanwhile gives status 0."""
        entry = Exchange(
            number=self.book.tick(),
            who=self.who,
            method=method,
            path=path,
            body=copy.deepcopy(body),
            page_token=self.page_token,
            headers=dict(headers or {}),
            at=self.clock.now,
            began=0,
            seen=len(self.changes),
            repeats=self.repeats,
        )
        entry.began = entry.number
        self.book.exchanges.append(entry)
        answer = Answer(0, None, {})
        with self.book.acting(entry.number), contextlib.suppress(Crashed):
            answer = super().call(method, path, body, raw=raw, headers=headers)
            entry.status, entry.json = answer.status, answer.json
        entry.ended, entry.kept = self.book.tick(), len(self.changes)
        return answer

    def again(self, entry: Exchange) -> Answer:
        """Send an earlier request again, from the page that sent it."""
        token, self.page_token, self.repeats = self.page_token, entry.page_token, entry.number
        try:
            return self.call(entry.method, entry.path, entry.body, headers=entry.headers)
        finally:
            self.page_token, self.repeats = token, None
