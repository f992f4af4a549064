"""What the ID token of a sign-in provider must say before anybody is signed in. Pure.

Rules of OpenID Connect Core 1.0, section 3.1.3.7. The signature is checked before (`accounts.providers`).
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from chalicelib.accounts.model import AudienceRole
from chalicelib.shared import hmacs
from chalicelib.shared.errors import Invalid
from chalicelib.shared.lines import parse_line, parse_name

SKEW_S = 60  # how far the provider's clock may be off
OLDEST_S = 600  # a token is made for the sign-in at hand, which lasts ten minutes at most
_LONGEST_SUBJECT = 255  # OpenID Connect Core, section 2


class TokenRefused(Exception):
    """The token proves nothing; `reason` is for the log, the person is told to begin again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Expected(msgspec.Struct, frozen=True):
    """Whom the token must come from, and for which sign-in."""

    issuer: str
    client_id: str
    nonce: str


class Claims(msgspec.Struct, frozen=True):
    """What a provider says of a person, as far as it says it well-formed."""

    name: str = ""
    organisation: str = ""
    region: str = ""
    role: AudienceRole | None = None


def subject(payload: Mapping[str, Any], expected: Expected, now: int) -> str:
    """Whose sign-in it is (`sub`). `now` in milliseconds. Raises `TokenRefused`."""
    if payload.get("iss") != expected.issuer:
        raise TokenRefused("issuer")
    _check_audience(payload, expected.client_id)
    _check_times(payload, now / 1000)
    nonce = payload.get("nonce")
    if not isinstance(nonce, str) or not hmacs.equal(expected.nonce, nonce):
        raise TokenRefused("nonce")
    found = payload.get("sub")
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST_SUBJECT:
        raise TokenRefused("subject")
    return found


def _check_audience(payload: Mapping[str, Any], client_id: str) -> None:
    told = payload.get("aud")
    audience = [told] if isinstance(told, str) else told
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
    told = payload.get(name)
    if isinstance(told, bool) or not isinstance(told, int | float):
        raise TokenRefused(name)
    return told


def claims(payload: Mapping[str, Any]) -> Claims:
    """The person's data in a token; what is missing or malformed is left out, never an obstacle."""
    roles = {role.value: role for role in AudienceRole}
    role = payload.get("role")
    return Claims(
        name=_clean(payload, "name", parse_name),
        organisation=_clean(payload, "organisation", lambda t: parse_line(t, "organisation")),
        region=_clean(payload, "region", lambda t: parse_line(t, "region")),
        role=roles.get(role) if isinstance(role, str) else None,
    )


def _clean(payload: Mapping[str, Any], name: str, parse: Callable[[str], str]) -> str:
    told = payload.get(name)
    try:
        return parse(told) if isinstance(told, str) else ""
    except Invalid:
        return ""
