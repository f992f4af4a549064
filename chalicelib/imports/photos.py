"""Photos of the people on a roster, dropped as a zip: judged like every ID photo, kept all or none.

A function of its own, because it alone among the imports needs the face engine.
"""

import msgspec

from chalicelib.attempts import rosters as attempts
from chalicelib.attempts.rosters import PhotoPlan
from chalicelib.exams import roster_photos
from chalicelib.exams.model import RosterEntry, RosterPhoto
from chalicelib.exams.rosters import Source
from chalicelib.exams.validation import Finding
from chalicelib.identity import comparing, documents
from chalicelib.identity import service as identity
from chalicelib.identity.comparing import Portrait
from chalicelib.imports import photo_zips, texts
from chalicelib.imports.drops import Drop, DropKind, Outcome
from chalicelib.imports.importers import Seen, take
from chalicelib.imports.people import ID_TYPE_NAMES, HashOfNumber, identify
from chalicelib.imports.rosters import RosterRow
from chalicelib.imports.tables import Advice
from chalicelib.shared import clock, objects
from chalicelib.shared.errors import Conflict, NotFound
from chalicelib.shared.objects import Described
from chalicelib.shared.settings import settings
from chalicelib.shared.texts import photo_message


def import_photos(*, key: str, version_id: str | None) -> None:
    """Import photos that were dropped, and write the report beside them."""
    take(key, version_id, {DropKind.PHOTOS: _import_photos})


def _import_photos(drop: Drop, data: bytes, file: Described, seen: Seen, now: int) -> None:
    """Keep every photo of a zip for people on the roster of a published exam, or none."""
    people = _identify(data, seen, identity.hash_of_number)
    source = Source(file.version_id or str(file.at), file.at)
    try:
        plan = attempts.plan_photos(
            exam_id=drop.exam_id,
            people=[p.entry.person_hash for p in people],
            source=source,
            now=now,
        )
    except NotFound:
        seen.findings.append(Finding(drop.key, 0, "没有这场考试：请先发布考试和名单，再上传照片"))
        return
    known = [p for p in people if p.entry.person_hash not in plan.strangers]
    strangers = [p for p in people if p.entry.person_hash in plan.strangers]
    _refuse(seen, [(p, texts.PHOTO_REFUSALS["not_on_roster"]) for p in strangers])
    usable = _examine(known, seen)
    moment = clock.now_ms()  # looking at hundreds of photos takes minutes
    staying = [p for p, portrait in usable if _must_stay(plan, p, portrait, moment)]
    if not plan.begun:
        _refuse(seen, [(p, texts.PHOTO_REFUSALS["opened"]) for p in staying])
        seen.right -= len(staying)
    current = objects.describe(settings().dropbox_bucket, drop.key)
    if seen.findings or current is None or current.version_id != file.version_id:
        return  # of a file that was replaced or taken back meanwhile nothing is kept
    passed = [p.row.row for p, portrait in usable if not _keep(plan, p, portrait)]
    seen.passed_over = len(passed)
    seen.advise(Advice.PHOTO_STAYS, rows=passed)
    seen.advise_of_missing_photos(plan.exam)
    seen.outcome = Outcome.SUPERSEDED if passed and len(passed) == seen.right else Outcome.KEPT


def look_at_photos(data: bytes, seen: Seen, hash_of: HashOfNumber) -> None:
    """Look through a zip: names and faces. Raises `FileRejected`."""
    _examine(_identify(data, seen, hash_of), seen)


class Pictured(msgspec.Struct, frozen=True):
    """A person and the file with their photo."""

    row: RosterRow
    entry: RosterEntry
    data: bytes


def _identify(data: bytes, seen: Seen, hash_of: HashOfNumber) -> list[Pictured]:
    """Everybody who is named once by a file."""
    files, findings, seen.rows = photo_zips.read_photos(
        data, ID_TYPE_NAMES, documents.masked_number
    )
    people, unknown = identify((file.row for file in files), hash_of)
    seen.findings += [*findings, *unknown]
    pictures = {file.row.row: file.data for file in files}
    return [Pictured(row, entry, pictures[row.row]) for row, entry in people]


def _examine(people: list[Pictured], seen: Seen) -> list[tuple[Pictured, Portrait]]:
    """Everybody with a usable photo; what is wrong with the others is found."""
    usable, unusable = [], []
    for pictured in people:
        portrait, reason = comparing.examine_portrait(pictured.data)
        if portrait is None:
            unusable.append((pictured, photo_message(reason)))
        else:
            usable.append((pictured, portrait))
    seen.right = len(usable)
    _refuse(seen, unusable)
    return usable


def _refuse(seen: Seen, people: list[tuple[Pictured, str]]) -> None:
    seen.findings += [Finding(p.row.file, p.row.row, reason) for p, reason in people]
    seen.findings.sort(key=lambda finding: finding.row)


def _must_stay(plan: PhotoPlan, pictured: Pictured, portrait: Portrait, now: int) -> bool:
    return attempts.must_stay(
        plan=plan,
        person_hash=pictured.entry.person_hash,
        sha256=portrait.face.sha256,
        now=now,
    )


def _keep(plan: PhotoPlan, pictured: Pictured, portrait: Portrait) -> bool:
    """Keep one photo; False when another one stays."""
    if _must_stay(plan, pictured, portrait, clock.now_ms()):
        return False
    face = portrait.face
    photo = RosterPhoto(
        person_hash=pictured.entry.person_hash,
        sha256=face.sha256,
        vector=face.vector,
        engine=face.engine,
        model=face.model,
        at=plan.source.at,
        source=plan.source.version_id,
        signature=face.signature,
    )
    try:
        roster_photos.keep_photo(exam_id=plan.exam.exam_id, photo=photo, jpeg=portrait.jpeg)
    except Conflict:
        return False
    return True
