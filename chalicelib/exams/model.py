"""An exam, its policy and its timetable. Pure."""

import enum
import itertools
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from chalicelib.accounts.model import AudienceRole
from chalicelib.exams.questions import Section, version
from chalicelib.kernel.commands import find_command
from chalicelib.kernel.outcomes import Outcome, outcome_of
from chalicelib.shared.clock import DAY_MS, MINUTE_MS, SECOND_MS

EXAM_ID = r"^[a-z0-9][a-z0-9-]{1,59}\Z"
ROSTER_PHOTO_DAYS = 180  # longer than registration, exam and complaints take
FOREVER = 253_402_214_400_000  # the end of a practice exam (UTC ms): the last day of the year 9999
Limit = Annotated[int, Meta(ge=1, le=1000)]
Mbps = Annotated[float, Meta(ge=0, le=100_000)]
Share = Annotated[
    str, Meta(pattern=r"^[1-9][0-9]?/[1-9][0-9]?\Z")
]  # a fraction is exact; a third has no finite decimal form


class MultipleRule(enum.Enum):
    """How an answer with several right options earns points."""

    ALL_OR_NOTHING = "all_or_nothing"
    HALF_FOR_SUBSET = "half_for_subset"  # half for some right options and no wrong one
    PROPORTIONAL = "proportional"  # the share of the right options, when no wrong one is chosen
    MINUS_FOR_WRONG = (
        "minus_for_wrong"  # the same share, and each wrong option takes one right option away
    )


class BlankRule(enum.Enum):
    """How a question with several blanks earns points."""

    EACH = "each"  # each right blank earns its share
    ALL_OR_NOTHING = "all_or_nothing"


class FaceReference(enum.Enum):
    """The photo with which a person's face is compared. The default proves sameness alone, not identity."""

    ENROLLED = "enrolled"  # the ID photo that they uploaded themselves
    ROSTER = "roster"  # the photo that the publisher keeps of everybody on the roster


class ExamKind(enum.Enum):
    """Whether the exam counts."""

    EXAM = "exam"
    PRACTICE = "practice"  # 试考: always open, without result, certificate or feed entry


