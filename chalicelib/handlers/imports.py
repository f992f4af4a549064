"""Events of files that operators put into the dropbox, and the function that exports a question bank."""

from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint, CloudWatchEvent
from msgspec import Meta

from chalicelib.exams.model import EXAM_ID
from chalicelib.imports import service as imports
from chalicelib.messages.errors import error_message
from chalicelib.shared import clock
from chalicelib.shared.errors import DomainError

events = Blueprint(__name__)


# The template narrows the pattern to our bucket and the three folders.
@events.on_cw_event({"source": ["aws.s3"], "detail-type": ["Object Created"]})
def import_drop(event: CloudWatchEvent) -> None:
    """Import the file that an operator has put there, and write the report beside it."""
    written = event.detail["object"]
    imports.import_drop(
        key=written["key"], version_id=written.get("version-id"), now=clock.now_ms()
    )


class ExportQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The exam whose bank is exported."""

    exam_id: Annotated[str, Meta(pattern=EXAM_ID)]


@events.lambda_function()
def export_bank(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Write the bank of a published exam with its answer key into the dropbox, as xlsx and as a pack.

    Both can be imported again.
    """
    try:
        question = msgspec.convert(event, ExportQuestion)
        exported = imports.export_bank(exam_id=question.exam_id)
    except msgspec.ValidationError as error:
        return {"ok": False, "errors": [{"code": "invalid_request", "reason": str(error)}]}
    except DomainError as refused:
        message = error_message(refused.code, refused.details)
        return {"ok": False, "errors": [{"code": refused.code, "message": message}]}
    return {"ok": True, "errors": [], **msgspec.to_builtins(exported)}
