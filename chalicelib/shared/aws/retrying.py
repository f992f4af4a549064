"""When a call is tried again: the standard mode of AWS's SDKs, with its pauses and its quota."""

import random
import threading
import time
from collections.abc import Callable

import msgspec

TRIES = 3
CAPACITY = 500  # of the quota of one service
_COST, _COST_THROTTLED = 14, 5  # of one retry; without a retry a success gives 1 back
_BASE_S, _BASE_THROTTLED_S = (
    {"dynamodb": 0.025},
    1.0,
)  # the longest first pause; 0.05 s for other services
_LONGEST_S = 20.0
_LONGEST_FOR_REST_S = 0.4  # so that nine pauses of a batch take at most 2.4 s
_MORE_S = 5.0  # by how much AWS may extend a pause
_TRANSIENT_STATUS = {500, 502, 503, 504}
_TRANSIENT = {"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"}
_TRANSIENT |= {"ReplicatedWriteConflictException"}
_THROTTLED = {
    *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException"),
    *("TooManyRequestsException", "ProvisionedThroughputExceededException", "SlowDown"),
    *("TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded"),
    *("LimitExceededException", "RequestThrottled", "PriorRequestNotComplete"),
    "EC2ThrottledException",
}

jitter: Callable[[], float] = random.random
pause: Callable[[float], None] = time.sleep  # tests do not wait


class Failure(msgspec.Struct, frozen=True):
    """Why a try failed. `status`: 0 without a whole answer; `code`: of AWS's error; `wait_s`: what AWS asks for."""

    status: int = 0
    code: str = ""
    wait_s: float | None = None

    @property
    def is_throttling(self) -> bool:
        """Whether AWS wants fewer calls."""
        return self.code in _THROTTLED or self.status == 429

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed at once."""
        broken = not self.status or self.status in _TRANSIENT_STATUS
        return broken or self.code in _TRANSIENT or self.is_throttling


class Quota:
    """How much the calls of one service may be retried, so that an outage does not multiply the calls."""

    def __init__(self) -> None:
        self.left = CAPACITY
        self._lock = threading.Lock()

    def take(self, cost: int) -> bool:
        """Take the cost of a retry. Returns whether there was so much."""
        with self._lock:
            if cost > self.left:
                return False
            self.left -= cost
            return True

    def give(self, cost: int) -> None:
        """Give back after a success; never more than `CAPACITY`."""
        with self._lock:
            self.left = min(CAPACITY, self.left + cost)


_quotas = {service: Quota() for service in ("dynamodb", "secretsmanager")}


class Tries:
    """The tries of one call."""

    def __init__(self, service: str) -> None:
        self.number = 1
        self._service = service
        self._quota = _quotas[service]
        self._taken = 1

    def again(self, failure: Failure) -> bool:
        """Wait and return True when the call is to be tried again."""
        cost = _COST_THROTTLED if failure.is_throttling else _COST
        if self.number >= TRIES or not failure.passes or not self._quota.take(cost):
            return False
        pause(self._pause_s(failure))
        self._taken = cost
        self.number += 1
        return True

    def succeeded(self) -> None:
        """Give back what the last retry has taken."""
        self._quota.give(self._taken)

    def _pause_s(self, failure: Failure) -> float:
        base = _BASE_THROTTLED_S if failure.is_throttling else _BASE_S.get(self._service, 0.05)
        own: float = jitter() * min(base * 2 ** (self.number - 1), _LONGEST_S)
        if failure.wait_s is None:
            return own
        return max(own, min(failure.wait_s, own + _MORE_S))


def pause_before_rest(tried: int) -> None:
    """Wait before what a batch has left undone is asked for again. `tried`: how often it was asked for; 0: no pause.

    DynamoDB leaves undone what it is too busy for, without an error, so the tries of a call do not see it.
    """
    if tried:
        pause(jitter() * min(_BASE_S["dynamodb"] * 2 ** (tried - 1), _LONGEST_FOR_REST_S))


def forget() -> None:
    """Fill the quotas. Tests use it."""
    for quota in _quotas.values():
        quota.give(CAPACITY)
