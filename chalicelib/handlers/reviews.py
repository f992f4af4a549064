"""Operators' hands for complaints 我要投诉: look, decide, and have lost notices sent again."""

from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.attempts.outcome import outcome
from chalicelib.cases import complaints, notices
from chalicelib.cases.complaints import Review
from chalicelib.cases.model import Case, Ruling
from chalicelib.handlers.console import (
    NoQuestion,
    OperatorCommand,
    answered,
    ordered,
    person_as_answer,
)
from chalicelib.operators.model import Decider

functions = Blueprint(__name__)

CaseId = Annotated[str, Meta(min_length=1, max_length=64)]


class ComplaintQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which complaint."""

    case_id: CaseId


class DecideComplaint(OperatorCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The decision; `reason` is told to the candidate."""

    case_id: CaseId
    upheld: bool

    def ruling(self, by: Decider, now: int) -> Ruling:
        """The same in the words of the room."""
        return Ruling(
            self.command_id,
            by.name,
            self.reason,
            self.upheld,
            now,
            operator_id=by.operator_id,
        )


@functions.lambda_function()
def list_complaints(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """All complaints that nobody has decided, the oldest first."""

    def answer(question: NoQuestion, now: int) -> dict[str, Any]:
        return {"complaints": [_as_row(case) for case in complaints.list_open_complaints()]}

    return answered(event, NoQuestion, answer)


@functions.lambda_function()
def read_complaint(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One complaint with person, pictures, result, frames (links for a minute) and the whole timeline."""

    def answer(question: ComplaintQuestion, now: int) -> dict[str, Any]:
        return _review_as_answer(complaints.review_complaint(case_id=question.case_id, now=now))

    return answered(event, ComplaintQuestion, answer)


@functions.lambda_function()
def decide_complaint(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Uphold or reject a complaint; the candidate is told by SMS."""

    def answer(command: DecideComplaint, by: Decider, now: int) -> dict[str, Any]:
        case = complaints.decide_complaint(
            case_id=command.case_id,
            ruling=command.ruling(by, now),
            version_seen=command.version_seen,
            now=now,
        )
        return _as_row(case)

    return ordered(event, DecideComplaint, answer)


@functions.lambda_function()
def resend_notices(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Have notices sent again that were given up, once what kept them back is mended."""

    def answer(question: NoQuestion, now: int) -> dict[str, Any]:
        return {"cases": notices.resend_notices()}

    return answered(event, NoQuestion, answer)


def _as_row(case: Case) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "version": case.version,
        "state": case.state.value,
        "opened_at": case.opened_at,
        "text": case.text,
        "exam_id": case.exam_id,
        "attempt_id": case.attempt_id,
        "about": msgspec.to_builtins(case.verdict),
        "uploads": {kind.value: upload.state.value for kind, upload in case.uploads.items()},
        "ruling": msgspec.to_builtins(case.ruling),
        "effect": case.effect.value if case.effect else None,
        "notice": msgspec.to_builtins(case.notice),
    }


def _review_as_answer(review: Review) -> dict[str, Any]:
    result = review.result
    attempt = result.attempt
    ended = {
        "outcome": outcome(attempt, passed=result.score.passed).value,
        "cause": attempt.cause.value if attempt.cause else None,
        "submitted_at": attempt.submitted_at,
        "published_at": attempt.verdict_at,
        "integrity": msgspec.to_builtins(attempt.integrity),
        "decisions": msgspec.to_builtins(attempt.decisions),
        "score": msgspec.to_builtins(result.score),
    }
    return {
        **_as_row(review.case),
        "person": person_as_answer(review.person),
        "pictures": review.pictures,
        "result": ended,
        "frames": msgspec.to_builtins(result.frames),
        "timeline": msgspec.to_builtins(review.timeline),
        "timeline_problems": review.problems,
    }
