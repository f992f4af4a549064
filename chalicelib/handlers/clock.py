"""The minute schedule. Nothing waits for it: any read closes an overdue attempt, admission looks at the clock."""

from collections.abc import Callable
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib.attempts import events as attempts
from chalicelib.attempts import ordering
from chalicelib.cases import notices
from chalicelib.cases import service as cases
from chalicelib.exams import roster_photos
from chalicelib.exams import service as exams
from chalicelib.identity import census
from chalicelib.results import service as certificates
from chalicelib.shared import clock, log
from chalicelib.shared.turns import Part, TimeSlice, take_turns

events = Blueprint(__name__)


# The function ends after 55 s, and what is under way when its time is over may take 10 s more (by then an outage is
# told: chalicelib/shared/clients.py). Nine parts with 4 s each leave 6 of these 42 s to those that have more to do,
# and nearly all of them where nothing is amiss.
WHOLE_MS, SHARE_MS = 42_000, 4_000


@events.schedule(Rate(1, unit=Rate.MINUTES))
def run_minute(event: CloudWatchEvent) -> dict[str, Any]:
    """Open waiting rooms, close overdue attempts, look whether exams can be held, see decisions and orders
    through, bring certificates in line, send what is unsent.

    Twice, late or skipped, the outcome is the same. Each part has a time of its own; what it leaves is done by the
    next minutes.
    """
    now = clock.now_ms()
    parts: dict[str, Callable[[TimeSlice], int]] = {
        "waiting_rooms_opened": lambda turn: exams.open_waiting_rooms(now=now, turn=turn),
        "overdue": lambda turn: attempts.close_overdue_attempts(now=clock.now_ms, turn=turn),
        "preflights": lambda turn: exams.run_preflights(now=now, turn=turn),
        "orders_followed": lambda turn: ordering.follow_orders(now=now, turn=turn),
        "decisions_finished": lambda turn: cases.finish_decisions(now=now, turn=turn),
        "outcomes_followed": lambda turn: certificates.follow_marked(now=now, turn=turn),
        "documents_ordered": lambda turn: certificates.order_documents_again(now=now, turn=turn),
        "notices_sent": lambda turn: notices.send_waiting(now=clock.now_ms, turn=turn),
        "pages_counted": lambda turn: census.count_faces(
            now=now, elsewhere=[roster_photos.count_page], turn=turn
        ),
    }
    alone = {name: _alone(work) for name, work in parts.items()}
    done, behind = take_turns(alone, clock.now_ms, share_ms=SHARE_MS, whole_ms=WHOLE_MS)
    log.event("minute", **done, behind=behind)
    return done


def _alone(work: Callable[[TimeSlice], int]) -> Part:
    """One part of the minute: whatever is wrong with it, the others must be done."""

    def go(turn: TimeSlice) -> int | None:
        try:
            return work(turn)
        except Exception as error:
            log.crash(error)
            log.metric("MinuteFailed", 1)
            return None

    return go
