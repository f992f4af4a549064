"""Answers over HTTP that come whole before a deadline: a server that sends byte after byte does not extend it."""

import contextvars
import http.client
import io
import time
from collections.abc import Callable
from typing import Any

import msgspec

tick: Callable[[], float] = time.monotonic


class Deadline(msgspec.Struct, frozen=True):
    """When a call must have ended (by `tick`), and how long it may wait for one piece."""

    ends: float
    read_s: float

    def next_wait_s(self) -> float:
        """Return how many seconds the next piece may take. Raises `TimeoutError` when no time is left."""
        left = self.ends - tick()
        if left <= 0:
            raise TimeoutError
        return min(left, self.read_s)


_deadline: contextvars.ContextVar[Deadline] = contextvars.ContextVar("deadline")


class _TimedReader(io.RawIOBase):
    """Reads from a socket. Each piece gets only the time that is left, so a slow answer does not extend the limit."""

    def __init__(self, socket: Any, raw: io.RawIOBase) -> None:
        self._socket, self._raw = socket, raw

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Receive one piece. Raises `TimeoutError`."""
        deadline = _deadline.get()
        self._socket.settimeout(deadline.next_wait_s())
        try:
            return self._raw.readinto(buffer)
        finally:
            self._socket.settimeout(deadline.read_s)  # the pool may use this connection again

    def close(self) -> None:
        """Close the reader of the socket."""
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """A response whose status line, headers and body come through a `_TimedReader`."""

    def __init__(self, sock: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(_TimedReader(sock, self.fp.detach()))


def begin(total_s: float, read_s: float) -> float:
    """Give the next call of this thread so many seconds, and `read_s` for each piece. Returns when it ends (`tick`)."""
    deadline = Deadline(tick() + total_s, read_s)
    _deadline.set(deadline)
    return deadline.ends


def next_wait_s() -> float:
    """Return how many seconds the next step of the present call may take. Raises `TimeoutError` without any left."""
    return _deadline.get().next_wait_s()


def limit(manager: Any, parts: dict[str, Any] | None = None) -> None:
    """Let all connections of a urllib3 manager keep the deadline. `parts`: what their class has besides."""
    parts = {"response_class": _TimedResponse, **(parts or {})}
    manager.pool_classes_by_scheme = {
        scheme: _with_connections(pool, parts)
        for scheme, pool in manager.pool_classes_by_scheme.items()
    }


def _with_connections(pool: Any, parts: dict[str, Any]) -> Any:
    """Return a class of pools like `pool` whose connections have these parts."""
    connection = type("Connection", (pool.ConnectionCls,), parts)
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})
