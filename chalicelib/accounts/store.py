"""Accounts and the short-lived rows of signing in, in DynamoDB.

Accounts table, key `pk`: `account#<id>` the account, `phone#<hash>` → account id,
`sso#<hash>` → account, `consent#<account>#<agreement>#<moment>` one consent.
Passing table, key `pk` + TTL: `captcha#<id>`, `challenge#<hash>` a code that was sent, `budget#<kind>#<hash>`,
`sign_in#<hash>` a sign-in that a provider has not answered yet, `link#<hash>` one that waits for a proven phone.
TTL deletes rows up to days late, so the conditions here check the expiry themselves.
"""

import contextlib
from typing import Any

from chalicelib.accounts.model import CODE_GUESSES, Challenge, Purpose, Window
from chalicelib.kernel.records import lost_races
from chalicelib.shared import table
from chalicelib.shared.errors import TooMany
from chalicelib.shared.languages import Language
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If, Item

_TTL_SLACK_S = 3600
_FORGOTTEN = 24  # the counters of this many past windows are removed, so that the row of a busy address stays small


def put_captcha(captcha_id: str, row: Item, expires_at: int) -> None:
    """Store a captcha with the hash of its answer."""
    item = {"pk": f"captcha#{captcha_id}", **row, **_expiry(expires_at)}
    table.put(settings().passing_table, item)


def take_captcha(captcha_id: str) -> Item | None:
    """Use a captcha up and return it; None when there is none or it was used, by a right or a wrong answer.

    It is not deleted: when the first answer of DynamoDB gets lost, the request is repeated and has to find its own
    write.
    """
    key = {"pk": f"captcha#{captcha_id}"}
    unused = If().exists("answer_hash").absent("used")
    try:
        return table.update_once(settings().passing_table, key, unused, sets={"used": True})
    except ConditionFailed:
        return None


def _budget_key(kind: str, who: str) -> Item:
    return {"pk": f"budget#{kind}#{who}"}


def spend_budget(
    kind: str, who: str, windows: tuple[Window, ...], now: int, apart_ms: int = 0
) -> None:
    """Count one use in every window by one write, or in none. Raises `TooMany` with the seconds to wait.

    `apart_ms`: the least time between two uses.
    """
    condition = If()
    if apart_ms:
        condition.absent_or_below("last_at", now - apart_ms + 1)
    for window in windows:
        condition.absent_or_below(window.counter(now), window.limit)
    key = _budget_key(kind, who)
    longest = max(window.ends_at(now) for window in windows)
    try:
        table.update_once(
            settings().passing_table,
            key,
            condition,
            sets={"last_at": now, **_expiry(longest)},
            adds={window.counter(now): 1 for window in windows},
            removes=tuple(
                window.counter(now - back * window.length_ms)
                for window in windows
                for back in range(1, _FORGOTTEN + 1)
            ),
        )
    except ConditionFailed as failed:
        raise _too_many(failed.old or {}, windows, now, apart_ms) from None


def return_budget(kind: str, who: str, windows: tuple[Window, ...], now: int) -> None:
    """Take back the use that `spend_budget` counted at `now`, also of the least time between two uses.

    Whatever came first was so long ago that the next use may come at once. Does nothing when nothing is counted.
    """
    condition = If()
    for window in windows:
        condition.above(window.counter(now), 0)
    key = _budget_key(kind, who)
    back = {window.counter(now): -1 for window in windows}
    with contextlib.suppress(ConditionFailed):
        table.update_once(settings().passing_table, key, condition, adds=back, removes=("last_at",))


def look_at_budget(kind: str, who: str, windows: tuple[Window, ...], now: int) -> None:
    """Raise `TooMany` when `spend_budget` would raise it. Counts nothing."""
    row = table.get(settings().passing_table, _budget_key(kind, who)) or {}
    if any(row.get(window.counter(now), 0) >= window.limit for window in windows):
        raise _too_many(row, windows, now, 0)


