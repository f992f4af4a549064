"""Rules of a partner's signed request: what is signed, whether it is valid, and who signed it. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from chalicelib.shared import hmacs
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.shared.errors import NotSignedIn

SKEW_MS = 5 * MINUTE_MS  # how far a partner's clock may be off
NONCE_MS = 2 * SKEW_MS + MINUTE_MS  # a request from a fast clock could be repeated for this long
SHORTEST_KEY = 32  # characters; shorter keys are not accepted
MOST_KEYS = 2  # the present key, and the key that replaces it
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")


class OwnedKey(msgspec.Struct, frozen=True):
    """A key with the name of the partner who signs with it."""

    partner: str
    key_id: str
    key: str


class PartnerKey(msgspec.Struct, frozen=True):
    """A key that a partner signs its requests with, as the secret in AWS holds it."""

    key_id: str
    key: str


class PartnerAccess(msgspec.Struct, frozen=True):
    """What a partner may see: the results of these organisations, and the results of its own users.

    `organisations`: short name (used in URLs) → name as people write it. `sign_in`: the sign-in provider whose users
    the partner may ask for. `keys`: two keys while one replaces the other. `webhook`: as it is written in the secret,
    read by `partners.webhook.target`, so that a wrong one takes nothing else away from the partner.
    """

    keys: tuple[PartnerKey, ...]
    organisations: dict[str, str] = {}
    sign_in: str = ""
    webhook: Any = None


class Partner(msgspec.Struct, frozen=True):
    """The partner that sent a request.

    `organisations`: short name → name. `sign_in`: the sign-in provider whose users the partner may ask for.
    """

    name: str
    organisations: dict[str, str] = {}
    sign_in: str = ""


class SignedRequest(msgspec.Struct, frozen=True):
    """The signed parts of a request. `path`: without `/api`. `query`: decoded names and values."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: bytes


class Claim(msgspec.Struct, frozen=True):
    """The signature headers of a request."""

    key_id: str
    timestamp: str
    nonce: str
    signature: str


def claim(headers: Mapping[str, str]) -> Claim:
    """Return the signature headers of a request. A missing header is empty. Header names are in lower case."""
    values = (headers.get(f"kaochang-{name}", "") for name in _HEADERS)
    return Claim(*values)


_HEADERS = ("key", "timestamp", "nonce", "signature")


def canonical_query(query: Iterable[tuple[str, str]]) -> str:
    """Return the query sorted by name and value, percent-encoded by RFC 3986 (UTF-8, only `-._~` unreserved)."""
    encoded = ((quote(name, safe=""), quote(value, safe="")) for name, value in query)
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def signature(key: str, request: SignedRequest, *, timestamp: str, nonce: str) -> str:
    """Return the signature of a request as docs/partners.md describes it."""
    lines = (
        "partner",
        request.method,
        request.path,
        canonical_query(request.query),
        timestamp,
        nonce,
    )
    return hmacs.message_signature(key, *lines, body=request.body)


def owned_keys(partners: Mapping[str, PartnerAccess]) -> list[OwnedKey]:
    """Return all keys of all partners."""
    return [
        OwnedKey(partner, key.key_id, key.key)
        for partner, access in partners.items()
        for key in access.keys
    ]


def usable(keys: Iterable[OwnedKey]) -> list[OwnedKey]:
    """Return the keys that may sign. They are long enough, and their id belongs to one partner only.

    Each partner has at most two; further keys are ignored.
    """
    usable_keys: list[OwnedKey] = []
    all_keys = list(keys)
    for key in all_keys:
        owners = {other.partner for other in all_keys if other.key_id == key.key_id}
        of_partner = [other for other in usable_keys if other.partner == key.partner]
        if len(key.key) >= SHORTEST_KEY and len(owners) == 1 and len(of_partner) < MOST_KEYS:
            usable_keys.append(key)
    return usable_keys


def recognise(keys: list[OwnedKey], claim: Claim, request: SignedRequest, now: int) -> OwnedKey:
    """Return the key that signed this request within the allowed clock difference.

    Raises `NotSignedIn`: `signature_invalid` for everything that is wrong, so that an attacker does not learn which
    part it is; `timestamp_invalid` when the signature is right and the partner's clock is wrong.
    """
    plausible = (
        _NONCE.fullmatch(claim.nonce) is not None
        and re.fullmatch(r"[0-9]{1,15}", claim.timestamp) is not None
        and claim.signature.isascii()
    )
    key = next((key for key in keys if key.key_id == claim.key_id), None)
    if not plausible or key is None:
        raise NotSignedIn("signature_invalid")
    expected = signature(key.key, request, timestamp=claim.timestamp, nonce=claim.nonce)
    if not hmacs.equal(expected, claim.signature):
        raise NotSignedIn("signature_invalid")
    if abs(now - int(claim.timestamp)) > SKEW_MS:
        raise NotSignedIn("timestamp_invalid", server_now=now)
    return key
