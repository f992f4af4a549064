"""Retakes 补考: who may open a sitting after earlier tries, and which try counts."""

from typing import Any

import msgspec
import pytest

from chalicelib.attempts.model import Attempt, Cause, DecidedComplaint, Status
from chalicelib.exams.model import CountedTry, RetakeRule
from chalicelib.exams.scoring import Score
from chalicelib.proctoring.model import Integrity, IntegrityRule, IntegrityState
from chalicelib.series import model
from chalicelib.series.model import Claim, Reason, Refusal, Tries, Try, TryState
from tests.unit.attempts import CLOSES, HOUR, T0, attempt, started

DAY = 24 * HOUR
MIDNIGHT = T0 - 16 * HOUR  # T0 is at 16:00 in China, on 2027-01-15
RULE = RetakeRule(most_tries=3, after_days=7)


def tried(
    state: TryState, sitting: str = "第一场", submitted_at: int = MIDNIGHT, **more: Any
) -> Try:
    at = submitted_at if state not in (TryState.OPEN, TryState.ABSENT) else 0
    return msgspec.structs.replace(
        Try(f"e-{sitting}", sitting, state, f"at-{sitting}", at, 50, 100), **more
    )


def reason(rule: RetakeRule, *earlier: Try, starts_at: int = MIDNIGHT + 30 * DAY) -> Reason | None:
    refusal = model.may_open(rule, earlier, starts_at)
    return refusal.reason if refusal else None


FAILED, PASSED = tried(TryState.FAILED), tried(TryState.PASSED)


# --- who may open ---


def test_the_first_try_is_free() -> None:
    assert reason(RetakeRule()) is None


@pytest.mark.parametrize(("tries", "refused"), [(0, None), (1, None), (2, Reason.USED_UP)])
def test_as_many_tries_as_the_rule_says(tries: int, refused: Reason | None) -> None:
    earlier = [tried(TryState.FAILED, f"第{number}场") for number in range(tries)]
    assert reason(RetakeRule(most_tries=2), *earlier) is refused


def test_the_default_is_one_try() -> None:
    assert reason(RetakeRule(), FAILED) is Reason.USED_UP


def test_who_never_started_has_not_tried() -> None:
    absent = tried(TryState.ABSENT)
    assert reason(RetakeRule(), absent) is None
    assert reason(RetakeRule(most_tries=2), absent, FAILED) is None


@pytest.mark.parametrize(
    ("starts_at", "refused"),
    [
        (MIDNIGHT + 7 * DAY - 1, True),
        (MIDNIGHT + 7 * DAY, False),
        (MIDNIGHT + 8 * DAY, False),
    ],
)
@pytest.mark.parametrize("of_the_day", [0, 12 * HOUR, DAY - 1])
def test_days_of_waiting_are_those_of_the_calendar_in_china(
    of_the_day: int, starts_at: int, refused: bool
) -> None:
    """At whatever time of the day somebody submits: sittings of the seventh day after it are open to them."""
    before = tried(TryState.FAILED, submitted_at=MIDNIGHT + of_the_day)
    refusal = model.may_open(RULE, [before], starts_at)
    assert (refusal is not None) is refused
    if refusal:
        assert (refusal.reason, refusal.day) == (Reason.TOO_EARLY, "2027-01-22")


def test_without_days_of_waiting_the_next_sitting_may_be_of_the_same_day() -> None:
    rule = RetakeRule(most_tries=2)
    before = tried(TryState.FAILED, submitted_at=MIDNIGHT + DAY - 1)
    assert reason(rule, before, starts_at=MIDNIGHT) is None


def test_the_last_submission_counts_for_the_days() -> None:
    later = tried(TryState.FAILED, "第二场", MIDNIGHT + 10 * DAY)
    assert reason(RULE, later, FAILED, starts_at=MIDNIGHT + 16 * DAY) is Reason.TOO_EARLY
    assert reason(RULE, later, FAILED, starts_at=MIDNIGHT + 17 * DAY) is None


@pytest.mark.parametrize(("only_failed", "refused"), [(True, Reason.PASSED), (False, None)])
def test_who_has_passed_may_try_again_only_where_the_rule_says_so(
    only_failed: bool, refused: Reason | None
) -> None:
    rule = RetakeRule(most_tries=3, only_failed=only_failed)
    assert reason(rule, PASSED) is refused
    assert reason(rule, FAILED, PASSED) is refused


def test_who_was_invalidated_for_good_may_try_again() -> None:
    assert reason(RULE, tried(TryState.INVALIDATED)) is None


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (TryState.OPEN, Reason.OPEN),
        (TryState.UNDECIDED, Reason.UNDECIDED),
        (TryState.ABSENT, None),
        (TryState.FAILED, None),
    ],
)
def test_what_is_not_over_or_not_decided_blocks(state: TryState, refused: Reason | None) -> None:
    assert reason(RULE, tried(state)) is refused


