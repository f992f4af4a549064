"""A command of an operator, for the tests of the pure rules."""

from chalicelib.attempts import watch
from chalicelib.attempts.model import (
    Attempt,
)
from tests.unit.attempts import (
    HOUR,
    T0,
    after,
)


def asked(before: Attempt) -> Attempt:
    return after(before, watch.ask(before, T0 + HOUR, most=99))
