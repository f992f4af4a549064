"""Events of the tables' streams: what follows from a change of an attempt, a case or a certificate.

The changes of one record arrive in order.
"""

import contextlib
from collections.abc import Callable
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent, DynamoDBRecord

from chalicelib.cases import notices
from chalicelib.partners import delivering
from chalicelib.results import service as certificates
from chalicelib.results import telling
from chalicelib.shared import clock, log
from chalicelib.shared.errors import NotFound
from chalicelib.shared.table import item_from_wire
from chalicelib.timeline import service as timeline

events = Blueprint(__name__)


def _one_by_one(event: DynamoDBEvent, handle: Callable[[DynamoDBRecord], None]) -> dict[str, Any]:
    """Handle the records in order. Returns the first one that failed, so that it and the later ones come again."""
    for record in event:
        try:
            handle(record)
        except Exception as error:
            log.crash(error, sequence=record.sequence_number)
            return {"batchItemFailures": [{"itemIdentifier": record.sequence_number}]}
    return {"batchItemFailures": []}


# Chalice needs a literal ARN. The template replaces it by the ARN of the table.
@events.on_dynamodb_record("arn:aws:dynamodb:us-east-1:000000000000:table/attempts/stream/replaced")
def record_changes(event: DynamoDBEvent) -> dict[str, Any]:
    """Write the timeline, store the score of a submitted attempt, unfreeze the identity, update the certificate."""
    return _one_by_one(event, _record_change)


def _record_change(record: DynamoDBRecord) -> None:
    if not record.new_image or item_from_wire(record.keys)["sk"] != "ATTEMPT":
        return
    new = timeline.record_change(
        before=item_from_wire(record.old_image) if record.old_image else None,
        after=item_from_wire(record.new_image),
        at=clock.now_ms(),
    )
    if new is not None and new.follow_up is not None:
        certificates.follow_attempt(attempt_id=new.attempt_id, now=clock.now_ms())


# The filter in the template passes only cases whose notice is pending.
@events.on_dynamodb_record("arn:aws:dynamodb:us-east-1:000000000000:table/cases/stream/replaced")
def send_notices(event: DynamoDBEvent) -> dict[str, Any]:
    """Send the SMS about a decision as soon as the decision is written. The minute schedule repeats what fails."""
    return _one_by_one(event, _send_notice)


def _send_notice(record: DynamoDBRecord) -> None:
    """Send the notice if this write has made it pending. The sender's own writes start nothing."""
    new, old = (item_from_wire(image or {}) for image in (record.new_image, record.old_image))
    fresh = (new.get("notice") or {}).get("notice_id") != (old.get("notice") or {}).get("notice_id")
    if new.get("notice_pending") == "pending" and fresh:
        notices.send_notice(case_id=new["case_id"], now=clock.now_ms())


# The filter in the template passes certificates, and new entries of the feeds of organisations. One function does both:
# a shard of a stream allows two readers, and the writer of documents is the other one.
@events.on_dynamodb_record("arn:aws:dynamodb:us-east-1:000000000000:table/results/stream/replaced")
def tell_partners(event: DynamoDBEvent) -> dict[str, Any]:
    """Write an entry to the partners' feed for each change of a certificate; order the webhooks of each entry."""
    return _one_by_one(event, _tell_partners)


def _tell_partners(record: DynamoDBRecord) -> None:
    if not record.new_image:
        return
    changed = item_from_wire(record.new_image)
    if changed["sk"] == "CERTIFICATE":
        with contextlib.suppress(NotFound):  # the record was tampered with and names no attempt
            telling.tell_result(attempt_id=changed["attempt_id"], now=clock.now_ms())
        return
    entry = telling.entry_of_organisation(changed)
    if entry is not None:
        delivering.order_calls(entry=entry, now=clock.now_ms())
