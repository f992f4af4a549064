"""Kept live boards of large exams.

Passing table: (`board#<exam>`) the board as MessagePack, when it was read, and until when somebody reads it anew.
"""

import contextlib

import msgspec

from chalicelib.attempts.board import CLAIM_MS, Board
from chalicelib.shared import table
from chalicelib.shared.clock import HOUR_MS
from chalicelib.shared.errors import Unavailable
from chalicelib.shared.settings import settings
from chalicelib.shared.table import ConditionFailed, If

_KEPT_MS = HOUR_MS

_packed = msgspec.msgpack.Encoder()
_unpacked = msgspec.msgpack.Decoder(Board)


def load_board(exam_id: str) -> Board | None:
    """Return the kept board of an exam; None when there is none, or one of another release."""
    row = table.get(settings().passing_table, _key(exam_id))
    if row is None or "board" not in row:
        return None
    with contextlib.suppress(msgspec.DecodeError):
        return _unpacked.decode(row["board"])
    return None


def claim_reading(exam_id: str, now: int) -> bool:
    """Reserve to read the exam anew; False while somebody else reads it."""
    free = If().exists("pk").absent_or_below("claimed_until", now)
    try:
        table.update_once(
            settings().passing_table, _key(exam_id), free, sets={"claimed_until": now + CLAIM_MS}
        )
    except ConditionFailed:
        return False
    return True


def keep_board(exam_id: str, board: Board) -> None:
    """Keep a board, unless a newer one is kept. Whoever looks has it already, so a failure stops nobody."""
    lapses_at = board.read_at + _KEPT_MS
    with contextlib.suppress(ConditionFailed, Unavailable):
        table.update(
            settings().passing_table,
            _key(exam_id),
            If().absent_or_below("read_at", board.read_at),
            sets={
                "board": _packed.encode(board),
                "read_at": board.read_at,
                "claimed_until": 0,
                "expires_at_s": lapses_at // 1000,
            },
        )


def _key(exam_id: str) -> dict[str, str]:
    return {"pk": f"board#{exam_id}"}
