r"""An SMS provider over HTTPS: template name and variables, signed, with an idempotency id.

One request for each message:

    POST <sms_url>
    Content-Type: application/json
    Idempotency-Key: <message id>
    X-Key-Id: <id of our key>
    X-Timestamp: <UTC milliseconds>
    X-Signature: hex HMAC-SHA256(key, "<timestamp>\n<message id>\n<hex SHA-256 of the body>")

    {"id": …, "to": "+86138…", "template": …, "language": "zh-CN", "variables": {…}}

200 with `{"id": <the same>, "accepted": true}` means that the message was taken, now or at an earlier try.
`accepted: false`, 400 and 422 mean that it is never taken. After everything else (no answer in time, 429, 5xx, another
body) it is unknown whether it was taken; the same id is sent again later. A provider with another interface needs a
small gateway that has this one.
"""

import msgspec

from chalicelib.notices import calling
from chalicelib.notices.port import Message, NotTaken, SendFailure, key
from chalicelib.shared import clock, hmacs
from chalicelib.shared.languages import said
from chalicelib.shared.settings import settings

_TROUBLES = {
    400: SendFailure.MESSAGE,
    401: SendFailure.ACCOUNT,
    402: SendFailure.ACCOUNT,
    403: SendFailure.ACCOUNT,
    422: SendFailure.MESSAGE,
    429: SendFailure.BUSY,
}


class _Receipt(msgspec.Struct, frozen=True):
    """The answer to a message."""

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
                "language": message.language.value,
                "variables": said(message.variables, message.language),
            }
        )
        headers = _signed(message.message_id, body)
        answer = calling.post(settings().sms_url, headers=headers, body=body)
        if answer.status != 200:
            trouble = _TROUBLES.get(answer.status, SendFailure.UNCLEAR)
            raise NotTaken(trouble, f"http_{answer.status}")
        try:
            receipt = msgspec.json.decode(answer.body, type=_Receipt)
        except msgspec.MsgspecError:
            raise NotTaken(SendFailure.UNCLEAR, "no_answer") from None
        if receipt.id != message.message_id:
            raise NotTaken(SendFailure.UNCLEAR, "another_message")
        if not receipt.accepted:
            raise NotTaken(SendFailure.MESSAGE, "not_accepted")

    def look(self) -> list[str]:
        """Return no findings: this interface cannot be asked about account or templates."""
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
