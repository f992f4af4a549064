"""The streams of the tables: what follows from a change of an attempt, in order, of a case, of a certificate."""

import contextlib
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent, DynamoDBRecord

from chalicelib.cases import notices
from chalicelib.results import service as certificates
from chalicelib.results import telling
from chalicelib.shared import clock, log
from chalicelib.shared.errors import NotFound
from chalicelib.shared.table import item_from_wire
from chalicelib.timeline import service as timeline

events = Blueprint(__name__)


# Chalice wants a literal ARN; the template replaces it by the table's own.
@events.on_dynamodb_record("arn:aws:dynamodb:us-east-1:000000000000:table/attempts/stream/replaced")
def record_changes(event: DynamoDBEvent) -> dict[str, Any]:
    """Write the evidence timeline; store the score of a submitted attempt, unfreeze the identity, let its
    certificate follow.

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
    new = timeline.record_change(
        before=item_from_wire(record.old_image) if record.old_image else None,
        after=item_from_wire(record.new_image),
        at=clock.now_ms(),
    )
    if new.follow_up is not None:
        certificates.follow_attempt(attempt_id=new.attempt_id, now=clock.now_ms())


# The template lets through only cases whose notice is pending.
@events.on_dynamodb_record("arn:aws:dynamodb:us-east-1:000000000000:table/cases/stream/replaced")
def send_notices(event: DynamoDBEvent) -> dict[str, Any]:
    """Send the SMS about a decision as soon as it is written; what fails here, the minute tries again."""
    for record in event:
        try:
            _send_notice(record)
        except Exception as error:
            log.crash(error, sequence=record.sequence_number)
            return {"batchItemFailures": [{"itemIdentifier": record.sequence_number}]}
    return {"batchItemFailures": []}


def _send_notice(record: DynamoDBRecord) -> None:
    """Only the write that decides wakes the sender: tries of its own are writes as well."""
    new, old = (item_from_wire(image or {}) for image in (record.new_image, record.old_image))
    if new.get("notice_pending") == "pending" and "notice_pending" not in old:
        notices.send_notice(case_id=new["case_id"], now=clock.now_ms())


# The template lets through only certificates.
@events.on_dynamodb_record("arn:aws:dynamodb:us-east-1:000000000000:table/results/stream/replaced")
def tell_partners(event: DynamoDBEvent) -> dict[str, Any]:
    """Tell partner platforms how a certificate stands, whoever has changed it."""
    for record in event:
        try:
            _tell_partners(record)
        except Exception as error:
            log.crash(error, sequence=record.sequence_number)
            return {"batchItemFailures": [{"itemIdentifier": record.sequence_number}]}
    return {"batchItemFailures": []}


def _tell_partners(record: DynamoDBRecord) -> None:
    if record.new_image and item_from_wire(record.keys)["sk"] == "CERTIFICATE":
        changed = item_from_wire(record.new_image)
        with contextlib.suppress(NotFound):  # somebody has touched the record: it names no attempt
            telling.tell_result(attempt_id=changed["attempt_id"], now=clock.now_ms())
