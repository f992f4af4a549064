"""The live board of an exam: how many attempts stand where, and who comes first. Pure.

It is made from the index rows of all attempts of the exam. Of a large exam it is kept for some seconds, without the
end of its long lists, so that not everybody who looks reads all rows again.
"""

import itertools
import math
from collections.abc import Iterable

import msgspec

from chalicelib.attempts import overview
from chalicelib.attempts.model import Listed
from chalicelib.attempts.overview import AttemptStanding
from chalicelib.shared.clock import SECOND_MS

FEW = 2_000  # attempts of which the board is made anew for each look: 32 read units
GOOD_FOR_MS = 15 * SECOND_MS
CLAIM_MS = 30 * SECOND_MS  # as long as a function that reads may run
SHOWN_FOR_MS = GOOD_FOR_MS + CLAIM_MS  # an older one is not shown even while somebody reads
KEPT = 60  # ids of each list: three pages


class Flag(msgspec.Struct, frozen=True, array_like=True):
    """One flagged attempt, and how grave its broken rule is: the lower, the graver."""

    attempt_id: str
    gravity: tuple[int, int]


class Readers(msgspec.Struct, frozen=True, array_like=True):
    """How many have an announcement to everybody and have not confirmed it, and how many have."""

    unread: int = 0
    read: int = 0


class Board(msgspec.Struct, frozen=True):
    """The attempts of an exam as they were at `read_at` (UTC ms).

    `counts`: attempts in each standing, by its value. `first`: their ids, in the order of `overview.urgent_first`.
    `flags`: those of the flagged ones with their gravity. `gaps`: frames of submitted attempts that we failed to judge.
    `help`: ids of the attempts with an open request, the one that waits longest first, and `help_wanted` their number.
    `readers`: of the first announcement, the second … up to the newest that anybody has.
    """

    read_at: int
    counts: dict[str, int]
    first: dict[str, tuple[str, ...]]
    flags: tuple[Flag, ...] = ()
    gaps: int = 0
    help: tuple[str, ...] = ()
    help_wanted: int = 0
    readers: tuple[Readers, ...] = ()

    @property
    def total(self) -> int:
        """The number of attempts."""
        return sum(self.counts.values())

    def count(self, only: AttemptStanding | None) -> int:
        """Return the number of attempts with this standing; None: of all."""
        return self.total if only is None else self.counts.get(only.value, 0)

    def readers_of(self, number: int) -> Readers:
        """Return how many have read one announcement to everybody."""
        return self.readers[number - 1] if number <= len(self.readers) else Readers()

    @property
    def has_all_flags(self) -> bool:
        """Whether `flags` names every flagged attempt."""
        return len(self.flags) == self.count(AttemptStanding.FLAGGED)

    def page(
        self, only: AttemptStanding | None, number: int, size: int
    ) -> tuple[tuple[str, ...], int, int] | None:
        """Return the ids of one page of the list, the number of that page and of all pages, as `overview.cut` does.

        None when the board does not keep so much of its list.
        """
        pages = max(1, math.ceil(self.count(only) / size))
        here = min(max(1, number), pages)
        begin, end = (here - 1) * size, min(here * size, self.count(only))
        ids: list[str] = []
        for standing in AttemptStanding if only is None else (only,):
            count, known = self.counts.get(standing.value, 0), self.first.get(standing.value, ())
            wanted = range(max(0, begin), max(0, min(end, count)))
            if wanted and wanted[-1] >= len(known):
                return None
            ids += [known[place] for place in wanted]
            begin, end = begin - count, end - count
        return tuple(ids), here, pages

    def shortened(self) -> "Board":
        """Return what is kept of it."""
        return msgspec.structs.replace(
            self,
            first={standing: ids[:KEPT] for standing, ids in self.first.items()},
            flags=self.flags[:KEPT],
            help=self.help[:KEPT],
        )


def board_of(rows: Iterable[Listed], now: int) -> Board:
    """Return the whole board of an exam from the index rows of all its attempts."""
    rows = list(rows)
    ordered = itertools.groupby(overview.urgent_first(rows), key=overview.standing)
    lists = {standing: list(listed) for standing, listed in ordered}
    waiting = overview.waiting_for_help(rows)
    newest = max((row.announced for row in rows), default=0)
    read_by = [overview.readers(rows, number) for number in range(1, newest + 1)]
    return Board(
        read_at=now,
        counts={standing.value: len(listed) for standing, listed in lists.items()},
        first={
            standing.value: tuple(row.attempt_id for row in listed)
            for standing, listed in lists.items()
        },
        flags=tuple(
            Flag(row.attempt_id, overview.gravity(row))
            for row in lists.get(AttemptStanding.FLAGGED, ())
        ),
        gaps=sum(len(row.integrity.gaps) for row in rows if row.submitted_at is not None),
        help=tuple(row.attempt_id for row in waiting),
        help_wanted=len(waiting),
        readers=tuple(Readers(len(unread), len(read)) for unread, read in read_by),
    )
