"""What is shown of a submitted attempt: its score, and the frames behind what is held against the candidate."""

import msgspec

from chalicelib.attempts import store, watch
from chalicelib.attempts.deciding import score
from chalicelib.attempts.model import Attempt
from chalicelib.exams import paper
from chalicelib.proctoring.model import IntegrityState, Verdict
from chalicelib.shared import log


class Frame(msgspec.Struct, frozen=True):
    """A snapshot that counts against somebody: its moment, what it showed, a link for one look.

    There is no picture of one that is missing, nor of one whose time to be kept is over.
    """

    at: int
    verdict: Verdict
    url: str | None


class Result(msgspec.Struct, frozen=True):
    """A submitted attempt with its score, and the frames behind what is held against the candidate."""

    attempt: Attempt
    score: paper.Score
    frames: tuple[Frame, ...] = ()


def show_result(attempt: Attempt, *, by: str) -> Result:
    """A submitted attempt with its score and frames; `by` says in the log who looks (no name)."""
    return Result(attempt, score(attempt), show_frames(attempt, by=by))


def show_frames(attempt: Attempt, *, by: str) -> tuple[Frame, ...]:
    """The frames that integrity names, in order; `by` says in the log who looks (no name).

    One query, and none when nothing is held against the candidate.
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
