"""Sending messages to SQS in batches."""

import itertools
from collections.abc import Iterable

from chalicelib.shared import clients
from chalicelib.shared.errors import Unavailable
from chalicelib.shared.table import aws_errors

_AT_ONCE = 10  # the most that SQS takes in one call


def send(queue_url: str, bodies: Iterable[str]) -> int:
    """Send each body as a message of its own; returns how many. Raises `Unavailable` when one was not taken.

    The messages before it are sent then; a repeated call sends them twice.
    """
    sent = 0
    for batch in _batches(bodies):
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(batch)]
        with aws_errors():
            answer = clients.client("sqs").send_message_batch(QueueUrl=queue_url, Entries=entries)
        if answer.get("Failed"):
            raise Unavailable("service_busy", retry_after_s=2)
        sent += len(entries)
    return sent


def _batches(bodies: Iterable[str]) -> Iterable[list[str]]:
    rest = iter(bodies)
    while batch := list(itertools.islice(rest, _AT_ONCE)):
        yield batch


def hide(queue_url: str, receipt_handle: str, seconds: int) -> None:
    """Hide a received message for so long, at most 12 hours. Raises `Unavailable`."""
    with aws_errors():
        clients.client("sqs").change_message_visibility(
            QueueUrl=queue_url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )
