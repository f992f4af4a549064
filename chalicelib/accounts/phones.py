"""Proving a phone by a code, and finding or creating its account. All ways of signing in use this."""

from typing import Any

import msgspec

from chalicelib.accounts import model, store
from chalicelib.accounts.model import Purpose, Window
from chalicelib.shared import hmacs, ids, sealed
from chalicelib.shared.errors import Invalid
from chalicelib.shared.secrets import keyed_hash
from chalicelib.shared.typed_numbers import plain_number


class Proof(msgspec.Struct, frozen=True):
    """The data that proves a phone: id of the challenge, code, and network address of the caller."""

    challenge_id: str
    code: str
    address: str


def prove_phone(*, number: str, purpose: Purpose, proof: Proof, now: int) -> str:
    """Check a code and use it up; returns the phone's hash.

    Raises `Invalid` (`code_wrong`): the code is wrong, old or used, it is the 6th guess, or the challenge belongs to
    another phone or purpose or does not exist. The caller cannot tell these cases apart. Raises `TooMany` when this
    address has guessed wrong too often.
    """
    hashed = check_code(number=number, purpose=purpose, proof=proof, now=now)
    use_code(proof, purpose)
    return hashed


def check_code(*, number: str, purpose: Purpose, proof: Proof, now: int) -> str:
    """Check a code without using it up; returns the phone's hash. Raises what `prove_phone` raises."""
    hashed, challenge = phone_hash(number), challenge_key(proof.challenge_id)
    sent = store.count_guess(challenge, hashed, purpose, now)
    given = code_hash(challenge, plain_number(proof.code))
    if sent is not None and hmacs.equal(sent.code_hash, given):
        return hashed
    # Only wrong guesses are counted by address, so people behind one address do not block each other.
    spend_by_address("guess", proof.address, model.GUESS_WINDOWS, now)
    raise Invalid("code_wrong")


def use_code(proof: Proof, purpose: Purpose) -> None:
    """Use up a code that was checked before. Raises `Invalid` (`code_wrong`) when it was used meanwhile."""
    if not store.use_challenge(challenge_key(proof.challenge_id), purpose):
        raise Invalid("code_wrong")


def keep_for_registration(proof: Proof, now: int) -> int:
    """Let a right sign-in code register its phone, so that the person needs no second captcha and SMS.

    Returns until when it can be used (UTC ms). Raises `Invalid` (`code_wrong`) when it was used meanwhile.
    """
    until = now + model.PROVEN_MS
    challenge = challenge_key(proof.challenge_id)
    if not store.turn_challenge(challenge, Purpose.SIGN_IN, Purpose.REGISTER, until):
        raise Invalid("code_wrong")
    return until


def spend_by_address(kind: str, address: str, windows: tuple[Window, ...], now: int) -> None:
    """Count one use under every name of an address (`model.networks`). Raises `TooMany`.

    The network is counted before its site. A network whose budget is used up does not use the budget of its site.
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
    """Find or create the account of a proven phone; returns its id, the item of a new one, and whether it is new."""
    # The phone row is written first. After a crash in between, the next call completes the account.
    account_id = store.claim_phone(hashed, ids.new_id("ac_"))
    item = {
        "version": 1,
        "session_version": 1,
        "created_at": now,
        "phone_sealed": sealed.seal(number, f"{account_id}/phone"),
        "phone_masked": model.masked_phone(number),
        "consents": {row["agreement"]: row for row in consented},
        "language": store.language_of(consented),
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
    """Prove a phone; returns the id of its account, which is created with this profile when there is none.

    `consented`: consents that were given before; they are recorded in the account. Raises `Invalid`
    (`phone_invalid`, `code_wrong`), `TooMany`.
    """
    number = model.parse_phone(phone)
    hashed = prove_phone(number=number, purpose=purpose, proof=proof, now=now)
    account_id, _, created = claim(number, hashed, consented, profile, now)
    item = None if created else store.load_account(account_id)
    if item is not None:
        store.add_consents(account_id, consented, item["session_version"])
    return account_id


def phone_hash(number: str) -> str:
    """Return the keyed hash of a phone, which is its key in the table."""
    return keyed_hash("phone", number)


def challenge_key(challenge_id: str) -> str:
    """Return the key under which a challenge is stored. Its id does not follow from the key."""
    return keyed_hash("challenge", challenge_id)


def code_hash(challenge: str, code: str) -> str:
    """Return the keyed hash that is stored of a code. It holds for this challenge alone."""
    return keyed_hash("code", challenge, code)
