"""Invariants 21 to 28, and 31: results, decisions, secrets, expiry, events, crashes, sittings."""

import base64
import hmac
import json
import re
from collections.abc import Iterator
from typing import Any

from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from chalicelib.attempts import store, watch
from chalicelib.attempts.model import Attempt, CheckState, Status
from chalicelib.attempts.shards import due_bucket
from chalicelib.proctoring.model import IntegrityRule, IntegrityState, Verdict
from chalicelib.shared.clock import HOUR_MS, MINUTE_MS
from chalicelib.shared.table import item_from_wire
from chalicelib.timeline import model as timeline
from chalicelib.timeline.verifying import Problem, StoredEvidence, verify
from tests.cloud import ENVIRONMENT
from tests.faults import messages
from tests.proof.book import Run
from tests.proof.invariants import View, by_the_clock, invariant
from tests.proof.sitting import recomputed

CAPTCHA_MS, CODE_MS, PROVEN_MS = (n * MINUTE_MS for n in (2, 5, 15))  # docs/api.md
_MISSING = Verdict.MISSING


@invariant(21, "An invalidated result names rule, frames and time")
def reasons(view: View) -> Iterator[str]:
    for attempt_id, attempt in view.attempts.items():
        stored = attempt.integrity
        expected = _integrity(attempt)
        if (stored.state, stored.rule) != expected:
            yield f"{attempt_id}: its snapshots mean {expected}, stored is {stored}"
        if stored.state is not IntegrityState.INVALIDATED:
            continue
        frames = [_frame(view, attempt, slot) for slot in stored.slots]
        if stored.rule is None or not frames or not all(frames):
            yield f"{attempt_id} is invalidated by {stored.rule}, frames {stored.slots}"


def _frame(view: View, attempt: Attempt, slot: int) -> bool:
    """Return whether picture and time of a frame are stored; for a missing one, the time of the request."""
    if attempt.verdicts.get(str(slot)) is _MISSING:
        return str(slot) in attempt.asked
    row = view.rows_of(attempt.attempt_id, "SNAPSHOT#").get(f"{slot:03}", {})
    return all(row.get(name) for name in ("moment", "judged_at", "sha256"))


def _integrity(attempt: Attempt) -> tuple[IntegrityState, IntegrityRule | None]:
    """Return the integrity that follows from the verdicts by requirements.md, computed without the product's rules."""
    candidates = [(IntegrityState.CLEAR, None)]
    for rule in IntegrityRule:
        decision = next((d for d in attempt.decisions if d.rule is rule), None)
        if not _broken(attempt, rule, ()):
            continue
        alone = rule is IntegrityRule.SEVERAL
        state = IntegrityState.INVALIDATED if alone else IntegrityState.FLAGGED
        if decision is not None:
            confirmed = decision.state is IntegrityState.INVALIDATED
            anew = not confirmed and _broken(attempt, rule, decision.slots or ())
            state = state if anew else decision.state
        candidates.append((state, rule))
    if _is_done(attempt) and 3 * len(_open_gaps(attempt)) > len(attempt.verdicts):
        candidates.append((IntegrityState.NOT_WATCHED, None))
    gravity = ["clear", "overturned", "not_watched", "flagged", "invalidated"]
    telling = [*reversed(IntegrityRule), None]
    return max(candidates, key=lambda one: (gravity.index(one[0].value), _rank(one[1], telling)))


def _rank(rule: IntegrityRule | None, telling: list[IntegrityRule | None]) -> int:
    return telling.index(rule) if rule else -1


def _is_done(attempt: Attempt) -> bool:
    return attempt.status is Status.SUBMITTED and attempt.due_bucket is None


def _open_gaps(attempt: Attempt) -> set[int]:
    """Return the slots of system gaps that nobody has accepted."""
    gaps = {int(slot) for slot, v in attempt.verdicts.items() if v is Verdict.SYSTEM_GAP}
    return gaps - set(attempt.accepted_gaps)


