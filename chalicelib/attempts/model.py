"""The rules of an attempt. Each is a function of (attempt, command, now) that returns the changed fields or
refuses; the store knows none of them. States and their order: docs/glossary.md.
"""

import enum
from typing import Any

import msgspec

from chalicelib.exams.model import Policy
from chalicelib.identity.model import FrozenIdentity
from chalicelib.shared.clock import MINUTE_MS, SECOND_MS, china_day
from chalicelib.shared.errors import Conflict, Invalid, TooMany

# Field → new value; None removes it. `answers.7` is one answer: what a save acknowledged meanwhile stays.
Changes = dict[str, Any]

KEPT_VERIFICATIONS = 12  # newest first; older ones live on in the timeline only
MAX_BATCH = 50  # answers in one save: its condition stays below 300 operators, its text below 4 KB


class Status(enum.Enum):
    """Where an attempt stands; it only moves forward."""

    OPENED = "opened"
    STARTED = "started"
    SUBMITTED = "submitted"


class Cause(enum.Enum):
    """What submitted the paper."""

    CANDIDATE = "candidate"
    DEADLINE = "deadline"


class Step(enum.Enum):
    """The steps of the check-in that the page reports, in their order."""

    NOTICE = "notice"  # 考试须知
    CAMERA = "camera"  # 设备检测
    NETWORK = "network"  # 网络环境检测


STEPS = tuple(Step)


class State(enum.Enum):
    """Where a verification stands."""

    PENDING = "pending"  # a chance is reserved, the picture is not here yet
    JUDGING = "judging"  # the picture is here, however late: its verdict will count
    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"  # the check could not run: the chance was given back


class Reason(enum.Enum):
    """Why a check did not run, as far as the picture itself is not the reason."""

    NOT_UPLOADED = "not_uploaded"
    ENGINE_DOWN = "engine_down"


class Chances(msgspec.Struct, frozen=True):
    """How many verifications may be reserved and how many were."""

    granted: int
    used: int = 0

    @property
    def left(self) -> int:
        """Chances that remain."""
        return self.granted - self.used


class Verification(msgspec.Struct, frozen=True):
    """One 开始核验. `after_start` tells which chances it uses; `check_in` for which check-in it counts."""

    id: str
    check_in: int
    after_start: bool
    reserved_at: int
    upload_until: int
    state: State = State.PENDING
    reason: str = ""
    settled_at: int | None = None
    distance: float | None = None
    photo_sha256: str = ""
    given_back: bool = False  # whether its chance was given back


class CheckIn(msgspec.Struct, frozen=True):
    """The running 考前确认. `passed` names the verification that admits, once."""

    number: int = 1
    steps: tuple[Step, ...] = ()
    passed: str | None = None

    @property
    def next_step(self) -> str:
        """The step that is due now."""
        if len(self.steps) < len(STEPS):
            return STEPS[len(self.steps)].value
        return "verification" if self.passed is None else "admission"


class Unusable(msgspec.Struct, frozen=True):
    """Checks of one China day that gave their chance back because of the picture or a missing upload."""

    day: str = ""
    count: int = 0


class Admission(msgspec.Struct, frozen=True):
    """The newest page: only it may act. `start_until` is the last moment for a first start."""

    request_id: str
    verification_id: str
    at: int
    start_until: int


class Attempt(msgspec.Struct, frozen=True):
    """The one item. Times are UTC ms; what the exam said at opening is frozen in here."""

    attempt_id: str
    account_id: str
    exam_id: str
    round: int
    version: int
    status: Status
    opened_at: int
    starts_at: int
    entry_until: int
    allowed_ms: int
    policy: Policy
    paper_version: str
    paper_seed: str
    question_count: int
    identity: FrozenIdentity
    chances: Chances
    chances_after_start: Chances
    check_in: CheckIn = CheckIn()
    pending: Verification | None = None
    verifications: tuple[Verification, ...] = ()
    failures: int = 0
    last_failure_at: int | None = None
    unusable: Unusable = Unusable()
    page: int = 0  # number of the newest admission, 0 before the first
    admission: Admission | None = None
    started_at: int | None = None
    deadline: int | None = None
    saves_until: int | None = (
        None  # deadline + network grace: the hot path compares with this alone
    )
    due_bucket: str | None = None
    answers: dict[str, str] = {}
    acked_seq: int = 0
    submitted_at: int | None = None
    cause: Cause | None = None

    @property
    def waiting_opens_at(self) -> int:
        """When the waiting room opened."""
        return self.starts_at - self.policy.waiting_opens_min * MINUTE_MS

    @property
    def chances_now(self) -> Chances:
        """The chances that the next verification would use."""
        return self.chances_after_start if self.status is Status.STARTED else self.chances

    def overdue(self, now: int) -> bool:
        """Whether the server has to close this attempt: past deadline and grace."""
        return (
            self.status is Status.STARTED
            and self.saves_until is not None
            and now > self.saves_until
        )

    def find_verification(self, verification_id: str) -> Verification | None:
        """A verification that is pending or was kept."""
        known = (*((self.pending,) if self.pending else ()), *self.verifications)
        return next((v for v in known if v.id == verification_id), None)

    def next_step(self, now: int) -> str:
        """What the candidate has to do next; also the page's signpost."""
        if self.status is Status.SUBMITTED:
            return "result"
        if self.status is Status.OPENED and now > self.entry_until and self._late_entry() < now:
            return "entry_closed"
        if self.pending is not None:
            return "verification"
        return self.check_in.next_step

    def _late_entry(self) -> int:
        """Until when somebody whose check was reserved in time may still enter."""
        if self.pending is not None:
            return self.pending.reserved_at + self.policy.verdict_ms
        passed = self.find_verification(self.check_in.passed or "")
        admitted = self.admission.start_until if self.admission else 0
        return max(admitted, start_until(self, passed) if passed else 0)


