"""Who decided: operators come in, prove themselves by a code that is good for one command, and go."""

import json
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from chalicelib.operators import service, store
from chalicelib.operators.model import MOST_WRONG, SHOWN_FOR_MS, STEP_MS, WRONG_FOR_MS
from chalicelib.shared import table
from tests import operators as people
from tests.api import run
from tests.clock import StandingClock
from tests.cloud import ENVIRONMENT
from tests.faults import answers_lost, at_once, everything_stored, failing, rows
from tests.integration.candidates import Candidate, stored
from tests.integration.complaints import complain, rule
from tests.integration.orders import attempt_id

OPERATORS = "chalicelib.handlers.operators"
CONSOLE = "chalicelib.handlers.console"
LI = {"name": "李运营", "staff_number": "0001"}
WANG = {"name": "王运营", "staff_number": "0002"}


def add(who: dict[str, str], by: str = "", **more: Any) -> Any:
    event = {**who, "command_id": f"enter-{who['staff_number']}", "reason": "考务组", **more}
    if by:
        event |= {"operator": by}
        event = people.signed(event)
    return run(f"{OPERATORS}.add_operator", event)


def confirm(person: Candidate, operator: str) -> Any:
    """Confirm the flag, and let the candidate hand in."""
    command = {"attempt_id": attempt_id(person), "command_id": "confirm-0001"}
    command |= {"operator": operator, "reason": "核实为非本人", "rule": "other_person"}
    command |= {"confirmed": True, "version_seen": int(stored(person)["version"]["N"])}
    told = people.give(f"{CONSOLE}.confirm_flag", command)
    person.post("submission", {})
    return told


def change(function: str, name: str, by: str, **more: Any) -> Any:
    found = people.find(name)
    event = {"operator_id": found.operator_id if found else "op_none", "operator": by}
    event |= {"command_id": f"{function}-0001", "reason": "换手机", **more}
    return run(f"{OPERATORS}.{function}", people.signed(event))


def extend(person: Candidate, operator: str, code: str, **more: Any) -> Any:
    event = {
        "attempt_id": attempt_id(person),
        "command_id": "extend-0001",
        "operator": operator,
        "operator_code": code,
        "reason": "考点断网",
        "version_seen": int(stored(person)["version"]["N"]),
        "extra_min": 10,
    }
    return run(f"{CONSOLE}.extend_time", {**event, **more})


def why(answer: Any) -> str:
    assert answer["ok"] is False
    return str(answer["errors"][0]["code"])


