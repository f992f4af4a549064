"""Proving a phone, and the account that belongs to it: what all ways of signing in share."""

import hmac
from typing import Any

from chalicelib.accounts import model, store
from chalicelib.accounts.model import Purpose
from chalicelib.shared import ids, sealed
from chalicelib.shared.errors import Invalid
from chalicelib.shared.secrets import keyed_hash


def prove_phone(*, number: str, purpose: Purpose, code: str, now: int) -> str:
    """Use a code up; returns the phone's hash. Raises `Invalid`: `code_wrong` (wrong, old, used, 6th guess)."""
    hashed = phone_hash(number)
    row = store.count_guess(purpose.value, hashed, now)
    given = code_hash(hashed, purpose, model.typed(code))
    if row is None or not hmac.compare_digest(row.code_hash, given):
        left = 0 if row is None else model.CODE_GUESSES - row.guesses
        raise Invalid("code_wrong", guesses_left=left)
    if not store.use_code(purpose.value, hashed, given):
        raise Invalid("code_wrong", guesses_left=0)
    return hashed


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
    code: str,
    purpose: Purpose,
    consented: list[dict[str, Any]],
    profile: dict[str, Any],
    now: int,
) -> str:
    """The account of a phone that is proven by this code; a new one with this profile if there is none.

    The consents were given before and are recorded with it. Raises `Invalid` (`phone_invalid`, `code_wrong`).
    """
    number = model.parse_phone(phone)
    hashed = prove_phone(number=number, purpose=purpose, code=code, now=now)
    account_id, _, created = claim(number, hashed, consented, profile, now)
    item = None if created else store.load_account(account_id)
    if item is not None:
        store.add_consents(account_id, consented, item["session_version"])
    return account_id


def phone_hash(number: str) -> str:
    """The key of a phone."""
    return keyed_hash("phone", number)


def code_hash(hashed_phone: str, purpose: Purpose, code: str) -> str:
    """What is kept of a code."""
    return keyed_hash("code", hashed_phone, purpose.value, code)
