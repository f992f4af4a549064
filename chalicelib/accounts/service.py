"""Use cases of signing in and registering."""

import base64
import contextlib
from collections.abc import Iterator
from typing import Any

import msgspec

from chalicelib.accounts import consents, model, spoken, store
from chalicelib.accounts.consents import Consent, Ticks
from chalicelib.accounts.model import Account, CaptchaFormat, Purpose, account_of
from chalicelib.accounts.phones import (
    Proof,
    challenge_key,
    check_code,
    claim,
    code_hash,
    keep_for_registration,
    phone_hash,
    prove_phone,
    spend_by_address,
    use_code,
)
from chalicelib.notices import sms
from chalicelib.notices.port import Message, NotTaken, SendFailure
from chalicelib.shared import hmacs, ids, log, sealed
from chalicelib.shared.errors import (
    Conflict,
    Invalid,
    NotFound,
    NotSignedIn,
    TooMany,
    Unavailable,
)
from chalicelib.shared.languages import Language
from chalicelib.shared.secrets import keyed_hash
from chalicelib.shared.settings import settings
from chalicelib.shared.typed_numbers import plain_number

_CAPTCHA_LENGTH = 4
_CAPTCHA_CHARACTERS = {
    # Without characters that look alike when they are distorted: 0/O, 1/I/L, 2/Z, 5/S, 8/B.
    CaptchaFormat.PICTURE: "34679ACDEFGHJKMNPRTUVWXY",
    # The voice speaks English: most people know its digits, and its letters sound alike (B, C, D, E, G).
    CaptchaFormat.AUDIO: "0123456789",
}


class Captcha(msgspec.Struct, frozen=True):
    """A captcha to read or to hear. `content`: a data URI (PNG, or WAV of four English digits)."""

    captcha_id: str
    content: str
    expires_at: int


class CodeSent(msgspec.Struct, frozen=True):
    """A code was sent; the answer is the same when nobody has the number.

    The code belongs to this challenge and may be guessed `guesses` times. Moments in UTC ms.
    """

    challenge_id: str
    guesses: int
    expires_at: int
    resend_at: int


def create_captcha(
    *, phone: str, purpose: Purpose, given_as: CaptchaFormat, address: str, now: int
) -> Captcha:
    """Return a captcha for this phone and purpose. Raises `Invalid`, `TooMany`."""
    number = model.parse_phone(phone)
    spend_by_address("captcha", address, model.CAPTCHA_WINDOWS, now)
    captcha_id = ids.new_id("cp_")
    characters = _CAPTCHA_CHARACTERS[given_as]
    answer = "".join(characters[byte % len(characters)] for byte in ids.source(_CAPTCHA_LENGTH))
    expires_at = now + model.CAPTCHA_MS
    row = {"answer_hash": _captcha_hash(captcha_id, number, purpose, answer)}
    if settings().local:
        row["local_answer"] = answer  # the launcher shows it to scripts; never on AWS
    store.put_captcha(captcha_id, row, expires_at)
    return Captcha(captcha_id, _CAPTCHA_MAKERS[given_as](answer), expires_at)


def _drawn(answer: str) -> str:
    from captcha.image import ImageCaptcha

    picture = ImageCaptcha(width=160, height=60).generate(answer).getvalue()
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def _spoken(answer: str) -> str:
    return "data:audio/wav;base64," + base64.b64encode(spoken.speak(answer)).decode()


_CAPTCHA_MAKERS = {CaptchaFormat.PICTURE: _drawn, CaptchaFormat.AUDIO: _spoken}


