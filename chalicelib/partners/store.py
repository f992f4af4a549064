"""The partners in the operators' secret (docs/partners.md), and what is noted about their requests and calls.

Passing table: `nonce#<hash>`, one item for each used nonce; `webhook#<partner>`, until when a partner is not called.
TTL deletes them, up to days after they expire.
"""

import msgspec

from chalicelib.partners.model import PartnerAccess
from chalicelib.shared import log, table
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.shared.secrets import operators_secret
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If

_REREAD_MS = 5 * MINUTE_MS  # a retired key works at most for this long
_TTL_SLACK_S = 3600


class _Secrets(msgspec.Struct, frozen=True):
    partners: dict[str, msgspec.Raw] = {}


def partners_as_of(now: int) -> dict[str, PartnerAccess]:
    """Return the partners by name, as the secret was within the last five minutes.

    An entry of a wrong shape is logged and left out; the other partners are not affected.
    """
    partners = {}
    for name, entry in operators_secret(_Secrets, period=now // _REREAD_MS).partners.items():
        try:
            partners[name] = msgspec.json.decode(entry, type=PartnerAccess)
        except msgspec.ValidationError:
            log.event("partner_entry_malformed", partner=name)
    return partners


def use_nonce(name: str, expires_at: int, now: int) -> bool:
    """Note that a nonce is used. Returns False when it was used before and has not expired. Times in UTC ms."""
    key = {"pk": f"nonce#{name}"}
    unused = If().absent_or_below("expires_at", now)
    try:
        table.update_once(
            settings().passing_table,
            key,
            unused,
            sets={"expires_at": expires_at, **_ttl(expires_at)},
        )
    except ConditionFailed:
        return False
    return True


def pause(partner: str, until: int) -> None:
    """Note until when (UTC ms) a partner is not called. A later note stays."""
    later = If().absent_or_below("paused_until", until)
    try:
        table.update(
            settings().passing_table,
            {"pk": f"webhook#{partner}"},
            later,
            sets={"paused_until": until, **_ttl(until)},
        )
    except ConditionFailed:
        return


def is_paused(partner: str, now: int) -> bool:
    """Whether a partner is not called now."""
    item = table.get(settings().passing_table, {"pk": f"webhook#{partner}"})
    return item is not None and now < item["paused_until"]


def _ttl(expires_at: int) -> dict[str, int]:
    return {"expires_at_s": expires_at // 1000 + _TTL_SLACK_S}
