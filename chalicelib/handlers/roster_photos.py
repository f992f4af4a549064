"""Photos of the people on a roster, dropped as a zip: judged like every ID photo, kept all or none.

A function of its own, because it alone among the imports needs the face engine.
"""

from chalice.app import Blueprint, CloudWatchEvent

from chalicelib.attempts import rosters as attempts
from chalicelib.exams import photo_zips, roster_photos
from chalicelib.exams.drops import Drop, DropKind, Outcome
from chalicelib.exams.model import RosterEntry, RosterPhoto
from chalicelib.exams.photo_zips import PhotoFile
from chalicelib.exams.roster import RosterRow
from chalicelib.exams.tables import Advice, Reading
from chalicelib.exams.validation import Finding
from chalicelib.handlers.imports import Seen, take
from chalicelib.handlers.rosters import ID_TYPE_NAMES, HashOfNumber, identify
from chalicelib.identity import comparing, documents
from chalicelib.identity import service as identity
from chalicelib.identity.comparing import Portrait
from chalicelib.shared import texts
from chalicelib.shared.errors import Conflict, NotFound
from chalicelib.shared.objects import Described

events = Blueprint(__name__)

Found = tuple[RosterRow, RosterEntry, Portrait]


# The template narrows the pattern to our bucket and its folder `photos/`.
@events.on_cw_event({"source": ["aws.s3"], "detail-type": ["Object Created"]})
def import_photos(event: CloudWatchEvent) -> None:
    """Import photos that an operator has dropped, and write the report beside them."""
    take(event, {DropKind.PHOTOS: _import_photos})


def _import_photos(drop: Drop, data: bytes, file: Described, seen: Seen, now: int) -> None:
    """Keep every photo of a zip for people on the roster of a published exam, or none."""
    found = look_at_photos(data, seen, identity.hash_of_number)
    digests = {entry.person_hash: portrait.face.sha256 for _, entry, portrait in found}
    try:
        plan = attempts.plan_photos(exam_id=drop.exam_id, photos=digests, now=now)
    except NotFound:
        seen.findings.append(Finding(drop.key, 0, "没有这场考试：请先发布考试和名单，再上传照片"))
        return
    refused = [
        (row, plan.refused[e.person_hash]) for row, e, _ in found if e.person_hash in plan.refused
    ]
    _refuse(seen, [(row, texts.PHOTO_REFUSALS[code]) for row, code in refused])
    if seen.findings:
        return
    told = Reading()
    later = [row.row for row, entry, portrait in found if not _keep(drop, file, entry, portrait)]
    seen.passed_over = len(later)
    told.remark(Advice.LATER_PHOTO, "", later)
    if without := roster_photos.list_without(exam=plan.exam, at=plan.exam.ends_at):
        told.remark(Advice.WITHOUT_PHOTO, "", [], people=str(len(without)))
    seen.remarks += told.remarks
    seen.outcome = Outcome.KEPT


def look_at_photos(data: bytes, seen: Seen, hash_of: HashOfNumber) -> list[Found]:
    """Everybody with one usable photo; whatever is wrong with the others is found. Raises `PackRefused`."""
    files, findings, seen.rows = photo_zips.read_photos(
        data, ID_TYPE_NAMES, documents.masked_number
    )
    people, unknown = identify((file.row for file in files), hash_of)
    seen.findings += [*findings, *unknown]
    pictures: dict[int, PhotoFile] = {file.row.row: file for file in files}
    found, unusable = [], []
    for row, entry in people:
        portrait, reason = comparing.examine_portrait(pictures[row.row].data)
        if portrait is None:
            unusable.append((row, texts.photo_message(reason)))
        else:
            found.append((row, entry, portrait))
    seen.right = len(found)
    _refuse(seen, unusable, counted=False)
    return found


def _refuse(seen: Seen, rows: list[tuple[RosterRow, str]], *, counted: bool = True) -> None:
    seen.findings += [Finding(row.file, row.row, reason) for row, reason in rows]
    seen.findings.sort(key=lambda finding: finding.row)
    if counted:
        seen.right -= len(rows)


def _keep(drop: Drop, file: Described, entry: RosterEntry, portrait: Portrait) -> bool:
    """Keep one photo; False when one that was uploaded later is there."""
    face = portrait.face
    photo = RosterPhoto(
        person_hash=entry.person_hash,
        sha256=face.sha256,
        vector=face.vector,
        engine=face.engine,
        model=face.model,
        at=file.at,
    )
    try:
        roster_photos.keep_photo(exam_id=drop.exam_id, photo=photo, jpeg=portrait.jpeg)
    except Conflict:
        return False
    return True
