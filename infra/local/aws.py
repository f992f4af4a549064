"""The launcher's AWS clients of the emulator. Functions make their own clients from their environment."""

import functools
from typing import Any

import boto3
from botocore.config import Config

from infra.local.emulator import CREDENTIALS, REGION


class Aws:
    """AWS clients for one endpoint. Each is made once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )

    @functools.cache  # noqa: B019 - one Aws lives as long as the launcher
    def client(self, service: str) -> Any:
        """Return the client of a service."""
        config = Config(connect_timeout=2, read_timeout=30, s3={"addressing_style": "path"})
        make: Any = self._session.client
        return make(service, endpoint_url=self._url, config=config)
