"""Lambda functions that show the pages of the operators' dashboard. They only read; `commands.py` changes things."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.desk import (
    attempt_page,
    cases_page,
    exams_page,
    flags_page,
    live_page,
    operators_page,
    widget,
)
from chalicelib.desk import texts as t

functions = Blueprint(__name__)


@functions.lambda_function()
def show_live(event: dict[str, Any], context: Any) -> str:
    """考试实况: how many candidates are in which state, and the candidates of an exam."""
    return widget.answer(event, t.GUIDE_LIVE, live_page.show)


@functions.lambda_function()
def show_attempt(event: dict[str, Any], context: Any) -> str:
    """一位考生: everything about one attempt, and forms to grant chances and time."""
    return widget.answer(event, t.GUIDE_ATTEMPT, attempt_page.show)


@functions.lambda_function()
def show_flags(event: dict[str, Any], context: Any) -> str:
    """待核实的监考标记: flags that wait for an operator, with the frames."""
    return widget.answer(event, t.GUIDE_FLAGS, flags_page.show)


@functions.lambda_function()
def show_cases(event: dict[str, Any], context: Any) -> str:
    """投诉与工单: complaints and tickets that wait for a decision, with all that the decision needs."""
    return widget.answer(event, t.GUIDE_CASES, cases_page.show)


@functions.lambda_function()
def show_exams(event: dict[str, Any], context: Any) -> str:
    """考试与考前检查: what is published and whether it can be held."""
    return widget.answer(event, t.GUIDE_EXAMS, exams_page.show)


@functions.lambda_function()
def show_operators(event: dict[str, Any], context: Any) -> str:
    """运营人员: who may decide about candidates, and who has entered them."""
    return widget.answer(event, t.GUIDE_OPERATORS, operators_page.show)
