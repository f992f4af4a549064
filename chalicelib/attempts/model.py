"""An attempt: its data, and what all rules about it share. Pure.

The rules are in `check_in`, `sitting` and their neighbours. Each is a function of (attempt, command, now) that
returns typed outcomes (`kernel.outcomes`) or raises why not. States and their order: docs/glossary.md.
"""

import enum

import msgspec

from chalicelib.exams.model import FaceReference, Policy
from chalicelib.identity import turning
from chalicelib.identity.model import FrozenIdentity, Reference
from chalicelib.identity.turning import Turn
from chalicelib.kernel.faults import OurFault
from chalicelib.proctoring.model import (
    Integrity,
    IntegrityRule,
    IntegrityState,
    Replay,
    Segment,
    Verdict,
)
from chalicelib.shared.clock import HOUR_MS, MINUTE_MS, SECOND_MS
from chalicelib.shared.errors import Conflict

KEPT_VERIFICATIONS = (
    12  # newest first; of older ones the timeline tells, and the item keeps short ids
)
KEPT_IDS = 250  # more than anybody can reserve: 100 chances before and after the start, and some given back
KEPT_ADMISSIONS = (
    8  # newest first: each page after the start costs a switch, of which few are allowed
)
KEPT_NOTICES = 8  # newest first: a repeat comes within seconds, a check-in takes minutes
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
    SWITCHES = "switches"


class Step(enum.Enum):
    """The steps of the check-in that the page reports, in their order."""

    NOTICE = "notice"  # 考试须知
    CAMERA = "camera"  # 设备检测
    NETWORK = "network"  # 网络环境检测


STEPS = tuple(Step)


class CheckState(enum.Enum):
    """Where a verification stands."""

    PENDING = "pending"  # a chance is reserved, the picture is not here yet
    JUDGING = "judging"  # the picture is here, however late: its verdict will count
    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"  # the check could not run: the chance was given back


class CheckReason(enum.Enum):
    """Why a check did not run, as far as the picture itself is not the reason."""

    NOT_UPLOADED = "not_uploaded"
    ENGINE_DOWN = OurFault.ENGINE_DOWN.value
    AUTHORITY_DOWN = OurFault.AUTHORITY_DOWN.value
    AUTHORITY_UNKNOWN = OurFault.AUTHORITY_UNKNOWN.value
    ROSTER_PHOTO_MISSING = OurFault.ROSTER_PHOTO_MISSING.value
    TURN_NOT_SEEN = turning.NOT_SEEN  # the second picture shows no turn of this person's head
    TURN_WRONG_WAY = turning.WRONG_WAY


class Chances(msgspec.Struct, frozen=True):
    """How many verifications may be reserved and how many were."""

    granted: int
    used: int = 0

    @property
    def left(self) -> int:
        """Chances that remain."""
        return self.granted - self.used


class Verification(msgspec.Struct, frozen=True):
    """One 开始核验. `after_start` tells which chances it uses; `check_in` for which check-in it counts.

    `turn`: to which side the second picture must show the head turned; None when one picture is enough.
    """

    id: str
    check_in: int
    after_start: bool
    reserved_at: int
    upload_until: int
    state: CheckState = CheckState.PENDING
    reason: str = ""
    settled_at: int | None = None
    distance: float | None = None
    photo_sha256: str = ""
    given_back: bool = False  # whether its chance was given back
    turn: Turn | None = None


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
    """The newest page: only it may act. `start_until` is the last moment for a first start.

    `verification_id` names the check that was passed, or the ticket that waived it.
    """

    request_id: str
    verification_id: str
    at: int
    start_until: int


class AbsenceKind(enum.Enum):
    """How somebody left the page."""

    HIDDEN = "hidden"  # another tab, minimised, locked
    BLUR = "blur"  # another window has the focus
    FULLSCREEN = "fullscreen"  # full screen left and not restored
    PAGE_LOST = "page_lost"  # the page was closed or crashed, and somebody came back


class Absence(msgspec.Struct, frozen=True):
    """From leaving to coming back, merged by the page into one; `seq` counts within a page from 1.

    `since` is the earliest moment, by the server's clock, at which it can have begun; `away_ms` is the page's
    measure, bounded by the time that has passed since then. `ended`: the candidate is back.
    """

    page: int
    seq: int
    kind: AbsenceKind
    since: int
    reported_at: int
    away_ms: int
    ended: bool
    counted: bool


class Silences(msgspec.Struct, frozen=True):
    """How often a page in the exam fell silent for more than three heartbeats, and how long at most."""

    times: int = 0
    longest_ms: int = 0


