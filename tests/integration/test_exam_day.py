"""An exam day over HTTP, in moto: what a candidate does, what goes wrong, what it costs."""

import base64
import json
from typing import Any
from unittest import mock

import boto3
import msgspec
import pytest

from chalicelib.accounts import sessions
from chalicelib.attempts import store as attempts_store
from chalicelib.attempts.items import from_item, to_item
from chalicelib.shared import clients, secrets
from tests.api import Api, deliver, minute, publish, run, upload
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import rows
from tests.integration.candidates import (
    EXAM,
    MINUTE,
    PROFILE,
    Candidate,
    stored,
    stream_record,
)
from tests.integration.certificates import right_answers

# --- a good day -----------------------------------------------------------------------------------------


def test_a_candidate_lives_a_whole_day(candidate: Candidate, clock: StandingClock) -> None:
    assert candidate.open().json["next_step"] == "notice"
    assert candidate.steps().json["next_step"] == "verification"
    refused = candidate.verify("frame_b.jpg")
    assert (refused["state"], refused["reason"]) == ("failed", "mismatch")
    assert candidate.verify()["state"] == "passed"
    assert candidate.get().json["chances_left"] == 8
    assert candidate.admit().json["heartbeat_s"] == 60
    assert candidate.post("start").code == "exam_not_started"
    clock.now = T0
    assert candidate.post("start").json["deadline"] == T0 + 60 * MINUTE
    paper = candidate.get("paper").json
    numbers = [q["number"] for section in paper["sections"] for q in section["questions"]]
    assert numbers == list(range(1, 21))
    assert candidate.save(1, 2, {"1": "A", "2": "B"}).json["acked_seq"] == 2
    result = candidate.post(
        "submission", {"answers": {"first": 3, "last": 3, "answers": {"9": "BA"}}}
    )
    assert result.json["receipt"] == {"1": "A", "2": "B", "9": "AB"}
    assert result.json["score"]["out_of"] == 100
    assert candidate.get("result").json["score"] == result.json["score"]
    assert candidate.api.get("/me/attempts").json["attempts"][0]["status"] == "submitted"


def test_right_answers_earn_all_points(writing: Candidate) -> None:
    answers = right_answers(writing)
    result = writing.post("submission", {"answers": {"first": 1, "last": 20, "answers": answers}})
    assert (result.json["score"]["points"], result.json["score"]["passed"]) == (100, True)


def test_coming_back_gives_the_same_paper_and_every_acknowledged_answer(writing: Candidate) -> None:
    before = writing.get("paper").json
    writing.save(1, 1, {"1": "C"})
    old_token = writing.api.page_token
    writing.come_in()
    after = writing.get("paper").json
    assert after["sections"] == before["sections"]
    assert (after["answers"]["1"], after["acked_seq"], after["page"]) == ("C", 1, 2)
    assert after["deadline"] == before["deadline"]
    assert writing.get().json["chances_left"] == 9
    writing.api.page_token = old_token
    for refused in (
        writing.save(2, 2, {"1": "D"}),
        writing.post("heartbeat", {}),
        writing.get("paper"),
        writing.post("submission", {}),
    ):
        assert (refused.status, refused.code) == (409, "superseded")


def test_who_comes_back_learns_before_what_it_will_count_and_what_is_saved(
    writing: Candidate,
) -> None:
    writing.save(1, 3, {"1": "C", "2": "A", "3": ""})
    coming = {"kind": "counts", "switch": 1, "answered": 2, "page": 1, "acked_seq": 3}
    assert writing.get().json["coming_back"] == coming
    assert writing.get().json["switches"] == 0, "nothing has counted yet"
    writing.come_in()
    assert writing.get().json["switches"] == 1
    again = writing.get().json["coming_back"]
    assert again == {**coming, "switch": 2, "page": 2}
    writing.post("submission", {})
    assert writing.get().json["coming_back"] is None


def test_before_the_start_nobody_comes_back(candidate: Candidate) -> None:
    assert candidate.open().json["coming_back"] is None


def test_opening_twice_finds_the_same_attempt(candidate: Candidate) -> None:
    assert candidate.open().json["attempt_id"] == candidate.open().json["attempt_id"]


