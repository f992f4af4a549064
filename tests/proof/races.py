"""Races: their preparation, the requests that take part, and the results that they must have."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.attempts import announcements, ordering, shards
from chalicelib.attempts.model import Cause, CheckState, Status
from chalicelib.exams import service as exams
from chalicelib.exams.model import Announcement
from chalicelib.proctoring.model import Verdict
from chalicelib.shared.errors import DomainError
from tests.api import Answer
from tests.cloud import ENVIRONMENT
from tests.proof import scenarios as day
from tests.proof.calls import Call
from tests.proof.scenarios import ann, batch
from tests.proof.world import EXAM, MINUTE_MS, T0, World

Request = Callable[[World], Any]
Check = Callable[[World, list[Any]], None]


def of_the_attempt(w: World, call: Call) -> bool:
    """Return whether a call names Ann's attempt. Only the order of these calls can matter to it."""
    return ann(w).attempt_id in repr(call.request)


def of_the_item(w: World, call: Call) -> bool:
    """Calls on Ann's attempt: its two items are read by one query.

    Frames meet nowhere else, and the same one is judged alike; what else the minute writes about the attempt
    (certificates, feeds, marks), it writes alone.
    """
    asked = call.request.get("Key") or call.request.get("ExpressionAttributeValues")
    return of_the_attempt(w, call) and "ATTEMPT" in repr(asked)


def all_calls(w: World, call: Call) -> bool:
    """Let every call wait at the gate."""
    return True


def of_the_exam(w: World, call: Call) -> bool:
    """Return whether a call is about an exam."""
    return call.request.get("TableName") == ENVIRONMENT["EXAMS_TABLE"]


def of_the_ticket(w: World, call: Call) -> bool:
    """Return whether a call names the ticket. Only the request that wins the ticket changes the attempt."""
    return w.memory["ticket"]["ticket_id"] in repr(call.request)


def of_the_credential(w: World, call: Call) -> bool:
    """Return whether a call reads or writes the use of a one-time code."""
    return call.request.get("TableName") == ENVIRONMENT["OPERATORS_TABLE"]


def of_orders(w: World, call: Call) -> bool:
    """Return whether a call is about the exam, its attempts or the list of them."""
    table = call.request.get("TableName")
    if call.operation == "Query":
        return table == ENVIRONMENT["ATTEMPTS_TABLE"] and w.memory["shard"] in repr(call.request)
    return table in {ENVIRONMENT["ATTEMPTS_TABLE"], ENVIRONMENT["EXAMS_TABLE"]}


def of_two_pictures(w: World, call: Call) -> bool:
    """Return whether a call tells an event if the other picture is there and was examined."""
    told = repr(call.request)
    return "VERIFICATION#" in told or ".turn" in told


def of_attempts(w: World, call: Call) -> bool:
    """Return whether a call is about attempts, or what a person has opened of a series."""
    return call.request.get("TableName") == ENVIRONMENT["ATTEMPTS_TABLE"]


def of_cases(w: World, call: Call) -> bool:
    """Return whether a call is about tickets and complaints."""
    return call.request.get("TableName") == ENVIRONMENT["CASES_TABLE"]


def of_accounts(w: World, call: Call) -> bool:
    """Return whether a call is about accounts. Budgets are left out, because each account has its own."""
    return call.request.get("TableName") == ENVIRONMENT["ACCOUNTS_TABLE"]


@dataclass(frozen=True)
class Race:
    """Two or three requests at once. `waits` says which calls wait at the gate."""

    name: str
    prepare: Request
    requests: tuple[Request, ...]
    check: Check
    waits: Callable[[World, Call], bool] = all_calls


def statuses(outcomes: list[Any]) -> list[int]:
    """Return the sorted HTTP statuses."""
    return sorted(answer.status for answer in outcomes if isinstance(answer, Answer))


def codes(outcomes: list[Any]) -> set[str | None]:
    """Return the error codes of the refused requests."""
    return {answer.code for answer in outcomes if isinstance(answer, Answer)} - {None}


