"""What an attempt ends in: when its verdict is published, when it is final, and what a complaint changes."""

import itertools
from typing import Any

import msgspec
import pytest

from chalicelib.attempts import commands, complaining, grading, publishing, sitting, watch
from chalicelib.attempts.commands import SeenFlag
from chalicelib.attempts.complaining import ComplaintSettled, Settlement
from chalicelib.attempts.following import KeyCorrected
from chalicelib.attempts.grading import ResultOutcome
from chalicelib.attempts.model import Attempt, Cause, Contested, DecidedComplaint, Status
from chalicelib.attempts.outcomes import Audited, Reassessed
from chalicelib.attempts.publishing import Marked
from chalicelib.attempts.shards import follow_up_shard
from chalicelib.attempts.watch import Deferred, Settled
from chalicelib.exams.model import Policy
from chalicelib.kernel.commands import Command
from chalicelib.kernel.outcomes import Outcomes, applied
from chalicelib.proctoring import model as proctoring
from chalicelib.proctoring.model import Integrity, IntegrityRule, IntegrityState, Verdict
from tests.unit.attempts import HOUR, MINUTE, T0, refusal, started

END = T0 + HOUR
SEVERAL, MISMATCH, REPLAYED, MISSING, UNSEEN = IntegrityRule
CLEAR, NOT_WATCHED, FLAGGED, INVALIDATED, OVERTURNED = IntegrityState
ORDER = Command("command-1", "ops@example", "核实为非本人", version_seen=1)


def written(before: Attempt, outcomes: Outcomes, now: int) -> Attempt:
    """As every decision is written: with the moment of publication, if it makes a verdict."""
    return applied(before, (*outcomes, *publishing.publish(before, outcomes, now)))


def submitted(now: int = END, **fields: Any) -> Attempt:
    """All frames are asked for, none is judged."""
    before = started(snapshot_seed="secret", **fields)
    return written(before, sitting.close(before, Cause.CANDIDATE, now, now), now)


def judge(before: Attempt, now: int, *verdicts: Verdict) -> Attempt:
    """The first frames show this, the rest the candidate."""
    shown = itertools.chain(verdicts, itertools.repeat(Verdict.MATCH))
    open_slots = sorted(int(slot) for slot in before.asked if slot not in before.verdicts)
    found = dict(zip(open_slots, shown, strict=False))
    return written(before, watch.record(before, found), now)


def invalidated(now: int = END + MINUTE) -> Attempt:
    return judge(submitted(), now, *[Verdict.SEVERAL] * 3)


def flagged(now: int = END + MINUTE) -> Attempt:
    return judge(submitted(), now, *[Verdict.MISMATCH] * 6)


def confirmed(now: int = END + HOUR) -> Attempt:
    before = flagged()
    return written(before, commands.confirm_flag(before, ORDER, SeenFlag(MISMATCH), True, now), now)


def settlement(about: Attempt, upheld: bool = True, **more: Any) -> Settlement:
    fields: dict[str, Any] = {
        "case_id": "cp-1",
        "operator": "other@example",
        "reason": "海报",
        "at": END + 2 * HOUR,
        "upheld": upheld,
        "verdict": Contested(about.verdict_at, grading.accused_of(about)),
    }
    return Settlement(**{**fields, **more})


def settled(before: Attempt, upheld: bool = True, **more: Any) -> Attempt:
    order = settlement(before, upheld, **more)
    return written(before, complaining.settle(before, order), order.at)


# --- publication ----------------------------------------------------------------------------------------


def test_a_verdict_is_published_by_the_write_that_submits() -> None:
    assert submitted(END).published_at == END
    assert started().published_at is None
    assert started().verdict_at == 0


def test_a_paper_that_the_server_closes_late_is_published_when_it_is_closed() -> None:
    before = started(snapshot_seed="secret")
    late = END + 7 * HOUR
    closed = written(before, sitting.close_overdue(before, late), late)
    assert (closed.submitted_at, closed.published_at) == (END, late)


