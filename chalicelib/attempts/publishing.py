"""Rules of when a verdict is published, and when an attempt is marked for certificates and feeds. Pure."""

from chalicelib.attempts import grading
from chalicelib.attempts.complaining import ComplaintSettled
from chalicelib.attempts.following import KeyCorrected
from chalicelib.attempts.model import Attempt, Status
from chalicelib.attempts.shards import follow_up_shard
from chalicelib.attempts.watch import Settled
from chalicelib.kernel.outcomes import Outcome, Outcomes, applied, includes, outcome_of
from chalicelib.proctoring.model import IntegrityState


@outcome_of(Attempt)
class AttemptPublished(Outcome, frozen=True):
    """The present verdict can be seen, and may be complained about, from this moment on."""

    published_at: int


@outcome_of(Attempt)
class Marked(Outcome, frozen=True):
    """Certificate and feeds have to follow the attempt. `follow_up`: its part of the index `outcomes`."""

    follow_up: str


def publish(attempt: Attempt, outcomes: Outcomes, now: int) -> Outcomes:
    """Publish the verdict if these outcomes submit the attempt, or invalidate it by another rule than before.

    A better verdict keeps the time of the one before, which decides until when a complaint is possible. A practice
    has no verdict.
    """
    after = applied(attempt, outcomes)
    if after.status is not Status.SUBMITTED or after.policy.is_practice:
        return ()
    submitted = attempt.status is not Status.SUBMITTED
    invalidated = after.integrity.state is IntegrityState.INVALIDATED
    worse = invalidated and grading.accused_of(after) is not grading.accused_of(attempt)
    return (AttemptPublished(published_at=now),) if submitted or worse else ()


def publish_again(*, before: bool, after: bool, now: int) -> Outcomes:
    """Publish the verdict again if a corrected key takes the pass away. `before`, `after`: whether it is a pass."""
    return (AttemptPublished(published_at=now),) if before and not after else ()


def mark(attempt: Attempt, outcomes: Outcomes) -> Outcomes:
    """Mark an attempt if these outcomes submit it, settle it or change its result.

    Certificates and feeds of partners find the attempt by the mark, also when the stream has missed the change. Then
    they take the mark away. Nothing follows a practice.
    """
    after = applied(attempt, outcomes)
    if after.status is not Status.SUBMITTED or after.policy.is_practice:
        return ()
    submitted = attempt.status is not Status.SUBMITTED
    judged = after.integrity != attempt.integrity
    if submitted or judged or includes(outcomes, Settled, KeyCorrected, ComplaintSettled):
        return (Marked(follow_up=follow_up_shard(attempt)),)
    return ()
