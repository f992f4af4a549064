from typing import Any

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib.shared import clock, notes

events = Blueprint(__name__)


@events.on_dynamodb_record("arn:aws:dynamodb:us-east-1:000000000000:table/attempts/stream/replaced")
def record_changes(event: DynamoDBEvent) -> dict[str, Any]:
    for record in event:
        attempt = record.keys["attempt_id"]["S"]
        notes.note("change", attempt, {"record": record.to_dict(), "at": clock.now_ms()})
    return {"batchItemFailures": []}
