"""The interface that all SMS providers implement: a message, the key, and why a message was not taken."""

import enum
import re
from typing import Protocol

import msgspec

from chalicelib.shared import secrets
from chalicelib.shared.errors import Unavailable
from chalicelib.shared.languages import Language
from chalicelib.shared.settings import settings


class Message(msgspec.Struct, frozen=True):
    """One message to an E.164 number, in a language. A repeated try has the same `message_id`.

    `variables`: a value may be a `Sentence`. `tried_at`: when it was first handed over (UTC ms), if this is not the
    first time.
    """

    message_id: str
    number: str
    template: str
    variables: dict[str, str]
    tried_at: int | None = None
    language: Language = Language.ZH


class SendFailure(enum.StrEnum):
    """The kinds of failures. They are a dimension of a metric, so there are few of them."""

    RECIPIENT = "recipient"  # this number can never be reached
    MESSAGE = "message"  # template, signature or values are not accepted; the same message never is
    ACCOUNT = "account"  # arrears, limits, sandbox, key, permission: an operator has to act
    BUSY = "busy"  # too many messages now; a later try may succeed
    UNCLEAR = "unclear"  # no answer, or one that cannot be read; the message may have been taken


FOR_GOOD = frozenset({SendFailure.RECIPIENT, SendFailure.MESSAGE})
NEEDS_OPERATOR = frozenset({SendFailure.MESSAGE, SendFailure.ACCOUNT})


class NotTaken(Exception):
    """A provider did not take a message. `trouble`: the kind of failure. `code`: the provider's code."""

    def __init__(self, trouble: SendFailure, code: str) -> None:
        self.trouble = trouble
        self.code = _harmless(code)
        super().__init__(self.code)


class SmsSender(Protocol):
    """An SMS provider."""

    def send(self, message: Message) -> None:
        """Hand a message over. Raises `NotTaken`."""

    def look(self) -> list[str]:
        """Return findings about account and templates in Chinese; empty when all is well. Raises nothing."""


class ProviderKey(msgspec.Struct, frozen=True):
    """The key of a provider and its id. The secret holds them as JSON (`key_id`, `key`)."""

    key_id: str
    key: str


def key() -> ProviderKey:
    """Return the key. It is read for each message, so that a new key is used at once. Raises `NotTaken`."""
    try:
        stored = secrets.read_secret(settings().sms_secret_id)
        return msgspec.json.decode(stored, type=ProviderKey)
    except Unavailable:
        raise NotTaken(SendFailure.BUSY, "key_not_read") from None
    except msgspec.MsgspecError:
        raise NotTaken(SendFailure.ACCOUNT, "key_not_set") from None


_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,79}")
_MANY_DIGITS = re.compile(r"[0-9]{5}")


def _harmless(code: str) -> str:
    """Return a provider's code if it may be logged, else `unreadable`. Text from outside could hold a phone number."""
    right = _CODE.fullmatch(code) and not _MANY_DIGITS.search(code)
    return code if right else "unreadable"
