"""The rule of admitting somebody without the face check, by an operator's decision. Pure."""

import msgspec

from chalicelib.attempts import watch
from chalicelib.attempts.commands import KEPT_AUDITS
from chalicelib.attempts.model import Attempt, Audit, Changes, Status, Waiver


def waive(attempt: Attempt, waiver: Waiver) -> Changes:
    """Let a decided waiver hold for this attempt; one decided later is never replaced by an older one.

    From now on mismatches count for nothing: what was found because of them is told anew in the same write.
    A closed round never changes. Entry only ever closes later.
    """
    known = attempt.waiver
    if attempt.status is Status.SUBMITTED or (known is not None and known.at >= waiver.at):
        return {}
    changes: Changes = {"waiver": waiver, **_entry(attempt, waiver), **_audited(attempt, waiver)}
    found = watch.integrity(msgspec.structs.replace(attempt, waiver=waiver))
    return changes if found == attempt.integrity else {**changes, "integrity": found}


def _entry(attempt: Attempt, waiver: Waiver) -> Changes:
    if waiver.enter_until is None or waiver.enter_until <= attempt.entry_until:
        return {}
    changes: Changes = {"entry_until": waiver.enter_until}
    if attempt.admission is not None:
        until = max(attempt.admission.start_until, waiver.enter_until)
        changes["admission"] = msgspec.structs.replace(attempt.admission, start_until=until)
    return changes


def _audited(attempt: Attempt, waiver: Waiver) -> Changes:
    entry = Audit(
        command_id=waiver.case_id,
        what="waive_face_check",
        operator=waiver.operator,
        reason=waiver.reason,
        detail=waiver.reference.sha256 if waiver.reference else "enrolled",
        at=waiver.at,
        operator_id=waiver.operator_id,
    )
    return {"audit": (*attempt.audit, entry)[-KEPT_AUDITS:]}
