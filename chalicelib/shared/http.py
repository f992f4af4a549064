"""HTTP calls of external services, limited in time and size. Redirects are not followed.

An address that others name is called with `public_only`: the name is resolved once, every address that it has must be
public, and the connection goes to one of these.
"""

import functools
import socket
import time
from collections.abc import Callable
from typing import Any

import msgspec

from chalicelib.shared import timed
from chalicelib.shared.addresses import is_public

SECOND = 1.0
_PIECE_BYTES = 64 * 1024
pause: Callable[[float], None] = time.sleep  # between tries; tests do not wait


class Unreachable(Exception):
    """The other side did not answer completely and in time."""


class Limits(msgspec.Struct, frozen=True):
    """How long one call may take, in seconds, and how many bytes the answer may have."""

    connect_s: float = 1.0  # to one address of the host
    read_s: float = 2.0  # between two pieces of the answer
    total_s: float = 3.0  # from the first step to the last piece
    most_bytes: int = 256 * 1024


class Answer(msgspec.Struct, frozen=True):
    """A complete answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def _connect_to_public(connection: Any) -> socket.socket:
    """Connect to the first public address of the host that answers; takes the place of urllib3's own step.

    Raises `Unreachable`: `not_public` when any address of the host is not public.
    """
    from urllib3.util.connection import create_connection

    failure: OSError | None = None
    for address in _public_addresses(connection.host, connection.port):
        wait = min(connection.timeout, timed.next_wait_s())
        try:
            return create_connection((address, connection.port), wait)
        except OSError as error:
            failure = error
    raise Unreachable(type(failure).__name__)


def _public_addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises `Unreachable`: `not_public`, `no_address`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("no_address") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not all(map(is_public, addresses)):
        raise Unreachable("not_public")
    return addresses


@functools.cache
def _pool(public_only: bool) -> Any:
    import urllib3

    manager = urllib3.PoolManager(retries=False, maxsize=8)
    timed.limit(manager, {"_new_conn": _connect_to_public} if public_only else {})
    return manager


def send(
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    public_only: bool = False,
) -> Answer:
    """Make one call and return its answer; a redirect is an answer like any other. Raises `Unreachable`.

    `public_only`: refuse a host that has an address outside the public internet.
    """
    from urllib3.exceptions import HTTPError
    from urllib3.util import Timeout

    ends = timed.begin(limits.total_s, limits.read_s)
    connect_s = min(limits.connect_s, limits.total_s)
    try:
        response = _pool(public_only).request(
            method,
            url,
            body=body,
            headers=headers or {},
            timeout=Timeout(connect=connect_s, read=limits.read_s),
            redirect=False,
            preload_content=False,
        )
        try:
            data = _read(response, limits.most_bytes)
        except BaseException:
            response.close()  # the rest is not read
            raise
        response.release_conn()
    except (HTTPError, OSError, ValueError) as error:
        reason = "too_slow" if timed.tick() >= ends else type(error).__name__
        raise Unreachable(reason) from error
    names = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, names, data)


def _read(response: Any, most: int) -> bytes:
    data = b""
    while piece := response.read1(_PIECE_BYTES):
        data += piece
        if len(data) > most:
            raise Unreachable("too_large")
    return data