class Liveness(enum.Enum):
    """What 身份核验 asks for in addition to the frontal picture."""

    NONE = "none"  # nothing more
    HEAD_TURN = "head_turn"  # a second picture, the head turned to the side that the server chose


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every number of an exam that its publisher may set. docs/settings.md lists each with unit and source.

    New fields go to the end: attempts store the values without their names (`attempts.items`).
    """

    waiting_opens_min: Annotated[int, Meta(ge=1, le=24 * 60)] = 45
    entry_closes_min: Annotated[int, Meta(ge=0, le=24 * 60)] = 30
    duration_min: Annotated[int, Meta(ge=1, le=24 * 60)] = 60
    pass_mark: Annotated[int, Meta(ge=0, le=100)] = 60  # per cent of all points
    deadline_grace_ms: Annotated[int, Meta(ge=0, le=60_000)] = 2000
    verification_chances: Limit = 10
    verification_chances_after_start: Limit = 10
    upload_lease_s: Annotated[int, Meta(ge=10, le=600)] = 60
    verdict_timeout_s: Annotated[int, Meta(ge=10, le=3600)] = 120
    failures_before_wait: Limit = 5
    failure_wait_s: Annotated[int, Meta(ge=0, le=3600)] = 30
    unusable_per_day: Annotated[int, Meta(ge=0, le=1000)] = 30
    recommended_down_mbps: Mbps = 2
    recommended_up_mbps: Mbps = 1
    multiple_rule: MultipleRule = MultipleRule.ALL_OR_NOTHING
    switch_limit: Annotated[int, Meta(ge=1, le=20)] = 3
    switch_min_ms: Annotated[int, Meta(ge=0, le=60_000)] = 1000
    fullscreen_grace_s: Annotated[int, Meta(ge=0, le=120)] = 10
    page_loss_counts: bool = True
    locked_copy: bool = True  # the page keeps the text of questions from being copied
    snapshots_min: Annotated[int, Meta(ge=0, le=60)] = 15  # per 60 minutes
    snapshots_max: Annotated[int, Meta(ge=0, le=60)] = 25
    snapshot_gap_s: Annotated[int, Meta(ge=10, le=600)] = 60
    snapshot_grace_s: Annotated[int, Meta(ge=30, le=1800)] = 300
    several_limit: Limit = 3
    mismatch_limit: Limit = 3
    complaint_hours: Annotated[int, Meta(ge=1, le=720)] = 48
    heartbeat_waiting_s: Annotated[int, Meta(ge=5, le=600)] = 60
    heartbeat_exam_s: Annotated[int, Meta(ge=5, le=300)] = 30
    face_reference: FaceReference = FaceReference.ENROLLED
    unseen_in_a_row: Limit = 4
    unseen_share: Share = "1/3"  # of the snapshots that were due
    doubt_window: Limit = 5
    doubt_in_window: Limit = 4
    replayed_limit: Limit = 1  # the photo compared with, or somebody else's picture
    replayed_own_limit: Limit = 2  # an own earlier picture
    liveness: Liveness = Liveness.NONE
    blank_rule: BlankRule = BlankRule.EACH
    kind: ExamKind = ExamKind.EXAM
    expected_people: Annotated[int, Meta(ge=1, le=100_000)] = 2500

    @property
    def is_practice(self) -> bool:
        """Whether this is a practice exam (试考), which leaves no result."""
        return self.kind is ExamKind.PRACTICE

    @property
    def most_unseen(self) -> Fraction:
        """The largest share of the due snapshots without a usable frame; a larger share is flagged."""
        return Fraction(self.unseen_share)

    @property
    def verdict_ms(self) -> int:
        """The time from the reservation of a check until it counts as not run: upload lease plus verdict time-out."""
        return (self.upload_lease_s + self.verdict_timeout_s) * SECOND_MS

    @property
    def late_entry_ms(self) -> int:
        """How long after the end of entry a person may start whose check was reserved in time.

        The verdict may take `verdict_ms`; then there is one more verdict time-out to enter.
        """
        return self.verdict_ms + self.verdict_timeout_s * SECOND_MS

    @property
    def settling_ms(self) -> int:
        """The time from the closing of a paper until the last verdict on its snapshots: delivery plus judging."""
        return (self.snapshot_grace_s + self.verdict_timeout_s) * SECOND_MS


_RENAMED = {"mismatch_incidents": "mismatch_limit"}  # policy fields of records of version 1


def current_names(policy: dict[str, Any]) -> dict[str, Any]:
    """Return a stored policy with the present field names. Fields of version 1 are renamed; values stay."""
    return {_RENAMED.get(name, name): value for name, value in policy.items()}


class Phase(enum.Enum):
    """The phase of an exam that the portal shows."""

    UPCOMING = "upcoming"  # 未开始
    WAITING = "waiting"  # 候考中
    RUNNING = "running"  # 考试中
    ENDED = "ended"  # 已结束


class Checkpoint(enum.Enum):
    """A moment at which a published exam is checked for everything that could prevent it."""

    DAY_BEFORE = "day_before"  # 24 hours before the start
    TWO_HOURS_BEFORE = "two_hours_before"
    OPENING = "opening"  # of the waiting room


class Preflight(msgspec.Struct, frozen=True):
    """The result of a checkpoint. `findings`: texts for an operator; none when nothing is wrong.

    `notes`: what is worth knowing and prevents nothing, such as how many have practised.
    """

    at: int
    ok: bool
    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class OrderKind(enum.Enum):
    """What an operator can order for all candidates of an exam."""

    COMPENSATE = "compensate"  # more time
    RESCHEDULE = "reschedule"  # another start
    CORRECT_KEY = "correct_key"  # other right answers


class ExamOrder(msgspec.Struct, frozen=True):
    """An order of an operator for a whole exam. The exam stores it; each attempt applies it once.

    `at`: the moment of the decision, `given_at`: when it was stored (UTC ms). `extra_ms` belongs to `COMPENSATE`,
    `starts_at` to `RESCHEDULE`, `key_version` to `CORRECT_KEY`. `followed_at`: when it was checked that every attempt
    has applied it, at least a minute after `given_at`.
    """

    command_id: str
    kind: OrderKind
    operator: str
    reason: str
    at: int
    given_at: int
    extra_ms: int = 0
    starts_at: int | None = None
    key_version: str = ""
    followed_at: int | None = None
    operator_id: str = ""


class CountedTry(enum.Enum):
    """Which try of a person counts when there are several."""

    BEST = "best"
    LAST = "last"


class RetakeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """补考: how often one person may try the sittings of a series. All sittings of a series have the same rule.

    `most_tries`: in all, the first one included; who never starts has not tried. `after_days`: days in China from the
    day of the last submission to the day of the next start. `only_failed`: who has passed may not try again.
    """

    most_tries: Annotated[int, Meta(ge=0, le=100)] = 1
    after_days: Annotated[int, Meta(ge=0, le=3650)] = 0
    counts: CountedTry = CountedTry.BEST
    only_failed: bool = True


class SeriesSitting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """场次: the exam is the sitting of this name in a series. `capacity`: places on its roster; None: not limited."""

    id: Annotated[str, Meta(pattern=EXAM_ID)]
    sitting: Annotated[str, Meta(min_length=1, max_length=40)]
    capacity: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    retakes: RetakeRule = RetakeRule()


def titled(title: str, sitting: str) -> str:
    """The title of an exam with its sitting, where there is one and the title does not name it already."""
    return title if sitting in title else f"{title}（{sitting}）"


class Announcement(msgspec.Struct, frozen=True):
    """A text of an operator for candidates. `number` counts from 1 within the exam; a rule sets it. `at`: UTC ms."""

    text: str
    at: int
    command_id: str
    operator: str
    reason: str
    operator_id: str = ""
    number: int = 0


class _Timetable(msgspec.Struct, frozen=True):
    """The moments that follow from start, policy and longest extra time of an exam."""

    if TYPE_CHECKING:  # fields of the subclasses

        @property
        def starts_at(self) -> int: ...
        @property
        def roster_version(self) -> str: ...
        @property
        def policy(self) -> Policy: ...
        @property
        def longest_extra_ms(self) -> int: ...
        @property
        def last_deadline(self) -> int: ...
        @property
        def orders(self) -> tuple[ExamOrder, ...]: ...
        @property
        def title(self) -> str: ...
        @property
        def series(self) -> SeriesSitting | None: ...

    @property
    def full_title(self) -> str:
        """The title with the name of the sitting: the sittings of a series often have one title."""
        return titled(self.title, self.series.sitting if self.series else "")

    @property
    def has_roster(self) -> bool:
        """Whether a roster decides who may enter."""
        return bool(self.roster_version)

    @property
    def is_practice(self) -> bool:
        """Whether this is a practice exam (试考). Its start is its publication, and it never ends."""
        return self.policy.is_practice

    @property
    def waiting_opens_at(self) -> int:
        """The first millisecond in which the waiting room is open. A practice exam has no waiting room."""
        if self.is_practice:
            return self.starts_at
        return self.starts_at - self.policy.waiting_opens_min * MINUTE_MS

    @property
    def entry_until(self) -> int:
        """The last millisecond in which somebody may start."""
        return FOREVER if self.is_practice else self._entry_until(self.starts_at)

    def _entry_until(self, starts_at: int) -> int:
        return starts_at + self.policy.entry_closes_min * MINUTE_MS

    def times_of_attempt(self, now: int) -> tuple[int, int]:
        """Return the start and the last moment of entry of an attempt that is opened now (UTC ms).

        An attempt at a practice exam begins when it is opened.
        """
        if self.is_practice:
            return now, self._entry_until(now)
        return self.starts_at, self.entry_until

    @property
    def compensated_ms(self) -> int:
        """The extra time that was ordered for all candidates."""
        return sum(order.extra_ms for order in self.orders)

    def may_be_opened(self, now: int) -> bool:
        """Whether attempts may exist: the waiting room is open, or was open before the exam got another start."""
        moved = any(order.kind is OrderKind.RESCHEDULE for order in self.orders)
        return moved or now >= self.waiting_opens_at

    @property
    def key_version(self) -> str:
        """The key by which papers are scored: the version of the newest correction; "" for the key of the bank."""
        return next((o.key_version for o in reversed(self.orders) if o.key_version), "")

    @property
    def ends_at(self) -> int:
        """The last deadline that any candidate can have: latest start, longest extra time, late verdict.

        Keys and explanations are never shown before it. Extra time for one person can move it. A practice exam never
        ends.
        """
        if self.is_practice:
            return FOREVER
        duration_ms = self.policy.duration_min * MINUTE_MS + self.longest_extra_ms
        duration_ms += self.compensated_ms
        planned = self.entry_until + self.policy.late_entry_ms + duration_ms
        return max(planned, self.last_deadline + self.compensated_ms)

    @property
    def photos_needed_until(self) -> int:
        """Until when the publisher's photos of the people must last. Those of a practice exam may be replaced."""
        return self.starts_at if self.is_practice else self.ends_at

    def phase(self, now: int) -> Phase:
        """Return the phase of the exam. By default the waiting room opens 45 minutes before the start."""
        if now < self.waiting_opens_at:
            return Phase.UPCOMING
        if now < self.starts_at:
            return Phase.WAITING
        return Phase.RUNNING if now <= self.ends_at else Phase.ENDED


