"""The HTTP server: `/api` goes to the function behind API Gateway, `/_local` to the launcher, the rest is the page.

It does what API Gateway does: it matches the route, builds the event, returns the function's answer, and refuses
requests that API Gateway would not pass to a function.
"""

import base64
import http.server
import ipaddress
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import SplitResult, urlsplit

from infra.local import events
from infra.local.functions import API, Functions
from infra.routed import OWN_FUNCTIONS

Json = dict[str, Any]
Headers = list[tuple[str, str]]

MAX_BODY = 6 * 1024 * 1024  # the limit of Lambda for a synchronous call
IDLE_S = 75
LINGER_S = 1
LINGER_BYTES = 64 * 1024 * 1024
SOURCE_IP_HEADER = "X-Local-Source-Ip"

log = logging.getLogger("kaochang.front")


@dataclass(frozen=True)
class Request:
    """A request with its body read."""

    method: str
    path: str
    query: str
    headers: Any
    body: bytes
    client: str


@dataclass(frozen=True)
class Reply:
    """A complete answer."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)


class Refusal(Exception):
    """A refusal by the front or the launcher, answered in the error format of the API."""

    def __init__(self, status: int, code: str, message: str, **details: Any) -> None:
        super().__init__(code)
        self.status = status
        self.content = {"error": {"code": code, "message": message, "details": details}}


def json_reply(content: Any, status: int = 200, headers: Headers | None = None) -> Reply:
    """Return an answer in JSON that no cache keeps."""
    body = json.dumps(content, ensure_ascii=False).encode()
    kind = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
    return Reply(status, body, kind + (headers or []))


class Routes:
    """The route templates of the API. Literal parts win over parameters, as in API Gateway."""

    def __init__(self, templates: Iterable[str]) -> None:
        parts = [template.strip("/").split("/") for template in templates]
        self._parts = sorted(parts, key=lambda p: [part.startswith("{") for part in p])

    def match(self, path: str) -> tuple[str, dict[str, str]] | None:
        """Return the template of a path and its percent-encoded parameters, or None without a route."""
        given = path.strip("/").split("/")
        for parts in self._parts:
            pairs = list(zip(parts, given, strict=False))
            if len(parts) == len(given) and all(_fits(part, value) for part, value in pairs):
                found = {part[1:-1]: value for part, value in pairs if part.startswith("{")}
                return "/" + "/".join(parts), found
        return None


def _fits(part: str, value: str) -> bool:
    return value != "" if part.startswith("{") else part == value


class Gateway:
    """API Gateway behind CloudFront: turns a request into a proxy event, and the function's answer into HTTP."""

    def __init__(
        self,
        functions: Functions,
        now_ms: Callable[[], int],
        edge_proof: str,
        is_down: Callable[[], bool] = lambda: False,
        count: Callable[[tuple[str, str], int, float], None] = lambda *_: None,
    ) -> None:
        self._functions = functions
        self._is_down = is_down
        self._count = count
        self._edge_proof = edge_proof
        self._catalogue = functions.catalogue
        self._routes = Routes(self._catalogue.routes)
        self._now_ms = now_ms

    def answer(self, request: Request, path: str) -> Reply:
        """Answer a request for `path` below the stage, and count it. Raises `Refusal`."""
        found = self._routes.match(path)
        if found is None:
            raise Refusal(404, "not_found", "没有找到您要的内容。")
        allowed = self._catalogue.routes[found[0]]
        if request.method not in allowed:
            raise Refusal(405, "method_not_allowed", "此地址不支持该请求方式。", allowed=allowed)
        began, status = time.monotonic(), 502
        try:
            reply = self._call(request, path, *found)
            status = reply.status
        finally:
            passed_ms = (time.monotonic() - began) * 1000
            self._count((request.method, found[0]), status, passed_ms)
        return reply

    def _call(
        self, request: Request, path: str, resource: str, parameters: dict[str, str]
    ) -> Reply:
        """Call the function of a route. Raises `Refusal` (502)."""
        if self._is_down():
            raise Refusal(502, "service_busy", "服务繁忙，请稍后重试。")
        event = events.api_event(
            events.HttpRequest(
                method=request.method,
                path=path,
                query=request.query,
                headers=request.headers,
                body=request.body,
                source_ip=_source_ip(request),
                resource=resource,
                path_parameters=parameters,
            ),
            self._catalogue.binary_types,
            self._now_ms(),
        )
        function = OWN_FUNCTIONS.get((request.method, resource), API)
        outcome = self._functions.invoke(function, events.through_edge(event, self._edge_proof))
        if outcome.error:
            log.error("%s: %s", function, outcome.error["errorMessage"])
            raise Refusal(502, "service_busy", "服务繁忙，请稍后重试。")
        return _reply(outcome.result)


