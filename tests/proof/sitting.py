"""Invariants 10 to 20: answers, submission, pages, switches, snapshots, score."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import boto3

from chalicelib.attempts import store, watch
from chalicelib.attempts.model import Attempt, Cause, Status
from chalicelib.exams import paper
from chalicelib.exams.model import Policy
from chalicelib.exams.questions import from_json
from chalicelib.proctoring.model import Verdict
from chalicelib.shared.clock import MINUTE_MS, SECOND_MS
from tests.cloud import ENVIRONMENT
from tests.proof.answers import Kept, kept_answer
from tests.proof.book import Exchange, Run
from tests.proof.invariants import View, by_the_clock, invariant

LETTERS = "ABCDEFGH"
PAGE_CALLS = {"PUT answers", "POST heartbeat", "POST absences", "POST start", "POST submission"}
SWEEP_MINUTES = 240  # the longest time that one run of the schedule catches up
KEPT_NOTICES = 8  # a repeat comes within seconds, a check-in takes minutes


@dataclass
class Answers:
    """The acknowledged answers (question → last revision, answer), and those that may have arrived unacknowledged."""

    sure: dict[str, tuple[int, Kept]] = field(default_factory=dict)
    perhaps: dict[str, list[tuple[int, Kept]]] = field(default_factory=dict)

    def acknowledge(self, last: int, answers: Mapping[str, Any]) -> None:
        for number, given in answers.items():
            if number not in self.sure or self.sure[number][0] < last:
                self.sure[number] = (last, kept_answer(given))

    def suppose(self, last: int, answers: Mapping[str, Any]) -> None:
        for number, given in answers.items():
            self.perhaps.setdefault(number, []).append((last, kept_answer(given)))

    def wrong(self, stored: Mapping[str, Kept]) -> Iterator[str]:
        """Return the questions whose stored answer is another one."""
        for number in sorted({*self.sure, *stored}, key=int):
            last, answer = self.sure.get(number, (0, ""))
            newer = {other for at, other in self.perhaps.get(number, ()) if at > last}
            if stored.get(number, "") not in {answer, *newer}:
                yield f"question {number} holds {stored.get(number)!r}, acknowledged was {answer!r}"


def promised(view: View, attempt_id: str, until: Exchange | None = None) -> Answers:
    """Return what was acknowledged before an exchange began. What was sent at the same time may have arrived."""
    found = Answers()
    origin = view.attempts[attempt_id].origin
    if origin is not None:
        closed = view.attempts[origin.attempt_id].answers
        found.acknowledge(0, {number: letters for number, letters in closed.items() if letters})
    for entry in view.exchanges_of.get(attempt_id, ()):
        batch = entry.batch
        if batch is None or (until is not None and entry.began > until.ended):
            continue
        if _acknowledged(view, entry, batch) and (until is None or entry.ended < until.began):
            found.acknowledge(batch["last"], batch["answers"])
        elif not entry.refused or not entry.ended:
            found.suppose(batch["last"], batch["answers"])
    return found


def _acknowledged(view: View, entry: Exchange, batch: dict[str, Any]) -> bool:
    """Return whether the answer said that these answers are kept. For a submission the receipt says it."""
    if not entry.ok:
        return False
    if entry.what == "POST submission":
        closed = (c.new.cause for c in view.caused.get(entry.number, ()) if c.new is not None)
        return Cause.CANDIDATE in closed
    return bool(entry.json.get("acked_seq", 0) >= batch["last"])


@invariant(
    10,
    "An answer acknowledged with 200 is in the graded paper, whatever crashes, "
    "unless a later acknowledged revision replaced it; a refused one is not",
)
def answers_are_kept(view: View) -> Iterator[str]:
    for attempt_id, attempt in view.attempts.items():
        if attempt.answers:
            for wrong in promised(view, attempt_id).wrong(attempt.answers):
                yield f"{attempt_id}: {wrong}"
        kept = {number: letters for number, letters in attempt.answers.items() if letters}
        for entry in view.exchanges_of.get(attempt_id, ()):
            receipt = (
                entry.json.get("receipt") if entry.ok and isinstance(entry.json, dict) else None
            )
            if receipt is not None and {n: kept_answer(a) for n, a in receipt.items()} != kept:
                yield f"{attempt_id}: the receipt says {receipt}, kept is {kept}"


@invariant(11, "Exactly one submission per round; a closed round never changes")
def one_submission(view: View) -> Iterator[str]:
    frozen = ("status", "cause", "submitted_at", "started_at", "deadline", "saves_until", "page")
    frozen += ("allowed_ms", "admission", "chances", "chances_after_start", "waiver", "segments")
    for old, new, change in view.pairs():
        if old.status is not Status.SUBMITTED:
            continue
        changed = [name for name in frozen if getattr(old, name) != getattr(new, name)]
        if changed:
            yield f"{change.attempt_id}: {changed} changed after the submission"
    for change in view.w.history:
        old_wire, new_wire = change.old_wire or {}, change.new_wire or {}
        same_key = old_wire.get("key_version") == new_wire.get("key_version")
        if change.sk == "RESULT" and old_wire and same_key:
            yield f"{change.attempt_id}: its result was written again"


@invariant(12, "When all is quiet no attempt past its deadline is open")
def nobody_is_forgotten(view: View) -> Iterator[str]:
    swept = _swept_until(view)
    for attempt_id, attempt in view.attempts.items():
        if attempt.status is not Status.STARTED:
            continue
        assert attempt.saves_until is not None
        due_from = (attempt.saves_until // MINUTE_MS + 1) * MINUTE_MS
        bucket = (attempt.due_bucket or "0").partition("#")[0]
        if bucket != str(due_from // MINUTE_MS):
            yield f"{attempt_id} is looked for in minute {bucket}"
        last = view.by_attempt[attempt_id][-1]
        if due_from <= swept and last.at < swept:
            yield f"{attempt_id} was to be closed at {attempt.saves_until}, swept at {swept}"


def _swept_until(view: View) -> int:
    """Return up to when the schedule has handled everything, unless it did not run for too long."""
    runs = [run for run in view.book.runs if run.function.endswith("run_minute")]
    whole = [
        run for run in runs if isinstance(run.answer, dict) and run.answer["overdue"] is not None
    ]
    swept = 0
    for run in whole:
        if swept and run.at - swept > SWEEP_MINUTES * MINUTE_MS:
            break
        swept = run.at
    unclosed = any(owner == "#sweep" and sk != "CURSOR" for owner, sk in view.rows)
    return 0 if unclosed else swept


@invariant(13, "After submission nothing changes in answers or switches")
def closed_is_closed(view: View) -> Iterator[str]:
    for old, new, change in view.pairs():
        if old.status is Status.SUBMITTED:
            for name in ("answers", "acked_seq", "switches", "last_absence", "short_absences"):
                if getattr(old, name) != getattr(new, name):
                    yield f"{change.attempt_id}: {name} changed after the submission"


@invariant(14, "Coming back gives the same paper and all acknowledged answers")
def same_paper(view: View) -> Iterator[str]:
    papers: dict[tuple[str, str], Any] = {}
    for attempt_id, entries in view.exchanges_of.items():
        for entry in (e for e in entries if e.what == "GET paper" and e.ok):
            attempt = view.attempts[attempt_id]
            owner = (attempt.account_id, attempt.exam_id)
            if papers.setdefault(owner, entry.json["sections"]) != entry.json["sections"]:
                yield f"{attempt_id} was shown another paper"
            shown = {n: kept_answer(a) for n, a in entry.json["answers"].items()}
            for wrong in promised(view, attempt_id, entry).wrong(shown):
                yield f"{attempt_id} was shown: {wrong}"


@invariant(15, "Only the newest page can write")
def newest_page(view: View) -> Iterator[str]:
    for entry in view.book.exchanges:
        if entry.what in PAGE_CALLS:
            for change in view.caused.get(entry.number, ()):
                old, new = change.old, change.new
                if old is None or new is None or entry.page == old.page:
                    continue
                if not by_the_clock(old, new):
                    yield f"{entry.what} of page {entry.page} wrote, page {old.page} was the newest"
        before, after = view.before(entry), view.after(entry)
        if entry.what != "GET paper" or not entry.ok or before is None or after is None:
            continue
        if not before.page <= entry.page <= after.page:
            yield f"page {entry.page} was shown the paper, {before.page} was the newest"


@invariant(16, "Repeating any request has no second effect")
def repeats(view: View) -> Iterator[str]:
    for entry in view.book.exchanges:
        first = view.acts.get(entry.repeats or -1)
        if not isinstance(first, Exchange) or not first.ok or _is_new(view, first, entry):
            continue
        for change in view.caused.get(entry.number, ()):
            if change.old is None or change.new is None:
                yield f"{entry.what} again opened {change.attempt_id}"
            elif not by_the_clock(change.old, change.new):
                yield f"{entry.what} again changed {change.attempt_id}"
    done: dict[str, Run] = {}
    for run in view.book.runs:
        command = run.event.get("command_id")
        if command is None:
            continue
        again, ok = done.get(command), isinstance(run.answer, dict) and run.answer.get("ok")
        if again is not None and not _only_time_passed(view, run):
            yield f"{run.function} with {command} again changed something"
        if ok and not run.answer.get("failed"):
            done.setdefault(command, run)


def _only_time_passed(view: View, run: Run) -> bool:
    changes = view.caused.get(run.number, ())
    return all(c.old and c.new and by_the_clock(c.old, c.new) for c in changes)


def _is_new(view: View, first: Exchange, again: Exchange) -> bool:
    """Return whether two equal requests without an id are not repeats, because something new began in between."""
    before, now = view.after(first), view.before(again)
    if before is None or now is None:
        return False
    if first.what in {"POST check-in/camera", "POST check-in/network"}:
        return before.check_in.number != now.check_in.number
    if first.what == "POST check-in/notice":
        return first.body["request_id"] not in now.notices and len(now.notices) >= KEPT_NOTICES
    return False


# --- switches -------------------------------------------------------------------------------------------


@dataclass
class Leaving:
    """Counts switches from the reports of a candidate's pages and their times."""

    page: int = 0
    seq: int = 0
    since: int = 0
    away: int = 0
    ended: bool = True
    counted: bool = False
    switches: int = 0

    def report(self, policy: Policy, begun: int, page: int, reports: list[Any], at: int) -> None:
        """Count the absences of a page. None began before `begun`: the exam had started, the page was admitted."""
        for each in reports:
            newest = self.seq if self.page == page else 0
            seq, ended = each["absence_seq"], each.get("ended", True)
            if seq < newest or (seq == newest and self.ended):
                continue
            if self.switches >= policy.switch_limit:
                return
            if seq != newest:
                before = self.since + self.away if newest else 0
                self.since, self.away, self.counted = max(begun, before), 0, False
            self.away = max(self.away, min(each["away_ms"], at - self.since), 0)
            grace = policy.fullscreen_grace_s * SECOND_MS if each["kind"] == "fullscreen" else 0
            counts = self.away >= max(policy.switch_min_ms, grace)
            self.switches += counts and not self.counted
            self.counted |= counts
            self.page, self.seq, self.ended = page, seq, ended

    def come_back(self, policy: Policy, page: int) -> None:
        """Count the change to a new page while page `page` wrote. An absence that has not ended is the same one."""
        same = self.page == page and self.counted and not self.ended
        self.switches += policy.page_loss_counts and not same


