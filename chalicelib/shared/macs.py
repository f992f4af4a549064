"""Authentication codes (HMAC-SHA-256) by a key that never leaves KMS.

The policy of the key (infra/resources.yaml) says which function may make a code and which may only check one. So the
right to write to the tables does not include the right to make a code.
"""

import datetime

import msgspec
from botocore.exceptions import ClientError

from chalicelib.shared import clients
from chalicelib.shared.settings import settings
from chalicelib.shared.table import aws_errors

_ALGORITHM = "HMAC_SHA_256"
_BYTES = 32  # of HMAC-SHA-256


class Mac(msgspec.Struct, frozen=True):
    """A code of 32 bytes, and the id of the key that made it."""

    key: str
    value: bytes


def make(message: bytes) -> Mac:
    """Return the code of a message of at most 4,096 bytes. Raises `Unavailable` when KMS does not answer."""
    with aws_errors():
        answer = clients.client("kms").generate_mac(
            KeyId=settings().evidence_key_id, MacAlgorithm=_ALGORITHM, Message=message
        )
    return Mac(answer["KeyId"].rpartition("/")[2], bytes(answer["Mac"]))


def holds(mac: Mac, message: bytes) -> bool:
    """Whether one of our keys made this code of this message. Raises `Unavailable`.

    A key that the settings do not name is not accepted; otherwise anybody with a key of their own could make codes.
    """
    if mac.key not in settings().evidence_keys or len(mac.value) != _BYTES:
        return False
    with aws_errors():
        try:
            clients.client("kms").verify_mac(
                KeyId=mac.key, MacAlgorithm=_ALGORITHM, Message=message, Mac=mac.value
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "KMSInvalidMacException":
                return False
            raise
    return True


def first_key_at() -> int:
    """Return when the oldest of our keys was made (UTC ms), as KMS records it. Raises `Unavailable`."""
    made: list[datetime.datetime] = []
    for key in settings().evidence_keys:
        with aws_errors():
            answer = clients.client("kms").describe_key(KeyId=key)
        made.append(answer["KeyMetadata"]["CreationDate"])
    return min(int(moment.timestamp() * 1000) for moment in made)
