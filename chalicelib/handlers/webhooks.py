"""Calls of partners' webhooks, each from a message in the queue of deliveries. A message may come more than once."""

from typing import Any

from chalice.app import Blueprint, SQSEvent

from chalicelib.partners import delivering
from chalicelib.shared import clock, log

events = Blueprint(__name__)


# Chalice needs a literal ARN. The template replaces it by the ARN of the queue. One at a time: nobody waits for
# another partner's time limit.
@events.on_sqs_message(queue_arn="arn:aws:sqs:us-east-1:000000000000:replaced", batch_size=1)
def call_partner(event: SQSEvent) -> dict[str, Any]:
    """Tell a partner of a new entry. Returns the messages that failed; each rests before it comes again."""
    failed = []
    for record in event:
        message = record.to_dict()
        tries, done = int(message["attributes"]["ApproximateReceiveCount"]), False
        try:
            receipt, now = message["receiptHandle"], clock.now_ms()
            done = delivering.deliver(message=record.body, receipt=receipt, tries=tries, now=now)
        except Exception as error:  # the message comes again when the queue shows it again
            log.crash(error, message=message["messageId"])
        failed += [] if done else [{"itemIdentifier": message["messageId"]}]
    return {"batchItemFailures": failed}
