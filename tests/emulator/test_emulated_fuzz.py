"""Generated requests to the running product; and whether the checks notice wrong answers."""

import http.server
import json
import threading
from collections.abc import Iterator

import pytest
import requests

from tests.emulator.launching import Launched
from tests.proof import fuzz

EXAMPLES = 170  # four for each operation; `make fuzz` sends 2,000
ADMITTED = ("POST /attempts/{attempt_id}/heartbeat", "GET /attempts/{attempt_id}/paper")


def test_no_answer_is_wrong(launched: Launched, pictures: str) -> None:
    sitting = fuzz.sit(launched.address, seed_of_person=20_001)
    outcome = fuzz.fuzz(sitting, examples=EXAMPLES, start=1)
    assert outcome.failures == []
    assert outcome.examples >= EXAMPLES * 0.9
    asked = {" ".join(line.split()[:2]) for line in outcome.statuses}
    assert asked == {operation.label for operation in fuzz.operations()}
    for label in ADMITTED:  # requests got past the door
        assert outcome.statuses[f"{label} 200"], label


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers everything with what the test has put here."""

    status, kind, body = 200, "application/json", b"{}"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Type", self.kind)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def liar() -> Iterator[fuzz.Sitting]:
    """A server that answers what it is told to."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    session = requests.Session()
    session.trust_env = False
    address = f"http://127.0.0.1:{server.server_address[1]}"
    yield fuzz.Sitting(address, session, "token", {"exam_id": "real"})
    server.shutdown()
    server.server_close()


def error(code: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": "…", "details": {}}}).encode()


JSON = "application/json"


@pytest.mark.parametrize(
    ("status", "kind", "body", "said"),
    [
        (404, JSON, error("not_found"), None),
        (503, JSON, error("service_busy"), "Server error"),
        (500, JSON, error("internal_error"), "Server error"),
        (200, JSON, b"{}", "Response violates schema"),
        (200, JSON, b"{", "JSON deserialization error"),
        (200, "text/html", b"<html>", "Undocumented Content-Type"),
        (404, JSON, b'{"error": {"code": "not_found"}}', "Response violates schema"),
        (404, JSON, error("never_heard_of"), "never_heard_of with 404 is not in docs/errors.md"),
        (409, JSON, error("not_found"), "not_found with 409 is not in docs/errors.md"),
    ],
)
def test_wrong_answers_are_noticed(
    liar: fuzz.Sitting,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    kind: str,
    body: bytes,
    said: str | None,
) -> None:
    for name, value in (("status", status), ("kind", kind), ("body", body)):
        monkeypatch.setattr(Answers, name, value)
    [operation] = [o for o in fuzz.operations() if o.label == "GET /exams/{exam_id}"]
    outcome = fuzz.Outcome()
    fuzz.try_operation(operation, liar, outcome, examples=3, start=1)
    if said is None:
        assert outcome.failures == []
        assert outcome.examples == 3
    else:
        [failure] = outcome.failures
        assert failure.startswith("GET /exams/{exam_id}\n")
        assert said in failure


def test_what_ends_the_exam_or_the_session_comes_last() -> None:
    labels = [operation.label for operation in fuzz.operations()]
    ends = [labels.index(label) for label in (*fuzz.LATE, *fuzz.LAST)]
    assert ends == sorted(ends)
    assert ends[-1] == len(labels) - 1
    assert ends[1] < labels.index("GET /attempts/{attempt_id}/result")
    assert max(labels.index(label) for label in ADMITTED) < ends[0]


def test_refusals_are_read_from_the_docs() -> None:
    errors = fuzz.known_errors()
    assert errors["not_found"] == {404}
    assert errors["page_token_invalid"] == {403}
    assert len(errors) > 60
