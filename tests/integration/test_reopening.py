"""Re-opening: a closed round never changes, the next one goes on with its paper and answers."""

from typing import Any

import pytest

from chalicelib.attempts import store
from chalicelib.shared.aws import counting
from tests import lived
from tests.api import run
from tests.clock import T0, StandingClock
from tests.faults import at_once, failing, rows
from tests.integration.candidates import MINUTE, PROFILE, Candidate, stored, stream_record
from tests.integration.orders import CONSOLE, order
from tests.integration.watching import deliver_frame, leave
from tests.operators import enter


def reopen(person: Candidate, **more: Any) -> Any:
    return order(person, "reopen_attempt", **{"allowed_min": 25, **more})


@pytest.fixture
@lived.once
def closed(writing: Candidate, clock: StandingClock) -> Candidate:
    """Closed by switches, with two answers saved."""
    writing.paper = writing.get("paper").json  # type: ignore[attr-defined]
    assert writing.save(1, 2, {"1": "A", "2": "B"}).status == 200
    for seq in (1, 2, 3):
        leave(writing, clock, seq)
    assert stored(writing)["cause"] == {"S": "switches"}
    return writing


def settle(person: Candidate) -> None:
    """The stream tells of the submission."""
    run("chalicelib.handlers.changes.record_changes", stream_record(person))


def test_the_candidate_goes_on_in_a_new_round_with_the_same_paper_and_answers(
    closed: Candidate, clock: StandingClock
) -> None:
    before, path = stored(closed), closed.path
    result = closed.get("result").json
    clock.advance(minutes=5)
    answer = reopen(closed)
    assert (answer["ok"], answer["round"], answer["status"]) == (True, 2, "opened")
    found = closed.open().json
    assert (found["attempt_id"], found["next_step"]) == (answer["attempt_id"], "notice")
    assert closed.post("start").code == "page_token_invalid"  # nothing without the whole check-in
    closed.come_in()
    assert closed.post("start").json["deadline"] == clock.now + 25 * MINUTE
    paper = closed.get("paper").json
    assert paper["sections"] == closed.paper["sections"]  # type: ignore[attr-defined]
    assert (paper["answers"]["1"], paper["answers"]["2"]) == ("A", "B")
    assert closed.save(1, 1, {"3": "C"}).status == 200
    assert closed.post("submission", {}).json["receipt"] == {"1": "A", "2": "B", "3": "C"}
    # The closed round is what it was.
    closed.path = path
    assert stored(closed) == before
    assert {**closed.get("result").json, "server_now": 0} == {**result, "server_now": 0}
    rounds = [(a["round"], a["status"]) for a in closed.api.get("/me/attempts").json["attempts"]]
    assert sorted(rounds) == [(1, "submitted"), (2, "submitted")]


def test_the_same_command_finds_its_round_and_another_is_told_of_it(
    closed: Candidate, clock: StandingClock
) -> None:
    first = reopen(closed)
    before = rows("ATTEMPTS_TABLE")
    clock.advance(minutes=1)
    assert reopen(closed) == first
    other = reopen(closed, command_id="reopen_attempt-0002")
    assert (other["ok"], other["errors"][0]["code"]) == (False, "reopened_already")
    assert other["errors"][0]["details"] == {"attempt_id": first["attempt_id"], "round": 2}
    assert rows("ATTEMPTS_TABLE") == before


def test_two_operators_at_once_open_one_round(closed: Candidate) -> None:
    def one(number: int) -> Any:
        name = f"ops-{number}@example"
        enter(name)
        return lambda: reopen(closed, command_id=f"reopen_attempt-{number:04}", operator=name)

    answers = at_once([one(1), one(2), one(3)])
    assert sum(answer["ok"] for answer in answers) == 1
    refused = {a["errors"][0]["code"] for a in answers if not a["ok"]}
    assert refused <= {"reopened_already", "busy"}
    assert sum(key.endswith("/ATTEMPT") for key in rows("ATTEMPTS_TABLE")) == 2


def test_a_third_round_follows_the_second(closed: Candidate, clock: StandingClock) -> None:
    second = reopen(closed)
    closed.open()
    closed.come_in()
    closed.post("start")
    assert (
        order(closed, "reopen_attempt", command_id="early-0001", allowed_min=5)["errors"][0]["code"]
        == "round_open"
    )
    clock.advance(minutes=25, ms=2001)
    assert closed.open().json["status"] == "submitted"
    third = reopen(closed, command_id="reopen_attempt-0003", allowed_min=5)
    assert (third["ok"], third["round"]) == (True, 3)
    assert closed.open().json["attempt_id"] == third["attempt_id"] != second["attempt_id"]


def test_a_crash_half_way_is_made_good_by_the_same_command(closed: Candidate) -> None:
    settle(closed)
    enter("ops@example")
    with failing("dynamodb", "PutItem"):
        assert not reopen(closed)["ok"]
    assert reopen(closed)["ok"]


def test_what_the_candidate_submitted_stays_submitted(writing: Candidate) -> None:
    writing.post("submission", {})
    assert reopen(writing)["errors"][0]["code"] == "submitted_by_candidate"


