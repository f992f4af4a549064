"""Tickets 去反馈 over HTTP with real pictures, an operator's decision, and what it opens."""

import json
from typing import Any

import boto3
import pytest

from chalicelib.attempts import operating
from chalicelib.attempts import store as attempts_store
from chalicelib.cases import service as cases
from chalicelib.cases import store
from chalicelib.shared.languages import Language
from tests.api import Api, deliver, minute, run, upload
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import at_once, everything_stored, messages, rows
from tests.integration.candidates import EXAM, ID_NUMBER, MINUTE, PROFILE, Candidate, stored
from tests.integration.orders import another, attempt_id
from tests.integration.tickets import CONSOLE, PAGE, PORTRAIT, ask, decide, seen, send
from tests.integration.watching import deliver_frame, next_ticket, verdicts

# --- asking ---------------------------------------------------------------------------------------------


def test_a_ticket_has_a_number_for_the_telephone_and_two_places_for_pictures(
    candidate: Candidate, clock: StandingClock
) -> None:
    candidate.open()
    answer = ask(candidate)
    assert answer.status == 201
    ticket = answer.json
    assert [len(part) for part in ticket["ticket_id"].split("-")] == [2, 4, 4, 4]
    assert (ticket["state"], ticket["reason"], ticket["exam_id"]) == ("open", "", EXAM)
    assert [entry["kind"] for entry in ticket["uploads"]] == ["failure_page", "id_portrait"]
    assert {entry["state"] for entry in ticket["uploads"]} == {"waiting"}
    assert ticket["uploads"][0]["upload"]["expires_at"] == clock.now + 10 * MINUTE
    clock.advance(s=1)
    again = ask(candidate, text="another text").json
    assert (again["ticket_id"], again["text"], again["opened_at"]) == (
        ticket["ticket_id"],
        "核验不通过",
        ticket["opened_at"],
    )
    assert len(candidate.api.get("/tickets").json["tickets"]) == 1


@pytest.mark.parametrize(("signs", "status"), [(499, 201), (500, 201), (501, 400)])
def test_five_hundred_signs_are_the_most(candidate: Candidate, signs: int, status: int) -> None:
    answer = ask(candidate, text="核" * signs)
    assert answer.status == status
    if status == 400:
        assert answer.code == "text_invalid"
        assert "500" in answer.json["error"]["message"]


def test_a_taken_number_leads_to_a_ticket_without_any_attempt(candidate: Candidate) -> None:
    other = Candidate(Api(candidate.api.clock), str(candidate.pictures), who=2)
    register = other.api.register
    register("13900139000")
    assert other.api.put("/me", PROFILE).code == "id_number_taken"
    ticket = ask(other, trouble="id_number_taken", text="身份证号被别人用了").json
    assert (ticket["attempt_id"], ticket["exam_id"]) == (None, None)
    refused = decide(ticket, admit_with="enrolled")
    assert refused["errors"][0]["code"] == "nothing_to_admit"
    assert decide(ticket)["state"] == "accepted"


def test_what_is_not_mine_is_not_found(candidate: Candidate) -> None:
    candidate.open()
    mine = ask(candidate).json
    other = another(candidate, 1)
    before = everything_stored()
    assert other.api.get(f"/tickets/{mine['ticket_id']}").status == 404
    assert other.api.get("/tickets").json == {"tickets": []}
    body = {"request_id": "ticket-0001", "trouble": "other", "text": "x"}
    stolen = other.api.post("/tickets", {**body, "attempt_id": mine["attempt_id"]})
    assert (stolen.status, stolen.code) == (404, "not_found")
    assert other.api.post("/tickets", {**body, "exam_id": "no-exam"}).code == "not_found"
    assert everything_stored() == before


def test_three_may_be_open_and_a_decision_makes_room(candidate: Candidate) -> None:
    tickets = [ask(candidate, number).json for number in (1, 2, 3)]
    refused = ask(candidate, 4)
    assert (refused.status, refused.code) == (409, "too_many_tickets")
    assert ask(candidate, 3).status == 201  # the same again
    assert decide(tickets[0], "rejected")["ok"]
    assert ask(candidate, 4).status == 201
    listed = candidate.api.get("/tickets").json["tickets"]
    assert [entry["state"] for entry in listed] == ["open", "open", "open", "rejected"]


