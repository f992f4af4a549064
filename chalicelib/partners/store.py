"""Nonces of signed requests, in the passing table: `nonce#<hash>`, each put once. TTL deletes up to days late."""

from chalicelib.shared import table
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If

_TTL_SLACK_S = 3600


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
