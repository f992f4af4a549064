"""The keys of an attempt's rows, and when rows expire. Pure."""

from typing import Any

from chalicelib.attempts.items import ATTEMPT
from chalicelib.attempts.model import PRACTICE_DAYS, PRACTICE_IDS
from chalicelib.shared.clock import DAY_MS, SECOND_MS

Item = dict[str, Any]


def row_key(attempt_id: str, sk: str = ATTEMPT) -> Item:
    """Return the key of a row of an attempt."""
    return {"attempt_id": attempt_id, "sk": sk}


def expiry_of(attempt_id: str, since: int) -> Item:
    """Return the TTL of a row about a practice attempt that was written `since` (UTC ms); nothing for others."""
    if not attempt_id.startswith(PRACTICE_IDS):
        return {}
    return {"expires_at_s": whole_days(since, PRACTICE_DAYS)}


def whole_days(since: int, days: int) -> int:
    """Return a TTL (seconds since 1970) at least so many days later, at a day's end: a repeat writes the same item."""
    return (since // DAY_MS + 1 + days) * DAY_MS // SECOND_MS
