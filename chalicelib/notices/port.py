"""The port that SMS providers are adapters of: a message, the key, and why a message was not taken."""

import enum
import re
from typing import Protocol

import msgspec

from chalicelib.shared import clients
from chalicelib.shared.errors import Unavailable
from chalicelib.shared.settings import settings
from chalicelib.shared.table import aws_errors


class Message(msgspec.Struct, frozen=True):
    """One logical message to an E.164 number. The same `message_id` again is the same message.

    `tried_at`: when it was first handed over (UTC ms), if this is not the first time.
    """

    message_id: str
    number: str
    template: str
    variables: dict[str, str]
    tried_at: int | None = None


class SendFailure(enum.StrEnum):
    """Why a message was not taken; what helps differs. It is a dimension of a metric, so there are few values."""

    RECIPIENT = "recipient"  # this number cannot be reached: never
    MESSAGE = "message"  # template, signature or values are not accepted: never, as it stands
    ACCOUNT = "account"  # arrears, limits, sandbox, key, permission: an operator must see to it
    BUSY = "busy"  # too much at once: later
    UNCLEAR = "unclear"  # no answer, or none that can be understood: it may have been taken


FOR_GOOD = frozenset({SendFailure.RECIPIENT, SendFailure.MESSAGE})
NEEDS_OPERATOR = frozenset({SendFailure.MESSAGE, SendFailure.ACCOUNT})


class NotTaken(Exception):
    """A provider did not take a message: the kind of trouble, and the provider's own code."""

    def __init__(self, trouble: SendFailure, code: str) -> None:
        self.trouble = trouble
        self.code = _harmless(code)
        super().__init__(self.code)


class SmsSender(Protocol):
    """A provider."""

    def send(self, message: Message) -> None:
        """Hand a message over. Raises `NotTaken`."""

    def look(self) -> list[str]:
        """Return in Chinese what the provider says of account and templates that would keep messages from arriving."""


class ProviderKey(msgspec.Struct, frozen=True):
    """The pair that a provider has given out. The secret holds it as JSON (`key_id`, `key`)."""

    key_id: str
    key: str


def key() -> ProviderKey:
    """Return the pair. It is read for each message, so a replaced key counts at once. Raises `NotTaken`."""
    try:
        with aws_errors():
            client = clients.client("secretsmanager")
            answer = client.get_secret_value(SecretId=settings().sms_secret_id)
        return msgspec.json.decode(answer["SecretString"], type=ProviderKey)
    except Unavailable:
        raise NotTaken(SendFailure.BUSY, "key_not_read") from None
    except msgspec.MsgspecError:
        raise NotTaken(SendFailure.ACCOUNT, "key_not_set") from None


_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,79}")
_MANY_DIGITS = re.compile(r"[0-9]{5}")


def _harmless(code: str) -> str:
    """Return a provider's code if it may stand in a log; it is text of somebody else's and could hold a number."""
    right = _CODE.fullmatch(code) and not _MANY_DIGITS.search(code)
    return code if right else "unreadable"
