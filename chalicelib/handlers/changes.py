"""The stream of the attempts table: what follows from a change, once per change and in order per attempt."""

from typing import Any

from chalice.app import Blueprint, DynamoDBEvent, DynamoDBRecord

from chalicelib.attempts import events as attempts
from chalicelib.attempts import store
from chalicelib.attempts.model import Attempt
from chalicelib.shared import clock, log
from chalicelib.shared.table import item_from_wire

events = Blueprint(__name__)


# Chalice wants a literal ARN; the template replaces it by the table's own.
@events.on_dynamodb_record("arn:aws:dynamodb:us-east-1:000000000000:table/attempts/stream/replaced")
def record_changes(event: DynamoDBEvent) -> dict[str, Any]:
    """Write the evidence timeline; store the score of a submitted attempt and unfreeze the identity.

    Answers with the first record that failed, so that only it and what follows come again.
    """
    for record in event:
        try:
            _record_change(record)
        except Exception as error:
            log.crash(error, sequence=record.sequence_number)
            return {"batchItemFailures": [{"itemIdentifier": record.sequence_number}]}
    return {"batchItemFailures": []}


def _record_change(record: DynamoDBRecord) -> None:
    if not record.new_image or item_from_wire(record.keys)["sk"] != "ATTEMPT":
        return
    attempts.record_change(
        old=_attempt(record.old_image) if record.old_image else None,
        new=_attempt(record.new_image),
        at=clock.now_ms(),
    )


def _attempt(image: dict[str, Any]) -> Attempt:
    return store.from_item(item_from_wire(image))
