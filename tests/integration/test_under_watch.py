"""Switches and snapshots over HTTP, with real pictures: what is counted, kept, told, and what it costs."""

import json
from typing import Any

import boto3
import pytest

from chalicelib.accounts import store as accounts_store
from chalicelib.attempts import watch
from chalicelib.attempts.items import from_item
from chalicelib.shared import table
from tests.api import Api, deliver, minute, run, upload
from tests.clock import T0, StandingClock
from tests.cloud import ENVIRONMENT
from tests.integration.candidates import MINUTE, PROFILE, Candidate, stored, stream_record
from tests.integration.watching import absence, beat, deliver_frame, leave, next_ticket, verdicts

# --- switches -------------------------------------------------------------------------------------------


def test_a_counted_absence_is_told_though_a_short_one_came_after_it_in_the_same_call(
    writing: Candidate, clock: StandingClock
) -> None:
    clock.advance(ms=20_000)
    told = writing.post("absences", {"absences": [absence(1), absence(2, 999)]}).json
    assert (told["switch"], told["switches"]) == (1, 1)
    assert "第 1 次" in told["message"]


def test_the_candidate_is_told_after_each_switch_and_the_third_submits(
    writing: Candidate, clock: StandingClock
) -> None:
    first = leave(writing, clock, 1).json
    assert (first["switch"], first["switches"], first["switch_limit"]) == (1, 1, 3)
    assert "第 1 次" in first["message"]
    short = leave(writing, clock, 2, 999).json
    assert (short["switch"], short["switches"]) == (None, 1)
    assert "第 2 次" in leave(writing, clock, 3).json["message"]
    clock.advance(ms=10_000)
    body = {"absences": [absence(4)], "answers": {"first": 1, "last": 1, "answers": {"1": "A"}}}
    third = writing.post("absences", body).json
    assert (third["status"], third["switches"]) == ("submitted", 3)
    assert "自动收卷" in third["message"]
    result = writing.get("result").json
    assert (result["cause"], result["receipt"]) == ("switches", {"1": "A"})
    assert writing.save(2, 2, {"1": "B"}).code == "attempt_submitted"
    assert writing.post("absences", body).json == third  # its answer got lost: the same again


def test_a_report_out_of_order_is_asked_for_in_order(
    writing: Candidate, clock: StandingClock
) -> None:
    answer = leave(writing, clock, 2)
    assert (answer.status, answer.code) == (409, "absences_missing")
    assert answer.json["error"]["details"] == {"expected": 1}


def test_the_heartbeat_carries_absences_and_answers(
    writing: Candidate, clock: StandingClock
) -> None:
    clock.advance(ms=10_000)
    answers = {"first": 1, "last": 1, "answers": {"2": "C"}}
    body = {"absences": [absence(1, 10), absence(2)], "answers": answers}
    answer = writing.post("heartbeat", body)
    assert (answer.json["switches"], answer.json["acked_seq"]) == (1, 1)
    assert answer.headers["aws-calls"] == "Query 1, UpdateItem 1"


@pytest.mark.parametrize("what", ["absences", "heartbeat"])
def test_an_absence_is_recorded_although_answers_before_it_are_missing(
    writing: Candidate, clock: StandingClock, what: str
) -> None:
    clock.advance(ms=10_000)
    late = {"first": 3, "last": 3, "answers": {"2": "C"}}
    body = {"absences": [absence(1)], "answers": late}
    for _ in range(2):  # told again, counted once
        answer = writing.post(what, body)
        assert (answer.status, answer.code) == (409, "answers_missing")
        assert answer.json["error"]["details"] == {"acked_seq": 0}
        assert beat(writing)["switches"] == 1
    whole = {"first": 1, "last": 3, "answers": {"2": "C"}}
    told = writing.post(what, {**body, "answers": whole}).json
    assert (told["switches"], told["acked_seq"]) == (1, 3)


def test_a_lost_page_is_a_switch_and_the_third_one_submits(writing: Candidate) -> None:
    for switches in (1, 2):
        writing.come_in()
        assert beat(writing)["switches"] == switches
    writing.steps()
    assert writing.verify()["state"] == "passed"
    answer = writing.admit()
    assert (answer.status, answer.code) == (409, "attempt_submitted")
    assert writing.get("result").json["cause"] == "switches"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"absences": []},
        {"absences": [absence(0)]},
        {"absences": [absence(1, -1)]},
        {"absences": [absence(1, kind="page_lost")]},
        {"absences": [absence(n) for n in range(1, 22)]},
        {"absences": [absence(1, more=1)]},
    ],
)
def test_absences_that_no_page_would_send_are_refused(
    writing: Candidate, body: dict[str, Any]
) -> None:
    before = stored(writing)
    answer = writing.post("absences", body)
    assert (answer.status, answer.code) == (400, "invalid_request")
    assert stored(writing) == before


