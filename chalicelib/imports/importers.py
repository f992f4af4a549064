"""Files that operators drop into the dropbox: imported wholly or not at all, with a report beside each.

S3 → EventBridge → `import_drop`, at least once and in any order. What counts is the current version of a file:
an event about an older one does nothing, and neither does one whose report is written already.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from chalicelib.attempts import rosters as attempts
from chalicelib.exams import roster_photos
from chalicelib.exams import service as exams
from chalicelib.exams.model import Exam, FaceReference
from chalicelib.exams.rosters import Source
from chalicelib.exams.validation import FileRejected, Finding
from chalicelib.identity import service as identity
from chalicelib.imports import drops, packs, questions, sheets, texts
from chalicelib.imports import rosters as roster_tables
from chalicelib.imports.drops import Drop, DropKind, Outcome, Report
from chalicelib.imports.packs import BankRead, Inspection
from chalicelib.imports.people import HashOfNumber, identify
from chalicelib.imports.rosters import RosterRow
from chalicelib.imports.tables import Advice, Reading, Remark
from chalicelib.shared import clock, log, objects
from chalicelib.shared.errors import DomainError, NotFound
from chalicelib.shared.objects import Described
from chalicelib.shared.settings import settings
from chalicelib.shared.texts import error_message

Importer = Callable[[Drop, bytes, Described, "Seen", int], None]
_EXPORTS = "exports"


class Seen(msgspec.Struct, kw_only=True):
    """What was found out about a dropped file on the way to its report."""

    outcome: Outcome
    exam_id: str = ""
    starts_at: int | None = None
    rows: int = 0
    right: int = 0
    passed_over: int = 0  # right ones in whose place something newer stands
    findings: list[Finding] = msgspec.field(default_factory=list)
    remarks: list[Remark] = msgspec.field(default_factory=list)

    def advise(
        self, advice: Advice, file: str = "", rows: Sequence[int] = (), **about: str
    ) -> None:
        """Tell something about rows of a file, or about the whole, if there is anything to tell."""
        told = Reading()
        told.remark(advice, file, list(rows), **about)
        self.remarks += told.remarks

    def advise_of_missing_photos(self, exam: Exam) -> None:
        """Tell how many on the roster cannot be compared."""
        if without := roster_photos.list_without(exam=exam, at=exam.ends_at):
            self.advise(Advice.WITHOUT_PHOTO, people=str(len(without)))


def import_drop(*, key: str, version_id: str | None) -> None:
    """Import a pack, an exam, a bank or a roster that was dropped, and write the report beside it.

    `version_id`: the version of the file that the event is about.
    """
    take(key, version_id, _IMPORTERS)


def take(key: str, version_id: str | None, importers: dict[DropKind, Importer]) -> None:
    """Import a dropped file, if it is one of these kinds, and write the report beside it."""
    drop = drops.read_key(key)
    if drop is None or drop.kind not in importers:
        return
    bucket = settings().dropbox_bucket
    file = objects.describe(bucket, drop.key)
    if file is None or version_id not in (None, file.version_id):
        log.event("import_late", kind=drop.kind.value, exam_id=drop.exam_id)
        return
    before = objects.read(bucket, _report_key(drop.key))
    if (
        before is not None
        and file.version_id
        and drops.version_told(before.data) == file.version_id
    ):
        return
    now = clock.now_ms()
    seen = _import(importers[drop.kind], drop, file, now)
    current = objects.describe(bucket, drop.key)
    if current is None or current.version_id != file.version_id:
        return  # a newer version came meanwhile: its own event writes the report
    _write_report(drop, file, seen, now)


def _report_key(key: str) -> str:
    return key + drops.REPORTS[0]


def _write_report(drop: Drop, file: Described, seen: Seen, now: int) -> None:
    report = make_report(drop, seen, version_id=file.version_id, now=now)
    bucket, json_end, page_end = settings().dropbox_bucket, *drops.REPORTS
    page = drops.as_page(report)
    objects.write(bucket, drop.key + page_end, page, "text/html; charset=utf-8")
    objects.write(bucket, drop.key + json_end, drops.as_json(report), "application/json")
    log.event(
        "imported",
        kind=drop.kind.value,
        exam_id=report.exam_id,
        outcome=report.outcome.value,
        rows=report.rows,
        refused=report.refused_count,
    )


def make_report(drop: Drop, seen: Seen, *, version_id: str, now: int) -> Report:
    """The report on what was found."""
    outcome = Outcome.REFUSED if seen.findings else seen.outcome
    nothing = (Outcome.REFUSED, Outcome.SUPERSEDED, Outcome.CHECKED)
    return Report(
        file=drop.key,
        version_id=version_id,
        kind=drop.kind,
        outcome=outcome,
        message=texts.outcome_message(outcome.value, exam_id=seen.exam_id),
        at=now,
        exam_id=seen.exam_id,
        starts_at=seen.starts_at,
        rows=seen.rows,
        right=seen.right,
        taken=0 if outcome in nothing else seen.right - seen.passed_over,
        refused=tuple(seen.findings[: drops.MAX_TOLD]),
        refused_count=len(seen.findings),
        remarks=tuple(seen.remarks),
    )


def _import(importer: Importer, drop: Drop, file: Described, now: int) -> Seen:
    """Import a file, or find out why not."""
    seen = Seen(outcome=Outcome.REFUSED, exam_id=drop.exam_id)
    most = drops.most_bytes(drop.kind)
    if wrong := drop.wrong or ("" if file.size <= most else drops.too_large(most)):
        seen.findings.append(Finding(drop.key, 0, wrong))
        return seen
    stored = objects.read(settings().dropbox_bucket, drop.key, file.version_id or None, most=most)
    if stored is None:
        seen.findings.append(Finding(drop.key, 0, "文件已被删除"))
        return seen
    try:
        importer(drop, stored.data, file, seen, now)
    except FileRejected as refused:
        seen.findings += refused.findings
    except DomainError as error:
        if error.code in _NOT_DECIDED:
            raise  # nothing was decided: the event comes again
        reason = error_message(error.code, error.details)
        seen.findings.append(Finding(drop.key, 0, reason))
    return seen


_NOT_DECIDED = ("busy", "service_busy")


# --- exams ----------------------------------------------------------------------------------------------


def _import_pack(drop: Drop, data: bytes, file: Described, seen: Seen, now: int) -> None:
    """A whole exam in one zip."""
    _publish(packs.inspect(packs.read_zip(data)), seen, now)


def _import_exam(drop: Drop, data: bytes, file: Described, seen: Seen, now: int) -> None:
    """`exam.yaml` alone: bank and roster are what lies in the folders of its id."""
    header = packs.read_header(data, seen.findings)
    if header is None:
        return
    seen.exam_id = header.exam_id
    _publish(packs.inspect({"exam.yaml": data, **_prepared(header.exam_id)}), seen, now)


def _prepared(exam_id: str) -> dict[str, bytes]:
    """The current tables in the folders of an exam. Raises `FileRejected` when they are too many or too large."""
    bucket = settings().dropbox_bucket
    files: dict[str, bytes] = {}
    left = packs.MAX_UNPACKED_BYTES
    for folder in (DropKind.QUESTIONS.value, DropKind.ROSTER.value):
        prefix = f"{folder}/{exam_id}/"
        for key, size in objects.list_keys(bucket, prefix, most=1_000):
            drop = drops.read_key(key)
            if drop is None or drop.wrong:
                continue
            left -= size
            if left < 0 or len(files) >= packs.MAX_FILES:
                raise FileRejected([Finding(prefix, 0, "题库和名单过大：最多 50 个文件、20 MB")])
            stored = objects.read(bucket, key, most=drops.MAX_FILE_BYTES)
            if stored is not None:
                files[f"{folder}/{key.removeprefix(prefix)}"] = stored.data
    return files


def _publish(inspected: Inspection, seen: Seen, now: int) -> None:
    note(inspected, seen)
    if inspected.pack is None:
        return
    seen.exam_id = inspected.pack.header.exam_id
    draft = packs.draft_exam(inspected.pack, identity.hash_of_number)
    published = exams.publish_exam(draft=draft, now=now)
    seen.outcome, seen.starts_at = Outcome.PUBLISHED, published.starts_at
    if inspected.pack.header.policy.face_reference is FaceReference.ROSTER:
        seen.advise(Advice.NEEDS_PHOTOS, exam_id=seen.exam_id)


def note(found: Inspection | BankRead, seen: Seen) -> None:
    """Take over what was found in tables."""
    seen.findings += found.findings
    seen.remarks += found.remarks
    seen.rows, seen.right = found.rows, found.right


# --- banks and rosters ----------------------------------------------------------------------------------


def _import_questions(drop: Drop, data: bytes, file: Described, seen: Seen, now: int) -> None:
    """Look through a bank and leave it where it is: `exam.yaml` will take it from there."""
    look_at_questions(drop, data, seen)
    try:
        exams.get_exam(drop.exam_id)
    except NotFound:
        seen.outcome = Outcome.PREPARED
        return
    reason = "考试已发布，题库不能再更换：请用新的考试编号"
    seen.findings.append(Finding(drop.key, 0, reason))


def look_at_questions(drop: Drop, data: bytes, seen: Seen) -> None:
    """Look through a bank."""
    note(packs.read_bank({_name(drop.key): data}), seen)


def _import_roster(drop: Drop, data: bytes, file: Described, seen: Seen, now: int) -> None:
    """Replace the roster of a published exam; else look through it and leave it where it is."""
    people = look_at_roster(drop, data, seen, identity.hash_of_number)
    if seen.findings:
        return
    try:
        replaced = attempts.replace_roster(
            exam_id=drop.exam_id,
            roster=[entry for _, entry in people],
            source=Source(file.version_id or str(file.at), file.at),
            now=now,
        )
    except NotFound:
        seen.outcome = Outcome.PREPARED
        return
    except DomainError as error:
        if error.code != "roster_superseded":
            raise
        seen.outcome = Outcome.SUPERSEDED
        return
    seen.outcome = Outcome.UNCHANGED if replaced.unchanged else Outcome.REPLACED
    kept = [row.row for row, entry in people if entry.person_hash in replaced.keep_time]
    seen.advise(Advice.OPENED_KEEPS_TIME, _name(drop.key), kept)
    seen.advise_of_missing_photos(replaced.exam)


def look_at_roster(
    drop: Drop, data: bytes, seen: Seen, hash_of: HashOfNumber
) -> list[tuple[RosterRow, Any]]:
    """Everybody on a roster who can be told from the others."""
    rows, reading = roster_tables.read_roster(_name(drop.key), data)
    people, findings = identify(rows, hash_of)
    seen.findings += [*reading.findings, *findings]
    seen.remarks += reading.remarks
    seen.rows, seen.right = reading.count, len(people)
    return people


def _name(key: str) -> str:
    """The file as a person calls it."""
    return key.rpartition("/")[2]


_IMPORTERS: dict[DropKind, Importer] = {
    DropKind.PACK: _import_pack,
    DropKind.EXAM: _import_exam,
    DropKind.QUESTIONS: _import_questions,
    DropKind.ROSTER: _import_roster,
}


# --- exports --------------------------------------------------------------------------------------------


class ExportedBank(msgspec.Struct, frozen=True):
    """Where an exported bank lies in the dropbox; `link` is good for one look."""

    exam_id: str
    key: str
    questions: int
    link: str


def export_bank(*, exam_id: str) -> ExportedBank:
    """Write the bank of a published exam, keys and all, as xlsx into the dropbox. Raises `NotFound`."""
    exam, bank = exams.get_bank(exam_id=exam_id)
    version = "-".join(part for part in (exam.paper_version, exam.key_version) if part)
    key = f"{_EXPORTS}/{exam.exam_id}/bank-{version}.xlsx"
    rows = [questions.as_row(question) for question in bank.questions]
    data = sheets.write_xlsx([questions.as_page(rows)])
    bucket = settings().dropbox_bucket
    objects.write(bucket, key, data, sheets.CONTENT_TYPE)
    log.event("exported", exam_id=exam.exam_id, paper_version=exam.paper_version)
    return ExportedBank(exam.exam_id, key, len(rows), objects.view_url(bucket, key))
