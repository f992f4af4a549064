import os
import time
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key
from chalice.app import Blueprint, Response

from chalicelib.shared import clock, notes

routes = Blueprint(__name__)


@routes.route("/exams", methods=["GET"])
def list_exams() -> dict[str, Any]:
    found = notes.table("EXAMS_TABLE").query(
        IndexName="listed", KeyConditionExpression=Key("listed").eq("exam")
    )
    exams = [
        {
            "exam_id": row["exam_id"],
            "kind": "exam",
            "entry_until": int(row["starts_at"]) + 30 * 60_000,
        }
        for row in found["Items"]
    ]
    return {"exams": exams, "now": clock.now_ms()}


@routes.route("/exams/{exam_id}", methods=["GET", "PUT"])
def show_request(exam_id: str) -> Response:
    request = routes.current_request
    seen = {"exam_id": exam_id, "context": request.context, "process": os.getpid()}
    cookies = ["first=1; Path=/", "second=2; Path=/"]
    return Response(seen, headers={"Set-Cookie": cookies})


@routes.route("/slow", methods=["GET"])
def slow() -> dict[str, Any]:
    time.sleep(0.3)
    return {"process": os.getpid()}


@routes.route("/messages", methods=["POST"])
def send_message() -> dict[str, Any]:
    wanted = routes.current_request.json_body
    boto3.client("sns").publish(PhoneNumber=wanted["phone"], Message=wanted["text"])
    return {}


@routes.route("/rows", methods=["POST"])
def put_row() -> dict[str, Any]:
    wanted = routes.current_request.json_body
    notes.table(wanted["table"]).put_item(Item=wanted["item"])
    return {}


@routes.route("/notes/{pk}", methods=["GET"])
def get_note(pk: str) -> dict[str, Any]:
    key = pk.replace("%23", "#").replace("%2F", "/")
    item = notes.table("PASSING_TABLE").get_item(Key={"pk": key}, ConsistentRead=True).get("Item")
    return {"content": item and item["content"]}


@routes.route("/tickets", methods=["POST"])
def upload_ticket() -> Any:
    key = routes.current_request.json_body["key"]
    s3 = boto3.client("s3")
    return s3.generate_presigned_post(os.environ["PRIVATE_BUCKET"], key, ExpiresIn=60)
