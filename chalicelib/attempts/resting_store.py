"""The resting item of an attempt in DynamoDB (`attempts.items`): put while the candidate waits, named by the start.

Attempts table: (`attempt_id`, `ATTEMPT#RESTING`).
"""

import contextlib

from chalicelib.attempts import items
from chalicelib.attempts.model import Attempt
from chalicelib.attempts.rows import expiry_of, row_key
from chalicelib.kernel.deciding import LostRace
from chalicelib.shared import table
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If, Item


def rest_early(attempt: Attempt) -> None:
    """Put the resting item while the candidate waits, so that the start need not write it when all start at once.

    The start puts it when a later decision has changed the attempt. Raises `Unavailable`.
    """
    with contextlib.suppress(LostRace):  # somebody has put a newer one
        put_resting(attempt)


def resting_of(attempt: Attempt) -> Item:
    """Return the resting item of an attempt that is about to start. It is put unless it is there already."""
    ready = table.get(settings().attempts_table, row_key(attempt.attempt_id, items.RESTING))
    if ready is not None and ready[items.RESTS_SINCE] == attempt.version:
        return ready
    return put_resting(attempt)


def put_resting(attempt: Attempt) -> Item:
    """Put the resting item of an attempt that has not started; returns the stored one of its version.

    Raises `LostRace` when there is one of a newer version. The start names the version. One that lost its race leaves
    an item that nothing names, which a later start replaces; one that comes too late never replaces the item that a
    start has named.
    """
    item = {**items.resting_item(attempt), **expiry_of(attempt.attempt_id, attempt.opened_at)}
    try:
        table.put(
            settings().attempts_table,
            item,
            If().absent_or_below(items.RESTS_SINCE, attempt.version),
        )
    except ConditionFailed as failed:
        if failed.old is None or failed.old[items.RESTS_SINCE] != attempt.version:
            raise LostRace from None
        return failed.old
    return item