# --- doors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (T0 - 45 * MINUTE - 1, "waiting_room_not_open"),
        (T0 - 45 * MINUTE, None),
        (T0 + 30 * MINUTE, None),
        (T0 + 30 * MINUTE + 1, "entry_closed"),
    ],
)
def test_an_attempt_opens_with_the_waiting_room(
    candidate: Candidate, clock: StandingClock, at: int, code: str | None
) -> None:
    clock.now = at
    assert candidate.open().code == code


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (T0 - 1, "exam_not_started"),
        (T0, None),
        (T0 + 30 * MINUTE, None),
        (T0 + 30 * MINUTE + 1, "entry_closed"),
    ],
)
def test_the_bell_and_the_closing_of_entry_are_exact(
    inside: Candidate, clock: StandingClock, at: int, code: str | None
) -> None:
    clock.now = at
    assert inside.post("start").code == code


def test_no_paper_before_the_bell_or_without_admission(inside: Candidate) -> None:
    assert inside.get("paper").code == "exam_not_started"
    token, inside.api.page_token = inside.api.page_token, ""
    assert inside.get("paper").code == "page_token_invalid"
    inside.api.page_token = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert inside.get("paper").code == "page_token_invalid"


def test_somebody_else_sees_nothing_of_my_attempt(
    writing: Candidate, clock: StandingClock, pictures: str
) -> None:
    other = Api(clock, page_token=writing.api.page_token)
    other.register("13900139000")
    stranger = Candidate(other, pictures, who=2)
    stranger.path = writing.path
    assert stranger.get().status == 404
    assert stranger.get("result").status == 404
    assert stranger.reserve().status == 404
    for page_call in (stranger.get("paper"), stranger.save(1, 1, {"1": "A"})):
        assert (page_call.status, page_call.code) == (403, "page_token_invalid")


def test_the_wrong_audience_is_not_admitted_and_keeps_their_identity_editable(
    candidate: Candidate,
) -> None:
    assert candidate.api.put("/me", {**PROFILE, "role": "evaluation_expert"}).status == 200
    answer = candidate.open()
    assert (answer.status, answer.code) == (403, "not_admitted_to_exam")
    assert candidate.api.get("/me").json["frozen"] is False


def test_missing_identity_is_named_when_opening(api: Api, pictures: str) -> None:
    assert publish("agency-practitioners", T0)["ok"]
    api.register()
    answer = api.post(f"/exams/{EXAM}/attempts")
    assert (answer.status, answer.code) == (409, "identity_incomplete")
    assert "id_photo" in answer.json["error"]["details"]["missing"]


def test_identity_is_frozen_while_the_attempt_is_open(writing: Candidate) -> None:
    assert writing.api.put("/me", PROFILE).code == "identity_frozen"
    assert writing.api.post("/me/id-photo").code == "identity_frozen"
    writing.post("submission", {})
    run("chalicelib.handlers.changes.record_changes", stream_record(writing))
    assert writing.api.put("/me", PROFILE).status == 200


