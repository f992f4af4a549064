"""Operators' functions that make score lists: masked, or by a command of its own with full names and ID numbers."""

from typing import Annotated

from msgspec import Meta

from chalicelib.desk.commands import Answer, Event, Id, ProvenCommand, ordered
from chalicelib.operators.model import Decider
from chalicelib.score_lists import service as score_lists
from chalicelib.score_lists.model import ScoreList
from chalicelib.score_lists.service import MadeScoreList
from chalicelib.shared import clock
from chalicelib.shared.clock import SECOND_MS
from chalicelib.shared.time_slices import TimeSlice

# Of the 900 s of the function. One page of a hundred people or the files may still be begun at the end of it.
_WORK_MS = 600 * SECOND_MS


class MakeScoreList(ProvenCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of which exam; `of_series`: of all sittings of its series. The same order again goes on, or links again."""

    exam_id: Id
    # it names folders in S3
    command_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}(?!\n)$")]
    of_series: bool = False


class MakeFullScoreList(MakeScoreList, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same, with full names and ID numbers. A code for one of the two commands does not open the other."""


def make_score_list(event: Event) -> Answer:
    """Make a score list in which names and ID numbers are masked."""
    return ordered(event, MakeScoreList, lambda c, by, now: _make(c, by, now, unmasked=False))


def make_full_score_list(event: Event) -> Answer:
    """Make a score list with full names and ID numbers."""
    return ordered(event, MakeFullScoreList, lambda c, by, now: _make(c, by, now, unmasked=True))


def _make(command: MakeScoreList, by: Decider, now: int, *, unmasked: bool) -> Answer:
    order = ScoreList(
        exam_id=command.exam_id,
        command_id=command.command_id,
        operator=by.name,
        operator_id=by.operator_id,
        reason=command.reason,
        ordered_at=now,
        unmasked=unmasked,
    )
    made = score_lists.make_score_list(
        order=order,
        of_series=command.of_series,
        now=now,
        time_slice=TimeSlice(clock.now_ms, now + _WORK_MS),
    )
    return _as_answer(made)


def _as_answer(made: MadeScoreList) -> Answer:
    return {
        "exam_id": made.order.exam_id,
        "command_id": made.order.command_id,
        "provisional": made.order.provisional,
        "rows": made.order.people,
        "made": made.done,
        "finished": made.order.finished_at is not None,
        "files": made.links,
    }
