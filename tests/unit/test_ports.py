"""Tests of infra/local/ports.py: a port that no client is given, and whether a server answers."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from infra.local import ports


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Answer one connection so; yields the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/ready"
        thread.join()


def test_a_free_port_is_none_that_clients_get() -> None:
    assert {ports.free_port() in range(20_000, 32_768) for _ in range(20)} == {True}


def test_a_port_with_a_server_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert not ports.is_free(listener.getsockname()[1])


def test_no_port_is_free_at_an_impossible_number() -> None:
    assert not ports.is_free(65_536)


@pytest.mark.parametrize(
    ("answer", "answers"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", False),
        (b"GET /ready HTTP/1.1\r\n\r\n", False),  # a connection to oneself gives back what one says
        (b"", False),
    ],
)
def test_only_a_good_answer_in_http_is_one(answer: bytes, answers: bool) -> None:
    with answering(answer) as address:
        assert ports.answers(address) is answers


def test_nobody_answers_where_nobody_listens() -> None:
    assert not ports.answers(f"http://127.0.0.1:{ports.free_port()}/ready")


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{ports.free_port()}")
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as address:
        assert ports.answers(address)
