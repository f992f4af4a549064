"""The only clock. Handlers read it and pass `now` on; services and rules do not read it.

All moments are UTC milliseconds since 1970.
"""

import datetime
import time

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
CHINA = datetime.timezone(datetime.timedelta(hours=8), "Asia/Shanghai")

_offset_ms = 0


def now_ms() -> int:
    """Return the present moment (UTC ms)."""
    return time.time_ns() // 1_000_000 + _offset_ms


def set_offset_ms(offset_ms: int) -> None:
    """Set how far this clock runs ahead of the machine's clock. The embedded cloud uses it to shorten an exam day."""
    global _offset_ms
    _offset_ms = offset_ms


def china_day(now: int) -> str:
    """Return the calendar day in China, `YYYYMMDD`. Daily limits count by it."""
    return china_date(now).strftime("%Y%m%d")


def china_date(moment: int) -> datetime.date:
    """Return the day in China of a moment."""
    return _in_china(moment).date()


def china_text(moment: int, form: str) -> str:
    """Return a moment as a clock in China shows it. `form`: as for `strftime`."""
    return _in_china(moment).strftime(form)


def _in_china(moment: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(moment / 1000, CHINA)
