"""Use cases of deleting a person's face: photo and vector in the account, pictures in S3."""

from collections.abc import Callable

from chalicelib.identity import deleting, store
from chalicelib.identity.model import Deletion, Person
from chalicelib.kernel.commands import find_command
from chalicelib.kernel.deciding import decide
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared.errors import NotFound


def begin_deletion(*, account_id: str, deletion: Deletion, now: int) -> Deletion:
    """Note the request and remove the photo from the account by one write. The same command again changes nothing.

    From then on no attempt can be opened and no picture is accepted. Raises `NotFound`, `Conflict`
    (`deletion_pending`, `attempt_not_final`, `busy`).
    """
    return _decide(
        account_id, deletion.command_id, lambda person: deleting.begin(person, deletion, now)
    )


def forget_photos(*, account_id: str, keep: tuple[str, ...]) -> int:
    """Remove all versions of all photos except those with these ids; returns how many."""
    return store.delete_photos(account_id, keep)


def finish_deletion(
    *, account_id: str, command_id: str, kept: tuple[str, ...], now: int
) -> Deletion:
    """Note the check that nothing is left; a late one ends the deletion. Raises `NotFound`, `Conflict`: `busy`."""
    return _decide(
        account_id, command_id, lambda person: deleting.finish(person, command_id, kept, now)
    )


def _decide(account_id: str, command_id: str, rule: Callable[[Person], Outcomes]) -> Deletion:
    """Decide about a person by a rule; returns the deletion of this command. Raises `NotFound`, `Conflict`: `busy`."""
    person = decide(lambda: _load(account_id), rule, store.change_person)
    deletion = find_command(person.deletions, command_id)
    if deletion is None:
        raise NotFound("not_found")
    return deletion


def _load(account_id: str) -> Person:
    person = store.load_person(account_id)
    if person is None:
        raise NotFound("not_found")
    return person
