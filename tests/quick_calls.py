"""Calls about items of DynamoDB reach moto without the HTTP request that boto3 makes of each.

boto3 writes a call as JSON, finds its address, and reads the JSON of the answer; that takes longer than moto's work.
Here the parameters themselves go to moto, and its answer comes back as it is. What boto3 would refuse is refused by
boto3: a call that is not plainly right goes its whole way. `before-call` is the one event that is still told.

Retries are boto3's: a test in which the network fails asks for `whole_requests`.
"""

import contextlib
import dataclasses
import functools
import marshal
from collections.abc import Callable
from typing import Any
from unittest import mock

from botocore.awsrequest import HeadersDict
from botocore.client import BaseClient
from moto.core import responses
from moto.core.models import botocore_stubber
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.responses import DynamoHandler

ON_ITEMS = {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"}
ON_ITEMS |= {"BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"}
TARGET = "DynamoDB_20120810."

Check = Callable[[Any], bool]
_make: Any = BaseClient._make_api_call
_switch = {"on": True}


@dataclasses.dataclass(frozen=True)
class DirectRequest:
    """What moto's stubber gets instead of an HTTP request. Its answer has a value for the body, no bytes."""

    operation: str
    region: str
    params: dict[str, Any]
    url: str

    @property
    def headers(self) -> dict[str, str]:
        """The one header by which others see what this is."""
        return {"X-Amz-Target": TARGET + self.operation}

    def answer(self, handler: DynamoHandler) -> Any:
        """Status, headers and body, from moto's handler of this request."""
        handler.body = handler.params = self.params
        handler.direct = True  # quick_moto gives the answer as it is
        return responses.BaseResponse.call_action(handler)


def install() -> None:
    """Send calls about items directly from now on."""

    def call(self: Any, operation: str, params: dict[str, Any]) -> Any:
        plain = _plain_params(self, operation, params) if _is_short(self, operation) else None
        return _make(self, operation, params) if plain is None else _send(self, operation, plain)

    BaseClient._make_api_call = call


def whole_requests() -> contextlib.AbstractContextManager[Any]:
    """Let each call make its HTTP request, with boto3's retries."""
    return mock.patch.dict(_switch, on=False)


def _is_short(client: Any, operation: str) -> bool:
    if operation not in ON_ITEMS or not (_switch["on"] and botocore_stubber.enabled):
        return False
    return (
        ".amazonaws.com" in client.meta.endpoint_url
        and client.meta.service_model.service_name == "dynamodb"
    )


def _plain_params(client: Any, operation: str, params: dict[str, Any]) -> Any:
    """A copy of the parameters; None when boto3 has to look at them."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    if not _checks(client.meta.service_model)(shape)(params):
        return None
    return marshal.loads(marshal.dumps(params))


def _send(client: Any, operation: str, params: dict[str, Any]) -> Any:
    model = client.meta.service_model.operation_model(operation)
    told = {"headers": {}, "context": {}, "body": b"", "url": client.meta.endpoint_url}
    _, refused = client.meta.events.emit_until_response(
        f"before-call.dynamodb.{operation}",
        model=model,
        params=told,
        request_signer=client._request_signer,
        context={},
    )
    if refused is not None:
        raise _error(client, operation, refused[1])
    request = DirectRequest(operation, client.meta.region_name, params, client.meta.endpoint_url)
    status, headers, body = botocore_stubber.process_request(request)
    status = int(status)
    if isinstance(body, str):  # errors, and the few answers that hold no items
        answer = {"status_code": status, "headers": HeadersDict(headers), "body": body.encode()}
        parsed = client._response_parser.parse(answer, model.output_shape)
        if status < 300:
            return parsed
        client._endpoint._add_modeled_error_fields(answer, parsed, model, client._response_parser)
        raise _error(client, operation, parsed)
    known = model.output_shape.members
    found = {name: plain(body[name]) for name in known if body.get(name) is not None}
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": headers, "RetryAttempts": 0}
    return {**found, "ResponseMetadata": metadata}


def _error(client: Any, operation: str, parsed: dict[str, Any]) -> Exception:
    error: Exception = client.exceptions.from_code(parsed["Error"]["Code"])(parsed, operation)
    return error


def plain(value: Any) -> Any:
    """A copy of what moto has answered, as boto3 would read it."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or kind is bytes:
        return value
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if kind is DynamoType:
        return {value.type: plain(value.value)}
    return plain(value.to_json()) if hasattr(value, "to_json") else value


# --- what is plainly right ------------------------------------------------------------------------------


@functools.cache
def _checks(_model: Any) -> Callable[[Any], Check]:
    """For one description of the service: the check of each shape, made when it is first needed."""
    known: dict[str, Check] = {}

    def check_of(shape: Any) -> Check:
        if shape.name not in known:
            known[shape.name] = lambda value: known[shape.name](
                value
            )  # while it is made: shapes nest
            known[shape.name] = _check(shape, check_of)
        return known[shape.name]

    return check_of


def _check(shape: Any, check_of: Callable[[Any], Check]) -> Check:
    least = shape.metadata.get("min", 0)
    match shape.type_name:
        case "structure":
            return _structure(shape, check_of)
        case "map":
            inner = check_of(shape.value)
            return lambda value: (
                type(value) is dict
                and all(type(name) is str and inner(entry) for name, entry in value.items())
            )
        case "list":
            each = check_of(shape.member)
            return lambda value: (
                type(value) is list and len(value) >= least and all(map(each, value))
            )
        case "string":
            return lambda value: type(value) is str and len(value) >= least
        case "integer" | "long":
            return lambda value: type(value) is int and value >= least
        case "blob":
            return lambda value: type(value) is bytes
        case "boolean":
            return lambda value: type(value) is bool
    return lambda _value: False


def _structure(shape: Any, check_of: Callable[[Any], Check]) -> Check:
    required = set(shape.required_members)
    members = {name: check_of(member) for name, member in shape.members.items()}

    def check(value: Any) -> bool:
        if type(value) is not dict or not required <= value.keys():
            return False
        for name, entry in value.items():
            inner = members.get(name)
            if inner is None or not inner(entry):
                return False
        return True

    return check
