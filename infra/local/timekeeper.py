"""The virtual clock: the machine's clock plus an offset that only grows, and the minute schedule."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MINUTE_MS = 60_000
MOST_MINUTES = 24 * 60  # of one jump; an exam day is shorter


@dataclass(frozen=True)
class Jump:
    """How many minutes of the schedule a move of the clock ran and skipped."""

    minutes_run: int
    minutes_skipped: int


class Timekeeper:
    """Keeps the virtual time and calls `run_minute(moment_ms)` once for each of its minutes."""

    def __init__(self, file: Path, run_minute: Callable[[int], None]) -> None:
        self._file = file
        self._run_minute = run_minute
        self._moving = threading.Lock()
        kept = json.loads(file.read_text()) if file.exists() else {}
        self._offset_ms: int = kept.get("offset_ms", 0)
        self._last_minute: int = kept.get("last_minute", self.now_ms() // MINUTE_MS)

    def offset_ms(self) -> int:
        """Return how far virtual time is ahead of the machine's clock."""
        return self._offset_ms

    def now_ms(self) -> int:
        """Return the virtual time in UTC milliseconds."""
        return time.time_ns() // 1_000_000 + self._offset_ms

    def advance(self, by_ms: int, most_minutes: int = MOST_MINUTES) -> Jump:
        """Move the clock forward and run the schedule for each minute in between.

        Of a longer jump the first `most_minutes` minutes and the last one are run.
        """
        with self._moving:
            target = self.now_ms() + by_ms
            jump = self._run_until(target, most_minutes, step=True)
            self._set_offset(max(self._offset_ms, target - time.time_ns() // 1_000_000))
            return jump

    def catch_up(self) -> Jump:
        """Run the minutes that have passed since the last run, without moving the clock."""
        with self._moving:
            return self._run_until(self.now_ms(), MOST_MINUTES, step=False)

    def ms_to_next_minute(self) -> int:
        """Return the milliseconds until the next virtual minute."""
        return MINUTE_MS - self.now_ms() % MINUTE_MS

    def _run_until(self, target: int, most_minutes: int, *, step: bool) -> Jump:
        last = target // MINUTE_MS
        due = range(self._last_minute + 1, last + 1)
        chosen = [*due[:most_minutes], *due[most_minutes:][-1:]]
        for minute in chosen:
            if step:
                ahead = minute * MINUTE_MS - time.time_ns() // 1_000_000
                self._set_offset(max(self._offset_ms, ahead))
            self._run_minute(minute * MINUTE_MS)
            self._last_minute = minute
        if chosen:
            self._save()
        return Jump(len(chosen), len(due) - len(chosen))

    def _set_offset(self, offset_ms: int) -> None:
        self._offset_ms = offset_ms
        self._save()

    def _save(self) -> None:
        kept = {"offset_ms": self._offset_ms, "last_minute": self._last_minute}
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(kept))
        fresh.replace(self._file)
