"""Time slices: the parts of one run each get their own time, so that no part blocks another."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from chalicelib.shared.clock import MINUTE_MS

T = TypeVar("T")


class TimeSlice:
    """The time that one piece of work has in a run; without `until` all the time it needs.

    `cut`: the time ended before the work was done. `number` distinguishes this slice from others.
    """

    def __init__(
        self, now: Callable[[], int] = lambda: 0, until: int | None = None, number: int = 0
    ) -> None:
        self._now, self._until, self._number = now, until, number
        self.cut = False

    def is_over(self) -> bool:
        """Whether the time is over. It is asked before each further step, while there is work left."""
        self.cut = self._until is not None and self._now() >= self._until
        return self.cut

    def each(self, items: Iterable[T], name: Callable[[T], str]) -> Iterator[T]:
        """Yield these items while there is time, in an order that differs from slice to slice.

        So an item that always fails or takes long does not always block the same others.
        """
        for item in sorted(items, key=lambda item: self._place(name(item))):
            if self.is_over():
                return
            yield item

    def _place(self, name: str) -> bytes:
        return hashlib.sha256(f"{self._number}/{name}".encode()).digest()


Part = Callable[[TimeSlice], int | None]


def take_turns(
    parts: Mapping[str, Part], now: Callable[[], int], *, share_ms: int, whole_ms: int
) -> tuple[dict[str, int | None], list[str]]:
    """Run all parts: each for at most `share_ms`, then the unfinished ones in the time that is left.

    No part begins after `whole_ms`. A part that takes too long uses the time of the parts after it, so each minute
    begins with another part. Parts do not raise. Returns the count of each part (None when it failed), and the names
    of the parts that were not done at the end.
    """
    run = _Run(parts, now, now() + whole_ms)
    minute, names = now() // MINUTE_MS, list(parts)
    first = minute % len(names)
    order = names[first:] + names[:first]
    left = [name for name in order if not run.go(name, share_ms, 2 * minute)]
    behind = []
    for place, name in enumerate(left):
        share = (run.end - now()) // (len(left) - place)
        if not run.go(name, share, 2 * minute + 1):
            behind.append(name)
    return run.counted, behind


class _Run:
    def __init__(self, parts: Mapping[str, Part], now: Callable[[], int], end: int) -> None:
        self.parts, self.now, self.end = parts, now, end
        self.counted: dict[str, int | None] = dict.fromkeys(parts, 0)

    def go(self, name: str, share_ms: int, number: int) -> bool:
        """Run a part for one time slice; returns whether it is done."""
        if self.now() >= self.end:
            return False
        time_slice = TimeSlice(self.now, min(self.end, self.now() + share_ms), number)
        counted, before = self.parts[name](time_slice), self.counted[name]
        self.counted[name] = None if counted is None or before is None else before + counted
        return not time_slice.cut