def test_the_end_of_the_exam_moves_before_a_deadline_does(
    writing: Candidate, clock: StandingClock
) -> None:
    """Keys are kept back until nobody can write any more."""
    from chalicelib.exams import service as exams

    exam_id = stored(writing)["exam_id"]["S"]
    planned = exams.get_exam(exam_id).ends_at
    with failing("dynamodb", "UpdateItem"):
        assert not order(writing, "extend_time", extra_min=120)["ok"]
    assert order(writing, "extend_time", extra_min=120)["deadline"] == T0 + 180 * MINUTE
    assert exams.get_exam(exam_id).ends_at == T0 + 180 * MINUTE > planned
    clock.now = T0 + 180 * MINUTE + 2001
    assert reopen(writing)["errors"][0]["code"] == "keys_shown"


def test_the_end_of_the_exam_moves_with_a_later_entry_too(
    candidate: Candidate, clock: StandingClock
) -> None:
    from chalicelib.attempts import operating
    from chalicelib.attempts.granting import TicketOrder
    from chalicelib.exams import service as exams

    attempt_id = candidate.open().json["attempt_id"]
    exam_id = stored(candidate)["exam_id"]["S"]
    planned = exams.get_exam(exam_id).ends_at
    order = TicketOrder(
        command_id="tk-1",
        case_id="tk-1",
        operator="ops",
        operator_id="",
        reason="已核对",
        at=clock.now,
        enter_until=T0 + 45 * MINUTE,
    )
    assert operating.settle_ticket(attempt_id=attempt_id, order=order, now=clock.now)
    assert exams.get_exam(exam_id).ends_at == planned + 15 * MINUTE


@pytest.mark.parametrize(("ms", "code"), [(0, None), (1, "keys_shown")])
def test_a_round_is_re_opened_until_the_end_of_the_whole_exam(
    closed: Candidate, clock: StandingClock, ms: int, code: str | None
) -> None:
    from chalicelib.exams import service as exams

    exam_id = stored(closed)["exam_id"]["S"]
    clock.now = exams.get_exam(exam_id).ends_at + ms
    answer = reopen(closed)
    assert [error["code"] for error in answer["errors"]] == ([code] if code else [])
    if code is None:  # start by the closing of the door (and a late verdict), then 25 minutes
        late = clock.now + (30 + 5 + 25) * MINUTE
        assert exams.get_exam(exam_id).ends_at == late


def test_the_new_round_freezes_the_identity_again(closed: Candidate, clock: StandingClock) -> None:
    clock.advance(minutes=6)
    closed.get()
    settle(closed)
    assert closed.api.put("/me", {**PROFILE, "name": "张三丰"}).status == 200
    answer = reopen(closed)
    assert closed.api.put("/me", PROFILE).code == "identity_frozen"
    following = store.load_attempt(answer["attempt_id"])
    assert following is not None
    assert following.identity.name == "张三丰"


def test_another_person_does_not_take_the_round_over(
    closed: Candidate, clock: StandingClock
) -> None:
    clock.advance(minutes=6)
    closed.get()
    settle(closed)
    other = {**PROFILE, "id_type": "passport", "id_number": "E12345678"}
    assert closed.api.put("/me", other).status == 200
    assert reopen(closed)["errors"][0]["code"] == "identity_changed"


def test_the_timeline_of_the_new_round_tells_who_opened_it_and_why(closed: Candidate) -> None:
    answer, old = reopen(closed), closed.path.rsplit("/", 1)[-1]
    closed.open()
    settle(closed)
    told = run(f"{CONSOLE}.read_timeline", {"attempt_id": answer["attempt_id"]})
    opened, command = told["entries"][0]["facts"]
    assert (opened["what"], opened["round"], opened["origin"]) == ("opened", 2, old)
    assert (command["command"], command["reason"]) == ("reopen_attempt", "考点断网")
    of_the_old = run(f"{CONSOLE}.read_timeline", {"attempt_id": old})
    assert told["rounds"] == of_the_old["rounds"] == [old, answer["attempt_id"]]


def test_late_frames_of_the_closed_round_are_judged_as_its_own(
    writing: Candidate, clock: StandingClock
) -> None:
    clock.now = T0 + 20 * MINUTE
    tickets = writing.post("heartbeat", {}).json["snapshots"]
    for seq in (1, 2, 3):
        leave(writing, clock, seq)
    answer = reopen(writing)
    assert answer["ok"]
    deliver_frame(writing, tickets[0], "frame_a.jpg")
    assert [v["S"] for v in stored(writing)["verdicts"]["M"].values()] == ["match"]
    following = store.load_attempt(answer["attempt_id"])
    assert following is not None
    assert (following.verdicts, following.asked) == ({}, {})


def test_finding_the_newest_round_reads_no_more_than_the_rounds(closed: Candidate) -> None:
    counting.count_calls()
    assert closed.open().headers["aws-calls"] == "Query 2"  # and there is no second round
    reopen(closed)
    assert closed.open().headers["aws-calls"] == "Query 2"
