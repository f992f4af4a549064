"""Parts that share a run: each has its time, whatever the others do; unused time goes to those that need it."""

import itertools

import pytest

from chalicelib.shared.time_slices import Part, TimeSlice, take_turns

MINUTE = 60_000
SHARE, WHOLE = 4_000, 42_000


class Clock:
    """Stands still but where a test lets time pass."""

    def __init__(self, now: int = 0) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def endless(clock: Clock, step_ms: int) -> Part:
    """A part with more to do than there is ever time for; each step takes as long. Counts its steps."""

    def go(time_slice: TimeSlice) -> int:
        steps = 0
        while not time_slice.is_over():
            clock.now += step_ms
            steps += 1
        return steps

    return go


def work_off(clock: Clock, items: list[str], step_ms: int) -> Part:
    """A part that takes items off a list."""

    def go(time_slice: TimeSlice) -> int:
        done = 0
        for item in time_slice.each(list(items), str):
            clock.now += step_ms
            items.remove(item)
            done += 1
        return done

    return go


def quick(log: list[str], name: str) -> Part:
    def go(_: TimeSlice) -> int:
        log.append(name)
        return 1

    return go


def run(parts: dict[str, Part], clock: Clock) -> tuple[dict[str, int | None], list[str]]:
    return take_turns(parts, clock, share_ms=SHARE, whole_ms=WHOLE)


@pytest.mark.parametrize("minute", range(10))
def test_who_stands_behind_an_endless_part_has_its_turn_every_minute(minute: int) -> None:
    clock, seen = Clock(minute * MINUTE), list[str]()
    parts = {"endless": endless(clock, 100)} | {n: quick(seen, n) for n in "abcdefgh"}
    done, behind = run(parts, clock)
    assert sorted(seen) == list("abcdefgh")
    assert behind == ["endless"]
    assert done["endless"] == WHOLE // 100  # all the time that the others leave


@pytest.mark.parametrize("minute", range(9))
def test_even_when_all_others_are_endless(minute: int) -> None:
    clock, seen = Clock(minute * MINUTE), list[str]()
    parts = {n: endless(clock, 100) for n in "abcdefgh"} | {"last": quick(seen, "last")}
    done, behind = run(parts, clock)
    assert (seen, sorted(behind)) == (["last"], list("abcdefgh"))
    each = [done[n] or 0 for n in "abcdefgh"]
    assert min(each) >= SHARE // 100
    assert max(each) - min(each) <= 1
    assert clock.now - minute * MINUTE <= WHOLE + 100


@pytest.mark.parametrize("backlog", [1, 39, 40, 41, 419, 420, 421, 2_000])
def test_a_backlog_shrinks_over_the_minutes_and_nobody_waits_for_it(backlog: int) -> None:
    """Around one share (40 steps of 100 ms) and a whole run (420)."""
    clock, seen = Clock(), list[str]()
    items = [f"item {n}" for n in range(backlog)]
    parts = {"backlog": work_off(clock, items, 100), "other": quick(seen, "other")}
    for minute in range(-(-backlog // 420)):
        assert items
        clock.now = minute * MINUTE
        run(parts, clock)
        assert seen == ["other"] * (minute + 1)
    assert items == []


def test_what_overstays_in_one_minute_stands_elsewhere_in_the_next() -> None:
    """Each step of some takes 10 s, as in an outage: not all have a time_slice each minute, but each has one soon."""
    clock = Clock()
    seen: dict[str, list[int]] = {name: [] for name in "abcdefghi"}

    def slow(name: str) -> Part:
        steps = endless(clock, 10_000)

        def go(time_slice: TimeSlice) -> int | None:
            seen[name].append(clock.now // MINUTE)
            return steps(time_slice)

        return go

    parts = {name: slow(name) for name in seen}
    for minute in range(18):
        clock.now = minute * MINUTE
        run(parts, clock)
        assert clock.now - minute * MINUTE < 55_000  # what the function has
    for minutes in seen.values():
        turns = sorted(set(minutes))
        assert len(turns) >= 8
        assert max(b - a for a, b in itertools.pairwise(turns)) <= 6


def test_a_part_that_failed_stays_failed_and_has_no_second_turn() -> None:
    clock, calls = Clock(), list[int]()

    def failing(time_slice: TimeSlice) -> None:
        calls.append(1)

    done, behind = run({"fails": failing, "endless": endless(clock, 100)}, clock)
    assert (done["fails"], behind, len(calls)) == (None, ["endless"], 1)


@pytest.mark.parametrize(("passes_ms", "over"), [(999, False), (1_000, True), (1_001, True)])
def test_a_turn_is_over_at_its_end(passes_ms: int, over: bool) -> None:
    clock = Clock(5_000)
    time_slice = TimeSlice(clock, until=6_000)
    assert not time_slice.is_over()
    clock.now += passes_ms
    assert time_slice.is_over() is time_slice.cut is over


def test_without_an_end_there_is_all_the_time() -> None:
    time_slice = TimeSlice()
    assert len(list(time_slice.each(["a", "b"], str))) == 2
    assert not time_slice.cut


def test_a_turn_that_just_suffices_is_not_cut() -> None:
    clock = Clock()
    time_slice = TimeSlice(clock, until=200)
    for _ in time_slice.each(["a", "b"], str):
        clock.now += 100
    assert not time_slice.cut


def test_each_turn_has_another_order_so_that_none_always_stands_last() -> None:
    names = [f"at_{n}" for n in range(50)]

    def order(number: int) -> list[str]:
        return list(TimeSlice(number=number).each(names, str))

    assert order(1) == order(1) != order(2)
    assert sorted(order(1)) == sorted(names)
    firsts: set[str] = set()
    for number in range(100):
        firsts.update(order(number)[:5])
    assert firsts == set(names)
