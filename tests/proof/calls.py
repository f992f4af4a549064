"""Every AWS call of this process, whoever makes it and through whichever client."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

from botocore.client import BaseClient


@dataclass(frozen=True)
class Call:
    """One call: `dynamodb` `UpdateItem` and what was asked for."""

    service: str
    operation: str
    request: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.service}.{self.operation}"


Send = Callable[[], Any]


@contextlib.contextmanager
def through(gate: Callable[[Call, Send], Any]) -> Iterator[None]:
    """Let each call pass through `gate(call, send)`, which sends it or not."""
    make = BaseClient._make_api_call

    def pass_the_gate(self: Any, operation: str, request: dict[str, Any]) -> Any:
        call = Call(self.meta.service_model.service_name, operation, request)
        return gate(call, lambda: make(self, operation, request))

    with mock.patch.object(BaseClient, "_make_api_call", pass_the_gate):
        yield
