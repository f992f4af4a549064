"""Rules of the exam itself: start, answers, submission, deadline. Pure."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from chalicelib.attempts import watch
from chalicelib.attempts.model import (
    MAX_BATCH,
    Attempt,
    Cause,
    LiveAttempt,
    Status,
    Verification,
    check_page,
    refuse_submitted,
)
from chalicelib.attempts.shards import due_bucket
from chalicelib.exams.blanks import MOST_CHARACTERS
from chalicelib.exams.questions import LETTERS, MOST_BLANKS, MOST_OPTIONS, Answer
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.proctoring.model import Segment, Verdict
from chalicelib.shared.clock import SECOND_MS
from chalicelib.shared.errors import Conflict, Invalid

TIMES_SLACK_S = 5  # the page counts on after the server has read its clock, and rounds
# Control characters, line and paragraph separators, halves of surrogate pairs.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@outcome_of(Attempt)
class Started(Outcome, frozen=True):
    """The candidate has started; the clock runs."""

    started_at: int
    deadline: int
    saves_until: int
    due_bucket: str
    answers: dict[str, Answer]
    segments: tuple[Segment, ...]
    asked: dict[str, int] = msgspec.field(default_factory=dict)
    verdicts: dict[str, Verdict] = msgspec.field(default_factory=dict)
    status: Status = Status.STARTED


@outcome_of(Attempt)
class Answered(Outcome, frozen=True):
    """Answers came with a command: all answers, old and new, and the last revision that they hold."""

    answers: dict[str, Answer]
    acked_seq: int


@outcome_of(Attempt)
class TimesReported(Outcome, frozen=True):
    """The page has said how long each question was in sight."""

    seconds: tuple[int, ...]


@outcome_of(Attempt)
class Closed(Outcome, frozen=True):
    """The paper is submitted."""

    cause: Cause
    submitted_at: int
    due_bucket: str | None
    status: Status = Status.SUBMITTED
    pending: Verification | None = None


def start(attempt: Attempt, page: int, now: int) -> Outcomes:
    """开始考试: start this candidate's clock. Starting twice changes nothing.

    Deadline = start + duration + extra time. Raises `Conflict`: `superseded`, `exam_not_started`,
    `entry_closed`, `attempt_submitted`.
    """
    refuse_submitted(attempt)
    check_page(attempt, page)
    if attempt.status is Status.STARTED:
        return ()
    if now < attempt.starts_at:
        raise Conflict("exam_not_started", starts_at=attempt.starts_at)
    if now > attempt.start_until:
        raise Conflict("entry_closed", closed_at=attempt.start_until)
    deadline = now + attempt.allowed_ms
    saves_until = deadline + attempt.policy.deadline_grace_ms
    started = Started(
        started_at=now,
        deadline=deadline,
        saves_until=saves_until,
        due_bucket=due_bucket(attempt, saves_until),
        answers=attempt.answers or _no_answers(attempt),  # a re-opened round begins with its own
        segments=(Segment(now, deadline),),
    )
    return (started,)


def _no_answers(attempt: Attempt) -> dict[str, Answer]:
    return {str(number): "" for number in range(1, attempt.question_count + 1)}


class Batch(msgspec.Struct, frozen=True):
    """The answers of a page that are not acknowledged so far: number of the question → answer ("" clears).

    It covers the revisions `first` to `last` of the page.
    """

    first: int
    last: int
    answers: Mapping[str, Answer]


def normal_answers(batch: Batch) -> dict[str, Answer]:
    """Return the answers in their one form. Raises `Invalid` for answers that no paper can have.

    Letters are sorted, each once. Texts of blanks have no spaces around them; if all are empty, the answer is "".
    """
    if not 1 <= batch.first <= batch.last or len(batch.answers) > MAX_BATCH or not batch.answers:
        raise Invalid("batch_invalid", most=MAX_BATCH)
    return {number: _normal_answer(number, answer) for number, answer in batch.answers.items()}


def _normal_answer(number: str, answer: Answer) -> Answer:
    if not number.isascii() or not number.isdecimal() or number != str(int(number)):
        raise Invalid("answer_invalid", question=number[:8])
    if isinstance(answer, str):
        if len(answer) > MOST_OPTIONS or not set(answer) <= set(LETTERS):
            raise Invalid("answer_invalid", question=number)
        return "".join(sorted(set(answer)))
    texts = tuple(text.strip() for text in answer)
    if len(texts) > MOST_BLANKS or not all(map(_is_writable, texts)):
        raise Invalid("answer_invalid", question=number)
    return texts if any(texts) else ""


def _is_writable(text: str) -> bool:
    """Whether a candidate can have written this into a blank: one line without control characters."""
    return len(text) <= MOST_CHARACTERS and not _UNWRITABLE.search(text)


def why_not_saved(attempt: LiveAttempt, page: int, batch: Batch, now: int) -> None:
    """Raise the reason why a save was refused. Returns when the batch was saved before.

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


