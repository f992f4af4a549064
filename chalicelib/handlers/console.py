"""Lambda functions of operators, to be invoked from the AWS console with a test event."""

from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.desk import attempt_commands, case_commands, exam_commands
from chalicelib.desk.commands import Milliseconds
from chalicelib.exams.model import EXAM_ID
from chalicelib.exams.service import PublishedExam
from chalicelib.exams.validation import FileFinding, FileRejected
from chalicelib.imports import service as imports
from chalicelib.messages.errors import error_message
from chalicelib.shared import clock
from chalicelib.shared.errors import Conflict
from chalicelib.shared.settings import settings

functions = Blueprint(__name__)


class PublishCommand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the zipped pack is. `exam_id` and `starts_at` (UTC ms) replace those of the pack."""

    pack_bucket: str
    pack_key: str
    exam_id: Annotated[str, Meta(pattern=EXAM_ID)] | None = None
    starts_at: Milliseconds | None = None


@functions.lambda_function()
def publish_exam(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Publish an exam pack, or list every mistake in it and publish nothing."""
    try:
        command = msgspec.convert(event, PublishCommand)
    except msgspec.ValidationError as error:
        return _refused([FileFinding("event", 0, f"内容不符合格式：{error}")])
    try:
        published, remarks = imports.publish_pack(
            bucket=command.pack_bucket,
            key=command.pack_key,
            exam_id=command.exam_id,
            starts_at=command.starts_at,
            now=clock.now_ms(),
        )
    except FileRejected as rejected:
        return _refused(rejected.findings)
    except Conflict as refused:
        return _refused([FileFinding("", 0, error_message(refused.code, refused.details))])
    return {**_answer(published), "remarks": msgspec.to_builtins(remarks)}


class CheckCommand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the zipped pack is."""

    pack_bucket: str
    pack_key: str


@functions.lambda_function()
def check_exam_pack(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return every mistake in an exam pack and the dry run of its exam. Publishes nothing."""
    try:
        command = msgspec.convert(event, CheckCommand)
        checked, remarks = imports.check_pack(
            bucket=command.pack_bucket,
            key=command.pack_key,
            face_engine=settings().face_engine,
        )
    except msgspec.ValidationError as error:
        return _checked([FileFinding("event", 0, f"内容不符合格式：{error}")])
    except FileRejected as rejected:
        return _checked(rejected.findings)
    return {
        **_checked(list(checked.findings), [sitting.as_row() for sitting in checked.sittings]),
        "who_may_enter": checked.who_may_enter,
        "listed": checked.listed,
        "remarks": msgspec.to_builtins(remarks),
    }


def _checked(
    findings: list[FileFinding], rows: list[dict[str, object]] | None = None
) -> dict[str, Any]:
    errors = msgspec.to_builtins(findings)
    return {"ok": not findings, "errors": errors, "rows": rows or []}


def _refused(findings: list[FileFinding]) -> dict[str, Any]:
    return _answer(PublishedExam("", False, findings=tuple(findings)))


def _answer(published: PublishedExam) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.to_builtins(published)
    answer["errors"] = answer.pop("findings")
    return answer


@functions.lambda_function()
def read_timeline(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return the timeline of an attempt, the breaks in its chain (`errors`), and the ids of all rounds."""
    return attempt_commands.read_timeline(event)


@functions.lambda_function()
def grant_chances(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Give one candidate more verification chances."""
    return attempt_commands.grant_chances(event)


@functions.lambda_function()
def extend_time(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Give one candidate more time. The page gets the new deadline with its next heartbeat."""
    return attempt_commands.extend_time(event)


@functions.lambda_function()
def reopen_attempt(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Open the next round of an attempt that was closed by its deadline or by switches."""
    return attempt_commands.reopen_attempt(event)


@functions.lambda_function()
def confirm_flag(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Confirm a flag (the result becomes 不合格) or clear it."""
    return attempt_commands.confirm_flag(event)


@functions.lambda_function()
def compensate_exam(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Give everybody in an exam more time, also those who start or open their attempt later."""
    return exam_commands.compensate_exam(event)


@functions.lambda_function()
def reschedule_exam(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Move the start of an exam that nobody has started. Opened attempts move with it."""
    return exam_commands.reschedule_exam(event)


@functions.lambda_function()
def list_tickets(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return all tickets that nobody has decided, the oldest first."""
    return case_commands.list_tickets(event)


@functions.lambda_function()
def read_ticket(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return one ticket with its person and links to the pictures. A link works for one minute."""
    return case_commands.read_ticket(event)


@functions.lambda_function()
def decide_ticket(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Accept or reject a ticket. An accepted one may admit its candidate without the face check."""
    return case_commands.decide_ticket(event)