# --- snapshots ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("picture", "verdict"),
    [
        ("frame_a.jpg", "match"),
        ("frame_b.jpg", "mismatch"),
        ("frame_two.jpg", "several"),
        ("frame_empty.jpg", "no_face"),
        ("frame_dark.jpg", "unclear"),
        ("frame_covered.jpg", "unclear"),
        ("frame_screen.jpg", "match"),  # a tablet that shows the person: there is no liveness check
    ],
)
def test_a_frame_is_judged_by_what_it_shows(
    writing: Candidate, clock: StandingClock, picture: str, verdict: str
) -> None:
    ticket = next_ticket(writing, clock)
    assert ticket["frame_at"] <= clock.now
    for _ in range(2):  # the event comes twice
        deliver_frame(writing, ticket, picture)
    assert verdicts(writing) == [verdict]
    key = {"attempt_id": {"S": writing.path.rsplit("/", 1)[-1]}, "sk": {"S": "SNAPSHOT#000"}}
    row = boto3.client("dynamodb").get_item(TableName=ENVIRONMENT["ATTEMPTS_TABLE"], Key=key)
    kept = boto3.client("s3").list_objects_v2(Bucket=ENVIRONMENT["EVIDENCE_BUCKET"])["Contents"]
    assert [entry["Key"].split("/")[-1] for entry in kept] == [row["Item"]["sha256"]["S"] + ".jpg"]
    assert row["Item"]["quality"]["M"]["engine"]["S"].startswith("onnxruntime")


def test_a_ticket_comes_again_until_it_is_used(writing: Candidate, clock: StandingClock) -> None:
    ticket = next_ticket(writing, clock)
    assert beat(writing)["snapshots"][0]["snapshot_id"] == ticket["snapshot_id"]
    deliver_frame(writing, ticket, "frame_a.jpg")
    assert beat(writing)["snapshots"] == []


