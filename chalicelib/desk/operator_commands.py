"""Operators' functions that say who may decide about candidates, and with which codes."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from chalicelib.desk.commands import (
    Answer,
    CommandId,
    Event,
    Id,
    OperatorCode,
    OperatorName,
    ProvenCommand,
    answered,
    ordered,
    prove,
)
from chalicelib.operators import service as operators
from chalicelib.operators.model import Operator, OperatorOrder
from chalicelib.operators.service import EnrolledOperator

Reason = Annotated[
    str, Meta(min_length=2, max_length=100)
]  # one item keeps the reasons of all changes


class EnrolCommand(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A command that makes somebody an operator. `operator` and its code are left out for the first operator only."""

    command_id: CommandId
    reason: Reason
    operator: OperatorName | None = None
    operator_code: OperatorCode | None = None

    def __post_init__(self) -> None:
        """Raises `ValueError`, which msgspec reports like any other wrong field."""
        if (self.operator is None) != (self.operator_code is None):
            missing = "operator" if self.operator is None else "operator_code"
            raise ValueError(f"Object missing required field `{missing}`")

    def order(self, now: int) -> OperatorOrder:
        """The order as the room of operators takes it. Raises what `prove` raises when an operator is named."""
        by = prove(self, now) if self.operator else None
        return OperatorOrder(self.command_id, self.reason, by, now)


class AddOperator(EnrolCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The person who may decide from now on."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    staff_number: Annotated[str, Meta(min_length=1, max_length=64)]


class RenewOperator(EnrolCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which operator gets a new secret, because the phone is lost or the operator has come back."""

    operator_id: Id


class RetireOperator(ProvenCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which operator decides nothing any more."""

    operator_id: Id
    reason: Reason


def add_operator(event: Event) -> Answer:
    """Enter an operator. Only this answer contains the secret of their codes."""

    def answer(command: AddOperator, now: int) -> Answer:
        name, number, order = command.name, command.staff_number, command.order(now)
        return _enrolled_as_answer(operators.add_operator(name=name, number=number, order=order))

    return answered(event, AddOperator, answer)


def renew_operator(event: Event) -> Answer:
    """Give another operator a new secret, also one who is retired. Only this answer contains it."""

    def answer(command: RenewOperator, now: int) -> Answer:
        operator_id, order = command.operator_id, command.order(now)
        return _enrolled_as_answer(operators.renew_operator(operator_id=operator_id, order=order))

    return answered(event, RenewOperator, answer)


def retire_operator(event: Event) -> Answer:
    """Retire an operator, who then decides nothing any more."""
    return ordered(
        event,
        RetireOperator,
        lambda command, by, now: _as_answer(
            operators.retire_operator(
                operator_id=command.operator_id,
                order=OperatorOrder(command.command_id, command.reason, by, now),
            )
        ),
    )


def _as_answer(operator: Operator) -> dict[str, Any]:
    return {
        "operator_id": operator.operator_id,
        "name": operator.name,
        "staff_number": operator.number,
        "state": operator.state.value,
    }


def _enrolled_as_answer(enrolled: EnrolledOperator) -> dict[str, Any]:
    return {
        **_as_answer(enrolled.operator),
        "secret": enrolled.secret,
        "otpauth_uri": enrolled.uri,
    }