_LETTERS = {
    Verdict.MATCH: "o",
    Verdict.MISMATCH: "x",
    Verdict.UNCERTAIN: "u",
    Verdict.SEVERAL: "s",
    Verdict.NO_FACE: "n",
    Verdict.UNCLEAR: "c",
    Verdict.REPLAYED: "r",
    Verdict.MISSING: "m",
    Verdict.SYSTEM_GAP: "g",
}


def _broken(attempt: Attempt, rule: IntegrityRule, excused: tuple[int, ...]) -> bool:
    """Return whether the verdicts break this rule. An excused frame counts as one that shows the candidate."""
    kinds = [attempt.verdicts.get(str(slot)) for slot in range(200)]
    row = "".join(_LETTERS.get(kind, "?") if kind else "." for kind in kinds)
    row = "".join("o" if slot in excused and kind != "." else kind for slot, kind in enumerate(row))
    due = len(attempt.verdicts) if _is_done(attempt) else 0
    if rule is IntegrityRule.SEVERAL:
        return row.count("s") >= 3
    if rule is IntegrityRule.MISMATCH:
        return attempt.waiver is None and _is_other(row, due, attempt.policy.mismatch_limit)
    if rule is IntegrityRule.REPLAYED:
        own = sum(shown.value == "earlier_frame" for shown in attempt.replays.values())
        return row.count("r") > own or own >= 2
    if rule is IntegrityRule.MISSING:
        return "mmm" in row or 3 * row.count("m") > due > 0
    unseen = re.sub("[ncm]", "-", row)
    return "----" in unseen or 3 * unseen.count("-") > due > 0


def _is_other(row: str, due: int, limit: int) -> bool:
    compared = "".join(kind for kind in row if kind in "oxu")
    windows = [compared[n : n + 5] for n in range(len(compared))]
    enough = min(4, due) if due else 4
    doubted = any(len(window) - window.count("o") >= enough for window in windows)
    return row.count("x") >= limit or doubted


@invariant(
    22, "At most one complaint per result, within 48 h; each decision makes exactly one logical SMS"
)
def complaints(view: View) -> Iterator[str]:
    codes = len([text for _, text in messages() if "验证码" in text])
    asked = [entry for entry in view.book.exchanges if entry.path == "/codes"]
    if not len([e for e in asked if e.ok]) <= codes <= len([e for e in asked if not e.refused]):
        yield f"{codes} codes were sent, {len(asked)} were asked for"
    cases = [row for row in view.w.rows("CASES_TABLE") if row.get("kind") == "complaint"]
    seen: set[tuple[str, int]] = set()
    for row in cases:
        attempt = view.attempts[row["attempt_id"]]
        about = (row["attempt_id"], row["verdict"]["published_at"])
        if about in seen:
            yield f"two complaints about {about}"
        seen.add(about)
        if not 0 <= row["opened_at"] - about[1] <= attempt.policy.complaint_hours * HOUR_MS:
            yield f"{row['case_id']} was opened at {row['opened_at']}, its verdict is of {about[1]}"
    yield from _notices(view, cases)


def _notices(view: View, cases: list[dict[str, Any]]) -> Iterator[str]:
    """Check that the provider got one logical message for each decision, and no other."""
    sent = {message for message, template in view.book.sent if template != "code"}
    decided = {row["notice"]["notice_id"]: row for row in cases if row.get("ruling")}
    if len(decided) != len([row for row in cases if row.get("ruling")]):
        yield "two decisions share a message"
    tickets = [
        row
        for row in view.w.rows("CASES_TABLE")
        if row.get("kind") == "ticket" and row.get("ruling")
    ]
    for row in tickets:
        if "notice" in row:
            decided[row["notice"]["notice_id"]] = row
        elif row.get("waits_for") is None:
            yield f"{row['case_id']} was decided without a message"
    # the message about a first decision may have been sent before it was corrected
    first = {f"{row['case_id']}-decision" for row in tickets if row.get("corrected")}
    if sent - decided.keys() - first:
        yield f"messages about nothing: {sorted(sent - decided.keys() - first)}"
    for notice, row in decided.items():
        if (row["notice"].get("sent_at") is not None) and notice not in sent:
            yield f"{row['case_id']} was decided and nobody was told"
        if view.settled and row.get("notice_pending") is None and notice not in sent:
            yield f"{row['case_id']} was decided and nobody will be told"


