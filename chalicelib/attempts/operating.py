"""Use cases of operators who change or review one attempt."""

from chalicelib.attempts import commands, complaining, evidence, granting
from chalicelib.attempts.commands import SeenFlag
from chalicelib.attempts.complaining import Settlement
from chalicelib.attempts.deciding import decide, load
from chalicelib.attempts.granting import Given, Grant, TicketOrder
from chalicelib.attempts.model import Attempt, Status
from chalicelib.exams import service as exams
from chalicelib.identity import service as identity
from chalicelib.kernel.commands import Command
from chalicelib.kernel.outcomes import Outcomes
from chalicelib.shared.errors import Conflict


def grant_chances(*, attempt_id: str, command: Command, count: int, now: int) -> Attempt:
    """Give more verification chances. Raises `Conflict`, `NotFound`."""
    return decide(attempt_id, None, now, lambda a: commands.grant_chances(a, command, count, now))


def extend_time(*, attempt_id: str, command: Command, extra_ms: int, now: int) -> Attempt:
    """Give one candidate more time. Raises `Conflict`, `NotFound`."""

    def rule(attempt: Attempt) -> Outcomes:
        outcomes = commands.extend_time(attempt, command, extra_ms, now)
        if outcomes:
            _prepare_for(attempt, extra_ms)
        return outcomes

    return decide(attempt_id, None, now, rule)


def _prepare_for(attempt: Attempt, extra_ms: int) -> None:
    """Before a deadline moves: note it in the exam, and keep the identity frozen for as long."""
    exams.note_deadline(exam_id=attempt.exam_id, deadline=attempt.last_deadline + extra_ms)
    identity.keep_frozen(
        account_id=attempt.account_id,
        attempt_id=attempt.attempt_id,
        until=attempt.frozen_until + extra_ms,
    )


def confirm_flag(
    *, attempt_id: str, command: Command, seen_flag: SeenFlag, confirmed: bool, now: int
) -> Attempt:
    """Decide a flag. Raises `Conflict`, `NotFound`."""
    return decide(
        attempt_id,
        None,
        now,
        lambda a: commands.confirm_flag(a, command, seen_flag, confirmed, now),
    )


def refuse_grant(*, attempt_id: str, grant: Grant, chances: int, enter_until: int | None) -> None:
    """Refuse what a ticket cannot give.

    Raises `Conflict` (`attempt_submitted`, `entry_not_needed`, `entry_not_later`, `too_many_chances`), `NotFound`.
    """
    attempt = load(attempt_id, None)
    granting.refuse_grant(attempt, grant, chances=chances, enter_until=enter_until)


def is_submitted(*, attempt_id: str) -> bool:
    """Whether the paper is handed in, as it is stored. Raises `NotFound`."""
    return load(attempt_id, None).status is Status.SUBMITTED


def settle_ticket(*, attempt_id: str, order: TicketOrder, now: int) -> Given | None:
    """Carry out a decision about a ticket; returns what it gave. A repeat changes nothing.

    Returns None when the attempt was closed before. The end of the exam and the frozen identity are extended first.
    Raises `NotFound`, `Conflict`: `busy`.
    """

    def rule(attempt: Attempt) -> Outcomes:
        outcomes = granting.give(attempt, order)
        if outcomes and (later := granting.moves_deadline_by(attempt, order)):
            _prepare_for(attempt, later)
        return outcomes

    return granting.given(decide(attempt_id, None, now, rule), order)


def refuse_decider(*, attempt_id: str, operator: str, operator_id: str) -> None:
    """Refuse the operator who confirmed the flag. Raises `Conflict`: `same_operator`; `NotFound`."""
    complaining.refuse_operator(load(attempt_id, None), operator, operator_id)


def settle_complaint(*, attempt_id: str, settlement: Settlement, now: int) -> Attempt:
    """Write a decided complaint into its attempt. A repeat changes nothing. Raises `NotFound`, `Conflict`: `busy`."""
    return decide(attempt_id, None, now, lambda a: complaining.settle(a, settlement))


def review_result(*, attempt_id: str, now: int) -> evidence.Result:
    """Return a submitted attempt for the operator who decides about a complaint. Raises `NotFound`, `Conflict`."""
    attempt = load(attempt_id, None)  # reading does not change the attempt
    if attempt.status is not Status.SUBMITTED:
        raise Conflict("not_submitted", next_step=attempt.next_step(now))
    return evidence.show_result(attempt, by="operator")