def test_the_time_to_complain_begins_anew_when_the_verdict_becomes_worse() -> None:
    assert invalidated(END + MINUTE).published_at == END + MINUTE
    assert flagged().published_at == END  # a flag is no verdict
    assert confirmed(END + HOUR).published_at == END + HOUR


def test_good_news_and_more_of_the_same_leave_the_moment() -> None:
    assert judge(submitted(), END + MINUTE).published_at == END
    cleared = flagged()
    cleared = written(
        cleared, commands.confirm_flag(cleared, ORDER, SeenFlag(MISMATCH), False, END), END + HOUR
    )
    assert cleared.published_at == END
    assert settled(invalidated()).published_at == END + MINUTE
    few = written(
        submitted(), watch.record(submitted(), dict.fromkeys(range(3), Verdict.SEVERAL)), END + 1
    )
    more = written(few, watch.record(few, {3: Verdict.SEVERAL}), END + 2)
    assert more.published_at == END + 1


def test_another_accusation_is_another_verdict() -> None:
    before = confirmed(END + HOUR)
    crowd = {**before.verdicts, **dict.fromkeys(("0", "1", "2"), Verdict.SEVERAL)}
    found = watch.integrity(msgspec.structs.replace(before, verdicts=crowd))
    assert found.rule is SEVERAL
    now = written(before, (Reassessed(integrity=found),), END + 2 * HOUR)
    assert now.published_at == END + 2 * HOUR


def test_what_was_invalid_before_the_end_is_published_with_the_submission() -> None:
    before = started(snapshot_seed="secret")
    before = applied(before, watch.ask_for_all(before, END))
    before = written(
        before, watch.record(before, dict.fromkeys(range(3), Verdict.SEVERAL)), T0 + HOUR // 2
    )
    assert (before.integrity.state, before.published_at) == (INVALIDATED, None)
    closed = written(before, sitting.close(before, Cause.CANDIDATE, END, END), END)
    assert closed.published_at == END


def test_attempts_from_before_count_from_their_submission() -> None:
    old = msgspec.structs.replace(submitted(END), published_at=None)
    assert old.verdict_at == END


# --- who acts on it ---


def test_a_submission_marks_its_attempt_and_an_open_one_is_never_marked() -> None:
    before = started(snapshot_seed="secret")
    closing = sitting.close(before, Cause.CANDIDATE, END, END)
    marked = Marked(follow_up=follow_up_shard(before))
    assert publishing.mark(before, closing) == (marked,)
    judged = watch.record(applied(before, watch.ask_for_all(before, END)), {0: Verdict.SEVERAL})
    assert publishing.mark(before, judged) == ()


def test_what_alters_the_end_of_a_submitted_attempt_marks_it_and_nothing_else_does() -> None:
    closed = submitted()
    marked = Marked(follow_up=follow_up_shard(closed))
    for decided in (
        Settled(),
        KeyCorrected(key_version="k"),
        ComplaintSettled(complaint=DecidedComplaint("cp-1", END, upheld=True, at=END)),
        Reassessed(integrity=Integrity(INVALIDATED, SEVERAL, (0, 1, 2))),
    ):
        assert publishing.mark(closed, (decided,)) == (marked,), decided
    assert publishing.mark(closed, (Deferred(due_bucket="1#0"),)) == ()
    assert publishing.mark(closed, (Audited(audit=()),)) == ()


# --- final or provisional -------------------------------------------------------------------------------


def test_a_pass_is_final_when_all_frames_are_judged_and_no_flag_is_open() -> None:
    assert not grading.is_final_pass(submitted(), END)
    assert grading.is_final_pass(judge(submitted(), END + 1), END + 1)
    assert not grading.is_final(flagged(), END + 9999 * HOUR)
    assert not grading.is_final_pass(confirmed(), END + 9999 * HOUR)