def start_until(attempt: Attempt, verification: Verification) -> int:
    """The last moment for a first start after this pass.

    A verdict that came late must not shut out who asked in time (guide, 候考): such a pass opens the door
    for `verdict_timeout_s` after the verdict, but no longer than `Policy.late_entry_ms` after the closing, so
    that every exam has a last deadline.
    """
    settled_at = verification.settled_at or 0
    if verification.reserved_at > attempt.entry_until or settled_at <= attempt.entry_until:
        return attempt.entry_until
    late = settled_at + attempt.policy.verdict_timeout_s * SECOND_MS
    return min(late, attempt.entry_until + attempt.policy.late_entry_ms)


# --- check-in -------------------------------------------------------------------------------------------


def take_step(attempt: Attempt, step: Step) -> Changes:
    """Do one step of the check-in. 考试须知 always begins a new check-in; a repeated step changes nothing.

    Raises `Conflict`: `wrong_step` naming the one that is due, `attempt_submitted`.
    """
    _refuse_submitted(attempt)
    check_in = attempt.check_in
    if check_in.steps and check_in.steps[-1] is step:
        return {}
    if step is Step.NOTICE:
        number = check_in.number + (1 if check_in.steps else 0)
        return {"check_in": CheckIn(number=number, steps=(Step.NOTICE,))}
    if check_in.next_step != step.value:
        raise Conflict("wrong_step", next_step=check_in.next_step)
    return {"check_in": msgspec.structs.replace(check_in, steps=(*check_in.steps, step))}


# --- verification ---------------------------------------------------------------------------------------


def reserve_verification(attempt: Attempt, verification_id: str, now: int) -> Changes:
    """开始核验: reserve a chance and the upload slot. The same id again changes nothing.

    Raises `Conflict` (`wrong_step`, `verification_pending`, `chances_used_up`, `entry_closed`), `TooMany`
    (`wait_before_retry`).
    """
    _refuse_submitted(attempt)
    if attempt.find_verification(verification_id) is not None:
        return {}
    if attempt.status is Status.OPENED and now > attempt.entry_until:
        raise Conflict("entry_closed", closed_at=attempt.entry_until)
    if attempt.pending is not None:
        raise Conflict("verification_pending", verification_id=attempt.pending.id)
    if attempt.check_in.next_step != "verification":
        raise Conflict("wrong_step", next_step=attempt.check_in.next_step)
    _refuse_before_wait_is_over(attempt, now)
    chances = attempt.chances_now
    if chances.left <= 0:
        raise Conflict("chances_used_up", chances=chances.granted, next_step="ticket")
    after_start = attempt.status is Status.STARTED
    pending = Verification(
        id=verification_id,
        check_in=attempt.check_in.number,
        after_start=after_start,
        reserved_at=now,
        upload_until=now + attempt.policy.upload_lease_s * SECOND_MS,
    )
    return {"pending": pending, **_use(attempt, after_start, +1)}


