"""Operators' functions for a whole exam: more time for all, another start, a corrected key, a preview."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from chalicelib.attempts import ordering, rescoring
from chalicelib.attempts.commands import MOST_EXTRA_MS
from chalicelib.attempts.ordering import Followed
from chalicelib.attempts.rescoring import Corrected
from chalicelib.desk.commands import (
    Answer,
    Event,
    Id,
    Milliseconds,
    VersionedCommand,
    answered,
    ordered,
)
from chalicelib.exams.model import ExamOrder, OrderKind
from chalicelib.exams.questions import MOST_KEY
from chalicelib.exams.scoring import Score
from chalicelib.operators.model import Decider
from chalicelib.preview import service as preview
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.statistics import service as statistics


class ExamCommand(VersionedCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A command for everybody in an exam. `decided_at` (UTC ms): when it was decided, if earlier than it is given."""

    exam_id: Id
    decided_at: Milliseconds | None = None

    def order(self, kind: OrderKind, by: Decider, now: int, **what: Any) -> ExamOrder:
        """The order as the room of exams takes it. A decision in the future counts as decided now."""
        at = min(self.decided_at or now, now)
        what["operator_id"] = by.operator_id
        return ExamOrder(self.command_id, kind, by.name, self.reason, at, now, **what)


class CompensateExam(ExamCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many minutes everybody gets."""

    extra_min: Annotated[int, Meta(ge=1, le=MOST_EXTRA_MS // MINUTE_MS)]


class RescheduleExam(ExamCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The new start (UTC ms)."""

    starts_at: Milliseconds


class CorrectKey(ExamCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of questions: letters in the bank's own order of options, or accepted answers of blanks."""

    answers: Annotated[
        dict[
            Annotated[str, Meta(max_length=64)],
            Annotated[str, Meta(min_length=1, max_length=MOST_KEY)],
        ],
        Meta(min_length=1, max_length=500),
    ]


class CorrectQuestion(ExamCommand, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The key of one question, as in `CorrectKey`."""

    question_id: Annotated[str, Meta(min_length=1, max_length=64)]
    right_key: Annotated[str, Meta(min_length=1, max_length=MOST_KEY)]


class ComputeStatistics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The exam whose statistics are computed."""

    exam_id: Id


class PreviewExam(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The exam whose questions are looked at."""

    exam_id: Id


def preview_exam(event: Event) -> Answer:
    """Write the preview of a published exam, keys and all, into the dropbox. Returns a short-lived link to it."""
    return answered(
        event,
        PreviewExam,
        lambda wanted, _: msgspec.to_builtins(preview.preview_exam(exam_id=wanted.exam_id)),
    )


def compensate_exam(event: Event) -> Answer:
    """Give everybody in an exam more time, also those who start or open their attempt later."""
    return ordered(
        event,
        CompensateExam,
        lambda c, by, now: _followed_as_answer(
            ordering.compensate_exam(
                exam_id=c.exam_id,
                order=c.order(OrderKind.COMPENSATE, by, now, extra_ms=c.extra_min * MINUTE_MS),
                version_seen=c.version_seen,
                now=now,
            )
        ),
    )


def reschedule_exam(event: Event) -> Answer:
    """Move the start of an exam that nobody has started. Opened attempts move with it."""
    return ordered(
        event,
        RescheduleExam,
        lambda c, by, now: _followed_as_answer(
            ordering.reschedule_exam(
                exam_id=c.exam_id,
                order=c.order(OrderKind.RESCHEDULE, by, now, starts_at=c.starts_at),
                version_seen=c.version_seen,
                now=now,
            )
        ),
    )


def correct_key(event: Event) -> Answer:
    """Correct the answer key of an exam and score all its attempts again. Returns what changed."""
    return ordered(
        event,
        CorrectKey,
        lambda c, by, now: _corrected_as_answer(
            rescoring.correct_key(
                exam_id=c.exam_id,
                corrected=c.answers,
                order=c.order(OrderKind.CORRECT_KEY, by, now),
                version_seen=c.version_seen,
                now=now,
            )
        ),
    )


def correct_question(event: Event) -> Answer:
    """Correct the key of one question and score all attempts again."""
    return ordered(
        event,
        CorrectQuestion,
        lambda c, by, now: _corrected_as_answer(
            rescoring.correct_key(
                exam_id=c.exam_id,
                corrected={c.question_id: c.right_key},
                order=c.order(OrderKind.CORRECT_KEY, by, now),
                version_seen=c.version_seen,
                now=now,
            )
        ),
    )


def compute_statistics(event: Event) -> Answer:
    """Compute the statistics of an exam that is over, and store them. They change no result."""

    def compute(wanted: ComputeStatistics, now: int) -> Answer:
        found = statistics.compute_statistics(exam_id=wanted.exam_id, now=now)
        return {
            "exam_id": found.exam_id,
            "papers": found.counted.counted,
            "questions": len(found.questions),
            "doubtful": sum(bool(question.doubts) for question in found.questions),
        }

    return answered(event, ComputeStatistics, compute)


def _followed_as_answer(followed: Followed) -> dict[str, Any]:
    """`ok` means that the order was given; those in `failed` need the same command again."""
    exam = followed.exam
    return {
        "exam_id": exam.exam_id,
        "version": exam.version,
        "starts_at": exam.starts_at,
        "compensated_min": exam.compensated_ms // MINUTE_MS,
        "followed": followed.followed,
        "closed_before": followed.closed_before,
        "already_closed": list(followed.already_closed),
        "already_started": list(followed.already_started),
        "failed": list(followed.failed),
    }


def _corrected_as_answer(corrected: Corrected) -> dict[str, Any]:
    followed = corrected.followed
    return {
        "exam_id": followed.exam.exam_id,
        "version": followed.exam.version,
        "key_version": corrected.key_version,
        "followed": followed.followed,
        "failed": list(followed.failed),
        "changed": [
            {
                "attempt_id": row.attempt_id,
                "before": _points(row.before),
                "after": _points(row.after),
            }
            for row in corrected.changed
        ],
    }


def _points(score: Score) -> dict[str, Any]:
    return {"points": score.points, "passed": score.passed}