@pytest.mark.parametrize(("ms", "final"), [(-1, False), (0, False), (1, True)])
def test_an_automatic_refusal_is_provisional_until_the_time_to_complain_is_over(
    ms: int, final: bool
) -> None:
    attempt = invalidated(END + MINUTE)
    until = END + MINUTE + 48 * HOUR
    assert attempt.complaint_until == until
    assert grading.is_final(attempt, until + ms) is final
    assert not grading.is_final(attempt, until + ms, complaint_open=True)
    assert not grading.is_final_pass(attempt, until + ms)


@pytest.mark.parametrize("upheld", [True, False])
def test_a_decided_complaint_makes_the_verdict_final(upheld: bool) -> None:
    attempt = settled(invalidated(), upheld)
    assert grading.is_final(attempt, END + 2 * HOUR)
    assert grading.is_final_pass(attempt, END + 2 * HOUR) is upheld


def test_a_decision_about_an_older_verdict_does_not_make_a_newer_one_final() -> None:
    older = settlement(submitted(), upheld=False)
    attempt = applied(invalidated(), complaining.settle(invalidated(), older))
    assert not grading.is_final(attempt, END + 3 * HOUR)


@pytest.mark.parametrize(
    ("attempt", "passed", "expected"),
    [
        (submitted(), True, ResultOutcome.PASSED),
        (submitted(), False, ResultOutcome.FAILED),
        (flagged(), True, ResultOutcome.PASSED),
        (invalidated(), True, ResultOutcome.INVALIDATED),
        (invalidated(), False, ResultOutcome.INVALIDATED),
        (settled(invalidated()), True, ResultOutcome.PASSED),
        (settled(invalidated()), False, ResultOutcome.FAILED),
    ],
)
def test_the_outcome_is_a_function_of_integrity_and_score(
    attempt: Attempt, passed: bool, expected: ResultOutcome
) -> None:
    assert grading.outcome(attempt, passed=passed) is expected


# --- complaints -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [1, 48, 720])
@pytest.mark.parametrize(("ms", "in_time"), [(-1, True), (0, True), (1, False)])
def test_the_last_millisecond_of_the_last_hour_counts(hours: int, ms: int, in_time: bool) -> None:
    attempt = msgspec.structs.replace(submitted(), policy=Policy(complaint_hours=hours))
    now = END + hours * HOUR + ms
    if in_time:
        assert complaining.complain(attempt, now) == Contested(END, None)
    else:
        with refusal("complaint_too_late"):
            complaining.complain(attempt, now)


def test_only_a_submitted_attempt_has_a_verdict_to_complain_about() -> None:
    with refusal("not_submitted"):
        complaining.complain(started(), T0)


def test_the_accusation_is_part_of_what_is_complained_about() -> None:
    assert complaining.complain(invalidated(), END + HOUR).accused is SEVERAL
    assert complaining.complain(flagged(), END + HOUR).accused is None


def test_an_upheld_complaint_overturns_and_stays_when_more_frames_come_in() -> None:
    attempt = submitted()
    attempt = written(
        attempt, watch.record(attempt, dict.fromkeys(range(3), Verdict.SEVERAL)), END + 1
    )
    attempt = settled(attempt)
    assert attempt.integrity == Integrity(OVERTURNED, SEVERAL, (0, 1, 2))
    more = written(attempt, watch.record(attempt, {3: Verdict.SEVERAL}), END + 3 * HOUR)
    assert more.integrity == Integrity(OVERTURNED, SEVERAL, (0, 1, 2, 3))


def test_a_rejected_complaint_changes_no_integrity() -> None:
    before = invalidated()
    now = settled(before, upheld=False)
    assert (now.integrity, now.decisions) == (before.integrity, before.decisions)
    assert now.complaint is not None
    assert not now.complaint.upheld


def test_upholding_a_complaint_about_a_score_is_noted_and_changes_nothing_else() -> None:
    before = judge(submitted(), END + 1)
    now = settled(before)
    assert (now.integrity, now.decisions) == (before.integrity, ())
    assert (now.audit[-1].what, now.audit[-1].detail) == ("decide_complaint", "upheld")


def test_a_complaint_about_an_older_verdict_never_overturns_a_newer_accusation() -> None:
    about_score = settlement(submitted())
    now = applied(invalidated(), complaining.settle(invalidated(), about_score))
    assert now.integrity.state is INVALIDATED


