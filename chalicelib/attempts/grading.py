"""Rules of the result of an attempt: its outcome, and whether it is final. Pure.

Three things are separate: the attempt (open, or submitted and by what), its integrity (the meaning of the snapshots and
the decisions about it), and the result (passed or failed by score, provisional or final).
"""

import enum

from chalicelib.attempts import watch
from chalicelib.attempts.model import Attempt
from chalicelib.proctoring.model import IntegrityRule, IntegrityState


class ResultOutcome(enum.Enum):
    """成绩."""

    PASSED = "passed"
    FAILED = "failed"
    INVALIDATED = "invalidated"


def outcome(attempt: Attempt, *, passed: bool) -> ResultOutcome:
    """Return the outcome of a submitted attempt. `passed`: whether its score is enough."""
    if attempt.integrity.state is IntegrityState.INVALIDATED:
        return ResultOutcome.INVALIDATED
    return ResultOutcome.PASSED if passed else ResultOutcome.FAILED


def accused_of(attempt: Attempt) -> IntegrityRule | None:
    """Return the rule that makes this result 不合格; None when only the score decides."""
    integrity = attempt.integrity
    return integrity.rule if integrity.state is IntegrityState.INVALIDATED else None


def is_final(attempt: Attempt, now: int, *, complaint_open: bool = False) -> bool:
    """Whether only an operator who corrects a mistake can still change this verdict.

    All snapshots must be judged or their gaps accepted, and no flag may be open. 不合格 because of snapshots becomes
    final after the decision about a complaint, or after the time to complain (guide, 我要投诉).
    `complaint_open`: whether a complaint waits for its decision.
    """
    if not watch.settled(attempt) or attempt.integrity.gaps:
        return False
    if attempt.integrity.state in (IntegrityState.FLAGGED, IntegrityState.NOT_WATCHED):
        return False
    if accused_of(attempt) is None:
        return True
    decided = attempt.complaint
    if decided is not None and decided.published_at == attempt.verdict_at:
        return True
    return not complaint_open and now > attempt.complaint_until


def is_final_pass(attempt: Attempt, now: int) -> bool:
    """Whether the score of this attempt is final and decides the result. The score tells whether it is a pass."""
    return is_final(attempt, now) and accused_of(attempt) is None
