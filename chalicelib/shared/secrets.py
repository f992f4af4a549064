"""Keys of the application, each derived from the one stored secret, so that none serves two purposes."""

import functools
import hmac

import msgspec

from chalicelib.shared import clients, hmacs
from chalicelib.shared.settings import settings
from chalicelib.shared.table import aws_errors


@functools.cache
def _root() -> bytes:
    with aws_errors():
        answer = clients.client("secretsmanager").get_secret_value(SecretId=settings().secret_id)
    return str(answer["SecretString"]).encode()


class AuthorityKey(msgspec.Struct, frozen=True):
    """Where the identity authority answers, and the key both sides sign with."""

    url: str
    key_id: str
    key: str


class PartnerKey(msgspec.Struct, frozen=True):
    """A key that a partner platform signs its requests with."""

    key_id: str
    key: str


class PartnerAccess(msgspec.Struct, frozen=True):
    """What a partner platform may see: the results of these organisations, and those of its own users.

    `organisations`: a short name for addresses → the name as people give it. `sign_in`: the provider whose users it
    may ask for. `keys`: two while one replaces the other.
    """

    keys: tuple[PartnerKey, ...]
    organisations: dict[str, str] = {}
    sign_in: str = ""


class PartnerSecrets(msgspec.Struct, frozen=True):
    """What operators keep in the second secret (docs/partners.md)."""

    sign_in: dict[str, str] = {}  # provider → client secret
    authority: AuthorityKey | None = None
    partners: dict[str, PartnerAccess] = {}


@functools.cache
def partner_secrets() -> PartnerSecrets:
    """The second secret, read once by each process. Raises `Unavailable`, `msgspec.ValidationError`."""
    return _read_partner_secrets()


@functools.lru_cache(maxsize=1)
def partners_as_of(period: int) -> dict[str, PartnerAccess]:
    """Who may ask for results, read anew in each period: a retired key must not live as long as a process."""
    return _read_partner_secrets().partners


def _read_partner_secrets() -> PartnerSecrets:
    if not settings().partners_secret_id:
        return PartnerSecrets()
    with aws_errors():
        answer = clients.client("secretsmanager").get_secret_value(
            SecretId=settings().partners_secret_id
        )
    return msgspec.json.decode(answer["SecretString"], type=PartnerSecrets)


@functools.cache
def key(purpose: str) -> bytes:
    """Return 32 bytes for one purpose: the first block of HKDF-Expand (RFC 5869) over the stored secret."""
    return hmac.digest(_root(), purpose.encode() + b"\x01", "sha256")


def keyed_digest(purpose: str, *parts: str | int) -> bytes:
    """Return 32 bytes that only the product can compute: `hmacs.digest` of the parts by the key of this purpose."""
    return hmacs.digest(key(purpose), *parts)


def keyed_hash(purpose: str, *parts: str | int) -> str:
    """Return `keyed_digest` as 43 URL-safe signs."""
    return hmacs.text(key(purpose), *parts)


def forget() -> None:
    """Drop what was read (tests)."""
    _root.cache_clear()
    key.cache_clear()
    partner_secrets.cache_clear()
    partners_as_of.cache_clear()
