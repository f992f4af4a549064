"""Whether somebody has touched evidence: a function that only reads, for operators and auditors."""

from typing import Any

import msgspec
from chalice.app import Blueprint

from chalicelib.desk.evidence_view import sentences
from chalicelib.handlers.console import AttemptQuestion, answered
from chalicelib.timeline import auditing

functions = Blueprint(__name__)


@functions.lambda_function()
def verify_attempt(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """What was touched of an attempt, by the signatures of its timeline and the seals outside of the tables."""

    def answer(question: AttemptQuestion, now: int) -> dict[str, Any]:
        found = auditing.verify_attempt(attempt_id=question.attempt_id)
        told = {"ok": not found.problems, "errors": [text for _, text in sentences(found)]}
        return {"attempt_id": question.attempt_id, **msgspec.to_builtins(found), **told}

    return answered(event, AttemptQuestion, answer)
