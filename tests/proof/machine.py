"""Lives of two candidates and an operator, thought up by Hypothesis: any verb at any time, events that go wrong.

After each step every answer must be the one that the model expects, every stored attempt must look like the
model's, and every invariant must hold.
"""

from typing import Any, ClassVar

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from chalicelib.attempts.model import Attempt
from chalicelib.exams.model import Exam
from tests.proof.book import Exchange
from tests.proof.invariants import violations
from tests.proof.model import Sitting
from tests.proof.people import T0, Person
from tests.proof.world import Bookmark, Engine, Event, World

# A short exam with small limits, so that stories reach them; the pack validator accepts it.
SMALL: dict[str, Any] = {
    "duration_min": 10,
    "entry_closes_min": 8,
    "waiting_opens_min": 15,
    "verification_chances": 3,
    "verification_chances_after_start": 3,
    "failures_before_wait": 2,
    "unusable_per_day": 2,
    "snapshots_min": 60,
    "snapshots_max": 60,
    "snapshot_gap_s": 30,
    "snapshot_grace_s": 120,
}
MINUTE = 60_000
PEOPLE = st.integers(0, 1)
MANY = st.integers(0, 10_000)
NUMBERS = st.integers(1, 20).map(str)
LETTERS = st.sampled_from(["", "A", "B", "C", "AB", "CA", "ABCD"])
ANSWERS = st.dictionaries(NUMBERS, LETTERS, min_size=1, max_size=3)
# What somebody else's picture, two people and nobody mean for a check.
PICTURES = ["own", "own", "other", "frame_two.jpg", "frame_empty.jpg"]
PAGE_CALLS = {"PUT answers", "POST heartbeat", "POST absences", "POST start", "POST submission"}
PAGE_CALLS |= {"GET paper"}


