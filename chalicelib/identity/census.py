"""The daily count of people whose face is stored. From 100,000 on the law demands a filing (docs/privacy.md).

Each minute counts a few pages, so that no run of the schedule takes long.
"""

from collections.abc import Callable, Sequence

import msgspec

from chalicelib.identity import model, store
from chalicelib.shared import clock, log
from chalicelib.shared.time_slices import TimeSlice

PAGES_A_MINUTE = 20  # of 1 MB: 2 to 4 s


# Counts one page that begins at a place ("": the beginning); returns the faces on it and the next place ("": the end).
Counter = Callable[[str], tuple[int, str]]


def count_faces(
    *, now: int, elsewhere: Sequence[Counter] = (), time_slice: TimeSlice | None = None
) -> int:
    """Continue today's count; returns the number of pages that were read. The total is the metric `StoredFaces`.

    Accounts are counted first, then the other tables with faces. A person who is in both counts twice. When two runs
    read the same page, one of them notes it. The metric of a day may be written twice.
    """
    newest, counters = store.load_census(), (store.count_photos, *elsewhere)
    pages, time_slice = 0, time_slice or TimeSlice()
    while pages < PAGES_A_MINUTE and not time_slice.is_over():
        before = model.census_of(clock.china_day(now), newest)
        if before.done:
            break
        faces, after = counters[before.place](before.after)
        place = before.place + (not after)
        census = msgspec.structs.replace(
            before,
            step=before.step + 1,
            place=place,
            after=after,
            counted=before.counted + faces,
            done=place == len(counters),
        )
        if census.done:  # written before it is noted: after a crash in between it is written again
            log.metric("StoredFaces", census.counted)
        pages += 1
        if not store.note_census(census, newest):
            break
        newest = census
    return pages
