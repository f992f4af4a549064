"""The result of an attempt with its evidence, as the candidate may see it."""

import msgspec

from chalicelib.attempts.evidence import Result
from chalicelib.attempts.grading import ResultOutcome, is_final, outcome
from chalicelib.attempts.model import (
    AbsenceKind,
    Attempt,
    Cause,
)
from chalicelib.attempts.texts import reason_message
from chalicelib.cases.model import Case, CaseState
from chalicelib.exams.questions import Answer
from chalicelib.exams.scoring import Score
from chalicelib.proctoring.model import IntegrityRule, IntegrityState, Verdict
from chalicelib.proctoring.texts import FRAMES
from chalicelib.shared.languages import Sentence
from chalicelib.views.cases import ComplaintBrief, complaint_brief


class FrameView(msgspec.Struct, frozen=True):
    """A snapshot that counts against the candidate: its moment, its verdict, and a link for one minute."""

    at: int
    verdict: Verdict
    message: Sentence
    url: str | None


class SwitchView(msgspec.Struct, frozen=True):
    """One 切屏 that counted."""

    at: int
    kind: AbsenceKind
    away_ms: int


class ResultView(msgspec.Struct, frozen=True):
    """Outcome, score, reasons, and the receipt of every acknowledged answer (letters as shown).

    `provisional` is true until all snapshots are judged (or an operator accepts that we failed to judge some) and no
    flag is open. A 不合格 because of snapshots also stays provisional until a complaint about it is decided, or the
    time for one is over. `frames` are only the frames that `integrity_rule` names.
    """

    attempt_id: str
    exam_id: str
    sitting: str
    cause: Cause
    submitted_at: int
    outcome: ResultOutcome
    provisional: bool
    integrity: IntegrityState
    integrity_rule: IntegrityRule | None
    reason: Sentence
    frames: tuple[FrameView, ...]
    switches: tuple[SwitchView, ...]
    published_at: int
    complaint: ComplaintBrief
    score: Score
    receipt: dict[str, Answer]
    server_now: int


def result_view(result: Result, complaint: Case | None, now: int) -> ResultView:
    """Return the result of a submitted attempt, with the complaint about its verdict (None: there is none)."""
    attempt = result.attempt
    under_way = complaint is not None and complaint.state is CaseState.OPEN
    integrity = attempt.integrity
    assert attempt.cause is not None and attempt.submitted_at is not None  # it is submitted
    return ResultView(
        attempt_id=attempt.attempt_id,
        exam_id=attempt.exam_id,
        sitting=attempt.sitting,
        cause=attempt.cause,
        submitted_at=attempt.submitted_at,
        outcome=outcome(attempt, passed=result.score.passed),
        provisional=not is_final(attempt, now, complaint_open=under_way),
        integrity=integrity.state,
        integrity_rule=integrity.rule,
        reason=_reason(attempt),
        frames=tuple(
            FrameView(frame.at, frame.verdict, FRAMES[frame.verdict.value].sentence, frame.url)
            for frame in result.frames
        ),
        switches=tuple(SwitchView(s.reported_at, s.kind, s.away_ms) for s in attempt.switches),
        published_at=attempt.verdict_at,
        complaint=complaint_brief(attempt, complaint, now),
        score=result.score,
        receipt={number: answer for number, answer in attempt.answers.items() if answer},
        server_now=now,
    )


def _reason(attempt: Attempt) -> Sentence:
    rule, cause = attempt.integrity.rule, attempt.cause
    assert cause is not None  # it is submitted
    state = attempt.integrity.state.value
    gaps = len(attempt.integrity.gaps)
    return reason_message(state, rule.value if rule else None, cause.value, gaps)
