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

Reason = Annotated[str, Meta(min_length=2, max_length=100)]  # all of them lie in one item


class AddOperator(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person who may decide from now on. Who adds them is left out for the first of all only."""

    command_id: Annotated[str, Meta(min_length=8, max_length=64)]
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    staff_number: Annotated[str, Meta(min_length=1, max_length=64)]
    reason: Reason
    operator: OperatorName | None = None
    operator_code: OperatorCode | None = None

    def __post_init__(self) -> None:
        """Raises `ValueError`, which msgspec tells like any other wrong field."""
        if (self.operator is None) != (self.operator_code is None):
            missing = "operator" if self.operator is None else "operator_code"
            raise ValueError(f"Object missing required field `{missing}`")


class OperatorOrder(Audited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A command about one operator."""

    operator_id: Annotated[str, Meta(min_length=1, max_length=64)]
    reason: Reason

    def order(self, by: Decider, now: int) -> Order:
        """The same in the words of the room."""
        return Order(self.command_id, self.reason, by, now)


class RenewOperator(OperatorOrder, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Their phone is gone, or they are back."""


class RetireOperator(OperatorOrder, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """They decide no more."""


@functions.lambda_function()
def add_operator(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Enter an operator; the secret of their codes is in this answer and in no other."""

    def answer(command: AddOperator, now: int) -> dict[str, Any]:
        by = proven(command, now) if command.operator else None
        order = Order(command.command_id, command.reason, by, now)
        number = command.staff_number
        added = operators.add_operator(name=command.name, number=number, order=order)
        return _enrolled_as_answer(added)

    return answered(event, AddOperator, answer)


@functions.lambda_function()
def renew_operator(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Give another operator a new secret, or let them back in; it is in this answer and in no other."""

    def answer(command: RenewOperator, by: Decider, now: int) -> dict[str, Any]:
        renewed = operators.renew_operator(
            operator_id=command.operator_id, order=command.order(by, now)
        )
        return _enrolled_as_answer(renewed)

    return ordered(event, RenewOperator, answer)


@functions.lambda_function()
def retire_operator(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Let an operator decide no more."""

    def answer(command: RetireOperator, by: Decider, now: int) -> dict[str, Any]:
        retired = operators.retire_operator(
            operator_id=command.operator_id, order=command.order(by, now)
        )
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