def _too_many(old: Item, windows: tuple[Window, ...], now: int, apart_ms: int) -> TooMany:
    wait_ms = _wait(old, windows, now, apart_ms)
    return TooMany("too_many_requests", retry_after_s=-(-wait_ms // 1000))


def _wait(old: Item, windows: tuple[Window, ...], now: int, apart_ms: int) -> int:
    full = [w.ends_at(now) - now for w in windows if old.get(w.counter(now), 0) >= w.limit]
    apart: int = old.get("last_at", 0) + apart_ms - now
    return max([*full, apart, 1000])


def put_challenge(challenge: str, row: Item, expires_at: int) -> None:
    """Store a code that is sent: `purpose`, `phone_hash`, `code_hash`. Other codes of the phone stay valid."""
    item = {"pk": _challenge_key(challenge), "guesses": 0, **row, **_expiry(expires_at)}
    table.put(settings().passing_table, item)


def count_guess(challenge: str, phone_hash: str, purpose: Purpose, now: int) -> Challenge | None:
    """Count a guess before it is compared, so that parallel guesses are all counted; returns the challenge.

    Returns None and counts nothing when there is no valid challenge of this phone and purpose, or its guesses are used
    up.
    """
    condition = If().equals("phone_hash", phone_hash).equals("purpose", purpose.value)
    condition.absent("used").below("guesses", CODE_GUESSES).above("expires_at", now)
    key = {"pk": _challenge_key(challenge)}
    try:
        row = table.update_once(settings().passing_table, key, condition, adds={"guesses": 1})
    except ConditionFailed:
        return None
    return Challenge(row["code_hash"], row["guesses"], row["expires_at"])


def use_challenge(challenge: str, purpose: Purpose) -> bool:
    """Use a code up; returns False when it was used meanwhile or serves another purpose now."""
    key = {"pk": _challenge_key(challenge)}
    condition = If().equals("purpose", purpose.value).absent("used")
    try:
        table.update_once(settings().passing_table, key, condition, sets={"used": True})
    except ConditionFailed:
        return False
    return True


def turn_challenge(challenge: str, before: Purpose, after: Purpose, until: int) -> bool:
    """Let a code serve another purpose until `until` (UTC ms); returns False when it was used or changed meanwhile."""
    key = {"pk": _challenge_key(challenge)}
    condition = If().equals("purpose", before.value).absent("used")
    sets = {"purpose": after.value, "guesses": 0, **_expiry(until)}
    try:
        table.update_once(settings().passing_table, key, condition, sets=sets)
    except ConditionFailed:
        return False
    return True


def put_sign_in(kind: str, name: str, row: Item, expires_at: int) -> None:
    """Store a sign-in by a provider (kind `sign_in`) or a link that waits for its phone (kind `link`)."""
    item = {"pk": f"{kind}#{name}", **row, **_expiry(expires_at)}
    table.put(settings().passing_table, item)


def load_sign_in(kind: str, name: str, now: int) -> Item | None:
    """Return the row; None when it is used, too old, or not there."""
    row = table.get(settings().passing_table, {"pk": f"{kind}#{name}"})
    live = row is not None and now < row["expires_at"] and "used" not in row
    return row if live else None


def use_sign_in(kind: str, name: str, now: int) -> bool:
    """Use the row up; returns False when it was used meanwhile or is too old."""
    key = {"pk": f"{kind}#{name}"}
    condition = If().absent("used").above("expires_at", now)
    try:
        table.update_once(settings().passing_table, key, condition, sets={"used": True})
    except ConditionFailed:
        return False
    return True


def account_of_subject(subject_key: str, provider: str | None = None) -> str | None:
    """Return the account to which a person of a provider is linked. `provider` None: of any provider."""
    row = table.get(settings().accounts_table, {"pk": f"sso#{subject_key}"})
    if row is None or provider not in (None, row["provider"]):
        return None
    return str(row["account_id"])


def claim_subject(subject_key: str, account_id: str, provider: str, now: int) -> str:
    """Link a provider's person to this account unless they are linked; returns the account they are linked to."""
    row = {"pk": f"sso#{subject_key}", "account_id": account_id, "provider": provider}
    try:
        table.put(settings().accounts_table, {**row, "linked_at": now}, If().absent("pk"))
    except ConditionFailed as failed:
        return str((failed.old or row)["account_id"])
    return account_id


def account_of_phone(phone_hash: str) -> str | None:
    """Return the account that proved this phone; None without one."""
    row = table.get(settings().accounts_table, {"pk": f"phone#{phone_hash}"})
    return row["account_id"] if row else None


def claim_phone(phone_hash: str, account_id: str) -> str:
    """Give the phone to this account unless it belongs to one; returns the account it belongs to."""
    row = {"pk": f"phone#{phone_hash}", "account_id": account_id}
    try:
        table.put(settings().accounts_table, row, If().absent("pk"))
    except ConditionFailed as failed:
        return str((failed.old or row)["account_id"])
    return account_id


def put_account(account_id: str, item: Item) -> bool:
    """Create the account; returns False when it exists.

    When a response gets lost, the request is repeated. The item that exists then is the same one, which counts as
    created.
    """
    row = {**account_key(account_id), "account_id": account_id, **item}
    try:
        table.put(settings().accounts_table, row, If().absent("pk"))
    except ConditionFailed as failed:
        return failed.old == row
    return True


def account_key(account_id: str) -> Item:
    """The key of an account item."""
    return {"pk": f"account#{account_id}"}


def load_account(account_id: str) -> Item | None:
    """The whole account item."""
    return table.get(settings().accounts_table, account_key(account_id))


def change_account(account_id: str, seen_version: int, sets: Item) -> Item:
    """Set fields of an account that still has this version; returns the item after the write. Raises `LostRace`."""
    with lost_races():
        return table.update_once(
            settings().accounts_table,
            account_key(account_id),
            If().equals("version", seen_version),
            sets={**sets, "version": seen_version + 1},
        )


def add_consents(account_id: str, consents: list[dict[str, Any]], session_version: int) -> bool:
    """Record consents if the session is still valid; returns False when it is not.

    Each consent is a row that never changes. The account holds the newest consent to each agreement, and the last one
    to each earlier version that a newer one has replaced. It also remembers their language, in which messages are sent.
    """
    key = account_key(account_id)
    valid = If().equals("session_version", session_version)
    sets: Item = {f"consents.{one['agreement']}": one for one in consents}
    sets["language"] = language_of(consents)
    try:
        table.update(settings().accounts_table, key, _replaces_none(valid, consents), sets=sets)
    except ConditionFailed as failed:
        kept = _replaced((failed.old or {}).get("consents", {}), consents)
        try:
            valid = If().equals("session_version", session_version)
            table.update(settings().accounts_table, key, valid, sets={**sets, **kept})
        except ConditionFailed:
            return False
    put_consents(account_id, consents)
    return True


def language_of(consents: list[dict[str, Any]]) -> str:
    """The language of these consents: Chinese for those of an earlier release, which do not name it."""
    return next((row["language"] for row in consents if "language" in row), Language.ZH.value)


def _replaces_none(condition: If, consents: list[dict[str, Any]]) -> If:
    """Let the condition fail when a consent to an earlier version is there. Most often there is none."""
    for consent in consents:
        for earlier in range(1, consent["version"]):
            condition.absent_or_not(f"consents.{consent['agreement']}.version", earlier)
    return condition


def _replaced(given: Item, consents: list[dict[str, Any]]) -> Item:
    """The consents that these ones replace by a newer version, each under the name of its own text."""
    before = [(given.get(new["agreement"], {}), new["version"]) for new in consents]
    return {
        f"consents.{old['agreement']}-v{old['version']}": old
        for old, newer in before
        if old.get("version", newer) != newer
    }


def put_consents(account_id: str, consents: list[dict[str, Any]]) -> None:
    """Store each consent as a row of its own. To store it again changes nothing."""
    for consent in consents:
        key = f"consent#{account_id}#{consent['agreement']}#{consent['at']}"
        table.put(settings().accounts_table, {"pk": key, "account_id": account_id, **consent})


def end_sessions(account_id: str, session_version: int) -> None:
    """End every session of this version. To do it again changes nothing."""
    with contextlib.suppress(ConditionFailed):
        table.update(
            settings().accounts_table,
            account_key(account_id),
            If().equals("session_version", session_version),
            sets={"session_version": session_version + 1},
        )


def _challenge_key(challenge: str) -> str:
    return f"challenge#{challenge}"


def _expiry(expires_at: int) -> Item:
    return {"expires_at": expires_at, "expires_at_s": expires_at // 1000 + _TTL_SLACK_S}
