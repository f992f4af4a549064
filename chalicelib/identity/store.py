"""Identity in DynamoDB and S3.

It shares the account item (`account#<id>`) and adds `person#<hash>` → account, so one ID number has one account.
"""

import contextlib
from collections.abc import Iterable, Iterator

import msgspec

from chalicelib.accounts import store as accounts
from chalicelib.identity.decided import NumberSaved, PhotoExamined
from chalicelib.identity.model import ID_NUMBER_WINDOWS, Census, IdPhoto, Person, PersonPractice
from chalicelib.kernel.deciding import LostRace
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.kernel.records import write_outcomes
from chalicelib.shared import objects, table
from chalicelib.shared.objects import StoredObject, UploadTicket
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If, Item

UPLOADS = "incoming/id-photos"
PHOTOS = "id-photos"
_PERSON = "person#"
_CENSUS = {"pk": "census#current"}


def load_person(account_id: str) -> Person | None:
    """The person of an account."""
    item = accounts.load_account(account_id)
    return msgspec.convert(item, Person) if item else None


def load_person_and_number(account_id: str) -> tuple[Person | None, bytes | None]:
    """Return the person of an account and their sealed ID number, by one read."""
    item = accounts.load_account(account_id)
    return (msgspec.convert(item, Person), item.get("id_number_sealed")) if item else (None, None)


def load_people(account_ids: Iterable[str]) -> Iterator[tuple[Person, bytes | None]]:
    """Yield these people with their sealed ID numbers, in no particular order. Eventually consistent."""
    keys = map(accounts.account_key, account_ids)
    for item in table.get_many(settings().accounts_table, keys):
        yield msgspec.convert(item, Person), item.get("id_number_sealed")


def change_person(person: Person, outcomes: Outcomes, *, also: Item | None = None) -> Person:
    """Write the outcomes about a person; returns the person after the write. Raises `LostRace`, `Unavailable`.

    `also`: attributes of the account that no outcome sets.
    """
    key = accounts.account_key(person.account_id)
    item = write_outcomes(settings().accounts_table, key, person.version, outcomes, also=also)
    return msgspec.convert(item, Person)


def save_number(person: Person, saved: NumberSaved, number_sealed: bytes) -> Person:
    """Keep the profile with an ID number, which is sealed. Raises `LostRace`, `Unavailable`."""
    return change_person(person, (saved,), also={"id_number_sealed": number_sealed})


def keep_vector(person: Person, name: str, vector: bytes) -> Person:
    """Store the vector that another model computed from the ID photo; returns the person as stored then.

    When the person was changed meanwhile nothing is stored. The vector is computed again when it is needed.
    """
    if person.id_photo is None:
        return person
    vectors = {**person.id_photo.vectors, name: vector}
    return _keep(person, msgspec.structs.replace(person.id_photo, vectors=vectors))


def keep_signature(person: Person, signature: bytes) -> Person:
    """Store the signature of the ID photo in the same way as `keep_vector`."""
    if person.id_photo is None:
        return person
    return _keep(person, msgspec.structs.replace(person.id_photo, signature=signature))


def _keep(person: Person, photo: IdPhoto) -> Person:
    try:
        return change_person(person, (PhotoExamined(id_photo=photo),))
    except LostRace:
        return person


def account_of_number(person_hash: str) -> str | None:
    """The account that holds an ID number."""
    row = table.get(settings().accounts_table, {"pk": f"{_PERSON}{person_hash}"})
    return str(row["account_id"]) if row else None


def accounts_of_numbers(person_hashes: Iterable[str]) -> dict[str, str]:
    """Person hash → account, for those of these ID numbers that an account holds. Eventually consistent."""
    keys = ({"pk": f"{_PERSON}{person_hash}"} for person_hash in person_hashes)
    rows = table.get_many(settings().accounts_table, keys)
    return {str(row["pk"]).removeprefix(_PERSON): str(row["account_id"]) for row in rows}


def load_practices(person_hashes: Iterable[str]) -> Iterator[PersonPractice]:
    """Yield those of these people who have an account, with their newest practice; two batches for a hundred people."""
    accounts_table = settings().accounts_table
    keys = ({"pk": f"person#{person_hash}"} for person_hash in person_hashes)
    owners = table.get_many(accounts_table, keys, fields=("account_id",))
    # Two numbers of one account: the older one is on its way out (`release_number`).
    owned = sorted({row["account_id"] for row in owners})
    found = map(accounts.account_key, owned)
    fields = ("account_id", "phone_masked", "profile", "practice")
    for row in table.get_many(accounts_table, found, fields=fields):
        yield msgspec.convert(row, PersonPractice)


