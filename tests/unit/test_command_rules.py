"""What operators may do to an attempt: once, for a reason, on what they saw."""

import msgspec
import pytest

from chalicelib.attempts import check_in, commands, grading, sitting, watch
from chalicelib.attempts.commands import SeenFlag
from chalicelib.attempts.model import (
    Attempt,
    AttemptAudit,
    Cause,
    Chances,
    CheckIn,
    Decision,
    Origin,
    Status,
    Step,
    Waiver,
)
from chalicelib.kernel.commands import Command
from chalicelib.kernel.outcomes import applied, changed_fields
from chalicelib.proctoring.model import Integrity, IntegrityRule, IntegrityState, Verdict
from tests.unit.attempts import (
    HOUR,
    MATCH,
    MINUTE,
    T0,
    attempt,
    checked_in,
    refusal,
    started,
)
from tests.unit.commands import asked

ORDER = Command("command-1", "ops@example", "网络故障", version_seen=1)


OTHER, END = IntegrityRule.MISMATCH, T0 + HOUR


def flagged() -> Attempt:
    before = asked(started(snapshot_seed="secret"))
    return applied(before, watch.record(before, dict.fromkeys(range(6), Verdict.MISMATCH)))


def test_granted_chances_are_added_where_the_candidate_is() -> None:
    before = checked_in(chances=Chances(10, 10))
    now = applied(before, commands.grant_chances(before, ORDER, 3, T0))
    assert (now.chances, now.chances_after_start) == (Chances(13, 10), Chances(10))
    running = applied(started(), commands.grant_chances(started(), ORDER, 3, T0))
    assert running.chances_after_start == Chances(13)


def test_the_id_of_a_command_stands_for_that_command_alone() -> None:
    first = msgspec.structs.replace(ORDER, operator_id="op_1")
    before = started()
    now = applied(before, commands.extend_time(before, first, 5 * MINUTE, T0))
    assert commands.extend_time(now, first, 5 * MINUTE, T0) == ()
    with refusal("command_id_taken"):
        commands.extend_time(now, first, 60 * MINUTE, T0)
    with refusal("command_id_taken"):
        commands.grant_chances(now, first, 3, T0)
    with refusal("command_id_taken"):
        other = msgspec.structs.replace(first, operator_id="op_2")
        commands.extend_time(now, other, 5 * MINUTE, T0)
    unnamed = applied(before, commands.extend_time(before, ORDER, 5 * MINUTE, T0))
    assert commands.extend_time(unnamed, first, 5 * MINUTE, T0) == ()  # noted by an earlier release


def test_a_command_is_noted_in_the_same_write_with_what_it_did() -> None:
    def noted(what: str, detail: str) -> tuple[AttemptAudit, ...]:
        return (AttemptAudit("command-1", what, "ops@example", "网络故障", T0 + 1, detail=detail),)

    changes = changed_fields(commands.grant_chances(attempt(), ORDER, 3, T0 + 1))
    assert changes["audit"] == noted("grant_chances", "+3")
    changes = changed_fields(commands.extend_time(started(), ORDER, MINUTE, T0 + 1))
    assert changes["audit"] == noted("extend_time", "+60000 ms")
    assert changes["ordered_version"] == started().version + 1


@pytest.mark.parametrize(("count", "allowed"), [(89, True), (90, True), (91, False)])
def test_a_hundred_chances_are_the_most(count: int, allowed: bool) -> None:
    if allowed:
        assert commands.grant_chances(attempt(), ORDER, count, T0)
    else:
        with refusal("too_many_chances"):
            commands.grant_chances(attempt(), ORDER, count, T0)


def test_more_time_moves_the_deadline_later_and_brings_its_own_snapshots() -> None:
    before = started(snapshot_seed="secret")
    now = applied(before, commands.extend_time(before, ORDER, 20 * MINUTE, T0 + 1))
    assert (now.deadline, now.allowed_ms) == (T0 + HOUR + 20 * MINUTE, HOUR + 20 * MINUTE)
    assert now.saves_until == T0 + HOUR + 20 * MINUTE + 2000
    assert now.due_bucket != before.due_bucket
    assert watch.moments(now)[: len(watch.moments(before))] == watch.moments(before)
    assert max(watch.moments(now)) > T0 + HOUR