def send_code(
    *,
    phone: str,
    purpose: Purpose,
    captcha_id: str,
    captcha_answer: str,
    address: str,
    language: Language,
    now: int,
) -> CodeSent:
    """Send an SMS code if captcha and budgets allow it. Whether the phone has an account makes no difference.

    A code that the provider certainly did not take is not counted for the phone. Raises `Invalid` (`captcha_wrong`),
    `TooMany`, `Unavailable` (`codes_paused`, or a service does not answer; no code was sent then).
    """
    number = model.parse_phone(phone)
    captcha = store.take_captcha(captcha_id)
    given = _captcha_hash(captcha_id, number, purpose, plain_number(captcha_answer))
    fresh = captcha is not None and now < captcha["expires_at"]
    if captcha is None or not fresh or not hmacs.equal(captcha["answer_hash"], given):
        raise Invalid("captcha_wrong")
    hashed = phone_hash(number)
    _check_stage(now)  # before other budgets are used for a code that cannot be sent
    # The address is counted first. When its budget is used up it cannot use up the budgets of phones.
    spend_by_address("address", address, model.ADDRESS_WINDOWS, now)
    store.spend_budget("phone", hashed, model.PHONE_WINDOWS, now, apart_ms=model.RESEND_MS)
    _spend_for_stage(now)
    code, challenge_id = ids.new_digits(model.CODE_DIGITS), ids.new_id("ch_", 26)
    challenge = challenge_key(challenge_id)
    row = {"purpose": purpose.value, "phone_hash": hashed, "code_hash": code_hash(challenge, code)}
    expires_at = now + model.CODE_MS
    store.put_challenge(challenge, row, expires_at)
    try:
        _send_code(number, code, language)
    except NotTaken as error:
        if error.trouble in _NOBODYS_FAULT:
            store.return_budget("phone", hashed, model.PHONE_WINDOWS, now)
            store.return_budget("stage", "codes", _stage_windows(), now)
        # The same answer for all: the caller must not learn whether a number can be reached.
        raise Unavailable("service_busy", retry_after_s=5) from None
    return CodeSent(challenge_id, model.CODE_GUESSES, expires_at, now + model.RESEND_MS)


def _check_stage(now: int) -> None:
    """Raise `Unavailable` (`codes_paused`) when the stage may send no more codes now."""
    with _paused():
        store.look_at_budget("stage", "codes", _stage_windows(), now)


def _spend_for_stage(now: int) -> None:
    """Count one code of the whole stage. This limits the cost of every kind of abuse.

    Raises `Unavailable`: `codes_paused`.
    """
    with _paused():
        store.spend_budget("stage", "codes", _stage_windows(), now)


def _stage_windows() -> tuple[model.Window, ...]:
    return model.stage_windows(settings().most_codes_an_hour, settings().most_codes_a_day)


@contextlib.contextmanager
def _paused() -> Iterator[None]:
    try:
        yield
    except TooMany as full:
        log.metric("CodesPaused", 1)
        raise Unavailable("codes_paused", retry_after_s=full.retry_after_s) from full


# Why no message was sent, and neither the person nor the number is the cause. An unclear one may have been sent.
_NOBODYS_FAULT = frozenset({SendFailure.ACCOUNT, SendFailure.BUSY, SendFailure.MESSAGE})