@invariant(23, "An overturned decision shows in result, certificate and partner feed alike")
def one_truth(view: View) -> Iterator[str]:
    """Check that result, certificate and partner feed agree."""
    yield from _feeds(view)
    for entry in view.fresh("one truth"):
        attempt = view.after(entry)
        if attempt is None or not entry.ok or "outcome" not in (entry.json or {}):
            continue
        void = attempt.integrity.state is IntegrityState.INVALIDATED
        outcome = "passed" if entry.json["score"]["passed"] else "failed"
        expected = ("invalidated" if void else outcome, attempt.integrity.state.value)
        if (entry.json["outcome"], entry.json["integrity"]) != expected:
            yield f"{entry.what} told {entry.json['outcome']}, the record says {expected}"
        slots = [
            slot
            for slot in watch.due_slots(attempt, attempt.submitted_at or 0)
            if str(slot) not in attempt.verdicts
        ]
        if not entry.json["provisional"] and slots:
            yield f"{entry.what} told a final result with {slots} open"
        if not entry.json["provisional"] and _open_gaps(attempt):
            yield f"{entry.what} told a final result with unjudged frames"
    for row in view.w.rows("RESULTS_TABLE"):
        attempt = view.attempts.get(row.get("attempt_id", ""))
        if attempt is None or attempt.follow_up is not None or not row.get("by_rule"):
            continue
        holds = attempt.integrity.state in {IntegrityState.CLEAR, IntegrityState.OVERTURNED}
        holds = holds and not _open_gaps(attempt)
        if (row["state"] == "valid") is not (holds and _passed(view, attempt)):
            yield f"{row['number']} is {row['state']}, its attempt {attempt.integrity.state.value}"


def _feeds(view: View) -> Iterator[str]:
    """Check that a feed has no gap and no repeat, and that its newest entry about an attempt is the current result."""
    feeds: dict[str, list[Any]] = {}
    for row in sorted(view.w.rows("RESULTS_TABLE"), key=lambda row: str(row["sk"])):
        if row["feed"].startswith(("person#", "organisation#")):
            feeds.setdefault(row["feed"], []).append(row)
    for feed, rows in feeds.items():
        if [int(row["sk"]) for row in rows] != list(range(1, len(rows) + 1)):
            yield f"{feed} has a gap"
        named = [(row["result"]["attempt_id"], row["revision"]) for row in rows]
        if len(set(named)) < len(named):
            yield f"{feed} tells something twice"
    for attempt_id, attempt in view.attempts.items():
        if attempt.status is not Status.SUBMITTED or attempt.follow_up is not None:
            continue
        void = attempt.integrity.state is IntegrityState.INVALIDATED
        known = "passed" if _passed(view, attempt) else "failed"
        for kind in ("person#", "organisation#"):
            told = [
                row["result"]["outcome"]
                for feed, rows in feeds.items()
                for row in rows
                if feed.startswith(kind) and row["result"]["attempt_id"] == attempt_id
            ]
            if told[-1:] != ["invalidated" if void else known]:
                yield f"{attempt_id}: partners were told {told}"


def _passed(view: View, attempt: Attempt) -> bool:
    points, out_of = recomputed(view, attempt)
    return points * 100 >= out_of * attempt.policy.pass_mark


