"""The result of a submitted attempt as it is shown: its score, and the frames that break a rule."""

import msgspec

from chalicelib.attempts import store, watch
from chalicelib.attempts.deciding import score
from chalicelib.attempts.model import Attempt
from chalicelib.attempts.practising import refuse_practice
from chalicelib.exams.scoring import Score
from chalicelib.proctoring.model import IntegrityState, Verdict
from chalicelib.shared import log


class Frame(msgspec.Struct, frozen=True):
    """A snapshot that breaks a rule: its time (UTC ms), its verdict, and a link to it that works for a minute.

    `url`: None for a missing frame, and after the storage time.
    """

    at: int
    verdict: Verdict
    url: str | None


class Result(msgspec.Struct, frozen=True):
    """A submitted attempt with its score and the frames that break a rule."""

    attempt: Attempt
    score: Score
    frames: tuple[Frame, ...] = ()


def show_result(attempt: Attempt, *, by: str) -> Result:
    """Return a submitted attempt with its score and frames. `by`: who reads it, for the log (no name).

    Raises `Conflict`: `practice_without_result`.
    """
    refuse_practice(attempt)
    return Result(attempt, score(attempt), show_frames(attempt, by=by))


def show_frames(attempt: Attempt, *, by: str) -> tuple[Frame, ...]:
    """Return the frames of the broken rule, in order. `by`: who reads them, for the log (no name).

    Costs one query, and none when no rule is broken.
    """
    integrity = attempt.integrity
    if integrity.state is IntegrityState.CLEAR or not integrity.slots:
        return ()
    moments, rows = watch.moments(attempt), store.list_snapshots(attempt.attempt_id)
    frames = []
    for slot in integrity.slots:
        row = rows.get(slot)
        url = store.evidence_url(attempt.attempt_id, row["sha256"]) if row else None
        frames.append(Frame(moments[slot], attempt.verdicts[str(slot)], url))
    if shown := sum(frame.url is not None for frame in frames):
        log.event("evidence_shown", attempt=attempt.attempt_id, by=by, frames=shown)
    return tuple(frames)
