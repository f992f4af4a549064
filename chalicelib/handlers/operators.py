"""Operators' hands for operators: who may decide over candidates, and with which codes."""

from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.handlers.console import (
    Audited,
    OperatorCode,
    OperatorName,
    answered,
    ordered,
    proven,
)
from chalicelib.operators import service as operators
from chalicelib.operators.model import Decider, Operator, Order
from chalicelib.operators.service import Enrolled

functions = Blueprint(__name__)

OperatorId = Annotated[str, Meta(min_length=1, max_length=64)]
Reason = Annotated[str, Meta(min_length=2, max_length=100)]  # all of them lie in one item


class LettingIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A command that lets somebody decide. Who gives it is left out while there is nobody who could."""

    command_id: Annotated[str, Meta(min_length=8, max_length=64)]
    reason: Reason
    operator: OperatorName | None = None
    operator_code: OperatorCode | None = None

    def __post_init__(self) -> None:
        """Raises `ValueError`, which msgspec tells like any other wrong field."""
        if (self.operator is None) != (self.operator_code is None):
            missing = "operator" if self.operator is None else "operator_code"
            raise ValueError(f"Object missing required field `{missing}`")

    def order(self, now: int) -> Order:
        """The same in the words of the room, once whoever gives it has proven who it is."""
        by = proven(self, now) if self.operator else None
        return Order(self.command_id, self.reason, by, now)


class AddOperator(LettingIn, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person who may decide from now on."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    staff_number: Annotated[str, Meta(min_length=1, max_length=64)]


class RenewOperator(LettingIn, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Their phone is gone, or they are back."""

    operator_id: OperatorId


class RetireOperator(Audited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """They decide no more."""

    operator_id: OperatorId
    reason: Reason


@functions.lambda_function()
def add_operator(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Enter an operator; the secret of their codes is in this answer and in no other."""

    def answer(command: AddOperator, now: int) -> dict[str, Any]:
        name, number, order = command.name, command.staff_number, command.order(now)
        return _enrolled_as_answer(operators.add_operator(name=name, number=number, order=order))

    return answered(event, AddOperator, answer)


@functions.lambda_function()
def renew_operator(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Give another operator a new secret, or let them back in; it is in this answer and in no other."""

    def answer(command: RenewOperator, now: int) -> dict[str, Any]:
        operator_id, order = command.operator_id, command.order(now)
        return _enrolled_as_answer(operators.renew_operator(operator_id=operator_id, order=order))

    return answered(event, RenewOperator, answer)


@functions.lambda_function()
def retire_operator(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Let an operator decide no more."""

    def answer(command: RetireOperator, by: Decider, now: int) -> dict[str, Any]:
        order = Order(command.command_id, command.reason, by, now)
        retired = operators.retire_operator(operator_id=command.operator_id, order=order)
        return _as_answer(retired)

    return ordered(event, RetireOperator, answer)


def _as_answer(operator: Operator) -> dict[str, Any]:
    return {
        "operator_id": operator.operator_id,
        "name": operator.name,
        "staff_number": operator.number,
        "state": operator.state.value,
    }


def _enrolled_as_answer(enrolled: Enrolled) -> dict[str, Any]:
    shown = {"secret": enrolled.secret, "otpauth_uri": enrolled.uri}
    return {**_as_answer(enrolled.operator), **shown}
