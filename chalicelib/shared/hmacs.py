"""HMAC-SHA-256 over several parts: the only such scheme of the product's own (decision 0033). Pure.

Two canonical encodings of the parts exist, because others rely on each of them. `digest` and `text` join the parts by
U+001F: ids, seals and drawings that are stored follow from it. `message_signature` writes the parts as lines and ends
with the digest of a body: partners, the authority and SMS gateways compute it as docs/partners.md and
docs/settings.md say. A part never holds its separator, except that the last one may.

Domains are kept apart by the key (`secrets.key` derives one for each purpose) or, where both sides share one key, by
the first line of the message.

Codes by a key in KMS (`macs`) and the signatures of Aliyun and Tencent are schemes of others and stay with them.
"""

import base64
import hashlib
import hmac


def digest(key: bytes, *parts: str | int) -> bytes:
    """Return the 32 bytes of the HMAC over `parts`, joined by U+001F."""
    return hmac.digest(key, "\x1f".join(map(str, parts)).encode(), "sha256")


def text(key: bytes, *parts: str | int) -> str:
    """Return `digest` as 43 URL-safe characters (base64 without padding)."""
    return base64.urlsafe_b64encode(digest(key, *parts)).rstrip(b"=").decode()


def message_signature(key: str, *lines: str, body: bytes) -> str:
    """Return the hexadecimal HMAC over `lines` and the SHA-256 of `body` in hexadecimal, joined by line feeds."""
    message = "\n".join((*lines, hashlib.sha256(body).hexdigest()))
    return hmac.digest(key.encode(), message.encode(), "sha256").hex()


def equal(expected: str, given: str) -> bool:
    """Whether both texts are the same; the time that it takes does not tell where they differ."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
