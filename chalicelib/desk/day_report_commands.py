"""Operators' function that has the exam-day report of an exam made and signed."""

from typing import Annotated

from msgspec import Meta

from chalicelib.day_reports import service as day_reports
from chalicelib.desk.commands import Answer, Event, Id, ProvenCommand, ordered
from chalicelib.kernel.commands import Command
from chalicelib.operators.model import Decider


class MakeDayReport(ProvenCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of which exam. The same `command_id` again asks once more for a PDF that is missing."""

    exam_id: Id
    # it names the file in S3
    command_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}(?!\n)$")]


def make_day_report(event: Event) -> Answer:
    """Count an exam that is over, and have the report signed."""

    def make(command: MakeDayReport, by: Decider, now: int) -> Answer:
        order = Command(command.command_id, by.name, command.reason, 0, by.operator_id)
        made = day_reports.make_report(exam_id=command.exam_id, command=order, now=now)
        return {
            "exam_id": made.exam_id,
            "command_id": made.command_id,
            "written": bool(made.sha256),
        }

    return ordered(event, MakeDayReport, make)