# --- expected results -----------------------------------------------------------------------------------


def started_once(w: World, outcomes: list[Any]) -> None:
    assert statuses(outcomes) == [200, 200]
    assert {answer.json["deadline"] for answer in outcomes} == {T0 + 60 * MINUTE_MS}
    assert [c.new.started_at for c in w.history if c.new and c.old and not c.old.started_at][
        -1
    ] == T0


def kept_if_acknowledged(w: World, outcomes: list[Any]) -> None:
    """A save meets a closing of the paper. An acknowledged save is kept, a refused one is not."""
    saved = outcomes[0]
    attempt = w.attempt(ann(w))
    assert attempt.status is Status.SUBMITTED
    assert (attempt.answers["1"] == "A") == (saved.status == 200), saved
    assert saved.status == 200 or saved.code in {"attempt_submitted", "time_is_up"}, saved


def closed_by_switches(w: World, outcomes: list[Any]) -> None:
    kept_if_acknowledged(w, outcomes)
    assert outcomes[1].json["switches"] == 3
    assert w.attempt(ann(w)).cause is Cause.SWITCHES


def extended_or_closed(w: World, outcomes: list[Any]) -> None:
    """Extra time is given before the closing or not at all, and the operator's answer says which."""
    attempt, told = w.attempt(ann(w)), outcomes[0]
    assert told["ok"] == (attempt.status is Status.STARTED)
    if not told["ok"]:
        assert told["errors"][0]["code"] == "round_closed"
        assert attempt.deadline == T0 + 60 * MINUTE_MS
    else:
        assert attempt.deadline == T0 + 70 * MINUTE_MS


def one_page(w: World, outcomes: list[Any]) -> None:
    """A pass admits one page. The other one has to check in again."""
    assert statuses(outcomes) == [201, 409]
    assert codes(outcomes) == {"wrong_step"}
    assert w.attempt(ann(w)).page == 1


def judged_or_dropped(w: World, outcomes: list[Any]) -> None:
    """The submission is valid, whatever the result of a check that runs at the same time."""
    attempt = w.attempt(ann(w))
    assert outcomes[1].status == 200
    assert (attempt.status, attempt.pending) == (Status.SUBMITTED, None)


def closed_by_the_deadline(w: World, outcomes: list[Any]) -> None:
    attempt = w.attempt(ann(w))
    assert (attempt.status, attempt.cause) == (Status.SUBMITTED, Cause.DEADLINE)
    assert attempt.submitted_at == T0 + 60 * MINUTE_MS
    assert outcomes[0].code in {"attempt_submitted", "time_is_up"}


def everybody_compensated(w: World, outcomes: list[Any]) -> None:
    """An attempt that is opened at the time of an order follows it, at once or by the schedule."""
    assert outcomes[0].status == 200
    assert outcomes[1]["ok"]
    w.clock.advance(minutes=10)
    w.minute()
    attempt = w.attempt(ann(w))
    assert (attempt.allowed_ms, attempt.orders) == (75 * MINUTE_MS, (day.REQUEST,))


def one_decision(w: World, outcomes: list[Any]) -> None:
    assert sorted(told["ok"] for told in outcomes) == [False, True]
    [won] = [told for told in outcomes if told["ok"]]
    [lost] = [told for told in outcomes if not told["ok"]]
    assert lost["errors"][0]["code"] in {"ticket_decided", "ticket_changed"}
    [row] = [row for row in w.rows("CASES_TABLE") if row["case_id"] == won["ticket_id"]]
    assert row["state"] == won["state"]
    waived = w.attempt(ann(w)).waiver is not None
    assert waived == (won["state"] == "accepted")


def one_correction(w: World, outcomes: list[Any]) -> None:
    assert sorted(told["ok"] for told in outcomes) == [False, True]
    [lost] = [told for told in outcomes if not told["ok"]]
    assert lost["errors"][0]["code"] in {"ticket_corrected", "ticket_changed", "ticket_unsettled"}
    w.deliver_all()
    w.minute()
    [row] = [row for row in w.rows("CASES_TABLE") if row["case_id"] == w.memory["case_id"]]
    assert row["ruling"]["command_id"] == next(t for t in outcomes if t["ok"])["command_id"]


