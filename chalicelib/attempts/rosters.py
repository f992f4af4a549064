"""New people and photos for a published exam. An opened attempt keeps the values that it began with."""

import msgspec

from chalicelib.attempts import store
from chalicelib.attempts.model import Attempt
from chalicelib.exams import roster_photos
from chalicelib.exams import service as exams
from chalicelib.exams.model import Exam, FaceReference, RosterEntry
from chalicelib.exams.rosters import Source
from chalicelib.identity import service as identity
from chalicelib.shared.errors import Conflict, NotFound

_MOST_NAMED = 20


class Replaced(msgspec.Struct, frozen=True):
    """The exam with its new roster. `unchanged`: another file has brought the same roster before.

    `keep_time`: person hashes whose extra time differs in the new roster, but who keep the time they opened with.
    """

    exam: Exam
    unchanged: bool
    keep_time: tuple[str, ...] = ()


def replace_roster(
    *, exam_id: str, roster: list[RosterEntry], source: Source, now: int
) -> Replaced:
    """Replace the roster, which decides who may open the exam and with how much time.

    An opened attempt does not read the roster again, so somebody who opens theirs at the same time loses nothing.
    Raises `NotFound`, `FileRejected`, `Conflict` (`roster_opened`, and those of `exams.replace_roster`).
    """
    plan = exams.plan_roster(exam_id=exam_id, roster=roster)
    opened = plan.exam.may_be_opened(now)
    if opened:
        _refuse_opened(plan, source)
    exam = exams.replace_roster(plan=plan, source=source, now=now)
    roster_photos.forget_strangers(exam=exam)
    keep = tuple(who for who in plan.changed if opened and _opened(exam_id, who))
    # a repeated event: its effect is there
    is_repeat = plan.exam.roster_source == source.version_id
    return Replaced(exam, plan.exam.roster_version == plan.version and not is_repeat, keep)


def _refuse_opened(plan: exams.RosterPlan, source: Source) -> None:
    """Refuse a roster without people who have opened their attempt. Raises `Conflict`: `roster_opened`."""
    if source.version_id == plan.exam.roster_source:
        return  # this file is the present roster: it removes nobody
    attempts = [_opened(plan.exam.exam_id, who) for who in plan.removed]
    opened = [attempt.identity.id_number_masked for attempt in attempts if attempt]
    if opened:
        raise Conflict("roster_opened", count=len(opened), people=opened[:_MOST_NAMED])


class PhotoPlan(msgspec.Struct, frozen=True):
    """Whose photos a zip may bring. `strangers`: people in the zip who are not on the roster.

    `begun`: an earlier event of the same zip has stored some photos. Then it continues, also if the exam has changed.
    """

    exam: Exam
    source: Source
    begun: bool
    strangers: frozenset[str] = frozenset()


def plan_photos(*, exam_id: str, people: list[str], source: Source, now: int) -> PhotoPlan:
    """Check whether photos of these people (person hashes) may be stored. Changes nothing.

    Raises `NotFound`, `Conflict` (`roster_photos_not_used`, `exam_over`).
    """
    exam = exams.get_exam(exam_id)
    if exam.policy.face_reference is not FaceReference.ROSTER:
        raise Conflict("roster_photos_not_used")
    photos = roster_photos.list_photos(exam_id=exam_id, now=now)
    if any(photo.source == source.version_id for photo in photos.values()):
        return PhotoPlan(exam, source, begun=True)
    if now > exam.ends_at:
        raise Conflict("exam_over", ended_at=exam.ends_at)
    strangers = frozenset(people) - roster_photos.list_people(exam=exam)
    return PhotoPlan(exam, source, begun=False, strangers=strangers)


def must_stay(*, plan: PhotoPlan, person_hash: str, sha256: str, now: int) -> bool:
    """Whether the new photo of this person must not replace the present state.

    True when they have opened their attempt with another photo, because that one stays their reference; and when they
    asked for deletion after the new one was uploaded. Call it directly before replacing a photo: between opening an
    attempt and the face check there is more time than that. Somebody who opened without a photo gets the new one.
    """
    account_id, exam_id = identity.find_account(person_hash=person_hash), plan.exam.exam_id
    if account_id is None:
        return False
    try:
        person = identity.look_up_person(account_id=account_id)
        if person.deletion is not None and person.deletion.requested_at >= plan.source.at:
            return True
        photo = roster_photos.get_photo(exam_id=exam_id, person_hash=person_hash, now=now)
    except NotFound:  # no account any more, or no photo so far
        return False
    return photo.sha256 != sha256 and _first_round(exam_id, account_id) is not None


def _opened(exam_id: str, person_hash: str) -> Attempt | None:
    """Return the first round of a person at an exam; None when they have not opened it."""
    account_id = identity.find_account(person_hash=person_hash)
    return _first_round(exam_id, account_id) if account_id is not None else None


def _first_round(exam_id: str, account_id: str) -> Attempt | None:
    return store.load_attempt(store.attempt_id_of(exam_id, account_id, 1))
