"""Failures of the cloud: calls that fail, and many calls at the same moment."""

import contextlib
import threading
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

from botocore.exceptions import ClientError

from chalicelib.shared import clients
from chalicelib.shared.aws import calls
from chalicelib.shared.errors import DomainError
from tests.cloud import ENVIRONMENT, one_request_at_a_time


@contextlib.contextmanager
def failing(
    service: str, operation: str = "*", code: str = "InternalServerError"
) -> Iterator[None]:
    """AWS answers every such call with a 500 (after the retries)."""
    answer = {
        "Error": {"Code": code, "Message": "a bad day"},
        "ResponseMetadata": {"HTTPStatusCode": 500},
    }

    call = calls.call

    def refuse(asked: str, name: str, request: dict[str, Any]) -> Any:
        if asked == service and operation in ("*", name):
            raise ClientError(answer, name)
        return call(asked, name, request)

    with mock.patch.object(calls, "call", refuse), _client_failing(service, operation, answer):
        yield


@contextlib.contextmanager
def _client_failing(service: str, operation: str, answer: dict[str, Any]) -> Iterator[None]:
    def fail(**_: Any) -> Any:
        return types.SimpleNamespace(status_code=500), answer

    meta = clients.client(service).meta
    called = meta.service_model.service_id.hyphenize()  # secretsmanager is `secrets-manager` there
    name = f"before-call.{called}.{operation}" if operation != "*" else f"before-call.{called}"
    events = meta.events
    events.register_first(name, fail)
    try:
        yield
    finally:
        events.unregister(name, fail)


@contextlib.contextmanager
def answers_lost(operation: str = "UpdateItem") -> Iterator[None]:
    """Each such write of DynamoDB happens, its answer gets lost, and it is sent again."""
    call = calls.call

    def call_twice(service: str, name: str, request: dict[str, Any]) -> Any:
        if name == operation:
            with contextlib.suppress(ClientError):
                call(service, name, request)
        return call(service, name, request)

    with mock.patch.object(calls, "call", call_twice):
        yield


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run all calls in parallel; a refusal becomes its code."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return call()
        except DomainError as error:
            return error.code

    with one_request_at_a_time(), ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def rows(table: str) -> dict[str, dict[str, Any]]:
    """All rows of a table (`ACCOUNTS_TABLE`, …) by key, in plain values."""
    from chalicelib.shared.table import item_from_wire

    scanned = clients.client("dynamodb").scan(TableName=ENVIRONMENT[table])["Items"]
    items = [item_from_wire(wire) for wire in scanned]
    own = {"CASES_TABLE": ("case_id",), "RESULTS_TABLE": ("feed", "sk")}
    own["ATTEMPTS_TABLE"] = ("attempt_id", "sk")
    keys = own.get(table, ("pk", "exam_id", "attempt_id", "sk"))
    return {"/".join(str(item[key]) for key in keys if key in item): item for item in items}


def everything_stored() -> dict[str, Any]:
    """All rows of all tables and all keys of all buckets: two of these are equal when nothing changed.

    But for the operators: what they proved is kept, whatever comes of it.
    """
    tables = [name for name in ENVIRONMENT if name.endswith("_TABLE")]
    stored: dict[str, Any] = {name: rows(name) for name in tables if name != "OPERATORS_TABLE"}
    s3 = clients.client("s3")
    for name in [name for name in ENVIRONMENT if name.endswith("_BUCKET")]:
        listed = s3.list_objects_v2(Bucket=ENVIRONMENT[name]).get("Contents", [])
        stored[name] = {entry["Key"]: entry["ETag"] for entry in listed}
    return stored


def messages() -> list[tuple[str, str]]:
    """Every SMS that was sent: number and text."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.sns import sns_backends

    return list(sns_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sms_messages.values())
