"""Who may decide: names, numbers, and codes that are good for one command. Pure.

One register holds all operators of the stage, so that a name or a number that is taken, or the last operator, is seen
by the one write that would break the rule. Each has a credential of their own beside it: the secret of their codes.
"""

import enum
from collections.abc import Collection

import msgspec

from chalicelib.kernel.commands import Audit, find_command, repeats
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.shared.clock import DAY_MS, MINUTE_MS, SECOND_MS
from chalicelib.shared.errors import Conflict, NotFound, Refused, TooMany

STEP_MS = 30 * SECOND_MS  # RFC 6238, 4.1: the default time step
NEIGHBOURS = (
    -1,
    0,
    1,
)  # steps that a code may belong to; RFC 6238, 5.2: one step for the way, and for slow clocks
MOST_WRONG = 5  # wrong codes of one operator
WRONG_FOR_MS = 5 * MINUTE_MS  # within so long
MOST_WRONG_A_DAY = (
    20  # 20 guesses hit one of the three codes that fit with a chance of 6 in 100,000
)
SHOWN_FOR_MS = (
    10 * MINUTE_MS
)  # how long a repeated command may show its secret again, while nobody has used it
MOST_OPERATORS = 150  # the register is one item: at most 370 kB of the 400 that DynamoDB takes
KEPT_AUDITS = 3  # of each operator: the first and the newest ones


class OperatorState(enum.StrEnum):
    """Whether an operator may decide."""

    ACTIVE = "active"
    RETIRED = "retired"


class Decider(msgspec.Struct, frozen=True):
    """An operator who has just proven that it is them; only `service.prove` makes one."""

    operator_id: str
    name: str


class Operator(msgspec.Struct, frozen=True):
    """A person who may decide. `name_key`, `number_key`: what is compared; no two operators share either."""

    operator_id: str
    name: str
    number: str
    name_key: str
    number_key: str
    state: OperatorState
    audit: tuple[Audit, ...]

    @property
    def first(self) -> Audit:
        """How they came in."""
        return self.audit[0]

    @property
    def newest(self) -> Audit:
        """What was done about them last."""
        return self.audit[-1]


class OperatorRegister(msgspec.Struct, frozen=True):
    """All operators of the stage, retired ones too: a number stays with its person. Version 0: not written yet."""

    version: int = 0
    operators: tuple[Operator, ...] = ()

    @property
    def active(self) -> tuple[Operator, ...]:
        """Those who may decide."""
        return tuple(o for o in self.operators if o.state is OperatorState.ACTIVE)

    def by_id(self, operator_id: str) -> Operator:
        """One operator. Raises `NotFound`."""
        operator = next((o for o in self.operators if o.operator_id == operator_id), None)
        if operator is None:
            raise NotFound("not_found")
        return operator

    def by_name(self, key: str) -> Operator:
        """The operator who may decide under this name or number. Raises `Refused`: `operator_unknown`."""
        operator = next((o for o in self.active if key in (o.name_key, o.number_key)), None)
        if operator is None:
            raise Refused("operator_unknown")
        return operator


class Credential(msgspec.Struct, frozen=True):
    """What proves an operator. `secret_sealed`: the secret of their codes, encrypted.

    `last_step`: time step of the newest code that was taken, `used_for`: fingerprint of the command that it was taken
    for. `wrong`: when wrong codes came, within the last day. `command_id`, `made_at`: of the command that made the
    secret.
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
    """A code was taken for this command; no code of this time step or an earlier one is taken again."""

    last_step: int
    used_for: str


@outcome_of(Credential)
class WrongCodeCounted(Outcome, frozen=True):
    """A code was wrong. `wrong`: when wrong codes came within the last day, this one included."""

    wrong: tuple[int, ...]


@outcome_of(Credential)
class SecretReplaced(Outcome, frozen=True):
    """There is a new secret; codes of the one before are good for nothing, and nothing is counted yet."""

    secret_sealed: bytes
    command_id: str
    made_at: int
    last_step: int = 0
    used_for: str = ""
    wrong: tuple[int, ...] = ()


class OperatorOrder(msgspec.Struct, frozen=True):
    """A command about operators. `by` is None for the first of all: its audit names nobody."""

    command_id: str
    reason: str
    by: Decider | None
    at: int

    @property
    def operator(self) -> str:
        """The name of the operator who gave it; empty for the first of all."""
        return self.by.name if self.by else ""

    @property
    def operator_id(self) -> str:
        """The id of the operator who gave it; empty for the first of all."""
        return self.by.operator_id if self.by else ""

    def audit(self, what: str) -> Audit:
        """The audit of this command."""
        return Audit.of(self, what, self.at)


# --- codes ----------------------------------------------------------------------------------------------


class CodeVerdict(enum.StrEnum):
    """What became of a code."""

    TAKEN = "taken"
    TAKEN_BEFORE = "taken_before"  # for this very command
    USED = "used"  # for another one
    WRONG = "wrong"


def refuse_locked(credential: Credential, now: int) -> None:
    """After too many wrong codes no code is looked at for a while. Raises `TooMany`: `operator_locked`."""
    waits = [_wait_ms(credential.wrong, most, span_ms, now) for most, span_ms in _LIMITS]
    if wait_ms := max(waits):
        raise TooMany(
            "operator_locked",
            retry_after_s=-(-wait_ms // SECOND_MS),
            minutes=-(-wait_ms // MINUTE_MS),
        )


_LIMITS = ((MOST_WRONG, WRONG_FOR_MS), (MOST_WRONG_A_DAY, DAY_MS))


def _wait_ms(wrong: tuple[int, ...], most: int, span_ms: int, now: int) -> int:
    """How long until fewer than so many wrong codes came within the span; 0 when that is so."""
    if len(wrong) < most:
        return 0
    return max(0, wrong[-most] + span_ms - now)


def _recent(credential: Credential, now: int) -> tuple[int, ...]:
    return tuple(at for at in credential.wrong if now < at + DAY_MS)


def judge_code(
    credential: Credential, fits: Collection[int], used_for: str, now: int
) -> tuple[CodeVerdict, Outcomes]:
    """Take a code for a command, once. `fits`: the steps round `now` whose code it is.

    A step is taken only after the one that was taken last, so no code is good for two commands. A command that is
    repeated with its own code is let through: what it has to finish is bound to that code. Raises `TooMany`.
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
    """All operators with a new one; None when this very command of the same giver has entered them already.

    The first is entered by whoever may call the function; each other one by an operator. Raises `Conflict`
    (`operator_known`: name or number; `too_many_operators`), `Refused` (`operator_needed`).
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
    """All operators, one of whom gets a new secret and may decide (again); None when that is done already.

    Never by themselves: an answer that got lost would leave nobody who could repeat the command. By whoever may call
    the function only when nobody may decide. A repeat needs who gave the command, for it shows the secret again.
    Raises `NotFound`, `Refused` (`operator_needed`), `Conflict` (`own_code`, `secret_shown`).
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
    """All operators, one of whom may decide no more; None when that is done already.

    The last one stays: without any, whoever may call the function could enter the next. Raises `NotFound`, `Conflict`
    (`last_operator`).
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
    """Whether the secret may be shown: to the command that made it, for some minutes, until a code of it was taken."""
    if credential.command_id != command_id or now >= credential.made_at + SHOWN_FOR_MS:
        return False
    return credential.last_step == 0
