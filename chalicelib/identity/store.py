"""Identity in DynamoDB and S3.

It shares the account item (`account#<id>`) and adds `person#<hash>` → account: one ID number, one account;
`cohort#current` names the version of the cohort that is in use.
"""

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import msgspec

from chalicelib.accounts import store as accounts
from chalicelib.identity.model import ID_NUMBER_WINDOWS, Cohort, CohortNote, IdPhoto, Member, Person
from chalicelib.shared import objects, table
from chalicelib.shared.objects import StoredObject, UploadTicket
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If

UPLOADS = "incoming/id-photos"
PHOTOS = "id-photos"
COHORTS = "cohorts"
_COHORT = {"pk": "cohort#current"}


class ChangedMeanwhile(Exception):
    """Somebody else changed the person since it was read."""


def load_person(account_id: str) -> Person | None:
    """The person of an account."""
    item = accounts.load_account(account_id)
    return msgspec.convert(item, Person) if item else None


def change_person(person: Person, sets: dict[str, Any], removes: tuple[str, ...] = ()) -> Person:
    """Write fields if nobody else wrote since. Raises `ChangedMeanwhile`."""
    try:
        item = accounts.change_account(person.account_id, person.version, sets, removes)
    except ConditionFailed:
        raise ChangedMeanwhile from None
    return msgspec.convert(item, Person)


def claim_number(person_hash: str, account_id: str, now: int) -> str:
    """Reserve an ID number for an account; returns the account that holds it now."""
    key = {"pk": f"person#{person_hash}"}
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
    """Take a number from an account that reserved it before `before` and never kept it."""
    condition = If().equals("account_id", stale_owner).below("claimed_at", before)
    try:
        table.update_once(
            settings().accounts_table,
            {"pk": f"person#{person_hash}"},
            condition,
            sets={"account_id": account_id, "claimed_at": now},
        )
    except ConditionFailed:
        return False
    return True


def release_number(person_hash: str, account_id: str, now: int) -> None:
    """Give up a number that this account no longer uses, unless it was claimed again since `now`."""
    with contextlib.suppress(ConditionFailed):
        table.delete(
            settings().accounts_table,
            {"pk": f"person#{person_hash}"},
            If().equals("account_id", account_id).below("claimed_at", now),
        )


def spend_number_budget(account_id: str, now: int) -> None:
    """Count one ID number that this account sends. Raises `TooMany`."""
    accounts.spend_budget("id_number", account_id, ID_NUMBER_WINDOWS, now)


class CohortMissing(Exception):
    """The object of a version is not there."""


def load_cohort_note() -> CohortNote | None:
    """Which version of the cohort is in use."""
    row = table.get(settings().accounts_table, _COHORT)
    return msgspec.convert(row, CohortNote) if row else None


def note_cohort(note: CohortNote) -> bool:
    """Put a version to use, once a day; False when today has one."""
    condition = If().absent_or_below("day", note.day)
    try:
        table.update_once(
            settings().accounts_table, _COHORT, condition, sets=msgspec.to_builtins(note)
        )
    except ConditionFailed:
        return False
    return True


def write_cohort(version: str, data: bytes) -> None:
    """Keep a version; it never changes."""
    key = f"{COHORTS}/{version}"
    objects.write(settings().private_bucket, key, data, "application/octet-stream")


@functools.lru_cache(maxsize=2)
def load_cohort(version: str) -> Cohort:
    """A version; a warm function reads it once. Raises `CohortMissing`."""
    stored = objects.read(settings().private_bucket, f"{COHORTS}/{version}")
    if stored is None:
        raise CohortMissing
    return Cohort(version, msgspec.msgpack.decode(stored.data, type=tuple[Member, ...]))


def list_photos(place: str | None) -> Iterator[tuple[str, IdPhoto]]:
    """Accounts with their accepted ID photos, from a place (any key) to the end of the table."""
    start = {"pk": place} if place else None
    for item in table.scan(settings().accounts_table, having="id_photo", start=start):
        yield item["account_id"], msgspec.convert(item["id_photo"], IdPhoto)


def photo_ticket(key: str, lifetime_s: int, now: int) -> UploadTicket:
    """A ticket to upload an ID photo to `key`."""
    return objects.upload_ticket(settings().private_bucket, key, lifetime_s=lifetime_s, now=now)


def read_upload(key: str, version_id: str | None) -> StoredObject | None:
    """The uploaded bytes of exactly the version that the event speaks of."""
    return objects.read(settings().private_bucket, key, version_id)


def write_photo(key: str, data: bytes) -> None:
    """Store the re-encoded photo."""
    objects.write(settings().private_bucket, key, data, "image/jpeg")


def delete_photo(key: str) -> None:
    """Remove a photo that counts no longer; S3 keeps the older version for a while (infra/resources.yaml)."""
    objects.delete(settings().private_bucket, key)


def photo_url(key: str) -> str:
    """A link to look at the photo once."""
    return objects.view_url(settings().private_bucket, key)