@invariant(
    17,
    "switches = distinct counted absences (+ page losses); the 3rd submits exactly once; no answer "
    "is acknowledged after it; the candidate was told after the 1st and 2nd",
)
def switches(view: View) -> Iterator[str]:
    for attempt_id in view.by_attempt:
        counter = Leaving()
        for old, new, change in view.steps(attempt_id):
            act = view.acts.get(change.cause or -1)
            if old is not None and isinstance(act, Exchange):
                _count(counter, old, new, act)
            if len(new.switches) != counter.switches:
                yield f"{attempt_id}: {len(new.switches)} switches, {counter.switches} were reported"
                break
            last = len(new.switches) >= new.policy.switch_limit
            closes = old is not None and old.status is Status.STARTED and last
            if closes and (new.status is not Status.SUBMITTED or new.cause is not Cause.SWITCHES):
                yield f"{attempt_id} goes on after {len(new.switches)} switches"
            if new.cause is Cause.SWITCHES and not last:
                yield f"{attempt_id} was submitted by {len(new.switches)} switches"
        yield from _told_of_switches(view, attempt_id)


def _count(counter: Leaving, old: Attempt, new: Attempt, act: Exchange) -> None:
    body = act.body if isinstance(act.body, dict) else {}
    reported = new.last_absence != old.last_absence or len(new.switches) > len(old.switches)
    if body.get("absences") and reported:
        begun = max(old.started_at or 0, old.admission.at if old.admission else 0)
        counter.report(old.policy, begun, act.page, body["absences"], act.at)
    came_in = new.page != old.page or new.cause is Cause.SWITCHES
    if act.what == "POST admission" and old.status is Status.STARTED and came_in:
        counter.come_back(old.policy, old.page)


