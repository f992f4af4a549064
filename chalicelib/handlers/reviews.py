"""Lambda functions of operators for complaints 我要投诉."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.desk import case_commands

functions = Blueprint(__name__)


@functions.lambda_function()
def list_complaints(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return all complaints that nobody has decided, the oldest first."""
    return case_commands.list_complaints(event)


@functions.lambda_function()
def read_complaint(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return one complaint with person, pictures, result, frames (links for one minute) and the whole timeline."""
    return case_commands.read_complaint(event)


@functions.lambda_function()
def decide_complaint(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Uphold or reject a complaint. The candidate gets an SMS."""
    return case_commands.decide_complaint(event)


@functions.lambda_function()
def resend_notices(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Send again the notices that were given up, after their cause is repaired."""
    return case_commands.resend_notices(event)
