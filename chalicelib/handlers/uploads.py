"""Events of pictures that arrive in S3. An event may come more than once, in any order.

A person waits for the verdict on an ID photo, a verification picture or a picture of a case: S3 → EventBridge →
`judge_upload`. Many snapshots come at the same time and nobody waits for them: S3 → SQS → `judge_snapshot`, with
limited concurrency.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from chalice.app import Blueprint, CloudWatchEvent, SQSEvent

from chalicelib.attempts import events as attempts
from chalicelib.attempts.store import SNAPSHOTS
from chalicelib.attempts.store import UPLOADS as VERIFICATIONS
from chalicelib.cases import service as cases
from chalicelib.cases.store import UPLOADS as CASES
from chalicelib.identity import service as identity
from chalicelib.identity.store import UPLOADS as ID_PHOTOS
from chalicelib.shared import clock, log

events = Blueprint(__name__)


# The template narrows the pattern to our bucket and their prefixes.
@events.on_cw_event({"source": ["aws.s3"], "detail-type": ["Object Created"]})
def judge_upload(event: CloudWatchEvent) -> None:
    """Judge an uploaded ID photo, verification picture, or picture of a case."""
    picture = event.detail["object"]
    key, version_id = picture["key"], picture.get("version-id")
    log.event("uploaded", key=key, size=picture.get("size"))
    if key.startswith(f"{ID_PHOTOS}/"):
        identity.judge_id_photo(key=key, version_id=version_id, now=clock.now_ms())
    elif key.startswith(f"{VERIFICATIONS}/"):
        attempts.judge_verification(key=key, version_id=version_id, now=clock.now_ms)
    elif key.startswith(CASES):
        cases.judge_upload(key=key, version_id=version_id, now=clock.now_ms())


# Chalice needs a literal ARN. The template replaces it by the ARN of the queue.
@events.on_sqs_message(queue_arn="arn:aws:sqs:us-east-1:000000000000:replaced", batch_size=5)
def judge_snapshot(event: SQSEvent) -> dict[str, Any]:
    """Judge uploaded snapshots. Returns the messages that failed, so that only they come again."""
    failed = []
    for record in event:
        message_id = record.to_dict()["messageId"]
        try:
            for key, version_id in _uploaded(json.loads(record.body)):
                if key.startswith(f"{SNAPSHOTS}/"):
                    attempts.judge_snapshot(key=key, version_id=version_id, now=clock.now_ms)
        except Exception as error:
            log.crash(error, message=message_id)
            failed.append({"itemIdentifier": message_id})
    return {"batchItemFailures": failed}


def _uploaded(notification: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Yield key and version of each object in a message of S3. The test message (`s3:TestEvent`) has none."""
    for record in notification.get("Records", []):
        picture = record["s3"]["object"]
        yield unquote_plus(picture["key"]), picture.get("versionId")