def test_time_given_before_the_start_counts_from_the_start() -> None:
    now = applied(attempt(), commands.extend_time(attempt(), ORDER, 20 * MINUTE, T0))
    assert (now.allowed_ms, now.deadline) == (HOUR + 20 * MINUTE, None)


def test_a_closed_round_never_changes() -> None:
    closed = attempt(status=Status.SUBMITTED)
    with refusal("round_closed"):  # the operator is told what to do instead
        commands.extend_time(closed, ORDER, MINUTE, T0)
    with refusal("attempt_submitted"):
        commands.grant_chances(closed, ORDER, 1, T0)


def closed_by(cause: Cause) -> Attempt:
    before = started(snapshot_seed="secret", paper_seed="paper")
    before = msgspec.structs.replace(before, answers={"1": "A", "2": "", "3": "B"}, acked_seq=7)
    return applied(before, sitting.close(before, cause, T0 + HOUR, T0 + HOUR))


def reopened(closed: Attempt, now: int = T0 + HOUR) -> Attempt:
    terms = commands.Terms(allowed_ms=20 * MINUTE, entry_ms=30 * MINUTE)
    more = {
        "attempt_id": "at_2",
        "identity": closed.identity,
        "orders": ("o-1",),
        "key_version": "k-1",
        "announced": 0,
        "snapshot_seed": "another",
    }
    return commands.next_round(closed, ORDER, terms, **more, now=now)


@pytest.mark.parametrize("cause", [Cause.DEADLINE, Cause.SWITCHES])
def test_the_next_round_has_the_same_paper_and_answers_and_all_else_anew(cause: Cause) -> None:
    closed = closed_by(cause)
    commands.refuse_reopening(closed, ORDER, T0 + HOUR, T0 + HOUR)
    following = reopened(closed)
    paper = ("exam_id", "account_id", "paper_version", "paper_seed", "question_count", "policy")
    assert all(getattr(following, name) == getattr(closed, name) for name in paper)
    assert (following.round, following.status) == (2, Status.OPENED)
    assert following.origin == Origin("at_1", cause, "command-1")
    assert following.audit[0].reason == ORDER.reason
    assert (following.switches, following.chances, following.page) == ((), Chances(10), 0)
    assert watch.moments(following) == ()
    assert following.orders == ("o-1",)  # made up for in its terms
    assert following.next_step(T0 + HOUR) == "notice"


def test_who_was_admitted_without_the_face_check_stays_so_in_the_next_round() -> None:
    waiver = Waiver("tk-1", "ops", "已核对", T0)
    closed = msgspec.structs.replace(closed_by(Cause.DEADLINE), waiver=waiver)
    assert reopened(closed).waiver == waiver


def test_the_next_round_starts_with_the_time_it_was_given_and_the_answers() -> None:
    before = reopened(closed_by(Cause.DEADLINE))
    at = T0 + HOUR + 10 * MINUTE
    ready = msgspec.structs.replace(before, check_in=CheckIn(steps=tuple(Step)))
    ready = applied(ready, check_in.reserve_verification(ready, "vf", at))
    ready = applied(ready, check_in.settle_verification(ready, "vf", MATCH, at))
    ready = applied(ready, check_in.admit(ready, "request-1", at))
    now = applied(ready, sitting.start(ready, 1, at))
    assert (now.deadline, now.answers) == (at + 20 * MINUTE, {"1": "A", "2": "", "3": "B"})
    assert now.acked_seq == 0  # revisions are counted by the pages of this round


@pytest.mark.parametrize(("ms", "open_"), [(-1, True), (0, True), (1, False)])
def test_the_door_of_a_new_round_closes_when_it_was_said(ms: int, open_: bool) -> None:
    until = T0 + HOUR + 30 * MINUTE
    following = msgspec.structs.replace(
        reopened(closed_by(Cause.DEADLINE)), check_in=CheckIn(steps=tuple(Step))
    )
    if open_:
        assert check_in.reserve_verification(following, "vf", until + ms)
    else:
        with refusal("entry_closed"):
            check_in.reserve_verification(following, "vf", until + ms)


