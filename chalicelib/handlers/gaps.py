"""Operators' hands for frames that we failed to judge: have them judged again, or accept that nobody saw them."""

from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.attempts import gaps
from chalicelib.handlers.console import Audited, answered

functions = Blueprint(__name__)


class HandleGaps(Audited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exam, and one of its attempts or (left out) all of them."""

    exam_id: Annotated[str, Meta(min_length=1, max_length=64)]
    attempt_id: Annotated[str, Meta(max_length=64)] = ""

    def order(self) -> gaps.Order:
        """The same in the words of the room."""
        return gaps.Order(
            self.command_id, self.operator, self.reason, self.exam_id, self.attempt_id
        )


@functions.lambda_function()
def accept_gaps(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Accept that frames were not judged: the results no longer wait for them."""

    def answer(command: HandleGaps, now: int) -> dict[str, Any]:
        return _as_answer(gaps.accept_gaps(order=command.order(), now=now))

    return answered(event, HandleGaps, answer)


@functions.lambda_function()
def judge_gaps(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Have frames that were not judged judged again."""

    def answer(command: HandleGaps, now: int) -> dict[str, Any]:
        return _as_answer(gaps.judge_gaps(order=command.order()))

    return answered(event, HandleGaps, answer)


def _as_answer(handled: gaps.Handled) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.to_builtins(handled)
    return answer
