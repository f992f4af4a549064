"""A partner platform's side of a webhook (docs/partners.md); needs nothing but the standard library."""

import hashlib
import hmac
from collections.abc import Mapping

SKEW_MS = 5 * 60_000  # how far a call's time may be off


def is_genuine(
    keys: Mapping[str, str], headers: Mapping[str, str], body: bytes, now_ms: int
) -> bool:
    """Whether a call was signed with one of these keys (key id → key) within the last five minutes.

    `headers`: names as in docs/partners.md; the headers of `http.server` know them in any case.
    """
    key_id, stamp, request_id, signature = (
        headers.get(f"Kaochang-{name}") or ""
        for name in ("Key", "Timestamp", "Request", "Signature")
    )
    if key_id not in keys or not (stamp.isascii() and stamp.isdecimal()):
        return False
    message = "\n".join(["webhook", stamp, request_id, hashlib.sha256(body).hexdigest()])
    expected = hmac.new(keys[key_id].encode(), message.encode(), hashlib.sha256).hexdigest()
    same = hmac.compare_digest(expected.encode(), signature.encode())
    return same and abs(now_ms - int(stamp)) <= SKEW_MS