@invariant(
    24,
    "A certificate exists exactly for final passes, and none while a frame is unseen or unjudged without a human's "
    "decision; verification says valid exactly when the signature and the live record agree",
)
def certificates(view: View) -> Iterator[str]:
    rows = {row["attempt_id"]: row for row in view.w.rows("RESULTS_TABLE") if "attempt_id" in row}
    for attempt_id, attempt in view.attempts.items():
        row = rows.get(attempt_id)
        if attempt.status is not Status.SUBMITTED:
            if row is not None:
                yield f"{attempt_id} is open and has a certificate"
            continue
        held = attempt.integrity.state in {IntegrityState.CLEAR, IntegrityState.OVERTURNED}
        judged = attempt.due_bucket is None and not _open_gaps(attempt)
        final = judged and held and _passed(view, attempt)
        if final and attempt.follow_up is None and row is None:
            yield f"{attempt_id} is a final pass without a certificate"
        if not final and attempt.follow_up is None and row is not None and row["state"] == "valid":
            yield f"{attempt_id} is no final pass and has a valid certificate"
    last = view.book.exchanges[-1]
    if last.path.startswith("/certificates/") and last.ok:
        number = last.path.rpartition("/")[2]
        known = next((row for row in rows.values() if row["number"] == number), None)
        if (last.json["status"] == "valid") is not bool(known and known["state"] == "valid"):
            yield f"{number} was called {last.json['status']}"


@invariant(25, "No full ID number, phone or code in logs, URLs, S3 keys, metrics, exports")
def secrets(view: View) -> Iterator[str]:
    secret = dict(view.book.secrets)
    for _, text in messages():
        secret |= dict.fromkeys(re.findall(r"(?:验证码是|Your code is )(\d{6})", text), "code")
    for person in view.w.people:
        if person.api.page_token:
            secret[person.api.page_token.partition(".")[2]] = "page token"
    words = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in secret))
    for where, text in _everywhere(view):
        for word in set(words.findall(text)) if secret else ():
            yield f"{secret[word]} in {where}"


def _everywhere(view: View) -> Iterator[tuple[str, str]]:
    """Return the texts that others than the person can read and that were not searched before."""
    for name, texts in (
        ("a log line", view.book.lines),
        ("a URL", [entry.path for entry in view.book.exchanges]),
        ("the name of an object", [post.key for post in view.book.posts] + view.w.object_names()),
        ("an operator's answer", [str(run.answer) for run in view.book.runs]),
    ):
        searched = view.w.memory.get(f"searched {name}", 0)
        view.w.memory[f"searched {name}"] = len(texts)
        yield name, "\n".join(texts[searched:])


@invariant(26, "Expired rows are invisible though TTL has not removed them")
def expiry(view: View) -> Iterator[str]:
    captchas = {
        entry.json["captcha_id"]: entry.at
        for entry in view.book.exchanges
        if entry.path == "/captchas" and entry.ok
    }
    good: dict[str, int] = {}  # challenge → until when its code is
    for entry in view.book.exchanges:
        body = entry.body if isinstance(entry.body, dict) else {}
        if entry.path == "/codes" and entry.ok:
            made = captchas.get(body["captcha_id"], 0)
            if entry.at >= made + CAPTCHA_MS:
                yield f"a captcha of {made} was good at {entry.at}"
            good[entry.json["challenge_id"]] = entry.at + CODE_MS
        signs_in = entry.path in {"/sessions", "/accounts"} and entry.method == "POST"
        unknown = entry.status == 404 and entry.json["error"]["code"] == "account_unknown"
        if not signs_in or not (entry.ok or unknown):
            continue
        until = good.get(body["challenge_id"], 0)
        if entry.at >= until:
            yield f"a code that was good until {until} was taken at {entry.at}"
        # It is used up; a code that proved an unregistered phone is still valid for the registration.
        good[body["challenge_id"]] = 0 if entry.ok else entry.at + PROVEN_MS


