"""A partner platform's client of the results API (docs/partners.md); needs nothing but the standard library."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen


def signed(key_id: str, key: str, path: str, query: dict[str, str], now_ms: int) -> dict[str, str]:
    """The headers of one GET request; each request needs new ones."""
    line = "&".join(sorted(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in query.items()))
    stamp, nonce = str(now_ms), secrets.token_urlsafe(24)
    body = hashlib.sha256(b"").hexdigest()
    message = "\n".join(["partner", "GET", path, line, stamp, nonce, body]).encode()
    headers = {"Key": key_id, "Timestamp": stamp, "Nonce": nonce}
    headers["Signature"] = hmac.new(key.encode(), message, hashlib.sha256).hexdigest()
    return {f"Kaochang-{name}": value for name, value in headers.items()}


def get(
    origin: str,
    key_id: str,
    key: str,
    path: str,
    query: dict[str, str] | None = None,
    *,
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    open_address: Callable[..., Any] = urlopen,
) -> Any:
    """One answer, such as of `/partner/results`. Raises `urllib.error.HTTPError`."""
    headers = signed(key_id, key, path, query or {}, now_ms())
    address = f"{origin}/api{path}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")
    with open_address(Request(address, headers=headers), timeout=10) as answer:  # noqa: S310 (your own origin)
        return json.load(answer)
