"""Calls of other people's services against a local server, by a clock that only the server moves."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.shared import http, timed
from tests.sms_provider import listening, reply

LIMITS = http.Limits(connect_s=60, read_s=60, total_s=3, most_bytes=100)
HEADERS = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"


class Peer:
    """A server that writes what it is told to, and the moments of the client's clock."""

    def __init__(self) -> None:
        self.url = ""
        self.now = 0.0
        self.answer: Callable[[Any], None] = reply(200, b"whole")
        self.release = threading.Event()
        self.connections: set[Any] = set()

    def take(self, handler: Any) -> None:
        self.connections.add(handler.client_address)
        handler.rfile.read(int(handler.headers["Content-Length"]))
        handler.protocol_version, handler.close_connection = "HTTP/1.1", False
        self.answer(handler)

    def drip(self, pieces: list[bytes], step_s: float) -> Callable[[Any], None]:
        """An answer in pieces, `step_s` of the client's clock before each; then silence."""

        def write(handler: Any) -> None:
            for piece in pieces:
                self.now += step_s
                handler.wfile.write(piece)
            self.release.wait(30)

        return write


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    there = Peer()
    monkeypatch.setattr(timed, "tick", lambda: there.now)
    with listening(there.take) as there.url:
        yield there
        there.release.set()


def send(peer: Peer) -> http.Answer:
    return http.send("POST", peer.url, body=b"{}", limits=LIMITS)


def test_a_whole_answer_is_returned_and_its_connection_used_again(peer: Peer) -> None:
    peer.answer = reply(302, b"elsewhere", Location="http://127.0.0.1:1/")
    answers = [send(peer) for _ in range(3)]
    assert {(answer.status, answer.body) for answer in answers} == {(302, b"elsewhere")}
    assert len(peer.connections) == 1
    assert answers[0].headers["location"] == "http://127.0.0.1:1/"


def single(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@pytest.mark.parametrize(
    "pieces",
    [
        single(HEADERS),
        [HEADERS, *single(b"x" * 40)],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *single(b"5\r\nabcde\r\n" * 4)],
    ],
    ids=["headers", "body", "chunks"],
)
def test_an_answer_that_drips_gets_no_more_than_the_total_time(
    peer: Peer, pieces: list[bytes]
) -> None:
    peer.answer = peer.drip(pieces, step_s=0.1)
    with pytest.raises(http.Unreachable, match="too_slow"):
        send(peer)


def test_the_last_piece_is_not_waited_for_beyond_the_total_time(peer: Peer) -> None:
    """One byte came just before the end: the next one may take what is left, not another `read_s`."""
    peer.answer = peer.drip([HEADERS + b"x"], step_s=LIMITS.total_s - 0.01)
    with pytest.raises(http.Unreachable):
        send(peer)


def test_an_answer_that_is_too_large_is_not_read_to_its_end(peer: Peer) -> None:
    peer.answer = reply(200, b"x" * (LIMITS.most_bytes + 1))
    with pytest.raises(http.Unreachable, match="too_large"):
        send(peer)


@pytest.mark.parametrize(
    ("now", "wait"), [(0.0, 2.0), (1.5, 1.5), (2.9, pytest.approx(0.1)), (3.0, None), (9.0, None)]
)
def test_a_piece_may_take_what_is_left(
    monkeypatch: pytest.MonkeyPatch, now: float, wait: Any
) -> None:
    monkeypatch.setattr(timed, "tick", lambda: now)
    deadline = timed.Deadline(ends=3.0, read_s=2.0)
    if wait is None:
        with pytest.raises(TimeoutError):
            deadline.next_wait_s()
    else:
        assert deadline.next_wait_s() == wait


# --- addresses that others name -------------------------------------------------------------------------

HOST = "http://hooks.example.cn:8080/results"


class Names:
    """Name servers and cables: what the host resolves to, and where connections really went."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.known: list[list[str]] = []
        self.dead: set[str] = set()
        self.called: list[tuple[str, int]] = []

    def resolve(self, host: str, port: int, **_: Any) -> list[Any]:
        addresses = self.known.pop(0)
        if not addresses:
            raise socket.gaierror(-2, "Name or service not known")
        return [(0, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    def connect(self, address: tuple[str, int], timeout: float) -> socket.socket:
        self.called.append(address)
        if address[0] in self.dead:
            raise ConnectionRefusedError
        sock = socket.socket()
        sock.connect(("127.0.0.1", int(self.peer.url.rpartition(":")[2])))
        sock.settimeout(timeout)
        return sock


@pytest.fixture
def names(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> Names:
    there = Names(peer)
    monkeypatch.setattr(socket, "getaddrinfo", there.resolve)
    monkeypatch.setattr("urllib3.util.connection.create_connection", there.connect)
    http._pool.cache_clear()
    return there


def send_to(url: str) -> http.Answer:
    return http.send("POST", url, body=b"{}", limits=LIMITS, public_only=True)


def test_the_connection_goes_to_the_address_that_was_checked(names: Names) -> None:
    """The name changes right after it was resolved, and is not resolved again."""
    names.known = [["93.184.216.34"], ["127.0.0.1"]]
    assert send_to(HOST).status == 200
    assert names.called == [("93.184.216.34", 8080)]
    assert names.known == [["127.0.0.1"]]


@pytest.mark.parametrize(
    "addresses",
    [
        *(["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:10.0.0.1"]),
        *(["93.184.216.34", "192.168.0.1"], ["fd00::1", "93.184.216.34"]),
    ],
)
def test_a_host_with_a_private_address_is_not_called(names: Names, addresses: list[str]) -> None:
    names.known = [addresses]
    with pytest.raises(http.Unreachable, match="not_public"):
        send_to(HOST)
    assert names.called == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://[::1]:1/", "http://127.1:1/"])
def test_a_private_address_without_a_name_is_not_called(url: str) -> None:
    with pytest.raises(http.Unreachable, match="not_public"):
        send_to(url)


def test_the_next_address_is_tried_when_the_first_does_not_answer(names: Names) -> None:
    names.known, names.dead = [["2400:3200::1", "93.184.216.34"]], {"2400:3200::1"}
    assert send_to(HOST).status == 200
    assert [host for host, _ in names.called] == ["2400:3200::1", "93.184.216.34"]


@pytest.mark.parametrize(
    ("addresses", "reason"), [([], "no_address"), (["93.184.216.34"], "ConnectionRefusedError")]
)
def test_a_host_that_cannot_be_reached_is_told_why(
    names: Names, addresses: list[str], reason: str
) -> None:
    names.known, names.dead = [addresses], {"93.184.216.34"}
    with pytest.raises(http.Unreachable, match=reason):
        send_to(HOST)


def test_addresses_get_no_more_than_the_total_time_together(names: Names) -> None:
    names.known, names.dead = [["93.184.216.34", "93.184.216.35"]], {"93.184.216.34"}
    connect = names.connect

    def slow(address: tuple[str, int], timeout: float) -> socket.socket:
        names.peer.now += LIMITS.total_s
        return connect(address, timeout)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("urllib3.util.connection.create_connection", slow)
        with pytest.raises(http.Unreachable, match="too_slow"):
            send_to(HOST)
    assert len(names.called) == 1
