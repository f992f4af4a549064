"""What the owner of attempts may have as a copy: the stored attempts, their scores, and the frames held against them.

Nothing here writes, and nothing reads a paper: no key can get into a copy.
"""

import msgspec

from chalicelib.attempts import store, watch
from chalicelib.attempts.model import Attempt
from chalicelib.proctoring.model import IntegrityState, Verdict
from chalicelib.shared import log


class StoredScore(msgspec.Struct, frozen=True):
    """The score as it was stored after the submission."""

    points: float
    out_of: float
    passed: bool


class HeldFrame(msgspec.Struct, frozen=True):
    """A snapshot that counts against the candidate: its time (UTC ms), its verdict, and the JPEG.

    `data`: None for a missing frame, and after the storage time.
    """

    at: int
    verdict: Verdict
    data: bytes | None


def list_stored(*, account_id: str, most: int) -> tuple[list[Attempt], int]:
    """Return the newest attempts of an account as they are stored, at most `most`, and how many older ones there are.

    Practices are left out: they are deleted after days.
    """
    loaded = map(store.load_attempt, store.list_attempt_ids(account_id))
    mine = [attempt for attempt in loaded if attempt and not attempt.policy.is_practice]
    return mine[:most], len(mine[most:])


def stored_score(attempt: Attempt) -> StoredScore | None:
    """Return the stored score of a submitted attempt; None while none is stored."""
    row = store.load_result(attempt.attempt_id)
    return msgspec.convert(row, StoredScore) if row else None


def read_held_frames(attempt: Attempt) -> list[HeldFrame]:
    """Return the frames of the broken rule, in order: the same that the result page shows."""
    integrity = attempt.integrity
    if integrity.state is IntegrityState.CLEAR or not integrity.slots:
        return []
    moments, rows = watch.moments(attempt), store.list_snapshots(attempt.attempt_id)
    frames = []
    for slot in integrity.slots:
        row = rows.get(slot)
        data = store.read_evidence(attempt.attempt_id, row["sha256"]) if row else None
        frames.append(HeldFrame(moments[slot], attempt.verdicts[str(slot)], data))
    log.event("evidence_copied", attempt=attempt.attempt_id, frames=len(frames))
    return frames
