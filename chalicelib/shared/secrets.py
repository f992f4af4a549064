"""The two stored secrets: the root of the application's keys, and the JSON object of the operators."""

import functools
import hmac
from typing import TypeVar

import msgspec

from chalicelib.shared import hmacs
from chalicelib.shared.aws import calls
from chalicelib.shared.settings import settings
from chalicelib.shared.table import aws_errors

T = TypeVar("T")


def read_secret(secret_id: str) -> str:
    """Return the text of a secret as it is now. Raises `Unavailable`."""
    with aws_errors():
        answer = calls.call("secretsmanager", "GetSecretValue", {"SecretId": secret_id})
    return str(answer["SecretString"])


@functools.cache
def _root() -> bytes:
    return read_secret(settings().secret_id).encode()


def operators_secret(kind: type[T], *, period: int | None = None) -> T:
    """Return the fields that `kind` names of the second secret, the JSON object that operators keep.

    It is read once by each process, or once in each `period` for callers that must learn of a change. Without such a
    secret every field has its default. Raises `Unavailable`, `msgspec.ValidationError`.
    """
    return msgspec.json.decode(_text() if period is None else _text_as_of(period), type=kind)


@functools.cache
def _text() -> str:
    return _read_text()


@functools.lru_cache(maxsize=1)
def _text_as_of(period: int) -> str:
    return _read_text()


def _read_text() -> str:
    secret_id = settings().partners_secret_id
    if not secret_id:
        return "{}"
    return read_secret(secret_id)


@functools.cache
def key(purpose: str) -> bytes:
    """Return 32 bytes for one purpose: the first block of HKDF-Expand (RFC 5869) over the stored secret."""
    return hmac.digest(_root(), purpose.encode() + b"\x01", "sha256")


def keyed_digest(purpose: str, *parts: str | int) -> bytes:
    """Return 32 bytes that only the product can compute: `hmacs.digest` of the parts by the key of this purpose."""
    return hmacs.digest(key(purpose), *parts)


def keyed_hash(purpose: str, *parts: str | int) -> str:
    """Return `keyed_digest` as 43 URL-safe characters."""
    return hmacs.text(key(purpose), *parts)


def forget() -> None:
    """Drop the secrets that were read. Tests use it."""
    _root.cache_clear()
    key.cache_clear()
    _text.cache_clear()
    _text_as_of.cache_clear()
