"""The one clock. Handlers read it and pass `now` on; services and rules never look themselves.

Times are UTC milliseconds since 1970, everywhere.
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
    """The present moment."""
    return time.time_ns() // 1_000_000 + _offset_ms


def set_offset_ms(offset_ms: int) -> None:
    """Run ahead of the machine's clock: the embedded cloud lives an exam day in five minutes."""
    global _offset_ms
    _offset_ms = offset_ms


def china_day(now: int) -> str:
    """The calendar day in China, `YYYYMMDD`: the day that daily limits mean."""
    return datetime.datetime.fromtimestamp(now / 1000, CHINA).strftime("%Y%m%d")
