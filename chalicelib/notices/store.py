"""The rows of test messages: one row for all exams that start within the same hour."""

import msgspec

from chalicelib.shared import ids, table
from chalicelib.shared.clock import HOUR_MS
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If

_KEPT_MS = 48 * HOUR_MS  # past the exam whose test it is


class Probe(msgspec.Struct, frozen=True):
    """A test message: when a run began to send it (UTC ms), and its result (`sent`, a code, or "": not known yet)."""

    at: int
    outcome: str = ""


def claim_probe(starts_at: int, now: int) -> Probe | None:
    """Reserve the test message of this hour; returns None, or the probe of the run that reserved it before."""
    expires_at = starts_at + _KEPT_MS
    own_id = ids.new_id("by_")
    row = {**_key(starts_at), "at": now, "by": own_id, "expires_at": expires_at}
    row["expires_at_s"] = expires_at // 1000 + 1
    try:
        table.put(settings().passing_table, row, If().absent("pk"))
    except ConditionFailed as failed:
        old = failed.old or {}
        if old.get("by") == own_id:  # our own write, repeated because its answer got lost
            return None
        return Probe(old.get("at", now), old.get("outcome", ""))
    return None


def note_probe(starts_at: int, outcome: str) -> None:
    """Store the result of the test message, once."""
    condition = If().exists("pk").absent("outcome")
    try:
        table.update(
            settings().passing_table, _key(starts_at), condition, sets={"outcome": outcome}
        )
    except ConditionFailed:  # a repeated write of our own
        return


def _key(starts_at: int) -> dict[str, str]:
    return {"pk": f"sms_probe#{starts_at // HOUR_MS}"}
