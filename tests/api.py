"""A candidate's client: real API Gateway events through Chalice's own test gateway."""

import importlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import boto3
from chalice.test import Client

from tests.clock import StandingClock
from tests.cloud import ENVIRONMENT


@dataclass
class Answer:
    """Status, decoded JSON, headers (lower case)."""

    status: int
    json: Any
    headers: dict[str, str]
    text: str = ""  # as it came, byte for byte

    @property
    def code(self) -> str | None:
        """The code of an error answer."""
        return self.json.get("error", {}).get("code") if isinstance(self.json, dict) else None


@dataclass
class Api:
    """One browser: keeps its cookie and page token; several may share one cloud."""

    clock: StandingClock
    cookie: str = ""
    page_token: str = ""
    challenge_id: str = "none"  # of the newest code that was sent
    address: str = "127.0.0.1"
    answers: list[Answer] = field(default_factory=list)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request; `raw` goes out as it is."""
        import app

        sent = {"Content-Type": "application/json", "Cookie": self.cookie}
        sent |= {"Page-Token": self.page_token, **(headers or {})}
        data = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
        with Client(app.app) as client:
            converter: Any = client.http._local_gateway.event_converter
            converter.LOCAL_SOURCE_IP = self.address
            response = client.http.request(method, path, headers=sent, body=data)
        lower = {name.lower(): value for name, value in response.headers.items()}
        text = bytes(response.body).decode()
        content = json.loads(text) if text else None  # 304 has no body
        answer = Answer(response.status_code, content, lower, text)
        if "set-cookie" in lower:
            self.cookie = lower["set-cookie"].split(";")[0]
        if path == "/codes" and answer.status == 202:
            self.challenge_id = answer.json["challenge_id"]
        self.answers.append(answer)
        return answer

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Answer:
        return self.call("POST", path, body)

    def put(self, path: str, body: Any) -> Answer:
        return self.call("PUT", path, body)

    # --- the ways of signing in, as steps of many tests ---

    def captcha(self, phone: str, purpose: str, given_as: str = "picture") -> tuple[str, str]:
        """Id and right answer of a fresh captcha."""
        body = {"phone": phone, "purpose": purpose, "format": given_as}
        captcha_id = self.post("/captchas", body).json["captcha_id"]
        key = {"pk": {"S": f"captcha#{captcha_id}"}}
        row = boto3.client("dynamodb").get_item(TableName=ENVIRONMENT["PASSING_TABLE"], Key=key)
        return captcha_id, row["Item"]["local_answer"]["S"]

    def code(self, phone: str, purpose: str) -> str:
        """A code as the phone shows it; the browser keeps the challenge that it answers."""
        captcha_id, answer = self.captcha(phone, purpose)
        body = {"phone": phone, "purpose": purpose, "captcha_id": captcha_id}
        sent = self.post("/codes", {**body, "captcha_answer": answer})
        assert sent.status == 202, sent
        return newest_code()

    def proof(self, code: str) -> dict[str, str]:
        """What proves a phone: this code, and the challenge that this browser got last."""
        return {"challenge_id": self.challenge_id, "code": code}

    def register(self, phone: str = "13800138000", role: str = "agency_practitioner") -> Answer:
        """Register and be signed in."""
        body = {"phone": phone, **self.proof(self.code(phone, "register")), "role": role}
        return self.post("/accounts", {**body, "agreements": ["user-service", "privacy"]})


def newest_code() -> str:
    """The six digits of the newest SMS."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.sns import sns_backends

    messages = sns_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sms_messages
    *_, (_number, text) = messages.values()
    return "".join(sign for sign in text.split("分钟")[0] if sign.isdigit())[:6]


def upload(ticket: dict[str, Any], data: bytes) -> str:
    """Put bytes where an upload ticket points, and return the key. moto does not check a presigned POST."""
    key: str = ticket["fields"]["key"]
    boto3.client("s3").put_object(Bucket=ENVIRONMENT["PRIVATE_BUCKET"], Key=key, Body=data)
    return key


def deliver(key: str, size: int = 1, version_id: str | None = None) -> None:
    """Call the face function as S3 does: by EventBridge, or by SQS for a snapshot."""
    if key.startswith("incoming/snapshots/"):
        answer = run("chalicelib.handlers.uploads.judge_snapshot", snapshot_event(key, version_id))
        if answer["batchItemFailures"]:
            raise NotJudged(key)
        return
    picture = {"key": key, "size": size, "etag": "0", "sequencer": "0"}
    if version_id:
        picture["version-id"] = version_id
    event = {
        "version": "0",
        "id": "e",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2027-01-15T08:00:00Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{ENVIRONMENT['PRIVATE_BUCKET']}"],
        "detail": {
            "version": "0",
            "bucket": {"name": ENVIRONMENT["PRIVATE_BUCKET"]},
            "object": picture,
            "reason": "PostObject",
        },
    }
    run("chalicelib.handlers.uploads.judge_upload", event)


class NotJudged(Exception):
    """The function has asked for the message to come again."""


def snapshot_event(key: str, version_id: str | None = None) -> dict[str, Any]:
    """A batch of one message: what SQS passes on of S3's notification about one object and its version."""
    written = {"key": quote_plus(key), "size": 1, "eTag": "0", "sequencer": "0"}
    if version_id:
        written["versionId"] = version_id
    notification = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Post",
        "s3": {"bucket": {"name": ENVIRONMENT["PRIVATE_BUCKET"]}, "object": written},
    }
    record = {
        "messageId": f"m-{key}",
        "receiptHandle": "r",
        "body": json.dumps({"Records": [notification]}),
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "md5OfBody": "0",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:SnapshotUploads",
        "awsRegion": "us-east-1",
    }
    return {"Records": [record]}


def run(handler: str, event: dict[str, Any]) -> Any:
    """Call a packaged handler string."""
    module, _, name = handler.rpartition(".")
    return getattr(importlib.import_module(module), name)(event, None)


def minute() -> Any:
    """One run of the minute schedule."""
    event = {"version": "0", "id": "m", "detail-type": "Scheduled Event", "source": "aws.events"}
    event |= {"account": "123456789012", "time": "2027-01-15T08:00:00Z", "region": "us-east-1"}
    return run("chalicelib.handlers.clock.run_minute", {**event, "resources": [], "detail": {}})


def publish(folder: str, starts_at: int | None, exam_id: str | None = None, **files: bytes) -> Any:
    """Publish a pack of examples/ through the operators' function; `files` replace or add files.

    `starts_at`: None for a practice exam.
    """
    import io
    import zipfile

    from tests.cloud import ROOT

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted((ROOT / "examples" / folder).rglob("*")):
            name = str(path.relative_to(ROOT / "examples" / folder))
            if path.is_file() and name not in files:
                archive.write(path, name)
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)  # without the time of day
    bucket = ENVIRONMENT["DROPBOX_BUCKET"]
    boto3.client("s3").put_object(Bucket=bucket, Key="pack.zip", Body=packed.getvalue())
    event = {"pack_bucket": bucket, "pack_key": "pack.zip", "starts_at": starts_at}
    if exam_id:
        event["exam_id"] = exam_id
    return run("chalicelib.handlers.console.publish_exam", event)
