"""AWS clients, made on first use and kept for the life of the process."""

import functools
import threading
from typing import Any

# Creating a client is not thread-safe in boto3; using one is.
_creating = threading.Lock()


@functools.cache
def _client(service: str) -> Any:
    import boto3
    from botocore.config import Config

    # A person waits: give up after 3 tries of 2 s at the most, so that an outage is told within 10 s.
    config = Config(
        connect_timeout=1,
        read_timeout=2,
        retries={"total_max_attempts": 3, "mode": "standard"},
        max_pool_connections=32,
        signature_version="s3v4" if service == "s3" else None,
    )
    return boto3.client(service, config=config)  # type: ignore[call-overload, unused-ignore]


def client(service: str) -> Any:
    """The boto3 client of a service (`dynamodb`, `s3`, `sns`, `secretsmanager`)."""
    with _creating:
        return _client(service)


def forget() -> None:
    """Drop all clients (tests that change the endpoint)."""
    _client.cache_clear()
