"""Sending a text message by the provider that the settings name. Each try is counted in metrics."""

from typing import Any

from chalicelib.notices.port import FOR_GOOD, NEEDS_OPERATOR, Message, NotTaken, SmsSender
from chalicelib.shared import log
from chalicelib.shared.errors import Unavailable
from chalicelib.shared.settings import settings


class Rejected(Exception):
    """The provider will never take this message; another try is useless."""


def sender() -> SmsSender:
    """Return the provider that the settings name."""
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
    """Hand a message to the provider and count the result. Raises `Unavailable`, `Rejected`."""
    try:
        hand_over(message)
    except NotTaken as error:
        if error.trouble in FOR_GOOD:
            raise Rejected from None  # an error's chain may hold the number
        raise Unavailable("service_busy", retry_after_s=5) from None


def hand_over(message: Message) -> None:
    """Do the same as `send` for callers that need the reason. Raises `NotTaken`.

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
