"""Operators' hands for frames that we failed to judge: have them judged again, or accept that nobody saw them."""

from typing import Annotated, Any

import msgspec
from chalice.app import Blueprint
from msgspec import Meta

from chalicelib.attempts import gaps
from chalicelib.handlers.console import Audited, Id, ordered
from chalicelib.operators.model import Decider

functions = Blueprint(__name__)


class HandleGaps(Audited, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exam, and one of its attempts or (left out) all of them."""

    exam_id: Id
    attempt_id: Annotated[str, Meta(max_length=64)] = ""

    def order(self, by: Decider) -> gaps.Order:
        """The same in the words of the room."""
        about = (self.exam_id, self.attempt_id)
        return gaps.Order(self.command_id, by.name, self.reason, *about, by.operator_id)


class AcceptGaps(HandleGaps, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Nobody will see them any more."""


class JudgeGaps(HandleGaps, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """They are looked at once more."""


@functions.lambda_function()
def accept_gaps(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Accept that frames were not judged: the results no longer wait for them."""

    def answer(command: AcceptGaps, by: Decider, now: int) -> dict[str, Any]:
        return _as_answer(gaps.accept_gaps(order=command.order(by), now=now))

    return ordered(event, AcceptGaps, answer)


@functions.lambda_function()
def judge_gaps(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Have frames that were not judged judged again."""

    def answer(command: JudgeGaps, by: Decider, now: int) -> dict[str, Any]:
        return _as_answer(gaps.judge_gaps(order=command.order(by)))

    return ordered(event, JudgeGaps, answer)


def _as_answer(handled: gaps.Handled) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.to_builtins(handled)
    return answer
