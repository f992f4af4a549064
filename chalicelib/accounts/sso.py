"""Use cases of signing in by a provider (OpenID Connect): begin, come back, link to a proven phone."""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from chalicelib.accounts import consents, model, phones, providers, store, tokens
from chalicelib.accounts.model import (
    Account,
    LinkedSignIn,
    Purpose,
    ReturnPage,
    ReturnTo,
    account_of,
)
from chalicelib.accounts.tokens import Claims
from chalicelib.kernel.deciding import retried
from chalicelib.shared import hmacs, ids, log, sealed
from chalicelib.shared.errors import Conflict, Invalid
from chalicelib.shared.secrets import keyed_hash
from chalicelib.shared.table import Item


class Begun(msgspec.Struct, frozen=True):
    """A sign-in that began: the browser goes to `authorization_url` and must be back before `expires_at` (UTC ms)."""

    authorization_url: str
    expires_at: int


class Link(msgspec.Struct, frozen=True):
    """A person whom the provider knows and who has no account here yet.

    They prove a phone before `expires_at` (UTC ms).
    """

    link_id: str
    expires_at: int


class Returned(msgspec.Struct, frozen=True):
    """Who came back from a provider: `account` is set, or `link` when the person still has to prove a phone."""

    return_to: ReturnTo
    claims: Claims
    account: Account | None = None
    link: Link | None = None


class Linked(msgspec.Struct, frozen=True):
    """The account to which a provider's person was linked. `claims`: what the provider says of the person."""

    return_to: ReturnTo
    claims: Claims
    account: Account


def begin(
    *,
    provider: str,
    ticks: consents.Ticks,
    return_to: ReturnTo,
    browser: str,
    address: str,
    now: int,
) -> Begun:
    """Begin a sign-in by a provider (去登录). What the return is checked against is stored and bound to this browser.

    Raises `NotFound`, `Invalid` (`agreements_required`, `invalid_request`), `TooMany`, `Unavailable`.
    """
    chosen = providers.get_provider(provider)
    ticked = consents.consent_to(ticks, consents.TO_SIGN_IN, now)
    if (return_to.page is ReturnPage.EXAM_DETAIL) != bool(return_to.exam_id):
        raise Invalid("invalid_request", reason="return_to")
    phones.spend_by_address("sso", address, model.SSO_WINDOWS, now)
    state, nonce = ids.new_id("", 32), ids.new_id("", 32)
    verifier = ids.new_id("", 64)  # RFC 7636: 43 to 128 characters
    url = providers.authorization_url(chosen, state=state, nonce=nonce, verifier=verifier, now=now)
    expires_at = now + model.SIGN_IN_MS
    row = {
        "provider": provider,
        "nonce": nonce,
        "verifier": verifier,
        "browser_hash": _browser_hash(browser),
        "consents": [msgspec.to_builtins(consent) for consent in ticked],
        "return_to": msgspec.to_builtins(return_to),
    }
    store.put_sign_in("sign_in", _name("sign_in", state), row, expires_at)
    return Begun(url, expires_at)


def come_back(*, provider: str, code: str, state: str, browser: str, now: int) -> Returned:
    """Finish a sign-in after the provider sent the browser back; returns the account or a link.

    While the provider cannot be reached, the sign-in is not used up.

    Raises `NotFound`, `Invalid` (`sign_in_failed`), `Unavailable`.
    """
    chosen = providers.get_provider(provider)
    name = _name("sign_in", state)
    row = _own(store.load_sign_in("sign_in", name, now), provider, browser)
    try:
        token = providers.redeem(chosen, code=code, verifier=row["verifier"], now=now)
        payload = providers.verify(chosen, token, now=now)
        subject = tokens.subject(payload, providers.expected(chosen, row["nonce"]), now)
    except (providers.CodeRefused, tokens.TokenRefused) as refused:
        store.use_sign_in("sign_in", name, now)
        raise _refused(provider, getattr(refused, "reason", "code")) from refused
    if not store.use_sign_in("sign_in", name, now):
        raise _refused(provider, "used")
    claims = tokens.claims(payload)
    return_to = msgspec.convert(row["return_to"], ReturnTo)
    subject_key = _subject_key(subject_ref(chosen.issuer, subject))
    account_id = store.account_of_subject(subject_key)
    item = store.load_account(account_id) if account_id else None
    if account_id is None or item is None:
        return Returned(return_to, claims, link=_wait(row, subject_key, claims, browser, now))
    store.add_consents(account_id, row["consents"], item["session_version"])
    item = _note(account_id, LinkedSignIn(provider, subject_key, now))
    return Returned(return_to, claims, account_of(item))


