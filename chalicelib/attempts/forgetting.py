"""Delete the pictures of an attempt: when that is allowed, and what is removed. Record and timeline stay."""

import msgspec

from chalicelib.attempts import grading, store
from chalicelib.attempts.deciding import decide
from chalicelib.attempts.model import Attempt, Status
from chalicelib.attempts.waiving import Waived
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared.errors import Conflict


def refuse_unsettled(attempt: Attempt, now: int) -> None:
    """Refuse while the pictures are evidence: until the verdict is final and the time to complain is over.

    An attempt without a start is over when it can no longer be started. A practice is no evidence at all. Raises
    `Conflict` (`attempt_not_final`; `complaint_window_open`: up to and with the last millisecond for a complaint).
    """
    over = attempt.status is Status.OPENED and now > attempt.frozen_until
    if over or attempt.policy.is_practice:
        return
    ended = attempt.status is Status.SUBMITTED and grading.is_final(attempt, now)
    if not ended or attempt.follow_up is not None:
        raise Conflict("attempt_not_final", attempt_id=attempt.attempt_id)
    if now <= attempt.complaint_until:
        until = attempt.complaint_until
        raise Conflict("complaint_window_open", attempt_id=attempt.attempt_id, until=until)


def forget_pictures(*, attempt_id: str, now: int) -> int:
    """Remove uploads and evidence in all versions, and the approved face. Returns the number of versions.

    Operators find the attempt no longer by name or ID number within its exam.
    """
    attempt = decide(attempt_id, None, now, without_face)
    store.remove_from_search(attempt)
    return store.delete_pictures(attempt_id)


def without_face(attempt: Attempt) -> Outcomes:
    """Remove the face from the waiver; the waiver itself stays."""
    if attempt.waiver is None or attempt.waiver.reference is None:
        return ()
    return (Waived(waiver=msgspec.structs.replace(attempt.waiver, reference=None)),)
