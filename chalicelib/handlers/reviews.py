"""Lambda functions of operators for complaints 我要投诉."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.desk import case_commands

functions = Blueprint(__name__)


@functions.lambda_function()
def list_complaints(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """All complaints that nobody has decided, the oldest first."""
    return case_commands.list_complaints(event)


@functions.lambda_function()
def read_complaint(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One complaint with person, pictures, result, frames (links for a minute) and the whole timeline."""
    return case_commands.read_complaint(event)


@functions.lambda_function()
def decide_complaint(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Uphold or reject a complaint; the candidate gets an SMS."""
    return case_commands.decide_complaint(event)


@functions.lambda_function()
def resend_notices(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Have notices sent again that were given up, once their cause is mended."""
    return case_commands.resend_notices(event)
