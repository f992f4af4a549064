"""Rules of the attempt about a complaint: who may decide it, and what the decision changes. Pure."""

import msgspec

from chalicelib.attempts import grading, watch
from chalicelib.attempts.commands import audited, decided
from chalicelib.attempts.model import (
    Attempt,
    AttemptAudit,
    Contested,
    DecidedComplaint,
    Decision,
    Status,
)
from chalicelib.attempts.practising import refuse_practice
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.proctoring.model import IntegrityState
from chalicelib.shared import lines
from chalicelib.shared.errors import Conflict


@outcome_of(Attempt)
class ComplaintSettled(Outcome, frozen=True):
    """The complaint about the present verdict is decided."""

    complaint: DecidedComplaint


class Settlement(msgspec.Struct, frozen=True):
    """A decided complaint that is passed on to the attempt."""

    case_id: str
    operator: str
    reason: str
    at: int
    upheld: bool
    verdict: Contested
    operator_id: str = ""


def complain(attempt: Attempt, now: int) -> Contested:
    """Return the verdict that a complaint is possible about now, up to and with the last millisecond.

    Raises `Conflict` (`practice_without_result`, `not_submitted`, `complaint_too_late`).
    """
    refuse_practice(attempt)
    if attempt.status is not Status.SUBMITTED:
        raise Conflict("not_submitted", next_step=attempt.next_step(now))
    if now > attempt.complaint_until:
        raise Conflict("complaint_too_late", until=attempt.complaint_until)
    return Contested(attempt.verdict_at, grading.accused_of(attempt))


def refuse_operator(attempt: Attempt, operator: str, operator_id: str) -> None:
    """Refuse the operator who confirmed the flag. Raises `Conflict`: `same_operator`."""
    confirmed = [d for d in attempt.decisions if d.state is IntegrityState.INVALIDATED]
    if any(_decided_by(decision, operator, operator_id) for decision in confirmed):
        raise Conflict("same_operator")


def _decided_by(decision: Decision, operator: str, operator_id: str) -> bool:
    """Whether this operator made the decision. Old decisions have no operator id; then the names are compared."""
    if decision.operator_id and operator_id:
        return decision.operator_id == operator_id
    return lines.fold_name(decision.operator) == lines.fold_name(operator)


def settle(attempt: Attempt, settlement: Settlement) -> Outcomes:
    """Write a decided complaint into its attempt, once.

    An upheld complaint overturns the rule that the verdict was based on, and no other. A verdict by score, or a
    rejected complaint, leaves integrity as it is. The decision stands in the audit in either case.
    """
    if _settled(attempt, settlement):
        return ()
    outcomes: Outcomes = (audited(attempt, _audit(settlement)),)
    published_at = settlement.verdict.published_at
    if attempt.complaint is None or attempt.complaint.published_at < published_at:
        complaint = DecidedComplaint(
            settlement.case_id, published_at, settlement.upheld, settlement.at
        )
        outcomes += (ComplaintSettled(complaint=complaint),)
    if settlement.upheld and settlement.verdict.accused is not None:
        decision = Decision(
            state=IntegrityState.OVERTURNED,
            rule=settlement.verdict.accused,
            operator=settlement.operator,
            reason=settlement.reason,
            at=settlement.at,
            slots=watch.slots_of_rule(attempt, settlement.verdict.accused),
            operator_id=settlement.operator_id,
        )
        outcomes += (decided(attempt, decision),)
    return outcomes


def _settled(attempt: Attempt, settlement: Settlement) -> bool:
    """Whether the attempt has this decision already."""
    if attempt.complaint is not None and attempt.complaint.case_id == settlement.case_id:
        return True
    return any(entry.command_id == settlement.case_id for entry in attempt.audit)


def _audit(settlement: Settlement) -> AttemptAudit:
    return AttemptAudit(
        command_id=settlement.case_id,
        what="decide_complaint",
        operator=settlement.operator,
        reason=settlement.reason,
        detail="upheld" if settlement.upheld else "rejected",
        at=settlement.at,
        operator_id=settlement.operator_id,
    )
