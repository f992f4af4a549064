"""What all use cases of an attempt share: load it, let a rule decide, write the outcomes once; and its score."""

from collections.abc import Callable

from chalicelib.attempts import check_in, publishing, sitting, store, watch
from chalicelib.attempts.model import Attempt, Verification
from chalicelib.exams import service as exams
from chalicelib.exams.scoring import Score
from chalicelib.kernel import deciding
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.proctoring.model import Verdict
from chalicelib.shared import log
from chalicelib.shared.errors import NotFound, Unavailable
from chalicelib.shared.table import Item

Rule = Callable[[Attempt], Outcomes]


def load(attempt_id: str, account_id: str | None) -> Attempt:
    """Return the attempt. `account_id`: its owner, or None for operators and events. Raises `NotFound`."""
    attempt = store.load_attempt(attempt_id)
    if attempt is None or account_id not in (None, attempt.account_id):
        raise NotFound("not_found")
    return attempt


def decide(attempt_id: str, account_id: str | None, now: int, rule: Rule) -> Attempt:
    """Change an attempt by a rule. Returns the attempt after it. `account_id`: None for operators and events.

    Changes by time (an overdue paper, a picture that never came) are written first. Raises `NotFound`,
    `Conflict` (`busy`: others kept writing), and what the rule raises.
    """
    return deciding.decide(
        lambda: _catch_up(_present(load(attempt_id, account_id), now), now),
        rule,
        lambda attempt, outcomes: write(attempt, outcomes, now),
    )


def _present(attempt: Attempt, now: int) -> Attempt:
    """Return an attempt that has not expired; DynamoDB deletes expired ones late. Raises `NotFound`."""
    if attempt.expires_at is not None and now >= attempt.expires_at:
        raise NotFound("not_found")
    return attempt


def write(attempt: Attempt, outcomes: Outcomes, now: int) -> Attempt:
    """Write what a rule decided, and in the same write the publication and the mark that follow from it.

    Raises `LostRace`, `Unavailable`.
    """
    published = publishing.publish(attempt, outcomes, now)
    marked = publishing.mark(attempt, outcomes)
    return store.write_outcomes(attempt, (*outcomes, *published, *marked))


def _catch_up(attempt: Attempt, now: int) -> Attempt:
    """Write the changes by time since the last write, so that no rule depends on a schedule."""
    outcomes = sitting.close_overdue(attempt, now) or _settle_uploads(attempt, now)
    if not outcomes:
        return attempt
    after = write(attempt, outcomes, now)
    if gaps := _count_gaps(after) - _count_gaps(attempt):
        log.metric("SnapshotsNotJudged", gaps, attempt=attempt.attempt_id)
    return after


def _count_gaps(attempt: Attempt) -> int:
    return sum(verdict is Verdict.SYSTEM_GAP for verdict in attempt.verdicts.values())


def _settle_uploads(attempt: Attempt, now: int) -> Outcomes:
    """Settle pictures whose time is over. S3 is asked once, without a repeat, because a candidate waits."""
    if attempt.pending is None or not check_in.lapsed(attempt, now):
        return _settle_snapshots(attempt, now)
    uploaded = _are_there(attempt.attempt_id, attempt.pending)
    if uploaded is None:
        return ()
    return check_in.settle_lapsed(attempt, uploaded, now) or _settle_snapshots(attempt, now)


def _are_there(attempt_id: str, check: Verification) -> bool | None:
    """Whether every picture of a check was uploaded; None when S3 cannot tell."""
    uploaded = _is_there(store.upload_key(attempt_id, check.id))
    if uploaded and check.turn is not None:
        return _is_there(store.turn_key(attempt_id, check.id))
    return uploaded


def _settle_snapshots(attempt: Attempt, now: int) -> Outcomes:
    there: dict[int, bool] = {}
    for slot in watch.lapsed_slots(attempt, now):
        uploaded = _is_there(store.snapshot_key(attempt.attempt_id, slot))
        # S3 does not answer: asking for the others would cost the candidate time
        if uploaded is None:
            break
        there[slot] = uploaded
    return watch.settle_lapsed(attempt, there, now)


def _is_there(key: str) -> bool | None:
    """Whether a picture was uploaded; None when S3 does not answer: then the next request looks again.

    A command of the exam must not fail because of pictures.
    """
    try:
        return store.upload_exists(key)
    except Unavailable as error:
        log.crash(error)
        return None


def score(attempt: Attempt) -> Score:
    """Return the score from the acknowledged answers, the paper version and the key version."""
    return exams.score(
        exam_id=attempt.exam_id,
        paper_version=attempt.paper_version,
        seed=attempt.paper_seed,
        answers=attempt.answers,
        policy=attempt.policy,
        key_version=attempt.key_version,
    )


def graded(attempt: Attempt) -> Item:
    """Return the result of a submitted attempt as it is stored, without the version of the attempt."""
    scored = score(attempt)
    return {
        "points": scored.points,
        "out_of": scored.out_of,
        "passed": scored.passed,
        "paper_version": attempt.paper_version,
        "key_version": attempt.key_version,
        "submitted_at": attempt.submitted_at,
        "cause": attempt.cause.value if attempt.cause else "",
    }
