"""SMS by template: a message, the port that hands it to a provider, and which provider the settings name."""

from typing import Protocol

import msgspec

from chalicelib.shared.settings import settings


class Message(msgspec.Struct, frozen=True):
    """One logical message to an E.164 number. The same `message_id` again is the same message."""

    message_id: str
    number: str
    template: str
    variables: dict[str, str]


class Rejected(Exception):
    """The provider will never take this message: trying again is no use."""


class SmsSender(Protocol):
    """A provider."""

    def send(self, message: Message) -> None:
        """Hand a message over. Raises `Unavailable` (whether it was taken is not known), `Rejected`."""


def sender() -> SmsSender:
    """The provider that the settings name."""
    if settings().sms_provider == "https":
        from chalicelib.notices.https_provider import HttpsProvider

        return HttpsProvider()
    from chalicelib.notices.sns import Sns

    return Sns()


def send(message: Message) -> None:
    """Hand a message to the provider. Raises `Unavailable`, `Rejected`."""
    sender().send(message)
