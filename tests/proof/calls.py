"""Intercepts every AWS call of this process, by the product's own calls or by any client of boto3."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

from botocore.client import BaseClient

from chalicelib.shared.aws import calls


@dataclass(frozen=True)
class Call:
    """One call, such as `dynamodb` `UpdateItem`, with its parameters."""

    service: str
    operation: str
    request: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.service}.{self.operation}"


Send = Callable[[], Any]


@contextlib.contextmanager
def through(gate: Callable[[Call, Send], Any]) -> Iterator[None]:
    """Pass each call to `gate(call, send)`, which decides whether to send it."""
    make = BaseClient._make_api_call

    def pass_the_gate(self: Any, operation: str, request: dict[str, Any]) -> Any:
        call = Call(self.meta.service_model.service_name, operation, request)
        return gate(call, lambda: make(self, operation, request))

    make_directly = calls.call

    def pass_directly(service: str, operation: str, request: dict[str, Any]) -> Any:
        call = Call(service, operation, request)
        return gate(call, lambda: make_directly(service, operation, request))

    with (
        mock.patch.object(BaseClient, "_make_api_call", pass_the_gate),
        mock.patch.object(calls, "call", pass_directly),
    ):
        yield
