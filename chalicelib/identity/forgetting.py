"""Forgetting a person's face: the account's photo and vector, what lies in S3."""

import contextlib

import msgspec

from chalicelib.identity import deleting, store
from chalicelib.identity.model import Deletion, Person
from chalicelib.kernel.commands import find_command
from chalicelib.shared.errors import Conflict, NotFound

_TRIES = 3  # a lost race is decided again this often


def begin_deletion(*, account_id: str, deletion: Deletion, now: int) -> Deletion:
    """Note the request and forget the photo in the same write; the same command again changes nothing.

    No attempt can be opened and no picture accepted from then on. Raises `NotFound`, `Conflict`
    (`deletion_pending`, `attempt_not_final`, `busy`).
    """
    for _ in range(_TRIES):
        person = _load(account_id)
        deletions = deleting.begin(person, deletion, now)
        if deletions is not None:
            with contextlib.suppress(store.ChangedMeanwhile):
                sets = {"deletions": msgspec.to_builtins(deletions)}
                person = store.change_person(person, sets, ("id_photo", "photo_upload"))
        if (begun := find_command(person.deletions, deletion.command_id)) is not None:
            return begun
    raise Conflict("busy")


def forget_photos(*, account_id: str, keep: tuple[str, ...]) -> int:
    """Remove all versions of all photos but those of these ids; returns how many."""
    return store.delete_photos(account_id, keep)


def finish_deletion(
    *, account_id: str, command_id: str, kept: tuple[str, ...], now: int
) -> Deletion:
    """Note that nothing is left, when it is late enough to be sure. Raises `NotFound`, `Conflict`: `busy`."""
    for _ in range(_TRIES):
        person = _load(account_id)
        deletions = deleting.finish(person, command_id, kept, now)
        if deletions is not None:
            try:
                sets = {"deletions": msgspec.to_builtins(deletions)}
                person = store.change_person(person, sets)
            except store.ChangedMeanwhile:
                continue
        if (found := find_command(person.deletions, command_id)) is not None:
            return found
        raise NotFound("not_found")
    raise Conflict("busy")


def _load(account_id: str) -> Person:
    person = store.load_person(account_id)
    if person is None:
        raise NotFound("not_found")
    return person
