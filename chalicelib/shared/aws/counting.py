"""Counts the AWS calls of a request. Its log line shows the number."""

import contextvars
from collections import Counter

_calls: contextvars.ContextVar[Counter[str] | None] = contextvars.ContextVar("calls", default=None)


def count_calls() -> Counter[str]:
    """Count the AWS calls of this thread from now on, by operation; returns the counter."""
    counter: Counter[str] = Counter()
    _calls.set(counter)
    return counter


def count(operation: str) -> None:
    """Count one call, whose retries do not count."""
    counter = _calls.get()
    if counter is not None:
        counter[operation] += 1
