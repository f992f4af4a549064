"""A local server in the place of an SMS provider: with good answers, bad answers and none."""

import contextlib
import dataclasses
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from chalicelib.shared import settings as shared_settings
from tests.cloud import ENVIRONMENT

KEY = "key of the tests"


@dataclasses.dataclass
class Server:
    """What came in, and how to answer."""

    url: str = ""
    answer: Callable[[Any], None] = lambda _: None
    bodies: list[bytes] = dataclasses.field(default_factory=list)
    headers: list[Any] = dataclasses.field(default_factory=list)
    paths: list[str] = dataclasses.field(default_factory=list)
    release: threading.Event = dataclasses.field(default_factory=threading.Event)


def reply(status: int, body: bytes, **headers: str) -> Callable[[Any], None]:
    def write(handler: Any) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return write


def json_reply(told: Any, status: int = 200) -> Callable[[Any], None]:
    """An answer in JSON."""
    return reply(status, json.dumps(told, ensure_ascii=False).encode())


@contextlib.contextmanager
def listening(answer: Callable[[Any], None]) -> Iterator[str]:
    """A server on loopback that answers each POST so; yields its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@contextlib.contextmanager
def running(monkeypatch: pytest.MonkeyPatch, **settings: str) -> Iterator[Server]:
    """A provider on loopback, and settings that name it, its key in the secret (a fresh cloud is needed)."""
    state = Server()

    def take(handler: Any) -> None:
        state.bodies.append(handler.rfile.read(int(handler.headers.get("Content-Length", 0))))
        state.headers.append(handler.headers)
        state.paths.append(handler.path)
        state.answer(handler)

    secret = {"Name": "sms", "SecretString": json.dumps({"key_id": "k1", "key": KEY})}
    boto3.client("secretsmanager").create_secret(**secret)
    with listening(take) as state.url:
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("SMS_SECRET_ID", "sms")
        for name, value in settings.items():
            monkeypatch.setenv(name, value.format(url=state.url))
        shared_settings.settings.cache_clear()
        yield state
        state.release.set()
    shared_settings.settings.cache_clear()