def counted(text: str) -> list[str]:
    """Why codes were refused, as the alarm counts it."""
    told = [json.loads(line) for line in text.splitlines() if '"OperatorCodesRefused"' in line]
    assert all(line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Kaochang" for line in told)
    return [line["why"] for line in told]


def wrong(code: str) -> str:
    """Six other digits that fit no step near now."""
    near = {people.code("李运营", ms) for ms in (-STEP_MS, 0, STEP_MS)} | {code}
    return next(d for d in (f"{n:06}" for n in range(10)) if d not in near)


@pytest.fixture
def li(writing: Candidate) -> Candidate:
    """Somebody in the exam, and one operator who has just come in."""
    assert add(LI)["ok"]
    return writing


# --- coming in ------------------------------------------------------------------------------------------


def test_the_first_operator_comes_in_by_iam_alone_and_the_next_by_the_first(
    aws: None, clock: StandingClock
) -> None:
    first = add(LI)
    assert (first["ok"], first["state"]) == (True, "active")
    assert why(add(WANG)) == "operator_needed"
    second = add(WANG, by="李运营")
    assert second["ok"]
    listed = {o.name: o.first.operator for o in service.list_operators()}
    assert listed == {"李运营": "", "王运营": "李运营"}
    assert first["secret"] != second["secret"]


def test_the_secret_is_stored_encrypted_and_told_nowhere_else(
    li: Candidate, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = people.secret("李运营")
    code = people.code("李运营")
    assert extend(li, "李运营", code)["ok"]
    written = capsys.readouterr().out + repr(rows("OPERATORS_TABLE")) + repr(everything_stored())
    assert secret not in written
    assert code not in written.replace(people.credential("李运营").used_for, "")


def test_the_log_says_who_commanded_by_id_alone(
    li: Candidate, capsys: pytest.CaptureFixture[str]
) -> None:
    found = people.find("李运营")
    assert found is not None
    code = people.code("李运营")
    capsys.readouterr()
    assert extend(li, "李运营", code)["ok"]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    proven, done = (line for line in lines if line["event"] in ("operator_proven", "command"))
    assert (proven["by"], proven["what"]) == (found.operator_id, "ExtendTime")
    assert proven["command_id"] == done["command_id"] == "extend-0001"
    assert not any("李运营" in repr(line) or code in repr(line) for line in lines)


def test_the_same_command_shows_the_same_secret_until_a_code_is_used(
    li: Candidate, clock: StandingClock
) -> None:
    before = rows("OPERATORS_TABLE")
    assert add(LI)["secret"] == people.secret("李运营")
    assert rows("OPERATORS_TABLE") == before
    assert extend(li, "李运营", people.code("李运营"))["ok"]
    assert why(add(LI)) == "secret_shown"


def test_a_secret_is_shown_again_to_nobody_but_who_gave_the_command(li: Candidate) -> None:
    """The command's id stands in the log, name and number in the widget: they are no proof."""
    entered = add(WANG, by="李运营")
    assert entered["ok"]
    assert why(add(WANG)) == "operator_needed"
    renewed = change("renew_operator", "王运营", by="李运营")
    assert renewed["ok"]
    found = people.find("王运营")
    assert found is not None
    bare = {"operator_id": found.operator_id, "command_id": "renew_operator-0001"}
    told = run(f"{OPERATORS}.renew_operator", {**bare, "reason": "换手机"})
    assert why(told) == "operator_needed"
    assert add({"name": "赵运营", "staff_number": "0003"}, by="李运营")["ok"]
    assert why(change("renew_operator", "王运营", by="赵运营")) == "secret_shown"
    assert why(add(WANG, by="赵运营")) == "operator_known"
    other = change("renew_operator", "王运营", by="李运营", reason="别的理由")
    assert why(other) == "secret_shown"
    assert change("renew_operator", "王运营", by="李运营")["secret"] == renewed["secret"]


@pytest.mark.parametrize("field", ["name", "reason", "command_id", "staff_number"])
def test_half_a_sign_is_refused_like_any_other_wrong_field(aws: None, field: str) -> None:
    assert why(add(LI, **{field: "\ud800" * 8})) == "invalid_request"
    assert rows("OPERATORS_TABLE") == {}


@pytest.mark.parametrize("sign", ["-", "‐", "–", "—", "·", "・", " "])
def test_a_hyphen_or_a_dot_makes_nobody_somebody_else(li: Candidate, sign: str) -> None:
    who = {"name": f"李{sign}运营", "staff_number": "0009"}
    assert why(add(who, by="李运营", command_id="enter-again")) == "operator_known"


@pytest.mark.parametrize(("ms", "shown"), [(SHOWN_FOR_MS - 1, True), (SHOWN_FOR_MS, False)])
def test_the_same_command_shows_it_for_ten_minutes(
    aws: None, clock: StandingClock, ms: int, shown: bool
) -> None:
    add(LI)
    clock.advance(ms=ms)
    assert add(LI)["ok"] is shown


@pytest.mark.parametrize(
    "who",
    [
        {"name": "李运营", "staff_number": "0009"},
        {"name": " 李 运营 ", "staff_number": "0009"},
        {"name": "李某", "staff_number": "0001"},
        {"name": "李某", "staff_number": "00-01"},
        {"name": "李某", "staff_number": "０００１"},
        {"name": "0001", "staff_number": "0009"},
    ],
)
def test_one_person_is_one_operator(aws: None, clock: StandingClock, who: dict[str, str]) -> None:
    assert add(LI)["ok"]
    assert why(add(who, by="李运营", command_id="enter-again")) == "operator_known"
    assert len(service.list_operators()) == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": ""}, "invalid_request"),
        ({"name": "李\u202e运营"}, "text_invalid"),
        ({"name": "李" * 41}, "text_invalid"),
        ({"name": "- -"}, "text_invalid"),
        ({"staff_number": "工号一"}, "number_invalid"),
        ({"staff_number": "-1"}, "number_invalid"),
        ({"staff_number": "1" * 33}, "number_invalid"),
        ({"reason": "理" * 101}, "invalid_request"),
        ({"operator": "王运营"}, "invalid_request"),  # without a code
        ({"operator_code": "123456"}, "invalid_request"),
        ({"secret": "mine"}, "invalid_request"),
    ],
)
def test_a_wrong_event_enters_nobody(
    aws: None, clock: StandingClock, more: dict[str, str], code: str
) -> None:
    event = {**LI, "command_id": "enter-0001", "reason": "考务组", **more}
    assert why(run(f"{OPERATORS}.add_operator", event)) == code
    assert rows("OPERATORS_TABLE") == {}