def test_a_person_who_changes_while_the_attempt_opens_is_looked_at_again(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is in the audience when it is looked at, and another one when frozen, does not slip in."""
    from chalicelib.exams import service as exams

    look, changed = exams.allowed_time, []

    def look_then_change(*args: Any, **words: Any) -> int:
        allowed = look(*args, **words)
        if not changed:
            changed.append(True)
            role = {"role": "evaluation_expert"}
            assert candidate.api.put("/me", {**PROFILE, **role}).status == 200
        return allowed

    monkeypatch.setattr(exams, "allowed_time", look_then_change)
    assert candidate.open().code == "not_admitted_to_exam"
    assert candidate.api.get("/me").json["frozen"] is False


def test_a_person_who_never_stops_changing_is_told_to_try_again(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.exams import service as exams

    look, names = exams.allowed_time, iter("甲乙丙丁")

    def look_then_change(*args: Any, **words: Any) -> int:
        assert candidate.api.put("/me", {**PROFILE, "name": next(names)}).status == 200
        return look(*args, **words)

    monkeypatch.setattr(exams, "allowed_time", look_then_change)
    assert candidate.open().code == "busy"
    assert next(names) == "丁"
    monkeypatch.undo()


def test_a_repeated_notice_keeps_the_pass_that_was_earned_since(candidate: Candidate) -> None:
    candidate.open()
    candidate.notice("notice-0001")
    candidate.notice("notice-0002")  # another window
    candidate.post("check-in/camera", {"camera_on": True})
    speed = {"down_mbps": 1, "up_mbps": 1, "latency_ms": 1}
    candidate.post("check-in/network", speed)
    assert candidate.verify()["state"] == "passed"
    before = stored(candidate)
    for repeated in ("notice-0001", "notice-0002"):
        assert candidate.notice(repeated).json["next_step"] == "admission"
    assert stored(candidate)["version"] == before["version"]
    assert candidate.admit().status == 201
    assert candidate.notice("notice-0002").json["next_step"] == "notice"
    assert candidate.notice("notice-0003").json["next_step"] == "camera"


def test_a_check_of_long_ago_is_never_reserved_a_second_time(
    candidate: Candidate, clock: StandingClock
) -> None:
    candidate.open()
    candidate.steps()
    first = candidate.reserve().json["verification"]["verification_id"]
    for _ in range(12):  # none is ever uploaded: each gives its chance back
        clock.advance(s=60)
        assert candidate.reserve().status == 201
    clock.advance(s=60)
    candidate.get()
    again = {"request_id": f"request-{candidate.requests - 12:04}"}
    before = stored(candidate)
    answer = candidate.post("verifications", again)
    assert (answer.status, answer.code) == (409, "verification_over")
    assert candidate.get(f"verifications/{first}").status == 404
    assert stored(candidate) == before


def test_the_policy_is_kept_without_names_and_older_attempts_keep_theirs(
    candidate: Candidate,
) -> None:
    candidate.open()
    attempt = attempts_store.load_attempt(candidate.path.rsplit("/", 1)[-1])
    assert attempt is not None
    item = to_item(attempt)
    named = {**item, "policy": msgspec.to_builtins(attempt.policy)}
    values = msgspec.msgpack.decode(item["policy"])
    not_packed = {**item, "policy": values}
    before_a_field_came = {**item, "policy": msgspec.msgpack.encode(values[:-1])}
    for known in (item, named, not_packed, before_a_field_came):
        assert from_item(known) == attempt


# --- face checks ----------------------------------------------------------------------------------------


def test_a_ticket_for_the_network_check_is_for_one_key_two_minutes_and_one_megabyte(
    candidate: Candidate, clock: StandingClock
) -> None:
    candidate.open()
    before = stored(candidate)
    answer = candidate.post("speed-uploads")
    assert answer.status == 201
    assert answer.json["expires_at"] == clock.now + 120_000
    assert answer.json["max_bytes"] == 1024 * 1024
    fields = answer.json["fields"]
    assert fields["key"] == candidate.path.replace("/attempts", "speed")
    conditions = json.loads(base64.b64decode(fields["policy"]))["conditions"]
    assert ["content-length-range", 0, 1024 * 1024] in conditions
    assert {"key": fields["key"]} in conditions
    for body in (b"once", b"and again"):  # nobody judges these bytes, and the attempt rests
        deliver(upload(answer.json, body))
    assert stored(candidate) == before


def test_an_account_gets_twenty_tickets_for_network_checks_an_hour(
    candidate: Candidate, clock: StandingClock
) -> None:
    candidate.open()
    clock.now -= clock.now % (60 * MINUTE)  # a full hour: the window begins
    assert {candidate.post("speed-uploads").status for _ in range(20)} == {201}
    clock.advance(ms=60 * MINUTE - 1)
    refused = candidate.post("speed-uploads")
    assert (refused.status, refused.code) == (429, "too_many_requests")
    assert refused.headers["retry-after"] == "1"
    clock.advance(ms=1)
    assert candidate.post("speed-uploads").status == 201


def test_no_network_check_for_strangers_or_after_the_submission(writing: Candidate) -> None:
    assert writing.post("submission", {}).status == 200
    assert writing.post("speed-uploads").code == "attempt_submitted"
    other = Api(writing.api.clock)
    other.register("13900139000")
    assert other.post(f"{writing.path}/speed-uploads").code == "not_found"


def test_a_repeated_reservation_is_the_same_one(candidate: Candidate) -> None:
    candidate.open()
    candidate.steps()
    for broken in ("same-request\n", "same request", "short"):
        assert candidate.post("verifications", {"request_id": broken}).code == "invalid_request"
    first = candidate.post("verifications", {"request_id": "same-request"}).json
    again = candidate.post("verifications", {"request_id": "same-request"}).json
    assert first["verification"] == again["verification"]
    assert again["chances_left"] == 9
    assert candidate.reserve().code == "verification_pending"


def test_a_check_without_upload_gives_its_chance_back(
    candidate: Candidate, clock: StandingClock
) -> None:
    candidate.open()
    candidate.steps()
    reserved = candidate.reserve()
    clock.advance(s=59.999)
    assert candidate.get().json["chances_left"] == 9
    clock.advance(ms=1)
    assert candidate.verdict(reserved)["reason"] == "not_uploaded"
    assert candidate.get().json["chances_left"] == 10


def test_a_picture_of_the_last_second_is_judged_however_late_its_event(
    candidate: Candidate, clock: StandingClock
) -> None:
    candidate.open()
    candidate.steps()
    reserved = candidate.reserve()
    clock.advance(s=59.999)
    key = upload(reserved.json["upload"], candidate.picture("frame_a.jpg"))
    clock.advance(s=30)
    assert candidate.verdict(reserved)["state"] == "judging"
    assert candidate.reserve().code == "verification_pending"
    clock.advance(s=30)
    deliver(key)
    assert candidate.verdict(reserved)["state"] == "passed"
    assert candidate.admit().status == 201


def test_an_upload_event_that_comes_twice_settles_once(candidate: Candidate) -> None:
    candidate.open()
    candidate.steps()
    reserved = candidate.reserve()
    key = upload(reserved.json["upload"], candidate.picture("frame_b.jpg"))
    for _ in range(3):
        deliver(key)
    assert candidate.get().json["chances_left"] == 9


def test_a_second_upload_to_the_same_ticket_changes_nothing(candidate: Candidate) -> None:
    candidate.open()
    candidate.steps()
    reserved = candidate.reserve()
    deliver(upload(reserved.json["upload"], candidate.picture("frame_b.jpg")))
    deliver(upload(reserved.json["upload"], candidate.picture("frame_a.jpg")))
    assert candidate.verdict(reserved)["state"] == "failed"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("frame_dark.jpg", "dark"),
        ("frame_covered.jpg", "covered"),
        ("frame_empty.jpg", "no_face"),
        ("frame_two.jpg", "several_faces"),
        (b"", "empty"),
        (b"not a picture", "not_a_picture"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "heic"),
    ],
)
def test_a_check_that_could_not_run_says_why_and_uses_no_chance(
    candidate: Candidate, data: str | bytes, reason: str
) -> None:
    candidate.open()
    candidate.steps()
    reserved = candidate.reserve()
    picture = data if isinstance(data, bytes) else candidate.picture(data)
    deliver(upload(reserved.json["upload"], picture))
    verdict = candidate.verdict(reserved)
    assert (verdict["state"], verdict["reason"]) == ("not_run", reason)
    assert "本次核验未进行" in verdict["message"]
    assert candidate.get().json["chances_left"] == 10


def test_the_eleventh_failure_cannot_be_tried(candidate: Candidate, clock: StandingClock) -> None:
    candidate.open()
    candidate.steps()
    for number in range(10):
        if number >= 5:
            early = candidate.reserve()
            assert (early.status, early.headers["retry-after"]) == (429, "30")
            clock.advance(s=30)
        assert candidate.verify("frame_b.jpg")["state"] == "failed"
    clock.advance(s=30)
    answer = candidate.reserve()
    assert (answer.status, answer.code) == (409, "chances_used_up")
    assert answer.json["error"]["details"]["next_step"] == "ticket"


# --- time -----------------------------------------------------------------------------------------------


def test_answers_in_the_grace_count_and_later_ones_do_not(
    writing: Candidate, clock: StandingClock
) -> None:
    clock.now = T0 + 60 * MINUTE + 2000
    assert writing.save(1, 1, {"1": "A"}).status == 200
    clock.advance(ms=1)
    late = writing.save(2, 2, {"1": "B"})
    assert (late.status, late.code) == (409, "time_is_up")
    result = writing.get("result").json
    assert (result["cause"], result["receipt"]) == ("deadline", {"1": "A"})
    assert result["submitted_at"] == T0 + 60 * MINUTE


def test_any_read_closes_an_overdue_attempt(writing: Candidate, clock: StandingClock) -> None:
    clock.now = T0 + 60 * MINUTE + 2001
    assert writing.get().json["status"] == "submitted"


def test_the_schedule_closes_overdue_attempts_also_after_skipped_hours(
    writing: Candidate, clock: StandingClock
) -> None:
    minute()
    assert stored(writing)["status"] == {"S": "started"}
    clock.now = T0 + 60 * MINUTE + 2000
    minute()
    assert stored(writing)["status"] == {"S": "started"}
    clock.now = T0 + 9 * 60 * MINUTE
    for _ in range(4):  # 240 minutes a run
        minute()
    item = stored(writing)
    assert (item["status"], item["cause"]) == ({"S": "submitted"}, {"S": "deadline"})
    # The frames that nobody delivered are settled five minutes after the closing.
    clock.advance(minutes=7)
    minute()
    item = stored(writing)
    assert "due_bucket" not in item
    assert item["integrity"]["M"]["rule"] == {"S": "snapshots_missing"}


def test_one_broken_attempt_does_not_keep_the_others_open(
    writing: Candidate, clock: StandingClock
) -> None:
    item = stored(writing)
    broken = {**item, "attempt_id": {"S": "at_broken"}, "policy": {"S": "not a policy"}}
    table = ENVIRONMENT["ATTEMPTS_TABLE"]
    boto3.client("dynamodb").put_item(TableName=table, Item=broken)
    clock.now = T0 + 62 * MINUTE
    minute()
    assert stored(writing)["status"] == {"S": "submitted"}


def test_the_schedule_opens_each_waiting_room_once(
    candidate: Candidate, clock: StandingClock
) -> None:
    clock.now = T0 - 45 * MINUTE - 1
    assert minute()["waiting_rooms_opened"] == 0
    clock.advance(ms=1)
    assert minute()["waiting_rooms_opened"] == 1
    assert minute()["waiting_rooms_opened"] == 0


# --- repeats --------------------------------------------------------------------------------------------


def test_saving_the_same_batch_again_is_acknowledged_and_changes_nothing(
    writing: Candidate,
) -> None:
    writing.save(1, 3, {"1": "A", "2": "B"})
    before = stored(writing)
    assert writing.save(1, 3, {"1": "C"}).json["acked_seq"] == 3
    assert stored(writing) == before
    assert writing.save(1, 4, {"1": "D", "2": "B"}).json["acked_seq"] == 4
    assert writing.save(6, 7, {"3": "A"}).code == "answers_missing"


def test_a_question_that_is_not_on_the_paper_is_refused(writing: Candidate) -> None:
    answer = writing.save(1, 1, {"21": "A"})
    assert (answer.status, answer.code) == (400, "answer_invalid")


def test_submitting_twice_gives_the_same_result(writing: Candidate) -> None:
    writing.save(1, 1, {"1": "A"})
    first = writing.post("submission", {}).json
    again = writing.post("submission", {"answers": {"first": 2, "last": 2, "answers": {"1": "B"}}})
    assert again.json["receipt"] == first["receipt"] == {"1": "A"}
    assert writing.save(2, 2, {"1": "B"}).code == "attempt_submitted"


def test_a_save_between_reading_and_submitting_is_not_lost(
    writing: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.attempts import store

    load, interfered = store.load_attempt, []

    def load_then_save(attempt_id: str) -> Any:
        attempt = load(attempt_id)
        if not interfered:
            interfered.append(True)
            writing.save(1, 2, {"1": "C", "2": "B"})
        return attempt

    monkeypatch.setattr(store, "load_attempt", load_then_save)
    late = {"first": 1, "last": 1, "answers": {"1": "A"}}
    assert writing.post("submission", {"answers": late}).json["receipt"] == {"1": "C", "2": "B"}


def test_what_a_check_showed_is_kept_once_with_all_that_it_rests_on(candidate: Candidate) -> None:
    candidate.open()
    candidate.steps()
    reserved = candidate.reserve()
    key = upload(reserved.json["upload"], candidate.picture("frame_a.jpg"))
    deliver(key)
    check = reserved.json["verification"]["verification_id"]
    wanted = f"{candidate.path.rsplit('/', 1)[-1]}/VERIFICATION#{check}"
    kept = rows("ATTEMPTS_TABLE")[wanted]
    verdict = kept["verdict"]
    assert (verdict["outcome"], verdict["match_at"], verdict["mismatch_above"]) == (
        "match",
        0.615,
        0.8,
    )
    assert verdict["second"] is None  # a sure match needs none
    assert verdict["engine"].startswith("onnxruntime")
    assert verdict["model"] == kept["quality"]["model"]
    assert len(kept["sha256"]) == 64
    upload(reserved.json["upload"], candidate.picture("frame_b.jpg"))  # the ticket is still good
    deliver(key)
    assert rows("ATTEMPTS_TABLE")[wanted] == kept
    assert candidate.verdict(reserved)["state"] == "passed"


def test_two_pictures_judged_at_once_for_one_check_end_alike(
    candidate: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes second takes the finding of the first, so that verdict and record never differ."""
    candidate.open()
    candidate.steps()
    reserved = candidate.reserve()
    key = upload(reserved.json["upload"], candidate.picture("frame_b.jpg"))
    keep = attempts_store.put_verification

    def the_other_was_first(*arguments: Any) -> Any:
        monkeypatch.setattr(attempts_store, "put_verification", keep)
        upload(reserved.json["upload"], candidate.picture("frame_a.jpg"))
        deliver(key)
        return keep(*arguments)

    monkeypatch.setattr(attempts_store, "put_verification", the_other_was_first)
    deliver(key)
    state = candidate.verdict(reserved)["state"]
    [kept] = [row for name, row in rows("ATTEMPTS_TABLE").items() if "/VERIFICATION" in name]
    assert (state, kept["verdict"]["outcome"]) == ("passed", "match")


def test_an_early_sign_in_does_not_end_in_mid_exam(
    candidate: Candidate, clock: StandingClock
) -> None:
    """Admission renews the session: 12 hours from there on, whoever signed in at dawn."""
    clock.now = T0 - 45 * MINUTE
    early = clock.now - 12 * 60 * MINUTE + 1
    account_id = candidate.api.get("/me").json["account_id"]
    candidate.api.cookie = sessions.cookie(account_id, 1, early).split(";")[0]
    candidate.open()
    candidate.come_in()
    admitted_at = clock.now
    clock.now = T0  # the session of the sign-in is long over
    assert candidate.post("start").status == 200
    assert candidate.post("heartbeat", {}).status == 200
    clock.now = admitted_at + 12 * 60 * MINUTE - 1
    assert candidate.get("result").status == 200
    clock.now += 1
    assert candidate.get("result").code == "session_expired"


def test_a_renewed_session_is_still_ended_by_signing_out(candidate: Candidate) -> None:
    candidate.open()
    candidate.steps()
    stolen = Api(candidate.api.clock, cookie=candidate.api.cookie)
    candidate.verify()
    candidate.api.call("DELETE", "/sessions/current")
    admitted = stolen.post(f"{candidate.path}/admission", {"request_id": "request-stolen"})
    assert admitted.status == 201
    assert stolen.get("/me").code == "session_expired"


def test_a_lost_response_of_our_own_write_is_not_mistaken_for_a_lost_race(
    inside: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.shared import table

    original, repeated = table._conditional, []

    def twice(operation: str, request: dict[str, Any]) -> Any:
        if operation == "UpdateItem" and not repeated:
            repeated.append(True)
            original(operation, dict(request))  # applied; the response never arrives
        return original(operation, request)

    clock.now = T0
    monkeypatch.setattr(table, "_conditional", twice)
    assert inside.post("start").json["status"] == "started"
    assert stored(inside)["version"]["N"] == str(inside.get().json["version"])


def test_the_score_is_stored_once_whatever_the_stream_repeats(writing: Candidate) -> None:
    writing.post("submission", {})
    event = stream_record(writing)
    for _ in range(2):
        answer = run("chalicelib.handlers.changes.record_changes", event)
        assert answer == {"batchItemFailures": []}
    key = {"attempt_id": {"S": writing.path.rsplit("/", 1)[-1]}, "sk": {"S": "RESULT"}}
    row = boto3.client("dynamodb").get_item(TableName=ENVIRONMENT["ATTEMPTS_TABLE"], Key=key)
    assert row["Item"]["points"] == {"N": "0.0"}


# --- costs ----------------------------------------------------------------------------------------------

READ, WRITE = "Query 1", "UpdateItem 1"


def test_each_command_costs_what_the_design_allows(inside: Candidate, clock: StandingClock) -> None:
    clock.now = T0
    cost = {
        "heartbeat": inside.post("heartbeat", {}),
        "start": inside.post("start"),
        "save": inside.save(1, 1, {"1": "A"}),
        "heartbeat with answers": inside.post(
            "heartbeat", {"answers": {"first": 2, "last": 2, "answers": {"2": "B"}}}
        ),
        "saved already": inside.save(1, 1, {"1": "A"}),
    }
    inside.get("paper")  # the bank is read once and kept
    cost["paper"] = inside.get("paper")
    cost["submission"] = inside.post("submission", {})
    assert {name: answer.headers["aws-calls"] for name, answer in cost.items()} == {
        "heartbeat": READ,
        "start": f"{READ}, GetItem 1, {WRITE}",  # what rests from now on lies ready
        "save": WRITE,
        "heartbeat with answers": WRITE,
        "saved already": WRITE,
        "paper": READ,
        "submission": f"{READ}, {WRITE}",
    }


def test_a_save_with_a_ticket_for_a_frame_needs_no_client_of_boto3(
    writing: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets.forget()  # as in a new process
    monkeypatch.setattr(clients, "client", mock.Mock(side_effect=AssertionError("a client")))
    tickets, number = [], 0
    while not tickets:
        clock.advance(s=60)
        number += 1
        tickets += writing.save(number, number, {"1": "A"}).json["snapshots"]
    assert len(writing.post("heartbeat", {}).json["snapshots"]) == len(tickets)


def test_each_step_of_the_check_in_costs_one_read_and_one_write(candidate: Candidate) -> None:
    opened = candidate.open()
    # Attempt, exam and person; the person is frozen on condition of what was read. Two rows lead operators to it.
    assert opened.headers["aws-calls"] == "Query 1, GetItem 2, UpdateItem 1, PutItem 3"
    assert candidate.open().headers["aws-calls"] == READ
    notice = candidate.notice()
    assert notice.headers["aws-calls"] == "Query 2, UpdateItem 2, PutItem 1"  # with the consent
    camera = candidate.post("check-in/camera", {"camera_on": True})
    assert camera.headers["aws-calls"] == f"{READ}, {WRITE}"
    assert candidate.post("speed-uploads").headers["aws-calls"] == f"{READ}, {WRITE}"
    candidate.post("check-in/network", {"down_mbps": 1, "up_mbps": 1, "latency_ms": 1})
    reserved = candidate.reserve()
    assert reserved.headers["aws-calls"] == f"{READ}, {WRITE}"
    deliver(upload(reserved.json["upload"], candidate.picture("frame_a.jpg")))
    # what will rest is put; whether the paper shows pictures: the bank is read once and kept
    assert candidate.admit().headers["aws-calls"] == f"{READ}, {WRITE}, PutItem 1, GetObject 1"
    # a repeat puts it as well, for the first one may have died in between
    again = candidate.post("admission", {"request_id": f"request-{candidate.requests:04}"})
    assert (again.status, again.headers["aws-calls"]) == (201, f"{READ}, PutItem 1")
    assert candidate.post("admission", {"request_id": "request-0002"}).headers["aws-calls"] == READ
