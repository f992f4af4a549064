"""Builds the JSON events with which AWS calls functions. No I/O, no clock."""

import base64
import datetime
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qs

from infra.local.emulator import REGION
from infra.local.worker import ACCOUNT

Json = dict[str, Any]

STAGE = "api"
EDGE = "127.0.0.1"  # the address of the embedded cloud's only edge server


@dataclass(frozen=True)
class HttpRequest:
    """An HTTP request with the route that it matches."""

    method: str
    path: str  # below the stage, percent-encoded as it was sent
    query: str
    headers: Message
    body: bytes
    source_ip: str
    resource: str
    path_parameters: Mapping[str, str]


def new_id() -> str:
    """Return an id for a request or an event. It is no secret; the system's random numbers would cost a system call."""
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def internal_get(path: str) -> HttpRequest:
    """Return a GET request of the launcher itself, for a route without parameters."""
    return HttpRequest("GET", path, "", Message(), b"", "127.0.0.1", path, {})


def api_event(request: HttpRequest, binary_types: list[str], now_ms: int) -> Json:
    """Return the proxy event of an API Gateway REST API (format 1.0)."""
    several = {name: request.headers.get_all(name, []) for name in request.headers}
    query = parse_qs(request.query, keep_blank_values=True) or None
    moment = _moment(now_ms)
    return {
        "resource": request.resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in several.items()},
        "multiValueHeaders": several,
        "queryStringParameters": query and {name: values[-1] for name, values in query.items()},
        "multiValueQueryStringParameters": query,
        "pathParameters": dict(request.path_parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": request.headers.get("Host", ""),
            "extendedRequestId": new_id(),
            "httpMethod": request.method,
            "identity": {
                "sourceIp": request.source_ip,
                "userAgent": request.headers.get("User-Agent"),
            },
            "path": f"/{STAGE}{request.path}",
            "protocol": "HTTP/1.1",
            "requestId": new_id(),
            "requestTime": moment.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "requestTimeEpoch": now_ms,
            "resourceId": "local",
            "resourcePath": request.resource,
            "stage": STAGE,
        },
        **_body(request, binary_types),
    }


def through_edge(event: Json, proof: str) -> Json:
    """Return the event as CloudFront before API Gateway changes it.

    The visitor's address is in `X-Forwarded-For` and the peer is an edge server. The header `Edge-Proof` has the
    proof of the edge server; what the visitor sent under this name is dropped.
    """
    identity = event["requestContext"]["identity"]
    received = {name.lower(): value for name, value in event["headers"].items()}
    hops = [received.get("x-forwarded-for", ""), identity["sourceIp"], EDGE]
    ours = {"Edge-Proof": proof, "X-Forwarded-For": ", ".join(hop for hop in hops if hop)}
    overridden = {name.lower() for name in ours}
    for name, make in (("headers", str), ("multiValueHeaders", lambda value: [value])):
        kept = {k: v for k, v in event[name].items() if k.lower() not in overridden}
        event[name] = kept | {key: make(value) for key, value in ours.items()}
    identity["sourceIp"] = EDGE
    return event


def _body(request: HttpRequest, binary_types: list[str]) -> Json:
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type in binary_types or "*/*" in binary_types:
        return {"body": base64.b64encode(request.body).decode(), "isBase64Encoded": True}
    text = request.body.decode("utf-8", errors="replace")
    return {"body": text or None, "isBase64Encoded": False}


def schedule_event(rule: str, moment_ms: int) -> Json:
    """Return the event that EventBridge sends for `rate(1 minute)`."""
    return {
        "version": "0",
        "id": new_id(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": _moment(moment_ms).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}"],
        "detail": {},
    }


def stream_record(record: Json, stream_arn: str) -> Json:
    """Return a record of the JSON of GetRecords as the event source mapping sends it: with the stream's ARN."""
    return {**record, "eventSourceARN": stream_arn}


def queue_record(message: Json, queue_arn: str) -> Json:
    """Return a message of ReceiveMessage as the event source mapping sends it."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }


def matches(pattern: Any, event: Any) -> bool:
    """Return whether an event matches an event filter.

    Filters may have literals and prefixes, which is all that our template uses. Raises `ValueError` for others.
    """
    if isinstance(pattern, dict):
        return isinstance(event, dict) and all(
            matches(inner, event.get(key)) for key, inner in pattern.items()
        )
    return any(_allows(choice, event) for choice in pattern)


def _allows(choice: Any, value: Any) -> bool:
    if not isinstance(choice, dict):
        return bool(choice == value)
    if set(choice) != {"prefix"}:
        raise ValueError(f"the embedded cloud does not know the event filter {choice}")
    return isinstance(value, str) and value.startswith(choice["prefix"])


def _moment(moment_ms: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(moment_ms / 1000, datetime.UTC)
