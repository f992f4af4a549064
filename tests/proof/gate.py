"""A gate at which requests wait before each AWS call, so that a test decides in which order they go on.

One request runs at a time, from one call to the next: DynamoDB is atomic per call, so these are all the
orders that there are, and the same choices always give the same run.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.proof import calls, extent
from tests.proof.copies import in_a_copy

T = TypeVar("T")
SAMPLED = 4  # orders of one race, where not all are tried
MOST_REQUESTS, MOST_CHOICES = 6, 40  # a choice is taken modulo how many wait; 3 or 2 of them do
_PATIENCE_S = 60  # a request that neither asks nor ends hangs: never waited for in a good run


@dataclass
class Order:
    """Choices among the requests that wait: as given, then always the first. Remembers what there was."""

    given: list[int] = field(default_factory=list)
    taken: list[tuple[int, int]] = field(default_factory=list)  # choice, how many there were

    def choose(self, waiting: int) -> int:
        """Which one goes on; where only one waits, nothing is chosen."""
        if waiting == 1:
            return 0
        number = len(self.taken)
        choice = self.given[number] % waiting if number < len(self.given) else 0
        self.taken.append((choice, waiting))
        return choice

    def next(self) -> list[int] | None:
        """The choices of the next order, when all are to be tried; None after the last."""
        choices = list(self.taken)
        while choices:
            choice, waiting = choices.pop()
            if choice + 1 < waiting:
                return [before for before, _ in choices] + [choice + 1]
        return None


class _Runner:
    """One request in a thread of its own; it moves only while `go_on` is given to it."""

    def __init__(self, request: Callable[[], Any], waits: Callable[[calls.Call], bool]) -> None:
        self._request, self.waits = request, waits
        self._may_go, self._stands = threading.Semaphore(0), threading.Semaphore(0)
        self.ended, self.outcome, self.error = False, None, None
        self.log: list[str] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        _here.runner = self
        self._may_go.acquire()
        try:
            self.outcome = self._request()
        except BaseException as error:
            self.error = error
        self.ended = True
        self._stands.release()

    def wait_at(self, call: calls.Call) -> None:
        """Called in the request's own thread."""
        self.log.append(str(call))
        self._stands.release()
        self._may_go.acquire()

    def go_on(self) -> None:
        """Let it run to its next call, or to its end."""
        self._may_go.release()
        if not self._stands.acquire(timeout=_PATIENCE_S):
            raise AssertionError(f"a request hangs after {self.log}")


_here = threading.local()


def _wait(call: calls.Call, send: calls.Send) -> Any:
    runner = getattr(_here, "runner", None)
    if runner is not None and runner.waits(call):
        runner.wait_at(call)
    return send()


def run_in_order(
    requests: list[Callable[[], Any]],
    order: Order,
    waits: Callable[[calls.Call], bool] = lambda _: True,
) -> list[Any]:
    """Run requests at once, their calls in this order; returns their outcomes, raises what one raised.

    Calls that `waits` leaves out go on with the one before them.
    """
    with calls.through(_wait):
        runners = [_Runner(request, waits) for request in requests]
        for runner in runners:  # up to the first call nothing is shared
            runner.go_on()
        while waiting := [runner for runner in runners if not runner.ended]:
            waiting[order.choose(len(waiting))].go_on()
    for runner in runners:
        if runner.error is not None:
            raise runner.error
    return [runner.outcome for runner in runners]


def orders(run: Callable[[Order], T], name: str) -> Iterator[T]:
    """Do something in every order there is; unless everything is tried, in a sample of `SAMPLED` orders."""
    if extent.EVERYTHING:
        yield from every_order(run)
        return
    dice = extent.dice(name)
    yield in_a_copy(lambda: run(Order()))  # one after the other
    for _ in range(SAMPLED - 1):
        choices = [dice.randrange(MOST_REQUESTS) for _ in range(MOST_CHOICES)]
        yield in_a_copy(lambda given=choices: run(Order(given)))


def every_order(run: Callable[[Order], T]) -> Iterator[T]:
    """Do something in every order there is, each time in a copy of this process."""
    choices: list[int] | None = []
    while choices is not None:
        order = Order(choices)

        def try_it(order: Order = order) -> tuple[T, Order]:
            return run(order), order

        outcome, order = in_a_copy(try_it)
        yield outcome
        choices = order.next()
