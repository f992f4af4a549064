"""切屏: what counts, what does not, and that the third one submits the paper."""

import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.attempts import absences, check_in
from chalicelib.attempts.absences import ReportedAbsence, Return
from chalicelib.attempts.model import Absence, AbsenceKind, Attempt, Cause, CheckIn, Status
from chalicelib.attempts.sitting import Batch
from chalicelib.attempts.texts import switch_message
from chalicelib.exams.model import Policy
from chalicelib.kernel.outcomes import applied
from chalicelib.shared.errors import Conflict
from tests.unit.attempts import ALL_STEPS, MATCH, T0, admitted, refusal, started

LATER = T0 + 10 * 60_000
HIDDEN = AbsenceKind.HIDDEN


def left(
    attempt: Attempt, seq: int, ms: int = 5000, now: int = LATER, kind: AbsenceKind = HIDDEN
) -> Attempt:
    """One whole absence."""
    report = ReportedAbsence(seq, kind, ms)
    return applied(attempt, absences.report_absences(attempt, 1, (report,), None, now))


@pytest.mark.parametrize(("ms", "counted"), [(0, 0), (999, 0), (1000, 1), (1001, 1)])
def test_an_absence_counts_from_one_second_on(ms: int, counted: int) -> None:
    now = left(started(), 1, ms)
    assert (len(now.switches), now.short_absences) == (counted, 1 - counted)


@pytest.mark.parametrize(("ms", "counted"), [(9_999, 0), (10_000, 1)])
def test_full_screen_left_alone_may_be_restored_within_ten_seconds(ms: int, counted: int) -> None:
    assert len(left(started(), 1, ms, kind=AbsenceKind.FULLSCREEN).switches) == counted


@pytest.mark.parametrize(("switches", "closed"), [(1, False), (2, False), (3, True)])
def test_the_third_switch_submits_the_paper(switches: int, closed: bool) -> None:
    now = started()
    for seq in range(1, switches + 1):
        now = left(now, seq, now=LATER + seq * 60_000)
    assert len(now.switches) == switches
    assert (now.status is Status.SUBMITTED) is closed
    if closed:
        assert (now.cause, now.submitted_at) == (Cause.SWITCHES, LATER + 3 * 60_000)
        with refusal("attempt_submitted") as caught:
            absences.report_absences(now, 1, (ReportedAbsence(4, HIDDEN, 5000),), None, LATER)
        assert caught.value.details == {"next_step": "result"}


def test_a_fourth_in_the_same_call_is_not_even_looked_at() -> None:
    reports = tuple(ReportedAbsence(seq, HIDDEN, 1000) for seq in range(1, 5))
    now = applied(started(), absences.report_absences(started(), 1, reports, None, LATER))
    assert (len(now.switches), now.status) == (3, Status.SUBMITTED)


def test_the_closing_call_brings_its_answers_along() -> None:
    now = left(left(started(), 1), 2, now=LATER + 60_000)
    batch = Batch(1, 2, {"1": "A", "3": "B"})
    reports = (ReportedAbsence(3, HIDDEN, 2000),)
    closed = applied(now, absences.report_absences(now, 1, reports, batch, LATER + 120_000))
    assert closed.status is Status.SUBMITTED
    assert (closed.answers, closed.acked_seq) == ({"1": "A", "2": "", "3": "B"}, 2)


@pytest.mark.parametrize(
    ("batch", "code"),
    [
        (Batch(3, 3, {"1": "A"}), "answers_missing"),
        (Batch(1, 1, {"9": "A"}), "answer_invalid"),
        (Batch(1, 1, {"1": "?"}), "answer_invalid"),
        (Batch(2, 1, {"1": "A"}), "batch_invalid"),
        (Batch(1, 1, {"1": "A"}), None),
        (None, None),
    ],
)
def test_an_absence_is_not_lost_with_answers_that_cannot_be_saved(
    batch: Batch | None, code: str | None
) -> None:
    reports = (ReportedAbsence(1, HIDDEN, 2000),)
    outcomes = absences.report_absences(started(), 1, reports, batch, LATER)
    now = applied(started(), outcomes)
    assert len(now.switches) == 1
    if code is None:
        absences.refuse_unsaved(now, 1, batch, LATER)
        assert now.answers["1"] == ("A" if batch else "")
    else:
        assert now.answers == started().answers
        with refusal(code):
            absences.refuse_unsaved(now, 1, batch, LATER)


