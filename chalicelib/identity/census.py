"""How many people's faces are stored: from 100,000 on the law wants them filed (docs/privacy.md).

Counted once a day, some pages each minute, so that no run of the schedule gets long, however many there are.
"""

import msgspec

from chalicelib.identity import model, store
from chalicelib.shared import clock, log

PAGES_A_MINUTE = 20  # of 1 MB: 2 to 4 s


def count_faces(*, now: int) -> int:
    """Go on with today's count; returns the pages looked at. The whole is told as metric `StoredFaces`.

    Two runs at once may look at the same page: one of them notes it. A day's metric may be told twice.
    """
    newest = store.load_census()
    pages = 0
    while pages < PAGES_A_MINUTE:
        before = model.census_of(clock.china_day(now), newest)
        if before.done:
            break
        found, after = store.count_photos(before.after)
        census = msgspec.structs.replace(
            before,
            step=before.step + 1,
            after=after,
            counted=before.counted + found,
            done=not after,
        )
        if census.done:  # told before it is noted: a crash between tells it again
            log.metric("StoredFaces", census.counted)
        pages += 1
        if not store.note_census(census, newest):
            break
        newest = census
    return pages
