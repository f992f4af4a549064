"""Use cases for certificates and feeds: list marked attempts, read one, take its mark away."""

from chalicelib.attempts import events, index_store, shards, store
from chalicelib.attempts.deciding import load
from chalicelib.attempts.model import Attempt, Status
from chalicelib.shared.errors import NotFound


def marked_attempt(*, attempt_id: str) -> Attempt | None:
    """Return a marked attempt, and store its score; None when the attempt is not submitted or not marked."""
    try:
        attempt = load(attempt_id, None)
    except NotFound:  # the index may be behind the table
        return None
    if attempt.status is not Status.SUBMITTED or attempt.follow_up is None:
        return None
    events.record_score(attempt=attempt)
    return attempt


def list_marked() -> list[str]:
    """Return the ids of all marked attempts."""
    keys = shards.follow_up_shards(index_store.most_shards())
    return [attempt_id for key in keys for attempt_id in index_store.list_marked(key)]


def take_mark(*, attempt: Attempt) -> bool:
    """Take the mark of an attempt away. Returns False when the attempt has changed since."""
    return store.take_mark(attempt)
