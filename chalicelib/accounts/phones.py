"""Proving a phone, and the account that belongs to it: what all ways of signing in share."""

from typing import Any

import msgspec

from chalicelib.accounts import model, store
from chalicelib.accounts.model import Purpose, Window
from chalicelib.shared import hmacs, ids, sealed
from chalicelib.shared.errors import Invalid
from chalicelib.shared.secrets import keyed_hash


class Proof(msgspec.Struct, frozen=True):
    """What somebody brings to prove a phone: the challenge that they were given, the code, and where they call from."""

    challenge_id: str
    code: str
    address: str


def prove_phone(*, number: str, purpose: Purpose, proof: Proof, now: int) -> str:
    """Use a code up; returns the phone's hash.

    Raises `Invalid`: `code_wrong` (wrong, old, used, 6th guess, a challenge of another phone or purpose, or one that
    nobody was given: nobody can tell these apart), `TooMany` when this address has guessed wrong too often.
    """
    hashed = check_code(number=number, purpose=purpose, proof=proof, now=now)
    use_code(proof, purpose)
    return hashed


def check_code(*, number: str, purpose: Purpose, proof: Proof, now: int) -> str:
    """The phone's hash, if the code is right; it is not used up. Raises what `prove_phone` raises."""
    hashed, challenge = phone_hash(number), challenge_key(proof.challenge_id)
    known = store.count_guess(challenge, hashed, purpose, now)
    given = code_hash(challenge, model.typed(proof.code))
    if known is not None and hmacs.equal(known.code_hash, given):
        return hashed
    # Only a wrong guess costs: nobody keeps others behind the same address from signing in.
    spend_by_address("guess", proof.address, model.GUESS_WINDOWS, now)
    raise Invalid("code_wrong")


def use_code(proof: Proof, purpose: Purpose) -> None:
    """Use up a code that was found right. Raises `Invalid`: `code_wrong` when somebody else just did."""
    if not store.use_challenge(challenge_key(proof.challenge_id), purpose):
        raise Invalid("code_wrong")


def keep_for_registration(proof: Proof, now: int) -> int:
    """Let the code that was found right at signing in register its phone instead: no second captcha, wait and SMS.

    Returns until when. Raises `Invalid`: `code_wrong` when somebody else just used it.
    """
    until = now + model.PROVEN_MS
    challenge = challenge_key(proof.challenge_id)
    if not store.turn_challenge(challenge, Purpose.SIGN_IN, Purpose.REGISTER, until):
        raise Invalid("code_wrong")
    return until


def spend_by_address(kind: str, address: str, windows: tuple[Window, ...], now: int) -> None:
    """Count one use by everything that an address counts as (`model.networks`). Raises `TooMany`.

    The narrowest pays first, so that a network whose budget is used up does not spend that of its site.
    """
    for network, factor in model.networks(address):
        wider = tuple(window.times(factor) for window in windows)
        store.spend_budget(kind, keyed_hash("address", network), wider, now)


def claim(
    number: str,
    hashed: str,
    consented: list[dict[str, Any]],
    profile: dict[str, Any],
    now: int,
) -> tuple[str, dict[str, Any], bool]:
    """The account of a proven phone, created unless it is there: id, item as it would be new, whether it is."""
    # The phone row comes first; a crash before the account leaves a row that the next try completes.
    account_id = store.claim_phone(hashed, ids.new_id("ac_"))
    item = {
        "version": 1,
        "session_version": 1,
        "created_at": now,
        "phone_sealed": sealed.seal(number, f"{account_id}/phone"),
        "phone_masked": model.masked_phone(number),
        "consents": {row["agreement"]: row for row in consented},
        "profile": profile,
    }
    created = store.put_account(account_id, item)
    if created:
        store.put_consents(account_id, consented)
    return account_id, item, created


def account_for_phone(
    *,
    phone: str,
    proof: Proof,
    purpose: Purpose,
    consented: list[dict[str, Any]],
    profile: dict[str, Any],
    now: int,
) -> str:
    """The account of a phone that is proven by this code; a new one with this profile if there is none.

    The consents were given before and are recorded with it. Raises `Invalid` (`phone_invalid`, `code_wrong`),
    `TooMany`.
    """
    number = model.parse_phone(phone)
    hashed = prove_phone(number=number, purpose=purpose, proof=proof, now=now)
    account_id, _, created = claim(number, hashed, consented, profile, now)
    item = None if created else store.load_account(account_id)
    if item is not None:
        store.add_consents(account_id, consented, item["session_version"])
    return account_id


def phone_hash(number: str) -> str:
    """The key of a phone."""
    return keyed_hash("phone", number)


def challenge_key(challenge_id: str) -> str:
    """How a challenge is kept: whoever reads the table cannot answer it."""
    return keyed_hash("challenge", challenge_id)


def code_hash(challenge: str, code: str) -> str:
    """What is kept of a code; it serves this challenge alone."""
    return keyed_hash("code", challenge, code)
