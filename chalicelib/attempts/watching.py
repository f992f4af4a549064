"""Use cases of operators who watch an exam. They only read: they do not even close an overdue attempt."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from chalicelib.attempts import store, watch
from chalicelib.attempts.deciding import load
from chalicelib.attempts.model import Attempt, Listed
from chalicelib.identity.model import FaceVerdict
from chalicelib.proctoring.model import Verdict
from chalicelib.shared import log


class Snapshot(msgspec.Struct, frozen=True):
    """A snapshot with a verdict, the judged bytes, and a link to them that works for a minute.

    `data` and `url` are None for a missing frame, and after the storage time. `reason`: why it is unclear, or which
    picture a replayed frame shows. `comparison`: with the photo of the person, if faces were compared.
    """

    slot: int
    at: int
    verdict: Verdict
    data: bytes | None
    url: str | None
    reason: str = ""
    comparison: FaceVerdict | None = None


def list_attempts(*, exam_id: str) -> list[Listed]:
    """Return all attempts of an exam from the index, which may be a moment behind. Costs one query for each part."""
    return list(store.list_of_exam(exam_id))


def look_up_attempt(*, attempt_id: str) -> Attempt:
    """Return an attempt as it is stored. Raises `NotFound`."""
    return load(attempt_id, None)


def look_up_attempts(*, attempt_ids: Iterable[str]) -> Iterator[Attempt]:
    """Yield these attempts as they are stored, in no particular order, a hundred with one call."""
    return store.load_attempts(attempt_ids)


def look_at_snapshots(*, attempt: Attempt, slots: tuple[int, ...]) -> tuple[Snapshot, ...]:
    """Return these judged snapshots with their pictures, in the given order. The access is logged."""
    moments, rows = watch.moments(attempt), store.list_snapshots(attempt.attempt_id)
    snapshots = []
    for slot in slots:
        digest = rows[slot]["sha256"] if slot in rows else None
        data = store.read_evidence(attempt.attempt_id, digest) if digest else None
        url = store.evidence_url(attempt.attempt_id, digest) if digest and data else None
        verdict, findings = attempt.verdicts[str(slot)], _findings(rows.get(slot, {}))
        snapshots.append(Snapshot(slot, moments[slot], verdict, data, url, **findings))
    if shown := sum(snapshot.data is not None for snapshot in snapshots):
        log.event("evidence_shown", attempt=attempt.attempt_id, by="operator", frames=shown)
    return tuple(snapshots)


def newest_slots(attempt: Attempt, most: int) -> tuple[int, ...]:
    """Return the latest slots with a verdict, in ascending order, at most `most`."""
    return tuple(sorted(map(int, attempt.verdicts)))[-most:]


def _findings(row: dict[str, Any]) -> dict[str, Any]:
    """What a row of findings holds about a frame besides its verdict."""
    compared = row.get("comparison")
    comparison = msgspec.convert(compared, FaceVerdict) if compared else None
    return {"reason": str(row.get("reason", "")), "comparison": comparison}
