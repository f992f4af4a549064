"""Exams in DynamoDB, banks (with keys) and their sealed pictures as immutable versions in S3.

Exams table: (`exam_id`, `EXAM`) the exam; (`exam_id`, `ROSTER#<version>#<person hash>`) one person who may
sit it; (`exam_id`, `PHOTO#<person hash>`) their face from the publisher's photo, with a TTL. A publication that failed
half-way leaves rows of a roster version that no exam names. (`#series/<id>`, `SERIES`) a series with its sittings.
Index `listed` (`listed` = "exam" or "ended", `starts_at`) holds the exams alone, in two parts (`listing.ListPart`).
"""

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import msgspec

from chalicelib.exams.listing import ListPart, Place
from chalicelib.exams.model import (
    Checkpoint,
    Exam,
    ListedExam,
    Preflight,
    RosterEntry,
    RosterPhoto,
    current_names,
)
from chalicelib.exams.questions import Bank, from_json, to_json
from chalicelib.exams.series import Series
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.kernel.records import lost_races, write_outcomes
from chalicelib.shared import objects, table
from chalicelib.shared.clock import SECOND_MS
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If

PICTURE_LINK_S = 300
_PARTS = {ListPart.CURRENT: "exam", ListPart.ENDED: "ended"}  # as `listed` has them
_CURRENT = {"listed": _PARTS[ListPart.CURRENT]}


def put_exam(exam: Exam) -> bool:
    """Store a new exam; returns False when this id is taken. The same exam again changes nothing.

    Notes of the schedule on the stored exam make no difference.
    """
    item = {**msgspec.to_builtins(exam), "sk": "EXAM", **_CURRENT}
    try:
        table.put(settings().exams_table, item, If().absent("exam_id"))
    except ConditionFailed as failed:
        return failed.old is not None and _exam(failed.old).as_published == exam
    return True


def load_exam(exam_id: str) -> Exam | None:
    """One exam."""
    item = table.get(settings().exams_table, {"exam_id": exam_id, "sk": "EXAM"})
    return _exam(item) if item else None


def list_exams() -> list[ListedExam]:
    """Return all exams from the index, the latest start first."""
    rows = [exam for part in ListPart for exam in _listed(part)]
    return sorted(rows, key=lambda exam: exam.starts_at, reverse=True)


def list_current() -> list[ListedExam]:
    """Return the current exams from the index, the earliest start first."""
    return list(_listed(ListPart.CURRENT))


def list_started_since(moment: int) -> list[ListedExam]:
    """Return the exams that start at this moment (UTC ms) or later, current and over."""
    return [exam for part in ListPart for exam in _listed(part, since=moment)]


def list_part(part: ListPart, *, after: Place | None, most: int) -> list[ListedExam]:
    """Return at most `most` exams of a part after this place: current ones by start, ended ones newest first."""
    return list(_listed(part, newest_first=part is ListPart.ENDED, after=after, most=most))


def _listed(
    part: ListPart,
    *,
    since: int | None = None,
    newest_first: bool = False,
    after: Place | None = None,
    most: int | None = None,
) -> Iterator[ListedExam]:
    listed = _PARTS[part]
    rows = table.query(
        settings().exams_table,
        index="listed",
        hash_key=("listed", listed),
        sort_above=None if since is None else ("starts_at", since - 1),
        newest_first=newest_first,
        after=_place_keys(after, listed) if after else None,
        most=most,
    )
    return (msgspec.convert(_current(row), ListedExam) for row in rows)


def _place_keys(place: Place, listed: str) -> table.Item:
    """The keys of an exam at this place, in the table and in the index."""
    return {**msgspec.structs.asdict(place), "sk": "EXAM", "listed": listed}


def change_exam(exam: Exam, outcomes: Outcomes) -> Exam:
    """Write the outcomes of a rule; returns the exam after the write. Raises `LostRace`, `Unavailable`."""
    key = {"exam_id": exam.exam_id, "sk": "EXAM"}
    changed = write_outcomes(settings().exams_table, key, exam.version, outcomes, also=_CURRENT)
    return _exam(changed)


