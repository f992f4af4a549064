"""The product compared with its model: each answer and each stored item must equal the model's."""

from collections.abc import Callable
from typing import Any, ClassVar

import msgspec
from hypothesis.stateful import RuleBasedStateMachine, invariant

from chalicelib.attempts.model import Attempt
from chalicelib.exams.model import Exam, Liveness
from tests.proof.book import Exchange
from tests.proof.invariants import violations
from tests.proof.model import Sitting
from tests.proof.people import EXAM, Person
from tests.proof.world import Bookmark, Engine, Event, World

MINUTE = 60_000
PAGE_CALLS = {"PUT answers", "POST heartbeat", "POST absences", "POST start", "POST submission"}
PAGE_CALLS |= {"GET paper", "POST help"}


class Compared(RuleBasedStateMachine):
    """A world and its model. `stage` and `bookmark` are one world, which is reset for each story."""

    stage: ClassVar[World]
    bookmark: ClassVar[Bookmark]
    steps: ClassVar[int] = 0
    stories: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).stories += 1
        self.bookmark.go_back()
        self.w = self.stage
        self.sittings: dict[str, Sitting] = {}
        self.compensated = 0
        self.checks: dict[str, tuple[str, str]] = {}  # verification → attempt, request
        self.shown: dict[int, str] = {}  # event → what its picture shows
        self.complaints: dict[tuple[str, int], str] = {}  # attempt, verdict → request
        self.tokens: dict[str, list[str]] = {person.name: [] for person in self.w.people}
        self.commands: list[tuple[str, str, dict[str, Any]]] = []
        exam = self.exam()
        self.w.clock.now = exam.waiting_opens_at - 2

    # --- what the model is told ---

    def exam(self) -> Exam:
        """Return the stored exam; a practice exam may be beside it."""
        found = [row for row in self.w.rows("EXAMS_TABLE") if row["sk"] == "EXAM"]
        [row] = [row for row in found if row["exam_id"] == EXAM]
        return msgspec.convert(row, Exam)

    def attempts(self) -> dict[str, Attempt]:
        """Return the attempts of the exam as they are stored, without practices."""
        return {name: a for name, a in self.w.attempts().items() if not a.policy.is_practice}

    def check(self) -> None:
        """Check that the newest exchange ended as the model says."""
        entry = self.w.book.exchanges[-1]
        expected = self.expected(entry)
        told = entry.code or ("" if entry.ok else f"status {entry.status}")
        assert told == expected, (
            f"{entry.what} of {entry.who} at {entry.at}: {told!r}, not {expected!r}"
        )

    def expected(self, entry: Exchange) -> str:
        """Apply a request to the model and return the expected error code, "" for success."""
        if entry.path.startswith("/exams/"):
            return self._opened(entry)
        sitting = self.sittings.get(entry.attempt_id)
        if sitting is None:
            return "page_token_invalid" if entry.what in PAGE_CALLS else "not_found"
        owner = next(p for p in self.w.people if p.account_id == self.owners[entry.attempt_id])
        if entry.what in PAGE_CALLS:
            known = entry.page_token in self.tokens_of.get(entry.attempt_id, {})
            if not known or owner.name != entry.who:
                return "page_token_invalid"
        elif owner.name != entry.who:
            return "not_found"
        return self._verb(sitting, entry)

    @property
    def owners(self) -> dict[str, str]:
        return {attempt_id: a.account_id for attempt_id, a in self.w.attempts().items()}

    @property
    def tokens_of(self) -> dict[str, set[str]]:
        """Return the page tokens that were given out for each attempt."""
        found: dict[str, set[str]] = {}
        for entry in self.w.book.exchanges:
            if entry.what == "POST admission" and entry.ok:
                found.setdefault(entry.attempt_id, set()).add(entry.json["page_token"])
        return found

    def _opened(self, entry: Exchange) -> str:
        mine = [
            attempt_id
            for attempt_id, attempt in self.w.attempts().items()
            if attempt.account_id == self._person(entry.who).account_id
        ]
        rounds = [attempt_id for attempt_id in mine if attempt_id in self.sittings]
        for attempt_id in rounds:
            self.sittings[attempt_id].catch_up(entry.at)
        exam = self.exam()
        if rounds:
            return ""
        if entry.at < exam.waiting_opens_at:
            return "waiting_room_not_open"
        if entry.at > exam.entry_until:
            return "entry_closed"
        allowed = exam.policy.duration_min * MINUTE + self.compensated
        self.sittings[entry.json["attempt_id"]] = Sitting(
            exam.policy, exam.starts_at, exam.entry_until, allowed, for_all=exam.announced
        )
        return ""

    def _verb(self, s: Sitting, entry: Exchange) -> str:
        body, at, page = entry.body or {}, entry.at, entry.page
        request = body.get("request_id", "")
        if entry.what == "POST verifications" and entry.ok:
            check = entry.json["verification"]["verification_id"]
            self.checks[check] = (entry.attempt_id, request)
        verbs: dict[str, Callable[[], str]] = {
            "POST check-in/notice": lambda: s.notice(request, at),
            "POST check-in/camera": lambda: s.take(2, at),
            "POST check-in/network": lambda: s.take(3, at),
            "POST verifications": lambda: s.reserve(request, at),
            "POST admission": lambda: s.admit(request, at),
            "POST start": lambda: s.start(page, at),
            "GET paper": lambda: s.paper(page, at),
            "PUT answers": lambda: s.save(page, body, at),
            "POST heartbeat": lambda: s.beat(page, body["absences"], body["answers"], at),
            "POST absences": lambda: s.report(page, body["absences"], body["answers"], at),
            "POST submission": lambda: s.submit(page, body["answers"], at),
            "POST announcements/read": lambda: s.confirm(body["for_all"], body["to_me"], at),
            "POST help": lambda: s.call_for_help(page, request, at),
            "GET result": lambda: s.result(at),
            "POST complaint": lambda: self._complained(s, entry),
        }
        return verbs.get(entry.what, lambda: s.look(at))()

    def _complained(self, s: Sitting, entry: Exchange) -> str:
        """Return the expected answer to a complaint: one for each verdict, in time. The record has the time limit."""
        if s.look(entry.at) or s.status != "submitted":
            return "not_submitted"
        attempt = self.w.attempts()[entry.attempt_id]
        about = (entry.attempt_id, attempt.verdict_at)
        if about in self.complaints:
            same = self.complaints[about] == entry.body["request_id"]
            return "" if same else "complaint_exists"
        if entry.at > attempt.complaint_until:
            return "complaint_too_late"
        self.complaints[about] = entry.body["request_id"]
        return ""

    def _person(self, name: str) -> Person:
        return next(person for person in self.w.people if person.name == name)

    def handled(self, event: Event) -> None:
        """Apply a handled event to the model: a judged picture, or the work of the schedule."""
        check, _, second = event.subject.rpartition("/")[2].partition(".")
        if event.kind == "upload" and check in self.checks:
            attempt_id, request = self.checks[check]
            found = "down" if Engine.down else self.shown[event.number]
            sitting, now = self.sittings[attempt_id], self.w.clock.now
            if sitting.policy.liveness is Liveness.NONE:
                sitting.judge(request, found, now)
            else:
                pair = ("", found) if second else (found, "")
                sitting.judge_both(request, *pair, now)
        if event.kind == "snapshot":
            self._looked_at(event)

    def _looked_at(self, event: Event) -> None:
        """Let the attempt catch up if the event wrote a verdict: then the frame was awaited and the engine ran."""
        attempt_id = event.subject.split("/")[2]
        if any(change.cause == self.w.book.runs[-1].number for change in self.w.history):
            self.sittings[attempt_id].catch_up(self.w.clock.now)

    def deliver_event(self, event: Event) -> None:
        known = event.state
        self.w.deliver(event)
        if known == "done" or event.state == "done" or event.kind == "upload":
            self.handled(event)

    # --- after each step ---

    @invariant()
    def stored_as_expected(self) -> None:
        type(self).steps += 1
        stored = self.attempts()
        assert set(stored) == set(self.sittings)
        for attempt_id, sitting in self.sittings.items():
            assert _told(stored[attempt_id]) == _believed(sitting), attempt_id

    @invariant()
    def nothing_is_violated(self) -> None:
        found = violations(self.w)
        assert not found, "\n".join(found)

    def teardown(self) -> None:
        """End the story: deliver everything that is waiting, and check the invariants again."""
        Engine.down = False
        self.w.quiet()
        found = violations(self.w)
        assert not found, "\n".join(found)
        assert all(a.due_bucket is None for a in self.w.attempts().values())


