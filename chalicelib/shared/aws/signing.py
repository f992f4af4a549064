"""Signatures of AWS (version 4) by botocore: headers of a call, a form for an upload, a link to an object."""

import datetime
import email.utils
import functools
import time
from typing import Any
from urllib.parse import quote

import msgspec

from chalicelib.shared.aws import account

SKEW_S = 240  # a clock that is wrong by more than that is corrected; AWS refuses from 300 s on
_TIMESTAMP = "%Y%m%dT%H%M%SZ"
wall_time = time.time  # never the clock of the product, which a demonstration may move
_offset = {"s": 0.0}  # what the clock of AWS is ahead of ours; 0 until AWS has refused a signature


def correct_clock(date: str, signed: str) -> bool:
    """Take over the clock of AWS from the `Date` of a refusal. Returns whether the signature was off by over `SKEW_S`.

    `signed`: the `X-Amz-Date` of the refused call. Our clock of now does not count: another thread may have corrected
    it since.
    """
    try:
        there = email.utils.parsedate_to_datetime(date).timestamp()
    except ValueError:
        return False
    then = datetime.datetime.strptime(signed, _TIMESTAMP).replace(tzinfo=datetime.UTC)
    differs = abs(there - then.timestamp()) > SKEW_S
    if differs:
        _offset["s"] = there - wall_time()
    return differs


def forget() -> None:
    """Trust our own clock again. Tests use it."""
    _offset["s"] = 0.0


def _after(seconds: float) -> datetime.datetime:
    """Return the moment so many seconds from now, by our clock as AWS has corrected it."""
    return datetime.datetime.fromtimestamp(wall_time() + _offset["s"] + seconds, datetime.UTC)


@functools.cache
def _signer(kind: Any) -> Any:
    """Return this signer of botocore, with the corrected clock."""

    class Signer(kind):  # type: ignore[misc, unused-ignore]
        """Signs with our clock as AWS has corrected it."""

        def _modify_request_before_signing(self, request: Any) -> None:
            request.context["timestamp"] = _after(0).strftime(_TIMESTAMP)
            super()._modify_request_before_signing(request)

    return Signer


class _Post(msgspec.Struct):
    """What the signer reads of a request. With botocore's `AWSRequest` signing takes half as long again."""

    url: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"
    params: None = None
    context: dict[str, Any] = {}


def signed_headers(
    service: str, url: str, headers: dict[str, str], body: bytes, credentials: Any
) -> dict[str, str]:
    """Return the headers of a POST with its signature."""
    from botocore.auth import SigV4Auth

    request = _Post(url, dict(headers), body)
    _signer(SigV4Auth)(credentials, service, account.region()).add_auth(request)
    return request.headers


def upload_form(
    bucket: str, key: str, conditions: list[Any], fields: dict[str, str], lifetime_s: int
) -> tuple[str, dict[str, str]]:
    """Return the address and the fields of a form by which a browser may post one object (presigned POST)."""
    from botocore.auth import ISO8601, S3SigV4PostAuth
    from botocore.awsrequest import AWSRequest

    request = AWSRequest("POST", bucket_url(bucket))
    request.context["s3-presign-post-fields"] = form = {**fields, "key": key}
    request.context["s3-presign-post-policy"] = {
        "expiration": _after(lifetime_s).strftime(ISO8601),
        "conditions": [*conditions, {"bucket": bucket}, {"key": key}],
    }
    S3SigV4PostAuth(account.credentials(), "s3", account.region()).add_auth(request)
    return request.url, form


def link(bucket: str, key: str, lifetime_s: int, query: dict[str, str] | None = None) -> str:
    """Return a link to an object. `query`: what S3 is to answer with, such as `response-content-type`."""
    from botocore.auth import S3SigV4QueryAuth
    from botocore.awsrequest import AWSRequest

    url = bucket_url(bucket).rstrip("/") + "/" + quote(key, safe="/~")
    request = AWSRequest("GET", url, params=query)
    where = account.credentials(), "s3", account.region()
    _signer(S3SigV4QueryAuth)(*where, expires=lifetime_s).add_auth(request)
    return str(request.prepare().url)


def bucket_url(bucket: str) -> str:
    """Return the address of a bucket: a host of its own in its region. A local endpoint has it in the path.

    The page's Content-Security-Policy (infra/templates.py) allows exactly these addresses.
    """
    own = account.own_endpoint("S3")
    return f"{own}/{bucket}" if own else f"https://{bucket}.{account.host('s3')}/"
