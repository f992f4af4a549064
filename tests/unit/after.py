"""A record after a rule has decided about it, as the next one who loads it sees it."""

from typing import Protocol, TypeVar

import msgspec

from chalicelib.kernel.outcomes import Outcomes, applied


class Counted(Protocol):
    """A record that counts its writes."""

    @property
    def version(self) -> int:
        """How often it was written."""


R = TypeVar("R", bound=Counted)


def after(before: R, outcomes: Outcomes) -> R:
    """The record with what was decided, in its next version; the same record when nothing was decided."""
    if not outcomes:
        return before
    changed = applied(before, outcomes)
    return msgspec.structs.replace(changed, version=before.version + 1)