class AttemptAudit(msgspec.Struct, frozen=True):
    """A command of an operator, in the same write as what it changed.

    `operator` is the name; `operator_id` is empty where operators still typed any name they liked.
    """

    command_id: str
    what: str
    operator: str
    reason: str
    detail: str
    at: int
    operator_id: str = ""


class Decision(msgspec.Struct, frozen=True):
    """What a human decided about what is held against somebody by this rule.

    `slots`: the frames that were looked at. What a clearing says holds for these alone: frames that nobody has
    seen are never excused by it. Decisions of version 1 name none, and hold for whatever comes.
    """

    state: IntegrityState
    rule: IntegrityRule
    operator: str
    reason: str
    at: int
    slots: tuple[int, ...] | None = None
    operator_id: str = ""


class Contested(msgspec.Struct, frozen=True):
    """A verdict that somebody complains about: when it was published, and the rule that made it 不合格, if one did."""

    published_at: int
    accused: IntegrityRule | None = None


class DecidedComplaint(msgspec.Struct, frozen=True):
    """The complaint that was decided last; `published_at` names the verdict that it was about."""

    case_id: str
    published_at: int
    upheld: bool
    at: int


class Waiver(msgspec.Struct, frozen=True):
    """An operator admits this person without the face check (the law asks for another way than a face).

    `case_id` names the accepted ticket, `at` its decision. `enter_until`: until when this person may start
    for the first time, if later than others. `reference`: the photo that the operator approved; without one
    pictures are compared with the same photo as without a waiver.
    """

    case_id: str
    operator: str
    reason: str
    at: int
    enter_until: int | None = None
    reference: Reference | None = None
    operator_id: str = ""


class Origin(msgspec.Struct, frozen=True):
    """The closed round that this one re-opens, and the command that did so."""

    attempt_id: str
    cause: Cause
    command_id: str


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
    notices: tuple[str, ...] = ()  # request ids of the newest 考试须知
    pending: Verification | None = None
    verifications: tuple[Verification, ...] = ()
    forgotten: tuple[
        str, ...
    ] = ()  # short ids of older verifications: a repeat must not reserve anew
    failures: int = 0
    last_failure_at: int | None = None
    unusable: Unusable = Unusable()
    page: int = 0  # number of the newest admission, 0 before the first
    admission: Admission | None = None
    admissions: tuple[str, ...] = ()  # request ids of the newest 进入考场, this page's first
    started_at: int | None = None
    deadline: int | None = None
    saves_until: int | None = None  # deadline + network grace: all that the hot path compares with
    due_bucket: str | None = None
    answers: dict[str, str] = {}
    acked_seq: int = 0
    saved_at: int | None = None  # when the page last saved an answer
    switches: tuple[Absence, ...] = ()  # the counted absences, at most the limit
    last_absence: Absence | None = None  # the newest reported one, counted or not
    short_absences: int = 0
    silences: Silences | None = None  # None: never silent, as far as is known
    snapshot_seed: str = ""  # secret: the moments of the snapshots follow from it
    segments: tuple[Segment, ...] = ()  # exam time that snapshots are spread over
    asked: dict[str, int] = {}  # slot of a snapshot → when its frame was asked for
    verdicts: dict[str, Verdict] = {}  # slot of a snapshot → what it showed
    replays: dict[str, Replay] = {}  # slot of a replayed one → which picture it shows
    accepted_gaps: tuple[int, ...] = ()  # slots that we failed to judge, accepted by an operator
    integrity: Integrity = Integrity()
    decisions: tuple[Decision, ...] = ()  # one for each rule that a human has decided about
    audit: tuple[AttemptAudit, ...] = ()
    waiver: Waiver | None = None
    orders: tuple[str, ...] = ()  # command ids of the exam's orders that this attempt has followed
    origin: Origin | None = None
    ordered_version: int = 0  # of the newest change that an operator ordered
    submitted_at: int | None = None
    cause: Cause | None = None
    published_at: int | None = None  # when the present verdict could first be seen
    complaint: DecidedComplaint | None = None
    key_version: str = ""  # the corrected key that it is scored with; "" the bank's own
    follow_up: str | None = None  # set while somebody has still to act on what it ends in

    @property
    def waiting_opens_at(self) -> int:
        """When the waiting room opened."""
        return self.starts_at - self.policy.waiting_opens_min * MINUTE_MS

    @property
    def chances_now(self) -> Chances:
        """The chances that the next verification would use."""
        return self.chances_after_start if self.status is Status.STARTED else self.chances

    @property
    def last_deadline(self) -> int:
        """The latest moment at which this attempt can be running as things stand."""
        if self.deadline is not None:
            return self.deadline
        return self.entry_until + self.policy.late_entry_ms + self.allowed_ms

    @property
    def frozen_until(self) -> int:
        """Until when its person must stay the same: to the verdict on the last frame that can come."""
        return self.last_deadline + self.policy.deadline_grace_ms + self.policy.settling_ms

    @property
    def start_until(self) -> int:
        """The last moment for a first start of the admitted page."""
        return self.admission.start_until if self.admission else self.entry_until

    def overdue(self, now: int) -> bool:
        """Whether the server has to close this attempt: past deadline and grace."""
        return (
            self.status is Status.STARTED
            and self.saves_until is not None
            and now > self.saves_until
        )

    @property
    def check_in_step(self) -> str:
        """The step of the check-in that is due now; a waiver passes the face check."""
        step = self.check_in.next_step
        return "admission" if step == "verification" and self.waiver is not None else step

    @property
    def reference(self) -> Reference | None:
        """The photo of a ticket that pictures are compared with instead of any other."""
        return self.waiver.reference if self.waiver else None

    @property
    def by_roster(self) -> bool:
        """Whether pictures are compared with the publisher's photo of this person."""
        return self.reference is None and self.policy.face_reference is FaceReference.ROSTER

    def decision_about(self, rule: IntegrityRule | None) -> Decision | None:
        """What a human decided about this rule."""
        return next((d for d in self.decisions if d.rule is rule), None)

    @property
    def verdict_at(self) -> int:
        """When the present verdict was published; attempts of before this was noted: when they were submitted."""
        return self.published_at or self.submitted_at or 0

    @property
    def complaint_until(self) -> int:
        """The last millisecond of a complaint about the present verdict."""
        return self.verdict_at + self.policy.complaint_hours * HOUR_MS

    def find_verification(self, verification_id: str) -> Verification | None:
        """A verification that is pending or was kept."""
        checks = (*((self.pending,) if self.pending else ()), *self.verifications)
        return next((v for v in checks if v.id == verification_id), None)

    def next_step(self, now: int) -> str:
        """What the candidate has to do next; also the page's signpost."""
        if self.status is Status.SUBMITTED:
            return "result"
        if self.status is Status.OPENED and now > self.entry_until and self._late_entry() < now:
            return "entry_closed"
        if self.pending is not None and self.waiver is None:
            return "verification"
        return self.check_in_step

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