def test_the_absence_that_submits_does_so_whatever_its_answers_are() -> None:
    now = left(left(started(), 1), 2, now=LATER + 60_000)
    gap = Batch(5, 5, {"1": "A"})
    outcomes = absences.report_absences(
        now, 1, (ReportedAbsence(3, HIDDEN, 2000),), gap, LATER + 120_000
    )
    closed = applied(now, outcomes)
    assert (closed.status, closed.answers["1"]) == (Status.SUBMITTED, "")
    absences.refuse_unsaved(closed, 1, gap, LATER + 120_000)  # its status tells more


def test_repeating_a_report_changes_nothing_and_gives_the_same_number() -> None:
    now = left(left(started(), 1), 2, now=LATER + 60_000)
    for seq in (1, 2):
        reports = (ReportedAbsence(seq, HIDDEN, 5000),)
        assert absences.report_absences(now, 1, reports, None, LATER + 90_000) == ()
        assert absences.number_of(now, 1, seq) == seq


def test_the_last_report_may_be_repeated_after_it_submitted_the_paper() -> None:
    now = started()
    for seq in (1, 2, 3):
        now = left(now, seq, now=LATER + seq * 60_000)
    assert absences.report_absences(now, 1, (ReportedAbsence(3, HIDDEN, 5000),), None, LATER) == ()


def test_a_gap_is_refused_with_the_number_that_is_due() -> None:
    with refusal("absences_missing") as caught:
        absences.report_absences(started(), 1, (ReportedAbsence(2, HIDDEN, 5000),), None, LATER)
    assert caught.value.details == {"expected": 1}


def test_an_absence_told_at_its_beginning_counts_once() -> None:
    begun = ReportedAbsence(1, HIDDEN, 1000, ended=False)
    now = applied(started(), absences.report_absences(started(), 1, (begun,), None, LATER))
    over = ReportedAbsence(1, HIDDEN, 60_000, ended=True)
    now = applied(now, absences.report_absences(now, 1, (over,), None, LATER + 59_000))
    assert len(now.switches) == 1
    kept = Absence(1, 1, HIDDEN, T0, LATER + 59_000, 60_000, ended=True, counted=True)
    assert now.last_absence == kept


def test_an_absence_that_was_counted_while_it_lasted_is_not_recorded_as_a_short_one() -> None:
    begun = ReportedAbsence(1, HIDDEN, 1000, ended=False)
    now = applied(started(), absences.report_absences(started(), 1, (begun,), None, LATER))
    assert (len(now.switches), now.short_absences) == (1, 0)
    short = ReportedAbsence(2, HIDDEN, 10, ended=False)
    now = applied(now, absences.report_absences(now, 1, (short,), None, LATER + 60_000))
    assert now.short_absences == 0, "it is not over yet"


def test_an_absence_keeps_its_beginning_when_it_is_told_again() -> None:
    now = left(started(), 1, 4000, now=T0 + 5000)
    begun = ReportedAbsence(2, HIDDEN, 0, ended=False)
    now = applied(now, absences.report_absences(now, 1, (begun,), None, T0 + 6000))
    over = ReportedAbsence(2, HIDDEN, 3_600_000)
    now = applied(now, absences.report_absences(now, 1, (over,), None, T0 + 9000))
    assert now.last_absence is not None
    assert (now.last_absence.since, now.last_absence.away_ms) == (T0 + 4000, 5000)


def test_no_absence_begins_before_its_page_came_in() -> None:
    now = come_back(started(), LATER)
    reports = (ReportedAbsence(1, HIDDEN, 3_600_000),)
    now = applied(now, absences.report_absences(now, 2, reports, None, LATER + 999))
    assert now.last_absence is not None
    assert (now.last_absence.since, now.last_absence.away_ms) == (LATER, 999)


def test_an_absence_of_no_length_has_none() -> None:
    assert left(started(), 1, 0).last_absence == Absence(
        1, 1, HIDDEN, T0, LATER, 0, ended=True, counted=False
    )


