"""Use cases of the timeline: record a change of an attempt, and read the timeline."""

from chalicelib.attempts import events as attempts
from chalicelib.attempts.items import from_item
from chalicelib.attempts.model import Attempt
from chalicelib.shared.table import Item
from chalicelib.timeline import model, recording, store
from chalicelib.timeline.model import TimelineEntry


def record_change(*, before: Item | None, after: Item, at: int) -> Attempt:
    """Write the timeline entry of a change of an attempt's item, then do what has to follow the change.

    A practice attempt has no timeline: it proves nothing, and is deleted after days.

    The stream calls it in the order of the changes of each attempt. A change may come twice. A change that failed too
    often comes again later, out of order.
    `at`: UTC ms. Returns the attempt as it was after the change. Raises `Unavailable`: then the stream sends the
    change again.
    """
    old, new = from_item(before) if before else None, from_item(after)
    counts = not new.policy.is_practice
    if counts and (old is None or new.version != old.version):
        recording.record(before, after, facts=model.facts_of(old, new), at=at)
    attempts.follow_change(old, new)
    return new


def get_timeline(*, attempt_id: str) -> tuple[list[TimelineEntry], list[str]]:
    """Return the entries of an attempt in order, and what is wrong with their chain (see `model.problems`)."""
    entries = store.list_timeline(attempt_id)
    return entries, model.problems(entries)
