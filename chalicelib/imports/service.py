"""Use cases of imports: import a dropped file, check a file, publish or check a pack, export a bank.

S3 tells of a dropped file at least once and in any order. Only its current version counts: an event about an older
one does nothing, and neither does an event about a version that has its report already.
"""

from collections.abc import Mapping

import msgspec

from chalicelib.exams import service as exams
from chalicelib.exams.service import Checked, PublishedExam
from chalicelib.exams.texts import who_may_enter
from chalicelib.exams.validation import FileFinding, FileRejected, check_policy
from chalicelib.identity import service as identity
from chalicelib.imports import drops, exports, importers, packs, photos, store, texts
from chalicelib.imports.drops import Drop, DropKind
from chalicelib.imports.headers import read_header
from chalicelib.imports.importers import IMPORTERS, Importer
from chalicelib.imports.packs import Pack
from chalicelib.imports.people import plain_hash
from chalicelib.imports.prepared import look_beside_pack
from chalicelib.imports.remarks import Remark
from chalicelib.imports.reports import ImportOutcome, ImportReport, ReportBuilder
from chalicelib.kernel.faults import is_our_fault
from chalicelib.messages.errors import error_message
from chalicelib.shared import archives, log
from chalicelib.shared.errors import DomainError
from chalicelib.shared.objects import Described
from chalicelib.sheets import writing


def import_drop(*, key: str, version_id: str | None, now: int) -> None:
    """Import a pack, an exam, a bank or a roster that was dropped, and write the report beside it.

    `version_id`: the version of the file that the event is about. Raises `Unavailable`, `Conflict` (`busy`).
    """
    _import(IMPORTERS, key, version_id, now, refused=(DropKind.OTHER,))


def import_photos(*, key: str, version_id: str | None, now: int) -> None:
    """Import a zip of roster photos that was dropped, and write the report beside it.

    `version_id`: the version of the file that the event is about. Raises `Unavailable`, `Conflict` (`busy`).
    """
    _import({DropKind.PHOTOS: photos.import_photos}, key, version_id, now)


def _import(
    by_kind: Mapping[DropKind, Importer],
    key: str,
    version_id: str | None,
    now: int,
    refused: tuple[DropKind, ...] = (),
) -> None:
    """Import the current version of a file once, if it is of one of these kinds, or refuse it by its place alone."""
    drop = drops.read_key(key)
    if drop is None or drop.kind not in (*by_kind, *refused):
        return
    current = store.describe(key)
    if current is None or version_id not in (None, current.version_id):
        log.event("import_late", kind=drop.kind.value, exam_id=drop.exam_id)
        return
    if current.version_id and store.load_reported_version(key) == current.version_id:
        return
    builder = _import_version(by_kind, drop, current, now)
    if not store.is_current(key, current.version_id):
        return  # the event of the newer version writes the report
    report = builder.build(drop, version_id=current.version_id, now=now)
    store.write_report(report)
    log.event(
        "imported",
        kind=drop.kind.value,
        exam_id=report.exam_id,
        outcome=report.outcome.value,
        rows=report.rows,
        refused=report.refused_count,
    )


def _import_version(
    by_kind: Mapping[DropKind, Importer], drop: Drop, version: Described, now: int
) -> ReportBuilder:
    """Import one version of a file, or collect the reasons why it is refused."""
    report = ReportBuilder(outcome=ImportOutcome.REFUSED, exam_id=drop.exam_id)
    max_bytes = drops.max_bytes(drop.kind)
    if drop.wrong:
        report.refuse(drop.key, drop.wrong)
    elif version.size > max_bytes:
        report.refuse(drop.key, f"文件过大：最多 {max_bytes // 1024 // 1024} MB")
    elif (file := store.read_file(drop, version)) is None:
        report.refuse(drop.key, "文件已被删除")
    else:
        try:
            by_kind[drop.kind](file, report, now)
        except FileRejected as rejected:
            report.findings += rejected.findings
        except DomainError as error:
            if is_our_fault(error.code):  # it says nothing about the file: the event comes again
                raise
            report.refuse(drop.key, error_message(error.code, error.details))
    return report


def check_file(*, drop: Drop, data: bytes, now: int) -> ImportReport:
    """The report that importing a file would give, as far as it can be told without AWS. Imports nothing."""
    report = ReportBuilder(outcome=ImportOutcome.CHECKED, exam_id=drop.exam_id)
    try:
        _check_content(drop, data, report)
    except FileRejected as rejected:
        report.findings += rejected.findings
    return report.build(drop, version_id="", now=now)