def _told_of_switches(view: View, attempt_id: str) -> Iterator[str]:
    for entry in view.exchanges_of.get(attempt_id, ()):
        if not entry.ok or not isinstance(entry.json, dict):
            continue
        before, after = view.before(entry), view.after(entry)
        told = {**entry.json, **entry.json.get("attempt", {})}.get("switches")
        told = len(told) if isinstance(told, list) else told  # a result lists them
        if (
            told is not None
            and before
            and after
            and not len(before.switches) <= told <= len(after.switches)
        ):
            yield f"{attempt_id}: {entry.what} told {told} switches of {len(after.switches)}"
        number, limit = entry.json.get("switch"), entry.json.get("switch_limit")
        if number and number < limit and f"第 {number} 次" not in entry.json["message"]:
            yield f"{attempt_id}: {entry.what} said {entry.json['message']!r} of switch {number}"
        batch = entry.batch
        if batch is None or before is None or before.status is not Status.SUBMITTED:
            continue
        if batch["last"] > before.acked_seq and _acknowledged(view, entry, batch):
            yield f"{attempt_id}: {entry.what} acknowledged answers after the submission"


# --- snapshots ------------------------------------------------------------------------------------------


@invariant(
    18,
    "Each due snapshot ends in exactly one verdict, what was not seen only until it is seen; a system gap "
    "never counts against anybody",
)
def snapshots(view: View) -> Iterator[str]:
    for old, new, change in view.pairs():
        for slot, verdict in old.verdicts.items():
            later = new.verdicts.get(slot)
            unseen = {Verdict.MISSING, Verdict.SYSTEM_GAP}
            if later is not verdict and (verdict not in unseen or later in {None, *unseen}):
                yield f"{change.attempt_id}: slot {slot} was {verdict.value}, then {later}"
    for attempt_id, attempt in view.attempts.items():
        rows = view.rows_of(attempt_id, "SNAPSHOT#")
        for slot, verdict in attempt.verdicts.items():
            row = rows.get(f"{int(slot):03}")
            if verdict in {Verdict.MISSING, Verdict.SYSTEM_GAP}:
                yield from _not_seen(view, attempt, int(slot), verdict)
            elif row is None or row["verdict"] != verdict.value:
                yield f"{attempt_id}: slot {slot} is {verdict.value}, its findings are {row}"
        gaps = {int(s) for s, v in attempt.verdicts.items() if v is Verdict.SYSTEM_GAP}
        if gaps & set(attempt.integrity.slots):
            yield f"{attempt_id}: gaps of ours count: {attempt.integrity}"
        forgotten = attempt.status is Status.SUBMITTED and attempt.due_bucket is None
        due = watch.due_slots(attempt, attempt.submitted_at or 0)
        open_slots = [slot for slot in due if str(slot) not in attempt.verdicts]
        if forgotten and open_slots:
            yield f"{attempt_id}: slots {open_slots} have no verdict and nobody looks for them"


