"""An identity authority on loopback, which gives right or wrong answers."""

import contextlib
import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.provider import serving

KEY_ID, KEY = "kaochang-1", "a key of the tests"


def signature(*parts: str, body: bytes, key: str = KEY) -> str:
    """Return the signature that docs/partners.md describes. It does not use the code of the product."""
    message = "\n".join([*parts, hashlib.sha256(body).hexdigest()])
    return hmac.new(key.encode(), message.encode(), "sha256").hexdigest()


@dataclass
class Authority:
    """The authority: its next answers, and the requests that it got."""

    port: int = 0
    result: str = "same"
    score: float | None = 0.93
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    moods: list[str] = field(default_factory=list)  # how the next calls go; honest after them
    release: threading.Event = field(default_factory=threading.Event)

    @property
    def secret(self) -> dict[str, str]:
        return {"url": f"http://127.0.0.1:{self.port}/check", "key_id": KEY_ID, "key": KEY}

    def answer(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
        self.bodies.append(body)
        self.asked.append(json.loads(body))
        self.headers.append({name.lower(): value for name, value in headers.items()})
        mood = self.moods.pop(0) if self.moods else "honest"
        request_id = self.asked[-1]["request_id"]
        told = {"request_id": request_id, "result": self.result, "score": self.score}
        return _MOODS[mood](self, told, request_id)

    def honest(self, told: Any, request_id: str) -> tuple[int, bytes, str]:
        body = json.dumps(told).encode()
        return 200, body, signature("answer", request_id, body=body)


def _slow(authority: Authority, told: Any, request_id: str) -> tuple[int, bytes, str]:
    authority.release.wait(120)
    return authority.honest(told, request_id)


def _garbage(authority: Authority, told: Any, request_id: str) -> tuple[int, bytes, str]:
    body = b"<html>\xff"
    return 200, body, signature("answer", request_id, body=body)


def _unsigned(authority: Authority, told: Any, request_id: str) -> tuple[int, bytes, str]:
    body = json.dumps(told).encode()
    return 200, body, signature("answer", request_id, body=body, key="another key")


def _replayed(authority: Authority, told: Any, request_id: str) -> tuple[int, bytes, str]:
    """Return the right answer to another request."""
    body = json.dumps({**told, "request_id": "another"}).encode()
    return 200, body, signature("answer", "another", body=body)


def _saying(**changes: Any) -> Callable[[Authority, Any, str], tuple[int, bytes, str]]:
    return lambda authority, told, request_id: authority.honest({**told, **changes}, request_id)


_MOODS: dict[str, Callable[[Authority, Any, str], tuple[int, bytes, str]]] = {
    "honest": Authority.honest,
    "slow": _slow,
    "broken": lambda *_: (500, b"", ""),
    "overloaded": lambda *_: (429, b"", ""),
    "refusing": lambda *_: (403, b"", ""),
    "moved": lambda *_: (302, b"", ""),
    "garbage": _garbage,
    "wrong signature": _unsigned,
    "answer to another": _replayed,
    "another id inside": _saying(request_id="another"),
    "unknown word": _saying(result="perhaps"),
    "score above one": _saying(score=1.01),
    "score below zero": _saying(score=-0.01),
    "endless": lambda *_: (200, b" " * 20_000, ""),
}


@contextlib.contextmanager
def running() -> Iterator[Authority]:
    """The authority on a free port."""
    authority = Authority()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, told, signed = authority.answer(body, dict(self.headers.items()))
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("Kaochang-Signature", signed)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

        def log_message(self, *_: Any) -> None:
            pass

    with serving(Handler) as port:
        authority.port = port
        try:
            yield authority
        finally:
            authority.release.set()
