"""What all use cases of an attempt share: read, decide, write once; and its score."""

from collections.abc import Callable

from chalicelib.attempts import check_in, outcome, sitting, store, watch
from chalicelib.attempts.model import Attempt, Changes, Verification
from chalicelib.exams import paper
from chalicelib.exams import service as exams
from chalicelib.proctoring.model import Verdict
from chalicelib.shared import log
from chalicelib.shared.errors import Conflict, NotFound, Unavailable
from chalicelib.shared.table import Item

_TRIES = 3  # a lost race is decided again this often (docs/data.md)

Rule = Callable[[Attempt], Changes]


def load(attempt_id: str, account_id: str | None) -> Attempt:
    """The attempt, if it is this account's (`None`: our own events). Raises `NotFound`."""
    attempt = store.load_attempt(attempt_id)
    if attempt is None or account_id not in (None, attempt.account_id):
        raise NotFound("not_found")
    return attempt


def decide(attempt_id: str, account_id: str | None, now: int, rule: Rule) -> Attempt:
    """Read, decide, write once. What the clock has decided meanwhile is written first."""
    for _ in range(_TRIES):
        attempt = load(attempt_id, account_id)
        try:
            attempt = _caught_up(attempt, now)
            changes = rule(attempt)
            return _written(attempt, changes, now)
        except store.LostRace:
            continue
    raise Conflict("busy")


def _caught_up(attempt: Attempt, now: int) -> Attempt:
    """Close what is overdue, give back a chance whose picture never came: no schedule is needed for it."""
    changes = sitting.close_overdue(attempt, now) or _settle_uploads(attempt, now)
    after = _written(attempt, changes, now)
    if gaps := sum(verdict is Verdict.SYSTEM_GAP for verdict in changes.values()):
        log.metric("SnapshotsNotJudged", gaps, attempt=attempt.attempt_id)
    return after


def _written(attempt: Attempt, changes: Changes, now: int) -> Attempt:
    """Write what was decided.

    The moment at which a verdict can first be seen, and the mark for those who act on it, go into the very same write.
    """
    if not changes:
        return attempt
    told = outcome.publication(attempt, changes, now) | outcome.mark(attempt, changes)
    return store.apply_changes(attempt, {**changes, **told})


def _settle_uploads(attempt: Attempt, now: int) -> Changes:
    """What became of pictures whose time is over. An S3 that cannot tell is asked once: somebody waits."""
    if attempt.pending is None or not check_in.lapsed(attempt, now):
        return _settle_snapshots(attempt, now)
    there = _are_there(attempt.attempt_id, attempt.pending)
    if there is None:
        return {}
    return check_in.settle_lapsed(attempt, there, now) or _settle_snapshots(attempt, now)


def _are_there(attempt_id: str, check: Verification) -> bool | None:
    """Whether every picture of a check was uploaded; None when S3 cannot tell."""
    there = _is_there(store.upload_key(attempt_id, check.id))
    if there and check.turn is not None:
        return _is_there(store.turn_key(attempt_id, check.id))
    return there


def _settle_snapshots(attempt: Attempt, now: int) -> Changes:
    there: dict[int, bool] = {}
    for slot in watch.lapsed_slots(attempt, now):
        found = _is_there(store.snapshot_key(attempt.attempt_id, slot))
        if found is None:  # the others would only cost the candidate time
            break
        there[slot] = found
    return watch.settle_lapsed(attempt, there, now)


def _is_there(key: str) -> bool | None:
    """Whether a picture was uploaded; None when S3 cannot tell now: whoever comes next looks again.

    A command of the exam must not fail because of pictures.
    """
    try:
        return store.upload_exists(key)
    except Unavailable as error:
        log.crash(error)
        return None


def score(attempt: Attempt) -> paper.Score:
    """Score = f(acknowledged answers, paper version, key): recomputed from scratch it is the same."""
    return exams.score(
        exam_id=attempt.exam_id,
        paper_version=attempt.paper_version,
        seed=attempt.paper_seed,
        answers=attempt.answers,
        policy=attempt.policy,
        key_version=attempt.key_version,
    )


def graded(attempt: Attempt) -> Item:
    """The result of a submitted attempt as it is kept, but for the version of the attempt that it was taken from."""
    found = score(attempt)
    return {
        "points": found.points,
        "out_of": found.out_of,
        "passed": found.passed,
        "paper_version": attempt.paper_version,
        "key_version": attempt.key_version,
        "submitted_at": attempt.submitted_at,
        "cause": attempt.cause.value if attempt.cause else "",
    }