def _wait(row: Item, subject_key: str, claims: Claims, browser: str, now: int) -> Link:
    """Store what the provider says of the person, sealed, until a phone is proven."""
    link_id, expires_at = ids.new_id("ln_"), now + model.LINK_MS
    name = _name("link", link_id)
    claims_json = msgspec.json.encode(claims).decode()
    waiting = {
        "provider": row["provider"],
        "subject_key": subject_key,
        "claims_sealed": sealed.seal(claims_json, f"{name}/claims"),
        "browser_hash": _browser_hash(browser),
        "consents": row["consents"],
        "return_to": row["return_to"],
    }
    store.put_sign_in("link", name, waiting, expires_at)
    return Link(link_id, expires_at)


def link(
    *,
    provider: str,
    link_id: str,
    phone: str,
    proof: phones.Proof,
    profile_of: Callable[[Claims], dict[str, Any]],
    browser: str,
    now: int,
) -> Linked:
    """Prove a phone and link the provider's person to its account, or to a new one.

    `profile_of` makes the profile of a new account (`identity.service.first_profile`). A link needs both: the sign-in
    by the provider and the proven phone. Raises `NotFound`, `Invalid` (`sign_in_failed`, `phone_invalid`,
    `code_wrong`), `Conflict` (`provider_linked`).
    """
    providers.get_provider(provider)  # a provider that was removed from the settings links nobody
    name = _name("link", link_id)
    row = _own(store.load_sign_in("link", name, now), provider, browser)
    claims = _claims(row, name)
    account_id = phones.account_for_phone(
        phone=phone,
        proof=proof,
        purpose=Purpose.LINK,
        consented=row["consents"],
        profile=profile_of(claims),
        now=now,
    )
    if store.claim_subject(row["subject_key"], account_id, provider, now) != account_id:
        raise Conflict("provider_linked")
    item = _note(account_id, LinkedSignIn(provider, row["subject_key"], now))
    store.use_sign_in("link", name, now)
    log.event("provider_linked", provider=provider, account=account_id)
    return_to = msgspec.convert(row["return_to"], ReturnTo)
    return Linked(return_to, claims, account_of(item))


def _note(account_id: str, entry: LinkedSignIn) -> Item:
    """Note a linked sign-in in the account, once, so that its rows can be found from there. Returns the item."""

    def note() -> Item:
        item = store.load_account(account_id)
        if item is None:
            raise Conflict("busy")
        noted = item.get("sign_ins", [])
        if any(old["key"] == entry.key for old in noted):
            return item
        sets = {"sign_ins": [*noted, msgspec.to_builtins(entry)]}
        return store.change_account(account_id, item["version"], sets)

    return retried(note)


def _claims(row: Item, name: str) -> Claims:
    return msgspec.json.decode(sealed.unseal(row["claims_sealed"], f"{name}/claims"), type=Claims)


def _own(row: Item | None, provider: str, browser: str) -> Item:
    """Return the row if this provider and this browser began it.

    Raises `Invalid` (`sign_in_failed`) otherwise; the row is not used up then.
    """
    if row is None:
        raise _refused(provider, "unknown")
    if row["provider"] != provider:
        raise _refused(provider, "other_provider")
    if not browser or not hmacs.equal(row["browser_hash"], _browser_hash(browser)):
        raise _refused(provider, "other_browser")
    return row


def _refused(provider: str, reason: str) -> Invalid:
    log.event("sign_in_refused", provider=provider, reason=reason)
    return Invalid("sign_in_failed")


def subject_ref(issuer: str, subject: str) -> str:
    """Return how a provider names a person when it asks for their results.

    It is the SHA-256 of issuer, line feed and subject, in hexadecimal.
    """
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


def _subject_key(ref: str) -> str:
    return keyed_hash("sso", ref)


def account_of_ref(*, provider: str, ref: str) -> str | None:
    """Return the account to which this person of this provider is linked; None without one."""
    return store.account_of_subject(_subject_key(ref), provider)


def signs_in_by(*, account_id: str, provider: str) -> bool:
    """Whether the account is linked to a person of this provider."""
    item = store.load_account(account_id) or {}
    return any(entry["provider"] == provider for entry in item.get("sign_ins", []))


def _name(kind: str, secret: str) -> str:
    return keyed_hash(kind, secret)


def _browser_hash(browser: str) -> str:
    return keyed_hash("browser", browser)
