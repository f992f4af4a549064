from chalice.app import Blueprint, CloudWatchEvent, Rate

from chalicelib.shared import clock, notes

events = Blueprint(__name__)


@events.schedule(Rate(1, unit=Rate.MINUTES))
def run_minute(event: CloudWatchEvent) -> None:
    minute = clock.now_ms() // 60_000
    notes.note("minute", str(minute), event.to_dict())
