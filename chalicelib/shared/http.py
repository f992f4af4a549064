"""Calls of other people's services: limited in time and size, no redirects, nothing trusted."""

import functools
import time
from collections.abc import Callable
from typing import Any

import msgspec

SECOND = 1.0
tick: Callable[[], float] = time.monotonic
pause: Callable[[float], None] = time.sleep  # between tries; tests do not wait


class Unreachable(Exception):
    """The other side did not answer completely and in time."""


class Limits(msgspec.Struct, frozen=True):
    """How long one call may take, and how much it may answer. A person waits for most of them."""

    connect_s: float = 1.0
    read_s: float = 2.0  # between two pieces
    total_s: float = 3.0  # all pieces
    most_bytes: int = 256 * 1024


class Answer(msgspec.Struct, frozen=True):
    """A complete answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@functools.cache
def _pool() -> Any:
    import urllib3

    return urllib3.PoolManager(retries=False, maxsize=8)


def send(
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
) -> Answer:
    """One call. A redirect is an answer like any other. Raises `Unreachable`."""
    from urllib3.exceptions import HTTPError
    from urllib3.util import Timeout

    ends = tick() + limits.total_s
    try:
        response = _pool().request(
            method,
            url,
            body=body,
            headers=headers or {},
            timeout=Timeout(connect=limits.connect_s, read=limits.read_s),
            redirect=False,
            preload_content=False,
        )
        try:
            data = _read(response, ends, limits.most_bytes)
        except BaseException:
            response.close()  # what is left of it is never read
            raise
        response.release_conn()
    except (HTTPError, OSError, ValueError) as error:
        raise Unreachable(type(error).__name__) from error
    told = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, told, data)


def _read(response: Any, ends: float, most: int) -> bytes:
    data = b""
    while piece := response.read1(64 * 1024):
        data += piece
        if len(data) > most:
            raise Unreachable("too_large")
        if tick() >= ends:
            raise Unreachable("too_slow")
    return data