def test_a_frame_is_compared_after_one_look_at_the_person(
    writing: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = next_ticket(writing, clock)
    read: list[str] = []
    load = accounts_store.load_account
    monkeypatch.setattr(
        accounts_store,
        "load_account",
        lambda account_id: read.append(account_id) or load(account_id),
    )
    deliver(upload(ticket["upload"], writing.picture("frame_a.jpg")))
    assert (verdicts(writing), len(read)) == (["match"], 1)


def test_slow_judging_keeps_no_other_frame_from_being_asked_for(
    writing: Candidate, clock: StandingClock
) -> None:
    """Frames are uploaded and not judged yet: those after them are offered all the same."""
    offered: dict[str, Any] = {}
    for _ in range(80):
        clock.advance(s=30)
        for ticket in beat(writing)["snapshots"]:
            if ticket["snapshot_id"] not in offered:
                offered[ticket["snapshot_id"]] = ticket
                upload(ticket["upload"], writing.picture("frame_a.jpg"))  # its event comes later
    attempt = from_item(table.item_from_wire(stored(writing)))
    assert len(offered) == len(watch.due_slots(attempt, clock.now)) > 3
    assert "missing" not in verdicts(writing)


def test_offering_a_frame_writes_nothing(writing: Candidate, clock: StandingClock) -> None:
    ticket = next_ticket(writing, clock)
    assert "asked" not in stored(writing)
    version = stored(writing)["version"]
    clock.advance(s=30)
    assert beat(writing)["snapshots"][0]["snapshot_id"] == ticket["snapshot_id"]
    assert stored(writing)["version"] == version


def test_every_frame_that_is_asked_for_is_offered_after_a_submission(
    writing: Candidate, clock: StandingClock
) -> None:
    clock.advance(minutes=40)
    writing.post("submission", {})
    asked = stored(writing)["asked"]["M"]
    assert len(beat(writing)["snapshots"]) == len(asked) > 3


def test_saves_ask_for_frames_like_heartbeats(writing: Candidate, clock: StandingClock) -> None:
    """A page that saves all the time, and whose heartbeats fail."""
    seq = 0
    while True:
        seq += 1
        clock.advance(s=30)
        saved = writing.save(seq, seq, {"1": "A"})
        assert (saved.status, saved.headers["aws-calls"]) == (200, "UpdateItem 1")
        if saved.json["snapshots"]:
            break
    again = writing.save(seq, seq, {"1": "A"})  # its answer got lost
    [ticket] = again.json["snapshots"]
    assert ticket == {**saved.json["snapshots"][0], "upload": ticket["upload"]}
    deliver_frame(writing, ticket, "frame_a.jpg")
    assert verdicts(writing) == ["match"]


def test_a_save_holds_when_a_frame_cannot_be_asked_for(
    writing: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.attempts import store
    from chalicelib.kernel.deciding import LostRace

    def lost(*_: Any) -> Any:
        raise LostRace

    clock.advance(minutes=20)
    with monkeypatch.context() as patch:
        patch.setattr(store, "write_outcomes", lost)
        saved = writing.save(1, 1, {"1": "A"}).json
    assert saved["acked_seq"] == 1
    # A fresh frame is offered without a write; the late ones come with the next save.
    oldest = clock.now - watch.OFFERED_MS
    assert all(ticket["frame_at"] >= oldest for ticket in saved["snapshots"])
    asked = writing.save(2, 2, {"1": "B"}).json["snapshots"]
    assert any(ticket["frame_at"] < oldest for ticket in asked)


def test_three_frames_with_two_people_invalidate_and_the_exam_goes_on(
    writing: Candidate, clock: StandingClock
) -> None:
    for _ in range(3):
        deliver_frame(writing, next_ticket(writing, clock), "frame_two.jpg")
    assert beat(writing)["status"] == "started"
    result = writing.post("submission", {}).json
    assert (result["outcome"], result["provisional"]) == ("invalidated", True)
    assert (result["integrity"], result["integrity_rule"]) == ("invalidated", "several_people")


def kept_short(person: Candidate) -> list[bool]:
    """Of each frame of this person, whether the bucket drops it early."""
    s3, bucket = boto3.client("s3"), ENVIRONMENT["EVIDENCE_BUCKET"]
    prefix = f"snapshots/{person.path.rsplit('/', 1)[-1]}/"
    found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    tags = [s3.get_object_tagging(Bucket=bucket, Key=row["Key"])["TagSet"] for row in found]
    return [{"Key": "keep", "Value": "short"} in each for each in tags]


def test_frames_go_early_unless_they_speak_against_somebody(
    writing: Candidate, clock: StandingClock
) -> None:
    for picture in ("frame_a.jpg", "frame_two.jpg"):
        deliver_frame(writing, next_ticket(writing, clock), picture)
    run("chalicelib.handlers.changes.record_changes", stream_record(writing))
    assert kept_short(writing) == [True, True]
    deliver_frame(writing, next_ticket(writing, clock), "frame_two.jpg")
    deliver_frame(writing, next_ticket(writing, clock), "frame_two.jpg")
    run("chalicelib.handlers.changes.record_changes", stream_record(writing))
    assert not any(kept_short(writing))
    deliver_frame(writing, next_ticket(writing, clock), "frame_a_2.jpg")  # judged late
    assert any(kept_short(writing))
    run("chalicelib.handlers.changes.record_changes", stream_record(writing))
    assert not any(kept_short(writing))


def test_a_frame_that_never_comes_is_missing_after_five_minutes(
    writing: Candidate, clock: StandingClock
) -> None:
    next_ticket(writing, clock)
    clock.advance(s=90)
    beat(writing)  # asked for now
    clock.advance(minutes=5)
    beat(writing)
    assert verdicts(writing)[0] == "missing"


def test_frames_are_delivered_after_the_submission_too_and_then_the_result_is_final(
    writing: Candidate, clock: StandingClock
) -> None:
    clock.advance(minutes=20)
    assert writing.post("submission", {}).json["provisional"] is True
    while tickets := beat(writing)["snapshots"]:
        for ticket in tickets:
            deliver_frame(writing, ticket, "frame_a.jpg")
    assert set(verdicts(writing)) == {"match"}
    result = writing.get("result").json
    assert (result["provisional"], result["integrity"]) == (False, "clear")


def test_an_upload_to_a_foreign_or_made_up_ticket_changes_nothing(
    writing: Candidate, clock: StandingClock
) -> None:
    ticket = next_ticket(writing, clock)
    before = stored(writing)
    real = ticket["upload"]["fields"]["key"]
    other = real[:-1] + ("y" if real.endswith("x") else "x")
    for key in (other, real.replace("/at_", "/at_x"), "incoming/snapshots/x/y"):
        upload({"fields": {"key": key}}, writing.picture("frame_two.jpg"))
        deliver(key)
    assert stored(writing) == before


def test_no_answer_of_a_whole_day_tells_slots_counts_or_times_of_snapshots(
    writing: Candidate, clock: StandingClock
) -> None:
    from chalicelib.attempts import store, watch

    for _ in range(2):
        deliver_frame(writing, next_ticket(writing, clock), "frame_a.jpg")
    writing.api.get(f"/exams/{stored(writing)['exam_id']['S']}")
    clock.now = T0 + 61 * MINUTE
    writing.get("result")
    attempt = store.load_attempt(writing.path.rsplit("/", 1)[-1])
    assert attempt is not None
    moments = watch.moments(attempt)
    told = json.dumps([[answer.json, answer.headers] for answer in writing.api.answers])
    known = {moments[int(slot)] for slot in attempt.asked.keys() | attempt.verdicts.keys()}
    assert [moment for moment in moments if str(moment) in told and moment not in known] == []
    assert attempt.snapshot_seed not in told
    for word in ("slot", "snapshots_m", "snapshot_g", "segments", "verdicts", "asked"):
        assert f'"{word}' not in told


def change(person: Candidate, command: Any, times: int = 1) -> None:
    """Do something, and let the stream tell of it."""
    before = stored(person)
    command()
    for _ in range(times):
        follow(person, before)


def test_the_identity_stays_frozen_until_the_last_frame_is_judged(
    writing: Candidate, clock: StandingClock
) -> None:
    ticket = next_ticket(writing, clock)
    change(writing, lambda: writing.post("submission", {}))
    assert writing.api.put("/me", PROFILE).code == "identity_frozen"
    assert writing.api.post("/me/id-photo").code == "identity_frozen"
    change(writing, lambda: deliver_frame(writing, ticket, "frame_a.jpg"), times=2)
    assert verdicts(writing) == ["match"]
    assert writing.api.put("/me", PROFILE).status == 200


def test_the_identity_is_unfrozen_too_when_the_last_frame_never_comes(
    writing: Candidate, clock: StandingClock
) -> None:
    next_ticket(writing, clock)
    change(writing, lambda: writing.post("submission", {}))
    clock.advance(minutes=6)
    assert writing.api.put("/me", PROFILE).code == "identity_frozen"
    change(writing, minute)
    assert writing.api.put("/me", PROFILE).status == 200


# --- the timeline ---------------------------------------------------------------------------------------


def follow(person: Candidate, before: dict[str, Any]) -> dict[str, Any]:
    """Let the stream tell of the change since `before`; returns the item as it is now."""
    event = stream_record(person)
    event["Records"][0]["dynamodb"]["OldImage"] = before
    for _ in range(2):
        assert run("chalicelib.handlers.changes.record_changes", event)["batchItemFailures"] == []
    return stored(person)


def test_the_timeline_tells_what_happened_and_shows_when_it_was_touched(
    candidate: Candidate, clock: StandingClock
) -> None:
    candidate.open()
    run("chalicelib.handlers.changes.record_changes", stream_record(candidate))
    item = stored(candidate)
    for step in (
        candidate.notice,
        lambda: candidate.post("check-in/camera", {"camera_on": True}),
        lambda: candidate.post("check-in/network", {"down_mbps": 1, "up_mbps": 1, "latency_ms": 1}),
        candidate.reserve,
    ):
        step()
        item = follow(candidate, item)
    question = {"attempt_id": candidate.path.rsplit("/", 1)[-1]}
    told = run("chalicelib.handlers.console.read_timeline", question)
    assert told["ok"]
    whats = [fact["what"] for entry in told["entries"] for fact in entry["facts"]]
    assert whats == ["opened", "check_in", "check_in", "check_in", "verification"]
    table = boto3.resource("dynamodb").Table(ENVIRONMENT["ATTEMPTS_TABLE"])
    table.update_item(
        Key={**question, "sk": "EVENT#00000002"},
        UpdateExpression="SET facts[0].#n = :n",
        ExpressionAttributeNames={"#n": "number"},
        ExpressionAttributeValues={":n": 7},
    )
    table.delete_item(Key={**question, "sk": "EVENT#00000004"})
    touched = run("chalicelib.handlers.console.read_timeline", question)
    assert touched["errors"] == [
        "entry 2 was changed",
        "entry 5 does not follow any other",
        "entries 4 to 4 are missing",
    ]


def test_a_change_that_is_told_late_is_in_the_timeline_all_the_same(candidate: Candidate) -> None:
    """No try could handle it; it is sent back when newer ones are there already, and then once more."""
    candidate.open()
    candidate.notice()
    opened = stream_record(candidate)
    opened["Records"][0]["dynamodb"]["NewImage"] = {**stored(candidate), "version": {"N": "1"}}
    for event in (stream_record(candidate), opened, opened):
        answer = run("chalicelib.handlers.changes.record_changes", event)
        assert answer["batchItemFailures"] == []
    question = {"attempt_id": candidate.path.rsplit("/", 1)[-1]}
    told = run("chalicelib.handlers.console.read_timeline", question)
    assert (told["ok"], told["errors"]) == (True, [])
    assert [entry["version"] for entry in told["entries"]] == [1, 2]
    assert told["entries"][0]["previous"] == told["entries"][1]["hash"]


def test_the_schedule_settles_what_a_vanished_candidate_left(
    writing: Candidate, clock: StandingClock, api: Api
) -> None:
    next_ticket(writing, clock)
    clock.now = T0 + 62 * MINUTE
    minute()
    assert stored(writing)["status"] == {"S": "submitted"}
    clock.advance(minutes=6)
    minute()
    assert set(verdicts(writing)) == {"missing"}
    assert "due_bucket" not in stored(writing)