def merge(attempt: Attempt, page: int, batch: Batch | None, now: int) -> Outcomes:
    """Take the answers that came with a command, if they are newer than the saved ones.

    Raises what `normal_answers` and `why_not_saved` raise.
    """
    if batch is None or batch.last <= attempt.acked_seq:
        return ()
    answers = normal_answers(batch)
    why_not_saved(attempt, page, batch, now)
    return (Answered(answers={**attempt.answers, **answers}, acked_seq=batch.last),)


def submit(
    attempt: Attempt, page: int, batch: Batch | None, now: int, seconds: Sequence[int] = ()
) -> Outcomes:
    """提交试卷, with the answers that were not acknowledged yet. Submitting twice changes nothing.

    `seconds`: how long each question was in sight, as the page reports.

    Raises `Conflict` (`superseded`, `exam_not_started`, `answers_missing`), `Invalid` (`answer_invalid`).
    """
    if attempt.status is Status.SUBMITTED:
        return ()
    check_page(attempt, page)
    if attempt.status is Status.OPENED:
        raise Conflict("exam_not_started", starts_at=attempt.starts_at)
    closed = close(attempt, Cause.CANDIDATE, now, now)
    return (*merge(attempt, page, batch, now), *_times(attempt, seconds, now), *closed)


def _times(attempt: Attempt, seconds: Sequence[int], now: int) -> Outcomes:
    """Keep the reported times if they are possible: one for each question, together no longer than the exam so far.

    Others are dropped without a word, and so are those of a page that was admitted after the start, which has not seen
    the whole exam. Times decide nothing, and must not stop a submission.
    """
    assert attempt.started_at is not None
    if attempt.admission is None or attempt.admission.at > attempt.started_at:
        return ()
    most = (now - attempt.started_at) // SECOND_MS + TIMES_SLACK_S
    possible = len(seconds) == attempt.question_count and min(seconds, default=-1) >= 0
    return (TimesReported(tuple(seconds)),) if possible and sum(seconds) <= most else ()


def close_overdue(attempt: Attempt, now: int) -> Outcomes:
    """Submit the saved answers when deadline and grace are over. The deadline becomes the time of submission."""
    if not attempt.overdue(now):
        return ()
    assert attempt.deadline is not None
    return close(attempt, Cause.DEADLINE, attempt.deadline, now)


def close(attempt: Attempt, cause: Cause, submitted_at: int, now: int) -> Outcomes:
    """Submit the paper and ask for all frames that are due. The schedule looks again until each has its verdict."""
    submitted = msgspec.structs.replace(attempt, submitted_at=submitted_at)
    asked = watch.ask_for_all(submitted, now)
    settles_at = now + attempt.policy.snapshot_grace_s * SECOND_MS
    awaited = bool(asked) or not watch.settled(submitted)
    closed = Closed(
        cause=cause,
        submitted_at=submitted_at,
        due_bucket=due_bucket(attempt, settles_at) if awaited else None,
    )
    return (closed, *asked)
