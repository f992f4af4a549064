"""A candidate of the example exam behind moto, for the benchmarks that count what calls cost."""

import contextlib
import io
import pathlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

PICTURES = pathlib.Path(__file__).parent.parent / "var/pictures"


@contextlib.contextmanager
def enrolled(minutes_before: int, **files: bytes) -> Iterator[tuple[Any, Any]]:
    """Give a candidate with an accepted photo, so many minutes before the start, and the clock, which stands still.

    `files`: replace files of the example pack. What the product logs is thrown away.
    """
    from chalicelib.shared import clock as product_clock
    from tests import cloud, environment
    from tests.api import Api, publish
    from tests.clock import T0, StandingClock
    from tests.integration.candidates import Candidate

    environment.set_environment()
    clock = StandingClock(T0 - minutes_before * 60_000)
    with (
        cloud.running(),
        contextlib.redirect_stdout(io.StringIO()),
        mock.patch.object(product_clock, "now_ms", lambda: clock.now),
    ):
        assert publish("agency-practitioners", T0, **files)["ok"]
        person = Candidate(Api(clock), str(PICTURES))
        person.enrol()
        yield person, clock
