"""Two threads can both pass a condition in moto. The lock around its requests makes it as atomic as DynamoDB."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor

from chalicelib.shared import table
from tests import cloud
from tests.cloud import ENVIRONMENT
from tests.faults import at_once

KEY = {"pk": "budget#of#everybody"}


def take_a_place(most: int) -> bool:
    """Increase the counter unless it is `most` already, in one conditional write."""
    room = table.If().absent_or_below("n", most)
    try:
        table.update(ENVIRONMENT["PASSING_TABLE"], KEY, room, adds={"n": 1})
    except table.ConditionFailed:
        return False
    return True


def taken() -> Any:
    row = table.get(ENVIRONMENT["PASSING_TABLE"], KEY)
    return row["n"] if row else 0


class Meeting:
    """Starts a second request while moto is in the middle of the first. It also serves as the lock.

    The first continues as soon as the second has ended or waits for the lock, so no clock is needed.
    """

    def __init__(self) -> None:
        self._lock, self._second = threading.RLock(), threading.Thread(target=self._come)
        self._moved, self._met = threading.Event(), False

    def _come(self) -> None:
        take_a_place(1)
        self._moved.set()

    def __enter__(self) -> None:
        if threading.current_thread() is self._second:
            self._moved.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def in_the_middle(self) -> None:
        """Called when the condition held and nothing is written yet."""
        if not self._met:
            self._met = True
            self._second.start()
            self._moved.wait()

    def over(self) -> None:
        """Wait until both have ended."""
        self._second.join()


@contextlib.contextmanager
def meeting() -> Iterator[None]:
    """Start the second request when the condition of the first one held."""
    both = Meeting()
    execute = UpdateExpressionExecutor.execute

    def execute_slowly(self: Any, *args: Any) -> Any:
        both.in_the_middle()
        return execute(self, *args)

    with (
        mock.patch.object(cloud, "_one", both),
        mock.patch.object(UpdateExpressionExecutor, "execute", execute_slowly),
    ):
        yield
        both.over()


@pytest.mark.parametrize(
    ("locked", "count"),
    [(contextlib.nullcontext, 2), (cloud.one_request_at_a_time, 1)],
    ids=["without the lock", "with the lock"],
)
def test_of_two_who_take_the_last_place_at_once(aws: None, locked: Any, count: int) -> None:
    with locked(), meeting():
        take_a_place(1)
    assert taken() == count


def test_many_threads_never_take_more_places_than_there_are(aws: None) -> None:
    outcomes = at_once([lambda: take_a_place(10)] * 40)
    assert (sum(outcomes), taken()) == (10, 10)
