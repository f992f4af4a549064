"""The live board of an exam: its counts, the pages that it has, and what is kept of it."""

import msgspec
import pytest

from chalicelib.attempts import overview
from chalicelib.attempts.board import KEPT, Board, Readers, board_of
from chalicelib.attempts.model import HelpReason, HelpRequest, Listed, Receipt
from chalicelib.attempts.overview import AttemptStanding
from chalicelib.proctoring.model import Integrity, IntegrityRule, IntegrityState
from tests.unit.attempts import T0

SIZE = 20


def flagged(number: int, frames: int = 1) -> Listed:
    slots = tuple(range(frames))
    broken = Integrity(IntegrityState.FLAGGED, IntegrityRule.MISMATCH, slots)
    return Listed(f"f{number:04}", started_at=1, integrity=broken)


def crowd(writing: int, opened: int = 0, flags: int = 0) -> list[Listed]:
    rows = [Listed(f"w{n:04}", started_at=1) for n in range(writing)]
    rows += [Listed(f"o{n:04}") for n in range(opened)]
    return rows + [flagged(n) for n in range(flags)]


def test_a_board_counts_each_attempt_once() -> None:
    board = board_of(crowd(3, 2, 1), T0)
    assert (board.total, board.read_at) == (6, T0)
    assert board.count(AttemptStanding.STARTED) == 3
    assert board.count(AttemptStanding.OPENED) == 2
    assert board.count(AttemptStanding.FLAGGED) == 1
    assert board.count(AttemptStanding.SUBMITTED) == 0
    assert board_of([], T0).total == 0


@pytest.mark.parametrize("only", [None, *AttemptStanding])
@pytest.mark.parametrize("number", [-1, 0, 1, 2, 3, 4, 5, 99])
def test_a_page_of_a_board_is_the_page_of_the_whole_list(
    only: AttemptStanding | None, number: int
) -> None:
    rows = crowd(41, 20, 19)
    ordered = [row.attempt_id for row in overview.urgent_first(rows, only)]
    shown, here, pages = overview.cut(ordered, number, SIZE)
    assert board_of(rows, T0).page(only, number, SIZE) == (tuple(shown), here, pages)


@pytest.mark.parametrize(
    ("writing", "only", "page", "kept"),
    [
        (KEPT, AttemptStanding.STARTED, 3, True),
        (KEPT + 1, AttemptStanding.STARTED, 3, True),
        (KEPT + 1, AttemptStanding.STARTED, 4, False),
        (KEPT + 1, None, 1, True),
        (
            KEPT + 1,
            None,
            4,
            False,
        ),  # behind one flag it begins with the 60th who writes, and goes on
        (KEPT + 1, AttemptStanding.OPENED, 1, True),
    ],
)
def test_a_kept_board_has_the_first_pages(
    writing: int, only: AttemptStanding | None, page: int, kept: bool
) -> None:
    whole = board_of(crowd(writing, 5, 1), T0)
    shown = whole.shortened().page(only, page, SIZE)
    assert shown == (whole.page(only, page, SIZE) if kept else None)


@pytest.mark.parametrize(("flags", "all_of_them"), [(KEPT, True), (KEPT + 1, False)])
def test_a_kept_board_knows_whether_it_names_every_flag(flags: int, all_of_them: bool) -> None:
    board = board_of(crowd(0, 0, flags), T0)
    assert board.has_all_flags
    assert board.shortened().has_all_flags is all_of_them


def test_the_graver_flag_comes_first() -> None:
    board = board_of([flagged(1), flagged(2, frames=3)], T0)
    assert [flag.attempt_id for flag in board.flags] == ["f0002", "f0001"]
    assert sorted(board.flags, key=lambda flag: flag.gravity) == list(board.flags)


def test_help_and_receipts_are_counted() -> None:
    asked = [HelpRequest(1, f"r{n}", HelpReason.OTHER, T0 - n) for n in range(2)]
    rows = [Listed(f"h{n}", help=request) for n, request in enumerate(asked)]
    rows += [
        Listed("a", announced=2, receipt=Receipt(for_all=1, personal=0, at=T0)),
        Listed("b", announced=1),
    ]
    board = board_of(rows, T0)
    assert (board.help, board.help_wanted) == (("h1", "h0"), 2)
    assert board.readers_of(1) == Readers(unread=1, read=1)
    assert board.readers_of(2) == Readers(unread=1, read=0)
    assert board.readers_of(3) == Readers()


def test_a_board_is_the_same_after_it_was_kept() -> None:
    board = board_of(crowd(70, 3, 2), T0).shortened()
    packed = msgspec.msgpack.encode(board)
    assert msgspec.msgpack.decode(packed, type=Board) == board


def test_the_largest_board_takes_few_units() -> None:
    rows = []
    for n in range(100):
        name = f"at_{n:028}"
        broken = Integrity(IntegrityState.FLAGGED, IntegrityRule.MISMATCH, (1, 2, 3))
        rows += [Listed(f"{name}o"), Listed(f"{name}w", started_at=1)]
        rows += [Listed(f"{name}s", started_at=1, submitted_at=2)]
        rows += [Listed(f"{name}f", started_at=1, integrity=broken)]
    packed = msgspec.msgpack.encode(board_of(rows, T0).shortened())
    assert len(packed) < 14 * 1024  # write units, twelve a minute at most