class ListedExam(_Timetable, frozen=True):
    """The part of a published exam in the index `listed`: what the portal shows, without notice and sections."""

    exam_id: str
    title: str
    starts_at: int
    audience: tuple[AudienceRole, ...]
    roster_version: str
    policy: Policy
    version: int = 1
    longest_extra_ms: int = 0
    last_deadline: int = 0
    waiting_opened_at: int | None = None
    orders: tuple[ExamOrder, ...] = ()
    series: SeriesSitting | None = None
    announced_at: int | None = None


class Exam(_Timetable, frozen=True):
    """A published exam. Bank, keys and roster are stored as versions; the exam holds only their names."""

    exam_id: str
    title: str
    starts_at: int
    audience: tuple[AudienceRole, ...]
    roster_version: str  # "" without a roster
    policy: Policy
    sections: tuple[Section, ...]
    paper_version: str
    notice: str = ""
    version: int = 1
    waiting_opened_at: int | None = None
    longest_extra_ms: int = 0
    last_deadline: int = 0  # the latest that operators gave to single persons
    preflight_day_before: Preflight | None = None
    preflight_two_hours_before: Preflight | None = None
    preflight_opening: Preflight | None = None
    orders: tuple[ExamOrder, ...] = ()  # oldest first
    # version of the dropped file that the roster came from, if it was replaced
    roster_source: str = ""
    roster_at: int = 0  # when that file was uploaded
    # Hundredths of a point that each section is worth, when questions have points of their own; else ().
    section_worths: tuple[int, ...] = ()
    series: SeriesSitting | None = None  # None: an exam by itself
    announcements: tuple[Announcement, ...] = ()  # to everybody, oldest first
    # when the newest of them was made, until the schedule has seen that every attempt has it
    announced_at: int | None = None

    @property
    def as_published(self) -> "Exam":
        """The exam without the notes of the schedule and without orders; its start is the present one."""
        noted: dict[str, Any] = {f"preflight_{checkpoint.value}": None for checkpoint in Checkpoint}
        noted |= {"waiting_opened_at": None, "last_deadline": 0, "orders": (), "version": 1}
        noted |= {"roster_source": "", "roster_at": 0, "announcements": (), "announced_at": None}
        return msgspec.structs.replace(self, **noted)

    @property
    def worths(self) -> tuple[int, ...]:
        """What each section is worth on every paper, in hundredths of a point."""
        as_sections_say = (s.centipoints * s.question_count for s in self.sections)
        return self.section_worths or tuple(as_sections_say)

    def find_order(self, command_id: str) -> ExamOrder | None:
        """Return the order of this command; None when there is none."""
        return find_command(self.orders, command_id)

    @property
    def announced(self) -> int:
        """The number of the newest announcement to everybody; 0 when there is none."""
        return len(self.announcements)

    def key_before(self, command_id: str) -> str:
        """Return the version of the key that was in use before this order."""
        earlier = itertools.takewhile(lambda order: order.command_id != command_id, self.orders)
        return next((o.key_version for o in reversed(tuple(earlier)) if o.key_version), "")

    def preflight(self, checkpoint: Checkpoint) -> Preflight | None:
        """Return the result of a checkpoint; None when it was not checked yet."""
        result: Preflight | None = getattr(self, f"preflight_{checkpoint.value}")
        return result

    @property
    def question_count(self) -> int:
        """Questions on each paper."""
        return sum(section.question_count for section in self.sections)


