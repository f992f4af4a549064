"""Orders for everybody who sits an exam: what they change on it, and how an attempt follows, once."""

from typing import Any

import msgspec
import pytest

from chalicelib.attempts import commands, following, sitting
from chalicelib.attempts.model import Attempt, AttemptAudit, Status
from chalicelib.exams import orders
from chalicelib.exams.model import Checkpoint, Exam, ExamOrder, OrderKind, Preflight
from chalicelib.exams.questions import Bank, Question, QuestionType
from chalicelib.kernel.commands import KEPT, Command
from chalicelib.kernel.outcomes import applied, changed_fields
from tests.unit.after import after
from tests.unit.attempts import CLOSES, HOUR, admitted, attempt, refusal, started
from tests.unit.exams import MINUTE, T0, exam

NOW = T0 - HOUR


def more(minutes: int = 15, command: str = "more-0001", at: int = NOW) -> ExamOrder:
    kind = OrderKind.COMPENSATE
    return ExamOrder(command, kind, "ops", "停电", at, at, extra_ms=minutes * MINUTE)


def move(starts_at: int, command: str = "move-0001", at: int = NOW) -> ExamOrder:
    return ExamOrder(command, OrderKind.RESCHEDULE, "ops", "停电", at, at, starts_at=starts_at)


def given(before: Exam, order: ExamOrder, now: int = NOW) -> Exam:
    return after(before, orders.give(before, order, before.version, now))


# --- on the exam ----------------------------------------------------------------------------------------


def test_more_time_for_everybody_holds_for_those_who_open_later_and_moves_the_end() -> None:
    now = given(exam(), more(15))
    assert model_time(now) == 75 * MINUTE
    assert now.ends_at == exam().ends_at + 15 * MINUTE
    assert model_time(given(now, more(5, "more-0002"))) == 80 * MINUTE


def model_time(of: Exam) -> int:
    from chalicelib.exams.model import allowed_time_ms

    return allowed_time_ms(of, None)


@pytest.mark.parametrize(("before_now", "allowed"), [(-1, True), (0, False), (1, False)])
def test_a_start_in_the_past_is_refused(before_now: int, allowed: bool) -> None:
    order = move(NOW - before_now)
    if allowed:
        assert given(exam(), order).starts_at == NOW + 1
    else:
        with refusal("starts_in_the_past"):
            given(exam(), order)


def test_another_start_clears_what_preflight_found() -> None:
    noted = {f"preflight_{c.value}": Preflight(NOW, True) for c in Checkpoint}
    now = given(exam(**noted, waiting_opened_at=T0 - 45 * MINUTE), move(T0 + 24 * HOUR))
    assert [now.preflight(checkpoint) for checkpoint in Checkpoint] == [None] * 3
    assert now.waiting_opened_at is None


@pytest.mark.parametrize(("by_ms", "kept"), [(0, True), (1, False)])
def test_a_waiting_room_that_stays_open_keeps_its_note(by_ms: int, kept: bool) -> None:
    at = T0 - 10 * MINUTE
    opened = exam(waiting_opened_at=T0 - 45 * MINUTE)
    now = given(opened, move(at + 45 * MINUTE + by_ms), at)
    assert (now.waiting_opened_at is not None) is kept


def test_the_same_order_again_changes_nothing_and_another_needs_the_present_version() -> None:
    now = given(exam(), more())
    assert orders.give(now, more(), 1, NOW) == ()
    with refusal("exam_changed") as caught:
        orders.give(now, more(command="more-0002"), 1, NOW)
    assert caught.value.details == {"version": 2}


def test_twenty_orders_are_the_most() -> None:
    now = exam()
    for number in range(20):
        now = given(now, more(1, f"more-{number:04}"))
    with refusal("too_many_orders"):
        given(now, more(1, "more-0020"))