def test_of_many_at_once_three_are_opened(candidate: Candidate) -> None:
    account = candidate.api.get("/me").json["account_id"]

    def call(number: int) -> Any:
        return lambda: cases.open_ticket(
            account_id=account,
            request_id=f"ticket-{number:04}",
            trouble=cases.Trouble.OTHER,
            text="help",
            exam_id=None,
            attempt_id=None,
            language=Language.ZH,
            now=T0,
        )

    at_once([call(number) for number in range(6)])
    assert 1 <= len(run(f"{CONSOLE}.list_tickets", {})["tickets"]) <= 3


def test_a_ticket_whose_request_died_is_completed_by_the_same_request(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(store, "put_case", lambda _: 1 / 0)
        assert ask(candidate).status == 500
    assert candidate.api.get("/tickets").json == {"tickets": []}
    assert ask(candidate).status == 201
    assert len(candidate.api.get("/tickets").json["tickets"]) == 1


# --- pictures -------------------------------------------------------------------------------------------


def test_pictures_are_kept_without_metadata_and_told(candidate: Candidate) -> None:
    ticket = ask(candidate).json
    told = send(candidate, ticket, PORTRAIT, candidate.picture("id_a.jpg"))
    assert (told["state"], told["upload"]) == ("accepted", None)
    told = send(candidate, ticket, PAGE, candidate.picture("frame_empty.jpg"))
    assert told["state"] == "accepted"
    uploads = rows("CASES_TABLE")[ticket["ticket_id"]]["uploads"]
    assert uploads["failure_page"]["unusable"] == "no_face"
    assert uploads["id_portrait"]["reference"]["sha256"] == uploads["id_portrait"]["sha256"]
    for entry in uploads.values():
        assert entry["key"].startswith(f"tickets/{ticket['ticket_id']}/")
        kept = boto3.client("s3").get_object(Bucket=ENVIRONMENT["PRIVATE_BUCKET"], Key=entry["key"])
        assert kept["Body"].read(3) == b"\xff\xd8\xff"


def test_a_refused_picture_says_why_and_may_come_again(candidate: Candidate) -> None:
    ticket = ask(candidate).json
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100
    told = send(candidate, ticket, PAGE, heic)
    assert (told["state"], told["reason"]) == ("refused", "heic")
    assert "HEIC" in told["message"]
    assert send(candidate, ticket, PAGE, candidate.picture("id_a.jpg"))["state"] == "accepted"


def test_a_third_picture_a_late_event_and_a_made_up_place_change_nothing(
    candidate: Candidate,
) -> None:
    ticket = ask(candidate).json
    places = [entry["upload"] for entry in ticket["uploads"]]
    for which in (PAGE, PORTRAIT):
        assert send(candidate, ticket, which, candidate.picture("id_a.jpg"))["state"] == "accepted"
    before = rows("CASES_TABLE")
    for _ in range(2):
        deliver(upload(places[PORTRAIT], candidate.picture("id_b.jpg")))
    for key in ("incoming/tickets/tk-none/id_portrait", "incoming/tickets/x", "incoming/tickets/"):
        deliver(upload({"fields": {"key": key + "y"}}, b"x"))
    real = places[PAGE]["fields"]["key"]
    deliver(upload({"fields": {"key": real + "2"}}, candidate.picture("id_b.jpg")))
    assert rows("CASES_TABLE") == before
    decide(ticket, "rejected")
    assert seen(candidate, ticket)["uploads"][PAGE]["upload"] is None


def test_a_ticket_can_be_decided_without_any_picture(candidate: Candidate) -> None:
    candidate.open()
    ticket = ask(candidate).json
    assert decide(ticket, admit_with="enrolled")["effect"] == "admitted"


# --- the operator ---------------------------------------------------------------------------------------


def test_an_operator_sees_words_person_and_pictures_for_a_minute_and_nothing_in_full(
    candidate: Candidate, capsys: pytest.CaptureFixture[str]
) -> None:
    candidate.open()
    ticket = ask(candidate).json
    send(candidate, ticket, PORTRAIT, candidate.picture("id_a.jpg"))
    [listed] = run(f"{CONSOLE}.list_tickets", {})["tickets"]
    assert (listed["ticket_id"], listed["version"]) == (ticket["ticket_id"], 2)
    capsys.readouterr()
    told = run(f"{CONSOLE}.read_ticket", {"ticket_id": ticket["ticket_id"]})
    assert told["person"]["name"] == "张三"
    assert set(told["pictures"]) == {"id_portrait", "enrolled"}
    assert all("X-Amz-Expires=60&" in link for link in told["pictures"].values())
    assert told["usable"] == {"failure_page": False, "id_portrait": True}
    everything = json.dumps([listed, told])
    assert ID_NUMBER not in everything
    assert "13800138000" not in everything
    assert "vector" not in everything
    logged = capsys.readouterr().out
    assert '"evidence_shown"' in logged
    assert "张三" not in logged
    assert (
        run(f"{CONSOLE}.read_ticket", {"ticket_id": "tk-none"})["errors"][0]["code"] == "not_found"
    )
    account = candidate.api.get("/me").json["account_id"]
    odd = run(f"{CONSOLE}.read_ticket", {"ticket_id": f"of#{account}"})
    assert odd["errors"][0]["code"] == "not_found"


def test_a_rejected_ticket_tells_its_reason_and_opens_nothing(candidate: Candidate) -> None:
    candidate.open()
    ticket = ask(candidate).json
    before = stored(candidate)
    assert decide(ticket, "rejected", reason="照片不是本人")["effect"] is None
    mine = seen(candidate, ticket)
    assert (mine["state"], mine["reason"]) == ("rejected", "照片不是本人")
    assert stored(candidate) == before
    assert run(f"{CONSOLE}.list_tickets", {})["tickets"] == []


def test_a_ticket_is_decided_once(candidate: Candidate) -> None:
    candidate.open()
    ticket = ask(candidate).json
    first = decide(ticket, admit_with="enrolled")
    before = everything_stored()
    assert decide(ticket, admit_with="enrolled") == first
    other = decide(ticket, "rejected", command_id="decide-0002")
    assert (other["ok"], other["errors"][0]["code"]) == (False, "ticket_decided")
    assert everything_stored() == before


def test_a_picture_that_came_in_meanwhile_has_to_be_seen_first(candidate: Candidate) -> None:
    ticket = ask(candidate).json
    send(candidate, ticket, PORTRAIT, candidate.picture("id_a.jpg"))
    answer = decide(ticket, "rejected", version_seen=1)
    assert answer["errors"][0]["code"] == "ticket_changed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"decision": "maybe"},
        {"reason": ""},
        {"operator": ""},
        {"admit_with": "selfie"},
        {"enter_within_min": 20},
        {"admit_with": "enrolled", "enter_within_min": 0},
        {"admit_with": "enrolled", "enter_within_min": 1441},
        {"more": 1},
    ],
)
def test_a_wrong_event_is_refused_and_changes_nothing(
    candidate: Candidate, wrong: dict[str, Any]
) -> None:
    candidate.open()
    ticket = ask(candidate).json
    before = everything_stored()
    answer = decide(ticket, **wrong)
    assert (answer["ok"], answer["errors"][0]["code"]) == (False, "invalid_request")
    assert everything_stored() == before


