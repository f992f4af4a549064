"""Exam-day reports: records in DynamoDB, signed PDFs in S3.

Results table: (`report#<exam>`, `<command id>`) one report; `waits_for` = `document` until its PDF is written, which
starts the writer as with certificates. Private bucket: `day-reports/<exam>/<command id>.pdf`.
"""

from typing import NamedTuple

import msgspec

from chalicelib.day_reports.model import DayReport
from chalicelib.shared import hmacs, objects, table
from chalicelib.shared.secrets import keyed_hash
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If, Item

FEED = "report#"
_FOLDER = "day-reports"
_WAITS_FOR = "document"


def _key(exam_id: str, command_id: str) -> Item:
    return {"feed": f"{FEED}{exam_id}", "sk": command_id}


def _seal(report: DayReport) -> str:
    plain = msgspec.json.encode(report.sealed_part, order="deterministic")
    return keyed_hash("day-report", plain.decode())


def put(report: DayReport) -> DayReport:
    """Write a new report unless its command id has one, and ask for its PDF. Returns the one that is stored."""
    key = _key(report.exam_id, report.command_id)
    waiting = {"waits_for": _WAITS_FOR, "ordered_at": report.made_at}
    fields = {**msgspec.to_builtins(report), "seal": _seal(report), **waiting}
    try:
        stored = table.update_once(settings().results_table, key, If().absent("seal"), sets=fields)
    except ConditionFailed as failed:
        assert failed.old is not None
        stored = failed.old
    return msgspec.convert(stored, DayReport)


def load(exam_id: str, command_id: str) -> DayReport | None:
    """Return a report whose seal is right; None for others."""
    item = table.get(settings().results_table, _key(exam_id, command_id))
    if item is None:
        return None
    report = msgspec.convert(item, DayReport)
    return report if hmacs.equal(_seal(report), str(item.get("seal"))) else None


def list_reports(exam_id: str) -> list[DayReport]:
    """Return all reports of an exam, the newest first."""
    rows = table.query(settings().results_table, hash_key=("feed", f"{FEED}{exam_id}"), most=None)
    reports = (msgspec.convert(row, DayReport) for row in rows)
    return sorted(reports, key=lambda report: report.made_at, reverse=True)


class WaitingReport(NamedTuple):
    """A report without its PDF. `ordered_at`: when the writer was last asked for it (UTC ms)."""

    exam_id: str
    command_id: str
    ordered_at: int


def list_waiting() -> list[WaitingReport]:
    """Return the reports whose PDF is not written, the oldest order first. The index may be a moment behind."""
    rows = table.query(
        settings().results_table, index="waiting", hash_key=("waits_for", _WAITS_FOR), most=None
    )
    return [
        WaitingReport(row["feed"].removeprefix(FEED), row["sk"], row["ordered_at"])
        for row in rows
        if row["feed"].startswith(FEED)
    ]


def ask_late(waiting: WaitingReport, now: int) -> bool:
    """Ask for a PDF again, unless it was written or asked for meanwhile; returns whether it was asked for."""
    condition = If().exists("waits_for").equals("ordered_at", waiting.ordered_at)
    key = _key(waiting.exam_id, waiting.command_id)
    try:
        table.update(settings().results_table, key, condition, sets={"ordered_at": now})
    except ConditionFailed:
        return False
    return True


def ask_again(report: DayReport, now: int) -> None:
    """Ask for the PDF of a report again, which starts the writer."""
    key = _key(report.exam_id, report.command_id)
    table.update(settings().results_table, key, If().exists("waits_for"), sets={"ordered_at": now})


def note_written(report: DayReport, sha256: str) -> None:
    """Note the PDF of a report. Noting it again changes nothing."""
    key = _key(report.exam_id, report.command_id)
    removes = ("waits_for",)
    condition = If().exists("seal")
    table.update(settings().results_table, key, condition, sets={"sha256": sha256}, removes=removes)


def write_document(report: DayReport, data: bytes) -> None:
    """Store the signed PDF. Its bytes are the same each time."""
    objects.write(settings().private_bucket, _place(report), data, "application/pdf")


def link(report: DayReport) -> str:
    """Return a link to the PDF that works for a minute. Costs no AWS call."""
    return objects.view_url(settings().private_bucket, _place(report))


def _place(report: DayReport) -> str:
    return f"{_FOLDER}/{report.exam_id}/{report.command_id}.pdf"
