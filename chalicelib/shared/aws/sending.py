"""Sends signed requests over connections that are kept open. Failures are botocore's exceptions."""

import functools
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from chalicelib.shared.aws import account

# A person waits. After at most 3 tries of 2 s a call fails, so that an outage is reported within 10 s.
CONNECT_S = 1
READ_S = 2
AT_ONCE = 32  # connections that are kept


class Request(msgspec.Struct, frozen=True):
    """One try of one call, with its signature."""

    service: str
    operation: str
    url: str
    headers: dict[str, str]
    body: bytes


class Answer(msgspec.Struct, frozen=True):
    """A complete answer. Names of headers are found in upper and lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@functools.cache
def _pool(url: str) -> Any:
    """Return the connections to the host of an address. They go through the proxy that the environment names."""
    import urllib3
    from botocore.httpsession import get_cert_path
    from botocore.utils import get_environ_proxies

    scheme = urlsplit(url).scheme
    how: dict[str, Any] = {
        "maxsize": AT_ONCE,
        "timeout": urllib3.Timeout(connect=CONNECT_S, read=READ_S),
    }
    if scheme == "https":
        how |= {"cert_reqs": "CERT_REQUIRED", "ca_certs": get_cert_path(account.ca_bundle())}
    proxy = get_environ_proxies(url).get(scheme)
    manager = urllib3.proxy_from_url(proxy, **how) if proxy else urllib3.PoolManager(**how)
    return manager.connection_from_url(url)


def send(request: Request) -> Answer:
    """Send a request once. Raises `botocore.exceptions.HTTPClientError` or `ConnectionError` without an answer."""
    try:
        response = _pool(request.url).urlopen(
            "POST",
            urlsplit(request.url).path or "/",
            body=request.body,
            headers=request.headers,
            retries=False,
            redirect=False,
        )
    except Exception as error:
        raise _as_botocore(error, request.url) from error
    return Answer(response.status, response.headers, response.data)


def _as_botocore(error: Exception, url: str) -> Exception:
    """Return the exception by which boto3 reports a failure of a connection."""
    from botocore import exceptions as ours
    from urllib3 import exceptions as theirs

    kinds: list[tuple[Any, Any]] = [  # a class of errors before the classes that contain it
        (theirs.SSLError, ours.SSLError),
        (theirs.NewConnectionError, ours.EndpointConnectionError),
        (theirs.ProxyError, ours.ProxyConnectionError),
        (theirs.ConnectTimeoutError, ours.ConnectTimeoutError),
        (theirs.ReadTimeoutError, ours.ReadTimeoutError),
        (theirs.ProtocolError, ours.ConnectionClosedError),
    ]
    kind = next((known for kind, known in kinds if isinstance(error, kind)), ours.HTTPClientError)
    failure: Exception = kind(endpoint_url=url, proxy_url="", error=error)
    return failure


def forget() -> None:
    """Drop all connections. Tests that change the endpoint use it."""
    _pool.cache_clear()