def _not_seen(view: View, attempt: Attempt, slot: int, verdict: Verdict) -> Iterator[str]:
    key = store.snapshot_key(attempt.attempt_id, slot)
    lapses = attempt.asked[str(slot)] + attempt.policy.snapshot_grace_s * SECOND_MS
    posted = [p for p in view.book.posts if p.key == key and p.status == 204 and p.at < lapses]
    if posted and verdict is Verdict.MISSING:
        yield f"{attempt.attempt_id}: slot {slot} was delivered and is called missing"


@invariant(19, "The snapshot times cannot be derived from any response")
def secret_moments(view: View) -> Iterator[str]:
    for entry in view.fresh("secret moments"):
        text = json.dumps(entry.json)
        for attempt in view.attempts.values():
            if attempt.snapshot_seed in text:
                yield f"{entry.what} told the seed"
            if attempt.status is Status.OPENED:
                continue
            future = {moment for moment in watch.moments(attempt) if moment > entry.at}
            if future & {*_numbers(entry.json)}:
                yield f"{entry.what} told a moment to come"


def _numbers(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in {"deadline", "expires_at", "start_until", "entry_until"}:
                yield from _numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(inner)
    elif isinstance(value, int):
        yield value


# --- score ----------------------------------------------------------------------------------------------


@invariant(
    20,
    "score = f(acknowledged answers, paper version, key), recomputed from scratch it is the same",
)
def score(view: View) -> Iterator[str]:
    for attempt_id, attempt in view.attempts.items():
        if attempt.status is not Status.SUBMITTED:
            continue
        points, out_of = recomputed(view, attempt)
        passed = points * 100 >= out_of * attempt.policy.pass_mark
        row = view.rows.get((attempt_id, "RESULT"))
        if row is not None and row["key_version"] == attempt.key_version:
            told = (row["points"], row["out_of"], row["passed"])
            if told != (points, out_of, passed) or row["submitted_at"] != attempt.submitted_at:
                yield f"{attempt_id}: stored {row}, recomputed {points} of {out_of}"
        for entry in view.exchanges_of.get(attempt_id, ()):
            shown = entry.json.get("score") if entry.ok and isinstance(entry.json, dict) else None
            then = view.after(entry) if shown else None
            if then is not None and (shown["points"], shown["out_of"]) != recomputed(view, then):
                yield f"{attempt_id}: {entry.what} told {shown['points']} of {shown['out_of']} points"


def drawn_paper(view: View, attempt: Attempt) -> tuple[paper.DrawnQuestion, ...]:
    """Return the paper of an attempt with the key version that counts for it, from S3."""
    papers = view.w.memory.setdefault("papers", {})
    wanted = (attempt.exam_id, attempt.paper_version, attempt.paper_seed, attempt.key_version)
    if wanted not in papers:
        name = f"{attempt.exam_id}/{attempt.paper_version}"
        drawn = paper.draw_paper(from_json(_read(f"banks/{name}.json")), attempt.paper_seed)
        corrected = {}
        if attempt.key_version:
            corrected = json.loads(_read(f"keys/{name}/{attempt.key_version}.json"))
        papers[wanted] = paper.with_key(drawn, corrected)
    found: tuple[paper.DrawnQuestion, ...] = papers[wanted]
    return found


def _read(key: str) -> bytes:
    got = boto3.client("s3").get_object(Bucket=ENVIRONMENT["PAPERS_BUCKET"], Key=key)
    return bytes(got["Body"].read())


def right_answers(view: View, attempt: Attempt) -> dict[str, str | list[str]]:
    """Return the right answers: the letters of this paper, or the first accepted text of each blank."""
    return {str(drawn.number): _right_answer(drawn) for drawn in drawn_paper(view, attempt)}


def _right_answer(drawn: paper.DrawnQuestion) -> str | list[str]:
    if drawn.question.type.value == "blank":
        return [line.partition("|")[0] for line in drawn.question.key.split("\n")]
    return "".join(
        LETTERS[place]
        for place, index in enumerate(drawn.order)
        if LETTERS[index] in drawn.question.key
    )


def recomputed(view: View, attempt: Attempt) -> tuple[float, float]:
    """Return the earned points and the points of the whole paper."""
    earned, total = Fraction(0), Fraction(0)
    for drawn in drawn_paper(view, attempt):
        answer = attempt.answers.get(str(drawn.number), "")
        points = drawn.section.points if drawn.question.points is None else drawn.question.points
        whole = Fraction(str(points))
        of_blanks = drawn.question.type.value == "blank"
        part = _part_of_blanks(drawn, answer) if of_blanks else _part(drawn, attempt, answer)
        earned += Fraction(int(whole * part * 100 + Fraction(1, 2)), 100)
        total += whole
    return round(float(earned), 2), round(float(total), 2)


def _part(drawn: paper.DrawnQuestion, attempt: Attempt, letters: Kept) -> Fraction:
    """Return the part of the points that chosen options earn. The exams of these stories use two of the rules."""
    right = {drawn.question.options[LETTERS.index(letter)] for letter in drawn.question.key}
    shown = [drawn.question.options[index] for index in drawn.order]
    given = {
        shown[LETTERS.index(letter)]
        for letter in letters
        if letter in LETTERS and LETTERS.index(letter) < len(shown)
    }
    if given == right and len(given) == len(letters):
        return Fraction(1)
    half = attempt.policy.multiple_rule.value == "half_for_subset"
    several = drawn.question.type.value in ("multiple", "indefinite")
    return Fraction(1, 2) if half and several and given and given < right else Fraction(0)


def _part_of_blanks(drawn: paper.DrawnQuestion, texts: Kept) -> Fraction:
    """Return the share of the blanks whose text is accepted as it is written in the key."""
    lines = drawn.question.key.split("\n")
    if isinstance(texts, str):
        return Fraction(0)
    right = sum(text in line.split("|") for text, line in zip(texts, lines, strict=False))
    return Fraction(right, len(lines))
