"""Rules of operators' commands on an attempt: each is carried out once, with a reason, on the version seen. Pure."""

import msgspec

from chalicelib.attempts import watch
from chalicelib.attempts.model import (
    Attempt,
    AttemptAudit,
    Cause,
    Chances,
    Decision,
    Origin,
    Status,
    refuse_submitted,
)
from chalicelib.attempts.outcomes import Audited, chances_changed
from chalicelib.attempts.shards import due_bucket
from chalicelib.identity.model import FrozenIdentity
from chalicelib.kernel.commands import Command, find_command, may_be_same_operator, with_newest
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.proctoring.model import Integrity, IntegrityRule, IntegrityState, Segment
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.shared.errors import Conflict

MOST_CHANCES = 100
MOST_EXTRA_MS = 24 * 60 * MINUTE_MS


@outcome_of(Attempt)
class MoreTimeAllowed(Outcome, frozen=True):
    """More time to write is allowed (ms)."""

    allowed_ms: int


@outcome_of(Attempt)
class DeadlineMoved(Outcome, frozen=True):
    """The deadline of a running clock is later; the added time brings snapshots of its own."""

    deadline: int
    saves_until: int
    due_bucket: str
    segments: tuple[Segment, ...]


@outcome_of(Attempt)
class FlagDecided(Outcome, frozen=True):
    """A human decided about one rule: all decisions, this one last, and what the verdicts add up to with it."""

    decisions: tuple[Decision, ...]
    integrity: Integrity


@outcome_of(Attempt)
class GapsAccepted(Outcome, frozen=True):
    """The result no longer waits for these slots: all accepted ones, old and new."""

    accepted_gaps: tuple[int, ...]
    integrity: Integrity


def _new(attempt: Attempt, command: Command, what: str = "", detail: str = "") -> bool:
    """Whether the command still has to be carried out.

    A running attempt changes with every heartbeat. What counts is whether another operator has ordered something
    since the version that was seen: of two who decide on the same state one is refused.
    `what`, `detail`: name and detail for the audit; empty when they are not known before. Raises `Conflict`:
    `changed_meanwhile`; `command_id_taken` when another command or another operator used the id.
    """
    done = find_command(attempt.audit, command.command_id)
    if done is not None:
        if not _same(done, command, what, detail):
            raise Conflict("command_id_taken")
        return False
    if not attempt.ordered_version <= command.version_seen <= attempt.version:
        raise Conflict("changed_meanwhile", version=attempt.version)
    return True


def _same(done: AttemptAudit, command: Command, what: str, detail: str) -> bool:
    """Whether the audited command is the same as this one."""
    same_operator = may_be_same_operator(done, command)
    return same_operator and what in ("", done.what) and detail in ("", done.detail)


def _audited(attempt: Attempt, command: Command, what: str, detail: str, now: int) -> Audited:
    return audited(attempt, AttemptAudit.of(command, what, now, detail=detail))


def audited(attempt: Attempt, *audits: AttemptAudit) -> Audited:
    """Add audits of this change; commands that were decided on an earlier version are refused from now on."""
    audit = with_newest(attempt.audit, *audits)
    return Audited(audit=audit, ordered_version=attempt.version + 1)


def grant_chances(attempt: Attempt, command: Command, count: int, now: int) -> Outcomes:
    """Give more verification chances: those before the start, or after it those for coming back.

    Raises `Conflict` (`changed_meanwhile`, `attempt_submitted`, `too_many_chances`).
    """
    if not _new(attempt, command, "grant_chances", f"+{count}"):
        return ()
    refuse_submitted(attempt)
    chances = attempt.chances_now
    if chances.granted + count > MOST_CHANCES:
        raise Conflict("too_many_chances", most=MOST_CHANCES)
    more = msgspec.structs.replace(chances, granted=chances.granted + count)
    granted = chances_changed(more, after_start=attempt.status is Status.STARTED)
    return (granted, _audited(attempt, command, "grant_chances", f"+{count}", now))


def extend_time(attempt: Attempt, command: Command, extra_ms: int, now: int) -> Outcomes:
    """Give one candidate more time. A deadline only moves later, and the added time gets its own snapshots.

    Raises `Conflict` (`changed_meanwhile`; `round_closed`: a closed round never changes, but may be re-opened).
    """
    if not _new(attempt, command, "extend_time", f"+{extra_ms} ms"):
        return ()
    if attempt.status is Status.SUBMITTED:
        raise Conflict("round_closed")
    audit = _audited(attempt, command, "extend_time", f"+{extra_ms} ms", now)
    return (*more_time(attempt, extra_ms), audit)


def more_time(attempt: Attempt, extra_ms: int) -> Outcomes:
    """Allow more time, and move the deadline if the clock runs already."""
    allowed = MoreTimeAllowed(allowed_ms=attempt.allowed_ms + extra_ms)
    if attempt.deadline is None:
        return (allowed,)
    deadline = attempt.deadline + extra_ms
    saves_until = deadline + attempt.policy.deadline_grace_ms
    moved = DeadlineMoved(
        deadline=deadline,
        saves_until=saves_until,
        due_bucket=due_bucket(attempt, saves_until),
        segments=(*attempt.segments, Segment(attempt.deadline, deadline)),
    )
    return (allowed, moved)


class SeenFlag(msgspec.Struct, frozen=True):
    """What an operator looked at before deciding a flag: its rule, and its frames (None: all present ones)."""

    rule: IntegrityRule
    slots: tuple[int, ...] | None = None


