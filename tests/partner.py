"""A partner platform in tests: it asks over HTTP, signed by the example client."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import boto3
import pytest

from chalicelib.shared import secrets, settings
from examples import partner_client
from tests.api import Answer, Api

SECRET = "partners"
KEY = {"key_id": "shanxi-1", "key": "first " * 6}
NEXT_KEY = {"key_id": "shanxi-2", "key": "second " * 6}


def set_up(monkeypatch: pytest.MonkeyPatch, partners: dict[str, Any]) -> None:
    """These partners, as the second secret of a stack says it."""
    monkeypatch.setenv("PARTNERS_SECRET_ID", SECRET)
    settings.settings.cache_clear()
    settings.settings()
    boto3.client("secretsmanager").create_secret(Name=SECRET, SecretString="{}")
    change(partners)
    secrets.forget()


def change(partners: dict[str, Any]) -> None:
    """An operator edits the secret; processes go on with what they have read."""
    text = json.dumps({"partners": partners})
    boto3.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=text)


@dataclass
class PartnerApi:
    """The platform's side: each call is signed anew."""

    api: Api
    key: dict[str, str]

    def headers(self, path: str, query: dict[str, str]) -> dict[str, str]:
        now = self.api.clock.now
        return partner_client.signed(self.key["key_id"], self.key["key"], path, query, now)

    def get(self, path: str, **query: str) -> Answer:
        return self.send(path, self.headers(path, query), query)

    def send(
        self, path: str, headers: dict[str, str], query: dict[str, str], body: bytes = b""
    ) -> Answer:
        """With headers that were signed before."""
        address = path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        return self.api.call("GET", address, raw=body, headers=headers)
