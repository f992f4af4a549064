"""Calls of sign-in providers by OpenID Connect: discovery, and the code flow with PKCE.

Only this module calls the providers.
"""

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
# Asymmetric algorithms alone. HS256 would use our client secret as the key.
ALGORITHMS = ("RS256", "ES256")
_KEPT_MS = clock.HOUR_MS  # metadata and keys; after an unknown key id the keys are fetched at once
_RETRY_S = 10
# A request makes at most three calls and the API function has ten seconds.
_LIMITS = http.Limits(connect_s=1.0, read_s=1.5, total_s=2.0)


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the setting `SIGN_IN_PROVIDERS`."""

    provider: str
    title: str
    issuer: str
    client_id: str


class Metadata(msgspec.Struct, frozen=True):
    """The fields of `/.well-known/openid-configuration` that we use (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _SignInSecrets(msgspec.Struct, frozen=True):
    """The client secrets of the providers, by name of the provider, in the second secret (docs/partners.md)."""

    sign_in: dict[str, str] = {}


class CodeRefused(Exception):
    """The provider does not accept the code: it is unknown, used, or belongs to another verifier."""


def providers() -> tuple[Provider, ...]:
    """Return the providers that are set up; none without `SITE_ORIGIN`, which every return address needs."""
    return _parsed(settings().sign_in_providers) if settings().site_origin else ()


@functools.cache
def _parsed(text: str) -> tuple[Provider, ...]:
    return msgspec.json.decode(text, type=tuple[Provider, ...])


def get_provider(name: str) -> Provider:
    """Return the provider with this name. Raises `NotFound`."""
    provider = next((entry for entry in providers() if entry.provider == name), None)
    if provider is None:
        raise NotFound("not_found")
    return provider


def return_address(provider: Provider) -> str:
    """Return the address to which the provider sends the browser back. Each provider has its own."""
    return f"{settings().site_origin}/sso/{provider.provider}"


def challenge(verifier: str) -> str:
    """Return the PKCE challenge S256 of a verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def authorization_url(
    provider: Provider, *, state: str, nonce: str, verifier: str, now: int
) -> str:
    """Return the address at which the person signs in. Raises `Unavailable`."""
    parameters = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": return_address(provider),
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
    }
    endpoint = _metadata(provider, now).authorization_endpoint
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(parameters)}"


def redeem(provider: Provider, *, code: str, verifier: str, now: int) -> str:
    """Exchange a code for an ID token, which is not verified yet. Raises `CodeRefused`, `Unavailable`."""
    metadata = _metadata(provider, now)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": return_address(provider),
        "code_verifier": verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    secret = operators_secret(_SignInSecrets).sign_in.get(provider.provider)
    if secret is None or "client_secret_basic" not in _methods(metadata):
        form |= {"client_id": provider.client_id, **({"client_secret": secret} if secret else {})}
    else:  # both parts are form-encoded first (RFC 6749, section 2.3.1)
        pair = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    body = urlencode(form).encode()
    answer = _call(provider, "POST", metadata.token_endpoint, headers=headers, body=body)
    if answer.status == 400 and _error(answer) in ("invalid_grant", "invalid_request"):
        raise CodeRefused
    token = _decoded(provider, answer).get("id_token")
    if not isinstance(token, str):
        raise _down(provider, "no_id_token")
    return token


def _methods(metadata: Metadata) -> tuple[str, ...]:
    return metadata.token_endpoint_auth_methods_supported


def _error(answer: Answer) -> str:
    """The `error` of a refusal; "" when the body has none."""
    try:
        body = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        return ""
    return str(body.get("error", "")) if isinstance(body, dict) else ""


def verify(provider: Provider, token: str, *, now: int) -> dict[str, Any]:
    """Check the provider's signature of a token; returns its payload. Raises `TokenRefused`, `Unavailable`."""
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError

    address = _metadata(provider, now).jwks_uri
    for renew in (False, True):
        keys = _keys(provider, address, now, renew=renew)
        try:
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
        except InvalidKeyIdError as unknown:
            if renew:
                raise TokenRefused("key") from unknown
        except (JoseError, ValueError) as error:
            raise TokenRefused(type(error).__name__) from error
    raise AssertionError  # not reached: the second round returns or raises


def expected(provider: Provider, nonce: str) -> Expected:
    """Return what the token of this sign-in must contain."""
    return Expected(provider.issuer, provider.client_id, nonce)


# --- what is kept for an hour ---

_cache: dict[str, tuple[int, Any]] = {}
_caching = threading.Lock()


def forget() -> None:
    """Drop the cached metadata and keys. Tests use it."""
    _cache.clear()


def _kept(name: str, now: int, fetch: Callable[[], Any], *, renew: bool = False) -> Any:
    with _caching:
        at, value = _cache.get(name, (0, None))
    if renew or value is None or not at <= now < at + _KEPT_MS:
        value = fetch()
        with _caching:
            _cache[name] = (now, value)
    return value


def _metadata(provider: Provider, now: int) -> Metadata:
    def fetch() -> Metadata:
        address = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        answer = _call(provider, "GET", address)
        try:
            metadata = msgspec.convert(_decoded(provider, answer), Metadata)
        except msgspec.ValidationError:
            raise _down(provider, "metadata") from None
        # Otherwise one provider could issue tokens in the name of another.
        if metadata.issuer != provider.issuer:
            raise _down(provider, "issuer")
        addresses = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
        if not all(map(_safe, addresses)):
            raise _down(provider, "address")
        return metadata

    metadata: Metadata = _kept(f"metadata {provider.issuer}", now, fetch)
    return metadata


def _safe(address: str) -> bool:
    """Whether people and secrets may be sent to an address: https; on the embedded cloud also http."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in (("https", "http") if settings().local else ("https",))


def _keys(provider: Provider, address: str, now: int, *, renew: bool) -> Any:
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    def fetch() -> Any:
        document = _decoded(provider, _call(provider, "GET", address))
        try:
            return KeySet.import_key_set({"keys": document["keys"]})
        except (JoseError, KeyError, TypeError, ValueError):
            raise _down(provider, "keys") from None

    return _kept(f"keys {address}", now, fetch, renew=renew)


def _call(provider: Provider, method: str, address: str, **more: Any) -> Answer:
    if not _safe(address):
        raise _down(provider, "address")
    try:
        return http.send(method, address, limits=_LIMITS, **more)
    except http.Unreachable as error:
        raise _down(provider, str(error)) from error


def _decoded(provider: Provider, answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer with status 200. Raises `Unavailable`."""
    try:
        body = msgspec.json.decode(answer.body) if answer.status == 200 else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise _down(provider, f"status_{answer.status}")
    return body


def _down(provider: Provider, reason: str) -> Unavailable:
    log.metric("SignInProviderFailed", 1, provider=provider.provider, reason=reason)
    return Unavailable("provider_unavailable", retry_after_s=_RETRY_S, title=provider.title)
