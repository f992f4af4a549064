"""What a decided ticket gives in its attempt, and what a corrected decision takes back."""

from typing import Any

import msgspec
import pytest

from chalicelib.attempts import check_in, granting, sitting
from chalicelib.attempts.granting import Given, Grant, TicketOrder
from chalicelib.attempts.model import Attempt, AttemptAudit, Chances, Status, Waiver
from chalicelib.kernel.outcomes import applied
from tests.unit.after import after
from tests.unit.attempts import (
    CLOSES,
    HOUR,
    MINUTE,
    T0,
    admitted,
    attempt,
    checked_in,
    refusal,
    started,
)

NOW = T0 - 10 * MINUTE


def order(**more: Any) -> TicketOrder:
    fields: dict[str, Any] = {
        "command_id": "tk-1",
        "case_id": "tk-1",
        "operator": "ops",
        "operator_id": "op_1",
        "reason": "已核对",
        "at": NOW,
    }
    return TicketOrder(**{**fields, **more})


def waiver(at: int = NOW, **more: Any) -> Waiver:
    return Waiver("tk-1", "ops", "已核对", at, **more)


def correction(before: Given, **more: Any) -> TicketOrder:
    return order(command_id="tk-1/2", at=NOW + MINUTE, before=before, **more)


def settled(before: Attempt, given: TicketOrder) -> tuple[Attempt, Given | None]:
    now = after(before, granting.give(before, given))
    assert granting.give(now, given) == ()  # a repeat
    return now, granting.given(now, given)


# --- what is given --------------------------------------------------------------------------------------


def test_an_admission_needs_no_face_check_and_is_told_once() -> None:
    now, given = settled(checked_in(), order(waiver=waiver()))
    assert (now.next_step(NOW), given) == ("admission", Given(admitted=True))
    assert [(entry.what, entry.operator_id) for entry in now.audit] == [
        ("waive_face_check", "op_1")
    ]


@pytest.mark.parametrize(("later_ms", "moved"), [(-1, False), (0, False), (1, True)])
def test_an_entry_is_given_only_where_it_is_later(later_ms: int, moved: bool) -> None:
    until = CLOSES + later_ms
    before = attempt()
    wanted = order(enter_until=until)
    now, given = settled(before, wanted)
    assert now.entry_until == max(CLOSES, until)
    assert given == Given(enter_until=until if moved else None)
    assert granting.moves_deadline_by(before, wanted) == max(0, later_ms)


def test_nobody_who_has_started_needs_a_later_entry() -> None:
    now, given = settled(started(), order(enter_until=CLOSES + HOUR))
    assert (now.entry_until, given) == (CLOSES, Given())
    with refusal("entry_not_needed"):
        granting.refuse_grant(started(), Grant.ENTRY, enter_until=CLOSES + HOUR)


@pytest.mark.parametrize(("later_ms", "refused"), [(-1, True), (0, True), (1, False)])
def test_an_entry_that_is_not_later_is_refused_instead_of_being_given_for_nothing(
    later_ms: int, refused: bool
) -> None:
    if refused:
        with refusal("entry_not_later"):
            granting.refuse_grant(attempt(), Grant.ENTRY, enter_until=CLOSES + later_ms)
    else:
        granting.refuse_grant(attempt(), Grant.ENTRY, enter_until=CLOSES + later_ms)


@pytest.mark.parametrize(("count", "refused"), [(89, False), (90, False), (91, True)])
def test_a_hundred_chances_are_the_most(count: int, refused: bool) -> None:
    before = attempt(chances=Chances(10, 10))
    if refused:
        with refusal("too_many_chances") as caught:
            granting.refuse_grant(before, Grant.CHANCES, chances=count)
        assert caught.value.details == {"most": 100}
    else:
        granting.refuse_grant(before, Grant.CHANCES, chances=count)
    now, given = settled(before, order(chances=count))
    assert given == Given(chances=min(count, 90))
    assert now.chances == Chances(10 + min(count, 90), 10)


