"""Who may open a sitting 场次 after earlier tries of its series, and which try counts. Pure.

A try is one person's exam in a sitting. Days are those of the calendar in China: who submits on the 1st with seven days
to wait may sit an exam that starts on the 8th, at whatever time.
"""

import datetime
import enum
from collections.abc import Iterable, Sequence

import msgspec

from chalicelib.attempts import grading
from chalicelib.attempts.grading import ResultOutcome
from chalicelib.attempts.model import Attempt, Status
from chalicelib.exams.model import CountedTry, RetakeRule
from chalicelib.exams.scoring import Score
from chalicelib.shared.clock import china_date


class Claim(msgspec.Struct, frozen=True):
    """A sitting that somebody opened, or set out to open. `entry_until`: the end of its entry (UTC ms)."""

    exam_id: str
    account_id: str
    sitting: str
    claimed_at: int
    entry_until: int


class Tries(msgspec.Struct, frozen=True):
    """All sittings of a series that one person has opened, oldest first. `version` 0: not stored yet."""

    person_hash: str
    series_id: str
    version: int = 0
    claims: tuple[Claim, ...] = ()


class TryState(enum.Enum):
    """Where a try stands."""

    OPEN = "open"  # opened, and it may still be started; or the paper is being written
    ABSENT = "absent"  # opened, never started, and entry is over
    UNDECIDED = "undecided"  # submitted; the result is not final, or a complaint is open
    PASSED = "passed"
    FAILED = "failed"
    INVALIDATED = "invalidated"


_SUBMITTED = (
    *(TryState.UNDECIDED, TryState.PASSED, TryState.FAILED),
    TryState.INVALIDATED,
)


class Try(msgspec.Struct, frozen=True):
    """A try with its outcome. `attempt_id`: its newest round, "" when no attempt was written. Times are UTC ms."""

    exam_id: str
    sitting: str
    state: TryState
    attempt_id: str = ""
    submitted_at: int = 0
    points: float = 0
    out_of: float = 0

    @property
    def is_used(self) -> bool:
        """Whether it was begun, as far as is known now. Who never starts has not tried."""
        return self.state is not TryState.ABSENT

    @property
    def is_submitted(self) -> bool:
        """Whether its paper was submitted, by whatever cause."""
        return self.state in _SUBMITTED


def with_claim(tries: Tries, claim: Claim) -> Tries:
    """The tries with this claim. A claim of the same account on the same exam keeps its place and its time."""
    place = next((i for i, known in enumerate(tries.claims) if _same(known, claim)), None)
    if place is None:
        return msgspec.structs.replace(tries, claims=(*tries.claims, claim))
    known = msgspec.structs.replace(claim, claimed_at=tries.claims[place].claimed_at)
    claims = (*tries.claims[:place], known, *tries.claims[place + 1 :])
    return msgspec.structs.replace(tries, claims=claims)


def with_missing(tries: Tries, claims: Iterable[Claim]) -> Tries:
    """The tries with those of these claims that they lack, oldest first."""
    missing = [one for one in claims if not any(_same(known, one) for known in tries.claims)]
    if not missing:
        return tries
    all_claims = sorted((*tries.claims, *missing), key=lambda claim: claim.claimed_at)
    return msgspec.structs.replace(tries, claims=tuple(all_claims))


def other_claims(tries: Tries, claim: Claim) -> list[Claim]:
    """The claims on other sittings."""
    return [known for known in tries.claims if not _same(known, claim)]


def _same(one: Claim, other: Claim) -> bool:
    return (one.exam_id, one.account_id) == (other.exam_id, other.account_id)


def try_of(
    claim: Claim, attempt: Attempt | None, score: Score | None, *, complaint_open: bool, now: int
) -> Try:
    """The try behind a claim. `attempt`: its newest round; `score`: of a submitted one; None where there is none."""
    if attempt is None:  # a crash, or the person was refused after the claim
        state = TryState.OPEN if now <= claim.entry_until else TryState.ABSENT
        return Try(claim.exam_id, claim.sitting, state)
    return Try(
        exam_id=claim.exam_id,
        sitting=claim.sitting,
        state=_state(attempt, score, complaint_open, now),
        attempt_id=attempt.attempt_id,
        submitted_at=attempt.submitted_at or 0,
        points=score.points if score else 0,
        out_of=score.out_of if score else 0,
    )


