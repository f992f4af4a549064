"""Operators' functions for one attempt: chances, time, a new round, a flag, its timeline and its evidence."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from chalicelib.attempts import operating, rounds
from chalicelib.attempts.commands import MOST_CHANCES, MOST_EXTRA_MS, SeenFlag, Terms
from chalicelib.attempts.model import Attempt
from chalicelib.desk import evidence_view
from chalicelib.desk.commands import Answer, Event, Id, VersionedCommand, answered, ordered
from chalicelib.kernel.commands import Command
from chalicelib.operators.model import Decider
from chalicelib.proctoring.model import IntegrityRule
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.timeline import auditing
from chalicelib.timeline import service as timeline

C = TypeVar("C", bound="AttemptCommand")
Minutes = Annotated[int, Meta(ge=1, le=MOST_EXTRA_MS // MINUTE_MS)]


class AttemptQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which attempt is asked about."""

    attempt_id: Id


class AttemptCommand(VersionedCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A command on one attempt."""

    attempt_id: Id

    def command(self, by: Decider) -> Command:
        """The command, given by this operator."""
        return Command(self.command_id, by.name, self.reason, self.version_seen, by.operator_id)


class GrantChances(AttemptCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many verification chances to add."""

    count: Annotated[int, Meta(ge=1, le=MOST_CHANCES)]


class ExtendTime(AttemptCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many minutes to add."""

    extra_min: Minutes


class ReopenAttempt(AttemptCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many minutes the new round has, and within how many the candidate has to begin it."""

    allowed_min: Minutes
    entry_min: Minutes = 30

    def terms(self) -> Terms:
        """Both times in milliseconds."""
        return Terms(self.allowed_min * MINUTE_MS, self.entry_min * MINUTE_MS)


class ConfirmFlag(AttemptCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which flag, and whether it is true: 核实为非本人 invalidates the result, otherwise the flag is cleared.

    `slots`: the frames that the operator has looked at. Without it, all frames that the flag names when the command
    arrives.
    """

    rule: IntegrityRule
    confirmed: bool
    slots: Annotated[tuple[int, ...], Meta(max_length=2000)] | None = None

    def look(self) -> SeenFlag:
        """What the operator has looked at."""
        return SeenFlag(self.rule, self.slots)


def grant_chances(event: Event) -> Answer:
    """Give one candidate more verification chances."""
    return _commanded(
        event,
        GrantChances,
        lambda c, by, now: operating.grant_chances(
            attempt_id=c.attempt_id, command=c.command(by), count=c.count, now=now
        ),
    )


def extend_time(event: Event) -> Answer:
    """Give one candidate more time. The page gets the new deadline with its next heartbeat."""
    return _commanded(
        event,
        ExtendTime,
        lambda c, by, now: operating.extend_time(
            attempt_id=c.attempt_id,
            command=c.command(by),
            extra_ms=c.extra_min * MINUTE_MS,
            now=now,
        ),
    )


def reopen_attempt(event: Event) -> Answer:
    """Open the next round of an attempt that was closed by its deadline or by switches."""
    return _commanded(
        event,
        ReopenAttempt,
        lambda c, by, now: rounds.reopen_attempt(
            attempt_id=c.attempt_id, command=c.command(by), terms=c.terms(), now=now
        ),
    )


def confirm_flag(event: Event) -> Answer:
    """Confirm a flag (the result becomes 不合格) or clear it."""
    return _commanded(
        event,
        ConfirmFlag,
        lambda c, by, now: operating.confirm_flag(
            attempt_id=c.attempt_id,
            command=c.command(by),
            seen_flag=c.look(),
            confirmed=c.confirmed,
            now=now,
        ),
    )


def read_timeline(event: Event) -> Answer:
    """Return the timeline of an attempt, the breaks in its chain (`errors`), and the ids of all rounds."""
    try:
        question = msgspec.convert(event, AttemptQuestion)
    except msgspec.ValidationError as error:
        return {"ok": False, "errors": [str(error)]}
    entries, problems = timeline.get_timeline(attempt_id=question.attempt_id)
    round_ids = [entry.attempt_id for entry in rounds.list_rounds(attempt_id=question.attempt_id)]
    return {
        "ok": not problems,
        "errors": problems,
        "entries": msgspec.to_builtins(entries),
        "rounds": round_ids,
    }


def verify_attempt(event: Event) -> Answer:
    """Check the evidence of an attempt against its signatures and the seals outside of the tables.

    `ok` is false and `errors` has one sentence for each problem when something was changed.
    """

    def answer(question: AttemptQuestion, now: int) -> Answer:
        verified = auditing.verify_attempt(attempt_id=question.attempt_id)
        return {
            "attempt_id": question.attempt_id,
            **msgspec.to_builtins(verified),
            "ok": not verified.problems,
            "errors": [sentence for _, sentence in evidence_view.sentences(verified)],
        }

    return answered(event, AttemptQuestion, answer)


def _commanded(event: Event, kind: type[C], do: Callable[[C, Decider, int], Attempt]) -> Answer:
    """Carry out a command on an attempt and answer with the attempt as it is now."""
    return ordered(event, kind, lambda c, by, now: _as_answer(do(c, by, now)))


def _as_answer(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt_id": attempt.attempt_id,
        "round": attempt.round,
        "version": attempt.version,
        "status": attempt.status.value,
        "deadline": attempt.deadline,
        "integrity": attempt.integrity.state.value,
    }
