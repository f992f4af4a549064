"""Partners in the second secret (docs/partners.md), and the nonces of their requests in the passing table.

A nonce is the item `nonce#<hash>`, put once. TTL deletes it up to days late.
"""

import msgspec

from chalicelib.partners.model import PartnerAccess
from chalicelib.shared import table
from chalicelib.shared.secrets import operators_secret
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If

_TTL_SLACK_S = 3600


class _Secrets(msgspec.Struct, frozen=True):
    partners: dict[str, PartnerAccess] = {}


def partners_as_of(period: int) -> dict[str, PartnerAccess]:
    """Return who may ask for results, by name. It is read anew in each period: a process may outlive a retired key."""
    return operators_secret(_Secrets, period=period).partners


def use_nonce(name: str, expires_at: int, now: int) -> bool:
    """Use a nonce up; False when it was used before and could still be repeated."""
    key = {"pk": f"nonce#{name}"}
    sets = {"expires_at": expires_at, "expires_at_s": expires_at // 1000 + _TTL_SLACK_S}
    unused = If().absent_or_below("expires_at", now)
    try:
        table.update_once(settings().passing_table, key, unused, sets=sets)
    except ConditionFailed:
        return False
    return True