DUE_SHARDS = 8  # everyone opens, and everyone starts, on the same bell: spread them


def due_bucket(attempt_id: str, saves_until: int) -> str:
    """The bucket of the overdue index: the first whole minute after `saves_until`, and a shard."""
    minute = saves_until // MINUTE_MS + 1
    return f"{minute}#{sum(attempt_id.encode()) % DUE_SHARDS}"


def due_buckets(minute: int) -> list[str]:
    """All buckets of one minute (since 1970)."""
    return [f"{minute}#{shard}" for shard in range(DUE_SHARDS)]


def due(attempt: Attempt, now: int) -> bool:
    """Whether the schedule still has to do something about this attempt."""
    return (
        attempt.due_bucket is not None
        and int(attempt.due_bucket.partition("#")[0]) <= now // MINUTE_MS
    )


class Listed(msgspec.Struct, frozen=True):
    """What the index by exam knows of an attempt; it may be a moment old."""

    attempt_id: str
    orders: tuple[str, ...] = ()
    submitted_at: int | None = None
    cause: Cause | None = None
    started_at: int | None = None
    integrity: Integrity = Integrity()


def exam_shard(exam_id: str, attempt_id: str) -> str:
    """The part of the index by exam that an attempt is in: everyone opens theirs at the same time."""
    return f"{exam_id}#{sum(attempt_id.encode()) % DUE_SHARDS}"


def exam_shards(exam_id: str) -> list[str]:
    """All parts of one exam."""
    return [f"{exam_id}#{shard}" for shard in range(DUE_SHARDS)]


def short_id(verification_id: str) -> str:
    """Enough of an id (a hash) to know it again among the few of one attempt: 48 bits."""
    return verification_id[-8:]


def check_page(attempt: Attempt, page: int) -> None:
    """Only the newest page may act. Raises `Conflict`: `superseded`."""
    if page != attempt.page:
        raise Conflict("superseded", next_step="notice")


def refuse_submitted(attempt: Attempt) -> None:
    """Nothing but its result is left of a submitted attempt. Raises `Conflict`: `attempt_submitted`."""
    if attempt.status is Status.SUBMITTED:
        raise Conflict("attempt_submitted", next_step="result")
