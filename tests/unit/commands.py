"""An attempt with snapshots, for the tests of the pure rules."""

from chalicelib.attempts import watch
from chalicelib.attempts.model import Attempt
from chalicelib.kernel.outcomes import applied
from tests.unit.attempts import HOUR, T0


def asked(before: Attempt) -> Attempt:
    """All frames of the first hour were asked for."""
    return applied(before, watch.ask_for_all(before, T0 + HOUR))