def test_chances_after_the_start_are_those_of_coming_back() -> None:
    now, given = settled(started(), order(chances=2))
    assert given == Given(chances=2, after_start=True)
    assert now.chances_after_start.granted == started().chances_after_start.granted + 2


def test_time_moves_a_running_deadline_and_other_commands_have_to_look_again() -> None:
    before = started()
    now, given = settled(before, order(extra_ms=10 * MINUTE))
    assert given == Given(extra_ms=10 * MINUTE)
    assert (before.deadline, now.deadline) == (T0 + HOUR, T0 + HOUR + 10 * MINUTE)
    assert now.ordered_version == now.version


def test_what_is_given_at_once_is_all_given() -> None:
    """The smallest numbers of each."""
    now, given = settled(started(), order(waiver=waiver(), chances=1, extra_ms=1))
    assert given == Given(admitted=True, chances=1, after_start=True, extra_ms=1)
    assert now.waiver == waiver()
    assert now.chances_after_start.granted == started().chances_after_start.granted + 1
    assert now.deadline == T0 + HOUR + 1
    before = order(enter_until=CLOSES + 1, chances=1)
    now, given = settled(admitted(), before)
    assert given == Given(enter_until=CLOSES + 1, chances=1)
    assert (now.entry_until, now.chances.granted) == (CLOSES + 1, admitted().chances.granted + 1)


def test_a_decision_that_gives_nothing_writes_its_audit_alone() -> None:
    [audited] = granting.give(started(), order())
    [entry] = applied(started(), (audited,)).audit
    assert (entry.what, entry.at) == ("decide_ticket", NOW)
    assert applied(started(), (audited,)).ordered_version == started().ordered_version


@pytest.mark.parametrize(("extra_ms", "moved"), [(0, 0), (1, 1), (MINUTE, MINUTE)])
def test_more_time_moves_the_last_deadline_by_itself(extra_ms: int, moved: int) -> None:
    assert granting.moves_deadline_by(started(), order(extra_ms=extra_ms)) == moved
    wanted = order(extra_ms=extra_ms, enter_until=CLOSES + 5)
    assert granting.moves_deadline_by(attempt(), wanted) == moved + 5
    corrected = correction(Given(extra_ms=MINUTE), extra_ms=extra_ms)
    assert granting.moves_deadline_by(started(), corrected) == 0


def test_a_closed_round_never_changes_and_says_so() -> None:
    closed = attempt(status=Status.SUBMITTED)
    with refusal("attempt_submitted"):
        granting.refuse_grant(closed, Grant.CHANCES, chances=1)
    for more in ({"chances": 1}, {"waiver": waiver()}, {"extra_ms": 1}):
        assert settled(closed, order(**more)) == (closed, None)


def test_an_entry_of_an_earlier_release_stands_for_an_admission() -> None:
    old = AttemptAudit("tk-1", "waive_face_check", "ops", "已核对", NOW, detail="enrolled")
    before = attempt(audit=(old,), waiver=waiver())
    assert granting.given(before, order(waiver=waiver())) == Given(admitted=True)
    later = order(waiver=waiver(), enter_until=CLOSES)
    assert granting.given(before, later) == Given(admitted=True, enter_until=CLOSES)


# --- what is taken back ---------------------------------------------------------------------------------


def test_an_unused_admission_is_taken_back_and_the_face_check_is_needed_again() -> None:
    first, given = settled(checked_in(), order(waiver=waiver()))
    assert given is not None
    now, told = settled(first, correction(given))
    assert (now.waiver, now.next_step(NOW)) == (None, "verification")
    assert told == Given(withdrawn=True)
    assert [entry.what for entry in now.audit] == ["waive_face_check", "correct_ticket"]


def test_an_admission_that_was_used_stays_and_is_named() -> None:
    first, given = settled(checked_in(), order(waiver=waiver()))
    inside = applied(first, check_in.admit(first, "request-1", NOW))
    assert given is not None
    now, told = settled(inside, correction(given))
    assert now.waiver == inside.waiver
    assert told == Given(kept=(Grant.ADMISSION,))
    running = applied(now, sitting.start(now, 1, T0))
    assert running.status is Status.STARTED