# --- what it opens --------------------------------------------------------------------------------------


def test_a_waived_candidate_lives_the_day_without_the_face_check(
    candidate: Candidate, clock: StandingClock
) -> None:
    """They look like person b, enrolled with a photo of a; the operator approves the portrait of b."""
    candidate.open()
    assert candidate.steps().json["next_step"] == "verification"
    assert candidate.verify("frame_b.jpg")["state"] == "failed"
    ticket = ask(candidate).json
    send(candidate, ticket, PORTRAIT, candidate.picture("id_b.jpg"))
    assert decide(ticket, admit_with="id_portrait")["effect"] == "admitted"
    assert candidate.get().json["next_step"] == "admission"
    assert candidate.reserve().code == "wrong_step"
    assert candidate.admit().status == 201
    assert candidate.steps().json["next_step"] == "admission"  # also for coming back
    assert candidate.admit().status == 201
    clock.now = T0
    assert candidate.post("start").status == 200
    deliver_frame(candidate, next_ticket(candidate, clock), "frame_b.jpg")
    assert verdicts(candidate) == ["match"]
    for _ in range(6):
        deliver_frame(candidate, next_ticket(candidate, clock), "frame_a.jpg")
    assert verdicts(candidate)[1:] == ["mismatch"] * 6
    result = candidate.post("submission", {}).json
    assert (result["integrity"], result["integrity_rule"]) == ("clear", None)
    told = run(f"{CONSOLE}.read_timeline", {"attempt_id": attempt_id(candidate)})
    assert told["ok"]


