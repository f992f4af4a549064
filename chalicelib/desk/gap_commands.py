"""Operators' functions for frames that the system failed to judge: judge them again, or accept the gap."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from chalicelib.attempts import gaps
from chalicelib.desk.commands import Answer, Event, Id, ProvenCommand, ordered
from chalicelib.operators.model import Decider


class HandleGaps(ProvenCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An exam, and one of its attempts; without `attempt_id`, all of them."""

    exam_id: Id
    attempt_id: Annotated[str, Meta(max_length=64)] = ""

    def order(self, by: Decider) -> gaps.GapOrder:
        """The order as the room of attempts takes it, given by this operator."""
        return gaps.GapOrder(
            self.command_id, by.name, self.reason, self.exam_id, self.attempt_id, by.operator_id
        )


class AcceptGaps(HandleGaps, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whose frames stay without a verdict."""


class JudgeGaps(HandleGaps, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whose frames are judged once more."""


def accept_gaps(event: Event) -> Answer:
    """Accept that frames were not judged. The results no longer wait for them."""
    return ordered(
        event,
        AcceptGaps,
        lambda command, by, now: _as_answer(gaps.accept_gaps(order=command.order(by), now=now)),
    )


def judge_gaps(event: Event) -> Answer:
    """Judge again the frames that the system failed to judge."""
    return ordered(
        event,
        JudgeGaps,
        lambda command, by, now: _as_answer(gaps.judge_gaps(order=command.order(by))),
    )


def _as_answer(handled: gaps.Handled) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.to_builtins(handled)
    return answer
