"""Lambda functions for certificates: the writer of their PDFs, and the commands of operators."""

from typing import Any

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib.desk import certificate_commands, exam_commands
from chalicelib.results import issuing
from chalicelib.shared import clock, log
from chalicelib.shared.table import item_from_wire

events = Blueprint(__name__)
functions = Blueprint(__name__)


# Chalice needs a literal ARN. The template replaces it by the ARN of the table, and its filter passes only
# certificates that wait for their document.
@events.on_dynamodb_record("arn:aws:dynamodb:us-east-1:000000000000:table/results/stream/replaced")
def write_documents(event: DynamoDBEvent) -> dict[str, Any]:
    """Write, sign and store the PDFs of certificates. Returns the first record that failed, so that it comes again."""
    for record in event:
        try:
            waiting = item_from_wire(record.new_image or {})
            if waiting.get("waits_for"):
                issuing.write_documents(number=waiting["number"], now=clock.now_ms)
        except Exception as error:
            log.crash(error, sequence=record.sequence_number)
            return {"batchItemFailures": [{"itemIdentifier": record.sequence_number}]}
    return {"batchItemFailures": []}


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