@outcome_of(Exam)
class OrderGiven(Outcome, frozen=True):
    """An operator ordered something for everybody who sits the exam. `orders`: all of them."""

    orders: tuple[ExamOrder, ...]


@outcome_of(Exam)
class Rescheduled(Outcome, frozen=True):
    """The exam has another start. The results of preflight are cleared; the checkpoints have new moments."""

    starts_at: int
    waiting_opened_at: int | None
    preflight_day_before: Preflight | None = None
    preflight_two_hours_before: Preflight | None = None
    preflight_opening: Preflight | None = None


@outcome_of(Exam)
class OrdersSettled(Outcome, frozen=True):
    """Every attempt has applied the orders that are old enough. `orders`: all of them."""

    orders: tuple[ExamOrder, ...]


@outcome_of(Exam)
class AnnouncementMade(Outcome, frozen=True):
    """An operator announced something to everybody. `announcements`: all of them."""

    announcements: tuple[Announcement, ...]
    announced_at: int


@outcome_of(Exam)
class AnnouncementsSettled(Outcome, frozen=True):
    """Every attempt has the number of the newest announcement."""

    announced_at: None = None


@outcome_of(Exam)
class RosterReplaced(Outcome, frozen=True):
    """Another version of the roster is in force. `roster_source`, `roster_at`: the file that it came from."""

    roster_version: str
    longest_extra_ms: int
    roster_source: str
    roster_at: int