def taken_back_or_used(w: World, outcomes: list[Any]) -> None:
    """Ann enters by the waiver, which then stays; or the waiver is taken back, and she needs the face check."""
    told, entered = outcomes
    attempt = w.attempt(ann(w))
    assert told["ok"]
    assert (attempt.waiver is not None) == (entered.status == 201)
    assert entered.status == 201 or entered.code == "wrong_step"
    assert list(told["given"].get("kept", [])) == (["admission"] if entered.status == 201 else [])


def checked_or_admitted(w: World, outcomes: list[Any]) -> None:
    """A check that is reserved while the ticket is decided keeps nobody outside, and uses at most one chance."""
    told, reserved = outcomes
    attempt = w.attempt(ann(w))
    assert (told["ok"], told["effect"]) == (True, "admitted")
    assert attempt.next_step(w.clock.now) == "admission"
    assert attempt.chances.used == (1 if reserved.status == 201 else 0)


def one_command(w: World, outcomes: list[Any]) -> None:
    """A code is valid for one of two commands. The other one has changed nothing."""
    assert sorted(told["ok"] for told in outcomes) == [False, True]
    [lost] = [told for told in outcomes if not told["ok"]]
    assert lost["errors"][0]["code"] == "operator_code_refused"
    assert len(w.attempt(ann(w)).audit) == 1


def both_judged(w: World, outcomes: list[Any]) -> None:
    w.deliver_all()
    assert w.attempt(ann(w)).verdicts == {"0": Verdict.MATCH, "1": Verdict.MISMATCH}


def judged_once(w: World, outcomes: list[Any]) -> None:
    w.deliver_all()
    assert w.attempt(ann(w)).verdicts == {"0": Verdict.MATCH}


def passed_once(w: World, outcomes: list[Any]) -> None:
    """In either order, one of the two events has found both pictures."""
    attempt = w.attempt(ann(w))
    assert [check.state for check in attempt.verifications] == [CheckState.PASSED]
    assert (attempt.pending, attempt.chances.used) == (None, 1)


def one_account(w: World, outcomes: list[Any]) -> None:
    assert statuses(outcomes) == [201, 400]
    accounts = [r for r in w.rows("ACCOUNTS_TABLE") if r["pk"].startswith("account#")]
    assert len(accounts) == len(w.people) + 1


def one_owner(w: World, outcomes: list[Any]) -> None:
    """One of two who claim a number gets it, and the other one is refused."""
    assert statuses(outcomes) == [200, 409]
    assert codes(outcomes) == {"id_number_taken"}
    hashes = [row["person_hash"] for row in w.rows("ACCOUNTS_TABLE") if "person_hash" in row]
    assert len(hashes) == len(set(hashes))


def told_before_it_closed(w: World, outcomes: list[Any]) -> None:
    """A person is told something before the submission or not at all, and the operator's answer says which."""
    attempt = w.attempt(ann(w))
    assert attempt.status is Status.SUBMITTED
    assert outcomes[0] in {"", "attempt_submitted"}
    assert len(attempt.personal) == (outcomes[0] == "")


def asked_before_it_closed(w: World, outcomes: list[Any]) -> None:
    """A request for help is kept if it was acknowledged; the submission closes it."""
    attempt, asked = w.attempt(ann(w)), outcomes[0]
    assert (attempt.help is not None) == (asked.status == 201)
    assert asked.status == 201 or asked.code == "attempt_submitted"
    assert attempt.open_help is None


def both_heard(w: World, outcomes: list[Any]) -> None:
    """Each of two announcements has a number of its own, and everybody has both."""
    assert outcomes == ["", ""]
    w.clock.advance(minutes=1)
    w.minute()
    made = exams.get_exam(EXAM).announcements
    assert [one.number for one in made] == [1, 2]
    assert {one.command_id for one in made} == {"tell-one", "tell-two"}
    assert w.attempt(ann(w)).announced == 2