def test_overturning_one_rule_does_not_hide_what_another_found() -> None:
    crowd_and_other = judge(submitted(), END + 1, *[Verdict.SEVERAL] * 3, *[Verdict.MISMATCH] * 6)
    assert crowd_and_other.integrity.rule is SEVERAL
    now = settled(crowd_and_other)
    assert (now.integrity.state, now.integrity.rule) == (FLAGGED, MISMATCH)
    order = msgspec.structs.replace(ORDER, version_seen=now.ordered_version)
    now = msgspec.structs.replace(now, version=now.ordered_version)
    now = written(
        now, commands.confirm_flag(now, order, SeenFlag(MISMATCH), True, END), END + 3 * HOUR
    )
    assert (now.integrity.state, now.integrity.rule) == (INVALIDATED, MISMATCH)
    assert now.published_at == END + 3 * HOUR  # another verdict, another complaint


def test_an_upheld_complaint_takes_the_place_of_the_confirmed_flag() -> None:
    now = settled(confirmed())
    assert now.integrity.state is OVERTURNED
    assert [(d.rule, d.state, d.operator) for d in now.decisions] == [
        (MISMATCH, OVERTURNED, "other@example")
    ]


def test_a_settlement_reaches_the_attempt_once() -> None:
    order = settlement(invalidated())
    now = applied(invalidated(), complaining.settle(invalidated(), order))
    assert complaining.settle(now, order) == ()
    forgetful = msgspec.structs.replace(now, audit=())
    assert complaining.settle(forgetful, order) == ()


def test_decisions_about_two_verdicts_may_come_in_any_order() -> None:
    first = settlement(confirmed(), case_id="cp-1")
    second = settlement(
        confirmed(), case_id="cp-2", upheld=False, verdict=Contested(END + 3 * HOUR, SEVERAL)
    )
    ends = []
    for orders in ((first, second), (second, first)):
        now = confirmed()
        for order in orders:
            now = applied(now, complaining.settle(now, order))
        ends.append((now.integrity, now.complaint, set(now.audit)))
    assert ends[0] == ends[1]
    assert ends[0][0].state is OVERTURNED
    assert ends[0][1].case_id == "cp-2"


@pytest.mark.parametrize("name", ["ops@example", " OPS@example "])
def test_who_confirmed_a_flag_does_not_judge_the_complaint(name: str) -> None:
    with refusal("same_operator"):
        complaining.refuse_operator(confirmed(), name, "op_new")  # an old record has a name alone
    complaining.refuse_operator(confirmed(), "other@example", "op_new")
    complaining.refuse_operator(
        invalidated(), name, "op_new"
    )  # nobody confirmed what a rule found alone


def test_an_operator_who_decided_on_what_was_before_the_settlement_has_to_look_again() -> None:
    now = settled(judge(submitted(), END + 1, *[Verdict.SEVERAL] * 3, *[Verdict.MISMATCH] * 6))
    now = msgspec.structs.replace(now, version=now.ordered_version)
    with refusal("changed_meanwhile"):
        commands.confirm_flag(now, ORDER, SeenFlag(MISMATCH), True, END)


# --- what counts of several accusations -----------------------------------------------------------------


@pytest.mark.parametrize("states", list(itertools.permutations(IntegrityState)))
def test_the_gravest_counts(states: tuple[IntegrityState, ...]) -> None:
    order = [INVALIDATED, FLAGGED, NOT_WATCHED, OVERTURNED, CLEAR]
    for number in range(1, 6):
        found = [Integrity(state, SEVERAL) for state in states[:number]]
        assert proctoring.gravest(found).state is min(states[:number], key=order.index)
    assert proctoring.gravest([]) == Integrity()


def test_status_and_cause_are_left_alone_by_all_of_this() -> None:
    now = settled(invalidated())
    assert (now.status, now.cause, now.answers) == (
        Status.SUBMITTED,
        Cause.CANDIDATE,
        invalidated().answers,
    )
