"""The kinds of refusals. `handlers.endpoint` alone maps them to HTTP. Pure."""

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
    """The request itself is wrong; the same request never succeeds."""


class NotSignedIn(DomainError):
    """There is no valid session."""


class Refused(DomainError):
    """The caller is known and is not allowed to do this."""


class NotFound(DomainError):
    """The thing does not exist, or belongs to somebody else. The caller cannot tell the difference."""


class Conflict(DomainError):
    """The request is right but comes at the wrong moment; the details name the step that is due."""


class TooLarge(DomainError):
    """The body is larger than the limit."""


class WrongType(DomainError):
    """The body is not JSON."""


class TooMany(DomainError):
    """A budget is used up for now; `retry_after_s` says for how long."""


class Unavailable(DomainError):
    """A service that we need does not answer; nothing was decided, try again."""