def claim_number(person_hash: str, account_id: str, now: int) -> str:
    """Reserve an ID number for an account; returns the account that holds it now."""
    key = {"pk": f"{_PERSON}{person_hash}"}
    condition = If().absent_or_equals("account_id", account_id)
    try:
        row = table.update(
            settings().accounts_table,
            key,
            condition,
            sets={"account_id": account_id, "claimed_at": now},
        )
    except ConditionFailed as failed:
        return str((failed.old or {})["account_id"])
    return str(row["account_id"])


def take_over_number(
    person_hash: str, account_id: str, stale_owner: str, before: int, now: int
) -> bool:
    """Take a number from an account that reserved it before `before` and never stored it; returns whether it worked."""
    condition = If().equals("account_id", stale_owner).below("claimed_at", before)
    try:
        table.update_once(
            settings().accounts_table,
            {"pk": f"{_PERSON}{person_hash}"},
            condition,
            sets={"account_id": account_id, "claimed_at": now},
        )
    except ConditionFailed:
        return False
    return True


def release_number(person_hash: str, account_id: str, now: int) -> None:
    """Release a number that this account no longer uses, unless it was claimed again since `now`."""
    with contextlib.suppress(ConditionFailed):
        table.delete(
            settings().accounts_table,
            {"pk": f"{_PERSON}{person_hash}"},
            If().equals("account_id", account_id).below("claimed_at", now),
        )


def spend_number_budget(account_id: str, now: int) -> None:
    """Count one ID number that this account sends. Raises `TooMany`."""
    accounts.spend_budget("id_number", account_id, ID_NUMBER_WINDOWS, now)


def load_census() -> Census | None:
    """The newest count of stored faces."""
    row = table.get(settings().accounts_table, _CENSUS)
    return msgspec.convert(row, Census) if row else None


def count_photos(after: str) -> tuple[int, str]:
    """Return how many accounts of the next page have an accepted ID photo, and its last key ("" at the end)."""
    begin = {"pk": after} if after else None
    photos, last = table.count_page(settings().accounts_table, having="id_photo", after=begin)
    return photos, last["pk"] if last else ""


def note_census(census: Census, seen: Census | None) -> bool:
    """Replace the count that was read by its next step; returns False when another run was first."""
    unseen = If().absent("day")
    condition = unseen if seen is None else If().equals("day", seen.day).equals("step", seen.step)
    row = msgspec.to_builtins(census)
    try:
        table.update_once(settings().accounts_table, _CENSUS, condition, sets=row)
    except ConditionFailed:
        return False
    return True


def delete_photos(account_id: str, keep: tuple[str, ...]) -> int:
    """Remove all uploads and all photos except those with these ids, in all versions; returns how many versions."""
    bucket, photos = settings().private_bucket, f"{PHOTOS}/{account_id}/"
    kept = tuple(f"{photos}{photo_id}/" for photo_id in keep)
    removed = objects.delete_below(bucket, f"{UPLOADS}/{account_id}/")
    return removed + objects.delete_below(bucket, photos, kept)


def photo_ticket(key: str, lifetime_s: int, now: int) -> UploadTicket:
    """A ticket to upload an ID photo to `key`."""
    return objects.upload_ticket(settings().private_bucket, key, lifetime_s=lifetime_s, now=now)


def read_upload(key: str, version_id: str | None) -> StoredObject | None:
    """Return the uploaded bytes of the version that the event names."""
    return objects.read(settings().private_bucket, key, version_id)


def write_photo(key: str, data: bytes) -> None:
    """Store the re-encoded photo."""
    objects.write(settings().private_bucket, key, data, "image/jpeg")


def read_picture(key: str) -> bytes | None:
    """A picture that faces are compared with, by its key."""
    stored = objects.read(settings().private_bucket, key)
    return stored.data if stored else None


def read_photo(account_id: str, photo_id: str) -> bytes | None:
    """Return the photo with this id, also when it was removed and is still kept."""
    return objects.read_kept(settings().private_bucket, f"{PHOTOS}/{account_id}/{photo_id}/")


def delete_photo(key: str) -> None:
    """Remove a photo that is no longer used. S3 keeps the older version for a while (infra/resources.yaml)."""
    objects.delete(settings().private_bucket, key)


def photo_url(key: str) -> str:
    """Return a short-lived link to the photo."""
    return objects.view_url(settings().private_bucket, key)