def test_where_nothing_is_forgiven_every_absence_counts_from_one_millisecond_on() -> None:
    strict = started(policy=Policy(switch_min_ms=0))
    assert len(left(strict, 1, 0).switches) == 1


def test_an_absence_that_grows_past_the_minimum_counts_then() -> None:
    begun = ReportedAbsence(1, HIDDEN, 0, ended=False)
    now = applied(started(), absences.report_absences(started(), 1, (begun,), None, LATER))
    assert len(now.switches) == 0
    over = ReportedAbsence(1, HIDDEN, 1000, ended=True)
    now = applied(now, absences.report_absences(now, 1, (over,), None, LATER + 1000))
    assert len(now.switches) == 1


def test_no_absence_is_longer_than_the_time_that_has_passed() -> None:
    soon = T0 + 999
    now = left(started(), 1, ms=3_600_000, now=soon)
    assert (len(now.switches), now.short_absences) == (0, 1)
    # Both together cannot be longer than the two seconds since the start either.
    reports = (ReportedAbsence(1, HIDDEN, 1500), ReportedAbsence(2, HIDDEN, 1500))
    both = applied(started(), absences.report_absences(started(), 1, reports, None, T0 + 2000))
    assert len(both.switches) == 1


def test_before_the_start_nothing_counts() -> None:
    with refusal("exam_not_started") as caught:
        absences.report_absences(admitted(), 1, (ReportedAbsence(1, HIDDEN, 5000),), None, T0)
    assert caught.value.details == {"starts_at": T0}


def test_an_older_page_reports_nothing_any_more() -> None:
    now = msgspec.structs.replace(started(), page=2)
    with refusal("superseded"):
        absences.report_absences(now, 1, (ReportedAbsence(1, HIDDEN, 5000),), None, LATER)


def come_back(away: Attempt, at: int = LATER, **policy: bool) -> Attempt:
    """A new page, after the face check."""
    ready = msgspec.structs.replace(
        away,
        check_in=CheckIn(number=5, steps=ALL_STEPS),
        policy=msgspec.structs.replace(away.policy, **policy),
    )
    ready = applied(ready, check_in.reserve_verification(ready, "back", at))
    ready = applied(ready, check_in.settle_verification(ready, "back", MATCH, at))
    return applied(ready, check_in.admit(ready, f"request-{at}", at))


def told_and_done(away: Attempt, at: int = LATER, **policy: bool) -> tuple[Return | None, int]:
    """What coming back was said to be, and how many switches it made."""
    policy_then = msgspec.structs.replace(away.policy, **policy)
    told = absences.judge_return(msgspec.structs.replace(away, policy=policy_then))
    return told, len(come_back(away, at, **policy).switches) - len(away.switches)


def test_what_coming_back_will_count_is_said_before() -> None:
    assert told_and_done(started()) == (Return.COUNTS, 1)
    assert told_and_done(left(started(), 1)) == (Return.COUNTS, 1)
    assert told_and_done(left(started(), 1, ms=999)) == (Return.COUNTS, 1)
    assert told_and_done(started(), page_loss_counts=False) == (Return.NOT_COUNTED, 0)
    begun = ReportedAbsence(1, HIDDEN, 2000, ended=False)
    away = applied(started(), absences.report_absences(started(), 1, (begun,), None, LATER))
    assert told_and_done(away, LATER + 1000) == (Return.SAME_ABSENCE, 0)
    short = applied(
        started(),
        absences.report_absences(
            started(), 1, (ReportedAbsence(1, HIDDEN, 999, ended=False),), None, LATER
        ),
    )
    assert told_and_done(short, LATER + 1000) == (Return.COUNTS, 1)


def test_before_the_start_and_after_the_submission_nobody_comes_back() -> None:
    assert absences.judge_return(admitted()) is None
    never_in = msgspec.structs.replace(started(), page=0, admission=None)
    assert absences.judge_return(never_in) is None
    submitted = msgspec.structs.replace(started(), status=Status.SUBMITTED)
    assert absences.judge_return(submitted) is None


