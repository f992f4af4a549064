"""What tests do with results: submit right answers, tell the stream's consumers, read certificates."""

from types import SimpleNamespace
from typing import Any

import boto3

from chalicelib.attempts import store as attempt_store
from chalicelib.attempts.model import Attempt
from chalicelib.exams import service as exams
from chalicelib.exams.blanks import accepted_answers
from chalicelib.exams.paper import DrawnQuestion
from chalicelib.exams.questions import Answer
from chalicelib.faces import Face, Findings
from tests.api import run
from tests.cloud import ENVIRONMENT
from tests.faults import rows
from tests.integration.candidates import Candidate
from tests.integration.orders import attempt_id
from tests.operators import give

HANDLERS = "chalicelib.handlers"


def one_face(name: str) -> SimpleNamespace:
    """An engine to which every picture shows one and the same face."""
    eyes_and_nose = ((70.0, 80.0), (130.0, 80.0), (100.0, 120.0))
    face = Face((0, 0, 200, 200), 200, 900.0, 0.0, 0.0, (0.1,) * 128, points=eyes_and_nose)
    found = Findings(400, 500, 120.0, False, False, (face,), "test", "face_recognition_sface@test")
    return SimpleNamespace(examine=lambda *_, **__: found)


def attempt_of(person: Candidate) -> Attempt:
    attempt = attempt_store.load_attempt(attempt_id(person))
    assert attempt is not None
    return attempt


def paper_of(person: Candidate) -> tuple[DrawnQuestion, ...]:
    attempt = attempt_of(person)
    return exams.draw_paper(attempt.exam_id, attempt.paper_version, attempt.paper_seed)


def right_answer(entry: DrawnQuestion) -> Answer:
    """The letters of the right options, or the first accepted answer of each blank."""
    if entry.question.type.has_options:
        return entry.shown_key()
    return tuple(accepted[0] for accepted in accepted_answers(entry.question.key))


def right_answers(person: Candidate, wrong: int = 0) -> dict[str, Answer]:
    """The right answers to all questions of this person's paper, but for the last `wrong` ones."""
    drawn = paper_of(person)
    right = {str(entry.number): right_answer(entry) for entry in drawn}
    for number in list(right)[len(right) - wrong :]:
        right[number] = ""
    return right


def submit(person: Candidate, wrong: int = 0) -> None:
    answers = right_answers(person, wrong)
    body = {"answers": {"first": 1, "last": 1, "answers": answers}}
    assert person.post("submission", body).status == 200


def changed(person: Candidate) -> None:
    """The stream tells of the newest change of this person's attempt."""
    key = {"attempt_id": {"S": attempt_id(person)}, "sk": {"S": "ATTEMPT"}}
    tell("changes.record_changes", "ATTEMPTS_TABLE", key)


def write(number: str) -> None:
    """The stream tells of a certificate that waits for its document."""
    key = {"feed": {"S": f"certificate#{number}"}, "sk": {"S": "CERTIFICATE"}}
    tell("certificates.write_documents", "RESULTS_TABLE", key)


def tell(handler: str, of: str, key: dict[str, Any]) -> None:
    row = boto3.client("dynamodb").get_item(TableName=ENVIRONMENT[of], Key=key)["Item"]
    change = {"Keys": key, "NewImage": row, "SequenceNumber": "7", "SizeBytes": 1}
    change |= {"StreamViewType": "NEW_AND_OLD_IMAGES", "ApproximateCreationDateTime": 1}
    record = {"eventID": "1", "eventName": "MODIFY", "dynamodb": change, "awsRegion": "us-east-1"}
    arn = "arn:aws:dynamodb:us-east-1:1:table/t/stream/1"
    event = {"Records": [{**record, "eventSource": "aws:dynamodb", "eventSourceARN": arn}]}
    assert run(f"{HANDLERS}.{handler}", event) == {"batchItemFailures": []}


def mine(person: Candidate) -> list[Any]:
    answer = person.api.get("/me/certificates")
    assert answer.status == 200
    found: list[Any] = answer.json["certificates"]
    return found


def number_of(person: Candidate) -> str:
    [certificate] = mine(person)
    return str(certificate["number"])


def record_of(number: str) -> dict[str, Any]:
    """The one record of all editions; the number of a later one ends in `-2` and so on."""
    first = "-".join(number.split("-")[:6])
    return rows("RESULTS_TABLE")[f"certificate#{first}/CERTIFICATE"]


def order(function: str, of: str, **more: Any) -> Any:
    event = {
        "number": of,
        "command_id": f"{function}-0001",
        "operator": "ops@example",
        "reason": "收到举报，正在核查",
        "version_seen": record_of(of)["version"],
    }
    return give(f"{HANDLERS}.certificates.{function}", {**event, **more})
