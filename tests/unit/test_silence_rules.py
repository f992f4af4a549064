"""A page that falls silent: what counts, what is noted, and what the stamp in between can say."""

import msgspec
import pytest

from chalicelib.attempts import silence
from chalicelib.attempts.model import Silences, Status
from chalicelib.attempts.silence import FellSilent, Stamp
from tests.unit.attempts import T0, attempt, started

BEAT = 30_000
NEVER = Silences()


@pytest.mark.parametrize(("ms", "times"), [(0, 0), (89_999, 0), (90_000, 0), (90_001, 1)])
def test_more_than_three_beats_without_a_word_are_one_silence(ms: int, times: int) -> None:
    found = silence.heard(Stamp(1, T0, BEAT, NEVER), T0 + ms)
    assert found == Silences(times, ms if times else 0)


def test_the_longest_one_is_kept() -> None:
    known = Silences(2, 200_000)
    assert silence.heard(Stamp(1, T0, BEAT, known), T0 + 91_000) == Silences(3, 200_000)
    assert silence.heard(Stamp(1, T0, BEAT, known), T0 + 201_000) == Silences(3, 201_000)


def test_without_a_stamp_nothing_is_known() -> None:
    assert silence.heard(None, T0) is None
    assert silence.note(started(), None) == ()


def test_the_waiting_room_counts_no_silence() -> None:
    waiting = silence.stamp(attempt(status=Status.OPENED), 1, None, T0)
    assert silence.heard(waiting, T0 + 3_600_000) == NEVER


def test_what_is_not_written_yet_is_carried_on() -> None:
    running = started()
    first = silence.stamp(running, 1, None, T0)
    heard = silence.heard(first, T0 + 100_000)
    second = silence.stamp(running, 1, heard, T0 + 100_000)
    assert second == Stamp(1, T0 + 100_000, BEAT, Silences(1, 100_000))
    later = silence.heard(second, T0 + 110_000)
    assert silence.note(running, later) == (FellSilent(silences=Silences(1, 100_000)),)


def test_a_late_request_takes_nothing_back() -> None:
    known = msgspec.structs.replace(started(), silences=Silences(3, 300_000))
    assert silence.note(known, Silences(3, 400_000)) == ()
    assert silence.note(known, Silences(2, 100_000)) == ()
    assert silence.note(known, Silences(4, 300_000)) == (FellSilent(silences=Silences(4, 300_000)),)
    assert silence.stamp(known, 1, Silences(1, 1), T0).silences == Silences(3, 300_000)
    assert silence.stamp(known, 2, None, T0).silences == Silences(3, 300_000)
