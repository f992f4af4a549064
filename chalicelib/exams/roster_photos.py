"""Use cases of photos that a publisher keeps of the people on a roster, one for each person and exam."""

import msgspec

from chalicelib.exams import store
from chalicelib.exams.model import Exam, FaceReference, RosterPhoto
from chalicelib.shared.errors import Conflict, NotFound


def keep_photo(*, exam_id: str, photo: RosterPhoto, jpeg: bytes) -> None:
    """Let this be the photo of a person; the same again changes nothing.

    The picture is written first, so that a face never stands there without one; the picture before it goes last.
    Raises `Conflict`: `roster_photo_superseded` when a photo that was uploaded later is there.
    """
    before = store.load_roster_photo(exam_id, photo.person_hash)
    if before is not None:
        again = before.sha256 == photo.sha256
        # Told again: whoever wrote this may have died before removing the one before it.
        gone = before.replaces if again else before.sha256
        photo = msgspec.structs.replace(photo, replaces=gone)
    store.write_roster_picture(exam_id, photo, jpeg)
    if not store.put_roster_photo(exam_id, photo):
        raise Conflict("roster_photo_superseded")
    if photo.replaces is not None:
        store.delete_roster_picture(exam_id, photo.person_hash, photo.replaces)


def get_photo(*, exam_id: str, person_hash: str, now: int) -> RosterPhoto:
    """The photo of a person on the roster. Raises `NotFound`: `roster_photo_missing`."""
    photo = store.load_roster_photo(exam_id, person_hash)
    if photo is None or now >= photo.expires_at:
        raise NotFound("roster_photo_missing")
    return photo


def read_picture(*, exam_id: str, person_hash: str, now: int) -> bytes:
    """The picture itself, for an operator. Raises `NotFound`."""
    photo = get_photo(exam_id=exam_id, person_hash=person_hash, now=now)
    data = store.read_roster_picture(exam_id, photo)
    if data is None:
        raise NotFound("roster_photo_missing")
    return data


def list_digests(*, exam_id: str, now: int) -> dict[str, str]:
    """Person hash → SHA-256 of the picture, of all photos that hold now."""
    found = store.list_roster_photos(exam_id)
    return {photo.person_hash: photo.sha256 for photo in found if now < photo.expires_at}


def list_without(*, exam: Exam, at: int) -> list[str]:
    """Person hashes of the roster of whom there will be no photo at this moment; none where none is needed."""
    if exam.policy.face_reference is not FaceReference.ROSTER:
        return []
    there = list_digests(exam_id=exam.exam_id, now=at)
    people = store.load_roster(exam.exam_id, exam.roster_version)
    return [entry.person_hash for entry in people if entry.person_hash not in there]


def forget_photos(*, person_hash: str) -> int:
    """Remove a person's photos of all exams, in all versions; returns how many pictures."""
    if not person_hash:
        return 0
    removed = 0
    for exam in store.list_exams():
        store.delete_roster_photo(exam.exam_id, person_hash)
        removed += store.delete_roster_pictures(exam.exam_id, person_hash)
    return removed
