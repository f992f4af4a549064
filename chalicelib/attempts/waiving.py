"""The rules of admitting somebody without the face check, by an operator's decision, and of taking that back. Pure."""

import msgspec

from chalicelib.attempts import watch
from chalicelib.attempts.model import Attempt, Status, Waiver
from chalicelib.attempts.outcomes import EntryMoved, Reassessed
from chalicelib.kernel.outcomes import Outcome, Outcomes, applied, outcome_of


@outcome_of(Attempt)
class Waived(Outcome, frozen=True):
    """An operator admits this person without the face check, or the waiver has changed."""

    waiver: Waiver


@outcome_of(Attempt)
class WaiverWithdrawn(Outcome, frozen=True):
    """The face check is needed again, because a ticket was decided differently."""

    waiver: None = None


def waive(attempt: Attempt, waiver: Waiver) -> Outcomes:
    """Set a decided waiver for this attempt. An older waiver never replaces a newer one.

    With a waiver, mismatches no longer count, so the same write also holds the new integrity. A closed round never
    changes. The entry never closes earlier than before.
    """
    earlier = attempt.waiver
    if attempt.status is Status.SUBMITTED or (earlier is not None and earlier.at >= waiver.at):
        return ()
    waived = Waived(waiver=waiver)
    return (waived, *extend_entry(attempt, waiver.enter_until), *_reassessed(attempt, waived))


def withdraw(attempt: Attempt, case_id: str) -> Outcomes:
    """Take the waiver of this ticket back, unless it was used or is not the present one. Mismatches count again."""
    if not may_be_withdrawn(attempt, case_id):
        return ()
    withdrawn = WaiverWithdrawn()
    return (withdrawn, *_reassessed(attempt, withdrawn))


def may_be_withdrawn(attempt: Attempt, case_id: str) -> bool:
    """Whether the waiver of this ticket is in force and has admitted nobody so far."""
    if attempt.waiver is None or attempt.waiver.case_id != case_id:
        return False
    return attempt.admission is None or attempt.admission.verification_id != case_id


def extend_entry(attempt: Attempt, until: int | None) -> Outcomes:
    """Let this person start until this time (UTC ms), if that is later than now allowed."""
    if until is None or until <= attempt.entry_until:
        return ()
    if attempt.admission is None:
        return (EntryMoved(entry_until=until),)
    later = max(attempt.admission.start_until, until)
    admission = msgspec.structs.replace(attempt.admission, start_until=later)
    return (EntryMoved(entry_until=until, admission=admission),)


def _reassessed(attempt: Attempt, outcome: Outcome) -> Outcomes:
    """What the verdicts add up to with or without a waiver, if that is something else."""
    integrity = watch.integrity(applied(attempt, (outcome,)))
    return () if integrity == attempt.integrity else (Reassessed(integrity=integrity),)