def mark_ended(exam: ListedExam) -> bool:
    """Move an exam out of the current ones; False when it has changed since it was read."""
    unchanged = If().equals("version", exam.version).equals("listed", _PARTS[ListPart.CURRENT])
    try:
        table.update(
            settings().exams_table,
            {"exam_id": exam.exam_id, "sk": "EXAM"},
            unchanged.absent_or_equals("last_deadline", exam.last_deadline),
            sets={"listed": _PARTS[ListPart.ENDED]},
        )
    except ConditionFailed:
        return False
    return True


def mark_waiting_open(exam: ListedExam, now: int) -> bool:
    """Note that the waiting room was opened; False when it was noted before, or the exam has changed."""
    try:
        table.update(
            settings().exams_table,
            {"exam_id": exam.exam_id, "sk": "EXAM"},
            If().equals("version", exam.version).absent_or_equals("waiting_opened_at", None),
            sets={"waiting_opened_at": now},
        )
    except ConditionFailed:
        return False
    return True


def note_preflight(exam: Exam, checkpoint: Checkpoint, done: Preflight) -> bool:
    """Note what was found at a checkpoint; False when it was noted before, or the exam has changed."""
    name = f"preflight_{checkpoint.value}"
    try:
        table.update(
            settings().exams_table,
            {"exam_id": exam.exam_id, "sk": "EXAM"},
            If().equals("version", exam.version).absent_or_equals(name, None),
            sets={name: msgspec.to_builtins(done)},
        )
    except ConditionFailed:
        return False
    return True


def note_deadline(exam_id: str, deadline: int) -> None:
    """Keep the latest deadline; an earlier one changes nothing."""
    with contextlib.suppress(ConditionFailed):
        table.update(
            settings().exams_table,
            {"exam_id": exam_id, "sk": "EXAM"},
            If().exists("exam_id").absent_or_below("last_deadline", deadline),
            sets={"last_deadline": deadline, **_CURRENT},
        )


def load_series(series_id: str) -> Series | None:
    """Return a series with its sittings; None when nothing of it is published."""
    item = table.get(settings().exams_table, _series_key(series_id))
    return msgspec.convert(item, Series) if item else None


def write_series(series: Series) -> None:
    """Store a series with the next version. Raises `LostRace` when somebody has written it since it was read."""
    before = If().equals("version", series.version) if series.version else If().absent("version")
    fields = msgspec.to_builtins(series) | {"version": series.version + 1}
    with lost_races():
        table.update_once(
            settings().exams_table, _series_key(series.series_id), before, sets=fields
        )


def put_roster(exam_id: str, version: str, roster: list[RosterEntry]) -> None:
    """Store a version of a roster. It is in force when the exam names it."""
    table.put_many(
        settings().exams_table,
        (
            {**_roster_key(exam_id, version, entry.person_hash), **msgspec.to_builtins(entry)}
            for entry in roster
        ),
    )


def load_roster(exam_id: str, version: str) -> list[RosterEntry]:
    """Return the entries of a version of the roster."""
    return [msgspec.convert(item, RosterEntry) for item in _roster_rows(exam_id, version)]


def count_roster(exam_id: str, version: str) -> int:
    """How many people are on a version of the roster."""
    return sum(1 for _ in _roster_rows(exam_id, version))


def load_roster_entry(exam_id: str, version: str, person_hash: str) -> RosterEntry | None:
    """The entry of one person in this version of the roster."""
    item = table.get(settings().exams_table, _roster_key(exam_id, version, person_hash))
    return msgspec.convert(item, RosterEntry) if item else None


def has_roster(exam_id: str, version: str) -> bool:
    """Whether this version of the roster has an entry."""
    return next(_roster_rows(exam_id, version, most=1), None) is not None


