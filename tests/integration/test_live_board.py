"""The kept board of a large exam: one reader reads all rows for everybody who looks within some seconds."""

import re

import pytest

from chalicelib.attempts import board_store, index_store, watching
from chalicelib.attempts.board import CLAIM_MS, FEW, GOOD_FOR_MS, SHOWN_FOR_MS, Board, board_of
from chalicelib.attempts.model import Listed
from chalicelib.shared import table
from chalicelib.shared.settings import settings
from tests.clock import T0, StandingClock
from tests.console import Widget
from tests.faults import everything_stored, rows
from tests.integration.candidates import EXAM, Candidate


class Index:
    """Stands for the index: so many attempts that write, and how often all of them were read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        self.rows = [Listed(f"at_{n}", started_at=1) for n in range(number)]
        self.reads = 0
        monkeypatch.setattr(index_store, "list_of_exam", self._read)

    def _read(self, exam_id: str) -> list[Listed]:
        self.reads += 1
        return list(self.rows)


@pytest.fixture
def large(aws: None, monkeypatch: pytest.MonkeyPatch) -> Index:
    return Index(monkeypatch, FEW + 1)


def look(now: int) -> Board:
    return watching.look_at_board(exam_id=EXAM, now=now)


@pytest.mark.parametrize(("number", "reads"), [(FEW, 2), (FEW + 1, 1)])
def test_only_the_board_of_a_large_exam_is_kept(
    aws: None, monkeypatch: pytest.MonkeyPatch, number: int, reads: int
) -> None:
    index = Index(monkeypatch, number)
    assert look(T0).total == look(T0 + 1).total == number
    assert index.reads == reads
    assert bool(rows("PASSING_TABLE")) is (number > FEW)


@pytest.mark.parametrize(
    ("age", "reads"), [(GOOD_FOR_MS - 1, 1), (GOOD_FOR_MS, 2), (GOOD_FOR_MS + 1, 2)]
)
def test_a_kept_board_is_good_for_some_seconds(large: Index, age: int, reads: int) -> None:
    look(T0)
    large.rows.append(Listed("at_new"))
    board = look(T0 + age)
    assert large.reads == reads
    assert board.total == FEW + reads
    assert board.read_at == (T0 if reads == 1 else T0 + age)


def test_while_one_reads_the_others_see_the_older_one(large: Index) -> None:
    look(T0)
    now = T0 + GOOD_FOR_MS
    assert board_store.claim_reading(EXAM, now)
    assert look(now).read_at == T0
    assert large.reads == 1


@pytest.mark.parametrize(
    ("later", "reads"), [(CLAIM_MS - 1, 1), (CLAIM_MS, 1), (CLAIM_MS + 1, 2), (SHOWN_FOR_MS, 2)]
)
def test_who_dies_while_reading_holds_up_nobody(large: Index, later: int, reads: int) -> None:
    look(T0)
    assert board_store.claim_reading(EXAM, T0 + 1)  # and then nothing
    look(T0 + 1 + later)
    assert large.reads == reads


@pytest.mark.parametrize(("age", "reads"), [(SHOWN_FOR_MS - 1, 1), (SHOWN_FOR_MS, 2)])
def test_a_board_that_is_too_old_is_shown_to_nobody(large: Index, age: int, reads: int) -> None:
    look(T0)
    assert board_store.claim_reading(EXAM, T0 + age - 1)
    look(T0 + age)
    assert large.reads == reads


def test_a_slow_reader_does_not_replace_a_newer_board(large: Index) -> None:
    look(T0 + 2)
    board_store.keep_board(EXAM, board_of([], T0 + 1))
    board_store.keep_board(EXAM, board_of([], T0 + 2))
    assert look(T0 + 3).total == FEW + 1
    board_store.keep_board(EXAM, board_of([], T0 + 3))
    assert look(T0 + 3).total == 0


@pytest.mark.parametrize("kept", [b"", b"\xc1", b"\x80"])
def test_a_board_that_cannot_be_read_is_made_anew(large: Index, kept: bytes) -> None:
    key = {"pk": f"board#{EXAM}"}
    table.put(settings().passing_table, {**key, "board": kept, "read_at": T0})
    assert look(T0 + 1).total == FEW + 1
    assert look(T0 + 2).read_at == T0 + 1


def test_a_table_that_takes_no_board_stops_nobody(
    large: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise table.Unavailable("service_busy", retry_after_s=2)

    monkeypatch.setattr(table, "update", busy)
    assert look(T0).total == FEW + 1


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.attempts.board.FEW", 0)
    monkeypatch.setattr("chalicelib.attempts.board.KEPT", 0)


def test_the_page_says_how_old_its_board_is_and_reads_what_it_does_not_keep(
    writing: Candidate, clock: StandingClock, everything_is_large: None
) -> None:
    first = Widget().open("live")
    stored = everything_stored()
    clock.advance(s=10)
    later = Widget().open("live")
    told = re.search(r"数据截至 [0-9: -]+", first.text)
    assert told is not None
    assert told[0] in later.text
    assert len(later.actions("查看")) == 1
    assert everything_stored() == stored
    clock.advance(s=5)
    assert told[0] not in Widget().open("live").text


def test_a_flag_that_was_handled_meanwhile_is_not_offered_again(
    flagged: Candidate, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.attempts.board.FEW", 0)
    before = Widget().open("flags")
    assert len(before.actions("处理")) == 1
    before.click("处理").type(operator="李运营", reason="画面里是本人").click("不属实（清除标记）")
    assert "没有待核实的监考标记" in Widget().open("flags").text
