"""`/_local/`: what the page for trying by hand shows, and its fault switches."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from infra.local.aws import Aws
from infra.local.faults import FACE_FUNCTIONS, FAULTS, Faults
from tests.emulator.launching import Launched
from tests.emulator.test_emulated_launcher import error_of, post

PHONE = "13700137001"


def captcha(running: Launched, phone: str) -> str:
    """Ask for a captcha as a visitor of one's own, and return its id."""
    asked = {"phone": phone, "purpose": "sign_in", "format": "picture"}
    answer = running.http.post(
        "/api/captchas", json=asked, headers={"X-Local-Source-Ip": "203.0.113.77"}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["captcha_id"])


def ask_for_code(running: Launched, phone: str) -> httpx.Response:
    """Send the right answer of a new captcha; its answer is read where a person reads it."""
    captcha_id = captcha(running, phone)
    shown = running.local("state")["captcha"]
    assert shown["used"] is False
    asked = {
        "phone": phone,
        "purpose": "sign_in",
        "captcha_id": captcha_id,
        "captcha_answer": shown["answer"],
    }
    answer = running.http.post(
        "/api/codes", json=asked, headers={"X-Local-Source-Ip": "203.0.113.77"}
    )
    assert running.local("state")["captcha"] == shown | {"used": True}
    return answer


@pytest.fixture
def healed(launched: Launched) -> Iterator[Launched]:
    """The product, with all faults switched off again afterwards."""
    yield launched
    for fault in FAULTS:
        launched.local("faults", {"name": fault.name, "on": False})


def test_the_newest_message_is_the_first_and_has_its_moment(launched: Launched) -> None:
    assert ask_for_code(launched, PHONE).status_code == 202
    newest = launched.local("state")["messages"][0]
    assert newest["phone"] == f"+86{PHONE}"
    assert newest["sent_at"] > 0
    assert launched.local(f"sms?phone={PHONE}")["messages"][0] == newest


def test_without_sms_the_candidate_is_told_to_try_later(healed: Launched) -> None:
    healed.local("faults", {"name": "sms_down", "on": True})
    assert error_of(ask_for_code(healed, "13700137002")) == (503, "service_busy")
    healed.local("faults", {"name": "sms_down", "on": False})
    assert ask_for_code(healed, "13700137003").status_code == 202


def test_without_storage_a_posted_form_is_refused(healed: Launched) -> None:
    buckets = healed.local("health")["emulator"]

    def upload() -> httpx.Response:
        form = {"key": "incoming/x"}
        return httpx.post(f"{buckets}/no-such-bucket", data=form, files={"file": b"x"})

    healed.local("faults", {"name": "uploads_refused", "on": True})
    refused = upload()
    assert (refused.status_code, "SlowDown" in refused.text) == (503, True)
    assert refused.headers["access-control-allow-origin"] == "*"
    healed.local("faults", {"name": "uploads_refused", "on": False})
    assert upload().status_code == 404


def test_without_the_api_everything_else_goes_on(healed: Launched) -> None:
    healed.local("faults", {"name": "api_down", "on": True})
    assert error_of(healed.http.get("/api/exams")) == (502, "service_busy")
    assert healed.http.get("/_local/").status_code == 200
    healed.local("faults", {"name": "api_down", "on": False})
    assert healed.http.get("/api/exams").status_code == 200


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"name": "no_such_fault", "on": True}, (404, "not_found")),
        ({"name": "sms_down"}, (400, "invalid_request")),
        ({"name": "sms_down", "on": 1}, (400, "invalid_request")),
        ([], (400, "invalid_request")),
    ],
)
def test_switches_that_are_none(standin: Launched, content: Any, told: tuple[int, str]) -> None:
    assert error_of(post(standin, "faults", content)) == told
    assert not any(fault["on"] for fault in standin.local("state")["faults"])


def test_the_state_is_for_neighbours_only(standin: Launched) -> None:
    for path in ("state", "script", "answers/tiny"):
        answer = standin.http.get(f"/_local/{path}", headers={"Host": "evil.example"})
        assert error_of(answer) == (403, "foreign_host")


def test_the_answers_of_an_example_are_there(launched: Launched) -> None:
    page = launched.http.get("/_local/answers/agency-practitioners")
    assert page.headers["content-type"].startswith("text/html")
    assert "正确答案" in page.text or "答案" in page.text
    assert error_of(launched.http.get("/_local/answers/no-such-pack")) == (404, "not_found")


def test_the_short_exam_counts_and_is_open_for_waiting(launched: Launched) -> None:
    made = launched.local("exams", {"pack": "short", "starts_in_min": 20})
    exams = {exam["exam_id"]: exam for exam in launched.http.get("/api/exams").json()["exams"]}
    short = exams[made["exam_id"]]
    assert (short["kind"], short["phase"], short["duration_min"]) == ("exam", "waiting", 10)
    again = launched.local("exams", {"pack": "short", "starts_in_min": 20})
    assert again["exam_id"] != made["exam_id"]


class Calls(Aws):
    """Notes what the emulator is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def own_call(self, method: str, path: str) -> dict[str, Any]:
        self.told.append(f"{method} {path}")
        return {}


def test_the_emulator_is_told_all_refusals_that_hold() -> None:
    aws = Calls()
    faults = Faults(aws)
    faults.switch("sms_down", on=True)
    faults.switch("uploads_refused", on=True)
    faults.switch("sms_down", on=False)
    names = ("name=sms", "name=sms&name=uploads", "name=uploads")
    assert aws.told == [f"POST /_refusals?{name}" for name in names]


def test_a_failing_face_function_fails_and_no_other() -> None:
    faults = Faults(Calls())
    faults.switch("faces_down", on=True)
    assert all(faults.hinder(name) for name in FACE_FUNCTIONS)
    assert faults.hinder("api_handler") == ""
    faults.switch("faces_down", on=False)
    assert not any(faults.hinder(name) for name in FACE_FUNCTIONS)
