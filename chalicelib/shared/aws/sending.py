"""Sends signed requests over connections that are kept open. Failures are botocore's exceptions."""

import functools
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from chalicelib.shared import timed
from chalicelib.shared.aws import account

# A person waits. A try takes at most 3 s, however slowly its answer comes: an outage is reported within 10 s.
CONNECT_S = 1
READ_S = 2
TOTAL_S = CONNECT_S + READ_S
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


class _Way(msgspec.Struct, frozen=True):
    """The connections to the host of an address, and what stands in the first line of a request for it."""

    pool: Any
    target: str


@functools.cache
def _way(url: str) -> _Way:
    """Return how an address is reached: directly, or through the proxy that the environment names."""
    import urllib3
    from botocore.httpsession import ProxyConfiguration
    from botocore.utils import get_environ_proxies

    scheme = urlsplit(url).scheme
    how: dict[str, Any] = {
        "maxsize": AT_ONCE,
        "timeout": urllib3.Timeout(connect=CONNECT_S, read=READ_S),
    }
    if scheme == "https":
        how["ssl_context"] = _trusting()
    proxies = ProxyConfiguration(get_environ_proxies(url))
    proxy = proxies.proxy_url_for(url)
    if proxy:
        how["proxy_headers"] = proxies.proxy_headers_for(proxy)
    manager = urllib3.ProxyManager(proxy, **how) if proxy else urllib3.PoolManager(**how)
    timed.limit(manager)
    target = url if proxy and scheme == "http" else urlsplit(url).path
    return _Way(manager.connection_from_url(url), target)


def _trusting() -> ssl.SSLContext:
    """Return what verifies the host. Its certificates are read once, which takes 16 ms, and not for each connection."""
    from botocore.httpsession import get_cert_path
    from urllib3.util.ssl_ import create_urllib3_context

    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.load_verify_locations(get_cert_path(account.ca_bundle()))
    return context


def send(request: Request) -> Answer:
    """Send a request once. Raises `botocore.exceptions.HTTPClientError` or `ConnectionError` without an answer."""
    try:
        way = _way(request.url)
        timed.begin(TOTAL_S, READ_S)
        response = way.pool.urlopen(
            "POST",
            way.target,
            body=request.body,
            headers=request.headers,
            retries=False,
            redirect=False,
            assert_same_host=False,  # a proxy is another one
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
    _way.cache_clear()
