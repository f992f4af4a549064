"""AWS clients, made on first use and kept for the life of the process."""

import contextvars
import functools
import os
import threading
from collections import Counter
from typing import Any

# Creating a client is not thread-safe in boto3; using one is.
_creating = threading.Lock()


@functools.cache
def _client(service: str) -> Any:
    import boto3
    from botocore.config import Config

    # A person waits. After at most 3 tries of 2 s the call fails, so that an outage is reported within 10 s.
    # SNS does not recognise a repeated message: a second publish after a lost answer would send a second SMS.
    tries = 1 if service == "sns" else 3
    config = Config(
        connect_timeout=1,
        read_timeout=2,
        retries={"total_max_attempts": tries, "mode": "standard"},
        max_pool_connections=32,
        signature_version="s3v4" if service == "s3" else None,
        s3=_s3_address() if service == "s3" else None,
    )
    made = boto3.client(service, config=config)  # type: ignore[call-overload, unused-ignore]
    made.meta.events.register("before-call", _count)
    return made


def _s3_address() -> dict[str, str]:
    """Return the settings of boto3 by which an S3 address is `https://<bucket>.s3.<region>.<suffix>` in every region.

    The page's Content-Security-Policy (infra/templates.py) allows exactly these addresses. Without `virtual`, boto3
    signs browser uploads for the global endpoint. For a bucket of a newer region (ap-east-1) that endpoint answers
    with a redirect, which a form does not follow. Without `regional`, boto3 omits the region in us-east-1. The
    embedded cloud on loopback has no host name per bucket, so there the path names the bucket.
    """
    own = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    style = "path" if own else "virtual"
    return {"addressing_style": style, "us_east_1_regional_endpoint": "regional"}


_calls: contextvars.ContextVar[Counter[str] | None] = contextvars.ContextVar("calls", default=None)


def count_calls() -> Counter[str]:
    """Count the AWS calls of this thread from now on; returns the counter. The log line of a request shows it."""
    counter: Counter[str] = Counter()
    _calls.set(counter)
    return counter


def _count(model: Any, **_: Any) -> None:
    counter = _calls.get()
    if counter is not None:
        counter[model.name] += 1


def client(service: str) -> Any:
    """The boto3 client of a service (`dynamodb`, `s3`, `sns`, `secretsmanager`)."""
    with _creating:
        return _client(service)


def forget() -> None:
    """Drop all clients. Tests that change the endpoint use it."""
    _client.cache_clear()


if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE"):
    client(
        "dynamodb"
    )  # Lambda is starting the function: later, the first request would wait for it