class Lives(RuleBasedStateMachine):
    """`stage` and `bookmark` are one world, put back for each story."""

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
        self.tokens: dict[str, list[str]] = {person.name: [] for person in self.w.people}
        self.commands: list[tuple[str, dict[str, Any]]] = []
        exam = self.exam()
        self.w.clock.now = exam.waiting_opens_at - 2

    # --- what the model is told ---

    def exam(self) -> Exam:
        """The exam as it is stored."""
        [row] = [row for row in self.w.rows("EXAMS_TABLE") if row["sk"] == "EXAM"]
        return msgspec.convert(row, Exam)

    def check(self) -> None:
        """The newest exchange must have ended as the model says."""
        entry = self.w.book.exchanges[-1]
        expected = self.expected(entry)
        told = entry.code or ("" if entry.ok else f"status {entry.status}")
        assert told == expected, (
            f"{entry.what} of {entry.who} at {entry.at}: {told!r}, not {expected!r}"
        )

    def expected(self, entry: Exchange) -> str:
        """What the model answers to a request, and what it does to the model."""
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
        """Page tokens that were handed out for each attempt."""
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
            exam.policy, exam.starts_at, exam.entry_until, allowed
        )
        return ""

    def _verb(self, s: Sitting, entry: Exchange) -> str:
        body, at, page = entry.body or {}, entry.at, entry.page
        match entry.what:
            case "POST check-in/notice":
                return s.notice(body["request_id"], at)
            case "POST check-in/camera":
                return s.take(2, at)
            case "POST check-in/network":
                return s.take(3, at)
            case "POST verifications":
                if entry.ok:
                    check = entry.json["verification"]["verification_id"]
                    self.checks[check] = (entry.attempt_id, body["request_id"])
                return s.reserve(body["request_id"], at)
            case "POST admission":
                return s.admit(body["request_id"], at)
            case "POST start":
                return s.start(page, at)
            case "GET paper":
                return s.paper(page, at)
            case "PUT answers":
                return s.save(page, body, at)
            case "POST heartbeat":
                return s.beat(page, body["absences"], body["answers"], at)
            case "POST absences":
                return s.report(page, body["absences"], body["answers"], at)
            case "POST submission":
                return s.submit(page, body["answers"], at)
            case "GET result":
                return s.result(at)
        s.catch_up(at)
        return ""

    def _person(self, name: str) -> Person:
        return next(person for person in self.w.people if person.name == name)

    def handled(self, event: Event) -> None:
        """A picture was looked at, or the schedule's work was done."""
        check = event.subject.rpartition("/")[2]
        if event.kind == "upload" and check in self.checks:
            attempt_id, request = self.checks[check]
            found = "down" if Engine.down else self.shown[event.number]
            self.sittings[attempt_id].judge(request, found, self.w.clock.now)
        if event.kind == "snapshot":
            self._looked_at(event)

    def _looked_at(self, event: Event) -> None:
        """Judging a frame decides about its attempt, if the frame is awaited and the engine runs."""
        attempt_id = event.subject.split("/")[2]
        if any(change.cause == self.w.book.runs[-1].number for change in self.w.history):
            self.sittings[attempt_id].catch_up(self.w.clock.now)

    # --- beginnings ---

    @initialize(how=st.sampled_from(["outside", "waiting", "writing", "writing"]))
    def begin(self, how: str) -> None:
        if how == "outside":
            return
        self.w.clock.now = T0 - 5 * MINUTE
        for who, person in enumerate(self.w.people):
            self.open(who)
            self.check_in_to_the_end(who)
            if how == "writing":
                self.w.clock.now = T0
                self.start(who)
                self.paper(who)
        assert all(person.api.page_token for person in self.w.people)

    # --- time ---

    @rule(s=st.sampled_from([0.001, 1, 5, 29, 31, 60, 200]))
    def wait(self, s: float) -> None:
        self.w.clock.advance(s=s)

    @rule(which=st.integers(0, 6), by=st.sampled_from([-1, 0, 1]))
    def wait_until(self, which: int, by: int) -> None:
        """To a moment at which something changes, and just before and after it."""
        exam = self.exam()
        moments = {exam.waiting_opens_at, exam.starts_at, exam.entry_until, exam.ends_at}
        for s in self.sittings.values():
            moments |= {s.entry_until, s.start_until}
            if s.status == "started":
                moments |= {s.deadline, s.saves_until, s.saves_until // MINUTE * MINUTE + MINUTE}
            if s.pending:
                check = s.checks[s.pending]
                timeout = s.policy.upload_lease_s + s.policy.verdict_timeout_s
                moments |= {check.until, check.reserved_at + timeout * 1000}
            if s.failures >= s.policy.failures_before_wait:
                moments.add(s.failed_at + s.policy.failure_wait_s * 1000)
        ahead = sorted(moment for moment in moments if moment + by > self.w.clock.now)
        if ahead:
            self.w.clock.now = ahead[which % len(ahead)] + by

    # --- a candidate ---

    @rule(who=PEOPLE)
    def open(self, who: int) -> None:
        self.w.people[who].open()
        self.check()

    @rule(who=PEOPLE)
    def look(self, who: int) -> None:
        self.w.people[who].look()
        self.check()

    @rule(who=PEOPLE)
    def notice(self, who: int) -> None:
        self.w.people[who].notice()
        self.check()

    @rule(who=PEOPLE)
    def camera(self, who: int) -> None:
        self.w.people[who].camera()
        self.check()

    @rule(who=PEOPLE)
    def network(self, who: int) -> None:
        self.w.people[who].network()
        self.check()

    @rule(who=PEOPLE)
    def reserve(self, who: int) -> None:
        if len(self.checks) < 12:  # of older ones the product keeps less than the model
            self.w.people[who].reserve()
            self.check()

    @rule(who=PEOPLE, which=st.integers(0, 2), picture=st.sampled_from(PICTURES))
    def show_face(self, who: int, which: int, picture: str) -> None:
        """Post a picture to one of the newest tickets, perhaps once more."""
        person = self.w.people[who]
        if which >= len(person.reservations):
            return
        check, _ = person.reservations[-1 - which]
        other = self.w.people[1 - who].face
        name = {"own": f"frame_{person.face}.jpg", "other": f"frame_{other}.jpg"}.get(
            picture, picture
        )
        if person.show_face(name, -1 - which).status == 204:
            attempt_id, request = self.checks[check]
            self.sittings[attempt_id].checks[request].uploaded = True
            means = {"own": "match", "other": "mismatch"}.get(picture, "unusable")
            self.shown[self.w.events[-1].number] = means

    @rule(who=PEOPLE)
    def verdict(self, who: int) -> None:
        if self.w.people[who].reservations:
            self.w.people[who].verdict()
            self.check()

    @rule(who=PEOPLE)
    def admit(self, who: int) -> None:
        person = self.w.people[who]
        if person.admit().status == 201:
            self.tokens[person.name].append(person.api.page_token)
        self.check()

    @rule(who=PEOPLE)
    def check_in_to_the_end(self, who: int) -> None:
        """The whole way, as far as it goes; a pass needs a chance that is left."""
        self.notice(who)
        self.camera(who)
        self.network(who)
        person = self.w.people[who]
        known = len(person.reservations)
        self.reserve(who)
        if len(person.reservations) > known:
            self.show_face(who, 0, "own")
            self.deliver_event(self.w.events[-1])
            self.admit(who)

    @rule(who=PEOPLE)
    def start(self, who: int) -> None:
        self.w.people[who].start()
        self.check()

    @rule(who=PEOPLE)
    def paper(self, who: int) -> None:
        self.w.people[who].paper()
        self.check()

    def loaded(self, who: int) -> bool:
        """Whether the page has its paper: before that no page sends answers."""
        person = self.w.people[who]
        return person.shown == int(person.api.page_token.partition(".")[0] or 0) > 0

    @rule(who=PEOPLE, answers=ANSWERS)
    def save(self, who: int, answers: dict[str, str]) -> None:
        if self.loaded(who):
            self.w.people[who].save(answers)
            self.check()

    @rule(who=PEOPLE, number=NUMBERS, letters=LETTERS)
    def save_the_newest_alone(self, who: int, number: str, letters: str) -> None:
        """A save that overtakes what was not acknowledged before it."""
        person = self.w.people[who]
        if self.loaded(who):
            person.batch({number: letters})
            alone = {"first": person.revision, "last": person.revision}
            person.api.put(person.path("answers"), {**alone, "answers": {number: letters}})
            self.check()

    @rule(who=PEOPLE, answers=st.none() | ANSWERS)
    def beat(self, who: int, answers: dict[str, str] | None) -> None:
        person = self.w.people[who]
        if self.loaded(who) or not answers:
            person.beat(answers) if self.loaded(who) else person.beat_idle()
            self.check()

    @rule(
        who=PEOPLE,
        ms=st.sampled_from([0, 999, 1000, 9_999, 10_000, 600_000]),
        kind=st.sampled_from(["hidden", "blur", "fullscreen"]),
        ended=st.booleans(),
        answers=st.none() | ANSWERS,
        beating=st.booleans(),
    )
    def leave(self, who: int, ms: int, kind: str, ended: bool, answers: Any, beating: bool) -> None:
        person = self.w.people[who]
        if not self.loaded(who):
            return
        if beating:
            person.beat(answers, [person.absent(ms, kind=kind, ended=ended)])
        else:
            person.leave(ms, kind=kind, ended=ended, answers=answers)
        self.check()

    @rule(who=PEOPLE, answers=st.none() | ANSWERS)
    def submit(self, who: int, answers: dict[str, str] | None) -> None:
        if self.loaded(who) or answers is None:
            person = self.w.people[who]
            person.submit(answers) if self.loaded(who) else person.submit_idle()
            self.check()

    @rule(who=PEOPLE)
    def result(self, who: int) -> None:
        self.w.people[who].result()
        self.check()

    @rule(
        who=PEOPLE,
        picture=st.sampled_from(["own", "own", "other", "frame_two.jpg", "frame_dark.jpg"]),
    )
    def deliver_frames(self, who: int, picture: str) -> None:
        """Post the frames that were asked for."""
        person, other = self.w.people[who], self.w.people[1 - who]
        name = {"own": f"frame_{person.face}.jpg", "other": f"frame_{other.face}.jpg"}.get(
            picture, picture
        )
        for ticket in person.tickets:
            self.w.post(person, ticket["upload"], name)

    # --- what no page would do ---

    @rule(who=PEOPLE, which=MANY)
    def send_again(self, who: int, which: int) -> None:
        """Any request of before, once more."""
        person = self.w.people[who]
        mine = [e for e in self.w.book.exchanges if e.who == person.name and e.attempt_id]
        if mine:
            person.api.again(mine[-1 - which % min(len(mine), 40)])
            self.check()

    @rule(
        who=PEOPLE,
        which=st.integers(1, 2),
        what=st.sampled_from(["save", "beat", "submit", "paper"]),
    )
    def old_page(self, who: int, which: int, what: str) -> None:
        """A page that was superseded goes on."""
        person = self.w.people[who]
        tokens = self.tokens[person.name]
        if len(tokens) <= which or not self.loaded(who):
            return
        token, person.api.page_token = person.api.page_token, tokens[-1 - which]
        try:
            self._from_old_page(person, what)
        finally:
            person.api.page_token = token
        self.check()

    def _from_old_page(self, person: Person, what: str) -> None:
        batch = {"first": 1, "last": 1_000, "answers": {"1": "D"}}
        match what:
            case "save":
                person.api.put(person.path("answers"), batch)
            case "beat":
                person.api.post(person.path("heartbeat"), {"answers": batch, "absences": []})
            case "submit":
                person.api.post(person.path("submission"), {"answers": None})
            case "paper":
                person.api.get(person.path("paper"))

    @rule(who=PEOPLE, what=st.sampled_from(["", "paper", "result"]))
    def stranger(self, who: int, what: str) -> None:
        """Somebody else asks for it, with their own page token and with mine."""
        me, other = self.w.people[who], self.w.people[1 - who]
        if me.attempt_id:
            token, other.api.page_token = other.api.page_token, me.api.page_token
            other.api.get(me.path(what))
            other.api.page_token = token
            self.check()

    # --- events ---

    def deliver_event(self, event: Event) -> None:
        known = event.state
        self.w.deliver(event)
        if known == "done" or event.state == "done" or event.kind == "upload":
            self.handled(event)

    @rule(which=MANY)
    def deliver(self, which: int) -> None:
        if waiting := self.w.waiting():
            self.deliver_event(waiting[which % len(waiting)])

    @rule()
    def deliver_everything(self) -> None:
        while not Engine.down and (waiting := self.w.waiting()):
            for event in waiting:
                self.deliver_event(event)

    @rule(which=MANY)
    def duplicate(self, which: int) -> None:
        done = [event for event in self.w.done() if event.number >= len(self.bookmark.events)]
        if done:
            event = done[which % len(done)]
            if event.kind == "change":
                self.w.repeat(event)
            else:
                self.deliver_event(event)

    @rule(which=MANY)
    def drop(self, which: int) -> None:
        if waiting := self.w.waiting():
            self.w.drop(waiting[which % len(waiting)])

    @rule()
    def redrive(self) -> None:
        for event in self.w.dead():
            self.deliver_event(event)

    @rule()
    def minute(self) -> None:
        now = self.w.clock.now
        due = [a for a in self.w.attempts().values() if a.due_bucket]
        assert self.w.minute().error is None
        for attempt in due:
            if int(str(attempt.due_bucket).partition("#")[0]) <= now // MINUTE:
                self.sittings[attempt.attempt_id].catch_up(now)

    @rule(breaks=st.integers(0, 6))
    def engine(self, breaks: int) -> None:
        """The engine breaks now and then, and is repaired."""
        Engine.down = not Engine.down and breaks == 0

    # --- operators ---

    def command(self, function: str, **more: Any) -> str:
        """Invoke a function; the code of its refusal, or nothing."""
        number = f"command-{len(self.commands) + 1:03}"
        event = {"command_id": number, "operator": "op-1", "reason": "核实无误", **more}
        self.commands.append((function, event))
        return self.invoke(function, event)

    def invoke(self, function: str, event: dict[str, Any]) -> str:
        answer = self.w.operate(function, **event)
        return "" if answer.get("ok") else str(answer["errors"][0]["code"])

    def _current(self, who: int) -> Attempt | None:
        attempt_id = self.w.people[who].attempt_id
        return self.w.attempts().get(attempt_id)

    @rule(who=PEOPLE, count=st.integers(1, 2))
    def grant(self, who: int, count: int) -> None:
        if (seen := self._current(who)) is not None:
            given = {"attempt_id": seen.attempt_id, "version_seen": seen.version, "count": count}
            told = self.command("grant_chances", **given)
            assert told == self.sittings[seen.attempt_id].grant(count, self.w.clock.now)

    @rule(who=PEOPLE, minutes=st.integers(1, 3))
    def extend(self, who: int, minutes: int) -> None:
        if (seen := self._current(who)) is not None:
            given = {"attempt_id": seen.attempt_id, "version_seen": seen.version}
            told = self.command("extend_time", **given, extra_min=minutes)
            assert told == self.sittings[seen.attempt_id].extend(minutes * MINUTE, self.w.clock.now)

    @precondition(lambda self: self.compensated < 3 * MINUTE)
    @rule()
    def compensate(self) -> None:
        exam, now = self.exam(), self.w.clock.now
        given = {"exam_id": exam.exam_id, "version_seen": exam.version, "extra_min": 1}
        assert self.command("compensate_exam", **given) == ""
        self.compensated += MINUTE
        for sitting in self.sittings.values():
            if sitting.status != "submitted":
                sitting.extend(MINUTE, now)

    @rule(who=PEOPLE)
    def reopen(self, who: int) -> None:
        seen = self._current(who)
        if seen is None or seen.round > 1:
            return
        now, sitting = self.w.clock.now, self.sittings[seen.attempt_id]
        terms = {"allowed_min": 5, "entry_min": 5, "version_seen": seen.version}
        told = self.command("reopen_attempt", attempt_id=seen.attempt_id, **terms)
        sitting.catch_up(now)
        again = [
            a for a in self.w.attempts().values() if a.origin and a.account_id == seen.account_id
        ]
        ends = self.exam().ends_at
        causes = {"candidate": "submitted_by_candidate", "": "round_open"}
        expected = causes.get(sitting.cause, "keys_shown" if now > ends else "")
        known = again and again[0].attempt_id in self.sittings
        assert told == ("reopened_already" if known else expected)
        if told == "":
            self.sittings[again[0].attempt_id] = Sitting(
                sitting.policy,
                sitting.starts_at,
                now + 5 * MINUTE,
                5 * MINUTE,
                answers=dict(sitting.answers),
            )

    @rule(who=PEOPLE, confirmed=st.booleans())
    def decide_flag(self, who: int, confirmed: bool) -> None:
        seen = self._current(who)
        if seen is None or seen.integrity.state.value != "flagged":
            return
        rule_of_it = seen.integrity.rule.value if seen.integrity.rule else ""
        given = {"attempt_id": seen.attempt_id, "version_seen": seen.version, "rule": rule_of_it}
        told = self.command("confirm_flag", **given, confirmed=confirmed)
        assert told == "", told
        self.sittings[seen.attempt_id].catch_up(self.w.clock.now)

    @rule(which=MANY)
    def command_again(self, which: int) -> None:
        if self.commands:
            function, event = self.commands[which % len(self.commands)]
            self.invoke(function, event)
            for sitting in self.sittings.values():
                self._caught_up_by(sitting)

    def _caught_up_by(self, sitting: Sitting) -> None:
        """A repeated command decides again about the attempts that it looks at: what it wrote tells which."""
        run = self.w.book.runs[-1].number
        ids = {c.attempt_id for c in self.w.history if c.cause == run}
        for attempt_id in ids:
            self.sittings[attempt_id].catch_up(self.w.clock.now)

    # --- after each step ---

    @invariant()
    def stored_as_expected(self) -> None:
        type(self).steps += 1
        stored = self.w.attempts()
        assert set(stored) == set(self.sittings)
        for attempt_id, sitting in self.sittings.items():
            assert _told(stored[attempt_id]) == _believed(sitting), attempt_id

    @invariant()
    def nothing_is_violated(self) -> None:
        found = violations(self.w)
        assert not found, "\n".join(found)

    def teardown(self) -> None:
        """The day ends: everything comes to rest, and still nothing is violated."""
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
    }
