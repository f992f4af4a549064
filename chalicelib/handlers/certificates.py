"""Lambda functions for certificates: the writer of their PDFs, and the commands of operators."""

from typing import Any

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib.day_reports import service as day_reports
from chalicelib.desk import certificate_commands, exam_commands
from chalicelib.own_records import writing
from chalicelib.own_records.model import RecordWaitsFor
from chalicelib.results import issuing
from chalicelib.shared import clock, log
from chalicelib.shared.table import Item, item_from_wire

events = Blueprint(__name__)
functions = Blueprint(__name__)

# The function is stopped after 120 s. A zip begun within this time is done by then, and so are ten certificates.
ZIPS_WITHIN_MS = 60 * clock.SECOND_MS


# Chalice needs a literal ARN. The template replaces it by the ARN of the table, and its filter passes only
# certificates and exam-day reports that wait for their document, and orders of own records that wait for their zip.
@events.on_dynamodb_record("arn:aws:dynamodb:us-east-1:000000000000:table/results/stream/replaced")
def write_documents(event: DynamoDBEvent) -> dict[str, Any]:
    """Write, sign and store the PDFs of certificates and exam-day reports, and the zips of own records.

    Returns the first certificate or report that failed, so that it comes again. A zip never holds them up: one that
    fails, or comes when the function has run for a while, is left to the schedule, which orders it again.
    """
    began = clock.now_ms()
    for record in event:
        waiting = item_from_wire(record.new_image or {})
        if waiting.get("waits_for") == RecordWaitsFor.RECORD.value:
            if clock.now_ms() < began + ZIPS_WITHIN_MS:
                _write_record(waiting["account_id"])
            continue
        try:
            if waiting.get("waits_for"):
                _write(waiting)
        except Exception as error:
            log.crash(error, sequence=record.sequence_number)
            return {"batchItemFailures": [{"itemIdentifier": record.sequence_number}]}
    return {"batchItemFailures": []}


def _write_record(account_id: str) -> None:
    try:
        writing.write_record(account_id=account_id)
    except Exception as error:  # the schedule calls again
        log.crash(error, account=account_id)


def _write(waiting: Item) -> None:
    if "number" in waiting:
        issuing.write_documents(number=waiting["number"], now=clock.now_ms)
    else:
        day_reports.write_report(exam_id=waiting["exam_id"], command_id=waiting["command_id"])


@functions.lambda_function()
def read_certificate(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return one certificate with all its editions and commands, and the status that a verification shows."""
    return certificate_commands.read_certificate(event)


@functions.lambda_function()
def suspend_certificate(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Suspend a valid certificate while it is investigated."""
    return certificate_commands.suspend_certificate(event)


@functions.lambda_function()
def revoke_certificate(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Revoke a certificate."""
    return certificate_commands.revoke_certificate(event)


@functions.lambda_function()
def reinstate_certificate(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Make a suspended or revoked certificate valid again, if its attempt is a final pass."""
    return certificate_commands.reinstate_certificate(event)


@functions.lambda_function()
def reissue_certificate(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Write a new edition with the name and photo of the owner's present profile."""
    return certificate_commands.reissue_certificate(event)


@functions.lambda_function()
def correct_key(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Correct the answer key of an exam and score all its attempts again. Returns what changed."""
    return exam_commands.correct_key(event)