def _check_content(drop: Drop, data: bytes, report: ReportBuilder) -> None:
    match drop.kind:
        case DropKind.QUESTIONS:
            importers.inspect_questions(drop, data, report, pictures={})
        case DropKind.ROSTER:
            importers.inspect_roster(drop, data, report, plain_hash)
        case DropKind.PHOTOS:
            photos.inspect_photos(data, report, plain_hash)
        case DropKind.EXAM:
            _check_header(data, report)
        case DropKind.PACK:
            _check_whole_pack(data, report)


def _check_header(data: bytes, report: ReportBuilder) -> None:
    header, findings = read_header(data)
    report.findings += findings
    if header is not None:
        report.exam_id = header.exam_id
        report.findings += check_policy(header)
        if header.audience:
            report.who_may_enter = texts.WITHOUT_ROSTER.format(
                who=who_may_enter([role.value for role in header.audience], None)
            )


def _check_whole_pack(data: bytes, report: ReportBuilder) -> None:
    inspection = packs.inspect(packs.read_zip(data))
    report.add(inspection)
    if inspection.pack is not None:
        report.exam_id = inspection.pack.header.exam_id
        draft = packs.draft_exam(inspection.pack, plain_hash)
        checked = exams.check_exam(draft=draft)
        report.findings += checked.findings
        report.who_may_enter, report.listed = checked.who_may_enter, checked.listed


def publish_pack(
    *, bucket: str, key: str, exam_id: str | None, starts_at: int | None, now: int
) -> tuple[PublishedExam, tuple[Remark, ...]]:
    """Publish the exam of a zipped pack in S3; the same again changes nothing. Returns the remarks on the pack, too.

    `exam_id` and `starts_at` (UTC ms) replace those of the pack. Raises `FileRejected`, `Unavailable`.
    """
    pack = _load_pack(bucket, key)
    draft = packs.draft_exam(pack, identity.hash_of_number)
    chosen = msgspec.structs.replace(
        draft,
        exam_id=exam_id or draft.exam_id,
        starts_at=draft.starts_at if starts_at is None else starts_at,
    )
    beside = look_beside_pack(chosen.exam_id)
    if beside.findings:
        raise FileRejected(beside.findings)
    published = exams.publish_exam(draft=chosen, now=now)
    about_series = importers.remark_on_series(chosen)
    return published, (*pack.remarks, *beside.remarks, *about_series)


def check_pack(*, bucket: str, key: str, face_engine: str) -> tuple[Checked, tuple[Remark, ...]]:
    """Rehearse the exam of a zipped pack in S3; publishes nothing. Returns the remarks on the pack, too.

    Raises `FileRejected`, `Unavailable`.
    """
    pack = _load_pack(bucket, key)
    draft = packs.draft_exam(pack, plain_hash)
    return exams.check_exam(draft=draft, face_engine=face_engine), pack.remarks


def _load_pack(bucket: str, key: str) -> Pack:
    data = store.read_pack(bucket, key)
    if data is None:
        raise FileRejected([FileFinding(key, 0, "没有找到这个文件")])
    return packs.read_pack(packs.read_zip(data))


class ExportedBank(msgspec.Struct, frozen=True):
    """Where an exported bank lies in the dropbox, as a table and as a pack of the whole exam.

    Links are good for one look; `questions` counts them.
    """

    exam_id: str
    key: str
    questions: int
    link: str
    pack_key: str
    pack_link: str


def export_bank(*, exam_id: str) -> ExportedBank:
    """Write the bank of a published exam, keys and all, into the dropbox: as xlsx, and as a pack with its pictures.

    The key in use is exported, with its corrections. Importing either again gives the same questions; the xlsx needs
    the pictures of the pack beside it. Raises `NotFound`.
    """
    exam, bank = exams.get_bank(exam_id=exam_id)
    version = "-".join(part for part in (exam.paper_version, exam.key_version) if part)
    pictures = exams.load_pictures(exam=exam, bank=bank)
    key, link = write_export(
        exam_id=exam_id,
        name=f"bank-{version}.xlsx",
        data=exports.write_bank(bank, pictures),
        content_type=writing.CONTENT_TYPE,
    )
    pack_key, pack_link = write_export(
        exam_id=exam_id,
        name=f"pack-{version}.zip",
        data=archives.pack(exports.pack_files(exam, bank, pictures)),
        content_type=exports.PACK_TYPE,
    )
    log.event("exported", exam_id=exam.exam_id, paper_version=exam.paper_version)
    return ExportedBank(exam.exam_id, key, len(bank.questions), link, pack_key, pack_link)


def write_export(*, exam_id: str, name: str, data: bytes, content_type: str) -> tuple[str, str]:
    """Write a file about an exam into the dropbox; returns its key and a link that is good for one look.

    Raises `Unavailable`.
    """
    return store.write_export(exam_id, name, data, content_type)
