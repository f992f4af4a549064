"""Lambda functions that say who is an operator and may decide about candidates."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.desk import operator_commands

functions = Blueprint(__name__)


@functions.lambda_function()
def add_operator(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Enter an operator. Only this answer contains the secret of their codes."""
    return operator_commands.add_operator(event)


@functions.lambda_function()
def renew_operator(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Give another operator a new secret, also one who is retired. Only this answer contains it."""
    return operator_commands.renew_operator(event)


@functions.lambda_function()
def retire_operator(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Retire an operator, who then decides nothing any more."""
    return operator_commands.retire_operator(event)
