"""Use cases of operators who watch an exam. They change no attempt: they do not even close an overdue one."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from chalicelib.attempts import board, board_store, index_store, store, watch
from chalicelib.attempts.board import Board
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
    return list(index_store.list_of_exam(exam_id))


def look_at_board(*, exam_id: str, now: int) -> Board:
    """Return the live board of an exam. The index may be a moment behind.

    Of an exam with more than `board.FEW` attempts it may be up to `board.GOOD_FOR_MS` old, because one reader reads all
    rows for everybody who looks meanwhile. While they are read again others see the older one.
    """
    kept = board_store.load_board(exam_id)
    if kept is not None:
        age = now - kept.read_at
        if age < board.GOOD_FOR_MS:
            return kept
        claimed = board_store.claim_reading(exam_id, now)
        if not claimed and age < board.SHOWN_FOR_MS:
            return kept
    read = read_board(exam_id=exam_id, now=now)
    if read.total > board.FEW:
        board_store.keep_board(exam_id, read.shortened())
    return read


def read_board(*, exam_id: str, now: int) -> Board:
    """Return the whole live board of an exam, from the index rows of all its attempts."""
    return board.board_of(index_store.list_of_exam(exam_id), now)


def each_attempt(*, exam_id: str) -> Iterator[Listed]:
    """Yield what `list_attempts` returns, one page of the index after the other."""
    return index_store.list_of_exam(exam_id)


def look_up_attempt(*, attempt_id: str) -> Attempt:
    """Return an attempt as it is stored. Raises `NotFound`."""
    return load(attempt_id, None)


def look_up_attempts(*, attempt_ids: Iterable[str]) -> Iterator[Attempt]:
    """Yield these attempts as they are stored, in no particular order, a hundred with one call."""
    return store.load_attempts(attempt_ids)


def list_of_account(*, account_id: str, most: int) -> tuple[Attempt, ...]:
    """Return the newest attempts of an account, the newest first. One query, and one read for each."""
    ids = store.list_attempt_ids(account_id)[:most]
    return tuple(attempt for attempt in map(store.load_attempt, ids) if attempt is not None)


def count_open(*, exam_id: str) -> int:
    """Return how many attempts of an exam are open, exact up to 100 in each part of the index. One query for each."""
    return index_store.count_open(exam_id, _MOST_COUNTED)


def find_by_name(*, exam_id: str, name: str) -> tuple[Attempt, ...]:
    """Return the attempts of an exam whose person has this name, at most 20.

    Width, case, spaces and dots make no difference. Attempts that were opened before this release are not found.
    """
    return _loaded(exam_id, store.find_by_name(exam_id, name, _MOST_FOUND))


def find_by_number_end(*, exam_id: str, shown: str) -> tuple[Attempt, ...]:
    """Return the attempts of an exam whose person's ID number ends so, at most 20. See `find_by_name`.

    `shown`: a masked number as pages show it, or its visible end: four characters, of short numbers two.
    """
    end = store.number_end(shown)
    found = _loaded(exam_id, store.find_by_number_end(exam_id, end, _MOST_FOUND))
    masked = "*" in shown
    return tuple(one for one in found if not masked or one.identity.id_number_masked == shown)


_MOST_COUNTED = 100
_MOST_FOUND = 20


def _loaded(exam_id: str, attempt_ids: list[str]) -> tuple[Attempt, ...]:
    """These attempts, as far as they exist and belong to the exam."""
    loaded = (store.load_attempt(attempt_id) for attempt_id in attempt_ids)
    return tuple(attempt for attempt in loaded if attempt and attempt.exam_id == exam_id)


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
