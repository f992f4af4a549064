"""The calls of the product by clients of boto3: what its own calls (`chalicelib/shared/aws`) are compared with."""

import contextlib
import importlib
import json
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

from chalicelib.shared import clients, clock
from chalicelib.shared.aws import calls, signing


def call(service: str, operation: str, request: dict[str, Any]) -> Any:
    """Call an operation by the client of its service."""
    from botocore import xform_name

    return getattr(clients.client(service), xform_name(operation))(**request)


def upload_form(
    bucket: str, key: str, conditions: list[Any], fields: dict[str, str], lifetime_s: int
) -> tuple[str, dict[str, str]]:
    """Sign a form for an upload by the client of S3."""
    post = clients.client("s3").generate_presigned_post(
        bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=lifetime_s
    )
    return post["url"], dict(post["fields"])


@contextlib.contextmanager
def calling() -> Iterator[None]:
    """Let the product call AWS so."""
    with (
        mock.patch.object(calls, "call", call),
        mock.patch.object(signing, "upload_form", upload_form),
    ):
        yield


if (
    __name__ == "__main__"
):  # `python -m benchmarks.by_boto3 now|boto3 EVENT OFFSET_MS`: one call of a new process
    way, event, offset_ms = sys.argv[1:]
    clock.set_offset_ms(int(offset_ms))
    with calling() if way == "boto3" else contextlib.nullcontext():
        answer = importlib.import_module("chalicelib.handlers.api").app(json.loads(event), None)
    assert answer["statusCode"] == 200, answer