def test_of_several_reasons_the_one_that_time_does_not_change_is_told() -> None:
    rule = RetakeRule(most_tries=2, after_days=60)
    undecided = tried(TryState.UNDECIDED, "第二场")
    assert reason(rule, undecided, PASSED) is Reason.PASSED
    assert reason(rule, undecided, FAILED) is Reason.USED_UP
    assert reason(rule, tried(TryState.OPEN, "第二场"), FAILED) is Reason.OPEN
    assert reason(rule, undecided) is Reason.UNDECIDED
    assert reason(rule, FAILED) is Reason.TOO_EARLY


@pytest.mark.parametrize(
    ("rule", "earlier", "refusal"),
    [
        (RULE, PASSED, Refusal(Reason.PASSED, sitting="第一场")),
        (RULE, tried(TryState.OPEN), Refusal(Reason.OPEN, sitting="第一场")),
        (RetakeRule(), FAILED, Refusal(Reason.USED_UP, tries=1)),
        (RULE, tried(TryState.UNDECIDED), Refusal(Reason.UNDECIDED, sitting="第一场")),
        (RULE, FAILED, Refusal(Reason.TOO_EARLY, days=7, day="2027-01-22")),
    ],
)
def test_a_refusal_names_its_sitting_or_the_number_of_the_rule(
    rule: RetakeRule, earlier: Try, refusal: Refusal
) -> None:
    assert model.may_open(rule, [earlier], MIDNIGHT) == refusal


# --- what a try is ---


def submitted(**fields: Any) -> Attempt:
    after = {"submitted_at": T0 + HOUR, "published_at": T0 + HOUR, "cause": Cause.CANDIDATE}
    return msgspec.structs.replace(started(), status=Status.SUBMITTED, **(after | fields))


CLAIM = Claim("e-1", "ac_1", "第一场", T0, CLOSES)
GOOD, BAD = Score(80, 100, True, 3, 3, ()), Score(40, 100, False, 3, 3, ())


def state_of(
    one: Attempt | None, score: Score | None = None, now: int = T0 + 30 * DAY, **more: Any
) -> TryState:
    complaint_open = more.get("complaint_open", False)
    return model.try_of(CLAIM, one, score, complaint_open=complaint_open, now=now).state


@pytest.mark.parametrize(
    ("now", "state"),
    [(CLOSES - 1, TryState.OPEN), (CLOSES, TryState.OPEN), (CLOSES + 1, TryState.ABSENT)],
)
def test_who_has_not_started_is_absent_when_entry_is_over(now: int, state: TryState) -> None:
    assert state_of(attempt(), now=now) is state
    assert state_of(None, now=now) is state  # the attempt was never written


def test_a_running_paper_is_open_however_late() -> None:
    assert state_of(started(), now=T0 + 10 * DAY) is TryState.OPEN


def test_a_submitted_paper_is_passed_or_failed_when_it_is_final() -> None:
    quiet = submitted(verdicts={}, segments=())
    assert state_of(quiet, GOOD) is TryState.PASSED
    assert state_of(quiet, BAD) is TryState.FAILED
    assert state_of(quiet, BAD, complaint_open=True) is TryState.UNDECIDED


@pytest.mark.parametrize("state", [IntegrityState.FLAGGED, IntegrityState.NOT_WATCHED])
def test_an_open_flag_is_undecided(state: IntegrityState) -> None:
    flagged = submitted(segments=(), integrity=Integrity(state, IntegrityRule.MISMATCH))
    assert state_of(flagged, GOOD) is TryState.UNDECIDED


def test_an_invalidated_result_is_undecided_until_the_time_to_complain_is_over() -> None:
    void = Integrity(IntegrityState.INVALIDATED, IntegrityRule.SEVERAL)
    one = submitted(segments=(), integrity=void)
    assert state_of(one, GOOD, now=one.complaint_until) is TryState.UNDECIDED
    assert state_of(one, GOOD, now=one.complaint_until + 1) is TryState.INVALIDATED
    decided = DecidedComplaint("cp-1", one.verdict_at, False, T0 + 2 * HOUR)
    after = msgspec.structs.replace(one, complaint=decided)
    assert state_of(after, GOOD, now=T0 + 2 * HOUR) is TryState.INVALIDATED


def test_a_try_holds_what_its_attempt_and_its_score_say() -> None:
    quiet = submitted(verdicts={}, segments=())
    found = model.try_of(CLAIM, quiet, GOOD, complaint_open=False, now=T0 + 2 * HOUR)
    known = ("e-1", "第一场", TryState.PASSED, quiet.attempt_id)
    assert found == Try(*known, submitted_at=T0 + HOUR, points=80, out_of=100)
    running = model.try_of(CLAIM, started(), None, complaint_open=False, now=T0)
    assert running == Try("e-1", "第一场", TryState.OPEN, started().attempt_id)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (CLOSES - 1, TryState.OPEN),
        (CLOSES, TryState.OPEN),
        (CLOSES + 1, TryState.ABSENT),
    ],
)
def test_a_claim_without_an_attempt_is_open_until_entry_is_over(now: int, state: TryState) -> None:
    found = model.try_of(CLAIM, None, None, complaint_open=False, now=now)
    assert found == Try("e-1", "第一场", state)


