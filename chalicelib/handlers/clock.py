"""The minute schedule. No rule depends on it: any read closes an overdue attempt, and admission checks the time."""

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


# The function is stopped after 55 s. A part that is at work when its time is over may take 10 s more, because a call
# of AWS then fails at the latest (chalicelib/shared/clients.py). Nine parts with 4 s each leave 6 of these 42 s to
# the parts that have more to do. On a normal minute nearly all of the time is left.
WHOLE_MS, SHARE_MS = 42_000, 4_000


@events.schedule(Rate(1, unit=Rate.MINUTES))
def run_minute(event: CloudWatchEvent) -> dict[str, Any]:
    """Do all work that is due. Returns how many records each part has handled.

    Opens waiting rooms, closes overdue attempts, checks whether exams can be held, finishes orders and decisions,
    updates certificates, sends unsent notices. A run may come twice, late or never: the next one does what is left.
    Each part has a time limit of its own.
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
    """Wrap one part so that its failure does not stop the others. A failed part returns None."""

    def go(turn: TimeSlice) -> int | None:
        try:
            return work(turn)
        except Exception as error:
            log.crash(error)
            log.metric("MinuteFailed", 1)
            return None

    return go
