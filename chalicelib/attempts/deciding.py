"""What all use cases of an attempt share: read, decide, write once; and its score."""

from collections.abc import Callable

from chalicelib.attempts import check_in, sitting, store, watch
from chalicelib.attempts.model import Attempt, Changes
from chalicelib.exams import paper
from chalicelib.exams import service as exams
from chalicelib.shared.errors import Conflict, NotFound

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
            return store.apply_changes(attempt, changes) if changes else attempt
        except store.LostRace:
            continue
    raise Conflict("busy")


def _caught_up(attempt: Attempt, now: int) -> Attempt:
    """Close what is overdue, give back a chance whose picture never came: no schedule is needed for it."""
    if changes := sitting.close_overdue(attempt, now):
        return store.apply_changes(attempt, changes)
    if attempt.pending is not None and check_in.lapsed(attempt, now):
        key = store.upload_key(attempt.attempt_id, attempt.pending.id)
        changes = check_in.settle_lapsed(attempt, store.upload_exists(key), now)
        return store.apply_changes(attempt, changes) if changes else attempt
    if slots := watch.lapsed_slots(attempt, now):
        there = {
            slot: store.upload_exists(store.snapshot_key(attempt.attempt_id, slot))
            for slot in slots
        }
        changes = watch.settle_lapsed(attempt, there, now)
        return store.apply_changes(attempt, changes) if changes else attempt
    return attempt


def score(attempt: Attempt) -> paper.Score:
    """Score = f(acknowledged answers, paper version, key): recomputed from scratch it is the same."""
    return exams.score(
        exam_id=attempt.exam_id,
        paper_version=attempt.paper_version,
        seed=attempt.paper_seed,
        answers=attempt.answers,
        policy=attempt.policy,
    )
