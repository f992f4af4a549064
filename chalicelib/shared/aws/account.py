"""As whom and where AWS is called: botocore's own credentials and region, and the address of each service."""

import functools
import os
import threading
from typing import Any

_changing = threading.Lock()


@functools.cache
def _session() -> Any:
    import botocore.session

    return botocore.session.get_session()


def credentials() -> Any:
    """Return access key, secret key and token that hold now, from botocore's chain. It renews those that run out.

    Raises `botocore.exceptions.NoCredentialsError`.
    """
    from botocore.exceptions import NoCredentialsError

    with _changing:
        found = _session().get_credentials()
        if found is None:
            raise NoCredentialsError
        return found.get_frozen_credentials()


def renew(refused: Any) -> bool:
    """Read the credentials anew after AWS has refused these. Returns whether there are others now."""
    with _changing:
        _session.cache_clear()
    return bool(credentials() != refused)


@functools.cache
def region() -> str:
    """Return the region of all calls. Raises `botocore.exceptions.NoRegionError`."""
    from botocore.exceptions import NoRegionError

    name = _session().get_config_variable("region")
    if not name:
        raise NoRegionError
    return str(name)


def own_endpoint(service: str) -> str:
    """Return the address that the environment gives a service (`DYNAMODB`, `S3`, `SECRETS_MANAGER`); "" without one."""
    own = os.environ.get(f"AWS_ENDPOINT_URL_{service}") or os.environ.get("AWS_ENDPOINT_URL", "")
    return own.rstrip("/")


def host(service: str) -> str:
    """Return the host name of a service in the region, such as `dynamodb.eu-west-1.amazonaws.com`."""
    suffix = "amazonaws.com.cn" if region().startswith("cn-") else "amazonaws.com"
    return f"{service}.{region()}.{suffix}"


def ca_bundle() -> str | bool:
    """Return the file of certificates that the environment names; True for botocore's own."""
    return _session().get_config_variable("ca_bundle") or True


def forget() -> None:
    """Drop what was read. Tests that change the environment use it."""
    _session.cache_clear()
    region.cache_clear()
