"""S3 for all rooms: upload tickets, reading, writing, listing and deleting objects."""

from collections.abc import Sequence
from typing import IO, Any
from urllib.parse import quote

import msgspec
from botocore.exceptions import ClientError

from chalicelib.shared import clients, pictures
from chalicelib.shared.aws import signing
from chalicelib.shared.errors import Unavailable
from chalicelib.shared.table import aws_errors

MAX_UPLOAD_BYTES = pictures.MAX_BYTES  # all uploads are pictures


class UploadTicket(msgspec.Struct, frozen=True):
    """What a browser needs to post one picture straight to S3 (multipart form, `file` last)."""

    url: str
    fields: dict[str, str]
    expires_at: int
    max_bytes: int = MAX_UPLOAD_BYTES


class Described(msgspec.Struct, frozen=True):
    """The current version of an object: its id, size in bytes, and moment of upload (UTC ms, whole seconds)."""

    key: str
    version_id: str
    size: int
    at: int


class StoredObject(msgspec.Struct, frozen=True):
    """Bytes of one version of an object."""

    data: bytes
    version_id: str


def upload_ticket(
    bucket: str, key: str, *, lifetime_s: int, now: int, max_bytes: int = MAX_UPLOAD_BYTES
) -> UploadTicket:
    """A presigned POST for exactly this key and at most `max_bytes`. Costs no AWS call.

    The stored content type is one that no browser renders. Whether it is a picture is decided when it is decoded.
    """
    kind = {"Content-Type": "application/octet-stream"}
    conditions = [kind, ["content-length-range", 0, max_bytes]]
    with aws_errors():
        url, fields = signing.upload_form(bucket, key, conditions, kind, lifetime_s)
    return UploadTicket(
        url=url, fields=fields, expires_at=now + lifetime_s * 1000, max_bytes=max_bytes
    )


def _missing(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in {
        *("404", "NoSuchKey", "NoSuchVersion", "NotFound"),
        *("405", "MethodNotAllowed"),  # a mark of removal has no bytes
    }


def exists(bucket: str, key: str) -> bool:
    """Whether the object exists. Raises `Unavailable` when S3 does not answer."""
    with aws_errors():
        try:
            clients.client("s3").head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if _missing(error):
                return False
            raise
    return True


def describe(bucket: str, key: str) -> Described | None:
    """The current version of an object, or None. Raises `Unavailable`."""
    with aws_errors():
        try:
            answer = clients.client("s3").head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if _missing(error):
                return None
            raise
    at = int(answer["LastModified"].timestamp() * 1000)
    return Described(key, answer.get("VersionId", ""), answer["ContentLength"], at)


def list_objects(bucket: str, prefix: str, most: int) -> list[Described]:
    """Return the objects with this prefix in the order of their keys, without the ids of their versions.

    At most `most`; S3 lists at most 1,000 at once.
    """
    with aws_errors():
        answer = clients.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=most)
    return [
        Described(entry["Key"], "", entry["Size"], int(entry["LastModified"].timestamp() * 1000))
        for entry in answer.get("Contents", [])
    ]


def list_folders(bucket: str) -> list[str]:
    """Return the names of the uppermost folders of a bucket; at most 1,000."""
    with aws_errors():
        answer = clients.client("s3").list_objects_v2(Bucket=bucket, Delimiter="/")
    return [entry["Prefix"].removesuffix("/") for entry in answer.get("CommonPrefixes", [])]


def read(
    bucket: str, key: str, version_id: str | None = None, *, most: int = MAX_UPLOAD_BYTES
) -> StoredObject | None:
    """One version of an object (the current one by default), or None. At most `most` + 1 bytes are read."""
    which = {"VersionId": version_id} if version_id else {}
    with aws_errors():
        try:
            answer = clients.client("s3").get_object(Bucket=bucket, Key=key, **which)
            data = answer["Body"].read(most + 1)
        except ClientError as error:
            if _missing(error):
                return None
            raise
    return StoredObject(data=data, version_id=answer.get("VersionId", ""))