def test_the_enrolled_photo_may_stay_the_reference(inside: Candidate, clock: StandingClock) -> None:
    assert decide(ask(inside).json, admit_with="enrolled")["ok"]
    clock.now = T0
    inside.post("start")
    deliver_frame(inside, next_ticket(inside, clock), "frame_a.jpg")
    assert verdicts(inside) == ["match"]


@pytest.mark.parametrize(("later_ms", "status"), [(-1, 201), (0, 201), (1, 409)])
def test_entry_may_be_granted_until_a_millisecond(
    candidate: Candidate, clock: StandingClock, later_ms: int, status: int
) -> None:
    candidate.open()
    clock.now = T0 + 40 * MINUTE
    candidate.steps()
    assert candidate.get().json["next_step"] == "entry_closed"
    assert decide(ask(candidate).json, admit_with="enrolled", enter_within_min=20)["ok"]
    clock.now += 20 * MINUTE + later_ms
    answer = candidate.admit()
    assert answer.status == status
    if status == 201:
        assert candidate.post("start").json["deadline"] == clock.now + 60 * MINUTE
        account = candidate.api.get("/me").json["account_id"]
        locks = rows("ACCOUNTS_TABLE")[f"account#{account}"]["locks"]
        assert locks[attempt_id(candidate)] >= clock.now + 60 * MINUTE
    else:
        assert answer.code == "entry_closed"


def test_a_ticket_about_a_submitted_attempt_can_be_answered_but_admits_nobody(
    writing: Candidate,
) -> None:
    writing.post("submission", {})
    ticket = ask(writing).json
    before = everything_stored()
    answer = decide(ticket, admit_with="enrolled")
    assert answer["errors"][0]["code"] == "attempt_submitted"
    assert everything_stored() == before
    assert decide(ticket)["state"] == "accepted"


