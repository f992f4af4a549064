"""Rules of deleting a person's pictures on request. Pure."""

import msgspec

from chalicelib.identity.decided import DeletionBegun, DeletionChecked
from chalicelib.identity.model import UPLOAD_LIFETIME_S, Deletion, Person
from chalicelib.kernel.commands import find_command, with_newest
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared.clock import MINUTE_MS, SECOND_MS
from chalicelib.shared.errors import Conflict

# Until then an upload ticket of before the request, and the function that looks at its picture, may still write.
SETTLING_MS = UPLOAD_LIFETIME_S * SECOND_MS + 2 * MINUTE_MS


def refuse_pending(person: Person) -> None:
    """No new photo while the old ones are being deleted. Raises `Conflict`: `deletion_pending`."""
    if person.deletion is not None and person.deletion.done_at is None:
        raise Conflict("deletion_pending", command_id=person.deletion.command_id)


def begin(person: Person, deletion: Deletion, now: int) -> Outcomes:
    """Begin a deletion, and forget the photo. The same command again changes nothing.

    Raises `Conflict` (`deletion_pending`: another one is not done; `attempt_not_final`: an attempt has frozen this
    identity).
    """
    if find_command(person.deletions, deletion.command_id) is not None:
        return ()
    refuse_pending(person)
    open_still = [attempt_id for attempt_id, until in person.locks.items() if until >= now]
    if open_still:
        raise Conflict("attempt_not_final", attempt_id=open_still[0])
    return (DeletionBegun(deletions=with_newest(person.deletions, deletion)),)


def finish(person: Person, command_id: str, kept: tuple[str, ...], now: int) -> Outcomes:
    """Note that everything was looked through once more. Decides nothing when that changes nothing.

    The deletion is done when that was late enough to be sure that nothing arrives any more.
    """
    deletion = find_command(person.deletions, command_id)
    if deletion is None or deletion.done_at is not None:
        return ()
    late_enough = now >= deletion.requested_at + SETTLING_MS
    looked = msgspec.structs.replace(deletion, done_at=now if late_enough else None, kept=kept)
    if looked == deletion:
        return ()
    deletions = tuple(looked if d.command_id == command_id else d for d in person.deletions)
    return (DeletionChecked(deletions=deletions),)
