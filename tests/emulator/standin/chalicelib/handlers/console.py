import io
import os
import zipfile
from typing import Any

import boto3
from chalice.app import Blueprint

from chalicelib.shared import notes

functions = Blueprint(__name__)


@functions.lambda_function()
def publish_exam(event: dict[str, Any], context: Any) -> dict[str, Any]:
    stored = boto3.client("s3").get_object(Bucket=event["pack_bucket"], Key=event["pack_key"])
    files = zipfile.ZipFile(io.BytesIO(stored["Body"].read())).namelist()
    if event["exam_id"] == "refused":
        return {"exam_id": "", "ok": False, "errors": [{"file": "exam.yaml", "reason": "no"}]}
    row = {"sk": "EXAM", "listed": "exam", "starts_at": event.get("starts_at", 0)}
    notes.table("EXAMS_TABLE").put_item(Item={"exam_id": event["exam_id"], **row})
    return {"exam_id": event["exam_id"], "ok": True, "errors": [], "files": sorted(files)}


@functions.lambda_function()
def look(event: Any, context: Any) -> dict[str, Any]:
    """What a function sees of the world, or whatever the event asks for."""
    if event.get("do") == "fail":
        raise ValueError("asked to fail")
    if event.get("do") == "die":
        os._exit(3)
    if event.get("do") == "hang":
        while True:
            pass
    return {
        "environment": dict(os.environ),
        "function": context.function_name,
        "remaining_ms": context.get_remaining_time_in_millis(),
        "process": os.getpid(),
    }
