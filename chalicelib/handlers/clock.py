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

events = Blueprint(__name__)


@events.schedule(Rate(1, unit=Rate.MINUTES))
def run_minute(event: CloudWatchEvent) -> dict[str, Any]:
    """Open waiting rooms, close overdue attempts, look whether exams can be held, see decisions and orders
    through, bring certificates in line, send what is unsent.

    Twice, late or skipped, the outcome is the same.
    """
    now = clock.now_ms()
    done = {
        "waiting_rooms_opened": _alone(lambda: exams.open_waiting_rooms(now=now)),
        "overdue": _alone(lambda: attempts.close_overdue_attempts(now=clock.now_ms)),
        "preflights": _alone(lambda: exams.run_preflights(now=now)),
        "orders_followed": _alone(lambda: ordering.follow_orders(now=now)),
        "decisions_finished": _alone(lambda: cases.finish_decisions(now=now)),
        "outcomes_followed": _alone(lambda: certificates.follow_marked(now=now)),
        "documents_ordered": _alone(lambda: certificates.order_documents_again(now=now)),
        "notices_sent": _alone(lambda: notices.send_waiting(now=clock.now_ms)),
        "pages_counted": _alone(
            lambda: census.count_faces(now=now, elsewhere=[roster_photos.count_page])
        ),
    }
    log.event("minute", **done)
    return done


def _alone(work: Callable[[], int]) -> int | None:
    """Do one part of the minute: whatever is wrong with it, the others must be done."""
    try:
        return work()
    except Exception as error:
        log.crash(error)
        log.metric("MinuteFailed", 1)
        return None
