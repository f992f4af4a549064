"""What all functions of operators share: typed payloads, the proof of who calls, the form of their answers."""

import hashlib
import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from chalicelib.messages.errors import error_message
from chalicelib.operators import service as operators
from chalicelib.operators.model import Decider
from chalicelib.shared import clock, log
from chalicelib.shared.errors import DomainError

Event = dict[str, Any]  # what a Lambda function of an operator is called with
Answer = dict[str, Any]  # what it returns: `ok`, `errors`, and the fields of the command
Id = Annotated[str, Meta(min_length=1, max_length=64)]
# A moment from 2001 on. A number of seconds is refused, instead of read as a date in 1970.
Milliseconds = Annotated[int, Meta(ge=10**12, lt=10**13)]
CommandId = Annotated[str, Meta(min_length=8, max_length=64)]
OperatorName = Annotated[str, Meta(min_length=1, max_length=80)]
OperatorCode = Annotated[str, Meta(pattern=r"^[0-9]{6}(?!\n)$")]

P = TypeVar("P", bound="ProvenCommand")
Q = TypeVar("Q", bound=msgspec.Struct)
# Fields of a payload that the log line of a command shows. Only ids: a reason may name a person, and a code is secret.
_LOGGED = (
    "attempt_id",
    "exam_id",
    "ticket_id",
    "case_id",
    "number",
    "account_id",
    "command_id",
)


class NoQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The payload of a function that takes none."""


class ProvenCommand(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who gives a command, the code that proves who it is, and why. A repeated `command_id` changes nothing.

    Each function has a subclass of its own, because a code is bound to the name of the class (see `prove`).
    """

    command_id: CommandId
    operator: OperatorName
    operator_code: OperatorCode
    reason: Annotated[str, Meta(min_length=2, max_length=500)]


class VersionedCommand(ProvenCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A command that is refused when the record has changed since the operator saw it."""

    version_seen: Annotated[int, Meta(ge=1)]


def answered(event: Event, kind: type[Q], do: Callable[[Q, int], Answer]) -> Answer:
    """Check the payload, call `do(payload, now)`, and return its answer with `ok` and `errors`.

    A wrong payload and a refusal (`DomainError`) are answered with `ok: False` and one entry in `errors`
    (`code`, and `reason` or `message` and `details`). Any other error is raised.
    """
    try:
        _check_storable(event)
        payload = msgspec.convert(event, kind)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        return {"ok": False, "errors": [{"code": "invalid_request", "reason": str(error)}]}
    try:
        answer = do(payload, clock.now_ms())
    except DomainError as refusal:
        message = error_message(refusal.code, refusal.details)
        reason = {"code": refusal.code, "message": message, "details": refusal.details}
        return {"ok": False, "errors": [reason]}
    ids = {name: event[name] for name in _LOGGED if name in event}
    log.event("command", what=kind.__name__, **ids)
    return {"ok": True, "errors": [], **answer}


def ordered(event: Event, kind: type[P], do: Callable[[P, Decider, int], Answer]) -> Answer:
    """Like `answered`, for commands that need a proven operator: calls `do(payload, operator, now)`.

    The code of the operator is checked first. Without the proof, `do` is not called.
    """
    return answered(event, kind, lambda command, now: do(command, prove(command, now), now))


def prove(command: Any, now: int) -> Decider:
    """Return the operator who gives this command. Raises what `operators.prove` raises.

    `command` has the fields `operator`, `operator_code` and `command_id`.
    """
    by = operators.prove(
        name=command.operator,
        code=command.operator_code,
        used_for=_fingerprint(command),
        now=now,
    )
    what, command_id = type(command).__name__, command.command_id
    log.event("operator_proven", what=what, command_id=command_id, by=by.operator_id)
    return by


def _check_storable(event: Event) -> None:
    """Raises `UnicodeEncodeError` for half of a surrogate pair, which no store can keep."""
    json.dumps(event, ensure_ascii=False, default=str).encode()


def _fingerprint(command: msgspec.Struct) -> str:
    """What a code is bound to: the class of the command and all its fields, but the code."""
    fields = {**msgspec.to_builtins(command), "operator_code": ""}
    plain = msgspec.json.encode([type(command).__name__, fields], order="deterministic")
    return hashlib.sha256(plain).hexdigest()
