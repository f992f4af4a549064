"""An attempt: its data, and what all rules about it share. Pure.

The rules are in `check_in`, `sitting` and their neighbours. Each is a function of (attempt, command, now) that
returns typed outcomes (`kernel.outcomes`) or raises why not. States and their order: docs/glossary.md.
"""

import enum

import msgspec

from chalicelib.exams.model import FaceReference, Policy
from chalicelib.exams.questions import Answer
from chalicelib.identity import turning
from chalicelib.identity.model import FrozenIdentity, Reference
from chalicelib.identity.turning import Turn
from chalicelib.kernel.commands import Audit
from chalicelib.kernel.faults import OurFault
from chalicelib.proctoring.model import (
    Integrity,
    IntegrityRule,
    IntegrityState,
    Replay,
    Segment,
    Verdict,
)
from chalicelib.shared.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from chalicelib.shared.errors import Conflict

# newest first; older ones are in the timeline, and the item keeps short ids
KEPT_VERIFICATIONS = 12
KEPT_IDS = 250  # more than anybody can reserve: 100 chances before and after the start, and some given back
KEPT_ADMISSIONS = 8  # newest first; each page after the start costs a switch, and few are allowed
KEPT_NOTICES = 8  # newest first: a repeat comes within seconds, a check-in takes minutes
PRACTICE_IDS = "pr_"  # how the ids of practice attempts begin: S3 deletes their pictures by it
PRACTICE_DAYS = 3  # how long a practice attempt and its pictures are kept (infra/resources.yaml)
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
    """Why a check did not run, for reasons other than the picture itself."""

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
    """One 开始核验. `after_start`: which chances it uses. `check_in`: the number of the check-in that it belongs to.

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
    """The present 考前确认. `passed`: the id of the verification that admits once; None so far."""

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
    """How many checks of one day in China could not run because of the picture or a missing upload."""

    day: str = ""
    count: int = 0


class Admission(msgspec.Struct, frozen=True):
    """The newest page, the only one that may act. `start_until`: the last time for a first start (UTC ms).

    `verification_id`: the passed check, or the ticket that waived the check.
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
    """One absence, from leaving to coming back. `seq` counts from 1 within a page.

    `since`: the earliest time at which it can have begun, by the server's clock. `away_ms`: measured by the page, at
    most the time since then. `ended`: the candidate is back. `counted`: it counts as a switch.
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
    """How often a page in the exam was silent for more than three heartbeats, and the longest time (ms)."""

    times: int = 0
    longest_ms: int = 0


class AttemptAudit(Audit, frozen=True):
    """A command of an operator on an attempt. `detail`: what exactly it changed, for people to read."""

    detail: str = ""


class Decision(msgspec.Struct, frozen=True):
    """The decision of an operator about one broken rule.

    `slots`: the frames that the operator looked at. Clearing excuses these frames only. Decisions of version 1 have
    no slots (None) and hold for all frames.
    """

    state: IntegrityState
    rule: IntegrityRule
    operator: str
    reason: str
    at: int
    slots: tuple[int, ...] | None = None
    operator_id: str = ""


class Contested(msgspec.Struct, frozen=True):
    """A verdict with a complaint: when it was published, and the rule that made it 不合格 (None: the score)."""

    published_at: int
    accused: IntegrityRule | None = None


class DecidedComplaint(msgspec.Struct, frozen=True):
    """The last decided complaint. `published_at`: when its verdict was published."""

    case_id: str
    published_at: int
    upheld: bool
    at: int


class Waiver(msgspec.Struct, frozen=True):
    """An operator admits this person without the face check (the law requires another way than the face).

    `case_id`: the accepted ticket. `at`: when it was decided. `enter_until`: the last time for this person's first
    start, when it is later than for others. `reference`: the photo that the operator approved; with None, pictures
    are compared with the same photo as without a waiver.
    """

    case_id: str
    operator: str
    reason: str
    at: int
    enter_until: int | None = None
    reference: Reference | None = None
    operator_id: str = ""


class Origin(msgspec.Struct, frozen=True):
    """The closed round that this round continues, and the command that re-opened it."""

    attempt_id: str
    cause: Cause
    command_id: str


class AttemptSitting(msgspec.Struct, frozen=True):
    """Which sitting of which series an attempt belongs to, in the name that the exam had at its opening."""

    series_id: str
    sitting: str


class PersonalAnnouncement(msgspec.Struct, frozen=True):
    """A text of an operator for this person alone. Who wrote it and why is in the audit."""

    command_id: str
    text: str
    at: int


class Receipt(msgspec.Struct, frozen=True):
    """What the person has confirmed to have read, up to which number. `at`: when the newest was confirmed (UTC ms).

    `for_all`: of the announcements to everybody. `personal`: of those to this person.
    """

    for_all: int = 0
    personal: int = 0
    at: int = 0


class HelpReason(enum.Enum):
    """Why somebody in the waiting room or the exam asks for help."""

    CAMERA = "camera"
    NETWORK = "network"
    DISPLAY = "display"  # of the questions
    UNWELL = "unwell"
    OTHER = "other"


class HelpRequest(msgspec.Struct, frozen=True):
    """The newest request for help. `number` counts those of this attempt; `answered_at`: None while nobody answered."""

    number: int
    request_id: str
    reason: HelpReason
    asked_at: int
    answered_at: int | None = None


class DeviceTrouble(enum.Enum):
    """Why the page has no picture of the camera (web/src/screens/check-in/camera.ts)."""

    REFUSED = "refused"
    NONE = "none"
    BUSY = "busy"
    INSECURE = "insecure"
    FAILED = "failed"
    ENDED = "ended"
    MUTED = "muted"
    COVERED = "covered"


class Device(msgspec.Struct, frozen=True):
    """What the page of a practice exam has found about the device. None and False: nothing is known.

    `camera`: whether the camera was tried; `camera_trouble`: why it does not work. Speeds are 0 when they could not be
    measured. `full_screen`: whether the browser showed the page in full screen.
    """

    camera: bool = False
    camera_trouble: DeviceTrouble | None = None
    down_mbps: float | None = None
    up_mbps: float | None = None
    latency_ms: float | None = None
    full_screen: bool | None = None


class LiveAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """What a save of answers reads, writes and tells of an attempt: a save costs one write and no read.

    All of it is in the item that a save rewrites (`attempts.items`), so more fields here make every save dearer.
    """

    attempt_id: str
    account_id: str
    version: int
    status: Status
    starts_at: int
    policy: Policy
    page: int = 0  # number of the newest admission, 0 before the first
    started_at: int | None = None
    deadline: int | None = None
    # deadline + network grace; saving an answer checks only this time
    saves_until: int | None = None
    submitted_at: int | None = None
    answers: dict[str, Answer] = {}
    acked_seq: int = 0
    saved_at: int | None = None  # when the page last saved an answer
    switches: tuple[Absence, ...] = ()  # the counted absences, at most the limit
    silences: Silences | None = None  # None: never silent, as far as is known
    snapshot_seed: str = ""  # secret: the moments of the snapshots follow from it
    segments: tuple[Segment, ...] = ()  # exam time that snapshots are spread over
    asked: dict[str, int] = {}  # slot of a snapshot → when its frame was asked for
    verdicts: dict[str, Verdict] = {}  # slot of a snapshot → what it showed
    announced: int = 0  # number of the newest announcement to everybody that this attempt has
    personal: tuple[PersonalAnnouncement, ...] = ()  # oldest first

    def overdue(self, now: int) -> bool:
        """Whether the server has to close this attempt, because deadline and grace are over."""
        return (
            self.status is Status.STARTED
            and self.saves_until is not None
            and now > self.saves_until
        )

    @property
    def announcements(self) -> int:
        """How many announcements this person has, to everybody and personal ones. It only rises."""
        return self.announced + len(self.personal)


class Attempt(LiveAttempt, frozen=True, kw_only=True):
    """One attempt. Times are UTC ms. Values of the exam are those at the opening."""

    exam_id: str
    round: int
    opened_at: int
    entry_until: int
    allowed_ms: int
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
    admission: Admission | None = None
    admissions: tuple[str, ...] = ()  # request ids of the newest 进入考场, this page's first
    due_bucket: str | None = None
    last_absence: Absence | None = None  # the newest reported one, counted or not
    short_absences: int = 0
    replays: dict[str, Replay] = {}  # slot of a replayed one → which picture it shows
    accepted_gaps: tuple[int, ...] = ()  # slots that we failed to judge, accepted by an operator
    integrity: Integrity = Integrity()
    decisions: tuple[Decision, ...] = ()  # one for each rule that a human has decided about
    audit: tuple[AttemptAudit, ...] = ()
    waiver: Waiver | None = None
    orders: tuple[str, ...] = ()  # command ids of the exam's orders that this attempt has followed
    origin: Origin | None = None
    ordered_version: int = 0  # of the newest change that an operator ordered
    cause: Cause | None = None
    published_at: int | None = None  # when the present verdict could first be seen
    complaint: DecidedComplaint | None = None
    key_version: str = ""  # the corrected key that it is scored with; "" the bank's own
    series: AttemptSitting | None = None  # None: an exam by itself
    follow_up: str | None = None  # set while certificate and feeds still have to follow the result
    receipt: Receipt | None = None
    help: HelpRequest | None = None
    # Seconds on each question, by its number, as the page reports with 提交试卷; () without a report.
    seconds: tuple[int, ...] = ()
    device: Device | None = None  # of a practice exam: what its page has found

    @property
    def sitting(self) -> str:
        """The name of its sitting within a series; "" for an exam by itself."""
        return self.series.sitting if self.series else ""

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
        """The latest time at which this attempt can run, as far as is known now."""
        if self.deadline is not None:
            return self.deadline
        return self.entry_until + self.policy.late_entry_ms + self.allowed_ms

    @property
    def frozen_until(self) -> int:
        """Until when the person's data must not change: until the last possible frame has its verdict."""
        return self.last_deadline + self.policy.deadline_grace_ms + self.policy.settling_ms

    @property
    def expires_at(self) -> int | None:
        """The first millisecond in which a practice attempt is gone; None for others, which stay."""
        return self.opened_at + PRACTICE_DAYS * DAY_MS if self.policy.is_practice else None

    @property
    def start_until(self) -> int:
        """The last moment for a first start of the admitted page."""
        return self.admission.start_until if self.admission else self.entry_until

    @property
    def check_in_step(self) -> str:
        """The step of the check-in that is due now. With a waiver the face check is skipped."""
        step = self.check_in.next_step
        return "admission" if step == "verification" and self.waiver is not None else step

    @property
    def reference(self) -> Reference | None:
        """The photo that an operator approved in a ticket, which pictures are compared with; None without one."""
        return self.waiver.reference if self.waiver else None

    @property
    def by_roster(self) -> bool:
        """Whether pictures are compared with the publisher's photo of this person."""
        return self.reference is None and self.policy.face_reference is FaceReference.ROSTER

    def decision_about(self, rule: IntegrityRule | None) -> Decision | None:
        """Return the decision about this rule; None when there is none."""
        return next((d for d in self.decisions if d.rule is rule), None)

    @property
    def verdict_at(self) -> int:
        """When the present verdict was published. For older attempts without this time: when they were submitted."""
        return self.published_at or self.submitted_at or 0

    @property
    def complaint_until(self) -> int:
        """The last millisecond of a complaint about the present verdict."""
        return self.verdict_at + self.policy.complaint_hours * HOUR_MS

    @property
    def open_help(self) -> HelpRequest | None:
        """The request for help that waits for an answer. The submission closes it."""
        return open_help(self.help, self.submitted_at)

    def find_verification(self, verification_id: str) -> Verification | None:
        """Return a verification that is pending or among the newest; None for others."""
        checks = (*((self.pending,) if self.pending else ()), *self.verifications)
        return next((v for v in checks if v.id == verification_id), None)

    def next_step(self, now: int) -> str:
        """Return what the candidate has to do next. The page shows the screen for it."""
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


