"""The minute schedule. No rule depends on it: any read closes an overdue attempt, and admission checks the time."""

import functools
from collections.abc import Callable
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib.attempts import events as attempts
from chalicelib.attempts import ordering, readiness
from chalicelib.cases import notices
from chalicelib.cases import service as cases
from chalicelib.day_reports import service as day_reports
from chalicelib.exams import lists, roster_photos
from chalicelib.exams import service as exams
from chalicelib.identity import census
from chalicelib.own_records import service as own_records
from chalicelib.results import service as certificates
from chalicelib.shared import clock, log
from chalicelib.shared.time_slices import Part, TimeSlice, take_turns

events = Blueprint(__name__)


# The function is stopped after 55 s. A part that is at work when its time is over may take 10 s more, because a call
# of AWS then fails at the latest (chalicelib/shared/clients.py). Ten parts with 4 s each leave 2 of these 42 s to
# the parts that have more to do. On a normal minute nearly all of the time is left.
WHOLE_MS, SHARE_MS = 42_000, 4_000


@events.schedule(Rate(1, unit=Rate.MINUTES))
def run_minute(event: CloudWatchEvent) -> dict[str, Any]:
    """Do all work that is due. Returns how many records each part has handled.

    Opens waiting rooms, closes overdue attempts, checks whether exams can be held, finishes orders and decisions,
    takes exams that are over out of the current ones, updates certificates, sends unsent notices.
    A run may come twice, late or never: the next one does what is left.
    Each part has a time limit of its own.
    """
    isolated = {name: _isolated(work) for name, work in _parts(clock.now_ms()).items()}
    done, behind = take_turns(isolated, clock.now_ms, share_ms=SHARE_MS, whole_ms=WHOLE_MS)
    log.event("minute", **done, behind=behind)
    return done


def _parts(now: int) -> dict[str, Callable[[TimeSlice], int]]:
    """Return the parts of the minute by the names in its log line. Long ones read the clock again for each record.

    The current exams are read once, for all parts that look at them; a read that failed is tried again by the next.
    """
    listed = functools.cache(lists.list_current)
    return {
        "waiting_rooms_opened": lambda time: exams.open_waiting_rooms(
            now=now, time_slice=time, listed=listed
        ),
        "overdue": lambda time: attempts.close_overdue_attempts(now=clock.now_ms, time_slice=time),
        "preflights": lambda time: exams.run_preflights(
            now=now, take_notes=readiness.note_readiness, time_slice=time, listed=listed
        ),
        "orders_followed": lambda time: ordering.follow_orders(
            now=now, time_slice=time, listed=listed
        ),
        "exams_ended": lambda time: lists.move_ended(now=now, time_slice=time, listed=listed),
        "decisions_finished": lambda time: cases.finish_decisions(now=now, time_slice=time),
        "outcomes_followed": lambda time: certificates.follow_marked(now=now, time_slice=time),
        "documents_ordered": lambda time: (
            certificates.order_documents_again(now=now, time_slice=time)
            + day_reports.order_documents_again(now=now, time_slice=time)
            + own_records.call_again(now=now, time_slice=time)
        ),
        "notices_sent": lambda time: notices.send_waiting(now=clock.now_ms, time_slice=time),
        "pages_counted": lambda time: census.count_faces(
            now=now, elsewhere=[roster_photos.count_page], time_slice=time
        ),
    }


def _isolated(work: Callable[[TimeSlice], int]) -> Part:
    """Wrap one part so that its failure does not stop the others. A failed part returns None."""

    def go(time_slice: TimeSlice) -> int | None:
        try:
            return work(time_slice)
        except Exception as error:
            log.crash(error)
            log.metric("MinuteFailed", 1)
            return None

    return go