def _source_ip(request: Request) -> str:
    """Return the address of the peer, or the one that a test sets in a header. Only loopback reaches this port."""
    played = request.headers.get(SOURCE_IP_HEADER, "")
    try:
        return str(ipaddress.ip_address(played)) if played else request.client
    except ValueError:
        raise Refusal(400, "invalid_request", "地址格式不正确。", header=SOURCE_IP_HEADER) from None


def _reply(answer: Any) -> Reply:
    """Return a proxy answer as HTTP. Raises `Refusal` (502) for a malformed one, as AWS does."""
    try:
        several = {k.lower(): v for k, v in (answer.get("multiValueHeaders") or {}).items()}
        single = {
            k: [v] for k, v in (answer.get("headers") or {}).items() if k.lower() not in several
        }
        headers = [(k, str(v)) for k, vs in (single | several).items() for v in vs]
        body = answer.get("body") or ""
        data = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
        status = int(answer["statusCode"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Refusal(502, "service_busy", "服务繁忙，请稍后重试。") from None
    if "content-type" not in {name.lower() for name, _ in headers}:
        headers.append(("Content-Type", "application/json"))  # API Gateway's default
    return Reply(status, data, headers)


Answer = Callable[[Request], Reply]


def _target(path: str) -> SplitResult:
    """Return the parts of the address in a request line. Raises `Refusal` when it is malformed."""
    try:
        return urlsplit(path)
    except ValueError:
        raise Refusal(400, "invalid_request", "请求地址不正确。") from None


class Front(http.server.ThreadingHTTPServer):
    """The server. Each connection has a thread and is kept alive."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, port: int, answer: Answer) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.answer = answer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log a broken connection as debug output only, because clients may close a connection at any time."""
        log.debug("a connection from %s broke off", client_address, exc_info=True)

    def serve_in_background(self) -> None:
        """Accept connections in a background thread."""
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()


class _Connection(http.server.BaseHTTPRequestHandler):
    """One connection. `wbufsize` buffers an answer so that it is sent in one packet."""

    server: Front
    protocol_version = "HTTP/1.1"
    server_version = "Kaochang"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = IDLE_S
    _unread = False

    def do_GET(self) -> None:
        """Answer a request of any method."""
        self._send(self._answer())

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815

    def _answer(self) -> Reply:
        try:
            body = self._read_body()
            target = _target(self.path)
            method, client = self.command, self.client_address[0]
            return self.server.answer(
                Request(method, target.path, target.query, self.headers, body, client)
            )
        except Refusal as refusal:
            return json_reply(refusal.content, refusal.status)
        except OSError:
            raise  # the client went away while we read
        except Exception:
            log.exception("%s %s failed in the front", self.command, self.path)
            failure = Refusal(500, "internal_error", "服务内部错误，请稍后重试。")
            return json_reply(failure.content, failure.status)

    def _read_body(self) -> bytes:
        """Return the whole body. Raises `Refusal`, and `ConnectionError` when the client goes away."""
        stated = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers:
            self._refuse_unread(Refusal(411, "length_required", "请求缺少 Content-Length。"))
        if not (stated.isascii() and stated.isdigit()):
            self._refuse_unread(Refusal(400, "invalid_request", "Content-Length 不正确。"))
        if int(stated) > MAX_BODY:
            limit = {"max_bytes": MAX_BODY}
            self._refuse_unread(Refusal(413, "body_too_large", "提交的内容过大。", **limit))
        body = self.rfile.read(int(stated))
        if len(body) < int(stated):
            raise ConnectionError("the client went away")
        return body

    def _refuse_unread(self, refusal: Refusal) -> NoReturn:
        """Raise the refusal and close the connection after it, so that the unread body is not taken for a request."""
        self.close_connection = True
        self._unread = True
        raise refusal

    def _linger(self) -> None:
        """Read what the client still sends, for a short time. Otherwise it sees a reset and not the refusal."""
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(LINGER_S)
        left = LINGER_BYTES
        while left > 0 and (chunk := self.rfile.read1(65536)):
            left -= len(chunk)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers:
            if name.lower() not in {"content-length", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()
        if self._unread:
            self._linger()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what the HTTP parser refuses in the error format of the API."""
        self.close_connection = True
        self.command = getattr(self, "command", None) or "GET"
        refusal = Refusal(code, "malformed_request", message or HTTPStatus(code).phrase)
        self._send(json_reply(refusal.content, code))

    def log_message(self, *_: Any) -> None:
        """Log nothing, because the functions log requests."""