# --- claims ---


def test_a_renewed_claim_keeps_its_place() -> None:
    claims = [msgspec.structs.replace(CLAIM, exam_id=f"e-{place}") for place in range(4)]
    renewed = msgspec.structs.replace(claims[1], entry_until=CLOSES + DAY)
    after = model.with_claim(Tries("p", "s-1", claims=tuple(claims)), renewed)
    assert after.claims == (claims[0], renewed, *claims[2:])


def test_claims_that_a_record_lacks_are_added_in_the_order_of_time() -> None:
    claims = [
        msgspec.structs.replace(CLAIM, exam_id=f"e-{place}", claimed_at=T0 + place)
        for place in range(3)
    ]
    before = Tries("p", "s-1", claims=(claims[1],))
    assert model.with_missing(before, [claims[1]]) is before
    assert model.with_missing(before, [claims[2], claims[0]]).claims == tuple(claims)
    other = msgspec.structs.replace(claims[1], account_id="ac_2")
    assert len(model.with_missing(before, [other]).claims) == 2


def test_a_repeated_claim_changes_nothing_and_a_moved_exam_renews_it() -> None:
    first = model.with_claim(Tries("p", "s-1"), CLAIM)
    assert first.claims == (CLAIM,)
    again = msgspec.structs.replace(CLAIM, claimed_at=T0 + 5)
    assert model.with_claim(first, again) == first
    moved = msgspec.structs.replace(again, entry_until=CLOSES + DAY)
    [renewed] = model.with_claim(first, moved).claims
    assert (renewed.claimed_at, renewed.entry_until) == (T0, CLOSES + DAY)


def test_another_account_of_the_same_person_is_another_claim() -> None:
    other = msgspec.structs.replace(CLAIM, account_id="ac_2")
    both = model.with_claim(model.with_claim(Tries("p", "s-1"), CLAIM), other)
    assert model.other_claims(both, other) == [CLAIM]


# --- which try counts ---


def counts(rule: CountedTry, *tries: Try) -> tuple[str, bool] | None:
    counted = model.counted_try(RetakeRule(most_tries=9, counts=rule), tries)
    return (counted.attempt_id, counted.provisional) if counted else None


def test_nothing_counts_before_a_paper_is_submitted() -> None:
    for rule in CountedTry:
        assert counts(rule) is None
        assert counts(rule, tried(TryState.OPEN), tried(TryState.ABSENT, "第二场")) is None


def test_the_last_one_counts_whatever_its_outcome() -> None:
    later = tried(TryState.FAILED, "第二场", MIDNIGHT + DAY)
    assert counts(CountedTry.LAST, later, PASSED) == ("at-第二场", False)
    open_still = tried(TryState.UNDECIDED, "第二场", MIDNIGHT + DAY)
    assert counts(CountedTry.LAST, PASSED, open_still) == ("at-第二场", True)


def test_the_best_one_passes_before_it_has_points() -> None:
    void = tried(TryState.INVALIDATED, "第零场", points=100)
    many = tried(TryState.FAILED, "第二场", points=99)
    assert counts(CountedTry.BEST, void, PASSED, many) == ("at-第一场", False)
    assert counts(CountedTry.BEST, void, many) == ("at-第二场", False)


@pytest.mark.parametrize(
    ("points", "out_of", "best"),
    [(49, 100, "第一场"), (50, 100, "第一场"), (51, 100, "第二场"), (30, 50, "第二场")],
)
def test_the_best_one_has_the_highest_share_and_of_two_equal_ones_the_first_counts(
    points: float, out_of: float, best: str
) -> None:
    later = tried(TryState.FAILED, "第二场", MIDNIGHT + DAY, points=points, out_of=out_of)
    assert counts(CountedTry.BEST, later, FAILED) == (f"at-{best}", False)


def test_an_undecided_try_is_the_best_only_alone_and_always_makes_the_choice_provisional() -> None:
    undecided = tried(TryState.UNDECIDED, "第二场", points=100)
    assert counts(CountedTry.BEST, FAILED, undecided) == ("at-第一场", True)
    assert counts(CountedTry.BEST, undecided) == ("at-第二场", True)


def test_of_two_scores_without_points_the_first_one_is_the_best() -> None:
    empty = tried(TryState.FAILED, points=0.0, out_of=0.0)
    later = tried(TryState.FAILED, "第二场", MIDNIGHT + DAY, points=0.0)
    assert counts(CountedTry.BEST, empty, later) == (empty.attempt_id, False)
    assert counts(CountedTry.BEST, tried(TryState.FAILED, "第二场", MIDNIGHT + DAY), empty) == (
        "at-第二场",
        False,
    )
