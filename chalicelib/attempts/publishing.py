"""Rules of when a verdict is published, and of the mark for those who act on it. Pure."""

from chalicelib.attempts import grading
from chalicelib.attempts.complaining import ComplaintSettled
from chalicelib.attempts.following import KeyCorrected
from chalicelib.attempts.model import Attempt, Status
from chalicelib.attempts.watch import Settled
from chalicelib.kernel.outcomes import Outcome, Outcomes, applied, includes, outcome_of
from chalicelib.proctoring.model import IntegrityState


@outcome_of(Attempt)
class AttemptPublished(Outcome, frozen=True):
    """The present verdict can be seen, and may be complained about, from this moment on."""

    published_at: int


@outcome_of(Attempt)
class Marked(Outcome, frozen=True):
    """Somebody has to act on what the attempt ends in: the part of the index `outcomes` that it is in."""

    follow_up: str


def publish(attempt: Attempt, outcomes: Outcomes, now: int) -> Outcomes:
    """Publish the verdict if these outcomes submit the attempt, or invalidate it by another rule than before.

    A better verdict keeps the moment of the one before: it says until when one may complain.
    """
    after = applied(attempt, outcomes)
    if after.status is not Status.SUBMITTED:
        return ()
    submitted = attempt.status is not Status.SUBMITTED
    invalidated = after.integrity.state is IntegrityState.INVALIDATED
    worse = invalidated and grading.accused_of(after) is not grading.accused_of(attempt)
    return (AttemptPublished(published_at=now),) if submitted or worse else ()


def publish_again(*, before: bool, after: bool, now: int) -> Outcomes:
    """Publish the verdict again if a corrected key takes the pass away; `before` and `after`: whether it is a pass."""
    return (AttemptPublished(published_at=now),) if before and not after else ()


def mark(attempt: Attempt, outcomes: Outcomes) -> Outcomes:
    """Mark an attempt if these outcomes submit it, settle it or change what it ends in.

    Those who act on what attempts end in (certificates, feeds of partners) find it by the mark, whatever the
    stream has lost, and take the mark away.
    """
    after = applied(attempt, outcomes)
    if after.status is not Status.SUBMITTED:
        return ()
    submitted = attempt.status is not Status.SUBMITTED
    judged = after.integrity != attempt.integrity
    if submitted or judged or includes(outcomes, Settled, KeyCorrected, ComplaintSettled):
        return (Marked(follow_up=follow_up_shard(attempt.attempt_id)),)
    return ()


FOLLOW_UP_SHARDS = (
    4  # each takes a thousand submissions a second; the schedule queries each once a minute
)


def follow_up_shard(attempt_id: str) -> str:
    """The part of the index `outcomes` that a marked attempt is in: everybody submits at the same time."""
    return str(sum(attempt_id.encode()) % FOLLOW_UP_SHARDS)


def follow_up_shards() -> list[str]:
    """All parts of the index."""
    return [str(shard) for shard in range(FOLLOW_UP_SHARDS)]