@invariant(
    27,
    "Every event ends done, or in a dead-letter queue with an alarm; "
    "redriving it any number of times equals once",
)
def events(view: View) -> Iterator[str]:
    for run in view.book.runs:
        if run.repeats and run.error is None:
            yield from _second_effects(view, run)
    if not view.settled:
        return
    for attempt_id, attempt in view.attempts.items():
        entries = sorted(view.rows_of(attempt_id, "EVENT#").items())
        chain = [store.msgspec.convert(row, timeline.TimelineEntry) for _, row in entries]
        if problems := timeline.problems(chain):
            yield f"{attempt_id}: {problems}"
        yield from (f"{attempt_id}: {problem}" for problem in _touched(view, attempt_id))
        if len(chain) != attempt.version:
            yield f"{attempt_id}: {len(chain)} entries of {attempt.version} changes"
        if attempt.status is Status.SUBMITTED and (attempt_id, "RESULT") not in view.rows:
            yield f"{attempt_id} has no stored result"
        yield from _unanswered(view, attempt_id, attempt)


def _touched(view: View, attempt_id: str) -> tuple[Problem, ...]:
    """Return evidence that looks changed. The key of moto's KMS is in this process, so no call checks it."""
    key = kms_backends["123456789012"]["us-east-1"].keys[ENVIRONMENT["EVIDENCE_KEY_ID"]]
    stored = s3_backends["123456789012"]["aws"].buckets[ENVIRONMENT["EVIDENCE_BUCKET"]].keys
    seals = {name: stored[name].value for name in stored if f"/{attempt_id}/" in name}
    rows = {"ATTEMPT": item_from_wire(view.by_attempt[attempt_id][-1].new_wire or {})}
    rows |= view.rows_of(attempt_id, "")

    def holds(link: timeline.TimelineEntry) -> bool:
        digest = hmac.digest(key.key_material, timeline.message(attempt_id, link), "sha256")
        return (link.key, link.mac) == (key.id, base64.b64encode(digest).decode())

    return verify(
        StoredEvidence(
            attempt_id=attempt_id,
            rows=dict(rows),
            graded=None,  # invariant 20 grades it anew
            paper_whole=True,
            without_picture=(),
            slots=frozenset(range(len(watch.moments(view.attempts[attempt_id])))),
            seals=[
                (int(name[-13:-5]), json.loads(data)["hash"])
                for name, data in seals.items()
                if name.startswith("timelines/")
            ],
            signed_since=0,
        ),
        holds,
    ).problems


def _second_effects(view: View, run: Run) -> Iterator[str]:
    for change in view.w.history[run.seen : run.kept]:
        if change.cause != run.number:
            continue
        if change.old and change.new and by_the_clock(change.old, change.new):
            continue
        yield f"{run.function} again wrote {change.attempt_id} {change.sk}"


def _unanswered(view: View, attempt_id: str, attempt: Attempt) -> Iterator[str]:
    """Return pictures that were posted and handled and that have no stored verdict."""
    if attempt.status is Status.SUBMITTED:
        return
    handled = {event.subject for event in view.w.events if event.state == "done"}
    for check, records in view.checks[attempt_id].items():
        keys = {store.upload_key(attempt_id, check)}
        if records[-1].turn is not None:  # a check with a turn waits for its second picture
            keys.add(store.turn_key(attempt_id, check))
        if keys <= handled and records[-1].state in {CheckState.PENDING, CheckState.JUDGING}:
            yield f"{attempt_id}: {check} has its picture and no verdict"


@invariant(
    28,
    "A crash before or after any AWS call of any handler, followed by the usual retries, leads to a "
    "state that can also be reached without the crash",
)
def reachable(view: View) -> Iterator[str]:
    """Check that the fields of each stored attempt fit together. `crashes.py` compares the ends of runs."""
    for attempt_id, attempt in view.attempts.items():
        for wrong in _apart(attempt):
            yield f"{attempt_id} is {attempt.status.value}: {wrong}"
        if (attempt_id, "RESULT") in view.rows and attempt.status is not Status.SUBMITTED:
            yield f"{attempt_id} has a result and is {attempt.status.value}"
    for old, new, change in view.pairs():
        # A save and the mark of a follow-up are no decisions.
        apart = dict.fromkeys(("answers", "acked_seq", "saved_at", "version", "follow_up"), 0)
        same = _by_name(new) | apart == _by_name(old) | apart
        if new.version != old.version + (not same):
            yield f"{change.attempt_id}: version {new.version} follows {old.version}"
    yield from _frozen(view)


