"""Lambda functions of operators for operators: who may decide over candidates."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.desk import operator_commands

functions = Blueprint(__name__)


@functions.lambda_function()
def add_operator(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Enter an operator; the secret of their codes is in this answer and in no other."""
    return operator_commands.add_operator(event)


@functions.lambda_function()
def renew_operator(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Give another operator a new secret, or let them back in; it is in this answer and in no other."""
    return operator_commands.renew_operator(event)


@functions.lambda_function()
def retire_operator(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Let an operator decide no more."""
    return operator_commands.retire_operator(event)
