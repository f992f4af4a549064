"""The stream of the attempts table: what follows from a change, once per change and in order per attempt."""

from typing import Any

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib.attempts import service as attempts
from chalicelib.attempts import store
from chalicelib.attempts.model import Status
from chalicelib.shared import log
from chalicelib.shared.table import item_from_wire

events = Blueprint(__name__)


# Chalice wants a literal ARN; the template replaces it by the table's own.
@events.on_dynamodb_record("arn:aws:dynamodb:us-east-1:000000000000:table/attempts/stream/replaced")
def record_changes(event: DynamoDBEvent) -> dict[str, Any]:
    """Store the score of a submitted attempt and unfreeze the identity.

    Answers with the first record that failed, so that only it and what follows come again.
    """
    for record in event:
        try:
            _record_change(record.new_image, record.keys)
        except Exception as error:
            log.crash(error, sequence=record.sequence_number)
            return {"batchItemFailures": [{"itemIdentifier": record.sequence_number}]}
    return {"batchItemFailures": []}


def _record_change(new_image: dict[str, Any] | None, keys: dict[str, Any]) -> None:
    if not new_image or item_from_wire(keys)["sk"] != "ATTEMPT":
        return
    attempt = store.from_item(item_from_wire(new_image))
    if attempt.status is Status.SUBMITTED:
        attempts.record_submission(attempt=attempt)
