"""Complaints 我要投诉 over HTTP: the evidence, the time for it, one for each verdict, the decision and its SMS."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import msgspec
import pytest

from chalicelib.attempts import store as attempts_store
from chalicelib.attempts import watch
from chalicelib.attempts.deciding import decide
from chalicelib.cases import complaints, store
from chalicelib.proctoring.model import Verdict
from chalicelib.shared.languages import Language
from tests.api import deliver, minute, run, upload
from tests.clock import StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import at_once, everything_stored, messages, rows
from tests.integration.candidates import EXAM, ID_NUMBER, MINUTE, PROFILE, Candidate, stored
from tests.integration.complaints import (
    HOUR,
    REVIEWS,
    complain,
    judge_all,
    rule,
    sign_in_again,
    status,
    tell,
)
from tests.integration.orders import another, attempt_id
from tests.integration.watching import deliver_frame, next_ticket
from tests.operators import give

CONSOLE = "chalicelib.handlers.console"


TITLE = "山西省政府采购代理机构从业人员从业资格…"  # the title of the pack, shortened


def told(person: Candidate) -> list[str]:
    """The texts about complaints that were sent."""
    return [text for _, text in messages() if "投诉" in text]


# --- evidence -------------------------------------------------------------------------------------------


def test_the_candidate_sees_the_frames_that_the_rule_names_and_no_others(
    writing: Candidate, clock: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver_frame(writing, next_ticket(writing, clock), "frame_a.jpg")
    for _ in range(3):
        deliver_frame(writing, next_ticket(writing, clock), "frame_two.jpg")
    capsys.readouterr()
    writing.post("submission", {})
    result = writing.get("result")
    shown = result.json["frames"]
    assert [frame["verdict"] for frame in shown] == ["several"] * 3
    assert [frame["message"] for frame in shown] == ["画面中有多人"] * 3
    assert "多人" in result.json["reason"]
    kept = rows("ATTEMPTS_TABLE")
    judged = [kept[f"{attempt_id(writing)}/SNAPSHOT#00{slot}"] for slot in (1, 2, 3)]
    assert [frame["at"] for frame in shown] == [row["moment"] for row in judged]
    for frame, row in zip(shown, judged, strict=True):
        link = urlsplit(frame["url"])
        assert row["sha256"] in link.path
        assert int(parse_qs(link.query)["X-Amz-Expires"][0]) <= 60
        bucket = ENVIRONMENT["EVIDENCE_BUCKET"]
        key = f"snapshots/{attempt_id(writing)}/{row['sha256']}.jpg"
        assert boto3.client("s3").head_object(Bucket=bucket, Key=key)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    looks = [line for line in lines if line["event"] == "evidence_shown"]
    assert [(look["by"], look["frames"]) for look in looks] == [("candidate", 3)] * 2
    assert PROFILE["name"] not in json.dumps(lines, ensure_ascii=False)
    assert result.headers["aws-calls"] == "Query 2, GetItem 1"


def test_who_is_accused_of_nothing_sees_no_frames_and_costs_no_search(
    writing: Candidate, clock: StandingClock
) -> None:
    deliver_frame(writing, next_ticket(writing, clock), "frame_a.jpg")
    writing.post("submission", {})
    result = writing.get("result")
    assert (result.json["frames"], result.json["reason"]) == ([], "")
    assert result.headers["aws-calls"] == "Query 1, GetItem 1"


def test_a_missing_frame_is_told_without_a_picture(
    writing: Candidate, clock: StandingClock
) -> None:
    clock.advance(minutes=45)
    writing.post("submission", {})
    judge_all(writing, clock, *[Verdict.MISSING] * 3)
    result = writing.get("result").json
    assert (result["integrity"], result["outcome"]) == ("flagged", "failed")
    assert [frame["url"] for frame in result["frames"]] == [None] * 3
    assert result["frames"][0]["message"] == "未收到画面"


def test_the_switches_that_closed_the_paper_are_told(
    writing: Candidate, clock: StandingClock
) -> None:
    for number in (1, 2, 3):
        clock.advance(ms=10_000)
        report = {"absence_seq": number, "kind": "hidden", "away_ms": 5000}
        writing.post("absences", {"absences": [report]})
    result = writing.get("result").json
    assert [switch["kind"] for switch in result["switches"]] == ["hidden"] * 3
    assert "离开考试页面" in result["reason"]


def test_the_three_axes_of_a_result(accused: Candidate, clock: StandingClock) -> None:
    result = accused.get("result").json
    assert (result["cause"], result["integrity"], result["outcome"]) == (
        "candidate",
        "invalidated",
        "invalidated",
    )
    assert (result["provisional"], result["published_at"]) == (True, clock.now)
    assert result["complaint"] == {
        "allowed": True,
        "until": clock.now + 48 * HOUR,
        "state": None,
        "effect": None,
    }
    clock.advance(ms=48 * HOUR + 1)
    sign_in_again(accused)
    late = accused.get("result").json
    assert (late["provisional"], late["complaint"]["allowed"]) == (False, False)
    assert late["score"] == result["score"]


# --- complaining ----------------------------------------------------------------------------------------


def test_a_complaint_has_a_number_and_three_places_for_pictures(
    accused: Candidate, clock: StandingClock
) -> None:
    answer = complain(accused)
    assert answer.status == 201
    complaint = answer.json
    assert complaint["case_id"].startswith("cp-")
    assert complaint["about"] == {
        "published_at": accused.get("result").json["published_at"],
        "accused": "several_people",
    }
    assert [entry["kind"] for entry in complaint["uploads"]] == [
        "picture_1",
        "picture_2",
        "picture_3",
    ]
    clock.advance(s=1)
    assert complain(accused).json["opened_at"] == complaint["opened_at"]
    mine = status(accused)
    assert (mine["allowed"], mine["complaint"]["state"]) == (False, "open")
    assert accused.get("result").json["complaint"]["state"] == "open"


@pytest.mark.parametrize(
    ("after_ms", "code"),
    [
        (48 * HOUR - 1, None),  # 47:59:59.999
        (48 * HOUR, None),  # 48:00:00.000
        (48 * HOUR + 1, "complaint_too_late"),  # 48:00:00.001
    ],
)
def test_the_servers_clock_says_when_the_time_is_over(
    accused: Candidate, clock: StandingClock, after_ms: int, code: str | None
) -> None:
    published = accused.get("result").json["published_at"]
    clock.now = published + after_ms
    sign_in_again(accused)
    answer = complain(accused)
    assert (answer.status, answer.code) == ((409, code) if code else (201, None))
    if code:
        assert answer.json["error"]["details"] == {"until": published + 48 * HOUR}
        assert rows("CASES_TABLE") == {}


def test_the_same_request_finds_its_complaint_after_the_time_is_over(
    accused: Candidate, clock: StandingClock
) -> None:
    first = complain(accused).json
    clock.advance(ms=49 * HOUR)
    sign_in_again(accused)
    assert complain(accused).json["case_id"] == first["case_id"]
    refused = complain(accused, 2)
    assert (refused.status, refused.code) == (409, "complaint_exists")


def test_before_the_submission_there_is_no_verdict(writing: Candidate) -> None:
    before = everything_stored()
    assert (complain(writing).status, complain(writing).code) == (409, "not_submitted")
    assert writing.get("complaint").code == "not_submitted"
    assert everything_stored() == before


def test_of_twenty_at_once_one_is_opened(accused: Candidate, clock: StandingClock) -> None:
    account = stored(accused)["account_id"]["S"]

    def one(number: int) -> Any:
        return complaints.open_complaint(
            attempt_id=attempt_id(accused),
            account_id=account,
            request_id=f"complaint-{number:04}",
            text="海报",
            language=Language.ZH,
            now=clock.now,
        )

    found = at_once([lambda n=n: one(n) for n in range(20)])  # type: ignore[misc]
    assert sum(not isinstance(answer, str) for answer in found) == 1
    assert {answer for answer in found if isinstance(answer, str)} == {"complaint_exists"}
    kept = rows("CASES_TABLE")
    assert [key[:3] for key in sorted(kept)] == ["cp-", "of#"]


def test_three_open_tickets_keep_nobody_from_complaining(accused: Candidate) -> None:
    for number in range(3):
        body = {"request_id": f"ticket-{number:04}", "trouble": "other", "text": "x"}
        assert accused.api.post("/tickets", body).status == 201
    assert complain(accused).status == 201
    assert len(accused.api.get("/tickets").json["tickets"]) == 3


def test_a_complaint_is_no_ticket_and_a_ticket_no_complaint(accused: Candidate) -> None:
    case_id = complain(accused).json["case_id"]
    assert accused.api.get(f"/tickets/{case_id}").status == 404
    body = {"request_id": "ticket-0001", "trouble": "other", "text": "x"}
    ticket_id = accused.api.post("/tickets", body).json["ticket_id"]
    not_found = [
        run(f"{CONSOLE}.read_ticket", {"ticket_id": case_id}),
        run(f"{REVIEWS}.read_complaint", {"case_id": ticket_id}),
        rule({"case_id": ticket_id}),
    ]
    assert [answer["errors"][0]["code"] for answer in not_found] == ["not_found"] * 3


def test_what_is_not_mine_is_not_found(accused: Candidate) -> None:
    complain(accused)
    other = another(accused, 1)
    before = everything_stored()
    other.path = accused.path
    assert [other.get(what).status for what in ("result", "complaint")] == [404, 404]
    assert complain(other, 2).status == 404
    assert everything_stored() == before


def test_a_picture_is_kept_without_looking_for_a_face_on_it(accused: Candidate) -> None:
    complain(accused)
    places = status(accused)["complaint"]["uploads"]
    key = upload(places[0]["upload"], accused.picture("frame_a.jpg"))
    assert key.startswith("incoming/complaints/cp-")
    for _ in range(2):
        deliver(key)
    deliver(upload(places[1]["upload"], b"not a picture"))
    now = status(accused)["complaint"]["uploads"]
    assert [entry["state"] for entry in now] == ["accepted", "refused", "waiting"]
    assert now[1]["message"]
    [kept] = [row for key, row in rows("CASES_TABLE").items() if key.startswith("cp-")]
    assert kept["uploads"]["picture_1"]["key"].startswith(f"complaints/{kept['case_id']}/")
    assert kept["uploads"]["picture_1"].get("reference") is None


def test_a_worse_verdict_opens_the_time_anew(accused: Candidate, clock: StandingClock) -> None:
    """The crowd is overturned; a flag about another person, raised as well, is confirmed a day later."""
    attempt = attempt_id(accused)

    def more(found: Any) -> Any:
        verdicts = {**found.verdicts, **dict.fromkeys(map(str, range(3, 9)), Verdict.MISMATCH)}
        changed = msgspec.structs.replace(found, verdicts=verdicts)
        return (watch.SnapshotsJudged(verdicts=verdicts, integrity=watch.integrity(changed)),)

    decide(attempt, None, clock.now, more)
    first = complain(accused).json
    assert rule(first)["effect"] == "overturned"
    assert accused.get("result").json["integrity"] == "flagged"
    clock.advance(minutes=10)
    command = {
        "attempt_id": attempt,
        "command_id": "confirm-0001",
        "operator": "other@example",
        "reason": "核实为非本人",
        "version_seen": int(stored(accused)["version"]["N"]),
        "rule": "other_person",
        "confirmed": True,
    }
    assert give(f"{CONSOLE}.confirm_flag", command)["integrity"] == "invalidated"
    result = accused.get("result").json
    assert (result["published_at"], result["complaint"]["allowed"]) == (clock.now, True)
    second = complain(accused, 2)
    assert second.status == 201
    assert second.json["case_id"] != first["case_id"]
    refused = rule(second.json, command_id="uphold-0002", operator="Other@Example ")
    assert refused["errors"][0]["code"] == "same_operator"
    assert rule(second.json, command_id="uphold-0003")["effect"] == "overturned"
    assert accused.get("result").json["integrity"] == "overturned"


# --- deciding -------------------------------------------------------------------------------------------


def test_the_operator_sees_everything_and_nothing_that_names_more_than_needed(
    accused: Candidate, capsys: pytest.CaptureFixture[str]
) -> None:
    complaint = complain(accused).json
    places = status(accused)["complaint"]["uploads"]
    deliver(upload(places[2]["upload"], accused.picture("frame_a.jpg")))
    [row] = run(f"{REVIEWS}.list_complaints", {})["complaints"]
    assert (row["case_id"], row["state"]) == (complaint["case_id"], "open")
    capsys.readouterr()
    review = run(f"{REVIEWS}.read_complaint", {"case_id": complaint["case_id"]})
    assert review["ok"]
    assert review["person"]["name"] == PROFILE["name"]
    assert review["person"]["phone"] == "138****8000"
    assert list(review["pictures"]) == ["picture_3"]
    assert review["result"]["outcome"] == "invalidated"
    assert len(review["frames"]) == 3
    assert review["timeline_problems"] == []
    plain = json.dumps(review, ensure_ascii=False)
    assert ID_NUMBER not in plain
    assert "13800138000" not in plain
    logged = capsys.readouterr().out
    assert '"event": "evidence_shown", "complaint"' in logged
    assert PROFILE["name"] not in logged


def test_an_upheld_complaint_brings_the_result_back_and_tells_it_once(
    accused: Candidate, clock: StandingClock
) -> None:
    complaint = complain(accused).json
    clock.advance(minutes=30)
    answer = rule(complaint)
    assert (answer["ok"], answer["state"], answer["effect"]) == (True, "accepted", "overturned")
    result = accused.get("result").json
    assert (result["integrity"], result["outcome"], result["provisional"]) == (
        "overturned",
        "failed",  # by its score, as before
        False,
    )
    assert result["complaint"]["effect"] == "overturned"
    assert len(result["frames"]) == 3
    mine = status(accused)["complaint"]
    assert (mine["state"], mine["reason"]) == ("accepted", "画面中的第二人是海报")
    for _ in range(2):
        tell(complaint["case_id"])
        assert minute()["notices_sent"] == 0
    assert told(accused) == [
        f"【考场】张三，{TITLE}投诉{complaint['case_id']}已获支持，请登录平台查看。"
    ]
    item = stored(accused)
    assert item["audit"]["L"][-1]["M"]["what"]["S"] == "decide_complaint"
    before = everything_stored()
    assert rule(complaint)["effect"] == "overturned"  # the same command again
    assert rule(complaint, command_id="other-0001")["errors"][0]["code"] == "complaint_decided"
    assert everything_stored() == before
    assert run(f"{REVIEWS}.list_complaints", {})["complaints"] == []


def test_a_rejected_complaint_leaves_the_verdict_and_tells_the_reason(accused: Candidate) -> None:
    complaint = complain(accused).json
    answer = rule(complaint, upheld=False, reason="三帧均有他人在场")
    assert (answer["state"], answer["effect"]) == ("rejected", "noted")
    tell(complaint["case_id"])
    assert told(accused) == [
        f"【考场】张三，{TITLE}投诉{complaint['case_id']}未获支持，请登录平台查看原因。"
    ]
    result = accused.get("result").json
    assert (result["outcome"], result["provisional"]) == ("invalidated", False)
    assert status(accused)["complaint"]["reason"] == "三帧均有他人在场"


def test_a_complaint_about_a_score_is_noted(writing: Candidate, clock: StandingClock) -> None:
    writing.post("submission", {})
    judge_all(writing, clock)
    before = writing.get("result").json
    answer = rule(complain(writing).json)
    assert (answer["state"], answer["effect"]) == ("accepted", "noted")
    after = writing.get("result").json
    assert {k: after[k] for k in ("outcome", "score", "integrity", "provisional")} == {
        k: before[k] for k in ("outcome", "score", "integrity", "provisional")
    }


def test_a_complaint_in_time_keeps_the_verdict_provisional_however_long_it_takes(
    accused: Candidate, clock: StandingClock
) -> None:
    complaint = complain(accused).json
    clock.advance(ms=60 * 24 * HOUR)
    sign_in_again(accused)
    assert accused.get("result").json["provisional"] is True
    assert rule(complaint)["effect"] == "overturned"


def test_a_picture_that_came_in_meanwhile_has_to_be_seen_first(accused: Candidate) -> None:
    complaint = complain(accused).json
    deliver(upload(complaint["uploads"][0]["upload"], accused.picture("frame_a.jpg")))
    answer = rule(complaint, version_seen=1)
    assert answer["errors"][0]["code"] == "complaint_changed"


@pytest.mark.parametrize("crash", ["before", "after"])
def test_a_decision_that_died_half_way_reaches_the_attempt(
    accused: Candidate, monkeypatch: pytest.MonkeyPatch, crash: str
) -> None:
    complaint = complain(accused).json
    apply = attempts_store.write_outcomes

    def dies(attempt: Any, changes: Any) -> Any:
        if crash == "after":
            apply(attempt, changes)
        raise OSError("the function died")

    with monkeypatch.context() as patch:
        patch.setattr(attempts_store, "write_outcomes", dies)
        with pytest.raises(OSError, match="died"):
            rule(complaint)
    done = minute()
    assert (done["decisions_finished"], done["notices_sent"]) == (1, 1)
    assert accused.get("result").json["integrity"] == "overturned"
    assert rows("CASES_TABLE")[complaint["case_id"]]["effect"] == "overturned"
    assert minute()["decisions_finished"] == 0
    assert len(told(accused)) == 1


@pytest.mark.parametrize(
    "wrong", [{"reason": ""}, {"operator": ""}, {"upheld": "yes"}, {"more": 1}, {"version_seen": 0}]
)
def test_a_wrong_event_is_refused_and_changes_nothing(
    accused: Candidate, wrong: dict[str, Any]
) -> None:
    complaint = complain(accused).json
    before = everything_stored()
    answer = rule(complaint, **wrong)
    assert (answer["ok"], answer["errors"][0]["code"]) == (False, "invalid_request")
    assert everything_stored() == before


def test_the_timeline_tells_flag_complaint_and_decision(accused: Candidate) -> None:
    from tests.integration.candidates import stream_record

    before = stored(accused)
    rule(complain(accused).json)
    event = stream_record(accused)
    event["Records"][0]["dynamodb"]["OldImage"] = before
    run("chalicelib.handlers.changes.record_changes", event)
    entries = run(f"{CONSOLE}.read_timeline", {"attempt_id": attempt_id(accused)})["entries"]
    facts = {fact["what"]: fact for entry in entries for fact in entry["facts"]}
    assert facts["integrity"]["state"] == "overturned"
    assert facts["command"]["command"] == "decide_complaint"
    assert (facts["command"]["detail"], facts["command"]["operator"]) == ("upheld", "ops@example")


def test_the_exam_says_how_long_one_may_complain(candidate: Candidate) -> None:
    assert candidate.api.get(f"/exams/{EXAM}").json["rules"]["complaint_hours"] == 48


# --- names ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["𠮷野㛃", "阿卜杜·热合曼", "O'Neill-Smith Jr.", "汉" * 40])
def test_a_name_arrives_as_it_is_written(
    candidate: Candidate, clock: StandingClock, name: str
) -> None:
    assert candidate.api.put("/me", {**PROFILE, "name": name}).json["profile"]["name"] == name
    candidate.open()
    candidate.come_in()
    clock.now += 40 * MINUTE
    candidate.post("start")
    candidate.post("submission", {})
    assert candidate.get().json["name"] == name
    complaint = complain(candidate).json
    rule(complaint)
    tell(complaint["case_id"])
    shown = name if len(name) <= 10 else f"{name[:9]}…"  # an SMS is short
    assert told(candidate) == [
        f"【考场】{shown}，{TITLE}投诉{complaint['case_id']}已获支持，请登录平台查看。"
    ]


@pytest.mark.parametrize("name", ["<b>张三</b>", "=1+1", "张\u202e三", "@SUM(1)", "张三\n"])
def test_a_name_that_is_none_is_refused_before_it_stands_anywhere(
    candidate: Candidate, name: str
) -> None:
    answer = candidate.api.put("/me", {**PROFILE, "name": name})
    if name.strip() == "张三":
        assert answer.json["profile"]["name"] == "张三"
    else:
        assert (answer.status, answer.code) == (400, "name_invalid")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "=HYPERLINK(1)", "{name}", "𠮷㛃·"])
def test_ones_own_words_stay_as_they_were_written(accused: Candidate, text: str) -> None:
    assert complain(accused, text=text).json["text"] == text
    [row] = run(f"{REVIEWS}.list_complaints", {})["complaints"]
    assert row["text"] == text
    assert store.load_case(row["case_id"]) is not None