@pytest.mark.parametrize(("later_ms", "due"), [(59_999, False), (60_000, True), (60_001, True)])
def test_the_schedule_looks_once_a_minute_after_the_order(later_ms: int, due: bool) -> None:
    now = given(exam(), more())
    assert orders.unsettled(now, NOW + later_ms) is due
    settled = after(now, orders.settle(now, NOW + later_ms))
    assert (settled.orders[0].followed_at is not None) is due
    assert orders.settle(settled, NOW + later_ms) == ()


def test_what_was_ordered_is_not_part_of_what_was_published_but_the_start_is() -> None:
    now = given(given(exam(), more()), move(T0 + HOUR))
    assert now.as_published == exam(starts_at=T0 + HOUR)


# --- on an attempt --------------------------------------------------------------------------------------


def followed(before: Attempt, *given: ExamOrder, now: int = NOW) -> Attempt:
    return applied(before, following.follow(before, given, now))


def test_a_running_clock_gets_the_time_at_its_end_and_a_waiting_one_when_it_starts() -> None:
    running = followed(started(), more(15))
    assert (running.deadline, running.allowed_ms) == (T0 + 75 * MINUTE, 75 * MINUTE)
    assert running.saves_until == T0 + 75 * MINUTE + 2000
    waiting = followed(admitted(), more(15))
    assert (waiting.deadline, waiting.allowed_ms) == (None, 75 * MINUTE)
    assert applied(waiting, sitting.start(waiting, 1, T0)).deadline == T0 + 75 * MINUTE


def test_each_order_is_followed_once_in_any_order_and_number_of_calls() -> None:
    first, second = more(15), more(5, "more-0002")
    once = followed(started(), first, second)
    assert once.deadline == T0 + 80 * MINUTE
    assert following.follow(once, (first, second), NOW) == ()
    assert followed(followed(started(), first), first, second).deadline == once.deadline
    assert once.orders == ("more-0001", "more-0002")
    assert [entry.what for entry in once.audit] == ["compensate_exam", "compensate_exam"]


def test_an_order_is_never_followed_twice_however_many_commands_came_between() -> None:
    now = followed(started(), more(15))
    now = msgspec.structs.replace(now, version=now.version + 1)
    for number in range(KEPT + 1):
        order = Command(f"command-{number}", "ops", "why", now.version)
        now = applied(now, commands.grant_chances(now, order, 1, NOW))
        now = msgspec.structs.replace(now, version=now.version + 1)
    assert "more-0001" not in {entry.command_id for entry in now.audit}
    assert following.follow(now, (more(15),), NOW) == ()


def test_a_command_on_what_was_before_an_order_is_refused() -> None:
    """Two operators who give time for the same trouble: one to everybody, one to this candidate."""
    now = followed(started(), more(15))
    now = msgspec.structs.replace(now, version=now.version + 1)
    with refusal("changed_meanwhile"):
        commands.extend_time(now, Command("command-1", "ops", "why", 1), MINUTE, NOW)


def test_a_closed_round_never_changes_by_an_order() -> None:
    assert following.follow(attempt(status=Status.SUBMITTED), (more(),), NOW) == ()


def test_a_round_reopened_after_the_decision_has_its_time_already() -> None:
    for opened_at, changed in ((NOW - 1, True), (NOW, True), (NOW + 1, False)):
        again = attempt(round=2, opened_at=opened_at)
        assert bool(following.follow(again, (more(),), NOW)) is changed
        assert following.follow(attempt(round=1, opened_at=opened_at), (more(),), NOW)


def test_another_start_moves_start_closing_and_a_granted_entry_together() -> None:
    late = admitted(entry_until=CLOSES + 20 * MINUTE)
    now = followed(late, move(T0 + 24 * HOUR))
    assert now.starts_at == T0 + 24 * HOUR
    assert now.entry_until == CLOSES + 20 * MINUTE + 24 * HOUR
    assert now.admission is not None
    assert now.admission.start_until == now.entry_until
    with refusal("exam_not_started"):
        sitting.start(now, 1, T0 + 24 * HOUR - 1)
    assert sitting.start(now, 1, T0 + 24 * HOUR)
    assert sitting.start(now, 1, now.entry_until)
    with refusal("entry_closed"):
        sitting.start(now, 1, now.entry_until + 1)