def _refuse_before_wait_is_over(attempt: Attempt, now: int) -> None:
    policy = attempt.policy
    if attempt.last_failure_at is None or attempt.failures < policy.failures_before_wait:
        return
    wait_ms = attempt.last_failure_at + policy.failure_wait_s * SECOND_MS - now
    if wait_ms > 0:
        raise TooMany("wait_before_retry", retry_after_s=-(-wait_ms // SECOND_MS))


def _use(attempt: Attempt, after_start: bool, by: int) -> Changes:
    """One chance more or less, never below zero nor above what was granted."""
    field = "chances_after_start" if after_start else "chances"
    chances: Chances = getattr(attempt, field)
    used = min(max(chances.used + by, 0), chances.granted)
    return {field: msgspec.structs.replace(chances, used=used)}


def lapsed(attempt: Attempt, now: int) -> bool:
    """Whether the upload lease of the pending check is over, so that somebody has to look for the picture."""
    return attempt.pending is not None and now >= attempt.pending.upload_until


def settle_lapsed(attempt: Attempt, picture_is_there: bool, now: int) -> Changes:
    """Give the chance back when no picture came, or when its verdict never came. Later verdicts still count."""
    pending = attempt.pending
    if pending is None or not lapsed(attempt, now):
        return {}
    if not picture_is_there:
        return _not_run(attempt, pending, Reason.NOT_UPLOADED.value, now)
    if now >= pending.reserved_at + attempt.policy.verdict_ms:
        return _not_run(attempt, pending, Reason.ENGINE_DOWN.value, now)
    if pending.state is State.PENDING:
        return {"pending": msgspec.structs.replace(pending, state=State.JUDGING)}
    return {}


class Finding(msgspec.Struct, frozen=True):
    """What judging the picture found: a match or not, or why the check could not run."""

    matched: bool
    unusable: str = ""
    distance: float | None = None
    uncertain: bool = False
    photo_sha256: str = ""


def settle_verification(
    attempt: Attempt, verification_id: str, finding: Finding, now: int
) -> Changes:
    """Record the verdict of a check; a second verdict of the same check changes nothing.

    A check that was called not run because nothing was heard of it in time still counts when its verdict
    comes after all: a pass admits, a failure uses the chance (as far as one is left).
    """
    if attempt.status is Status.SUBMITTED:
        return {}
    pending = attempt.pending
    if pending is not None and pending.id == verification_id:
        return _settle(attempt, pending, finding, now)
    known = attempt.find_verification(verification_id)
    unheard = {Reason.NOT_UPLOADED.value, Reason.ENGINE_DOWN.value}
    if known is None or known.state is not State.NOT_RUN or known.reason not in unheard:
        return {}
    if finding.unusable:
        return {}
    changes = _settle(attempt, known, finding, now)
    return {**changes, **_use(attempt, known.after_start, +1)} if known.given_back else changes


def _settle(attempt: Attempt, check: Verification, finding: Finding, now: int) -> Changes:
    judged = msgspec.structs.replace(
        check, distance=finding.distance, photo_sha256=finding.photo_sha256
    )
    if finding.unusable:
        return _not_run(attempt, judged, finding.unusable, now)
    if finding.matched:
        changes = _settled(attempt, judged, State.PASSED, "", now)
        if check.check_in == attempt.check_in.number:
            changes["check_in"] = msgspec.structs.replace(attempt.check_in, passed=check.id)
        return changes
    reason = "uncertain" if finding.uncertain else "mismatch"
    return {
        **_settled(attempt, judged, State.FAILED, reason, now),
        "failures": attempt.failures + 1,
        "last_failure_at": now,
    }


def _not_run(attempt: Attempt, check: Verification, reason: str, now: int) -> Changes:
    """Our own failure always gives the chance back, others as often a day as the policy says."""
    today = china_day(now)
    count = attempt.unusable.count if attempt.unusable.day == today else 0
    ours = reason == Reason.ENGINE_DOWN.value
    given_back = ours or count < attempt.policy.unusable_per_day
    check = msgspec.structs.replace(check, given_back=given_back)
    changes = _settled(attempt, check, State.NOT_RUN, reason, now)
    if given_back:
        changes |= _use(attempt, check.after_start, -1)
    if not ours:
        changes["unusable"] = Unusable(today, count + 1)
    return changes


def _settled(attempt: Attempt, check: Verification, state: State, reason: str, now: int) -> Changes:
    done = msgspec.structs.replace(check, state=state, reason=reason, settled_at=now)
    others = tuple(v for v in attempt.verifications if v.id != check.id)
    changes: Changes = {"verifications": (done, *others)[:KEPT_VERIFICATIONS]}
    if attempt.pending is not None and attempt.pending.id == check.id:
        changes["pending"] = None
    return changes


# --- admission and start --------------------------------------------------------------------------------


def admit(attempt: Attempt, request_id: str, now: int) -> Changes:
    """进入考场: use the passed check up and make a new page the only one that may act.

    The same request id again changes nothing. Raises `Conflict`: `wrong_step`, `waiting_room_not_open`,
    `entry_closed`, `attempt_submitted`.
    """
    _refuse_submitted(attempt)
    if attempt.admission is not None and attempt.admission.request_id == request_id:
        return {}
    if attempt.check_in.next_step != "admission":
        raise Conflict("wrong_step", next_step=attempt.check_in.next_step)
    if now < attempt.waiting_opens_at:
        raise Conflict("waiting_room_not_open", opens_at=attempt.waiting_opens_at)
    passed = attempt.find_verification(attempt.check_in.passed or "")
    until = start_until(attempt, passed) if passed else attempt.entry_until
    if attempt.status is Status.OPENED and now > until:
        raise Conflict("entry_closed", closed_at=until)
    return {
        "page": attempt.page + 1,
        "admission": Admission(request_id, attempt.check_in.passed or "", now, until),
        "check_in": CheckIn(number=attempt.check_in.number + 1),
    }


def check_page(attempt: Attempt, page: int) -> None:
    """Only the newest page may act. Raises `Conflict`: `superseded`."""
    if page != attempt.page:
        raise Conflict("superseded", next_step="notice")


def start(attempt: Attempt, page: int, now: int) -> Changes:
    """开始考试: start this candidate's clock. Starting twice changes nothing.

    Deadline = start + duration + extra time. Raises `Conflict`: `superseded`, `exam_not_started`,
    `entry_closed`, `attempt_submitted`.
    """
    _refuse_submitted(attempt)
    check_page(attempt, page)
    if attempt.status is Status.STARTED:
        return {}
    if now < attempt.starts_at:
        raise Conflict("exam_not_started", starts_at=attempt.starts_at)
    until = attempt.admission.start_until if attempt.admission else attempt.entry_until
    if now > until:
        raise Conflict("entry_closed", closed_at=until)
    deadline = now + attempt.allowed_ms
    saves_until = deadline + attempt.policy.deadline_grace_ms
    return {
        "status": Status.STARTED,
        "started_at": now,
        "deadline": deadline,
        "saves_until": saves_until,
        "due_bucket": due_bucket(attempt.attempt_id, saves_until),
        "answers": {str(number): "" for number in range(1, attempt.question_count + 1)},
    }


DUE_SHARDS = 8  # everyone who starts on the bell has the same deadline: spread them


def due_bucket(attempt_id: str, saves_until: int) -> str:
    """The bucket of the overdue index: the first whole minute after `saves_until`, and a shard."""
    minute = saves_until // MINUTE_MS + 1
    return f"{minute}#{sum(attempt_id.encode()) % DUE_SHARDS}"


def due_buckets(minute: int) -> list[str]:
    """All buckets of one minute (since 1970)."""
    return [f"{minute}#{shard}" for shard in range(DUE_SHARDS)]


# --- answers and submission -----------------------------------------------------------------------------


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
    _refuse_submitted(attempt)
    check_page(attempt, page)
    if attempt.status is Status.OPENED:
        raise Conflict("exam_not_started", starts_at=attempt.starts_at)
    if attempt.overdue(now):
        raise Conflict("time_is_up", deadline=attempt.deadline)
    if unknown := [number for number in batch.answers if number not in attempt.answers]:
        raise Invalid("answer_invalid", question=unknown[0])
    if batch.first > attempt.acked_seq + 1:
        raise Conflict("answers_missing", acked_seq=attempt.acked_seq)


def submit(attempt: Attempt, page: int, batch: Batch | None, now: int) -> Changes:
    """提交试卷, with the answers that were not acknowledged yet. Submitting twice changes nothing.

    Raises `Conflict` (`superseded`, `exam_not_started`, `answers_missing`), `Invalid` (`answer_invalid`).
    """
    if attempt.status is Status.SUBMITTED:
        return {}
    check_page(attempt, page)
    if attempt.status is Status.OPENED:
        raise Conflict("exam_not_started", starts_at=attempt.starts_at)
    changes = _closing(Cause.CANDIDATE, now)
    if batch is not None and batch.last > attempt.acked_seq:
        why_not_saved(attempt, page, batch, now)
        answers = normal_answers(batch)
        changes |= {f"answers.{number}": letters for number, letters in answers.items()}
        changes["acked_seq"] = batch.last
    return changes


def close_overdue(attempt: Attempt, now: int) -> Changes:
    """The server submits what is saved once deadline and grace are over; the moment is the deadline's."""
    if not attempt.overdue(now):
        return {}
    assert attempt.deadline is not None
    return _closing(Cause.DEADLINE, attempt.deadline)


def _closing(cause: Cause, submitted_at: int) -> Changes:
    return {
        "status": Status.SUBMITTED,
        "cause": cause,
        "submitted_at": submitted_at,
        "due_bucket": None,
        "pending": None,
    }


def _refuse_submitted(attempt: Attempt) -> None:
    if attempt.status is Status.SUBMITTED:
        raise Conflict("attempt_submitted", next_step="result")
