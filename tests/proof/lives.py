"""Stories of two candidates and an operator, made by Hypothesis: any request at any time, events that go wrong."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from chalicelib.attempts.model import Attempt
from tests.proof.invariants import View
from tests.proof.machine import MINUTE, Compared
from tests.proof.model import Sitting
from tests.proof.people import T0, Person
from tests.proof.sitting import right_answers
from tests.proof.world import Engine

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
PEOPLE = st.integers(0, 1)
MANY = st.integers(0, 10_000)
NUMBERS = st.integers(1, 20).map(str)
LETTERS = st.sampled_from(["", "A", "B", "C", "AB", "CA", "ABCD"])
ANSWERS = st.dictionaries(NUMBERS, LETTERS, min_size=1, max_size=3)
# What somebody else's picture, two people and nobody mean for a check.
PICTURES = ["own", "own", "other", "frame_two.jpg", "frame_empty.jpg"]


class Lives(Compared):
    """Every rule is something that somebody does."""

    # --- beginnings ---

    @initialize(how=st.sampled_from(["outside", "waiting", "writing", "writing"]))
    def begin(self, how: str) -> None:
        if how == "outside":
            return
        self.w.clock.now = T0 - 5 * MINUTE
        for who in range(len(self.w.people)):
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

    @rule(who=PEOPLE)
    def know_everything(self, who: int) -> None:
        """Answer as the key says: only who passes can lose or keep a certificate."""
        person = self.w.people[who]
        attempt = self.w.attempts().get(person.attempt_id)
        if self.loaded(who) and attempt is not None:
            person.save(right_answers(View(self.w), attempt))
            self.check()

    @rule(who=PEOPLE)
    def complain(self, who: int) -> None:
        self.w.people[who].complain()
        self.check()

    @rule(who=PEOPLE)
    def verify_certificate(self, who: int) -> None:
        """Anybody looks whether a certificate holds."""
        for row in self.w.rows("RESULTS_TABLE"):
            if row.get("account_id") == self.w.people[who].account_id:
                told = self.w.people[who].api.get(f"/certificates/{row['number']}")
                assert told.status in {200, 429}

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

    def command(self, function: str, room: str = "console", **more: Any) -> str:
        """Invoke a function; the code of its refusal, or nothing."""
        number = f"command-{len(self.commands) + 1:03}"
        event = {"command_id": number, "operator": "op-1", "reason": "核实无误", **more}
        self.commands.append((function, room, event))
        return self.invoke(function, room, event)

    def invoke(self, function: str, room: str, event: dict[str, Any]) -> str:
        answer = self.w.operate(function, room=room, **event)
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

    @rule(who=PEOPLE, function=st.sampled_from(["accept_gaps", "judge_gaps"]))
    def handle_gaps(self, who: int, function: str) -> None:
        """Frames that we failed to judge are judged again, or accepted."""
        seen = self._current(who)
        if seen is None or seen.submitted_at is None:
            return
        given = {"exam_id": seen.exam_id, "attempt_id": seen.attempt_id}
        told = self.command(function, "gaps", **given)
        settled = self._current(who)
        assert settled is not None
        assert told == "" if seen.integrity.gaps else told in {"", "no_gap"}
        if function == "accept_gaps" and not told:
            assert settled.integrity.gaps == ()
        self._caught_up()

    @rule(upheld=st.booleans(), confirmer=st.booleans())
    def decide_complaint(self, upheld: bool, confirmer: bool) -> None:
        """By somebody else than who confirmed a flag; that one is refused."""
        rows = [r for r in self.w.rows("CASES_TABLE") if r.get("waits_for") == "complaint"]
        if not rows:
            return
        seen = {"case_id": rows[0]["case_id"], "version_seen": rows[0]["version"]}
        attempt = self.w.attempts()[rows[0]["attempt_id"]]
        confirmed = any(d.state.value == "invalidated" for d in attempt.decisions)
        operator = "op-1" if confirmer else "op-2"
        told = self.command("decide_complaint", "reviews", **seen, operator=operator, upheld=upheld)
        assert told == ("same_operator" if confirmed and confirmer else ""), told
        self._caught_up()

    @rule(which=MANY)
    def command_again(self, which: int) -> None:
        if self.commands:
            self.invoke(*self.commands[which % len(self.commands)])
            self._caught_up()

    def _caught_up(self) -> None:
        """A repeated command decides again about the attempts that it looks at: what it wrote tells which."""
        run = self.w.book.runs[-1].number
        ids = {c.attempt_id for c in self.w.history if c.cause == run}
        for attempt_id in ids:
            self.sittings[attempt_id].catch_up(self.w.clock.now)
