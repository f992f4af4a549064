"""AWS clients, made on first use and kept for the life of the process. No save of answers needs one (`aws`)."""

import functools
import threading
from typing import Any

from chalicelib.shared.aws import account, counting, retrying, sending, signing

# Creating a client is not thread-safe in boto3; using one is.
_creating = threading.Lock()


@functools.cache
def _client(service: str) -> Any:
    import boto3
    from botocore.config import Config

    # SNS does not recognise a repeated message: a second publish after a lost answer would send a second SMS.
    tries = 1 if service == "sns" else retrying.TRIES
    config = Config(
        connect_timeout=sending.CONNECT_S,
        read_timeout=sending.READ_S,
        retries={"total_max_attempts": tries, "mode": "standard"},
        max_pool_connections=sending.AT_ONCE,
        signature_version="s3v4" if service == "s3" else None,
        s3=_s3_address() if service == "s3" else None,
    )
    made = boto3.client(service, config=config)  # type: ignore[call-overload, unused-ignore]
    made.meta.events.register("before-call", _count)
    return made


def _s3_address() -> dict[str, str]:
    """Return the settings of boto3 for the addresses of `signing.bucket_url`.

    Without `virtual` and `regional`, boto3 would call the global endpoint, which a bucket of a newer region redirects.
    """
    style = "path" if account.own_endpoint("S3") else "virtual"
    return {"addressing_style": style, "us_east_1_regional_endpoint": "regional"}


def _count(model: Any, **_: Any) -> None:
    counting.count(model.name)


def client(service: str) -> Any:
    """The boto3 client of a service (`s3`, `kms`, `sqs`, `sns`; `dynamodb` for tests)."""
    with _creating:
        return _client(service)


def forget() -> None:
    """Drop all clients, connections and credentials. Tests that change the environment use it."""
    _client.cache_clear()
    for module in (account, sending, signing, retrying):
        module.forget()
