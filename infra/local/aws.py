"""The launcher's AWS clients of the emulator. Functions make their own clients from their environment."""

import functools
import json
from typing import Any

import boto3
import urllib3
from botocore.config import Config

from infra.local.emulator import CREDENTIALS, REGION

Json = dict[str, Any]

CONNECT_WITHIN_S = 2
ANSWER_WITHIN_S = 30
OPEN_CONNECTIONS = 32


class EmulatorRefused(Exception):
    """The emulator refused a call."""


class Aws:
    """AWS clients for one endpoint. Each is made once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        waits = urllib3.Timeout(connect=CONNECT_WITHIN_S, read=ANSWER_WITHIN_S)
        self._http = urllib3.PoolManager(maxsize=OPEN_CONNECTIONS, timeout=waits, retries=False)

    @functools.cache  # noqa: B019 - one Aws lives as long as the launcher
    def client(self, service: str) -> Any:
        """Return the client of a service."""
        config = Config(
            connect_timeout=CONNECT_WITHIN_S,
            read_timeout=ANSWER_WITHIN_S,
            s3={"addressing_style": "path"},
        )
        make: Any = self._session.client
        return make(service, endpoint_url=self._url, config=config)

    def call(self, service: str, target: str, body: Json) -> Json:
        """Call an operation of a JSON service without boto3 and return its answer as it came.

        Streams and queues are read many times a second, and boto3 takes several times as long. The emulator reads the
        account and the region from the credential and checks no signature here. Raises `EmulatorRefused` for any other
        status than 200, and urllib3's `HTTPError` without an answer.
        """
        credential = f"{CREDENTIALS['AWS_ACCESS_KEY_ID']}/20260101/{REGION}/{service}/aws4_request"
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": target,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=none",
        }
        return self._request("POST", "/", headers, json.dumps(body).encode())

    def own_call(self, method: str, path: str) -> Json:
        """Call a path that our program adds to the emulator (`journaled_ministack.py`). Raises as `call` does."""
        return self._request(method, path, {}, b"")

    def _request(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Json:
        answer = self._http.request(method, self._url + path, body=body, headers=headers)
        if answer.status != 200:
            raise EmulatorRefused(f"{method} {path}: {answer.status} {answer.data[:300]!r}")
        content: Json = json.loads(answer.data)
        return content
