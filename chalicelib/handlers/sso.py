"""Routes of signing in by a partner platform (OpenID Connect); anybody may call them."""

from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.accounts import providers, sessions, sso
from chalicelib.accounts.model import ReturnTo
from chalicelib.accounts.phones import Proof
from chalicelib.accounts.sso import Begun, Link
from chalicelib.accounts.tokens import Claims
from chalicelib.handlers.endpoint import Call, Role, route
from chalicelib.handlers.public import Challenge, Code, Names, Phone, SignedIn, signed_in, ticks
from chalicelib.identity import service as identity
from chalicelib.shared import ids

routes = Blueprint(__name__)

Opaque = Annotated[str, Meta(min_length=1, max_length=2048)]  # codes of providers may be long
_BROWSER_LENGTH = 32


class ProviderView(msgspec.Struct, frozen=True):
    """A platform that people may sign in by."""

    provider: str
    title: str


class ProviderList(msgspec.Struct, frozen=True):
    """All platforms that are set up. Without any, the page shows no button."""

    providers: tuple[ProviderView, ...]


@route(routes, "GET", "/sso", role=Role.PUBLIC)
def list_providers(call: Call) -> ProviderList:
    """List the platforms that people may sign in by, such as 山西政府采购平台."""
    platforms = providers.providers()
    return ProviderList(tuple(ProviderView(one.provider, one.title) for one in platforms))


class SsoRequest(msgspec.Struct, forbid_unknown_fields=True):
    """去登录 by a platform. `agreements` names the ticked texts. `return_to` names a page of ours, never an address."""

    agreements: Names
    return_to: ReturnTo = ReturnTo()


@route(routes, "POST", "/sso/{provider}/requests", role=Role.PUBLIC, status=201)
def begin_sso(call: Call, provider: str, body: SsoRequest) -> Begun:
    """Begin a sign-in. Returns where to send the browser, and sets a cookie that the return needs."""
    has_cookie = len(call.browser) == _BROWSER_LENGTH  # kept: two tabs may sign in at once
    browser = call.browser if has_cookie else ids.new_id("", _BROWSER_LENGTH)
    begun = sso.begin(
        provider=provider,
        ticks=ticks(call, body.agreements),
        return_to=body.return_to,
        browser=browser,
        address=call.address,
        now=call.now,
    )
    call.set_cookie = sessions.browser_cookie(browser)
    return begun


class SsoSessionRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What the platform has put into the address of the return."""

    code: Opaque
    state: Opaque


class SsoSession(msgspec.Struct, frozen=True):
    """Signed in (`signed_in`), or a phone has to be proven first (`link`); then go to `return_to`."""

    signed_in: SignedIn | None
    link: Link | None
    return_to: ReturnTo


@route(routes, "POST", "/sso/{provider}/sessions", role=Role.PUBLIC, status=201)
def create_sso_session(call: Call, provider: str, body: SsoSessionRequest) -> SsoSession:
    """Sign in after the return from the platform. It works once, in the browser that began the sign-in."""
    back = sso.come_back(
        provider=provider, code=body.code, state=body.state, browser=call.browser, now=call.now
    )
    if back.account is None:
        return SsoSession(None, back.link, back.return_to)
    _fill(back.account.account_id, back.claims, call.now)
    return SsoSession(signed_in(call, back.account), None, back.return_to)


class SsoLinkRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A proven phone (code of purpose `link`) for a person whom the platform has just signed in."""

    link_id: Annotated[str, Meta(min_length=1, max_length=60)]
    phone: Phone
    challenge_id: Challenge
    code: Code


@route(routes, "POST", "/sso/{provider}/links", role=Role.PUBLIC, status=201)
def link_sso(call: Call, provider: str, body: SsoLinkRequest) -> SsoSession:
    """Link the person of the platform to the account of this phone, or to a new account, and sign in."""
    linked = sso.link(
        provider=provider,
        link_id=body.link_id,
        phone=body.phone,
        proof=Proof(body.challenge_id, body.code, call.address),
        profile_of=lambda claims: _first_profile(claims, call.now),
        browser=call.browser,
        now=call.now,
    )
    _fill(linked.account.account_id, linked.claims, call.now)
    return SsoSession(signed_in(call, linked.account), None, linked.return_to)


def _first_profile(claims: Claims, now: int) -> dict[str, Any]:
    return identity.first_profile(
        role=claims.role,
        name=claims.name,
        organisation=claims.organisation,
        region=claims.region,
        now=now,
    )


def _fill(account_id: str, claims: Claims, now: int) -> None:
    identity.fill_profile(
        account_id=account_id,
        role=claims.role,
        name=claims.name,
        organisation=claims.organisation,
        region=claims.region,
        now=now,
    )
