r"""An SMS provider over HTTPS: template name and variables, signed, with an idempotency id.

One request for each message:

    POST <sms_url>
    Content-Type: application/json
    Idempotency-Key: <message id>
    X-Key-Id: <id of our key>
    X-Timestamp: <UTC milliseconds>
    X-Signature: hex HMAC-SHA256(key, "<timestamp>\n<message id>\n<hex SHA-256 of the body>")

    {"id": …, "to": "+86138…", "template": …, "variables": {…}}

200 with `{"id": <the same>, "accepted": true}` means taken, also when it was taken before (an answer that got lost);
`accepted: false`, 400 and 422 mean never. Everything else (no answer in time, 429, 5xx, a body of another kind) means
that nobody knows: the same id again, later. A provider whose own interface differs needs a small gateway that speaks
this one.
"""

import http.client
import time
from typing import Any
from urllib.parse import urlsplit

import msgspec

from chalicelib.notices.sms import Message, NotTaken, Trouble, key
from chalicelib.shared import clock, hmacs
from chalicelib.shared.settings import settings

WITHIN_S = 4.0  # a person may wait for a code, and the API's function ends after 10 s
_MOST_BYTES = 16 * 1024
_NEVER = frozenset({400, 422})
_TROUBLES = {401: Trouble.ACCOUNT, 402: Trouble.ACCOUNT, 403: Trouble.ACCOUNT, 429: Trouble.BUSY}


class _Answer(msgspec.Struct, frozen=True):
    id: str
    accepted: bool


class HttpsProvider:
    """Adapter of `SmsSender`."""

    def send(self, message: Message) -> None:
        """Hand one message over. Raises `NotTaken`."""
        body = msgspec.json.encode(
            {
                "id": message.message_id,
                "to": message.number,
                "template": message.template,
                "variables": message.variables,
            }
        )
        status, answer = _post(settings().sms_url, body, _signed(message.message_id, body))
        if status in _NEVER:
            raise NotTaken(Trouble.MESSAGE, f"http_{status}")
        if status != 200:
            raise NotTaken(_TROUBLES.get(status, Trouble.UNCLEAR), f"http_{status}")
        try:
            told = msgspec.json.decode(answer, type=_Answer)
        except msgspec.MsgspecError:
            raise NotTaken(Trouble.UNCLEAR, "no_answer") from None
        if told.id != message.message_id:
            raise NotTaken(Trouble.UNCLEAR, "another_message")
        if not told.accepted:
            raise NotTaken(Trouble.MESSAGE, "not_accepted")

    def look(self) -> list[str]:
        """Nothing: this interface has no question about account or templates."""
        return []


def _signed(message_id: str, body: bytes) -> dict[str, str]:
    pair, now = key(), str(clock.now_ms())
    return {
        "Content-Type": "application/json",
        "Idempotency-Key": message_id,
        "X-Key-Id": pair.key_id,
        "X-Timestamp": now,
        "X-Signature": hmacs.message_signature(pair.key, now, message_id, body=body),
    }


def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Status and body, all within `WITHIN_S`; no redirect is followed. Raises `NotTaken`."""
    where = urlsplit(url)
    if where.scheme != "https" and not settings().local:
        raise NotTaken(Trouble.ACCOUNT, "address_not_encrypted")
    kinds: dict[str, Any] = {
        "https": http.client.HTTPSConnection,
        "http": http.client.HTTPConnection,
    }
    until = time.monotonic() + WITHIN_S
    connection = kinds[where.scheme](where.hostname, where.port, timeout=WITHIN_S)
    path = where.path or "/"
    try:
        connection.connect()
        _wait_until(connection, until)
        connection.request("POST", f"{path}?{where.query}" if where.query else path, body, headers)
        answer = connection.getresponse()
        return answer.status, _read(connection, answer, until)
    except (OSError, http.client.HTTPException):  # their texts may hold the address
        raise NotTaken(Trouble.UNCLEAR, "no_answer") from None
    finally:
        connection.close()


def _read(connection: Any, answer: http.client.HTTPResponse, until: float) -> bytes:
    """The body, however slowly it drips, as long as there is time."""
    data = b""
    while len(data) < _MOST_BYTES:
        _wait_until(connection, until)
        part = answer.read1(_MOST_BYTES)
        if not part:
            break
        data += part
    return data


def _wait_until(connection: Any, until: float) -> None:
    """Let the next step take what is left of the time. Raises `TimeoutError` when nothing is."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    if connection.sock is not None:
        connection.sock.settimeout(left)
