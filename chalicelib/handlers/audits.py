"""Lambda functions of operators and auditors that check evidence; they only read."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.desk import attempt_commands

functions = Blueprint(__name__)


@functions.lambda_function()
def verify_attempt(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Check the evidence of an attempt against its signatures and the seals outside of the tables."""
    return attempt_commands.verify_attempt(event)
