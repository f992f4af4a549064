"""Outcomes that rules of several modules share. All others stand beside the rule that decides them. Pure."""

from msgspec import UNSET, UnsetType

from chalicelib.attempts.model import Admission, Attempt, AttemptAudit, Chances
from chalicelib.kernel.outcomes import Outcome, outcome_of
from chalicelib.proctoring.model import Integrity


@outcome_of(Attempt)
class ChancesChanged(Outcome, frozen=True):
    """Chances of a face check were used, given back or granted: those before the start, or those after it."""

    chances: Chances | UnsetType = UNSET
    chances_after_start: Chances | UnsetType = UNSET


@outcome_of(Attempt)
class Audited(Outcome, frozen=True):
    """Somebody ordered this change: the newest audits, this one last.

    `ordered_version`: the version of the attempt after the change; left out where commands of other operators need
    not wait for it.
    """

    audit: tuple[AttemptAudit, ...]
    ordered_version: int | UnsetType = UNSET


@outcome_of(Attempt)
class EntryMoved(Outcome, frozen=True):
    """The entry closes at another time; a page that was admitted may start until another time."""

    entry_until: int
    admission: Admission | UnsetType = UNSET


@outcome_of(Attempt)
class Reassessed(Outcome, frozen=True):
    """The same verdicts add up to something else."""

    integrity: Integrity


def chances_changed(chances: Chances, *, after_start: bool) -> ChancesChanged:
    """The outcome that sets the chances before the start, or those after it."""
    if after_start:
        return ChancesChanged(chances_after_start=chances)
    return ChancesChanged(chances=chances)