class RosterEntry(msgspec.Struct, frozen=True):
    """One person who may sit the exam, with the extra time granted to them.

    `file`, `row`: where the person stands in the roster as it was uploaded; "" and 0 in older records.
    """

    person_hash: str
    extra_ms: int = 0
    note: str = ""
    file: str = ""
    row: int = 0


class RosterPhoto(msgspec.Struct, frozen=True):
    """The face of one person on a roster, from the publisher's photo. The picture is in S3 under `sha256`.

    `vector` is 128 float32 (little endian). `at`: when the publisher uploaded it (UTC ms); the latest counts. `source`:
    the version of the uploaded zip, so that a repeated event recognises its own writes. `signature`: the mark by which
    a copy is recognised (`faces.FacePicture`); empty in records of version 1.
    """

    person_hash: str
    sha256: str
    vector: bytes
    engine: str
    model: str
    at: int
    source: str
    signature: bytes = b""

    @property
    def expires_at(self) -> int:
        """The first millisecond in which it is no longer used; it is removed soon after (infra/resources.yaml)."""
        return self.at + ROSTER_PHOTO_DAYS * DAY_MS


def roster_version(roster: Iterable[RosterEntry]) -> str:
    """The name of a version of a roster: who is on it, with what time, in which order. Files and rows do not matter."""
    people = [
        {"person_hash": entry.person_hash, "extra_ms": entry.extra_ms, "note": entry.note}
        for entry in roster
    ]
    return version(msgspec.json.encode(people))


def may_enter(exam: Exam, role: str, entry: RosterEntry | None) -> bool:
    """Whether a person may enter: by the roster if the exam has one, else by the audience."""
    if exam.has_roster:
        return entry is not None
    return any(role == audience.value for audience in exam.audience)


def allowed_time_ms(exam: Exam, entry: RosterEntry | None) -> int:
    """Return the milliseconds of a candidate: duration, own extra time, and time that was ordered for all."""
    extra_ms = entry.extra_ms if entry else 0
    return exam.policy.duration_min * MINUTE_MS + extra_ms + exam.compensated_ms