@pytest.mark.parametrize(("ms", "refused"), [(-1, False), (0, False), (1, True)])
def test_nothing_is_re_opened_once_keys_may_be_known(ms: int, refused: bool) -> None:
    closed, ends_at = closed_by(Cause.DEADLINE), T0 + 2 * HOUR
    if refused:
        with refusal("keys_shown"):
            commands.refuse_reopening(closed, ORDER, ends_at, ends_at + ms)
    else:
        commands.refuse_reopening(closed, ORDER, ends_at, ends_at + ms)


def test_only_what_the_server_closed_is_re_opened() -> None:
    with refusal("round_open"):
        commands.refuse_reopening(started(), ORDER, T0 + HOUR, T0)
    with refusal("submitted_by_candidate"):
        commands.refuse_reopening(closed_by(Cause.CANDIDATE), ORDER, T0 + HOUR, T0)
    ordered = msgspec.structs.replace(closed_by(Cause.DEADLINE), version=9, ordered_version=5)
    with refusal("changed_meanwhile"):
        commands.refuse_reopening(ordered, ORDER, T0 + HOUR, T0)


def test_a_round_stays_with_its_person() -> None:
    closed = closed_by(Cause.DEADLINE)
    other = msgspec.structs.replace(closed.identity, person_hash="another")
    terms = commands.Terms(MINUTE, MINUTE)
    with refusal("identity_changed"):
        commands.next_round(
            closed,
            ORDER,
            terms,
            attempt_id="at_2",
            identity=other,
            key_version="",
            announced=0,
            snapshot_seed="s",
            orders=(),
            now=T0,
        )


def test_a_confirmed_flag_invalidates_and_a_cleared_one_stays_cleared() -> None:
    confirmed = applied(
        flagged(), commands.confirm_flag(flagged(), ORDER, SeenFlag(OTHER), True, T0)
    )
    assert confirmed.integrity.state is IntegrityState.INVALIDATED
    assert confirmed.integrity.rule is IntegrityRule.MISMATCH
    cleared = applied(
        flagged(), commands.confirm_flag(flagged(), ORDER, SeenFlag(OTHER), False, T0)
    )
    assert cleared.integrity.state is IntegrityState.CLEAR
    more = applied(cleared, watch.record(cleared, {6: Verdict.MISMATCH, 7: Verdict.MISMATCH}))
    assert more.integrity.state is IntegrityState.CLEAR
    again = applied(more, watch.record(more, {8: Verdict.MISMATCH}))
    assert again.integrity.state is IntegrityState.FLAGGED
    assert again.integrity.slots == (6, 7, 8), "only frames that nobody has looked at"


def test_clearing_excuses_no_frame_that_was_not_looked_at() -> None:
    now = flagged()
    look = SeenFlag(OTHER, now.integrity.slots[:3])
    cleared = applied(now, commands.confirm_flag(now, ORDER, look, False, T0))
    assert cleared.integrity.state is IntegrityState.FLAGGED
    assert cleared.integrity.slots == now.integrity.slots[3:]
    cleared = msgspec.structs.replace(cleared, version=2)
    second = Command("command-2", "ops@example", "本人", version_seen=2)
    whole = applied(cleared, commands.confirm_flag(cleared, second, SeenFlag(OTHER), False, T0))
    assert whole.integrity.state is IntegrityState.CLEAR
    assert whole.decisions[-1].slots == now.integrity.slots


def test_a_decision_of_version_1_holds_for_whatever_comes() -> None:
    old = Decision(IntegrityState.CLEAR, OTHER, "ops@example", "本人", T0)
    now = msgspec.structs.replace(flagged(), decisions=(old,))
    assert watch.integrity(now).state is IntegrityState.CLEAR


# --- frames that we failed to judge ---------------------------------------------------------------------


def with_gaps(gaps: int) -> Attempt:
    before = started(snapshot_seed="secret")
    closed = applied(before, sitting.close(before, Cause.DEADLINE, END, END))
    slots = watch.due_slots(closed, END)
    shown = dict.fromkeys(slots, Verdict.MATCH) | dict.fromkeys(slots[:gaps], Verdict.SYSTEM_GAP)
    return applied(closed, watch.record(closed, shown))


