"""The HTTP front by itself: a fake function behind it, real sockets before it."""

import base64
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from infra.local.front import MAX_BODY, Front, Gateway, Reply, Request, Routes
from infra.local.functions import Catalogue, Outcome

ROUTES = {
    "/exams": ["GET"],
    "/exams/{exam_id}": ["GET", "PUT"],
    "/exams/mine": ["GET"],
    "/exams/{exam_id}/papers/{number}": ["GET"],
}
BINARY = ["application/octet-stream"]


class Server:
    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.handler: Callable[[dict[str, Any]], Any] = lambda event: {
            "statusCode": 200,
            "body": "{}",
        }
        fake: Any = SimpleNamespace(
            catalogue=Catalogue(ROUTES, BINARY, {}), invoke=self._invoke, pools={}
        )
        self._gateway = Gateway(fake, now_ms=lambda: 1_800_000_000_000, edge_proof="of-the-edge")
        self.front = Front(0, self._answer)
        self.front.serve_in_background()
        self.port = self.front.server_port
        url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=url, trust_env=False)

    def _invoke(self, name: str, event: dict[str, Any]) -> Outcome:
        self.events.append(event)
        return Outcome(result=self.handler(event))

    def _answer(self, request: Request) -> Reply:
        return self._gateway.answer(request, request.path.removeprefix("/api"))

    def raw(self, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
            client.sendall(data)
            received = b""
            while chunk := client.recv(65536):
                received += chunk
            return received


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.http.close()
    running.front.shutdown()
    running.front.server_close()


def error_of(answer: httpx.Response) -> str:
    content = answer.json()
    assert set(content) == {"error"}
    assert set(content["error"]) - {"our_fault"} == {"code", "message", "details"}
    assert answer.headers["content-type"] == "application/json"
    return str(content["error"]["code"])


def test_the_most_literal_route_wins_and_parameters_stay_encoded() -> None:
    routes = Routes(ROUTES)
    assert routes.match("/exams/mine") == ("/exams/mine", {})
    assert routes.match("/exams/a%2Fb") == ("/exams/{exam_id}", {"exam_id": "a%2Fb"})
    expected = {"exam_id": "x", "number": "2"}
    assert routes.match("/exams/x/papers/2") == ("/exams/{exam_id}/papers/{number}", expected)
    assert routes.match("/exams/") == ("/exams", {})
    assert routes.match("/exams/x/papers") is None
    assert routes.match("/exams//papers/2") is None


def test_the_event_is_api_gateways(server: Server) -> None:
    server.http.put(
        "/api/exams/e1?tag=a&tag=b&empty=",
        content='{"a": "中文"}',
        headers=[("Content-Type", "application/json"), ("X-Two", "1"), ("X-Two", "2")],
    )
    event = server.events[0]
    assert event["resource"] == "/exams/{exam_id}"
    assert event["path"] == "/exams/e1"
    assert event["httpMethod"] == "PUT"
    assert event["pathParameters"] == {"exam_id": "e1"}
    assert event["queryStringParameters"] == {"tag": "b", "empty": ""}
    assert event["multiValueQueryStringParameters"] == {"tag": ["a", "b"], "empty": [""]}
    assert event["multiValueHeaders"]["X-Two"] == ["1", "2"]
    assert event["headers"]["X-Two"] == "2"
    assert (event["body"], event["isBase64Encoded"]) == ('{"a": "中文"}', False)
    context = event["requestContext"]
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["stage"] == "api"
    assert context["path"] == "/api/exams/e1"
    assert context["resourcePath"] == "/exams/{exam_id}"
    assert context["requestTimeEpoch"] == 1_800_000_000_000
    assert len(context["requestId"]) == 36


def test_the_edge_shows_its_own_proof_and_adds_the_visitor(server: Server) -> None:
    """Whatever a visitor writes there: the proof is replaced, an address stays their own word, on the left."""
    written = [("edge-proof", "guessed"), ("EDGE-PROOF", "again"), ("X-FORWARDED-FOR", "192.0.2.1")]
    server.http.get("/api/exams", headers=written)
    event = server.events[0]
    for name, value in (
        ("edge-proof", "of-the-edge"),
        ("x-forwarded-for", "192.0.2.1, 127.0.0.1, 127.0.0.1"),
    ):
        assert [v for k, v in event["headers"].items() if k.lower() == name] == [value]
        assert [v for k, v in event["multiValueHeaders"].items() if k.lower() == name] == [[value]]


def test_what_is_absent_is_null_as_on_aws(server: Server) -> None:
    server.http.get("/api/exams")
    event = server.events[0]
    for name in ("pathParameters", "multiValueQueryStringParameters", "body", "stageVariables"):
        assert event[name] is None


def test_binary_bodies_travel_as_base64(server: Server) -> None:
    kind = {"Content-Type": "application/octet-stream"}
    server.http.put("/api/exams/e1", content=b"\xff\x00", headers=kind)
    event = server.events[0]
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == b"\xff\x00"


def test_broken_utf8_does_not_break_the_front(server: Server) -> None:
    answer = server.http.put("/api/exams/e1", content=b"\xff{")
    assert answer.status_code == 200
    assert server.events[0]["body"] == "\ufffd{"


def test_answers_come_back_whole(server: Server) -> None:
    server.handler = lambda event: {
        "statusCode": 201,
        "headers": {"Content-Type": "text/plain", "X-One": "1"},
        "multiValueHeaders": {"Set-Cookie": ["a=1; Path=/", "b=2; Path=/"]},
        "body": base64.b64encode(b"\x00\x01").decode(),
        "isBase64Encoded": True,
    }
    answer = server.http.get("/api/exams")
    assert answer.status_code == 201
    assert answer.content == b"\x00\x01"
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2; Path=/"]
    assert answer.headers["x-one"] == "1"


@pytest.mark.parametrize("broken", [None, "text", {}, {"statusCode": "two"}, {"body": 3}])
def test_an_answer_that_is_none_is_a_bad_gateway(server: Server, broken: Any) -> None:
    server.handler = lambda event: broken
    answer = server.http.get("/api/exams")
    assert answer.status_code == 502
    assert error_of(answer) == "service_busy"


def test_unknown_routes_and_wrong_methods(server: Server) -> None:
    for path in ("/api/nothing", "/api", "/api/exams/a/b", "/apifake"):
        answer = server.http.get(path)
        assert (answer.status_code, error_of(answer)) == (404, "not_found"), path
    for method in ("DELETE", "POST", "OPTIONS", "PATCH"):
        answer = server.http.request(method, "/api/exams")
        assert (answer.status_code, error_of(answer)) == (405, "method_not_allowed")
    assert server.http.head("/api/exams").status_code == 405
    assert server.events == []


def test_too_large_a_body_is_refused_before_it_is_read(server: Server) -> None:
    head = f"PUT /api/exams/e HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n"
    received = server.raw(head.encode() + b"start")
    assert received.startswith(b"HTTP/1.1 413 ")
    assert b'"code": "body_too_large"' in received
    assert b"Connection: close" in received


def test_a_client_that_sends_too_much_sees_why(server: Server) -> None:
    answer = server.http.put("/api/exams/e", content=b"x" * (MAX_BODY + 1))
    assert (answer.status_code, error_of(answer)) == (413, "body_too_large")
    assert server.http.put("/api/exams/e", content=b"x" * MAX_BODY).status_code == 200


def test_a_body_needs_an_honest_length(server: Server) -> None:
    assert b" 411 " in server.raw(
        b"PUT /api/exams/e HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    for length in (b"-1", b"+1", b"1e3", "１".encode()):
        sent = b"PUT /api/exams/e HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n"
        assert b" 400 " in server.raw(sent)
    assert server.events == []


@pytest.mark.parametrize(
    "line", [b"GARBAGE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"BREW / HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_http_gets_the_error_shape(server: Server, line: bytes) -> None:
    assert b'{"error": {"code": "malformed_request"' in server.raw(line)


def test_connections_are_kept_and_answers_are_quick(server: Server) -> None:
    client = http.client.HTTPConnection("127.0.0.1", server.port)
    began = time.perf_counter()
    for _ in range(50):
        client.request("GET", "/api/exams")
        assert client.getresponse().read() == b"{}"
    assert time.perf_counter() - began < 1  # Nagle's algorithm alone would take 2 s
    client.close()


def test_slow_answers_do_not_wait_for_each_other(server: Server) -> None:
    gate = threading.Barrier(20, timeout=5)

    def meet(event: dict[str, Any]) -> dict[str, Any]:
        gate.wait()
        return {"statusCode": 200, "body": ""}

    server.handler = meet
    codes: list[int] = []

    def ask() -> None:
        codes.append(httpx.get(f"http://127.0.0.1:{server.port}/api/exams").status_code)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 20


def test_clients_that_go_away_harm_nobody(server: Server) -> None:
    for data in (
        b"",
        b"GET /api/ex",
        b"PUT /api/exams/e HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf",
    ):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(data)
    assert server.http.get("/api/exams").status_code == 200
    assert [event["httpMethod"] for event in server.events] == ["GET"]


def test_a_test_may_play_an_address(server: Server) -> None:
    server.http.get("/api/exams", headers={"X-Local-Source-Ip": "203.0.113.9"})
    assert server.events[0]["headers"]["X-Forwarded-For"] == "203.0.113.9, 127.0.0.1"
    answer = server.http.get("/api/exams", headers={"X-Local-Source-Ip": "elsewhere"})
    assert answer.status_code == 400
