"""What tests do with complaints: make one, rule on it, read what the stream of cases says."""

from typing import Any

import boto3

from chalicelib.attempts import watch
from chalicelib.attempts.deciding import decide
from chalicelib.proctoring.model import Verdict
from tests.api import Answer, run
from tests.clock import StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import rows
from tests.integration.candidates import MINUTE, Candidate, stored
from tests.integration.orders import attempt_id
from tests.operators import give

REVIEWS = "chalicelib.handlers.reviews"
HOUR = 60 * MINUTE


def judge_all(person: Candidate, clock: StandingClock, *verdicts: Verdict) -> None:
    """All frames are judged: the first ones so, the others as the candidate."""

    def rule(attempt: Any) -> Any:
        slots = sorted(int(slot) for slot in attempt.asked if slot not in attempt.verdicts)
        shown = dict(zip(slots, verdicts, strict=False))
        return watch.record(attempt, {s: shown.get(s, Verdict.MATCH) for s in slots})

    decide(attempt_id(person), None, clock.now, rule)


def complain(person: Candidate, number: int = 1, **more: Any) -> Answer:
    body = {"request_id": f"complaint-{number:04}", "text": "墙上是海报，只有我一个人"}
    return person.post("complaint", {**body, **more})


def status(person: Candidate) -> Any:
    answer = person.get("complaint")
    assert answer.status == 200
    return answer.json


def rule(complaint: Any, upheld: bool = True, **more: Any) -> Any:
    event = {
        "case_id": complaint["case_id"],
        "command_id": "uphold-0001",
        "operator": "ops@example",
        "reason": "画面中的第二人是海报",
        "version_seen": rows("CASES_TABLE")[complaint["case_id"]]["version"],
        "upheld": upheld,
    }
    return give(f"{REVIEWS}.decide_complaint", {**event, **more})


def case_stream(case_id: str, old: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the stream of the cases table tells of the newest change of a case."""
    key = {"case_id": {"S": case_id}}
    row = boto3.client("dynamodb").get_item(TableName=ENVIRONMENT["CASES_TABLE"], Key=key)["Item"]
    change = {"Keys": key, "NewImage": row, "SequenceNumber": "7", "SizeBytes": 1}
    change |= {"StreamViewType": "NEW_AND_OLD_IMAGES", "ApproximateCreationDateTime": 1}
    if old is not None:
        change["OldImage"] = old
    record = {"eventID": "1", "eventName": "MODIFY", "dynamodb": change, "awsRegion": "us-east-1"}
    arn = "arn:aws:dynamodb:us-east-1:1:table/cases/stream/1"
    return {"Records": [{**record, "eventSource": "aws:dynamodb", "eventSourceARN": arn}]}


def tell(case_id: str) -> None:
    event = case_stream(case_id)
    assert run("chalicelib.handlers.changes.send_notices", event) == {"batchItemFailures": []}


def sign_in_again(person: Candidate) -> None:
    """A session lives 12 hours."""
    from chalicelib.accounts import sessions

    account = stored(person)["account_id"]["S"]
    set_cookie = sessions.cookie(account, 1, person.api.clock.now)
    person.api.cookie = set_cookie.split(";")[0]
