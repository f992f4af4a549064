from chalice.app import Blueprint, CloudWatchEvent

from chalicelib.shared import notes

events = Blueprint(__name__)


@events.on_cw_event({"source": ["aws.s3"], "detail-type": ["Object Created"]})
def judge_upload(event: CloudWatchEvent) -> None:
    key = event.detail["object"]["key"]
    if "poison" in key:
        raise RuntimeError("cannot be judged")
    notes.note("upload", key, event.to_dict())
