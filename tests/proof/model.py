"""The model of the product: one attempt as plain values, and for each verb the expected answer.

A verb changes the attempt and returns "", or returns the code of the expected refusal. The model has the guide's
rules without the storage. Times are the server's, in ms.
"""

from dataclasses import dataclass, field
from typing import Any

from chalicelib.exams.model import Liveness, Policy
from tests.proof.answers import Kept, kept_answer
from tests.proof.sitting import Leaving

MINUTE, SECOND = 60_000, 1_000


@dataclass
class Check:
    """One face check (开始核验)."""

    reserved_at: int
    until: int
    after_start: bool
    check_in: int
    state: str = "pending"
    given_back: bool = False
    uploaded: bool = False
    turns: bool = False  # a second picture is asked for
    turned: str = ""  # content of the newest second picture that was posted: `good`, `bad`
    kept: str = ""  # content of the first second picture that was examined
    judged: bool = False
    found: str = ""  # content of the first frontal picture that was examined
    settled_at: int = 0


@dataclass
class Sitting:
    """One attempt of one person."""

    policy: Policy
    starts_at: int
    entry_until: int
    allowed_ms: int
    status: str = "opened"
    steps: int = 0
    check_in: int = 1
    passed: str = ""
    notices: list[str] = field(default_factory=list)
    checks: dict[str, Check] = field(default_factory=dict)
    pending: str = ""
    granted: dict[bool, int] = field(default_factory=dict)
    used: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    failures: int = 0
    failed_at: int = 0
    unusable: int = 0
    page: int = 0
    admitted: list[str] = field(default_factory=list)  # request ids, newest last
    admitted_at: int = 0
    start_until: int = 0
    started_at: int = 0
    deadline: int = 0
    leaving: Leaving = field(default_factory=Leaving)
    answers: dict[str, Kept] = field(default_factory=dict)
    acked: int = 0
    cause: str = ""
    for_all: int = 0  # announcements to everybody, and to this person
    to_me: int = 0
    read: tuple[int, int] = (0, 0)
    helps: int = 0  # requests for help, the newest of them, and whether it is open
    help_request: str = ""
    help_at: int = 0
    help_waits: bool = False

    def __post_init__(self) -> None:
        self.granted = {
            False: self.policy.verification_chances,
            True: self.policy.verification_chances_after_start,
        }

    # --- time ---

    @property
    def saves_until(self) -> int:
        return self.deadline + self.policy.deadline_grace_ms

    def overdue(self, now: int) -> bool:
        return self.status == "started" and now > self.saves_until

    def catch_up(self, now: int) -> None:
        """Apply what follows from the time, as any request does."""
        if self.overdue(now):
            self._close("deadline")
        elif self.pending and now >= self.checks[self.pending].until:
            check = self.checks[self.pending]
            verdict_ms = self.policy.upload_lease_s + self.policy.verdict_timeout_s
            if not check.uploaded or (check.turns and not check.turned):
                self._not_run(self.pending, now, ours=False)
            elif now >= check.reserved_at + verdict_ms * SECOND:
                self._not_run(self.pending, now, ours=True)
            else:
                check.state = "judging"

    def _close(self, cause: str) -> None:
        self.status, self.cause, self.pending = "submitted", cause, ""

    # --- check-in ---

    @property
    def step(self) -> str:
        if self.steps < 3:
            return ("notice", "camera", "network")[self.steps]
        return "admission" if self.passed else "verification"

    def notice(self, request: str, now: int) -> str:
        self.catch_up(now)
        if self.status == "submitted":
            return "attempt_submitted"
        if request not in self.notices:
            self.check_in += bool(self.steps)
            self.steps, self.passed = 1, ""
            self.notices.append(request)
        return ""

    def take(self, number: int, now: int) -> str:
        """Take a step of the check-in: 设备检测 is number 2, 网络环境检测 number 3."""
        self.catch_up(now)
        if self.status == "submitted":
            return "attempt_submitted"
        if self.steps == number:
            return ""
        if self.steps != number - 1:
            return "wrong_step"
        self.steps = number
        return ""

    def reserve(self, check: str, now: int) -> str:
        self.catch_up(now)
        started = self.status == "started"
        if self.status == "submitted":
            return "attempt_submitted"
        if check in self.checks:
            return ""
        if not started and now > self.entry_until:
            return "entry_closed"
        if self.pending:
            return "verification_pending"
        if self.step != "verification":
            return "wrong_step"
        wait = self.failed_at + self.policy.failure_wait_s * SECOND
        if self.failures >= self.policy.failures_before_wait and now < wait:
            return "wait_before_retry"
        if self.used[started] >= self.granted[started]:
            return "chances_used_up"
        self.used[started] += 1
        self.pending = check
        lease = now + self.policy.upload_lease_s * SECOND
        asked = self.policy.liveness is Liveness.HEAD_TURN
        self.checks[check] = Check(now, lease, started, self.check_in, turns=asked)
        return ""

    def judge(self, name: str, finding: str, now: int) -> None:
        """Apply the finding about the picture of a check: `match`, `mismatch`, `unusable`, `down`."""
        check = self.checks.get(name)
        if check is None or check.judged:
            return
        if finding != "down":
            finding = check.found = check.found or finding
        self._settle(name, finding, now)

    def judge_both(self, name: str, front: str, turned: str, now: int) -> None:
        """Apply the event of one of two pictures: `front` or `turned` is its finding, perhaps `down`."""
        check = self.checks.get(name)
        if check is None or check.judged:
            return
        if front == "down":
            self._settle(name, "down", now)
            return
        check.found = check.found or front
        turned = turned or check.turned
        if not check.found or not turned:
            return
        finding = check.found
        if finding == "match" and turned != "down":
            check.kept = check.kept or turned
            turned = check.kept
        if finding == "match" and turned != "good":
            finding = "down" if turned == "down" else "unusable"
        self._settle(name, finding, now)

    def _settle(self, name: str, finding: str, now: int) -> None:
        check = self.checks[name]
        self.catch_up(now)
        if self.status == "submitted":
            return
        if name == self.pending:
            late = False
        elif check.state == "not_run" and finding in {"match", "mismatch"}:
            late = check.given_back
        else:
            return
        check.judged = True
        if finding in {"unusable", "down"}:
            self._not_run(name, now, ours=finding == "down")
            return
        check.state, check.settled_at = "passed" if finding == "match" else "failed", now
        self.pending = "" if self.pending == name else self.pending
        if late:
            kind = check.after_start
            self.used[kind] = min(self.used[kind] + 1, self.granted[kind])
        if finding == "match" and check.check_in == self.check_in:
            self.passed = name
        elif finding != "match":
            self.failures, self.failed_at = self.failures + 1, now

    def _not_run(self, name: str, now: int, *, ours: bool) -> None:
        check = self.checks[name]
        check.state, check.settled_at, self.pending = "not_run", now, ""
        check.given_back = ours or self.unusable < self.policy.unusable_per_day
        self.unusable += not ours
        if check.given_back:
            kind = check.after_start
            self.used[kind] = max(self.used[kind] - 1, 0)

    def _door(self) -> int:
        """Return until when the pass of this check-in admits."""
        check = self.checks[self.passed]
        if check.reserved_at > self.entry_until or check.settled_at <= self.entry_until:
            return self.entry_until
        verdict = self.policy.verdict_timeout_s * SECOND
        latest = self.entry_until + self.policy.upload_lease_s * SECOND + 2 * verdict
        return min(check.settled_at + verdict, latest)

    def admit(self, request: str, now: int) -> str:
        self.catch_up(now)
        if self.status == "submitted":
            return "attempt_submitted"
        if self.admitted and request == self.admitted[-1]:
            return ""
        if request in self.admitted:
            return "superseded"
        if self.step != "admission":
            return "wrong_step"
        if now < self.starts_at - self.policy.waiting_opens_min * MINUTE:
            return "waiting_room_not_open"
        until = self._door()
        if self.status == "opened" and now > until:
            return "entry_closed"
        if self.status == "started":
            self.leaving.come_back(self.policy, self.page)
        if self.leaving.switches >= self.policy.switch_limit:
            self._close("switches")
            return "attempt_submitted"
        self.page, self.start_until, self.admitted_at = self.page + 1, until, now
        self.admitted.append(request)
        self.check_in, self.steps, self.passed = self.check_in + 1, 0, ""
        return ""

    # --- exam ---

    def start(self, page: int, now: int) -> str:
        self.catch_up(now)
        if self.status == "submitted":
            return "attempt_submitted"
        if page != self.page:
            return "superseded"
        if self.status == "started":
            return ""
        if now < self.starts_at:
            return "exam_not_started"
        if now > self.start_until:
            return "entry_closed"
        self.status, self.started_at, self.deadline = "started", now, now + self.allowed_ms
        return ""

    def paper(self, page: int, now: int) -> str:
        self.catch_up(now)
        if self.status == "submitted":
            return "attempt_submitted"
        if page != self.page:
            return "superseded"
        return "exam_not_started" if self.status == "opened" else ""

    def _may_save(self, page: int, batch: dict[str, Any], now: int) -> str:
        if self.status == "submitted":
            return "attempt_submitted"
        if page != self.page:
            return "superseded"
        if self.status == "opened":
            return "exam_not_started"
        if self.overdue(now):
            return "time_is_up"
        return "answers_missing" if batch["first"] > self.acked + 1 else ""

    def _take(self, batch: dict[str, Any]) -> None:
        if batch["last"] > self.acked:
            self.acked = batch["last"]
            self.answers |= {n: kept_answer(a) for n, a in batch["answers"].items()}

    def save(self, page: int, batch: dict[str, Any], now: int) -> str:
        if refused := self._may_save(page, batch, now):
            if self.overdue(now):
                self.catch_up(now)
            return refused
        self._take(batch)
        return ""

    def beat(self, page: int, reports: list[Any], batch: dict[str, Any] | None, now: int) -> str:
        if batch and not reports:
            return self.save(page, batch, now)
        self.catch_up(now)
        if page != self.page:
            return "superseded"
        return self.report(page, reports, batch, now) if reports else ""

    def report(self, page: int, reports: list[Any], batch: dict[str, Any] | None, now: int) -> str:
        """Apply a report of absences (切屏) in their order, then the answers of the same call."""
        self.catch_up(now)
        newest = self.leaving.seq if self.leaving.page == page else 0
        if self.status == "submitted" and all(r["absence_seq"] <= newest for r in reports):
            return ""
        if page != self.page:
            return "superseded"
        if self.status == "submitted":
            return "attempt_submitted"
        if self.status == "opened":
            return "exam_not_started"
        if reports[0]["absence_seq"] > newest + 1:
            return "absences_missing"
        refused = self._may_save(page, batch, now) if batch else ""
        stale = batch is not None and batch["last"] <= self.acked
        if batch and not refused:
            self._take(batch)
        begun = max(self.started_at, self.admitted_at)
        self.leaving.report(self.policy, begun, page, reports, now)
        if self.leaving.switches >= self.policy.switch_limit:
            self._close("switches")
            return ""
        return "" if stale else refused

    def submit(self, page: int, batch: dict[str, Any] | None, now: int) -> str:
        self.catch_up(now)
        if self.status == "submitted":
            return ""
        if page != self.page:
            return "superseded"
        if self.status == "opened":
            return "exam_not_started"
        if batch and batch["last"] > self.acked:
            if refused := self._may_save(page, batch, now):
                return refused
            self._take(batch)
        self._close("candidate")
        return ""

    # --- announcements and help ---

    @property
    def help_open(self) -> bool:
        return self.help_waits and self.status != "submitted"

    def confirm(self, for_all: int, to_me: int, now: int) -> str:
        self.catch_up(now)
        if for_all > self.for_all or to_me > self.to_me:
            return "announcement_unknown"
        if self.status != "submitted":
            self.read = max(for_all, self.read[0]), max(to_me, self.read[1])
        return ""

    def call_for_help(self, page: int, request: str, now: int) -> str:
        self.catch_up(now)
        if self.status == "submitted":
            return "attempt_submitted"
        if page != self.page:
            return "superseded"
        if self.helps and request == self.help_request:
            return ""
        if self.help_open:
            return "help_open"
        if self.helps >= 10:
            return "help_used_up"
        if self.helps and now < self.help_at + MINUTE:
            return "help_too_soon"
        self.helps, self.help_request = self.helps + 1, request
        self.help_at, self.help_waits = now, True
        return ""

    def look(self, now: int) -> str:
        self.catch_up(now)
        return ""

    def result(self, now: int) -> str:
        self.catch_up(now)
        return "" if self.status == "submitted" else "not_submitted"

    # --- operators ---

    def grant(self, count: int, now: int) -> str:
        self.catch_up(now)
        if self.status == "submitted":
            return "attempt_submitted"
        self.granted[self.status == "started"] += count
        return ""

    def extend(self, extra_ms: int, now: int) -> str:
        self.catch_up(now)
        if self.status == "submitted":
            return "round_closed"
        self.allowed_ms += extra_ms
        self.deadline += extra_ms if self.status == "started" else 0
        return ""

    def announce(self, answers: int | None, now: int) -> str:
        """Apply an announcement to this person, which answers the request for help with this number."""
        self.catch_up(now)
        if self.status == "submitted":
            return "attempt_submitted"
        if self.to_me >= 20:
            return "too_many_announcements"
        if answers is not None and not (self.help_open and self.helps == answers):
            return "help_answered"
        self.to_me += 1
        self.help_waits = self.help_waits and answers is None
        return ""

    def hear(self, number: int, now: int) -> None:
        """Apply an announcement to everybody."""
        if self.status != "submitted":
            self.catch_up(now)
        if self.status != "submitted":
            self.for_all = number