def _by_name(attempt: Attempt) -> dict[str, Any]:
    return {name: getattr(attempt, name) for name in Attempt.__struct_fields__}


def _apart(attempt: Attempt) -> Iterator[str]:
    """Return the fields of an attempt that do not fit together."""
    started = attempt.status is not Status.OPENED
    submitted = attempt.status is Status.SUBMITTED
    known = {name: getattr(attempt, name) is not None for name in Attempt.__struct_fields__}
    yield from (n for n in ("started_at", "deadline", "saves_until") if known[n] is not started)
    yield from (n for n in ("submitted_at", "cause") if known[n] is not submitted)
    if submitted and known["pending"]:
        yield "pending"
    if set(map(int, attempt.verdicts)) - set(watch.due_slots(attempt, attempt.deadline or 0)):
        yield "verdicts of frames that were not due"
    if submitted and set(map(str, watch.due_slots(attempt, attempt.submitted_at or 0))) - {
        *attempt.asked,
        *attempt.verdicts,
    }:
        yield "frames that nobody asked for"
    if (attempt.page > 0) is not known["admission"]:
        yield "page and admission"
    yield from _sitting_apart(attempt) if started else ()


def _sitting_apart(attempt: Attempt) -> Iterator[str]:
    """Return the fields of a started attempt that do not fit together."""
    if not attempt.page:
        yield "page"
    if attempt.saves_until != (attempt.deadline or 0) + attempt.policy.deadline_grace_ms:
        yield "saves_until"
    if sorted(map(int, attempt.answers)) != list(range(1, attempt.question_count + 1)):
        yield "answers"
    due = due_bucket(attempt, attempt.saves_until or 0)
    if attempt.status is Status.STARTED and attempt.due_bucket != due:
        yield "due_bucket"


def _frozen(view: View) -> Iterator[str]:
    """Check that nobody with an open attempt changes the identity, and that an exam ends after all its attempts."""
    accounts = {row["account_id"]: row for row in view.w.rows("ACCOUNTS_TABLE") if "locks" in row}
    ends = {row["exam_id"]: row for row in view.w.rows("EXAMS_TABLE") if row["sk"] == "EXAM"}
    for attempt_id, attempt in view.attempts.items():
        if attempt.status is Status.SUBMITTED:
            continue
        locks = accounts.get(attempt.account_id, {}).get("locks", {})
        if locks.get(attempt_id, 0) < attempt.frozen_until:
            yield f"{attempt_id} is open, its person is frozen until {locks.get(attempt_id)}"
        exam = store.msgspec.convert(ends[attempt.exam_id], _exam())
        if exam.ends_at < attempt.last_deadline:
            yield f"{attempt_id} may run until {attempt.last_deadline}, its exam ends {exam.ends_at}"


def _exam() -> Any:
    from chalicelib.exams.model import Exam

    return Exam


@invariant(31, "A person has one sitting of a series at a time")
def one_sitting_at_a_time(view: View) -> Iterator[str]:
    """When a sitting is opened, every other one of the person is submitted, or its entry is over."""
    seen: dict[str, Attempt] = {}
    for change in view.changes:
        new = change.new
        if new is None or new.series is None:
            continue
        if change.old is None and new.round == 1:
            for other in seen.values():
                mine = _series_of(other) == _series_of(new)
                if mine and other.exam_id != new.exam_id and not _is_over(other, new.opened_at):
                    yield f"{new.attempt_id} was opened beside {other.attempt_id}"
        seen[new.attempt_id] = new


def _series_of(attempt: Attempt) -> tuple[str, str]:
    return attempt.series.series_id if attempt.series else "", attempt.identity.person_hash


def _is_over(attempt: Attempt, now: int) -> bool:
    absent = attempt.status is Status.OPENED and now > attempt.entry_until
    return absent or attempt.status is Status.SUBMITTED
