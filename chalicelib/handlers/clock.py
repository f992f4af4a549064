"""The minute schedule. Nothing waits for it: any read closes an overdue attempt, admission looks at the clock."""

from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib.attempts import service as attempts
from chalicelib.exams import service as exams
from chalicelib.shared import clock, log

events = Blueprint(__name__)


@events.schedule(Rate(1, unit=Rate.MINUTES))
def run_minute(event: CloudWatchEvent) -> dict[str, Any]:
    """Open waiting rooms, close overdue attempts, look whether exams can be held, see orders through.

    Twice, late or skipped, the outcome is the same.
    """
    now = clock.now_ms()
    opened = exams.open_waiting_rooms(now=now)
    looked_at = attempts.close_overdue_attempts(now=now)
    preflights = exams.run_preflights(now=now)
    followed = attempts.follow_orders(now=now)
    done = {
        "waiting_rooms_opened": opened,
        "overdue": looked_at,
        "preflights": preflights,
        "orders_followed": followed,
    }
    log.event("minute", **done)
    return done
