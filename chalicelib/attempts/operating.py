"""Use cases of operators who change or review one attempt."""

from chalicelib.attempts import commands, complaining, evidence, model, waiving
from chalicelib.attempts.commands import SeenFlag
from chalicelib.attempts.complaining import Settlement
from chalicelib.attempts.deciding import decide, load
from chalicelib.attempts.model import Attempt, Status, Waiver
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


def refuse_waiver(*, attempt_id: str) -> None:
    """Refuse a waiver for a submitted attempt. Raises `Conflict`: `attempt_submitted`; `NotFound`."""
    model.refuse_submitted(load(attempt_id, None))


def waive_face_check(*, attempt_id: str, waiver: Waiver, now: int) -> bool:
    """Admit without the face check. Returns False when the attempt was closed before. A repeat changes nothing.

    The end of the exam and the frozen identity are extended first. Raises `NotFound`, `Conflict`: `busy`.
    """
    attempt = load(attempt_id, None)
    later = (waiver.enter_until or 0) - attempt.entry_until
    if later > 0 and attempt.status is Status.OPENED:
        _prepare_for(attempt, later)
    after = decide(attempt_id, None, now, lambda a: waiving.waive(a, waiver))
    return after.waiver is not None and after.waiver.at >= waiver.at


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
