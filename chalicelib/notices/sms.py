"""SMS by template: a message, the port that hands it to a provider, and which provider the settings name."""

import enum
import re
from typing import Any, Protocol

import msgspec

from chalicelib.shared import clients, log
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


class Trouble(enum.StrEnum):
    """Why a message was not taken; what helps differs. A dimension of the metric: few, and none is added lightly."""

    RECIPIENT = "recipient"  # this number cannot be reached: never
    MESSAGE = "message"  # template, signature or values are not accepted: never, as it stands
    ACCOUNT = (
        "account"  # arrears, limits, sandbox, key, permission: when the operator has seen to it
    )
    BUSY = "busy"  # too much at once: later
    UNCLEAR = "unclear"  # no answer, or none that can be understood: it may have been taken


FOR_GOOD = frozenset({Trouble.RECIPIENT, Trouble.MESSAGE})
NEEDS_OPERATOR = frozenset({Trouble.MESSAGE, Trouble.ACCOUNT})


class NotTaken(Exception):
    """What an adapter raises: whether and why a provider did not take a message, with the provider's own code."""

    def __init__(self, trouble: Trouble, code: str) -> None:
        self.trouble = trouble
        self.code = _harmless(code)
        super().__init__(self.code)


class Rejected(Exception):
    """The provider will never take this message: trying again is no use."""


class SmsSender(Protocol):
    """A provider."""

    def send(self, message: Message) -> None:
        """Hand a message over. Raises `NotTaken`."""

    def look(self) -> list[str]:
        """What the provider tells of account and templates that would keep messages from arriving, in Chinese."""


class Key(msgspec.Struct, frozen=True):
    """What the secret holds, as JSON: the pair that a provider has given out (`key_id`, `key`)."""

    key_id: str
    key: str


def sender() -> SmsSender:
    """The provider that the settings name."""
    match settings().sms_provider:
        case "aliyun":
            from chalicelib.notices.aliyun import Aliyun

            return Aliyun()
        case "tencent":
            from chalicelib.notices.tencent import Tencent

            return Tencent()
        case "https":
            from chalicelib.notices.https_provider import HttpsProvider

            return HttpsProvider()
        case "sns":
            from chalicelib.notices.sns import Sns

            return Sns()


def send(message: Message) -> None:
    """Hand a message to the provider, and count how that went. Raises `Unavailable`, `Rejected`."""
    try:
        hand_over(message)
    except NotTaken as error:
        if error.trouble in FOR_GOOD:
            raise Rejected from None  # an error's chain may hold the number
        raise Unavailable("service_busy", retry_after_s=5) from None


def hand_over(message: Message) -> None:
    """The same for whoever wants to know why not. Raises `NotTaken`.

    `SmsTaken` counts 1 or 0 for each try, so its average is the share that was taken.
    """
    about: dict[str, Any] = {"provider": settings().sms_provider, "template": message.template}
    try:
        sender().send(message)
    except NotTaken as error:
        log.metric("SmsTaken", 0, apart=("provider",), **about)
        about |= {"trouble": error.trouble.value, "code": error.code}
        log.metric("SmsFailed", 1, apart=("provider", "trouble"), **about)
        if error.trouble in NEEDS_OPERATOR:
            log.metric("SmsNeedsOperator", 1, **about)
        raise
    log.metric("SmsTaken", 1, apart=("provider",), **about)


def key() -> Key:
    """The pair, read anew for each message: a replaced key counts at once, and messages are few beside everything.

    Raises `NotTaken` when it cannot be read or is none.
    """
    try:
        with aws_errors():
            client = clients.client("secretsmanager")
            answer = client.get_secret_value(SecretId=settings().sms_secret_id)
        return msgspec.json.decode(answer["SecretString"], type=Key)
    except Unavailable:
        raise NotTaken(Trouble.BUSY, "key_not_read") from None
    except msgspec.MsgspecError:
        raise NotTaken(Trouble.ACCOUNT, "key_not_set") from None


_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,79}")
_MANY_DIGITS = re.compile(r"[0-9]{5}")


def _harmless(code: str) -> str:
    """A provider's code as it may stand in a log: it is text of somebody else's, and could hold anything."""
    right = _CODE.fullmatch(code) and not _MANY_DIGITS.search(code)
    return code if right else "unreadable"
