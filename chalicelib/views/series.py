"""How a person stands in the series that they have tried, as they may see it."""

import msgspec

from chalicelib.exams.model import RetakeRule
from chalicelib.series import texts
from chalicelib.series.model import Refusal, TryState
from chalicelib.series.service import SittingFor, Standing
from chalicelib.shared.languages import NOTHING, Sentence


class TryView(msgspec.Struct, frozen=True):
    """A sitting that the person has opened. `counts`: whether it is the try that counts."""

    exam_id: str
    attempt_id: str
    sitting: str
    state: TryState
    submitted_at: int | None
    counts: bool


class SittingView(msgspec.Struct, frozen=True):
    """A sitting that the person has not opened. `refusal`: why the retake rule does not allow it, "" when it does."""

    exam_id: str
    sitting: str
    starts_at: int
    refusal: str
    message: Sentence


class StandingView(msgspec.Struct, frozen=True):
    """How the person stands in a series. `provisional`: which try counts, or its result, may still change."""

    series_id: str
    retakes: RetakeRule
    tries: tuple[TryView, ...]
    provisional: bool
    sittings: tuple[SittingView, ...]


class MySeries(msgspec.Struct, frozen=True):
    """The series of which the person has opened a sitting."""

    series: tuple[StandingView, ...]
    server_now: int


def my_series(standings: list[Standing], now: int) -> MySeries:
    """Return all series that a person has tried."""
    return MySeries(tuple(map(_standing_view, standings)), now)


def _standing_view(standing: Standing) -> StandingView:
    counted = standing.counted
    return StandingView(
        series_id=standing.series_id,
        retakes=standing.retakes,
        tries=tuple(
            TryView(
                exam_id=one.exam_id,
                attempt_id=one.attempt_id,
                sitting=one.sitting,
                state=one.state,
                submitted_at=one.submitted_at or None,
                counts=counted is not None and one.attempt_id == counted.attempt_id,
            )
            for one in standing.tries
        ),
        provisional=counted is not None and counted.provisional,
        sittings=tuple(map(_sitting_view, standing.sittings)),
    )


def _sitting_view(one: SittingFor) -> SittingView:
    planned, refusal = one.sitting, one.refusal
    return SittingView(
        exam_id=planned.exam_id,
        sitting=planned.sitting,
        starts_at=planned.starts_at,
        refusal=refusal.reason.value if refusal else "",
        message=_message(refusal) if refusal else NOTHING,
    )


def _message(refusal: Refusal) -> Sentence:
    return texts.ERRORS[refusal.reason.value].format(**msgspec.to_builtins(refusal))