def read_all(bucket: str, key: str) -> bytes:
    """Return a whole object that the product wrote. Raises `Unavailable`, also when it is missing."""
    with aws_errors():
        try:
            return bytes(clients.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
        except ClientError as error:
            if _missing(error):
                raise Unavailable("service_busy", retry_after_s=5) from error
            raise


def read_kept(bucket: str, prefix: str) -> bytes | None:
    """Return the object below a prefix, also when it was removed and the bucket still keeps it; None without one.

    When several were removed, it is the one that was removed last.
    """
    s3 = clients.client("s3")
    with aws_errors():
        listed = s3.list_object_versions(Bucket=bucket, Prefix=prefix)
        removed = {mark["Key"]: mark["LastModified"] for mark in listed.get("DeleteMarkers", [])}
        versions = [(v["Key"] not in removed, v) for v in listed.get("Versions", [])]
        if not versions:
            return None
        _, version = max(versions, key=lambda pair: (pair[0], str(removed.get(pair[1]["Key"], ""))))
        answer = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
        return bytes(answer["Body"].read())


def write(
    bucket: str, key: str, data: bytes | IO[bytes], content_type: str, **metadata: Any
) -> None:
    """Store an object: bytes, or an open file from its present place on. A key always gets the same bytes."""
    with aws_errors():
        clients.client("s3").put_object(
            Bucket=bucket, Key=key, Body=data, ContentType=content_type, **metadata
        )


def untag(bucket: str, key: str) -> None:
    """Remove all tags of an object, so that the bucket's rules for these tags no longer apply."""
    with aws_errors():
        clients.client("s3").delete_object_tagging(Bucket=bucket, Key=key)


def delete(bucket: str, key: str) -> None:
    """Remove an object, or its current version where versions are kept. Harmless when it is not there."""
    with aws_errors():
        clients.client("s3").delete_object(Bucket=bucket, Key=key)


def list_versions(bucket: str, prefix: str) -> list[tuple[str, str]]:
    """Key and version id of everything below a prefix that ends in `/`: older versions and marks of removal too."""
    assert prefix.endswith("/"), "another name may begin with the same characters"
    versions: list[tuple[str, str]] = []
    place: dict[str, str] = {}
    while True:
        with aws_errors():
            answer = clients.client("s3").list_object_versions(
                Bucket=bucket, Prefix=prefix, **place
            )
        entries = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
        versions += [(entry["Key"], entry["VersionId"]) for entry in entries]
        if not answer.get("IsTruncated"):
            return versions
        place = {"KeyMarker": answer["NextKeyMarker"]}
        if answer.get("NextVersionIdMarker"):
            place["VersionIdMarker"] = answer["NextVersionIdMarker"]


def delete_versions(
    bucket: str, versions: Sequence[tuple[str, str]], *, though_locked: bool = False
) -> int:
    """Remove these versions for good; returns how many. One that is gone does no harm. Raises `Unavailable`.

    `though_locked`: also those that Object Lock (governance) keeps from everybody who has not the right to pass it by.
    """
    for key, version_id in versions:
        with aws_errors():
            try:
                clients.client("s3").delete_object(Bucket=bucket, Key=key, VersionId=version_id)
            except ClientError as error:
                if not though_locked or error.response["Error"]["Code"] != "AccessDenied":
                    raise
                # Not at once: a bucket without Object Lock refuses whoever wants to pass it by.
                clients.client("s3").delete_object(
                    Bucket=bucket, Key=key, VersionId=version_id, BypassGovernanceRetention=True
                )
    return len(versions)


def delete_below(
    bucket: str, prefix: str, keep: tuple[str, ...] = (), *, though_locked: bool = False
) -> int:
    """Remove all versions below a prefix, except keys that begin with one of `keep`; returns how many."""
    versions = [pair for pair in list_versions(bucket, prefix) if not pair[0].startswith(keep)]
    return delete_versions(bucket, versions, though_locked=though_locked)


def view_url(bucket: str, key: str, *, lifetime_s: int = 60) -> str:
    """Return a link to an object that is valid for `lifetime_s` seconds. Costs no AWS call."""
    with aws_errors():
        return signing.link(bucket, key, lifetime_s)


def download_url(bucket: str, key: str, *, name: str, lifetime_s: int) -> str:
    """Return a link with which a browser saves an object under this name. Costs no AWS call."""
    return _link_as(f"attachment; {_utf8(name)}", bucket, key, lifetime_s)


def named_url(bucket: str, key: str, *, name: str, plain_name: str, lifetime_s: int = 60) -> str:
    """Return a link with which a browser shows an object, and saves it under this name when the person wants that.

    `plain_name`: the name in ASCII, for programs that know no other. Costs no AWS call.
    """
    shown_as = f'inline; filename="{plain_name}"; {_utf8(name)}'
    return _link_as(shown_as, bucket, key, lifetime_s)


def _utf8(name: str) -> str:
    """Return a file name as RFC 6266 writes it."""
    return f"filename*=UTF-8''{quote(name, safe='')}"


def _link_as(disposition: str, bucket: str, key: str, lifetime_s: int) -> str:
    with aws_errors():
        query = {"response-content-disposition": disposition}
        return signing.link(bucket, key, lifetime_s, query)
