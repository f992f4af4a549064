"""Use cases of the timeline: record a change of an attempt, and read the timeline."""

from chalicelib.attempts import events as attempts
from chalicelib.attempts.items import RESTING, from_item, is_split, whole
from chalicelib.attempts.model import Attempt
from chalicelib.shared.table import Item
from chalicelib.timeline import model, recording, store
from chalicelib.timeline.model import TimelineEntry


def record_change(*, before: Item | None, after: Item, at: int) -> Attempt | None:
    """Write the timeline entry of a change of an attempt's item, then do what has to follow the change.

    A practice attempt has no timeline: it proves nothing, and is deleted after days.

    The stream calls it in the order of the changes of each attempt. A change may come twice. A change that failed too
    often comes again later, out of order.
    `at`: UTC ms. Returns the attempt as it was after the change; None when the change was no decision: nothing follows
    a save of answers. Raises `Unavailable`: then the stream sends the change again.
    """
    if before is not None and before["version"] == after["version"]:
        return None
    resting = store.load_row(after["attempt_id"], RESTING) if is_split(after) else None
    old_item, new_item = whole(before, resting) if before else None, whole(after, resting)
    old, new = from_item(old_item) if old_item else None, from_item(new_item)
    if not new.policy.is_practice:
        recording.record(old_item, new_item, facts=model.facts_of(old, new), at=at)
    attempts.follow_change(old, new)
    return new


def get_timeline(*, attempt_id: str) -> tuple[list[TimelineEntry], list[str]]:
    """Return the entries of an attempt in order, and what is wrong with their chain (see `model.problems`)."""
    entries = store.list_timeline(attempt_id)
    return entries, model.problems(entries)
