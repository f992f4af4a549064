"""Rules of the exam itself: start, answers, submission, deadline. Pure."""

import msgspec

from chalicelib.attempts import watch
from chalicelib.attempts.model import (
    MAX_BATCH,
    Attempt,
    Cause,
    Changes,
    Status,
    check_page,
    due_bucket,
    refuse_submitted,
)
from chalicelib.proctoring.model import Segment
from chalicelib.shared.clock import SECOND_MS
from chalicelib.shared.errors import Conflict, Invalid


def start(attempt: Attempt, page: int, now: int) -> Changes:
    """开始考试: start this candidate's clock. Starting twice changes nothing.

    Deadline = start + duration + extra time. Raises `Conflict`: `superseded`, `exam_not_started`,
    `entry_closed`, `attempt_submitted`.
    """
    refuse_submitted(attempt)
    check_page(attempt, page)
    if attempt.status is Status.STARTED:
        return {}
    if now < attempt.starts_at:
        raise Conflict("exam_not_started", starts_at=attempt.starts_at)
    if now > attempt.start_until:
        raise Conflict("entry_closed", closed_at=attempt.start_until)
    deadline = now + attempt.allowed_ms
    saves_until = deadline + attempt.policy.deadline_grace_ms
    return {
        "status": Status.STARTED,
        "started_at": now,
        "deadline": deadline,
        "saves_until": saves_until,
        "due_bucket": due_bucket(attempt.attempt_id, saves_until),
        "answers": attempt.answers or _no_answers(attempt),  # a re-opened round begins with its own
        "segments": (Segment(now, deadline),),
        "asked": {},
        "verdicts": {},
    }


def _no_answers(attempt: Attempt) -> dict[str, str]:
    return {str(number): "" for number in range(1, attempt.question_count + 1)}


class Batch(msgspec.Struct, frozen=True):
    """All that a page has not seen acknowledged: `number` → letters as shown ("" clears).

    It covers the page's revisions `first`…`last`; what was acknowledged up to `last` is in the item.
    """

    first: int
    last: int
    answers: dict[str, str]


def normal_answers(batch: Batch) -> dict[str, str]:
    """Letters sorted, each once. Raises `Invalid` for anything that no paper could hold."""
    if not 1 <= batch.first <= batch.last or len(batch.answers) > MAX_BATCH or not batch.answers:
        raise Invalid("batch_invalid", most=MAX_BATCH)
    for number, letters in batch.answers.items():
        if not number.isascii() or not number.isdecimal() or number != str(int(number)):
            raise Invalid("answer_invalid", question=number[:8])
        if len(letters) > 6 or not set(letters) <= set("ABCDEF"):
            raise Invalid("answer_invalid", question=number)
    return {number: "".join(sorted(set(letters))) for number, letters in batch.answers.items()}


def why_not_saved(attempt: Attempt, page: int, batch: Batch, now: int) -> None:
    """Explain a refused save from the item as it stood; returning means: it was saved already.

    Raises `Conflict` (`attempt_submitted`, `exam_not_started`, `superseded`, `time_is_up`, `answers_missing`)
    or `Invalid` (`answer_invalid`).
    """
    refuse_submitted(attempt)
    check_page(attempt, page)
    if attempt.status is Status.OPENED:
        raise Conflict("exam_not_started", starts_at=attempt.starts_at)
    if attempt.overdue(now):
        raise Conflict("time_is_up", deadline=attempt.deadline)
    if unknown := [number for number in batch.answers if number not in attempt.answers]:
        raise Invalid("answer_invalid", question=unknown[0])
    if batch.first > attempt.acked_seq + 1:
        raise Conflict("answers_missing", acked_seq=attempt.acked_seq)


def merged(attempt: Attempt, page: int, batch: Batch | None, now: int) -> Changes:
    """Take the answers that came with a command, one path each: what was saved meanwhile stays.

    Raises what `why_not_saved` raises.
    """
    if batch is None or batch.last <= attempt.acked_seq:
        return {}
    answers = normal_answers(batch)
    why_not_saved(attempt, page, batch, now)
    changes: Changes = {f"answers.{number}": letters for number, letters in answers.items()}
    return {**changes, "acked_seq": batch.last}


def submit(attempt: Attempt, page: int, batch: Batch | None, now: int) -> Changes:
    """提交试卷, with the answers that were not acknowledged yet. Submitting twice changes nothing.

    Raises `Conflict` (`superseded`, `exam_not_started`, `answers_missing`), `Invalid` (`answer_invalid`).
    """
    if attempt.status is Status.SUBMITTED:
        return {}
    check_page(attempt, page)
    if attempt.status is Status.OPENED:
        raise Conflict("exam_not_started", starts_at=attempt.starts_at)
    return merged(attempt, page, batch, now) | closing(attempt, Cause.CANDIDATE, now, now)


def close_overdue(attempt: Attempt, now: int) -> Changes:
    """The server submits what is saved once deadline and grace are over; the moment is the deadline's."""
    if not attempt.overdue(now):
        return {}
    assert attempt.deadline is not None
    return closing(attempt, Cause.DEADLINE, attempt.deadline, now)


def closing(attempt: Attempt, cause: Cause, submitted_at: int, now: int) -> Changes:
    """The fields that submit a paper.

    All frames that are still due are asked for now; the attempt stays due until each has its verdict.
    """
    submitted = msgspec.structs.replace(attempt, submitted_at=submitted_at)
    asks = watch.ask(submitted, now, most=len(watch.moments(attempt)))
    settles_at = now + attempt.policy.snapshot_grace_s * SECOND_MS
    awaited = bool(asks) or not watch.settled(submitted)
    return {
        "status": Status.SUBMITTED,
        "cause": cause,
        "submitted_at": submitted_at,
        "due_bucket": due_bucket(attempt.attempt_id, settles_at) if awaited else None,
        "pending": None,
        **asks,
    }