def test_an_attempt_submitted_in_that_very_moment_is_told_as_too_late(
    writing: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = ask(writing).json
    monkeypatch.setattr(operating, "refuse_grant", lambda **_: writing.post("submission", {}))
    answer = decide(ticket, admit_with="enrolled")
    assert (answer["ok"], answer["effect"]) == (True, "too_late")
    assert "waiver" not in stored(writing)
    assert decide(ticket, admit_with="enrolled")["effect"] == "too_late"


@pytest.mark.parametrize("crash", ["before", "after"])
def test_a_decision_that_died_half_way_reaches_the_attempt(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch, crash: str
) -> None:
    candidate.open()
    ticket = ask(candidate).json
    apply = attempts_store.write_outcomes

    def dies(attempt: Any, changes: Any) -> Any:
        if crash == "after":
            apply(attempt, changes)
        raise OSError("the function died")

    with monkeypatch.context() as patch:
        patch.setattr(attempts_store, "write_outcomes", dies)
        with pytest.raises(OSError, match="died"):
            decide(ticket, admit_with="enrolled")
    assert seen(candidate, ticket)["state"] == "accepted"
    assert minute()["decisions_finished"] == 1
    assert rows("CASES_TABLE")[ticket["ticket_id"]]["effect"] == "admitted"
    assert stored(candidate)["waiver"]["M"]["case_id"]["S"] == ticket["ticket_id"]
    before = everything_stored()
    assert decide(ticket, admit_with="enrolled")["effect"] == "admitted"
    assert minute()["decisions_finished"] == 0
    assert everything_stored()["CASES_TABLE"] == before["CASES_TABLE"]
    assert everything_stored()["ATTEMPTS_TABLE"].keys() >= before["ATTEMPTS_TABLE"].keys()


# --- what is given, and the correction ------------------------------------------------------------------


def correct(ticket: Any, decision: str, **more: Any) -> Any:
    now = run(f"{CONSOLE}.read_ticket", {"ticket_id": ticket["ticket_id"]})
    fields = {"command_id": "decide-0009", "version_seen": now["version"], "corrects": True}
    return decide(ticket, decision, **{**fields, **more})


def told_by_sms() -> list[str]:
    """The texts of all SMS about tickets, in order."""
    return [text for _, text in messages() if "工单" in text]


def test_a_face_check_ticket_that_is_accepted_says_what_it_gives(candidate: Candidate) -> None:
    candidate.open()
    ticket = ask(candidate).json
    before = everything_stored()
    assert decide(ticket)["errors"][0]["code"] == "grant_needed"
    assert decide(ticket, grant="admission")["errors"][0]["code"] == "photo_needed"
    for name in ("CASES_TABLE", "ATTEMPTS_TABLE"):
        assert everything_stored()[name] == before[name]
    answer = decide(ticket, grant="nothing")
    assert (answer["state"], answer["effect"]) == ("accepted", None)
    assert seen(candidate, ticket)["message"] == "工作人员已回复您的工单，考试安排没有变化"


@pytest.mark.parametrize(
    ("given", "told", "sms"),
    [
        ({"grant": "chances", "count": 2}, "已增加 2 次核验机会", "增加核验机会2次"),
        ({"grant": "time", "extra_min": 20}, "作答时间延长 20 分钟", "延长作答20分钟"),
        ({"grant": "entry", "enter_within_min": 600}, "您最晚可在", "前可入场"),
        ({"admit_with": "enrolled"}, "不经人脸核验进入考场", "可免人脸核验入场"),
    ],
)
def test_page_and_message_follow_what_was_given(
    candidate: Candidate, given: dict[str, Any], told: str, sms: str
) -> None:
    candidate.open()
    ticket = ask(candidate).json
    assert decide(ticket, **given)["ok"]
    assert told in seen(candidate, ticket)["message"]
    minute()
    minute()
    [sent] = told_by_sms()
    assert sms in sent


def test_entry_alone_reopens_the_door_and_the_face_check_stays(
    candidate: Candidate, clock: StandingClock
) -> None:
    candidate.open()
    clock.now = T0 + 40 * MINUTE
    candidate.steps()
    assert candidate.get().json["next_step"] == "entry_closed"
    assert decide(ask(candidate).json, grant="entry", enter_within_min=20)["effect"] == "given"
    assert candidate.get().json["next_step"] == "verification"


def test_a_wrong_acceptance_is_taken_back_and_told_by_one_more_message(
    candidate: Candidate,
) -> None:
    candidate.open()
    candidate.steps()
    ticket = ask(candidate).json
    decide(ticket, admit_with="enrolled")
    minute()
    answer = correct(ticket, "rejected", reason="身份证与本人不符")
    assert (answer["state"], answer["effect"]) == ("rejected", "withdrawn")
    assert candidate.get().json["next_step"] == "verification"
    mine = seen(candidate, ticket)
    assert (mine["state"], mine["corrected"], mine["settled"]) == ("rejected", True, True)
    assert mine["reason"] == "身份证与本人不符"
    assert correct(ticket, "rejected", reason="身份证与本人不符", version_seen=3)["ok"]  # repeated
    refused = correct(ticket, "accepted", admit_with="enrolled", command_id="decide-0010")
    assert refused["errors"][0]["code"] == "ticket_corrected"
    minute()
    minute()
    assert [("更正" in text) for text in told_by_sms()] == [False, True]


def test_an_admission_that_was_used_stays_and_the_candidate_reads_that(
    candidate: Candidate,
) -> None:
    candidate.open()
    candidate.steps()
    ticket = ask(candidate).json
    decide(ticket, admit_with="enrolled")
    assert candidate.admit().status == 201
    assert correct(ticket, "rejected", reason="身份证与本人不符")["effect"] == "withdrawn"
    assert "waiver" in stored(candidate)
    assert "您已免核验进入考场，这一点不受影响" in seen(candidate, ticket)["message"]


@pytest.mark.parametrize("crash", ["before", "after"])
def test_a_correction_that_died_half_way_reaches_the_attempt(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch, crash: str
) -> None:
    candidate.open()
    ticket = ask(candidate).json
    decide(ticket, admit_with="enrolled")
    apply = attempts_store.write_outcomes

    def dies(attempt: Any, changes: Any) -> Any:
        if crash == "after":
            apply(attempt, changes)
        raise OSError("the function died")

    with monkeypatch.context() as patch:
        patch.setattr(attempts_store, "write_outcomes", dies)
        with pytest.raises(OSError, match="died"):
            correct(ticket, "rejected", reason="身份证与本人不符")
    assert not seen(candidate, ticket)["settled"]
    assert minute()["decisions_finished"] == 1
    assert seen(candidate, ticket)["settled"]
    assert "waiver" not in stored(candidate)