def open_help(request: HelpRequest | None, submitted_at: int | None) -> HelpRequest | None:
    """Return a request that waits for an answer; None when it was answered, or when the paper is submitted."""
    if request is None or request.answered_at is not None or submitted_at is not None:
        return None
    return request


def start_until(attempt: Attempt, verification: Verification) -> int:
    """Return the last time for a first start after this passed check (UTC ms).

    A candidate who asked in time may enter although the verdict came late (guide, 候考): for `verdict_timeout_s`
    after the verdict, but at most until `Policy.late_entry_ms` after the closing, so that every exam has a last
    deadline.
    """
    settled_at = verification.settled_at or 0
    if verification.reserved_at > attempt.entry_until or settled_at <= attempt.entry_until:
        return attempt.entry_until
    late = settled_at + attempt.policy.verdict_timeout_s * SECOND_MS
    return min(late, attempt.entry_until + attempt.policy.late_entry_ms)


def due(attempt: Attempt, now: int) -> bool:
    """Whether the schedule still has to do something about this attempt."""
    return (
        attempt.due_bucket is not None
        and int(attempt.due_bucket.partition("#")[0]) <= now // MINUTE_MS
    )


class Listed(msgspec.Struct, frozen=True):
    """The fields of an attempt in the index by exam. The index may be a moment behind."""

    attempt_id: str
    orders: tuple[str, ...] = ()
    submitted_at: int | None = None
    cause: Cause | None = None
    started_at: int | None = None
    integrity: Integrity = Integrity()
    announced: int = 0
    receipt: Receipt | None = None
    help: HelpRequest | None = None


def short_id(verification_id: str) -> str:
    """Return the end of an id (a hash), 48 bits: enough to recognise it among the ids of one attempt."""
    return verification_id[-8:]


def check_page(attempt: LiveAttempt, page: int) -> None:
    """Refuse all pages but the newest. Raises `Conflict`: `superseded`."""
    if page != attempt.page:
        raise Conflict("superseded", next_step="notice")


def refuse_submitted(attempt: LiveAttempt) -> None:
    """Refuse a submitted attempt, of which only the result can be read. Raises `Conflict`: `attempt_submitted`."""
    if attempt.status is Status.SUBMITTED:
        raise Conflict("attempt_submitted", next_step="result")