def test_of_several_starts_the_newest_counts() -> None:
    now = followed(attempt(), move(T0 + HOUR), move(T0 + 2 * HOUR, "move-0002"))
    assert now.starts_at == T0 + 2 * HOUR
    assert following.follow(now, (move(T0 + HOUR), move(T0 + 2 * HOUR, "move-0002")), NOW) == ()


def test_who_has_started_keeps_the_start_and_gets_the_time() -> None:
    now = followed(started(), move(T0 + 24 * HOUR), more(15))
    assert (now.starts_at, now.deadline) == (T0, T0 + 75 * MINUTE)
    assert now.orders == ("more-0001",)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, CLOSES + 5 * MINUTE + HOUR),
        ({"allowed_ms": 2 * HOUR}, CLOSES + 5 * MINUTE + 2 * HOUR),
        ({"deadline": T0 + HOUR}, T0 + HOUR),
    ],
)
def test_the_last_deadline_is_that_of_a_late_start_until_one_runs(
    fields: dict[str, Any], expected: int
) -> None:
    assert attempt(**fields).last_deadline == expected


def test_an_order_that_is_followed_is_noted_with_who_gave_it_and_what_it_did() -> None:
    order = move(T0 + HOUR, at=NOW)
    changes = changed_fields(following.follow(attempt(), (more(15), order), NOW + 1))
    assert changes["audit"] == (
        AttemptAudit(
            "more-0001", "compensate_exam", "ops", "停电", NOW + 1, detail=f"+{15 * MINUTE} ms"
        ),
        AttemptAudit(
            "move-0001", "reschedule_exam", "ops", "停电", NOW + 1, detail=f"starts_at {T0 + HOUR}"
        ),
    )


# --- other right answers --------------------------------------------------------------------------------


BANK = Bank(
    (),
    (
        Question("s", QuestionType.SINGLE, "单", ("一", "二", "三"), "A"),
        Question("m", QuestionType.MULTIPLE, "多", ("一", "二", "三"), "AC"),
        Question("j", QuestionType.JUDGE, "判", ("正确", "错误"), "B"),
    ),
)


def test_a_corrected_key_holds_with_those_before_it() -> None:
    first = orders.corrected_key(BANK, {}, {"m": "CB"})
    assert first == {"m": "BC"}
    assert orders.corrected_key(BANK, first, {"s": "C"}) == {"m": "BC", "s": "C"}
    assert orders.corrected_key(BANK, first, {"m": "AC"}) == {"m": "AC"}  # back to the bank's own


@pytest.mark.parametrize(
    ("present", "corrected"), [({}, {"s": "A"}), ({}, {"m": "CA"}), ({"s": "B"}, {"s": "B"})]
)
def test_a_key_that_corrects_nothing_is_refused(
    present: dict[str, str], corrected: dict[str, str]
) -> None:
    with refusal("key_unchanged"):
        orders.corrected_key(BANK, present, corrected)


@pytest.mark.parametrize(
    ("question", "letters"),
    [
        ("x" * 50, "A"),
        ("s", ""),
        ("s", "AB"),
        ("s", "D"),
        ("j", "C"),
        ("m", "AA"),
        ("m", "ABD"),
        ("m", "b"),
    ],
)
def test_letters_that_a_question_cannot_have_are_refused(question: str, letters: str) -> None:
    with refusal("key_invalid") as refused:
        orders.corrected_key(BANK, {}, {question: letters})
    assert refused.value.details == {"question": question[:40]}


@pytest.mark.parametrize(
    ("question", "letters"), [("s", "C"), ("j", "A"), ("m", "ABC"), ("m", "B")]
)
def test_letters_that_a_question_can_have_are_taken(question: str, letters: str) -> None:
    assert orders.corrected_key(BANK, {}, {question: letters}) == {question: letters}