def _told(a: Attempt) -> dict[str, Any]:
    kept = {number: letters for number, letters in a.answers.items() if letters}
    return {
        "status": a.status.value,
        "cause": a.cause.value if a.cause else "",
        "page": a.page,
        "used": (a.chances.used, a.chances_after_start.used),
        "granted": (a.chances.granted, a.chances_after_start.granted),
        "pending": a.pending is not None,
        "failures": a.failures,
        "steps": len(a.check_in.steps),
        "check_in": a.check_in.number,
        "passed": a.check_in.passed is not None,
        "deadline": a.deadline or 0,
        "allowed": a.allowed_ms,
        "acked": a.acked_seq,
        "answers": kept,
        "switches": len(a.switches),
        "announced": (a.announced, len(a.personal)),
        "read": (a.receipt.for_all, a.receipt.personal) if a.receipt else (0, 0),
        "help": (a.help.number if a.help else 0, a.open_help is not None),
    }


def _believed(s: Sitting) -> dict[str, Any]:
    kept = {number: letters for number, letters in s.answers.items() if letters}
    return {
        "status": s.status,
        "cause": s.cause,
        "page": s.page,
        "used": (s.used[False], s.used[True]),
        "granted": (s.granted[False], s.granted[True]),
        "pending": bool(s.pending),
        "failures": s.failures,
        "steps": s.steps,
        "check_in": s.check_in,
        "passed": bool(s.passed),
        "deadline": s.deadline,
        "allowed": s.allowed_ms,
        "acked": s.acked,
        "answers": kept,
        "switches": s.leaving.switches,
        "announced": (s.for_all, s.to_me),
        "read": s.read,
        "help": (s.helps, s.help_open),
    }
