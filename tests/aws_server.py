"""A local server in the place of AWS's JSON services: it checks signatures, and answers as a test says."""

import contextlib
import datetime
import hashlib
import hmac
import http.server
import ipaddress
import json
import re
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

ACCESS_KEY, SECRET_KEY = "AKTEST", "secret of the tests"
Handler = http.server.BaseHTTPRequestHandler
Answer = Callable[[Handler], None]


@dataclass
class Asked:
    """One request that came in."""

    headers: dict[str, str]
    body: Any
    operation: str
    signature_fits: bool
    connection: Any  # where it came from
    target: str  # of its first line


@dataclass
class Server:
    """What came in, and what is answered next. Without more answers, everything is `{}`."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    before: list[Answer] = field(default_factory=list)  # answered without a look at the signature
    asked: list[Asked] = field(default_factory=list)
    ahead_s: float = 0  # of our clock
    access_key: str = ACCESS_KEY  # another one has expired
    released: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)  # some connection

    def take(self, handler: Handler) -> None:
        """Check a request as AWS does, and answer it."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        operation = headers["x-amz-target"].rpartition(".")[2]
        fits = _signature_fits(headers, body)
        told = json.loads(body)
        entry = Asked(headers, told, operation, fits, handler.client_address, handler.path)
        self.asked.append(entry)
        signed = datetime.datetime.strptime(headers["x-amz-date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        if self.before:
            self.before.pop(0)(handler)
        elif f"Credential={self.access_key}/" not in headers["authorization"]:
            refusal("ExpiredTokenException", 400)(handler)
        elif abs(signed.timestamp() - self.now()) > 300:
            refusal("InvalidSignatureException", 400, date=self.now())(handler)
        else:
            (self.answers.pop(0) if self.answers else reply({}))(handler)

    def now(self) -> float:
        """The server's clock."""
        return time.time() + self.ahead_s


def _signature_fits(headers: dict[str, str], body: bytes) -> bool:
    """Sign the request again, as AWS describes it, and compare."""
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=[^/]+/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)",
        headers["authorization"],
    )
    assert found
    scope, names, signature = found.groups()
    told = "".join(f"{name}:{headers[name].strip()}\n" for name in names.split(";"))
    asked = f"POST\n/\n\n{told}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    digest = hashlib.sha256(asked.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{digest}"
    key = ("AWS4" + SECRET_KEY).encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex() == signature


# --- answers --------------------------------------------------------------------------------------------


def reply(told: Any, status: int = 200, *, date: float | None = None, **headers: str) -> Answer:
    """JSON, or bytes as they are. Names of headers have `_` for `-`."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()

    def write(handler: Handler) -> None:
        handler.send_response_only(status)
        handler.send_header("Date", formatdate(date, usegmt=True))
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return write


def refusal(code: str, status: int = 400, *, date: float | None = None, **fields: Any) -> Answer:
    """An error of AWS. `fields`: what it tells besides."""
    told = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no", **fields}
    return reply(told, status, date=date, x_amzn_RequestId="request-1")


def with_checksum(told: Any, wrong_by: int = 0) -> Answer:
    """An answer with its CRC32, or another one."""
    body = json.dumps(told).encode()
    return reply(body, x_amz_crc32=str(zlib.crc32(body) + wrong_by))


def cut_off(handler: Handler) -> None:
    """Half of an answer, and then the end of the connection."""
    reply(b'{"Item": {', Content_Length="1000")(handler)
    handler.close_connection = True


def reset(handler: Handler) -> None:
    """The connection breaks: whoever waits for the answer gets a reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
    handler.close_connection = True


def drip(handler: Handler) -> None:
    """An answer in very many pieces, of which none is late."""
    with contextlib.suppress(OSError):  # nobody waits for the end
        reply(b"", Transfer_Encoding="chunked", Content_Length="0")(handler)
        for _ in range(10_000):
            handler.wfile.write(b"1\r\n \r\n")
    handler.close_connection = True


def silence(server: Server) -> Answer:
    """The connection is open, and nothing comes until the test is over."""

    def wait(handler: Handler) -> None:
        server.released.wait()
        handler.close_connection = True

    return wait


def last(answer: Answer) -> Answer:
    """Answer, and then close the connection without saying so."""

    def close(handler: Handler) -> None:
        answer(handler)
        handler.close_connection = True

    return close


def certificate(folder: Path, address: str) -> tuple[Path, ssl.SSLContext]:
    """Write a certificate for an IP address; returns its file, and the context of a server that has it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.datetime.now(datetime.UTC)
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(addresses, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(Encoding.PEM))
    form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    private.write_bytes(key.private_bytes(*form))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


@contextlib.contextmanager
def listening(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server on loopback. `context`: with its certificate, for https."""
    server = Server()

    class Taking(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            server.take(self)

        def finish(self) -> None:
            with contextlib.suppress(OSError):  # the connection was reset
                super().finish()

        def log_message(self, *_: Any) -> None:
            pass

    class Listener(http.server.ThreadingHTTPServer):
        def shutdown_request(self, request: Any) -> None:
            super().shutdown_request(request)
            server.closed.set()

    listener = Listener(("127.0.0.1", 0), Taking)
    listener.daemon_threads = True
    if context is not None:
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
    thread.start()
    server.url = f"http{'s' if context else ''}://127.0.0.1:{listener.server_port}"
    try:
        yield server
    finally:
        server.released.set()
        listener.shutdown()
        thread.join()
        listener.server_close()
