"""Rules of what an attempt ends in: its outcome, and whether it is final. Pure.

Three axes, kept apart: the attempt (open, or submitted and by what), its integrity (what the snapshots mean,
and what humans decided about it), and the result (passed or failed by score, provisional or final).
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
    """What a submitted attempt ends in; `passed` is what its score says."""
    if attempt.integrity.state is IntegrityState.INVALIDATED:
        return ResultOutcome.INVALIDATED
    return ResultOutcome.PASSED if passed else ResultOutcome.FAILED


def accused_of(attempt: Attempt) -> IntegrityRule | None:
    """The rule that makes this result 不合格; None when the score alone decides."""
    integrity = attempt.integrity
    return integrity.rule if integrity.state is IntegrityState.INVALIDATED else None


def is_final(attempt: Attempt, now: int, *, complaint_open: bool = False) -> bool:
    """Whether nothing can change this verdict any more but an operator who corrects a mistake.

    Every snapshot is judged (or an operator has accepted that we failed to judge it), and no flag is open. 不合格
    because of snapshots also has to outlive its complaint: the decision, or the end of the time for one (guide,
    我要投诉).
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
    """Whether the score of this attempt counts for good; whether it is enough is asked of the score."""
    return is_final(attempt, now) and accused_of(attempt) is None
