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

    # A person waits: give up after 3 tries of 2 s at the most, so that an outage is told within 10 s.
    # SNS does not know a message again: a repeated publish, its first answer lost, would be a second SMS.
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
    """How an S3 address is written: `https://<bucket>.s3.<region>.<suffix>` in every region, for signing as for the
    page's Content-Security-Policy (infra/templates.py), or the browser refuses to go there.

    By itself boto3 signs browser uploads for the global endpoint, which answers a bucket of a newer region
    (ap-east-1) with a redirect that no form follows: `virtual` names the region. In us-east-1 it would still leave
    the region out without `regional`. An endpoint of somebody's own (the embedded cloud on loopback) has no name per
    bucket.
    """
    own = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    style = "path" if own else "virtual"
    return {"addressing_style": style, "us_east_1_regional_endpoint": "regional"}


_calls: contextvars.ContextVar[Counter[str] | None] = contextvars.ContextVar("calls", default=None)


def count_calls() -> Counter[str]:
    """Count the AWS calls of this thread from now on: what a request costs belongs into its log line."""
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
    """Drop all clients (tests that change the endpoint)."""
    _client.cache_clear()