def _roster_rows(exam_id: str, version: str, most: int | None = None) -> Iterator[table.Item]:
    return table.query(
        settings().exams_table,
        hash_key=("exam_id", exam_id),
        sort_prefix=("sk", f"ROSTER#{version}#"),
        most=most,
    )


def put_roster_photo(exam_id: str, photo: RosterPhoto) -> bool:
    """Store the face of a person; returns False when a photo that was uploaded later is stored."""
    item = {
        **_photo_key(exam_id, photo.person_hash),
        **msgspec.to_builtins(photo, builtin_types=(bytes,)),
    }
    item["expires_at_s"] = photo.expires_at // SECOND_MS
    try:
        table.put(settings().exams_table, item, If().absent_or_below("at", photo.at + 1))
    except ConditionFailed:
        return False
    return True


def load_roster_photo(exam_id: str, person_hash: str) -> RosterPhoto | None:
    """The face of a person on the roster, expired or not."""
    item = table.get(settings().exams_table, _photo_key(exam_id, person_hash))
    return msgspec.convert(item, RosterPhoto) if item else None


def list_roster_photos(exam_id: str) -> list[RosterPhoto]:
    """All faces of an exam, expired or not."""
    rows = table.query(
        settings().exams_table,
        hash_key=("exam_id", exam_id),
        sort_prefix=("sk", "PHOTO#"),
        most=None,
    )
    return [msgspec.convert(item, RosterPhoto) for item in rows]


def count_roster_photos(after: str) -> tuple[int, str]:
    """Return how many faces the next page of the table holds, and the place after it ("" at the end of the table)."""
    begin = dict(zip(("exam_id", "sk"), after.split("|", 1), strict=True)) if after else None
    found, last = table.count_page(settings().exams_table, having="vector", after=begin)
    return found, f"{last['exam_id']}|{last['sk']}" if last else ""


def delete_roster_photo(exam_id: str, person_hash: str) -> None:
    """Delete the face of a person. Nothing happens when there is none."""
    table.delete(settings().exams_table, _photo_key(exam_id, person_hash))


def write_roster_picture(exam_id: str, photo: RosterPhoto, jpeg: bytes) -> None:
    """Store the picture from which a face was taken."""
    key = roster_picture_key(exam_id, photo)
    objects.write(settings().private_bucket, key, jpeg, "image/jpeg")


def read_roster_picture(exam_id: str, photo: RosterPhoto) -> bytes | None:
    """Return the picture from which a face was taken; None when it is gone."""
    stored = objects.read(settings().private_bucket, roster_picture_key(exam_id, photo))
    return stored.data if stored else None


def roster_picture_url(exam_id: str, photo: RosterPhoto) -> str:
    """Return a short-lived link to the picture."""
    return objects.view_url(settings().private_bucket, roster_picture_key(exam_id, photo))


def delete_roster_picture(exam_id: str, photo: RosterPhoto) -> None:
    """Remove a picture that is no longer used."""
    objects.delete(settings().private_bucket, roster_picture_key(exam_id, photo))


def delete_older_pictures(exam_id: str, photo: RosterPhoto) -> None:
    """Remove the pictures that were in force before this one."""
    bucket, newest = settings().private_bucket, roster_picture_key(exam_id, photo)
    pictures = _pictures_of(exam_id, photo.person_hash)
    for key in (found.key for found in objects.list_objects(bucket, pictures, most=1_000)):
        if key < newest and not key.startswith(newest.rpartition("-")[0]):
            objects.delete(bucket, key)


def delete_roster_pictures(exam_id: str, person_hash: str) -> int:
    """Remove all pictures of a person for good; returns how many versions."""
    return objects.delete_below(settings().private_bucket, _pictures_of(exam_id, person_hash))


def write_bank(exam_id: str, version: str, bank: Bank) -> None:
    """Store a version of a bank. It is never deleted."""
    data = to_json(bank)
    objects.write(settings().papers_bucket, _bank_key(exam_id, version), data, "application/json")


