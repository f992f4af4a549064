"""Sign-in providers: OpenID Connect, discovered (code flow with PKCE). The only file that calls them."""

import base64
import functools
import hashlib
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from chalicelib.accounts.tokens import Expected, TokenRefused
from chalicelib.shared import clock, http, log
from chalicelib.shared.errors import NotFound, Unavailable
from chalicelib.shared.http import Answer
from chalicelib.shared.secrets import operators_secret
from chalicelib.shared.settings import settings

SCOPE = "openid profile"
# Asymmetric ones only: with HS256 our client secret would be the key.
ALGORITHMS = ("RS256", "ES256")
_KEPT_MS = clock.HOUR_MS  # metadata and keys; an unknown key id asks for the keys at once
_RETRY_S = 10
# Three calls at most, within the ten seconds of the API function.
_LIMITS = http.Limits(connect_s=1.0, read_s=1.5, total_s=2.0)


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the setting `SIGN_IN_PROVIDERS`."""

    provider: str
    title: str
    issuer: str
    client_id: str


class Metadata(msgspec.Struct, frozen=True):
    """What we need of `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _SignInSecrets(msgspec.Struct, frozen=True):
    """The part of the second secret that is about sign-in: provider → client secret (docs/partners.md)."""

    sign_in: dict[str, str] = {}


class CodeRefused(Exception):
    """The provider knows no such code (any more), or not for this verifier."""


def providers() -> tuple[Provider, ...]:
    """All that are set up; a return address needs to know where the page is."""
    return _parsed(settings().sign_in_providers) if settings().site_origin else ()


@functools.cache
def _parsed(text: str) -> tuple[Provider, ...]:
    return msgspec.json.decode(text, type=tuple[Provider, ...])


def provider(name: str) -> Provider:
    """Raises `NotFound`."""
    found = next((known for known in providers() if known.provider == name), None)
    if found is None:
        raise NotFound("not_found")
    return found


def return_address(known: Provider) -> str:
    """Where the provider sends the browser back to: ours, and another one for each provider."""
    return f"{settings().site_origin}/sso/{known.provider}"


def challenge(verifier: str) -> str:
    """The PKCE challenge S256 (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def authorization_url(known: Provider, *, state: str, nonce: str, verifier: str, now: int) -> str:
    """Where the person signs in. Raises `Unavailable`."""
    asked = {
        "response_type": "code",
        "client_id": known.client_id,
        "redirect_uri": return_address(known),
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
    }
    endpoint = _metadata(known, now).authorization_endpoint
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"


def redeem(known: Provider, *, code: str, verifier: str, now: int) -> str:
    """Trade the code for an ID token (not yet verified). Raises `CodeRefused`, `Unavailable`."""
    metadata = _metadata(known, now)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": return_address(known),
        "code_verifier": verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    secret = operators_secret(_SignInSecrets).sign_in.get(known.provider)
    if secret is None or "client_secret_basic" not in _methods(metadata):
        form |= {"client_id": known.client_id, **({"client_secret": secret} if secret else {})}
    else:  # both parts form-encoded first (RFC 6749, section 2.3.1)
        pair = f"{quote(known.client_id, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    body = urlencode(form).encode()
    answer = _call(known, "POST", metadata.token_endpoint, headers=headers, body=body)
    if answer.status == 400 and _error(answer) in ("invalid_grant", "invalid_request"):
        raise CodeRefused
    token = _decoded(known, answer).get("id_token")
    if not isinstance(token, str):
        raise _down(known, "no_id_token")
    return token


def _methods(metadata: Metadata) -> tuple[str, ...]:
    return metadata.token_endpoint_auth_methods_supported


def _error(answer: Answer) -> str:
    try:
        told = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        return ""
    return str(told.get("error", "")) if isinstance(told, dict) else ""


def verify(known: Provider, token: str, *, now: int) -> dict[str, Any]:
    """The payload of a token that the provider signed. Raises `TokenRefused`, `Unavailable`."""
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError

    address = _metadata(known, now).jwks_uri
    for renew in (False, True):
        keys = _keys(known, address, now, renew=renew)
        try:
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
        except InvalidKeyIdError as unknown:
            if renew:
                raise TokenRefused("key") from unknown
        except (JoseError, ValueError) as error:
            raise TokenRefused(type(error).__name__) from error
    raise AssertionError  # the second round returns or raises


def expected(known: Provider, nonce: str) -> Expected:
    """Whom a token of this sign-in must come from."""
    return Expected(known.issuer, known.client_id, nonce)


# --- what is kept for an hour ---

_cache: dict[str, tuple[int, Any]] = {}
_caching = threading.Lock()


def forget() -> None:
    """Drop metadata and keys (tests)."""
    _cache.clear()


def _kept(name: str, now: int, fetch: Callable[[], Any], *, renew: bool = False) -> Any:
    with _caching:
        at, value = _cache.get(name, (0, None))
    if renew or value is None or not at <= now < at + _KEPT_MS:
        value = fetch()
        with _caching:
            _cache[name] = (now, value)
    return value


def _metadata(known: Provider, now: int) -> Metadata:
    def fetch() -> Metadata:
        address = known.issuer.rstrip("/") + "/.well-known/openid-configuration"
        answer = _call(known, "GET", address)
        try:
            told = msgspec.convert(_decoded(known, answer), Metadata)
        except msgspec.ValidationError:
            raise _down(known, "metadata") from None
        # Another issuer in the document would let one provider speak for another.
        if told.issuer != known.issuer:
            raise _down(known, "issuer")
        if not all(map(_safe, (told.authorization_endpoint, told.token_endpoint, told.jwks_uri))):
            raise _down(known, "address")
        return told

    found: Metadata = _kept(f"metadata {known.issuer}", now, fetch)
    return found


def _safe(address: str) -> bool:
    """Whether we may send people and secrets there; plain http on the embedded cloud alone."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in (("https", "http") if settings().local else ("https",))


def _keys(known: Provider, address: str, now: int, *, renew: bool) -> Any:
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    def fetch() -> Any:
        told = _decoded(known, _call(known, "GET", address))
        try:
            return KeySet.import_key_set({"keys": told["keys"]})
        except (JoseError, KeyError, TypeError, ValueError):
            raise _down(known, "keys") from None

    return _kept(f"keys {address}", now, fetch, renew=renew)


def _call(known: Provider, method: str, address: str, **more: Any) -> Answer:
    if not _safe(address):
        raise _down(known, "address")
    try:
        return http.send(method, address, limits=_LIMITS, **more)
    except http.Unreachable as error:
        raise _down(known, str(error)) from error


def _decoded(known: Provider, answer: Answer) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(answer.body) if answer.status == 200 else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise _down(known, f"status_{answer.status}")
    return told


def _down(known: Provider, reason: str) -> Unavailable:
    log.metric("SignInProviderFailed", 1, provider=known.provider, reason=reason)
    return Unavailable("provider_unavailable", retry_after_s=_RETRY_S, title=known.title)
