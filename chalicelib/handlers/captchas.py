"""The function behind `POST /captchas`: the API once more, in a function that has the libraries for pictures."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.handlers.api import app

functions = Blueprint(__name__)


@functions.lambda_function()
def make_captcha(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a call of `POST /captchas`, which API Gateway sends here (infra/templates.py)."""
    answer: dict[str, Any] = app(event, context)
    return answer