def test_the_waiver_of_another_ticket_stays() -> None:
    other = Waiver("tk-2", "ops", "已核对", NOW + 1)
    now, told = settled(checked_in(waiver=other), correction(Given(admitted=True)))
    assert now.waiver == other
    assert told == Given(kept=(Grant.ADMISSION,))


@pytest.mark.parametrize(
    ("used", "granted", "kept"),
    [(9, 10, ()), (10, 10, ()), (11, 11, (Grant.CHANCES,)), (13, 13, (Grant.CHANCES,))],
)
def test_chances_are_taken_back_as_far_as_they_were_not_used(
    used: int, granted: int, kept: tuple[Grant, ...]
) -> None:
    given = Given(chances=3)
    now, told = settled(attempt(chances=Chances(13, used)), correction(given))
    assert now.chances == Chances(granted, used)
    assert told == Given(withdrawn=granted < 13, kept=kept)


def test_chances_that_were_given_before_the_start_are_not_taken_from_those_after_it() -> None:
    before = started(chances=Chances(13, 9), chances_after_start=Chances(10, 2))
    now, _ = settled(before, correction(Given(chances=3)))
    assert (now.chances, now.chances_after_start) == (Chances(10, 10), Chances(10, 2))


def test_an_admission_and_chances_of_coming_back_are_taken_back_together() -> None:
    before = started(chances_after_start=Chances(12, 5))
    before = msgspec.structs.replace(before, waiver=waiver())
    now, told = settled(before, correction(Given(admitted=True, chances=2, after_start=True)))
    assert now.chances_after_start == Chances(10, 5)
    assert told is not None
    assert told.withdrawn
    first, given = settled(checked_in(), order(waiver=waiver(), chances=2))
    now, told = settled(first, correction(given or Given()))
    assert (now.waiver, now.chances) == (None, checked_in().chances)
    assert told == Given(withdrawn=True)


@pytest.mark.parametrize(("minutes", "deadline"), [(0, 20), (10, 20), (20, 20), (30, 30)])
def test_time_is_never_taken_back_and_only_the_difference_is_added(
    minutes: int, deadline: int
) -> None:
    first, given = settled(started(), order(extra_ms=20 * MINUTE))
    assert given is not None
    now, told = settled(first, correction(given, extra_ms=minutes * MINUTE))
    assert now.deadline == T0 + HOUR + deadline * MINUTE
    assert told is not None
    assert (Grant.TIME in told.kept) == (minutes < 20)
    assert told.extra_ms == (deadline * MINUTE if minutes else 0)


def test_a_later_entry_is_never_taken_back() -> None:
    until = CLOSES + 20 * MINUTE
    first, given = settled(admitted(), order(enter_until=until))
    assert given == Given(enter_until=until)
    now, told = settled(first, correction(given))
    assert (now.entry_until, told) == (until, Given(kept=(Grant.ENTRY,)))


def test_another_photo_replaces_the_first_one_though_it_was_used() -> None:
    first, given = settled(checked_in(), order(waiver=waiver()))
    inside = applied(first, check_in.admit(first, "request-1", NOW))
    other = waiver(NOW + MINUTE, enter_until=None)
    now, told = settled(inside, correction(given or Given(), waiver=other))
    assert now.waiver == other
    assert told == Given(admitted=True)


def test_chances_instead_of_an_admission_are_given_in_one_decision() -> None:
    first, given = settled(checked_in(chances=Chances(10, 10)), order(waiver=waiver()))
    now, told = settled(first, correction(given or Given(), chances=3))
    assert (now.waiver, now.chances) == (None, Chances(13, 10))
    assert told == Given(chances=3, withdrawn=True)


def test_a_corrected_rejection_gives_what_a_first_decision_would() -> None:
    now, told = settled(checked_in(), correction(Given(), waiver=waiver()))
    assert (now.next_step(NOW), told) == ("admission", Given(admitted=True))
    assert msgspec.json.decode(now.audit[-1].detail, type=Given) == told
