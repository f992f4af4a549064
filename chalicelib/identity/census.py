"""How many people's faces are stored: from 100,000 on the law wants them filed (docs/privacy.md).

Counted once a day, some pages each minute, so that no run of the schedule gets long, however many there are.
"""

from collections.abc import Callable, Sequence

import msgspec

from chalicelib.identity import model, store
from chalicelib.shared import clock, log
from chalicelib.shared.turns import TimeSlice

PAGES_A_MINUTE = 20  # of 1 MB: 2 to 4 s


# From a place (empty: the beginning) to the end of a page: faces found, and the next place (empty: the end).
Counter = Callable[[str], tuple[int, str]]


def count_faces(
    *, now: int, elsewhere: Sequence[Counter] = (), turn: TimeSlice | None = None
) -> int:
    """Go on with today's count; returns the pages looked at. The whole is told as metric `StoredFaces`.

    Accounts are counted first, then what else holds faces; who is known in both ways counts twice. Two runs at once
    may look at the same page: one of them notes it. A day's metric may be told twice.
    """
    newest, counters = store.load_census(), (store.count_photos, *elsewhere)
    pages, turn = 0, turn or TimeSlice()
    while pages < PAGES_A_MINUTE and not turn.is_over():
        before = model.census_of(clock.china_day(now), newest)
        if before.done:
            break
        found, after = counters[before.place](before.after)
        place = before.place + (not after)
        census = msgspec.structs.replace(
            before,
            step=before.step + 1,
            place=place,
            after=after,
            counted=before.counted + found,
            done=place == len(counters),
        )
        if census.done:  # told before it is noted: a crash between tells it again
            log.metric("StoredFaces", census.counted)
        pages += 1
        if not store.note_census(census, newest):
            break
        newest = census
    return pages