def test_of_two_first_operators_at_once_one_comes_in(aws: None, clock: StandingClock) -> None:
    answers = at_once([lambda: add(LI), lambda: add(WANG)])
    assert sorted(answer["ok"] for answer in answers) == [False, True]
    [refused] = [why(answer) for answer in answers if not answer["ok"]]
    assert refused == "operator_needed"
    assert len(service.list_operators()) == 1


def test_answers_that_get_lost_leave_one_operator_with_one_secret(
    aws: None, clock: StandingClock
) -> None:
    with answers_lost("PutItem"):
        added = add(LI)
    assert added["secret"] == people.secret("李运营")
    assert len(rows("OPERATORS_TABLE")) == 2


def test_what_a_crash_left_undone_the_same_command_completes(
    aws: None, clock: StandingClock
) -> None:
    with failing("dynamodb", "PutItem"):
        assert why(add(LI)) == "service_busy"
    killed = mock.patch.object(store, "write_register", side_effect=RuntimeError("killed"))
    with killed, pytest.raises(RuntimeError):
        add(LI)
    assert service.list_operators() == ()
    added = add(LI)
    assert added["secret"] == people.secret("李运营")


# --- proving it -----------------------------------------------------------------------------------------


def test_a_code_is_good_for_one_command(
    li: Candidate, clock: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    code = people.code("李运营")
    assert extend(li, "李运营", code)["ok"]
    before = everything_stored()
    seen = int(stored(li)["version"]["N"])
    capsys.readouterr()
    assert why(extend(li, "李运营", code, command_id="extend-0002")) == "operator_code_refused"
    assert (everything_stored(), counted(capsys.readouterr().out)) == (before, ["used"])
    clock.advance(ms=STEP_MS)
    fresh = people.code("李运营")
    assert extend(li, "李运营", fresh, command_id="extend-0002", version_seen=seen)["ok"]


def test_the_same_command_may_be_repeated_with_its_own_code(
    li: Candidate, clock: StandingClock
) -> None:
    code, seen = people.code("李运营"), int(stored(li)["version"]["N"])
    first = extend(li, "李运营", code, version_seen=seen)
    again = extend(li, "李运营", code, version_seen=seen)
    assert (first["ok"], again) == (True, first)
    clock.advance(ms=2 * STEP_MS)  # its time is over
    late = extend(li, "李运营", code, version_seen=seen)
    assert why(late) == "operator_code_refused"
    fresh = extend(li, "李运营", people.code("李运营"), version_seen=seen)
    assert fresh == first


@pytest.mark.parametrize(
    "more",
    [
        {"extra_min": 11},
        {"reason": "另有原因"},
        {"command_id": "extend-0002"},
        {"attempt_id": "at_other"},
    ],
)
def test_a_command_that_says_something_else_is_another_one(
    li: Candidate, more: dict[str, Any]
) -> None:
    code, seen = people.code("李运营"), int(stored(li)["version"]["N"])
    assert extend(li, "李运营", code, version_seen=seen)["ok"]
    told = extend(li, "李运营", code, version_seen=seen, **more)
    assert why(told) == "operator_code_refused"


def test_functions_with_the_same_event_do_not_share_a_code(li: Candidate) -> None:
    event = {"command_id": "gaps-0001", "operator": "李运营", "reason": "引擎故障已排除"}
    event |= {"exam_id": "none", "operator_code": people.code("李运营")}
    gaps = "chalicelib.handlers.gaps"
    assert run(f"{gaps}.judge_gaps", event)["ok"]
    assert why(run(f"{gaps}.accept_gaps", event)) == "operator_code_refused"


@pytest.mark.parametrize(("ms", "good"), [(-STEP_MS, True), (STEP_MS, True)])
def test_a_clock_may_be_one_step_off(li: Candidate, ms: int, good: bool) -> None:
    assert extend(li, "李运营", people.code("李运营", ms))["ok"] is good


@pytest.mark.parametrize("ms", [-2 * STEP_MS, 2 * STEP_MS])
def test_a_clock_may_not_be_two_steps_off(li: Candidate, ms: int) -> None:
    assert why(extend(li, "李运营", people.code("李运营", ms))) == "operator_code_refused"


def test_a_wrong_code_decides_nothing_and_is_counted(
    li: Candidate, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything_stored()
    assert why(extend(li, "李运营", wrong("000000"))) == "operator_code_refused"
    assert (everything_stored(), counted(capsys.readouterr().out)) == (before, ["wrong"])


@pytest.mark.parametrize("name", ["赵某", "0002", "李", "-"])
def test_an_unknown_name_decides_nothing_and_is_counted(
    li: Candidate, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything_stored(), rows("OPERATORS_TABLE")
    assert why(extend(li, name, "123456")) == "operator_unknown"
    assert (everything_stored(), rows("OPERATORS_TABLE")) == before
    assert counted(capsys.readouterr().out) == ["operator_unknown"]


@pytest.mark.parametrize("name", ["李运营", " 李 运营 ", "李\u200b运营", "0001", "00-01"])
def test_a_name_may_be_written_carelessly(li: Candidate, name: str) -> None:
    assert extend(li, name, people.code("李运营"))["ok"]
    [entry] = stored(li)["audit"]["L"]
    found = people.find("李运营")
    assert found is not None
    assert entry["M"]["operator"]["S"] == "李运营"
    assert entry["M"]["operator_id"]["S"] == found.operator_id


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "12345a", "１２３４５６", "123456\n", " 123456", 123456, None]
)
def test_what_is_no_code_is_refused_unread(li: Candidate, code: Any) -> None:
    before = rows("OPERATORS_TABLE")
    assert why(extend(li, "李运营", code)) == "invalid_request"
    assert rows("OPERATORS_TABLE") == before


def test_who_guesses_is_locked_out_for_five_minutes(
    li: Candidate, clock: StandingClock, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(MOST_WRONG):
        told = extend(li, "李运营", wrong("000000"), command_id=f"guess-{number:04}")
        assert why(told) == "operator_code_refused"
    locked = extend(li, "李运营", people.code("李运营"))
    assert why(locked) == "operator_locked"
    assert "5 分钟" in locked["errors"][0]["message"]
    assert counted(capsys.readouterr().out) == ["wrong"] * MOST_WRONG + ["operator_locked"]
    clock.advance(ms=WRONG_FOR_MS - 1)
    assert why(extend(li, "李运营", people.code("李运营"))) == "operator_locked"
    clock.advance(ms=1)
    assert extend(li, "李运营", people.code("李运营"))["ok"]


def test_another_operator_is_not_locked_out_with_them(li: Candidate) -> None:
    assert add(WANG, by="李运营")["ok"]
    for number in range(MOST_WRONG):
        extend(li, "李运营", wrong("000000"), command_id=f"guess-{number:04}")
    assert extend(li, "王运营", people.code("王运营"))["ok"]


def test_guesses_at_once_are_no_more_than_guesses_one_by_one(li: Candidate) -> None:
    def guess(number: int) -> Callable[[], Any]:
        return lambda: why(extend(li, "李运营", f"{number:06}", command_id=f"guess-{number:04}"))

    answers = at_once([guess(number) for number in range(16)])
    assert answers.count("operator_code_refused") <= MOST_WRONG
    assert set(answers) <= {"operator_code_refused", "operator_locked", "busy"}
    assert len(people.credential("李运营").wrong) <= MOST_WRONG


def test_of_many_commands_at_once_with_one_code_one_is_done(li: Candidate) -> None:
    code = people.code("李运营")

    def order(number: int) -> Callable[[], Any]:
        return lambda: extend(li, "李运营", code, command_id=f"extend-{number:04}")

    answers = at_once([order(number) for number in range(8)])
    assert [answer["ok"] for answer in answers].count(True) == 1
    assert len(stored(li)["audit"]["L"]) == 1


def test_an_answer_that_gets_lost_uses_the_code_once(li: Candidate) -> None:
    with answers_lost():
        assert extend(li, "李运营", people.code("李运营"))["ok"]
    assert len(stored(li)["audit"]["L"]) == 1


def test_a_lost_answer_counts_a_wrong_code_once(li: Candidate) -> None:
    with answers_lost():
        assert why(extend(li, "李运营", wrong("000000"))) == "operator_code_refused"
    assert len(people.credential("李运营").wrong) == 1


def test_when_aws_does_not_answer_nothing_is_decided(li: Candidate) -> None:
    before = everything_stored()
    code = people.code("李运营")
    with failing("dynamodb", "UpdateItem"):
        assert why(extend(li, "李运营", code)) == "service_busy"
    assert everything_stored() == before
    assert extend(li, "李运营", code)["ok"]


# --- other codes, and going -----------------------------------------------------------------------------


def test_a_renewed_operator_has_other_codes(li: Candidate, clock: StandingClock) -> None:
    assert add(WANG, by="李运营")["ok"]
    old = people.code("王运营")
    renewed = change("renew_operator", "王运营", by="李运营")
    assert renewed["secret"] == people.secret("王运营")
    assert why(extend(li, "王运营", old)) == "operator_code_refused"
    assert extend(li, "王运营", people.code("王运营"))["ok"]


def test_a_renewal_that_died_is_completed_by_the_same_command(li: Candidate) -> None:
    assert add(WANG, by="李运营")["ok"]
    assert change("retire_operator", "王运营", by="李运营")["state"] == "retired"
    killed = mock.patch.object(store, "write_register", side_effect=RuntimeError("killed"))
    with killed, pytest.raises(RuntimeError):
        change("renew_operator", "王运营", by="李运营")
    secret = people.secret("王运营")
    assert why(extend(li, "王运营", people.code("王运营"))) == "operator_unknown"
    again = change("renew_operator", "王运营", by="李运营")
    assert again["secret"] == secret
    assert extend(li, "王运营", people.code("王运营"))["ok"]


def test_when_all_phones_are_lost_an_administrator_opens_the_first_door_again(
    li: Candidate,
) -> None:
    """By the table alone; the person stays the same operator."""
    found = people.find("李运营")
    assert found is not None
    event = {"operator_id": found.operator_id, "command_id": "renew-0001", "reason": "手机丢失"}
    assert why(run(f"{OPERATORS}.renew_operator", event)) == "operator_needed"
    [row] = [row for row in rows("OPERATORS_TABLE").values() if row["pk"] == "REGISTER"]
    row["operators"] = [{**row["operators"][0], "state": "retired"}]
    table.put(ENVIRONMENT["OPERATORS_TABLE"], {**row, "version": row["version"] + 1})
    renewed = run(f"{OPERATORS}.renew_operator", event)
    assert (renewed["operator_id"], renewed["state"]) == (found.operator_id, "active")
    assert run(f"{OPERATORS}.renew_operator", event)["secret"] == renewed["secret"]
    assert extend(li, "李运营", people.code("李运营"))["ok"]


def test_who_guesses_a_lot_is_let_in_again_by_a_renewal(li: Candidate) -> None:
    assert add(WANG, by="李运营")["ok"]
    for number in range(MOST_WRONG):
        extend(li, "王运营", "000000", command_id=f"guess-{number:04}")
    assert change("renew_operator", "王运营", by="李运营")["ok"]
    assert extend(li, "王运营", people.code("王运营"))["ok"]


def test_nobody_renews_their_own_codes(li: Candidate) -> None:
    assert why(change("renew_operator", "李运营", by="李运营")) == "own_code"


def test_the_last_operator_cannot_go(li: Candidate) -> None:
    assert why(change("retire_operator", "李运营", by="李运营")) == "last_operator"
    assert add(WANG, by="李运营")["ok"]
    assert change("retire_operator", "李运营", by="王运营")["ok"]
    assert why(extend(li, "李运营", "123456")) == "operator_unknown"


@pytest.mark.parametrize("function", ["renew_operator", "retire_operator"])
def test_operators_are_changed_by_operators_alone(li: Candidate, function: str) -> None:
    assert add(WANG, by="李运营")["ok"]
    before = service.list_operators()
    told = change(function, "王运营", by="李运营", operator_code=wrong("000000"))
    assert why(told) == "operator_code_refused"
    assert why(change(function, "nobody", by="李运营")) == "not_found"
    assert service.list_operators() == before


# --- four eyes ------------------------------------------------------------------------------------------


def test_one_person_under_two_names_cannot_confirm_a_flag_and_decide_its_complaint(
    flagged: Candidate, clock: StandingClock
) -> None:
    """A second name is refused, and the same name is the same person however it is written."""
    assert add(LI)["ok"]
    assert add(WANG, by="李运营")["ok"]
    assert confirm(flagged, "李运营")["integrity"] == "invalidated"
    complaint = complain(flagged).json
    second = add({"name": "李某某", "staff_number": "00-01"}, by="李运营", command_id="enter-again")
    assert why(second) == "operator_known"
    code = people.fresh_code("李运营")
    invented = rule(complaint, operator="李某某", operator_code=code)
    assert why(invented) == "operator_unknown"
    for name in ("李运营", " 李 运营", "李\u200b运营"):
        assert why(rule(complaint, operator=name)) == "same_operator"
    assert rule(complaint, operator="王运营")["state"] == "accepted"


@pytest.mark.parametrize(
    ("old_name", "refused"),
    [("李运营", True), (" 李 运营", True), ("李运营\u200b", True), ("ops@example", False)],
)
def test_a_decision_of_before_has_a_name_alone_and_is_compared_by_it(
    flagged: Candidate, clock: StandingClock, old_name: str, refused: bool
) -> None:
    assert add(LI)["ok"]
    assert confirm(flagged, "李运营")["ok"]
    row = next(r for r in rows("ATTEMPTS_TABLE").values() if r["sk"] == "ATTEMPT")
    [decision] = row["decisions"]
    assert decision.pop("operator_id")
    row["decisions"] = [{**decision, "operator": old_name}]
    table.put(ENVIRONMENT["ATTEMPTS_TABLE"], row)
    answer = rule(complain(flagged).json, operator="李运营")
    assert (why(answer) == "same_operator") if refused else answer["ok"]
