"""Rules of webhooks: which address may be called, what a call says, and when a failed call is repeated. Pure.

A call tells a partner that its feed has a new entry, and nothing about a person. The feed stays the truth.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec

from chalicelib.partners.model import PartnerAccess, PartnerKey, owned_keys, usable
from chalicelib.shared import hmacs
from chalicelib.shared.clock import HOUR_MS, MINUTE_MS, SECOND_MS

TRIES = 13  # then the delivery is a dead letter, about 26 hours after the first try
LONGEST_WAIT_MS = 6 * HOUR_MS  # SQS hides a message for at most twelve
PAUSE_MS = 30 * SECOND_MS  # after a failed call the partner is not called for this long
PORT = 443
LONGEST_URL = 500
_HOST = re.compile(
    r"([a-z0-9_-]+\.)+[a-z][a-z0-9-]*"
)  # a name: the last part of a number begins with a digit


class UnusableWebhook(Exception):
    """The webhook of a partner cannot be called as the secret describes it; the argument says why."""


class Webhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a partner is told of new entries, and the id of the partner's key that signs the calls."""

    url: str
    key_id: str


class Delivery(msgspec.Struct, frozen=True):
    """One entry that one partner is to be told of; a message in the queue.

    `organisation`: the partner's short name for it. `cursor`: the number of the entry in the organisation's feed.
    `told_at`: when the entry was written (UTC ms). `request_id`: the same for each try.
    """

    request_id: str
    partner: str
    organisation: str
    cursor: int
    told_at: int


class Target(msgspec.Struct, frozen=True):
    """A checked address, and the key that signs the call."""

    url: str
    key: PartnerKey


def target(partners: Mapping[str, PartnerAccess], name: str, *, local: bool) -> Target:
    """Return where and with which key this partner is called. Raises `UnusableWebhook`.

    `local`: the embedded cloud also calls http, any port, and private addresses.
    """
    try:
        webhook = msgspec.convert(partners[name].webhook, Webhook)
    except msgspec.ValidationError:
        raise UnusableWebhook("malformed") from None
    reason = url_problem(webhook.url, local=local)
    if reason:
        raise UnusableWebhook(reason)
    for key in usable(owned_keys(partners)):
        if (key.partner, key.key_id) == (name, webhook.key_id):
            return Target(webhook.url, PartnerKey(key.key_id, key.key))
    raise UnusableWebhook("key")


def url_problem(url: str, *, local: bool) -> str:
    """Return which part of an address keeps it from being called; "" for a good one.

    The addresses that a name resolves to are checked when it is called (`http.send` with `public_only`).
    """
    parts = _split(url)
    if parts is None or not parts.hostname or len(url) > LONGEST_URL or "#" in url:
        return "url"
    if "@" in parts.netloc:
        return "user"
    if local:
        return "" if parts.scheme in ("http", "https") else "scheme"
    if parts.scheme != "https":
        return "scheme"
    if parts.port not in (None, PORT):
        return "port"
    return "" if _HOST.fullmatch(parts.hostname) else "host"


def _split(url: str) -> SplitResult | None:
    """Return the parts of an address of visible ASCII characters; None for another text."""
    if not all("!" <= sign <= "~" for sign in url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises when it is no number
    except ValueError:
        return None
    return parts


def body(delivery: Delivery) -> bytes:
    """Return the JSON of a call: which feed has an entry, and under which number."""
    told: dict[str, Any] = {
        "organisation": delivery.organisation,
        "cursor": str(delivery.cursor),
        "told_at": delivery.told_at,
    }
    return msgspec.json.encode(told)


def headers(delivery: Delivery, key: PartnerKey, content: bytes, now: int) -> dict[str, str]:
    """Return the headers of a call at `now` (UTC ms), with the signature that docs/partners.md describes."""
    at = str(now)
    signature = hmacs.message_signature(key.key, "webhook", at, delivery.request_id, body=content)
    return {
        "Content-Type": "application/json",
        "Kaochang-Key": key.key_id,
        "Kaochang-Timestamp": at,
        "Kaochang-Request": delivery.request_id,
        "Kaochang-Signature": signature,
    }


def wait_ms(tries: int) -> int:
    """Return how long a delivery rests after so many tries: 1, 2, 4 minutes and so on, at most 6 hours.

    0 after the last one: the queue then makes it a dead letter.
    """
    if tries >= TRIES:
        return 0
    doublings = max(tries, 1) - 1
    return min(MINUTE_MS << doublings, LONGEST_WAIT_MS)
