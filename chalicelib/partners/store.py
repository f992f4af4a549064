"""The partners in the operators' secret (docs/partners.md), and the nonces of their requests in DynamoDB.

Passing table: `nonce#<hash>`, one item for each used nonce. TTL deletes it, up to days after it expires.
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
    """Return the partners by name. The secret is read again in each period, so that a retired key stops working."""
    return operators_secret(_Secrets, period=period).partners


def use_nonce(name: str, expires_at: int, now: int) -> bool:
    """Note that a nonce is used. Returns False when it was used before and has not expired. Times in UTC ms."""
    key = {"pk": f"nonce#{name}"}
    sets = {"expires_at": expires_at, "expires_at_s": expires_at // 1000 + _TTL_SLACK_S}
    unused = If().absent_or_below("expires_at", now)
    try:
        table.update_once(settings().passing_table, key, unused, sets=sets)
    except ConditionFailed:
        return False
    return True