def test_a_page_that_was_lost_counts_as_one_switch() -> None:
    now = come_back(started())
    assert now.page == 2
    lost = Absence(1, 0, AbsenceKind.PAGE_LOST, T0, LATER, 0, ended=True, counted=True)
    assert now.switches == (lost,)
    again = come_back(left(started(), 1, now=T0 + 60_000), LATER).switches[1]
    assert again.since == T0 + 5000, "after the absence before it"


def test_coming_in_for_the_first_time_loses_no_page() -> None:
    never_in = msgspec.structs.replace(started(), page=0, admission=None)
    assert absences.lose_page(never_in, LATER) == ()


def test_a_policy_may_forgive_a_lost_page() -> None:
    assert come_back(started(), page_loss_counts=False).switches == ()


def test_coming_back_before_the_start_is_no_switch() -> None:
    waiting = msgspec.structs.replace(admitted(), check_in=CheckIn(number=2, steps=ALL_STEPS))
    waiting = applied(waiting, check_in.reserve_verification(waiting, "back", T0 - 1))
    waiting = applied(waiting, check_in.settle_verification(waiting, "back", MATCH, T0 - 1))
    now = applied(waiting, check_in.admit(waiting, "request-9", T0 - 1))
    assert (now.page, now.switches) == (2, ())


def test_a_page_that_is_lost_while_away_is_the_same_absence() -> None:
    begun = ReportedAbsence(1, HIDDEN, 2000, ended=False)
    away = applied(started(), absences.report_absences(started(), 1, (begun,), None, LATER))
    assert len(come_back(away, LATER + 1000).switches) == 1


def test_the_third_switch_may_be_a_lost_page() -> None:
    twice = left(left(started(), 1), 2, now=LATER + 60_000)
    now = come_back(twice, LATER + 120_000)
    assert (now.status, now.cause) == (Status.SUBMITTED, Cause.SWITCHES)
    assert now.submitted_at == LATER + 120_000
    assert (len(now.switches), now.page) == (3, 1)


def test_the_numbers_of_a_new_page_begin_at_one() -> None:
    now = come_back(left(started(), 1), LATER + 60_000)
    reports = (ReportedAbsence(1, HIDDEN, 5000),)
    closed = applied(now, absences.report_absences(now, 2, reports, None, LATER + 120_000))
    assert (len(closed.switches), closed.status) == (3, Status.SUBMITTED)


def test_two_hundred_short_absences_are_recorded() -> None:
    now = started()
    for seq in range(1, 203):
        now = left(now, seq, 10, now=LATER + seq * 1000)
    assert (now.short_absences, now.switches) == (200, ())


_lengths = st.lists(st.integers(min_value=0, max_value=3000), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(_lengths, st.randoms(use_true_random=False))
def test_any_delivery_with_retries_counts_the_same(lengths: list[int], order: object) -> None:
    reports = [ReportedAbsence(seq, HIDDEN, ms) for seq, ms in enumerate(lengths, start=1)]
    counting = sum(1 for ms in lengths if ms >= 1000)
    deliveries = [r for r in reports for _ in range(2)] + reports
    order.shuffle(deliveries)  # type: ignore[attr-defined]
    limit = Policy(switch_limit=20)
    now, at = started(policy=limit), LATER
    for report in itertools.chain(deliveries, *([reports] * len(reports))):
        at += 5000
        try:
            now = applied(now, absences.report_absences(now, 1, (report,), None, at))
        except Conflict as gap:
            assert gap.code == "absences_missing"
    assert len(now.switches) == counting
    assert now.short_absences == len(lengths) - counting


@pytest.mark.parametrize(("switch", "said"), [(2, "达 3 次将自动收卷"), (3, "系统已自动收卷")])
@pytest.mark.parametrize("kind", AbsenceKind)
def test_the_message_says_why_an_absence_counts(kind: AbsenceKind, switch: int, said: str) -> None:
    whys = {switch_message(1, 3, kind.value).partition("，记为")[0] for kind in AbsenceKind}
    assert len(whys) == len(AbsenceKind)
    message = switch_message(switch, 3, kind.value)
    assert f"记为切屏第 {switch} 次" in message
    assert said in message
    assert message.en != message
