"""Rules of deleting a person's pictures on request, and of what a practice may note after it. Pure."""

import msgspec

from chalicelib.identity.decided import DeletionBegun, DeletionChecked, Practised
from chalicelib.identity.model import UPLOAD_LIFETIME_S, Deletion, Person, PracticeMark
from chalicelib.kernel.commands import find_command, with_newest
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared.clock import MINUTE_MS, SECOND_MS
from chalicelib.shared.errors import Conflict

# For so long an upload ticket from before the request, and the function that judges its picture, may still write.
SETTLING_MS = UPLOAD_LIFETIME_S * SECOND_MS + 2 * MINUTE_MS


def refuse_pending(person: Person) -> None:
    """Raise `Conflict` (`deletion_pending`) while the person's photos are being deleted."""
    if person.deletion is not None and person.deletion.done_at is None:
        raise Conflict("deletion_pending", command_id=person.deletion.command_id)


def begin(person: Person, deletion: Deletion, now: int) -> Outcomes:
    """Begin a deletion and remove the ID photo from the account. The same command again changes nothing.

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


def note_practice(person: Person, mark: PracticeMark) -> Outcomes:
    """Mark a person as 已试考, unless the mark is not newer than the known one.

    A practice that was begun before a deletion leaves no mark: the stream may tell of it after the deletion.
    """
    known, deletion = person.practice, person.deletion
    if known is not None and known.order >= mark.order:
        return ()
    if deletion is not None and mark.at <= deletion.requested_at:
        return ()
    return (Practised(practice=mark),)


def finish(person: Person, command_id: str, kept: tuple[str, ...], now: int) -> Outcomes:
    """Note that all places were checked once more. Decides nothing when this changes nothing.

    The deletion is done when the check was so late that no picture can arrive any more.
    """
    deletion = find_command(person.deletions, command_id)
    if deletion is None or deletion.done_at is not None:
        return ()
    late_enough = now >= deletion.requested_at + SETTLING_MS
    checked = msgspec.structs.replace(deletion, done_at=now if late_enough else None, kept=kept)
    if checked == deletion:
        return ()
    deletions = tuple(checked if d.command_id == command_id else d for d in person.deletions)
    return (DeletionChecked(deletions=deletions),)
