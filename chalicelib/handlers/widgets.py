"""Lambda functions of the operators' dashboard that show pages. They only read; `commands.py` carries out commands."""

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
    """考试实况: how many stand where, and the candidates of an exam."""
    return widget.answer(event, t.GUIDE_LIVE, live_page.show)


@functions.lambda_function()
def show_attempt(event: dict[str, Any], context: Any) -> str:
    """一位考生: everything about one attempt, and forms to grant chances and time."""
    return widget.answer(event, t.GUIDE_ATTEMPT, attempt_page.show)


@functions.lambda_function()
def show_flags(event: dict[str, Any], context: Any) -> str:
    """待核实的监考标记: who waits for a human, with the frames."""
    return widget.answer(event, t.GUIDE_FLAGS, flags_page.show)


@functions.lambda_function()
def show_cases(event: dict[str, Any], context: Any) -> str:
    """投诉与工单: what waits for a decision, with all that it needs."""
    return widget.answer(event, t.GUIDE_CASES, cases_page.show)


@functions.lambda_function()
def show_exams(event: dict[str, Any], context: Any) -> str:
    """考试与考前检查: what is published and whether it can be held."""
    return widget.answer(event, t.GUIDE_EXAMS, exams_page.show)


@functions.lambda_function()
def show_operators(event: dict[str, Any], context: Any) -> str:
    """运营人员: who may decide over candidates, and who let them in."""
    return widget.answer(event, t.GUIDE_OPERATORS, operators_page.show)
