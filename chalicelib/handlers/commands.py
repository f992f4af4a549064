"""Lambda functions behind the buttons of the operators' dashboard."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.desk import buttons, people_page, widget
from chalicelib.desk import texts as t

functions = Blueprint(__name__)


@functions.lambda_function()
def command_attempt(event: dict[str, Any], context: Any) -> str:
    """Grant chances or time, open another round, decide a flag, handle gaps: for one candidate."""
    return buttons.command_attempt(event)


@functions.lambda_function()
def command_case(event: dict[str, Any], context: Any) -> str:
    """Decide a ticket or a complaint."""
    return buttons.command_case(event)


@functions.lambda_function()
def command_exam(event: dict[str, Any], context: Any) -> str:
    """Give everybody more time, move the start, handle the gaps of a whole exam."""
    return buttons.command_exam(event)


@functions.lambda_function()
def command_operator(event: dict[str, Any], context: Any) -> str:
    """Enter, renew or retire an operator."""
    return buttons.command_operator(event)


@functions.lambda_function()
def find_person(event: dict[str, Any], context: Any) -> str:
    """找人: look a caller up, and record who looked for whom. It changes nothing else."""
    return widget.answer(event, t.GUIDE_PEOPLE, people_page.show)
