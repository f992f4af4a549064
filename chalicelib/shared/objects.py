"""S3 as the rooms use it: upload tickets out, bytes of one judged version in."""

from typing import Any

import msgspec
from botocore.exceptions import ClientError

from chalicelib.shared import clients
from chalicelib.shared.errors import Unavailable
from chalicelib.shared.table import aws_errors

MAX_UPLOAD_BYTES = 5 * 1024 * 1024  # a telephone photo fits; decoding has limits of its own


class UploadTicket(msgspec.Struct, frozen=True):
    """What a browser needs to post one picture straight to S3 (multipart form, `file` last)."""

    url: str
    fields: dict[str, str]
    expires_at: int
    max_bytes: int = MAX_UPLOAD_BYTES


class StoredObject(msgspec.Struct, frozen=True):
    """Bytes of one version of an object."""

    data: bytes
    version_id: str


def upload_ticket(
    bucket: str, key: str, *, lifetime_s: int, now: int, max_bytes: int = MAX_UPLOAD_BYTES
) -> UploadTicket:
    """A presigned POST for exactly this key and at most `max_bytes`. Costs no AWS call.

    The stored type is fixed to bytes that no browser renders: what a picture is, decoding decides.
    """
    kind = {"Content-Type": "application/octet-stream"}
    post = clients.client("s3").generate_presigned_post(
        bucket,
        key,
        Fields=kind,
        Conditions=[kind, ["content-length-range", 0, max_bytes]],
        ExpiresIn=lifetime_s,
    )
    return UploadTicket(
        url=post["url"],
        fields=dict(post["fields"]),
        expires_at=now + lifetime_s * 1000,
        max_bytes=max_bytes,
    )


def _missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in {"404", "NoSuchKey", "NoSuchVersion", "NotFound"}


def exists(bucket: str, key: str) -> bool:
    """Whether the object is really there. Raises `Unavailable` when S3 cannot tell."""
    with aws_errors():
        try:
            clients.client("s3").head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if _missing(error):
                return False
            raise
    return True


def read(bucket: str, key: str, version_id: str | None = None) -> StoredObject | None:
    """One version of an object (the current one by default), or None. At most 5 MiB + 1 byte is read."""
    which = {"VersionId": version_id} if version_id else {}
    with aws_errors():
        try:
            answer = clients.client("s3").get_object(Bucket=bucket, Key=key, **which)
            data = answer["Body"].read(MAX_UPLOAD_BYTES + 1)
        except ClientError as error:
            if _missing(error):
                return None
            raise
    return StoredObject(data=data, version_id=answer.get("VersionId", ""))


def read_all(bucket: str, key: str) -> bytes:
    """A whole object of our own making. Raises `Unavailable`, also when it is missing: it must be there."""
    with aws_errors():
        try:
            return bytes(clients.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
        except ClientError as error:
            if _missing(error):
                raise Unavailable("service_busy", retry_after_s=5) from error
            raise


def write(bucket: str, key: str, data: bytes, content_type: str, **metadata: Any) -> None:
    """Store an object of our own making; the same key always gets the same bytes."""
    with aws_errors():
        clients.client("s3").put_object(
            Bucket=bucket, Key=key, Body=data, ContentType=content_type, **metadata
        )


def delete(bucket: str, key: str) -> None:
    """Remove an object, or its current version where versions are kept. Harmless when it is not there."""
    with aws_errors():
        clients.client("s3").delete_object(Bucket=bucket, Key=key)


def view_url(bucket: str, key: str, *, lifetime_s: int = 60) -> str:
    """A link for one look, at most a minute. Costs no AWS call."""
    url: str = clients.client("s3").generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=lifetime_s
    )
    return url
