"""Rules of what an attempt ends in: when its verdict was published, and whether it is final. Pure.

Three axes, kept apart: the attempt (open, or submitted and by what), its integrity (what the snapshots mean,
and what humans decided about it), and the result (passed or failed by score, provisional or final).
"""

import enum

from chalicelib.attempts import watch
from chalicelib.attempts.model import Attempt, Changes, Status
from chalicelib.proctoring.model import Integrity, IntegrityRule, IntegrityState


class Outcome(enum.Enum):
    """成绩."""

    PASSED = "passed"
    FAILED = "failed"
    INVALIDATED = "invalidated"


def outcome(attempt: Attempt, *, passed: bool) -> Outcome:
    """What a submitted attempt ends in; `passed` is what its score says."""
    if attempt.integrity.state is IntegrityState.INVALIDATED:
        return Outcome.INVALIDATED
    return Outcome.PASSED if passed else Outcome.FAILED


def publication(attempt: Attempt, changes: Changes, now: int) -> Changes:
    """The moment of publication, if these changes make a verdict: the submission, or a new one that is worse.

    Better news leave the moment as it was: it says until when one may complain.
    """
    if changes.get("status", attempt.status) is not Status.SUBMITTED:
        return {}
    submitted = attempt.status is not Status.SUBMITTED
    found: Integrity = changes.get("integrity", attempt.integrity)
    invalidated = found.state is IntegrityState.INVALIDATED
    worse = invalidated and _accused(found) is not _accused(attempt.integrity)
    return {"published_at": now} if submitted or worse else {}


def mark(attempt: Attempt, changes: Changes) -> Changes:
    """Mark an attempt when these changes submit it, settle it or alter what it ends in.

    Whoever acts on outcomes (certificates, feeds of partners) finds it by the mark, whatever the stream has lost,
    and takes it away. The mark is its shard in the index `outcomes`: everybody submits on the same bell.
    """
    if changes.get("status", attempt.status) is not Status.SUBMITTED:
        return {}
    submitted = attempt.status is not Status.SUBMITTED
    settled = "due_bucket" in changes and changes["due_bucket"] is None
    judged = changes.get("integrity", attempt.integrity) != attempt.integrity
    if submitted or settled or judged or changes.keys() & {"key_version", "complaint"}:
        return {"follow_up": outcome_shard(attempt.attempt_id)}
    return {}


OUTCOME_SHARDS = (
    4  # each takes a thousand submissions a second, and costs the schedule a query a minute
)


def outcome_shard(attempt_id: str) -> str:
    """The part of the index `outcomes` that a marked attempt is in."""
    return str(sum(attempt_id.encode()) % OUTCOME_SHARDS)


def outcome_shards() -> list[str]:
    """All parts of it."""
    return [str(shard) for shard in range(OUTCOME_SHARDS)]


def rescored(changes: Changes, *, before: bool, after: bool, now: int) -> Changes:
    """A corrected key that takes a pass away is published anew: it may be complained about for the whole time."""
    return {"published_at": now} if changes and before and not after else {}


def _accused(integrity: Integrity) -> IntegrityRule | None:
    return integrity.rule if integrity.state is IntegrityState.INVALIDATED else None


def accused_of(attempt: Attempt) -> IntegrityRule | None:
    """The rule that makes this result 不合格; None when the score alone decides."""
    return _accused(attempt.integrity)


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
