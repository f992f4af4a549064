"""Sign-in providers of the tests: a real one (a package), and one that gives wrong answers."""

import base64
import contextlib
import functools
import hashlib
import hmac
import http.server
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT_ID, CLIENT_SECRET = "kaochang", "of-the-tests: 100 % & more"
ORIGIN = "http://127.0.0.1:8123"
WANG = {"name": "王敏", "organisation": "山西某某招标代理有限公司", "region": "山西省太原市"}
PEOPLE = {"wang": {**WANG, "role": "agency_practitioner"}, "nobody-special": {}}


@dataclass(frozen=True)
class Back:
    """What the provider put into the address on the way back."""

    code: str
    state: str
    address: str


@contextlib.contextmanager
def real_provider() -> Iterator[str]:
    """oidc-provider-mock on loopback; yields its issuer."""
    import oidc_provider_mock

    people = [oidc_provider_mock.User(sub=sub, claims=told) for sub, told in PEOPLE.items()]
    with oidc_provider_mock.run_server_in_thread(
        user_claims=people, require_nonce=True, issue_refresh_token=False
    ) as server:
        yield f"http://localhost:{server.server_port}"


def sign_in_there(authorization_url: str, subject: str = "wang") -> Back:
    """What a person does on the provider's page: choose who one is, and be sent back."""
    answer = httpx.post(
        authorization_url, data={"sub": subject}, follow_redirects=False, timeout=60
    )
    return back(answer.headers["location"])


def back(location: str) -> Back:
    told = parse_qs(urlsplit(location).query)
    return Back(told["code"][0], told["state"][0], location.partition("?")[0])


def fields(encoded: str) -> dict[str, str]:
    """The fields of a form or a query."""
    return {name: values[0] for name, values in parse_qs(encoded).items()}


@dataclass
class Liar:
    """A provider that does whatever a test wants; by default it is honest, and strict about PKCE."""

    port: int = 0
    algorithm: str = "RS256"
    changes: dict[str, Any] = field(default_factory=dict)  # of the token's payload; None removes
    metadata: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # path → what else is said
    asked: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    keys: dict[str, Any] = field(default_factory=dict)
    published: list[str] = field(default_factory=lambda: ["RS256", "ES256"])
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    now_s: float = 0
    silent: threading.Event | None = None  # wait for it before any answer

    def __post_init__(self) -> None:
        self.keys = _keys()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def approve(self, authorization_url: str) -> Back:
        """The person agrees: a code for exactly this request."""
        asked = fields(urlsplit(authorization_url).query)
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return Back(code, asked["state"], asked["redirect_uri"])

    def token(self, asked: dict[str, str]) -> str:
        now = int(self.now_s or time.time())
        payload = {"iss": self.issuer, "sub": "wang", "aud": CLIENT_ID, "exp": now + 300}
        payload |= {"iat": now, "nonce": asked["nonce"], **WANG, **self.changes}
        payload = {name: value for name, value in payload.items() if value is not None}
        if self.algorithm == "none":
            return f"{_b64({'alg': 'none'})}.{_b64(payload)}."
        if self.algorithm == "HS256":  # the public key as if it were a shared one
            signed = f"{_b64({'alg': 'HS256', 'kid': 'r1'})}.{_b64(payload)}"
            key = self.keys["RS256"].as_pem(private=False)
            return f"{signed}.{_url_safe(hmac.digest(key, signed.encode(), 'sha256'))}"
        if self.algorithm == "RS256 by another key":
            return jwt.encode({"alg": "RS256", "kid": "r1"}, payload, self.keys["other"])
        key = self.keys[self.algorithm]
        return jwt.encode({"alg": self.algorithm, "kid": key.kid}, payload, key)

    def say(self, method: str, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            told = {"issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize"}
            told |= {"token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/jwks"}
            return 200, json.dumps({**told, **self.metadata}).encode()
        if path == "/jwks":
            keys = KeySet([self.keys[name] for name in self.published])
            return 200, json.dumps(keys.as_dict(private=False)).encode()
        asked = self.codes.pop(form.get("code", ""), None)
        if method != "POST" or asked is None or not _proves(form, asked):
            return 400, b'{"error": "invalid_grant"}'
        return 200, json.dumps({"id_token": self.token(asked), "access_token": "a"}).encode()


@functools.cache
def _keys() -> dict[str, Any]:
    """Making keys takes long; all liars use the same."""
    return {
        "RS256": RSAKey.generate_key(2048, {"kid": "r1", "use": "sig"}),
        "ES256": ECKey.generate_key("P-256", {"kid": "e1", "use": "sig"}),
        "other": RSAKey.generate_key(2048, {"kid": "r1"}),
    }


def _proves(form: dict[str, str], asked: dict[str, str]) -> bool:
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    challenge = _url_safe(digest)
    same = form["redirect_uri"] == asked["redirect_uri"]
    return (
        same and asked["code_challenge_method"] == "S256" and challenge == asked["code_challenge"]
    )


def _b64(content: dict[str, Any]) -> str:
    return _url_safe(json.dumps(content).encode())


def _url_safe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextlib.contextmanager
def lying_provider() -> Iterator[Liar]:
    """The liar on loopback."""
    liar = Liar()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            form = fields(self.rfile.read(length).decode())
            liar.asked.append((self.path, form, dict(self.headers.items())))
            if liar.silent is not None:
                liar.silent.wait(120)
            status, body = liar.say(self.command, self.path, form)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    with serving(Handler) as port:
        liar.port = port
        try:
            yield liar
        finally:
            if liar.silent is not None:
                liar.silent.set()


@contextlib.contextmanager
def serving(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[int]:
    """A server on a free port of loopback."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