def confirm_flag(
    attempt: Attempt, command: Command, seen_flag: SeenFlag, confirmed: bool, now: int
) -> Outcomes:
    """Decide a flag: 如核实为非本人 the result is invalidated, else the flag is cleared.

    A newer flag for another rule is refused. Clearing excuses only the frames that the operator looked at; enough
    other frames raise a new flag. Raises `Conflict` (`changed_meanwhile`, `no_flag`).
    """
    state = IntegrityState.INVALIDATED if confirmed else IntegrityState.CLEAR
    if not _new(attempt, command, "confirm_flag", state.value):
        return ()
    integrity = attempt.integrity
    if integrity.state is not IntegrityState.FLAGGED:
        raise Conflict("no_flag")
    if integrity.rule is not seen_flag.rule:
        raise Conflict("changed_meanwhile", version=attempt.version)
    slots = integrity.slots if seen_flag.slots is None else seen_flag.slots
    by, operator_id = command.operator, command.operator_id
    decision = Decision(state, seen_flag.rule, by, command.reason, now, slots, operator_id)
    audit = _audited(attempt, command, "confirm_flag", state.value, now)
    return (decided(attempt, decision), audit)


def decided(attempt: Attempt, decision: Decision) -> FlagDecided:
    """Replace the earlier decision about the same rule. Frames of the earlier decision stay in the new one."""
    before = attempt.decision_about(decision.rule)
    if before is not None and before.slots is not None and decision.slots is not None:
        both = tuple(sorted({*before.slots, *decision.slots}))
        decision = msgspec.structs.replace(decision, slots=both)
    others = tuple(earlier for earlier in attempt.decisions if earlier.rule is not decision.rule)
    decisions = (*others, decision)
    integrity = watch.integrity(msgspec.structs.replace(attempt, decisions=decisions))
    return FlagDecided(decisions=decisions, integrity=integrity)


def accept_gaps(attempt: Attempt, command: Command, now: int) -> Outcomes:
    """Accept that we failed to judge the open frames, so that the result no longer waits for them.

    They never count against the candidate, and a later verdict still counts. Raises `Conflict` (`changed_meanwhile`;
    `not_submitted`: frames may still be judged; `no_gap`).
    """
    if not _new(attempt, command, "accept_gaps"):
        return ()
    if attempt.status is not Status.SUBMITTED:
        raise Conflict("not_submitted", next_step="exam")
    gaps = watch.unaccepted_gaps(attempt)
    if not gaps:
        raise Conflict("no_gap")
    accepted = tuple(sorted({*attempt.accepted_gaps, *gaps}))
    after = msgspec.structs.replace(attempt, accepted_gaps=accepted)
    audit = _audited(attempt, command, "accept_gaps", ",".join(map(str, gaps)), now)
    return (GapsAccepted(accepted_gaps=accepted, integrity=watch.integrity(after)), audit)


def refuse_reopening(closed: Attempt, command: Command, exam_ends_at: int, now: int) -> None:
    """Refuse to re-open a round that the candidate submitted, or after the exam, when keys may be known.

    Raises `Conflict` (`practice_not_reopened`, `changed_meanwhile`, `round_open`, `submitted_by_candidate`,
    `keys_shown`).
    """
    if closed.policy.is_practice:
        raise Conflict("practice_not_reopened")
    _new(closed, command, "reopen_attempt")
    if closed.cause is None:
        raise Conflict("round_open")
    if closed.cause is Cause.CANDIDATE:
        raise Conflict("submitted_by_candidate")
    if now > exam_ends_at:
        raise Conflict("keys_shown", ended_at=exam_ends_at)


class Terms(msgspec.Struct, frozen=True):
    """The times that an operator gives a new round: to write, and to come back (ms)."""

    allowed_ms: int
    entry_ms: int


def next_round(
    closed: Attempt,
    command: Command,
    terms: Terms,
    *,
    attempt_id: str,
    identity: FrozenIdentity,
    orders: tuple[str, ...],
    key_version: str,
    announced: int,
    snapshot_seed: str,
    now: int,
) -> Attempt:
    """Return the next round of a closed attempt: with the same paper and all acknowledged answers, the rest new.

    `orders`: ids of the exam's orders, which the terms take into account already. `announced`: the number of its newest
    announcement; what was read stays read. Raises `Conflict`: `identity_changed` (it must be the person of the round
    before).
    """
    if identity.person_hash != closed.identity.person_hash:
        raise Conflict("identity_changed")
    assert closed.cause is not None  # it is closed
    detail = f"{closed.attempt_id}, {closed.cause.value}, {terms.allowed_ms} ms"
    policy = closed.policy
    return Attempt(
        attempt_id=attempt_id,
        account_id=closed.account_id,
        exam_id=closed.exam_id,
        round=closed.round + 1,
        version=1,
        status=Status.OPENED,
        opened_at=now,
        starts_at=closed.starts_at,
        entry_until=now + terms.entry_ms,
        allowed_ms=terms.allowed_ms,
        policy=policy,
        paper_version=closed.paper_version,
        paper_seed=closed.paper_seed,
        snapshot_seed=snapshot_seed,
        question_count=closed.question_count,
        identity=identity,
        chances=Chances(policy.verification_chances),
        chances_after_start=Chances(policy.verification_chances_after_start),
        answers=closed.answers,
        orders=orders,
        key_version=key_version,
        series=closed.series,
        announced=announced,
        personal=closed.personal,
        receipt=closed.receipt,
        waiver=closed.waiver,  # the reason for it is still true
        audit=(AttemptAudit.of(command, "reopen_attempt", now, detail=detail),),
        origin=Origin(closed.attempt_id, closed.cause, command.command_id),
        ordered_version=1,
    )
