"""A candidate of the integration tests: the steps of an exam day, each over HTTP."""

import pathlib
from typing import Any

import boto3

from chalicelib.attempts.items import verdicts_of, whole
from chalicelib.shared.table import item_from_wire, to_wire
from scripts.moments import moment
from tests.api import Answer, Api, deliver, upload
from tests.cloud import ENVIRONMENT

EXAM = "shanxi-agency-practitioners"
MINUTE = 60_000
ID_NUMBER = "11010519491231002X"  # the example number of GB 11643
PROFILE = {
    "name": "张三",
    "role": "agency_practitioner",
    "organisation": "某招标代理有限公司",
    "region": "山西省太原市",
    "id_type": "resident_id",
    "id_number": ID_NUMBER,
}


class Candidate:
    """The steps of a day, each returning the HTTP answer."""

    def __init__(self, api: Api, pictures: str, who: int = 1) -> None:
        self.api = api
        self.moment = 1000 * who
        self.given: list[tuple[str, bytes]] = []  # what `picture` gave
        self.pictures = pathlib.Path(pictures)
        self.path = ""
        self.requests = 0

    def enrol(self) -> None:
        """Register, fill in the profile, have the ID photo accepted."""
        assert self.api.register().status == 201
        assert self.api.put("/me", PROFILE).status == 200
        ticket = self.api.post("/me/id-photo").json
        deliver(upload(ticket, self.picture("id_a.jpg")))
        assert self.api.get("/me").json["missing"] == []

    def picture(self, name: str) -> bytes:
        """A picture as it is; a frame of the camera at another moment each time."""
        data = (self.pictures / name).read_bytes()
        if name.startswith("frame_"):
            self.moment += 1
            data = moment(data, self.moment)
        self.given.append((name, data))
        return data

    def open(self, exam: str = EXAM) -> Answer:
        answer = self.api.post(f"/exams/{exam}/attempts")
        if answer.status == 200:
            self.path = f"/attempts/{answer.json['attempt_id']}"
        return answer

    def steps(self) -> Answer:
        """The check-in up to the face check."""
        self.notice()
        self.post("check-in/camera", {"camera_on": True})
        body = {"down_mbps": 9.3, "up_mbps": 4.9, "latency_ms": 20}
        return self.post("check-in/network", body)

    def notice(self, request_id: str = "") -> Answer:
        self.requests += 1
        body = {"request_id": request_id or f"request-{self.requests:04}"}
        return self.post("check-in/notice", {**body, "agreements": ["identity-authorization"]})

    def reserve(self) -> Answer:
        self.requests += 1
        return self.post("verifications", {"request_id": f"request-{self.requests:04}"})

    def verify(self, name: str = "frame_a.jpg") -> Any:
        """One whole face check; returns its final state."""
        reserved = self.reserve()
        assert reserved.status == 201, reserved
        deliver(upload(reserved.json["upload"], self.picture(name)))
        return self.verdict(reserved)

    def verdict(self, reserved: Answer) -> Any:
        check = reserved.json["verification"]["verification_id"]
        return self.get(f"verifications/{check}").json["verification"]

    def admit(self) -> Answer:
        self.requests += 1
        answer = self.post("admission", {"request_id": f"request-{self.requests:04}"})
        if answer.status == 201:
            self.api.page_token = answer.json["page_token"]
        return answer

    def come_in(self) -> None:
        """From nothing to an admitted page."""
        self.steps()
        assert self.verify()["state"] == "passed"
        assert self.admit().status == 201

    def save(self, first: int, last: int, answers: dict[str, str]) -> Answer:
        body = {"first": first, "last": last, "answers": answers}
        return self.api.put(f"{self.path}/answers", body)

    def get(self, what: str = "") -> Answer:
        return self.api.get(f"{self.path}/{what}".rstrip("/"))

    def post(self, what: str, body: Any = None) -> Answer:
        return self.api.post(f"{self.path}/{what}", body)


def stored(candidate: Candidate) -> dict[str, Any]:
    """The attempt as it lies in the table, whichever of its items holds an attribute; verdicts by slot."""
    items = stored_items(candidate.path.rsplit("/", 1)[-1])
    plain = {sk: item_from_wire(item) for sk, item in items.items()}
    merged = whole(plain["ATTEMPT"], plain.get("ATTEMPT#RESTING"))
    named = merged | {"verdicts": verdicts_of(merged)}
    return {name: to_wire(value) for name, value in named.items()}


def stored_items(attempt_id: str) -> dict[str, Any]:
    """The items of an attempt by sort key."""
    found = boto3.client("dynamodb").query(
        TableName=ENVIRONMENT["ATTEMPTS_TABLE"],
        KeyConditionExpression="attempt_id = :id AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":id": {"S": attempt_id}, ":sk": {"S": "ATTEMPT"}},
    )
    return {item["sk"]["S"]: item for item in found["Items"]}


def stream_record(candidate: Candidate) -> dict[str, Any]:
    """The stream's record of the attempt as it stands."""
    image = stored_items(candidate.path.rsplit("/", 1)[-1])["ATTEMPT"]
    keys = {name: image[name] for name in ("attempt_id", "sk")}
    change = {"Keys": keys, "NewImage": image, "SequenceNumber": "1", "SizeBytes": 1}
    change |= {"StreamViewType": "NEW_AND_OLD_IMAGES", "ApproximateCreationDateTime": 1}
    record = {"eventID": "1", "eventName": "MODIFY", "dynamodb": change, "awsRegion": "us-east-1"}
    arn = "arn:aws:dynamodb:us-east-1:1:table/attempts/stream/1"
    return {"Records": [{**record, "eventSource": "aws:dynamodb", "eventSourceARN": arn}]}
