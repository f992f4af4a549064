"""Rules of what operators may do to an attempt: each command once, for a reason, on what they saw. Pure."""

import msgspec

from chalicelib.attempts import watch
from chalicelib.attempts.model import (
    Attempt,
    Audit,
    Changes,
    Decision,
    Status,
    due_bucket,
    refuse_submitted,
)
from chalicelib.proctoring.model import Integrity, IntegrityRule, IntegrityState, Segment
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.shared.errors import Conflict

KEPT_AUDITS = 20  # newest last; all of them are in the timeline
MOST_CHANCES = 100
MOST_EXTRA_MS = 24 * 60 * MINUTE_MS


class Command(msgspec.Struct, frozen=True):
    """Who orders something, why, and on which version of the attempt they decided it.

    A running attempt changes with every heartbeat. What counts is whether another operator has ordered
    something since that version: two who decide on the same state never both get their way unseen.
    """

    command_id: str
    operator: str
    reason: str
    version_seen: int


def _new(attempt: Attempt, command: Command) -> bool:
    """Whether the command has still to be done. Raises `Conflict`: `changed_meanwhile`."""
    if any(entry.command_id == command.command_id for entry in attempt.audit):
        return False
    if not attempt.ordered_version <= command.version_seen <= attempt.version:
        raise Conflict("changed_meanwhile", version=attempt.version)
    return True


def _audited(attempt: Attempt, command: Command, what: str, detail: str, now: int) -> Changes:
    entry = Audit(command.command_id, what, command.operator, command.reason, detail, now)
    return {
        "audit": (*attempt.audit, entry)[-KEPT_AUDITS:],
        "ordered_version": attempt.version + 1,
    }


def grant_chances(attempt: Attempt, command: Command, count: int, now: int) -> Changes:
    """Give more verification chances: those before the start, or of coming back once it has begun.

    Raises `Conflict` (`changed_meanwhile`, `attempt_submitted`, `too_many_chances`).
    """
    if not _new(attempt, command):
        return {}
    refuse_submitted(attempt)
    started = attempt.status is Status.STARTED
    field = "chances_after_start" if started else "chances"
    chances = attempt.chances_now
    if chances.granted + count > MOST_CHANCES:
        raise Conflict("too_many_chances", most=MOST_CHANCES)
    more = msgspec.structs.replace(chances, granted=chances.granted + count)
    return {field: more, **_audited(attempt, command, "grant_chances", f"+{count}", now)}


def extend_time(attempt: Attempt, command: Command, extra_ms: int, now: int) -> Changes:
    """Give one candidate more time; a deadline only ever moves later, and brings snapshots of its own.

    Raises `Conflict` (`changed_meanwhile`, `attempt_submitted`: a closed round never changes).
    """
    if not _new(attempt, command):
        return {}
    refuse_submitted(attempt)
    audit = _audited(attempt, command, "extend_time", f"+{extra_ms} ms", now)
    return {**more_time(attempt, extra_ms), **audit}


def more_time(attempt: Attempt, extra_ms: int) -> Changes:
    """What more time changes: what is allowed, and a deadline that is running already."""
    allowed: Changes = {"allowed_ms": attempt.allowed_ms + extra_ms}
    if attempt.deadline is None:
        return allowed
    deadline = attempt.deadline + extra_ms
    saves_until = deadline + attempt.policy.deadline_grace_ms
    return {
        **allowed,
        "deadline": deadline,
        "saves_until": saves_until,
        "due_bucket": due_bucket(attempt.attempt_id, saves_until),
        "segments": (*attempt.segments, Segment(attempt.deadline, deadline)),
    }


def confirm_flag(
    attempt: Attempt, command: Command, rule: IntegrityRule, confirmed: bool, now: int
) -> Changes:
    """Decide a flag: 如核实为非本人 the result is invalidated, else the flag is cleared.

    `rule` names the flag that was looked at: one that was raised since for another reason is not decided
    unseen. The decision holds for this rule, also when more snapshots of the same kind arrive. Raises
    `Conflict` (`changed_meanwhile`, `no_flag`).
    """
    if not _new(attempt, command):
        return {}
    if attempt.integrity.state is not IntegrityState.FLAGGED:
        raise Conflict("no_flag")
    if attempt.integrity.rule is not rule:
        raise Conflict("changed_meanwhile", version=attempt.version)
    state = IntegrityState.INVALIDATED if confirmed else IntegrityState.CLEAR
    decision = Decision(state, rule, command.operator, command.reason, now)
    decided = msgspec.structs.replace(attempt, decision=decision)
    found: Integrity = watch.integrity(decided)
    audit = _audited(attempt, command, "confirm_flag", state.value, now)
    return {"decision": decision, "integrity": found, **audit}
