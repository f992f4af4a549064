"""The rule of admitting somebody without the face check, by an operator's decision. Pure."""

import msgspec

from chalicelib.attempts import watch
from chalicelib.attempts.model import Attempt, AttemptAudit, Status, Waiver
from chalicelib.attempts.outcomes import Audited, EntryMoved, Reassessed
from chalicelib.kernel.commands import with_newest
from chalicelib.kernel.outcomes import Outcome, Outcomes, applied, outcome_of


@outcome_of(Attempt)
class Waived(Outcome, frozen=True):
    """An operator admits this person without the face check, or the waiver has changed."""

    waiver: Waiver


def waive(attempt: Attempt, waiver: Waiver) -> Outcomes:
    """Set a decided waiver for this attempt. An older waiver never replaces a newer one.

    With a waiver, mismatches no longer count, so the same write also holds the new integrity. A closed round never
    changes. The entry never closes earlier than before.
    """
    earlier = attempt.waiver
    if attempt.status is Status.SUBMITTED or (earlier is not None and earlier.at >= waiver.at):
        return ()
    waived = Waived(waiver=waiver)
    outcomes: Outcomes = (waived, *_extend_entry(attempt, waiver), _audited(attempt, waiver))
    integrity = watch.integrity(applied(attempt, (waived,)))
    if integrity == attempt.integrity:
        return outcomes
    return (*outcomes, Reassessed(integrity=integrity))


def _extend_entry(attempt: Attempt, waiver: Waiver) -> Outcomes:
    if waiver.enter_until is None or waiver.enter_until <= attempt.entry_until:
        return ()
    if attempt.admission is None:
        return (EntryMoved(entry_until=waiver.enter_until),)
    until = max(attempt.admission.start_until, waiver.enter_until)
    admission = msgspec.structs.replace(attempt.admission, start_until=until)
    return (EntryMoved(entry_until=waiver.enter_until, admission=admission),)


def _audited(attempt: Attempt, waiver: Waiver) -> Audited:
    entry = AttemptAudit(
        command_id=waiver.case_id,
        what="waive_face_check",
        operator=waiver.operator,
        reason=waiver.reason,
        detail=waiver.reference.sha256 if waiver.reference else "enrolled",
        at=waiver.at,
        operator_id=waiver.operator_id,
    )
    return Audited(audit=with_newest(attempt.audit, entry))