def answered_once(w: World, outcomes: list[Any]) -> None:
    assert sorted(outcomes) == ["", "help_answered"]
    attempt = w.attempt(ann(w))
    assert (len(attempt.personal), attempt.open_help) == (1, None)


def told_although_just_opened(w: World, outcomes: list[Any]) -> None:
    """Whoever opens an attempt at the time of an announcement has it, at once or by the schedule."""
    assert (outcomes[0].status, outcomes[1]) == (200, "")
    w.clock.advance(minutes=10)
    w.minute()
    assert w.attempt(ann(w)).announced == 1


def one_sitting(w: World, outcomes: list[Any]) -> None:
    """Of two sittings that one person opens at once, one is claimed and opened. The other one is refused."""
    assert statuses(outcomes) == [200, 409]
    assert codes(outcomes) == {"series_sitting_open"}
    [opened] = [answer.json for answer in outcomes if answer.status == 200]
    of_series = [row for row in w.rows("ATTEMPTS_TABLE") if row.get("series")]
    assert [row["exam_id"] for row in of_series] == [opened["exam_id"]]
    [tries] = [row for row in w.rows("ATTEMPTS_TABLE") if row["sk"] == "TRIES#spring"]
    assert [claim["exam_id"] for claim in tries["claims"]] == [opened["exam_id"]]


def told_or_opened(w: World, outcomes: list[Any]) -> None:
    """A retake meets the decision of a complaint: it waits for it, or comes after it."""
    opened, decided = outcomes
    assert decided["ok"], decided
    assert (opened.status, opened.code) in {(200, None), (409, "series_result_open")}
    assert open_sitting(2)(w).status == 200
    [tries] = [row for row in w.rows("ATTEMPTS_TABLE") if row["sk"] == "TRIES#spring"]
    assert [claim["exam_id"] for claim in tries["claims"]] == ["sitting-1", "sitting-2"]


# --- requests that take part ----------------------------------------------------------------------------


def save(w: World) -> Answer:
    return ann(w).api.put(ann(w).path("answers"), batch(1, q1="A"))


def submit(w: World) -> Answer:
    return ann(w).api.post(ann(w).path("submission"), {})


def third_switch(w: World) -> Answer:
    return ann(w).api.post(ann(w).path("absences"), {"absences": [day.absence(3)]})


def tell(command_id: str, do: Callable[..., Any], **about: Any) -> Request:
    """An operator announces something. Returns the code of the refusal, or "" when it was done."""

    def told(w: World) -> str:
        now = w.clock.now
        announcement = Announcement("请看通知", now, command_id, command_id, "设备故障")
        try:
            do(announcement=announcement, now=now, **about or {"attempt_id": ann(w).attempt_id})
        except DomainError as refused:
            return refused.code
        return ""

    return told


def tell_all(command_id: str) -> Request:
    return tell(command_id, ordering.announce_to_all, exam_id=EXAM)


def tell_one(command_id: str, answers: int | None = None) -> Request:
    return tell(command_id, functools.partial(announcements.announce_to_one, answers=answers))


def call_for_help(w: World) -> Answer:
    return ann(w).api.post(ann(w).path("help"), day.CALL)


def open_sitting(number: int) -> Request:
    return lambda w: ann(w).api.post(f"/exams/sitting-{number}/attempts")


def enter(request_id: str) -> Request:
    return lambda w: ann(w).api.post(ann(w).path("admission"), {"request_id": request_id})


def decide(decision: str) -> Request:
    def command(w: World) -> Any:
        operator = "op-1" if decision == "accepted" else "op-2"
        fields = {"operator": operator, "reason": "已电话核对本人", "version_seen": 1}
        admit = {"admit_with": "enrolled"} if decision == "accepted" else {}
        return w.operate(
            "decide_ticket",
            ticket_id=w.memory["ticket"]["ticket_id"],
            command_id=f"command-{decision}",
            decision=decision,
            **fields,
            **admit,
        )

    return command


