from chalice.app import Blueprint, CloudWatchEvent, SQSEvent

from chalicelib.shared import notes

events = Blueprint(__name__)


@events.on_cw_event({"source": ["aws.s3"], "detail-type": ["Object Created"]})
def judge_upload(event: CloudWatchEvent) -> None:
    key = event.detail["object"]["key"]
    if "poison" in key:
        raise RuntimeError("cannot be judged")
    notes.note("upload", key, event.to_dict())


@events.on_sqs_message(queue_arn="arn:aws:sqs:us-east-1:000000000000:replaced")
def judge_snapshot(event: SQSEvent) -> None:
    for record in event:
        notes.note("snapshot", record.body, event.to_dict())