@pytest.mark.parametrize("gaps", [1, 15])
def test_gaps_wait_for_an_operator_who_accepts_them(gaps: int) -> None:
    before = with_gaps(gaps)
    assert not grading.is_final(before, END + 9 * HOUR)
    now = applied(before, commands.accept_gaps(before, ORDER, END + HOUR))
    assert now.integrity == Integrity()
    assert grading.is_final(now, END + HOUR)
    assert (now.audit[-1].what, now.audit[-1].operator) == ("accept_gaps", "ops@example")
    assert commands.accept_gaps(now, ORDER, END + HOUR) == (), "the same command again"
    now = msgspec.structs.replace(now, version=2)
    again = msgspec.structs.replace(ORDER, command_id="command-2", version_seen=now.version)
    with refusal("no_gap"):
        commands.accept_gaps(now, again, END + HOUR)


def test_a_verdict_counts_though_its_gap_was_accepted() -> None:
    before = with_gaps(9)
    now = applied(before, commands.accept_gaps(before, ORDER, END + HOUR))
    late = applied(now, watch.record(now, dict.fromkeys(range(9), Verdict.MISMATCH)))
    assert late.integrity.state is IntegrityState.FLAGGED
    assert not grading.is_final(late, END + HOUR)


def test_gaps_of_a_running_exam_are_not_accepted() -> None:
    with refusal("not_submitted"):
        commands.accept_gaps(started(), ORDER, T0)


def test_a_decision_about_one_rule_does_not_excuse_another() -> None:
    cleared = applied(
        flagged(), commands.confirm_flag(flagged(), ORDER, SeenFlag(OTHER), False, T0)
    )
    crowd = dict.fromkeys(range(6, 9), Verdict.SEVERAL)
    assert applied(cleared, watch.record(cleared, crowd)).integrity.rule is IntegrityRule.SEVERAL


def test_without_a_flag_there_is_nothing_to_confirm() -> None:
    with refusal("no_flag"):
        commands.confirm_flag(started(), ORDER, SeenFlag(OTHER), True, T0)


def test_a_command_is_done_once() -> None:
    now = applied(attempt(), commands.grant_chances(attempt(), ORDER, 3, T0))
    now = msgspec.structs.replace(now, version=2)
    assert commands.grant_chances(now, ORDER, 3, T0) == ()


@pytest.mark.parametrize(
    ("seen", "done"), [(0, False), (4, False), (5, True), (9, True), (10, False)]
)
def test_a_command_is_done_unless_another_operator_came_first(seen: int, done: bool) -> None:
    """The candidate's own doings (here: up to version 9) stand in nobody's way."""
    now = attempt(version=4)
    first = Command("command-1", "a", "网络故障", version_seen=3)
    now = applied(now, commands.extend_time(now, first, MINUTE, T0))
    now = msgspec.structs.replace(now, version=9)
    second = Command("command-2", "b", "网络故障", version_seen=seen)
    if done:
        assert commands.extend_time(now, second, MINUTE, T0)
    else:
        with refusal("changed_meanwhile") as caught:
            commands.extend_time(now, second, MINUTE, T0)
        assert caught.value.details == {"version": 9}


def test_a_flag_that_nobody_looked_at_is_not_decided() -> None:
    with refusal("changed_meanwhile"):
        commands.confirm_flag(flagged(), ORDER, SeenFlag(IntegrityRule.MISSING), True, T0)


def test_each_command_leaves_who_did_it_and_why_the_newest_twenty() -> None:
    now = attempt()
    for number in range(1, 23):
        order = Command(f"command-{number}", "ops@example", "网络故障", number)
        now = applied(now, commands.grant_chances(now, order, 1, T0 + number))
        now = msgspec.structs.replace(now, version=number + 1)
    assert len(now.audit) == 20
    newest = now.audit[-1]
    assert (newest.what, newest.operator, newest.reason) == (
        "grant_chances",
        "ops@example",
        "网络故障",
    )