def correct(operator: str) -> Request:
    """A correction by this operator, who has seen the first decision."""

    def command(w: World) -> Any:
        ticket_id = w.memory["case_id"] = w.memory["ticket"]["ticket_id"]
        command_id = f"correct-{operator}"
        told = w.operate(
            "decide_ticket",
            ticket_id=ticket_id,
            command_id=command_id,
            version_seen=w.memory["version"],
            decision="rejected",
            corrects=True,
            operator=operator,
            reason="身份证与本人不符",
        )
        return {**told, "command_id": command_id}

    return command


def admitted_by_ticket(w: World) -> None:
    day.ticket_admitted(w)
    ticket_id = w.memory["ticket"]["ticket_id"]
    [row] = [row for row in w.rows("CASES_TABLE") if row["case_id"] == ticket_id]
    w.memory["version"] = row["version"]


def asked_while_checking(w: World) -> None:
    day.checked_in(w)
    w.memory["ticket"] = ann(w).api.post("/tickets", day.ticket_body(w)).json
    w.deliver_all()


def with_one_code(function: str, **more: Any) -> Request:
    """A command with the code that the operator's app shows, whatever else it was typed for."""

    def command(w: World) -> Any:
        seen = {"attempt_id": ann(w).attempt_id, "version_seen": w.memory["seen"]}
        fields = {"command_id": f"command-{function}", "operator": "op-1", "reason": "考点断网"}
        fields["operator_code"] = w.code_of("op-1")
        return w.operate(function, **seen, **fields, **more)

    return command


def seen_while_writing(w: World) -> None:
    day.writing(w)
    w.memory["seen"] = w.attempt(ann(w)).version


def checking_while_writing(w: World) -> None:
    """A candidate checks in again on another page while the old page is open."""
    day.writing(w)
    person = ann(w)
    person.steps(), person.reserve()
    w.deliver_all()
    person.show_face()


def deliver(number: int) -> Request:
    return lambda w: w.deliver(w.memory["posted"][number])


def two_frames(w: World) -> None:
    day.snapshot_due(w)
    ann(w).beat()
    w.deliver_all()
    w.post(ann(w), ann(w).tickets[0]["upload"], "frame_a.jpg")
    w.post(ann(w), ann(w).tickets[1]["upload"], "frame_b.jpg")
    w.memory["posted"] = [event for event in w.events if event.state == "waiting"]


def frame_told_twice(w: World) -> None:
    day.snapshot_posted(w)
    w.memory["posted"] = [event for event in w.events if event.state == "waiting"] * 2


def compensation_and_opening(w: World) -> None:
    """Return the list of attempts in which Ann's will be."""
    [w.memory["shard"]] = shards.exam_shards(EXAM, shards.LEAST_SHARDS)


def claim(who: int) -> Request:
    def put(w: World) -> Answer:
        profile = {"name": "赵六", "role": "agency_practitioner", "region": "山西省大同市"}
        profile |= {"organisation": "公司", "id_type": "passport", "id_number": "E87654321"}
        return w.people[who].api.put("/me", profile)

    return put


def picture_event(ending: str) -> Request:
    """Return the event of one of the two pictures of Ann's check."""

    def deliver_it(w: World) -> Any:
        key = f"incoming/verifications/{ann(w).attempt_id}/{ann(w).reservations[-1][0]}{ending}"
        [told] = [event for event in w.events if event.subject == key]
        return w.deliver(told)

    return deliver_it


