"""Failures of AWS below the retries: each try of a call can be refused, be lost, or lose its answer.

Nothing here waits. The time that a call would wait is added up.
"""

import contextlib
import enum
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber

from chalicelib.shared.aws import retrying, sending


class Fault(enum.Enum):
    """The failure of one try of one call."""

    THROTTLED = "ProvisionedThroughputExceededException"
    CONFLICT = "TransactionConflictException"
    SERVER_ERROR = "InternalServerError"
    NOT_CONNECTED = "connect timeout"
    LOST_BEFORE = "read timeout, nothing was done"
    LOST_AFTER = "read timeout, it was done"


@dataclass
class Weather:
    """Decides which tries fail, and adds up the seconds that a user would have waited."""

    fault: Fault
    strikes: Callable[[str, int], bool]  # `dynamodb.UpdateItem`, number of the try from 1 → fails?
    process: Callable[[Any, Any], Any]  # what answers a try that does not fail
    waited_s: float = 0
    tries: dict[str, int] = field(default_factory=dict)
    struck: int = 0
    last: str = ""  # operation of the last failed try

    def send(self, stubber: Any, request: Any) -> Any:
        """Send one try, or let it fail."""
        name = named(request)
        self.tries[name] = self.tries.get(name, 0) + 1
        if not self.strikes(name, self.tries[name]):
            return self.process(stubber, request)
        self.struck += 1
        self.last = name
        match self.fault:
            case Fault.NOT_CONNECTED:
                self.waited_s += sending.CONNECT_S
                raise ConnectTimeoutError(endpoint_url=request.url)
            case Fault.LOST_BEFORE:
                self.waited_s += sending.READ_S
                raise ReadTimeoutError(endpoint_url=request.url)
            case Fault.LOST_AFTER:
                self.process(stubber, request)
                self.waited_s += sending.READ_S
                raise ReadTimeoutError(endpoint_url=request.url)
        status = 500 if self.fault is Fault.SERVER_ERROR else 400
        return status, {}, _refusal(name, self.fault.value)

    def sleep(self, seconds: float) -> None:
        """Count the pause: a call waits at most 1 s before the second try and 2 s before the third."""
        self.waited_s += max(seconds, 1.5)


def named(request: Any) -> str:
    """Return service and operation of a request. For S3 the HTTP method takes the place of the operation."""
    target = request.headers.get("X-Amz-Target", b"")
    target = target.decode() if isinstance(target, bytes) else target
    service = request.url.split("//")[1].split(".amazonaws")[0].split(".")
    if target:
        return f"{service[0]}.{target.rpartition('.')[2]}"
    name = "s3" if "s3" in service else service[0]
    return f"{name}.{request.method}"


def _refusal(name: str, code: str) -> bytes:
    if name.startswith("s3"):
        return f"<Error><Code>{code}</Code><Message>a bad day</Message></Error>".encode()
    if name.startswith("sns"):
        inner = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>a bad day</Message></Error>"
        return f"<ErrorResponse>{inner}<RequestId>r</RequestId></ErrorResponse>".encode()
    return json.dumps({"__type": f"com.amazonaws#{code}", "message": "a bad day"}).encode()


@contextlib.contextmanager
def weather(fault: Fault, strikes: Callable[[str, int], bool]) -> Iterator[Weather]:
    """Let tries fail. `strikes` decides which."""
    bad = Weather(fault, strikes, BotocoreStubber.process_request)
    with (
        mock.patch.object(BotocoreStubber, "process_request", lambda s, r: bad.send(s, r)),
        mock.patch("botocore.endpoint.time", mock.Mock(sleep=bad.sleep)),
        mock.patch.object(retrying, "pause", bad.sleep),
    ):
        yield bad
