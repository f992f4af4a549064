"""What can go wrong, in the words of the domain; `handlers.endpoint` alone knows what HTTP makes of it. Pure."""

from typing import Any


class DomainError(Exception):
    """A refusal that the caller is told about.

    `code` is the stable name of the refusal (documented in docs/errors.md, Chinese text in
    `texts.ERRORS` of the room that raises it); `details` are JSON values that the text or the page may use.
    """

    def __init__(self, code: str, *, retry_after_s: int | None = None, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details
        self.retry_after_s = retry_after_s


class Invalid(DomainError):
    """The request itself is wrong; repeating it unchanged can never work."""


class NotSignedIn(DomainError):
    """There is no valid session."""


class Refused(DomainError):
    """Known who asks, and the answer is no."""


class NotFound(DomainError):
    """There is no such thing, or it belongs to somebody else (which must look the same)."""


class Conflict(DomainError):
    """Right request, wrong moment: the details name the step that is due."""


class TooLarge(DomainError):
    """The body is larger than any honest request."""


class WrongType(DomainError):
    """The body is not JSON."""


class TooMany(DomainError):
    """A budget is used up for now; `retry_after_s` says for how long."""


class Unavailable(DomainError):
    """A service that we need does not answer; nothing was decided, try again."""