RACES = [
    Race("start and start", day.at_the_bell, (lambda w: ann(w).start(),) * 2, started_once),
    Race(
        "two sittings of one series",
        day.two_sittings,
        (open_sitting(1), open_sitting(2)),
        one_sitting,
        of_attempts,
    ),
    Race(
        "a retake and the decision of a complaint",
        day.failed_and_complained,
        (open_sitting(2), day.decide_complaint),
        told_or_opened,
        of_cases,
    ),
    Race("save and submit", day.writing, (save, submit), kept_if_acknowledged),
    Race("save and the third switch", day.left_twice, (save, third_switch), closed_by_switches),
    Race(
        "save, submit and the third switch",
        day.left_twice,
        (save, submit, third_switch),
        kept_if_acknowledged,
    ),
    Race(
        "more time and the sweep",
        day.later(60_000, day.overdue),
        (day.order("extend_time", extra_min=10), day.minute),
        extended_or_closed,
        of_the_item,
    ),
    Race(
        "a heartbeat with answers and the sweep",
        day.later(60_000, day.overdue),
        (lambda w: ann(w).beat({"2": "B"}), day.minute),
        closed_by_the_deadline,
        of_the_item,
    ),
    Race(
        "two doors with one pass",
        day.passed,
        (enter("enter-one"), enter("enter-two")),
        one_page,
    ),
    Race(
        "a verdict and the submission",
        checking_while_writing,
        (day.event("upload"), submit),
        judged_or_dropped,
        of_the_attempt,
    ),
    Race(
        "opening while everybody gets more time",
        compensation_and_opening,
        (lambda w: ann(w).open(), day.compensate),
        everybody_compensated,
        of_orders,
    ),
    Race(
        "an announcement and the submission",
        day.writing,
        (tell_one("tell-one"), submit),
        told_before_it_closed,
        of_the_item,
    ),
    Race(
        "a call for help and the submission",
        day.writing,
        (call_for_help, submit),
        asked_before_it_closed,
        of_the_item,
    ),
    Race(
        "two operators announce at once",
        day.two_waiting,
        (tell_all("tell-one"), tell_all("tell-two")),
        both_heard,
        of_the_exam,
    ),
    Race(
        "two operators answer one call",
        day.called,
        (tell_one("tell-one", 1), tell_one("tell-two", 1)),
        answered_once,
        of_the_item,
    ),
    Race(
        "opening while everybody is told something",
        compensation_and_opening,
        (lambda w: ann(w).open(), tell_all("tell-one")),
        told_although_just_opened,
        of_orders,
    ),
    Race(
        "two operators with one ticket",
        day.asked_for_help,
        (decide("accepted"), decide("rejected")),
        one_decision,
        of_the_ticket,
    ),
    Race(
        "two operators correct one ticket",
        admitted_by_ticket,
        (correct("op-1"), correct("op-2")),
        one_correction,
        of_the_ticket,
    ),
    Race(
        "a correction and 进入考场",
        admitted_by_ticket,
        (correct("op-1"), enter("enter-0001")),
        taken_back_or_used,
        of_the_item,
    ),
    Race(
        "a decision and another check",
        asked_while_checking,
        (decide("accepted"), lambda w: ann(w).reserve("check-0001")),
        checked_or_admitted,
        of_the_item,
    ),
    Race(
        "two commands with one code",
        seen_while_writing,
        (with_one_code("grant_chances", count=1), with_one_code("extend_time", extra_min=5)),
        one_command,
        of_the_credential,
    ),
    Race(
        "both pictures of one check at once",
        day.shown_and_turned,
        (picture_event(""), picture_event(".turn")),
        passed_once,
        of_two_pictures,
    ),
    Race("two frames at once", two_frames, (deliver(0), deliver(1)), both_judged, of_the_item),
    Race(
        "one frame told twice",
        frame_told_twice,
        (deliver(0), deliver(1)),
        judged_once,
        of_the_item,
    ),
    Race(
        "one code in two windows",
        day.with_code("register", day.STRANGER),
        (day.register, day.register),
        one_account,
    ),
    Race(
        "one proven phone registers in two windows",
        day.proven_but_unknown,
        (day.register, day.register),
        one_account,
    ),
    Race("one ID number, two accounts", day.nothing, (claim(0), claim(1)), one_owner, of_accounts),
]
