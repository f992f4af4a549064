"""The one way to change a record: load it, decide by a pure rule, write under a condition, repeat after a lost race."""

from collections.abc import Callable
from typing import TypeVar

from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared.errors import Conflict

# how often a record is loaded and decided when others write at the same time (docs/data.md)
TRIES = 3

T = TypeVar("T")


class LostRace(Exception):
    """The record was changed by somebody else after it was loaded. Nothing was written."""


def decide(
    load: Callable[[], T],
    rule: Callable[[T], Outcomes],
    write: Callable[[T, Outcomes], T],
    *,
    tries: int = TRIES,
) -> T:
    """Load a record, let a rule decide, write its outcomes once; returns the record after the write.

    A rule that decides nothing writes nothing. After a lost race the record is loaded and decided again. Raises
    `Conflict` (`busy`) when every try loses, and what `load` and `rule` raise.
    """

    def step() -> T:
        record = load()
        outcomes = rule(record)
        return write(record, outcomes) if outcomes else record

    return retried(step, tries=tries)


def retried(step: Callable[[], T], *, tries: int = TRIES) -> T:
    """Do a step that loads and writes; do it again when it raises `LostRace`. Raises `Conflict`: `busy`."""
    for _ in range(tries):
        try:
            return step()
        except LostRace:
            continue
    raise Conflict("busy")
