"""Pictures that arrived in S3. S3 → EventBridge → here; at least once, in any order."""

from chalice.app import Blueprint, CloudWatchEvent

from chalicelib.attempts import events as attempts
from chalicelib.attempts.store import SNAPSHOTS
from chalicelib.attempts.store import UPLOADS as VERIFICATIONS
from chalicelib.cases import service as cases
from chalicelib.cases.store import UPLOADS as TICKETS
from chalicelib.identity import service as identity
from chalicelib.identity.store import UPLOADS as ID_PHOTOS
from chalicelib.shared import clock, log

events = Blueprint(__name__)


# The template narrows the pattern to our bucket and the prefix `incoming/`.
@events.on_cw_event({"source": ["aws.s3"], "detail-type": ["Object Created"]})
def judge_upload(event: CloudWatchEvent) -> None:
    """Judge an uploaded ID photo, verification picture, snapshot, or picture of a ticket."""
    picture = event.detail["object"]
    key, version_id = picture["key"], picture.get("version-id")
    log.event("uploaded", key=key, size=picture.get("size"))
    if key.startswith(f"{ID_PHOTOS}/"):
        identity.judge_id_photo(key=key, version_id=version_id, now=clock.now_ms())
    elif key.startswith(f"{VERIFICATIONS}/"):
        attempts.judge_verification(key=key, version_id=version_id, now=clock.now_ms)
    elif key.startswith(f"{SNAPSHOTS}/"):
        attempts.judge_snapshot(key=key, version_id=version_id, now=clock.now_ms)
    elif key.startswith(f"{TICKETS}/"):
        cases.judge_ticket_upload(key=key, version_id=version_id, now=clock.now_ms())
