"""How each kind of dropped file is imported: packs, settings of exams, question banks and rosters.

An importer takes a file wholly or not at all, and adds what it finds to the report.
"""

from collections.abc import Callable, Mapping

from chalicelib.attempts import rosters as attempts
from chalicelib.exams import roster_photos, sittings
from chalicelib.exams import service as exams
from chalicelib.exams.drafts import ExamDraft
from chalicelib.exams.model import Exam, FaceReference, RosterEntry
from chalicelib.identity import service as identity
from chalicelib.imports import packs, rosters
from chalicelib.imports.banks import read_bank
from chalicelib.imports.contents import HEADER
from chalicelib.imports.drops import Drop, DropKind, DroppedFile
from chalicelib.imports.headers import read_header
from chalicelib.imports.packs import Inspection
from chalicelib.imports.people import HashOfNumber, identify
from chalicelib.imports.prepared import is_published, load_pictures, load_prepared, look_beside_pack
from chalicelib.imports.remarks import Advice, Remark, remark_on_file, remark_on_rows
from chalicelib.imports.reports import ImportOutcome, ReportBuilder
from chalicelib.imports.rosters import RosterRow
from chalicelib.imports.tables import open_table
from chalicelib.notation.picture_shelf import PictureShelf, is_picture
from chalicelib.shared.errors import DomainError, NotFound

Importer = Callable[[DroppedFile, ReportBuilder, int], None]
"""Imports a file at a moment (UTC ms). Raises `FileRejected` and `DomainError`, which refuse the file."""


def import_pack(file: DroppedFile, report: ReportBuilder, now: int) -> None:
    """Publish the exam of a zipped pack. When it is new, no list of people may lie in its folders: nobody reads it."""
    inspection = packs.inspect(packs.read_zip(file.data))
    if inspection.header is not None:
        beside = look_beside_pack(inspection.header.exam_id)
        report.findings += beside.findings
        report.remarks += beside.remarks
    _publish(inspection, report, now)


def import_exam(file: DroppedFile, report: ReportBuilder, now: int) -> None:
    """Publish the exam of an `exam.yaml`; bank and roster are the files in the folders of its id."""
    header, findings = read_header(file.data)
    report.findings += findings
    if header is not None:
        report.exam_id = header.exam_id
        prepared = load_prepared(header.exam_id)
        report.findings += prepared.findings
        report.remarks += prepared.remarks
        _publish(packs.inspect({HEADER: file.data, **prepared.files}), report, now)


def _publish(inspection: Inspection, report: ReportBuilder, now: int) -> None:
    """Publish the exam of a pack when nothing is wrong with it."""
    report.add(inspection)
    if inspection.pack is None or report.findings:
        return
    report.exam_id = inspection.pack.header.exam_id
    draft = packs.draft_exam(inspection.pack, identity.hash_of_number)
    published = exams.publish_exam(draft=draft, now=now)
    report.outcome, report.starts_at = ImportOutcome.PUBLISHED, published.starts_at
    report.who_may_enter, report.listed = published.who_may_enter, published.listed
    report.remarks += remark_on_series(draft)
    if draft.policy.face_reference is FaceReference.ROSTER:
        report.remarks.append(remark_on_file(Advice.NEEDS_PHOTOS, exam_id=draft.exam_id))


def remark_on_series(draft: ExamDraft) -> list[Remark]:
    """What should be looked at in the series of an exam that is published now; nothing for an exam by itself."""
    advice = (
        sittings.advise(exam_id=draft.exam_id, series_id=draft.series.id) if draft.series else []
    )
    return [remark_on_file(Advice(one.advice), HEADER, **one.values) for one in advice]


def import_questions(file: DroppedFile, report: ReportBuilder, now: int) -> None:
    """Check a bank or a picture of it, which stay in the dropbox until `exam.yaml` publishes them.

    Refuse them once that is done.
    """
    inspect_questions(file.drop, file.data, report, load_pictures(file.drop.exam_id))
    if is_published(file.drop.exam_id):
        report.refuse(file.drop.key, "考试已发布，题库不能再更换：请用新的考试编号")
    report.outcome = ImportOutcome.PREPARED


def inspect_questions(
    drop: Drop, data: bytes, report: ReportBuilder, pictures: Mapping[str, bytes]
) -> None:
    """Report on the rows of a bank, or on one of its pictures. `pictures`: those that lie beside the bank."""
    if is_picture(drop.name):
        try:
            PictureShelf().take(data)
        except ValueError as error:
            report.refuse(drop.key, str(error))
        return
    report.add(read_bank({drop.name: data}, pictures))


def import_roster(file: DroppedFile, report: ReportBuilder, now: int) -> None:
    """Replace the roster of a published exam. Before publication, check it and leave it in the dropbox."""
    people = inspect_roster(file.drop, file.data, report, identity.hash_of_number)
    if report.findings:
        return
    try:
        replaced = attempts.replace_roster(
            exam_id=file.drop.exam_id,
            roster=[entry for _, entry in people],
            source=file.source,
            now=now,
        )
    except NotFound:
        report.outcome = ImportOutcome.PREPARED
        return
    except DomainError as error:
        if error.code != "roster_superseded":
            raise
        report.outcome = ImportOutcome.SUPERSEDED
        return
    report.outcome = ImportOutcome.UNCHANGED if replaced.unchanged else ImportOutcome.REPLACED
    kept = [row.row for row, entry in people if entry.person_hash in replaced.keep_time]
    report.remarks += remark_on_rows(Advice.OPENED_KEEPS_TIME, file.drop.name, kept)
    remark_on_missing_photos(replaced.exam, report)


def inspect_roster(
    drop: Drop, data: bytes, report: ReportBuilder, hash_of: HashOfNumber
) -> list[tuple[RosterRow, RosterEntry]]:
    """Report on the rows of a roster; returns each right row with its person."""
    rows, reading = rosters.read_roster(open_table(drop.name, data))
    people, findings = identify(rows, hash_of)
    report.findings += [*reading.findings, *findings]
    report.remarks += reading.remarks
    report.rows, report.right = reading.count, len(people)
    report.say_who((), len(people))
    return people


def remark_on_missing_photos(exam: Exam, report: ReportBuilder) -> None:
    """Say how many people on the roster have no photo to be compared with, if the exam needs one."""
    if without := roster_photos.list_without(exam=exam, at=exam.photos_needed_until):
        report.remarks.append(remark_on_file(Advice.WITHOUT_PHOTO, people=str(len(without))))


IMPORTERS: dict[DropKind, Importer] = {
    DropKind.PACK: import_pack,
    DropKind.EXAM: import_exam,
    DropKind.QUESTIONS: import_questions,
    DropKind.ROSTER: import_roster,
}