def _state(attempt: Attempt, score: Score | None, complaint_open: bool, now: int) -> TryState:
    if attempt.status is not Status.SUBMITTED or score is None:
        is_over = attempt.next_step(now) == "entry_closed"
        return TryState.ABSENT if is_over else TryState.OPEN
    if complaint_open or not grading.is_final(attempt, now):
        return TryState.UNDECIDED
    match grading.outcome(attempt, passed=score.passed):
        case ResultOutcome.PASSED:
            return TryState.PASSED
        case ResultOutcome.FAILED:
            return TryState.FAILED
        case ResultOutcome.INVALIDATED:
            return TryState.INVALIDATED


# --- who may open ---------------------------------------------------------------------------------------


class Reason(enum.Enum):
    """Why somebody may not open a sitting; of several reasons the first of these."""

    PASSED = "series_passed"  # has passed already, and only who failed may try again
    OPEN = "series_sitting_open"  # another sitting is open or being written
    USED_UP = "series_tries_used_up"
    UNDECIDED = "series_result_open"  # the result of another sitting is not final
    TOO_EARLY = "series_too_early"  # too few days since the last submission


class Refusal(msgspec.Struct, frozen=True):
    """Why a sitting may not be opened. `sitting`: the earlier one that is the reason; `tries`, `days`: of the rule.

    `day`: the first day in China (ISO) on which a sitting may start; only for `TOO_EARLY`.
    """

    reason: Reason
    sitting: str = ""
    tries: int = 0
    days: int = 0
    day: str = ""


def may_open(rule: RetakeRule, earlier: Sequence[Try], starts_at: int) -> Refusal | None:
    """Why a person may not open a sitting that starts at `starts_at` (UTC ms); None: they may.

    `earlier`: their tries in other sittings of the series, as they stand now.
    """
    passed = _first(earlier, TryState.PASSED)
    if passed and rule.only_failed:
        return Refusal(Reason.PASSED, sitting=passed.sitting)
    if running := _first(earlier, TryState.OPEN):
        return Refusal(Reason.OPEN, sitting=running.sitting)
    if sum(one.is_used for one in earlier) >= rule.most_tries:
        return Refusal(Reason.USED_UP, tries=rule.most_tries)
    if undecided := _first(earlier, TryState.UNDECIDED):
        return Refusal(Reason.UNDECIDED, sitting=undecided.sitting)
    return _too_early(rule, earlier, starts_at)


def _first(tries: Sequence[Try], state: TryState) -> Try | None:
    return next((one for one in tries if one.state is state), None)


def _too_early(rule: RetakeRule, earlier: Sequence[Try], starts_at: int) -> Refusal | None:
    last = max((one.submitted_at for one in earlier if one.is_submitted), default=None)
    if last is None:
        return None
    from_day = china_date(last) + datetime.timedelta(days=rule.after_days)
    if china_date(starts_at) >= from_day:
        return None
    return Refusal(Reason.TOO_EARLY, days=rule.after_days, day=from_day.isoformat())


# --- which try counts -----------------------------------------------------------------------------------


class Counted(msgspec.Struct, frozen=True):
    """The try that counts. `provisional`: a result that is not final yet may change which one it is, or its outcome."""

    attempt_id: str
    provisional: bool


_RANK = {
    TryState.INVALIDATED: 0,
    TryState.UNDECIDED: 1,
    TryState.FAILED: 1,
    TryState.PASSED: 2,
}


def counted_try(rule: RetakeRule, tries: Sequence[Try]) -> Counted | None:
    """The try that counts; None when nothing is submitted.

    The last one is the one submitted last, whatever its outcome. The best one has the best outcome (passed, failed,
    invalidated), then the highest share of the points, then it is the earliest. An undecided try is the best only when
    there is no other.
    """
    submitted = [one for one in tries if one.is_submitted]
    if not submitted:
        return None
    if rule.counts is CountedTry.LAST:
        last = max(submitted, key=lambda one: one.submitted_at)
        return Counted(last.attempt_id, last.state is TryState.UNDECIDED)
    decided = [one for one in submitted if one.state is not TryState.UNDECIDED]
    best = max(decided or submitted, key=_merit)
    return Counted(best.attempt_id, len(decided) < len(submitted))


def _merit(one: Try) -> tuple[int, float, int]:
    share = one.points / one.out_of if one.out_of else 0.0
    return _RANK[one.state], share, -one.submitted_at
