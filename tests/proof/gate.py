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
SAMPLED = 4  # orders of one race in a sample
MOST_REQUESTS, MOST_CHOICES = (
    6,
    40,
)  # a choice is taken modulo the number of waiting requests, which is 3 or 2
_PATIENCE_S = (
    60  # a request that makes no call and does not end hangs; a good run never waits so long
)


@dataclass
class Order:
    """Chooses among the waiting requests: as given, then always the first. It keeps the number of alternatives."""

    given: list[int] = field(default_factory=list)
    taken: list[tuple[int, int]] = field(default_factory=list)  # (choice, number of alternatives)

    def choose(self, waiting: int) -> int:
        """Return the request that continues. With a single one there is no choice."""
        if waiting == 1:
            return 0
        number = len(self.taken)
        choice = self.given[number] % waiting if number < len(self.given) else 0
        self.taken.append((choice, waiting))
        return choice

    def next(self) -> list[int] | None:
        """Return the choices of the next order when all are tried, None after the last."""
        choices = list(self.taken)
        while choices:
            choice, waiting = choices.pop()
            if choice + 1 < waiting:
                return [before for before, _ in choices] + [choice + 1]
        return None


class _Runner:
    """One request in its own thread. It runs only after `go_on`, to its next call."""

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
        """Wait for `go_on`. It is called in the request's own thread."""
        self.log.append(str(call))
        self._stands.release()
        self._may_go.acquire()

    def go_on(self) -> None:
        """Let the request run to its next call or to its end."""
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
        for runner in runners:  # before its first call a request shares nothing
            runner.go_on()
        while waiting := [runner for runner in runners if not runner.ended]:
            waiting[order.choose(len(waiting))].go_on()
    for runner in runners:
        if runner.error is not None:
            raise runner.error
    return [runner.outcome for runner in runners]


def orders(run: Callable[[Order], T], name: str) -> Iterator[T]:
    """Yield the outcome of every order of a race, or of a sample of `SAMPLED` orders."""
    if extent.EVERYTHING:
        yield from every_order(run)
        return
    dice = extent.dice(name)
    yield in_a_copy(lambda: run(Order()))  # the requests one after another
    for _ in range(SAMPLED - 1):
        choices = [dice.randrange(MOST_REQUESTS) for _ in range(MOST_CHOICES)]
        yield in_a_copy(lambda given=choices: run(Order(given)))


def every_order(run: Callable[[Order], T]) -> Iterator[T]:
    """Yield the outcome of every order, each tried in a copy of this process."""
    choices: list[int] | None = []
    while choices is not None:
        order = Order(choices)

        def try_it(order: Order = order) -> tuple[T, Order]:
            return run(order), order

        outcome, order = in_a_copy(try_it)
        yield outcome
        choices = order.next()