def _send_code(number: str, code: str, language: Language) -> None:
    variables = {"code": code, "minutes": str(model.CODE_MS // 60_000)}
    sms.hand_over(Message(ids.new_id("sm_"), number, "code", variables, language=language))


class Contact(msgspec.Struct, frozen=True):
    """Phone (E.164), name and language of a person who gets a message."""

    number: str
    name: str
    language: Language = Language.ZH


def find_account(*, number: str) -> str | None:
    """Return the account that proved this phone (E.164); None without one."""
    return store.account_of_phone(phone_hash(number))


def get_contact(*, account_id: str) -> Contact:
    """Return phone, name and language of an account, to send a message to it. Raises `NotFound`."""
    item = store.load_account(account_id)
    if item is None:
        raise NotFound("not_found")
    number = sealed.unseal(item["phone_sealed"], f"{account_id}/phone")
    language = Language(item.get("language", Language.ZH))  # absent before there were two
    return Contact(number, item.get("profile", {}).get("name", ""), language)


class OwnAccount(msgspec.Struct, frozen=True):
    """What a person may know of their account: since when, the newest consents, and linked platforms.

    `replaced`: the last consent to each earlier version of an agreement, the oldest first.
    """

    created_at: int
    consents: tuple[Consent, ...]
    replaced: tuple[Consent, ...]
    sign_ins: tuple[model.LinkedSignIn, ...]


def get_own(*, account_id: str) -> OwnAccount:
    """Return an account for a copy of its owner's data. Raises `NotFound`."""
    item = store.load_account(account_id)
    if item is None:
        raise NotFound("not_found")
    given = msgspec.convert(item.get("consents", {}), dict[str, Consent])
    newest = {consent.agreement for consent in given.values()}
    return OwnAccount(
        created_at=item["created_at"],
        consents=tuple(given[name] for name in sorted(newest)),
        replaced=tuple(
            sorted((given[name] for name in set(given) - newest), key=lambda consent: consent.at)
        ),
        sign_ins=msgspec.convert(item.get("sign_ins", []), tuple[model.LinkedSignIn, ...]),
    )


def create_session(*, phone: str, proof: Proof, ticks: Ticks, now: int) -> Account:
    """Sign in by phone; returns the account.

    Raises `Invalid`, `TooMany`, `NotFound` (`account_unknown`). The last one is raised only after the phone was
    proven. Until the moment in its detail `register_until` the same challenge and code register the phone; they no
    longer sign anybody in.
    """
    number = model.parse_phone(phone)
    ticked = consents.consent_to(ticks, consents.TO_SIGN_IN, now)
    hashed = check_code(number=number, purpose=Purpose.SIGN_IN, proof=proof, now=now)
    account_id = store.account_of_phone(hashed)
    item = store.load_account(account_id or "none")
    if account_id is None or item is None:
        raise NotFound("account_unknown", register_until=keep_for_registration(proof, now))
    use_code(proof, Purpose.SIGN_IN)
    store.add_consents(account_id, _rows(ticked), item["session_version"])
    return account_of(item)


def create_account(
    *, phone: str, proof: Proof, ticks: Ticks, profile: dict[str, Any], now: int
) -> Account:
    """Register a phone; returns the new account. `profile`: see `identity.service.first_profile`.

    Raises `Invalid`, `TooMany`, `Conflict` (`phone_taken`, only after the phone was proven).
    """
    number = model.parse_phone(phone)
    ticked = consents.consent_to(ticks, consents.TO_SIGN_IN, now)
    hashed = prove_phone(number=number, purpose=Purpose.REGISTER, proof=proof, now=now)
    account_id, item, created = claim(number, hashed, _rows(ticked), profile, now)
    if not created:
        raise Conflict("phone_taken")
    return account_of({"account_id": account_id, **item})


def end_session(*, account_id: str, session_version: int) -> None:
    """End all sessions of this account."""
    store.end_sessions(account_id, session_version)


def give_consent(*, account_id: str, session_version: int, ticks: Ticks, now: int) -> None:
    """Record the consent to the use of face data.

    Raises `Invalid` (`agreements_required`), and `NotSignedIn` when the session was ended meanwhile.
    """
    ticked = consents.consent_to(ticks, (consents.FOR_FACE_DATA,), now)
    if not store.add_consents(account_id, _rows(ticked), session_version):
        raise NotSignedIn("session_expired")


def spend_speed_test(*, account_id: str, now: int) -> None:
    """Count one network check of this account. Raises `TooMany`."""
    store.spend_budget("speed", account_id, model.SPEED_WINDOWS, now)


def spend_certificate_check(*, address: str, now: int) -> None:
    """Count one look at a certificate from this address. Raises `TooMany`."""
    spend_by_address("certificate", address, model.CERTIFICATE_WINDOWS, now)


def _rows(ticked: list[consents.Consent]) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(consent) for consent in ticked]


def _captcha_hash(captcha_id: str, number: str, purpose: Purpose, answer: str) -> str:
    return keyed_hash("captcha", captcha_id, number, purpose.value, answer)
