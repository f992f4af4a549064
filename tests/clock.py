"""A clock that moves only when a test moves it."""

import pytest

from chalicelib.shared import clock

T0 = 1_800_000_000_000  # a full minute; the start of the exam in most tests


class StandingClock:
    """Moves only when told to."""

    def __init__(self, now: int) -> None:
        self.now = now

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Replace the product's clock by this one."""
        monkeypatch.setattr(clock, "now_ms", lambda: self.now)

    def advance(self, *, ms: int = 0, s: float = 0, minutes: float = 0) -> None:
        """Move the clock forward."""
        self.now += ms + round(s * 1000) + round(minutes * 60_000)
