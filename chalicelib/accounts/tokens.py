"""Checks of the content of an ID token, and the person's data in it. Pure.

Rules of OpenID Connect Core 1.0, section 3.1.3.7. The signature is checked before (`accounts.providers`).
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from chalicelib.accounts.model import AudienceRole
from chalicelib.shared import hmacs
from chalicelib.shared.errors import Invalid
from chalicelib.shared.lines import parse_line, parse_name, parse_organisation

SKEW_S = 60  # how much the provider's clock may differ
OLDEST_S = 600  # a token is made during the sign-in, which lasts at most ten minutes
_LONGEST_SUBJECT = 255  # OpenID Connect Core, section 2


class TokenRefused(Exception):
    """The token is not accepted. `reason` is for the log; the person has to begin again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Expected(msgspec.Struct, frozen=True):
    """What the token must contain: issuer, our client id, and the nonce of the sign-in."""

    issuer: str
    client_id: str
    nonce: str


class Claims(msgspec.Struct, frozen=True):
    """What a provider says of a person. What is missing or malformed is empty."""

    name: str = ""
    organisation: str = ""
    region: str = ""
    role: AudienceRole | None = None


def subject(payload: Mapping[str, Any], expected: Expected, now: int) -> str:
    """Check a token; returns the provider's name of the person (`sub`). `now`: UTC ms. Raises `TokenRefused`."""
    if payload.get("iss") != expected.issuer:
        raise TokenRefused("issuer")
    _check_audience(payload, expected.client_id)
    _check_times(payload, now / 1000)
    nonce = payload.get("nonce")
    if not isinstance(nonce, str) or not hmacs.equal(expected.nonce, nonce):
        raise TokenRefused("nonce")
    name = payload.get("sub")
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_SUBJECT:
        raise TokenRefused("subject")
    return name


def _check_audience(payload: Mapping[str, Any], client_id: str) -> None:
    named = payload.get("aud")
    audience = [named] if isinstance(named, str) else named
    if not isinstance(audience, list) or client_id not in audience:
        raise TokenRefused("audience")
    party = payload.get("azp")
    if party != client_id and (party is not None or len(audience) > 1):
        raise TokenRefused("authorized_party")


def _check_times(payload: Mapping[str, Any], now_s: float) -> None:
    expires, issued = _moment(payload, "exp"), _moment(payload, "iat")
    if now_s >= expires + SKEW_S:
        raise TokenRefused("expired")
    if issued > now_s + SKEW_S:
        raise TokenRefused("from_the_future")
    if issued < now_s - OLDEST_S - SKEW_S:
        raise TokenRefused("old")
    if "nbf" in payload and _moment(payload, "nbf") > now_s + SKEW_S:
        raise TokenRefused("from_the_future")


def _moment(payload: Mapping[str, Any], name: str) -> float:
    seconds = payload.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TokenRefused(name)
    return seconds


def claims(payload: Mapping[str, Any]) -> Claims:
    """Return the person's data in a token. What is missing or malformed is left empty; it is no error."""
    roles = {role.value: role for role in AudienceRole}
    role = payload.get("role")
    return Claims(
        name=_clean(payload, "name", parse_name),
        organisation=_clean(payload, "organisation", parse_organisation),
        region=_clean(payload, "region", lambda t: parse_line(t, "region")),
        role=roles.get(role) if isinstance(role, str) else None,
    )


def _clean(payload: Mapping[str, Any], name: str, parse: Callable[[str], str]) -> str:
    text = payload.get(name)
    try:
        return parse(text) if isinstance(text, str) else ""
    except Invalid:
        return ""
