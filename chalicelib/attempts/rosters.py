"""New people and photos for an exam that is published: whoever has opened their attempt keeps what it began with."""

import msgspec

from chalicelib.attempts import store
from chalicelib.attempts.model import Attempt
from chalicelib.exams import roster_photos
from chalicelib.exams import service as exams
from chalicelib.exams.model import Exam, FaceReference, RosterEntry
from chalicelib.exams.roster import Source
from chalicelib.identity import service as identity
from chalicelib.shared.errors import Conflict

_MOST_NAMED = 20


class Replaced(msgspec.Struct, frozen=True):
    """The exam with its new roster; `unchanged` when it was in force already, by another file.

    `keep_time`: person hashes whose extra time is another now, and who keep what they opened with.
    """

    exam: Exam
    unchanged: bool
    keep_time: tuple[str, ...] = ()


def replace_roster(
    *, exam_id: str, roster: list[RosterEntry], source: Source, now: int
) -> Replaced:
    """Let this roster decide from now on who may open the exam, and with how much time.

    An opened attempt never asks the roster again, so whoever opens theirs in this very moment loses nothing.
    Raises `NotFound`, `PackRefused`, `Conflict` (`roster_opened`, and those of `exams.replace_roster`).
    """
    plan = exams.plan_roster(exam_id=exam_id, roster=roster)
    if now >= plan.exam.waiting_opens_at:
        _refuse_opened(plan, source)
    exam = exams.replace_roster(plan=plan, source=source, now=now)
    opened = now >= plan.exam.waiting_opens_at
    keep = tuple(who for who in plan.changed if opened and _opened(exam_id, who))
    ours = plan.exam.roster_source == source.version_id  # told again: what it did, it did
    return Replaced(exam, plan.exam.roster_version == plan.version and not ours, keep)


def _refuse_opened(plan: exams.RosterPlan, source: Source) -> None:
    """Raises `Conflict`: `roster_opened`."""
    if source.version_id == plan.exam.roster_source:
        return  # it is in force: nobody is taken off
    found = [_opened(plan.exam.exam_id, who) for who in plan.removed]
    opened = [attempt.identity.id_number_masked for attempt in found if attempt]
    if opened:
        raise Conflict("roster_opened", count=len(opened), people=opened[:_MOST_NAMED])


class PhotoPlan(msgspec.Struct, frozen=True):
    """Photos that are to be kept for people of an exam. `refused`: person hash → why theirs may not be."""

    exam: Exam
    refused: dict[str, str]


def plan_photos(*, exam_id: str, photos: dict[str, str], now: int) -> PhotoPlan:
    """Look whose photos may be kept (person hash → SHA-256 of the picture); changes nothing.

    Refused are those who are not on the roster (`not_on_roster`), and those who have opened their attempt with
    another photo (`opened`); who has opened it without any gets theirs. Raises `NotFound`, `Conflict`
    (`roster_photos_not_used`, `exam_over`).
    """
    exam = exams.get_exam(exam_id)
    if exam.policy.face_reference is not FaceReference.ROSTER:
        raise Conflict("roster_photos_not_used")
    if now > exam.ends_at:
        raise Conflict("exam_over", ended_at=exam.ends_at)
    listed = exams.list_people(exam=exam)
    refused = {who: "not_on_roster" for who in photos if who not in listed}
    if now >= exam.waiting_opens_at:
        known = roster_photos.list_digests(exam_id=exam_id, now=now)
        for who, sha256 in photos.items():
            if known.get(who, sha256) != sha256 and _opened(exam_id, who):
                refused[who] = "opened"
    return PhotoPlan(exam, refused)


def _opened(exam_id: str, person_hash: str) -> Attempt | None:
    """The first round of a person at an exam, if they have opened it."""
    account_id = identity.find_account(person_hash=person_hash)
    if account_id is None:
        return None
    return store.load_attempt(store.attempt_id_of(exam_id, account_id, 1))
