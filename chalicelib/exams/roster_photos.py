"""Use cases of the publisher's photos of the people on a roster: one for each person and exam."""

from chalicelib.exams import store
from chalicelib.exams.model import Exam, FaceReference, RosterPhoto
from chalicelib.shared.errors import Conflict, NotFound


def keep_photo(*, exam_id: str, photo: RosterPhoto, jpeg: bytes) -> None:
    """Store the photo of a person. The same photo again changes nothing.

    The picture is written first, so that there is no face without a picture. Its name is unique, so that removing
    another picture does not remove it. Raises `Conflict`: `roster_photo_superseded` when a later one is there.
    """
    store.write_roster_picture(exam_id, photo, jpeg)
    if not store.put_roster_photo(exam_id, photo):
        store.delete_roster_picture(exam_id, photo)
        raise Conflict("roster_photo_superseded")
    store.delete_older_pictures(exam_id, photo)


def get_photo(*, exam_id: str, person_hash: str, now: int) -> RosterPhoto:
    """Return the photo of a person on the roster. Raises `NotFound`: `roster_photo_missing`."""
    photo = store.load_roster_photo(exam_id, person_hash)
    if photo is None or now >= photo.expires_at:
        raise NotFound("roster_photo_missing")
    return photo


def picture_url(*, exam_id: str, person_hash: str, now: int) -> str:
    """Return a short-lived link to the picture. Raises `NotFound`."""
    return store.roster_picture_url(
        exam_id, get_photo(exam_id=exam_id, person_hash=person_hash, now=now)
    )


def picture_key(*, exam_id: str, photo: RosterPhoto) -> str:
    """Return the key of the picture in the private bucket."""
    return store.roster_picture_key(exam_id, photo)


def read_picture(*, exam_id: str, person_hash: str, now: int) -> bytes:
    """The picture itself. Raises `NotFound`."""
    photo = get_photo(exam_id=exam_id, person_hash=person_hash, now=now)
    data = store.read_roster_picture(exam_id, photo)
    if data is None:
        raise NotFound("roster_photo_missing")
    return data


def list_people(*, exam: Exam) -> set[str]:
    """Person hashes of everybody on the roster in force."""
    return {entry.person_hash for entry in store.load_roster(exam.exam_id, exam.roster_version)}


def list_photos(*, exam_id: str, now: int) -> dict[str, RosterPhoto]:
    """Return the photos that are valid now, by person hash."""
    photos = store.list_roster_photos(exam_id)
    return {photo.person_hash: photo for photo in photos if now < photo.expires_at}


def count_page(after: str) -> tuple[int, str]:
    """Return the number of photos of all exams in the next page of the table, and the place after it ("": the end)."""
    return store.count_roster_photos(after)


def list_without(*, exam: Exam, at: int) -> set[str]:
    """Return the person hashes of the roster without a photo at this moment; none when the exam needs no photos."""
    if exam.policy.face_reference is not FaceReference.ROSTER:
        return set()
    return list_people(exam=exam) - list_photos(exam_id=exam.exam_id, now=at).keys()


def forget_photos(*, person_hash: str) -> int:
    """Remove a person's photos of all exams, in all versions; returns how many versions of pictures."""
    if not person_hash:
        return 0
    return sum(_forget(exam.exam_id, person_hash) for exam in store.list_exams())


def forget_strangers(*, exam: Exam) -> int:
    """Remove the photos of people who are no longer on the roster; returns how many pictures."""
    if exam.policy.face_reference is not FaceReference.ROSTER:
        return 0
    kept = {photo.person_hash for photo in store.list_roster_photos(exam.exam_id)}
    return sum(_forget(exam.exam_id, who) for who in sorted(kept - list_people(exam=exam)))


def _forget(exam_id: str, person_hash: str) -> int:
    store.delete_roster_photo(exam_id, person_hash)
    return store.delete_roster_pictures(exam_id, person_hash)