@functools.lru_cache(maxsize=8)
def load_bank(exam_id: str, version: str) -> Bank:
    """Return a version of a bank. It never changes, so a process reads it once."""
    return from_json(objects.read_all(settings().papers_bucket, _bank_key(exam_id, version)))


def read_bank(exam_id: str, version: str) -> bytes | None:
    """Return the stored bytes of a bank, unchecked; None when there are none. Raises `Unavailable`."""
    return _read(_bank_key(exam_id, version))


def write_picture(exam_id: str, version: str, sha256: str, sealed: bytes) -> None:
    """Store a sealed picture of a version of a bank. It is never deleted."""
    key = _picture_key(exam_id, version, sha256)
    objects.write(settings().papers_bucket, key, sealed, "application/octet-stream")


def read_picture(exam_id: str, version: str, sha256: str) -> bytes | None:
    """Return a sealed picture, unchecked; None when it is missing. Raises `Unavailable`."""
    stored = objects.read(settings().papers_bucket, _picture_key(exam_id, version, sha256))
    return stored.data if stored else None


def picture_url(exam_id: str, version: str, sha256: str) -> str:
    """Return a link to a sealed picture, for five minutes: a slow line may need them for all pictures of a paper."""
    key = _picture_key(exam_id, version, sha256)
    return objects.view_url(settings().papers_bucket, key, lifetime_s=PICTURE_LINK_S)


def read_key(exam_id: str, paper_version: str, key_version: str) -> bytes | None:
    """Return the stored bytes of a corrected key, unchecked; None when there are none. Raises `Unavailable`."""
    return _read(_key_key(exam_id, paper_version, key_version))


def _read(key: str) -> bytes | None:
    bucket = settings().papers_bucket
    return objects.read_all(bucket, key) if objects.exists(bucket, key) else None


def write_key(exam_id: str, paper_version: str, key_version: str, data: bytes) -> None:
    """Store a corrected key of a bank. It is never deleted."""
    name = _key_key(exam_id, paper_version, key_version)
    objects.write(settings().papers_bucket, name, data, "application/json")


@functools.lru_cache(maxsize=8)
def load_key(exam_id: str, paper_version: str, key_version: str) -> dict[str, str]:
    """A corrected key: id of a question → its right letters; like a bank it never changes."""
    name = _key_key(exam_id, paper_version, key_version)
    return msgspec.json.decode(
        objects.read_all(settings().papers_bucket, name), type=dict[str, str]
    )


def _series_key(series_id: str) -> dict[str, Any]:
    return {"exam_id": f"#series/{series_id}", "sk": "SERIES"}


def _roster_key(exam_id: str, version: str, person_hash: str) -> dict[str, Any]:
    return {"exam_id": exam_id, "sk": f"ROSTER#{version}#{person_hash}"}


def _photo_key(exam_id: str, person_hash: str) -> dict[str, Any]:
    return {"exam_id": exam_id, "sk": f"PHOTO#{person_hash}"}


def _pictures_of(exam_id: str, person_hash: str) -> str:
    return f"roster-photos/{exam_id}/{person_hash}/"


def roster_picture_key(exam_id: str, photo: RosterPhoto) -> str:
    """Return the key of a picture. Keys sort by the moment of the upload, so older pictures have smaller keys."""
    return f"{_pictures_of(exam_id, photo.person_hash)}{photo.at:013}-{photo.sha256}.jpg"


def _bank_key(exam_id: str, version: str) -> str:
    return f"banks/{exam_id}/{version}.json"


def _picture_key(exam_id: str, version: str, sha256: str) -> str:
    return f"pictures/{exam_id}/{version}/{sha256}"


def _key_key(exam_id: str, paper_version: str, key_version: str) -> str:
    return f"keys/{exam_id}/{paper_version}/{key_version}.json"


def _exam(item: dict[str, Any]) -> Exam:
    return msgspec.convert(_current(item), Exam)


def _current(item: table.Item) -> table.Item:
    """Return a stored exam, or its row of the index, in the present form."""
    return {**item, "policy": current_names(item["policy"])}
