"""What a practice exam (试考) has found, as the candidate may see it."""

import msgspec

from chalicelib.attempts import practising
from chalicelib.attempts.model import Attempt
from chalicelib.attempts.practice_texts import area_message
from chalicelib.identity.model import AreaFinding, AreaState, PracticeArea, PracticeMark
from chalicelib.shared.languages import Sentence


class AreaView(msgspec.Struct, frozen=True):
    """One area of a practice: how it stands, in words, and what to do before the exam ("" when nothing)."""

    area: PracticeArea
    state: AreaState
    reason: str
    message: Sentence
    advice: Sentence


class MarkView(msgspec.Struct, frozen=True):
    """已试考: my newest practice, and the areas that did not work."""

    attempt_id: str
    exam_id: str
    at: int
    ended_at: int | None
    failed: tuple[AreaView, ...]


class PracticeView(msgspec.Struct, frozen=True):
    """A practice: the areas in their order, and until when it is kept. It has no score and no result."""

    attempt_id: str
    exam_id: str
    ended_at: int | None
    areas: tuple[AreaView, ...]
    switches: int
    kept_until: int
    server_now: int


def practice_view(attempt: Attempt, now: int) -> PracticeView:
    """Return what a practice attempt has found so far."""
    return PracticeView(
        attempt_id=attempt.attempt_id,
        exam_id=attempt.exam_id,
        ended_at=attempt.submitted_at,
        areas=tuple(area_view(found) for found in practising.findings(attempt)),
        switches=len(attempt.switches),
        kept_until=attempt.expires_at or attempt.opened_at,
        server_now=now,
    )


def mark_view(mark: PracticeMark) -> MarkView:
    """Return the mark of an account as its owner may see it."""
    failed = tuple(area_view(found) for found in mark.failed)
    return MarkView(mark.attempt_id, mark.exam_id, mark.at, mark.ended_at, failed)


def area_view(found: AreaFinding) -> AreaView:
    """Return one finding with its text."""
    said = area_message(found)
    return AreaView(found.area, found.state, found.reason, said.message, said.advice)
