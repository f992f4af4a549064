"""Lambda functions of operators for frames that we failed to judge."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.desk import gap_commands

functions = Blueprint(__name__)


@functions.lambda_function()
def accept_gaps(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Accept that frames were not judged. The results no longer wait for them."""
    return gap_commands.accept_gaps(event)


@functions.lambda_function()
def judge_gaps(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Judge again the frames that the system failed to judge."""
    return gap_commands.judge_gaps(event)
