"""How a zip of photos of the people on a roster is imported: each is judged like an ID photo; all are kept or none."""

import msgspec

from chalicelib.attempts import rosters as attempts
from chalicelib.attempts.rosters import PhotoPlan
from chalicelib.exams import roster_photos
from chalicelib.exams.model import RosterEntry, RosterPhoto
from chalicelib.exams.validation import FileFinding
from chalicelib.identity import comparing, documents
from chalicelib.identity import service as identity
from chalicelib.identity.comparing import Portrait
from chalicelib.identity.texts import photo_message
from chalicelib.imports import photo_zips, store, texts
from chalicelib.imports.drops import DroppedFile
from chalicelib.imports.importers import remark_on_missing_photos
from chalicelib.imports.people import ID_TYPE_SPELLINGS, HashOfNumber, identify
from chalicelib.imports.remarks import Advice, remark_on_rows
from chalicelib.imports.reports import ImportOutcome, ReportBuilder
from chalicelib.imports.rosters import RosterRow
from chalicelib.shared import clock
from chalicelib.shared.errors import Conflict, NotFound


class PersonPhoto(msgspec.Struct, frozen=True):
    """A person and the file with their photo."""

    row: RosterRow
    entry: RosterEntry
    data: bytes


def import_photos(file: DroppedFile, report: ReportBuilder, now: int) -> None:
    """Keep every photo of a zip for people on the roster of a published exam, or none."""
    photos = _read_photos(file.data, report, identity.hash_of_number)
    try:
        plan = attempts.plan_photos(
            exam_id=file.drop.exam_id,
            people=[photo.entry.person_hash for photo in photos],
            source=file.source,
            now=now,
        )
    except NotFound:
        report.refuse(file.drop.key, "没有这场考试：请先发布考试和名单，再上传照片")
        return
    usable = _examine(_refuse_strangers(plan, photos, report), report)
    _refuse_opened(plan, usable, report)
    # A file that has been replaced or deleted in the meantime leaves nothing behind.
    if not report.findings and store.is_current(file.drop.key, file.version_id):
        _keep_all(plan, usable, report)


def inspect_photos(data: bytes, report: ReportBuilder, hash_of: HashOfNumber) -> None:
    """Report on the names and the faces of a zip. Raises `FileRejected`."""
    _examine(_read_photos(data, report, hash_of), report)


def _read_photos(data: bytes, report: ReportBuilder, hash_of: HashOfNumber) -> list[PersonPhoto]:
    """The photo of everybody whose number exactly one file has in its name. Raises `FileRejected`."""
    files, findings, report.rows = photo_zips.read_photos(
        data, ID_TYPE_SPELLINGS, documents.masked_number
    )
    people, unidentified = identify((file.row for file in files), hash_of)
    report.findings += [*findings, *unidentified]
    pictures = {file.row.row: file.data for file in files}
    return [PersonPhoto(row, entry, pictures[row.row]) for row, entry in people]


def _refuse_strangers(
    plan: PhotoPlan, photos: list[PersonPhoto], report: ReportBuilder
) -> list[PersonPhoto]:
    """Refuse the photos of people who are not on the roster; returns the others."""
    strangers = [photo for photo in photos if photo.entry.person_hash in plan.strangers]
    _refuse(report, [(photo, texts.PHOTO_REFUSALS["not_on_roster"]) for photo in strangers])
    return [photo for photo in photos if photo.entry.person_hash not in plan.strangers]


def _examine(
    photos: list[PersonPhoto], report: ReportBuilder
) -> list[tuple[PersonPhoto, Portrait]]:
    """Refuse the photos that no face can be compared with; returns the others with their faces."""
    usable, unusable = [], []
    for photo in photos:
        portrait, reason = comparing.examine_portrait(photo.data)
        if portrait is None:
            unusable.append((photo, str(photo_message(reason))))
        else:
            usable.append((photo, portrait))
    report.right = len(usable)
    _refuse(report, unusable)
    return usable


def _refuse_opened(
    plan: PhotoPlan, usable: list[tuple[PersonPhoto, Portrait]], report: ReportBuilder
) -> None:
    """Refuse the photos of people whose present photo must stay.

    Not when an earlier delivery of this zip has kept some: then the others are skipped without a refusal.
    """
    if plan.begun:
        return
    now = clock.now_ms()  # examining hundreds of photos takes minutes
    opened = [photo for photo, portrait in usable if _must_stay(plan, photo, portrait, now)]
    _refuse(report, [(photo, texts.PHOTO_REFUSALS["opened"]) for photo in opened])
    report.right -= len(opened)


def _refuse(report: ReportBuilder, reasons: list[tuple[PersonPhoto, str]]) -> None:
    report.findings += [FileFinding(photo.row.file, photo.row.row, why) for photo, why in reasons]
    report.findings.sort(key=lambda finding: finding.row)


def _keep_all(
    plan: PhotoPlan, usable: list[tuple[PersonPhoto, Portrait]], report: ReportBuilder
) -> None:
    """Keep the photos, but none in place of one that must stay."""
    outdated = [photo.row.row for photo, portrait in usable if not _keep(plan, photo, portrait)]
    report.outdated = len(outdated)
    report.remarks += remark_on_rows(Advice.PHOTO_STAYS, "", outdated)
    remark_on_missing_photos(plan.exam, report)
    all_outdated = outdated and len(outdated) == report.right
    report.outcome = ImportOutcome.SUPERSEDED if all_outdated else ImportOutcome.KEPT


def _must_stay(plan: PhotoPlan, photo: PersonPhoto, portrait: Portrait, now: int) -> bool:
    return attempts.must_stay(
        plan=plan,
        person_hash=photo.entry.person_hash,
        sha256=portrait.face.sha256,
        now=now,
    )


def _keep(plan: PhotoPlan, photo: PersonPhoto, portrait: Portrait) -> bool:
    """Keep one photo; False when the present one stays."""
    if _must_stay(plan, photo, portrait, clock.now_ms()):
        return False
    face = portrait.face
    kept = RosterPhoto(
        person_hash=photo.entry.person_hash,
        sha256=face.sha256,
        vector=face.vector,
        engine=face.engine,
        model=face.model,
        at=plan.source.at,
        source=plan.source.version_id,
        signature=face.signature,
    )
    try:
        roster_photos.keep_photo(exam_id=plan.exam.exam_id, photo=kept, jpeg=portrait.jpeg)
    except Conflict:
        return False
    return True
