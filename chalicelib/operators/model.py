"""Rules of operators: who may decide, and one-time codes that are accepted for one command. Pure.

One register holds all operators of the stage. So one conditional write can check that a name and a number are free,
and that the last operator stays. Each operator has a credential in an item of its own: the secret of the codes.
"""

import enum
from collections.abc import Collection

import msgspec

from chalicelib.kernel.commands import Audit, find_command, repeats
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.shared.clock import DAY_MS, MINUTE_MS, SECOND_MS
from chalicelib.shared.errors import Conflict, NotFound, Refused, TooMany

STEP_MS = 30 * SECOND_MS  # RFC 6238, 4.1: the default time step
# A code may belong to these time steps, counted from now. RFC 6238, 5.2: one step for the delay of the network, and
# for clocks that are wrong.
NEIGHBOURS = (-1, 0, 1)
MOST_WRONG = 5  # wrong codes of one operator within `WRONG_FOR_MS`
WRONG_FOR_MS = 5 * MINUTE_MS
# 20 guesses hit one of the three codes that fit with a chance of 6 in 100,000.
MOST_WRONG_A_DAY = 20
# For so long a repeated command may show its secret again, while no code of it was accepted.
SHOWN_FOR_MS = 10 * MINUTE_MS
MOST_OPERATORS = 150  # the register is one item: at most 370 kB of the 400 that DynamoDB takes
KEPT_AUDITS = 3  # of each operator: the first and the newest ones


class OperatorState(enum.StrEnum):
    """Whether an operator may decide."""

    ACTIVE = "active"
    RETIRED = "retired"


class Decider(msgspec.Struct, frozen=True):
    """An operator who has just proven their identity. Only `service.prove` makes one."""

    operator_id: str
    name: str


class Operator(msgspec.Struct, frozen=True):
    """A person who may decide. `name_key`, `number_key`: the compared forms; each belongs to one operator only."""

    operator_id: str
    name: str
    number: str
    name_key: str
    number_key: str
    state: OperatorState
    audit: tuple[Audit, ...]

    @property
    def first(self) -> Audit:
        """The command that entered this operator."""
        return self.audit[0]

    @property
    def newest(self) -> Audit:
        """The last command about this operator."""
        return self.audit[-1]


class OperatorRegister(msgspec.Struct, frozen=True):
    """All operators of the stage, also the retired ones: their numbers stay taken. Version 0: not written yet."""

    version: int = 0
    operators: tuple[Operator, ...] = ()

    @property
    def active(self) -> tuple[Operator, ...]:
        """The operators who may decide."""
        return tuple(o for o in self.operators if o.state is OperatorState.ACTIVE)

    def by_id(self, operator_id: str) -> Operator:
        """Return one operator. Raises `NotFound`."""
        operator = next((o for o in self.operators if o.operator_id == operator_id), None)
        if operator is None:
            raise NotFound("not_found")
        return operator

    def by_name(self, key: str) -> Operator:
        """Return the active operator with this name or number. Raises `Refused`: `operator_unknown`."""
        operator = next((o for o in self.active if key in (o.name_key, o.number_key)), None)
        if operator is None:
            raise Refused("operator_unknown")
        return operator


class Credential(msgspec.Struct, frozen=True):
    """The secret of one operator's codes, and which codes were used. `secret_sealed`: the secret, encrypted.

    `last_step`: time step of the newest accepted code. `used_for`: fingerprint of the command of that code. `wrong`:
    when wrong codes came within the last day (UTC ms). `command_id`, `made_at`: the command that made the secret, and
    when (UTC ms).
    """

    operator_id: str
    version: int
    secret_sealed: bytes
    command_id: str
    made_at: int
    last_step: int = 0
    used_for: str = ""
    wrong: tuple[int, ...] = ()


@outcome_of(Credential)
class CodeTaken(Outcome, frozen=True):
    """A code was accepted for this command. No code of this time step or an earlier one is accepted again."""

    last_step: int
    used_for: str


@outcome_of(Credential)
class WrongCodeCounted(Outcome, frozen=True):
    """A code was wrong. `wrong`: when wrong codes came within the last day, this one included."""

    wrong: tuple[int, ...]


@outcome_of(Credential)
class SecretReplaced(Outcome, frozen=True):
    """There is a new secret. Codes of the old one are no longer accepted, and no wrong codes are counted yet."""

    secret_sealed: bytes
    command_id: str
    made_at: int
    last_step: int = 0
    used_for: str = ""
    wrong: tuple[int, ...] = ()


class OperatorOrder(msgspec.Struct, frozen=True):
    """A command about operators. `by`: None when there is no operator yet; then the audit has no name."""

    command_id: str
    reason: str
    by: Decider | None
    at: int

    @property
    def operator(self) -> str:
        """The name of the operator who gave it; empty when `by` is None."""
        return self.by.name if self.by else ""

    @property
    def operator_id(self) -> str:
        """The id of the operator who gave it; empty when `by` is None."""
        return self.by.operator_id if self.by else ""

    def audit(self, what: str) -> Audit:
        """Return the audit of this command. `what`: its name."""
        return Audit.of(self, what, self.at)


# --- codes ----------------------------------------------------------------------------------------------


class CodeVerdict(enum.StrEnum):
    """The result of checking a code."""

    TAKEN = "taken"  # accepted
    TAKEN_BEFORE = "taken_before"  # accepted before, for the same command
    USED = "used"  # accepted before, for another command
    WRONG = "wrong"


def refuse_locked(credential: Credential, now: int) -> None:
    """Refuse all codes for a while after too many wrong ones. Raises `TooMany`: `operator_locked`."""
    waits = [_wait_ms(credential.wrong, most, span_ms, now) for most, span_ms in _LIMITS]
    if wait_ms := max(waits):
        raise TooMany(
            "operator_locked",
            retry_after_s=-(-wait_ms // SECOND_MS),
            minutes=-(-wait_ms // MINUTE_MS),
        )


_LIMITS = ((MOST_WRONG, WRONG_FOR_MS), (MOST_WRONG_A_DAY, DAY_MS))


def _wait_ms(wrong: tuple[int, ...], most: int, span_ms: int, now: int) -> int:
    """Return the wait (ms) until fewer than `most` wrong codes lie within the span; 0 when that is true now."""
    if len(wrong) < most:
        return 0
    return max(0, wrong[-most] + span_ms - now)


def _recent(credential: Credential, now: int) -> tuple[int, ...]:
    return tuple(at for at in credential.wrong if now < at + DAY_MS)


def judge_code(
    credential: Credential, fits: Collection[int], used_for: str, now: int
) -> tuple[CodeVerdict, Outcomes]:
    """Accept a code for one command, or count it as wrong. `fits`: the time steps near `now` that have this code.

    A time step is accepted only when it is later than the last accepted one, so no code works for two commands. A
    command that is repeated with its own code is accepted again, so that it can finish. Raises `TooMany`.
    """
    refuse_locked(credential, now)
    if credential.last_step in fits and credential.used_for == used_for:
        return CodeVerdict.TAKEN_BEFORE, ()
    fresh = [step for step in fits if step > credential.last_step]
    if fresh:
        return CodeVerdict.TAKEN, (CodeTaken(last_step=max(fresh), used_for=used_for),)
    if fits:
        return CodeVerdict.USED, ()
    return CodeVerdict.WRONG, (WrongCodeCounted(wrong=(*_recent(credential, now), now)),)


# --- the register ---------------------------------------------------------------------------------------


def enter(
    register: OperatorRegister, operator: Operator, order: OperatorOrder
) -> tuple[Operator, ...] | None:
    """Return all operators with a new one; None when the same command of the same operator has entered them before.

    Whoever may call the function enters the first operator. An operator enters each other one. Raises `Conflict`
    (`operator_known`: the name or the number is taken; `too_many_operators`), `Refused` (`operator_needed`).
    """
    earlier = next((o for o in register.operators if o.operator_id == operator.operator_id), None)
    if (
        earlier is not None
        and earlier.name_key == operator.name_key
        and repeats(earlier.first, order)
    ):
        return None
    if register.active and order.by is None:
        raise Refused("operator_needed")
    taken = {key for o in register.operators for key in (o.name_key, o.number_key)}
    if {operator.name_key, operator.number_key} & taken:
        raise Conflict("operator_known")
    if len(register.operators) >= MOST_OPERATORS:
        raise Conflict("too_many_operators", most=MOST_OPERATORS)
    return (*register.operators, operator)


def renew(
    register: OperatorRegister, operator_id: str, order: OperatorOrder
) -> tuple[Operator, ...] | None:
    """Return all operators, one of whom gets a new secret and is active; None when that is done already.

    Operators cannot renew themselves: when the answer gets lost, they could not repeat the command. Without an active
    operator, whoever may call the function can renew one. Only the same operator can repeat the command, because it
    shows the secret again. Raises `NotFound`, `Refused` (`operator_needed`), `Conflict` (`own_code`, `secret_shown`).
    """
    done = find_command(register.by_id(operator_id).audit, order.command_id)
    if done is not None and repeats(done, order):
        return None
    if register.active and order.by is None:
        raise Refused("operator_needed")
    if done is not None:
        raise Conflict("secret_shown")
    if order.by is not None and order.by.operator_id == operator_id:
        raise Conflict("own_code")
    return _changed(register, operator_id, OperatorState.ACTIVE, order.audit("renew_operator"))


def retire(
    register: OperatorRegister, operator_id: str, order: OperatorOrder
) -> tuple[Operator, ...] | None:
    """Return all operators, one of whom is retired; None when that is done already.

    The last active operator cannot retire: without one, whoever may call the function could enter the next. Raises
    `NotFound`, `Conflict` (`last_operator`).
    """
    if find_command(register.by_id(operator_id).audit, order.command_id) is not None:
        return None
    if all(o.operator_id == operator_id for o in register.active):
        raise Conflict("last_operator")
    return _changed(register, operator_id, OperatorState.RETIRED, order.audit("retire_operator"))


def _changed(
    register: OperatorRegister, operator_id: str, state: OperatorState, entry: Audit
) -> tuple[Operator, ...]:
    operator = register.by_id(operator_id)
    audit = (operator.first, *operator.audit[1:][-(KEPT_AUDITS - 2) :], entry)
    after = msgspec.structs.replace(operator, state=state, audit=audit)
    return tuple(after if o is operator else o for o in register.operators)


def may_show(credential: Credential, command_id: str, now: int) -> bool:
    """Whether the secret may be shown: to the command that made it, for ten minutes, until a code was accepted."""
    if credential.command_id != command_id or now >= credential.made_at + SHOWN_FOR_MS:
        return False
    return credential.last_step == 0
