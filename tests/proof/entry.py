"""Invariants 1 to 9: chances and checks, admission, doors, deadline, clock."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import boto3

from chalicelib.attempts.model import Attempt, CheckState, Status, Verification
from chalicelib.shared.clock import MINUTE_MS, SECOND_MS, china_day
from tests.cloud import ENVIRONMENT
from tests.proof.book import Exchange
from tests.proof.invariants import View, invariant

_OPEN = {CheckState.PENDING, CheckState.JUDGING}


def _late(records: list[Verification]) -> bool:
    """Return whether a check was judged after its chance had been given back."""
    return records[-1].state is not CheckState.NOT_RUN and any(r.given_back for r in records)


def _charges(view: View, attempt_id: str, after_start: bool) -> list[list[Verification]]:
    """Return the checks that should have used a chance of this kind."""
    checks = view.checks[attempt_id].values()
    mine = [records for records in checks if records[0].after_start is after_start]
    return [r for r in mine if r[-1].state is not CheckState.NOT_RUN or not r[-1].given_back]


@invariant(
    1,
    "The 11th verification is refused under any parallelism; at most one is pending; "
    "used (pending included) ≤ granted",
)
def chances(view: View) -> Iterator[str]:
    for attempt_id, attempt in view.attempts.items():
        for _, new, _ in view.steps(attempt_id):
            for pool in (new.chances, new.chances_after_start):
                if pool.used > pool.granted:
                    yield f"{attempt_id} used {pool.used} of {pool.granted}"
        for after_start in (False, True):
            pool = attempt.chances_after_start if after_start else attempt.chances
            firm = [r for r in _charges(view, attempt_id, after_start) if not _late(r)]
            if len(firm) > pool.used:
                yield f"{attempt_id}: {len(firm)} checks, {pool.used} chances used"
        if attempt.status is Status.SUBMITTED:
            continue
        checks = view.checks[attempt_id]
        running = [check for check, records in checks.items() if records[-1].state in _OPEN]
        if running != ([attempt.pending.id] if attempt.pending else []):
            yield f"{attempt_id}: {running} are pending"


@invariant(2, "A check that could not run uses no chance")
def checks_that_did_not_run(view: View) -> Iterator[str]:
    for attempt_id, attempt in view.attempts.items():
        for after_start in (False, True):
            pool = attempt.chances_after_start if after_start else attempt.chances
            charges = len(_charges(view, attempt_id, after_start))
            if pool.used > charges:
                yield f"{attempt_id}: {pool.used} chances used by {charges} checks"
        yield from _kept(view, attempt_id, attempt)
        yield from _run(view, attempt_id)


def _kept(view: View, attempt_id: str, attempt: Attempt) -> Iterator[str]:
    """Return the chances that were not given back although the check could not run. At most 30 a day are given back."""
    spent: dict[str, int] = {}
    order = sorted(view.checks[attempt_id].values(), key=lambda r: r[-1].settled_at or 0)
    for records in order:
        check = next((r for r in records if r.state is CheckState.NOT_RUN), None)
        if check is None or check.settled_at is None:
            continue
        ours, day = check.reason == "engine_down", china_day(check.settled_at)
        spent[day] = spent.get(day, 0) + (not ours)
        if not check.given_back and (ours or spent[day] <= attempt.policy.unusable_per_day):
            yield f"{attempt_id}: {check.id} did not run ({check.reason}) and kept its chance"


def _run(view: View, attempt_id: str) -> Iterator[str]:
    """Check that each verdict has a picture that was examined."""
    rows = view.rows_of(attempt_id, "VERIFICATION#")
    for check, records in view.checks[attempt_id].items():
        state = records[-1].state
        if state not in {CheckState.PASSED, CheckState.FAILED}:
            continue
        row = rows.get(check, {})
        outcome = (row.get("verdict") or {}).get("outcome")
        if row.get("unusable") or (outcome == "match") is not (state is CheckState.PASSED):
            yield f"{attempt_id}: {check} is {state.value}, its picture says {row}"
        if state is CheckState.PASSED and records[-1].turn is not None:
            turned = view.rows_of(attempt_id, "TURN#").get(check, {})
            side = records[-1].turn.value
            if turned.get("asked") != side or (turned.get("turned") or {"reason": "-"})["reason"]:
                yield f"{attempt_id}: {check} is passed, its turn to the {side} says {turned}"


def _shown_again(view: View) -> Iterator[str]:
    """Check that a picture is called replayed exactly if it was used before. Of two equal pictures one is."""
    posted: dict[str, set[str]] = {}
    for post in view.book.posts:
        if post.status == 204:
            posted.setdefault(post.sha256, set()).add(post.key)
    for attempt_id in view.by_attempt:
        same: dict[str, list[bool]] = {}
        for name, row in _pictures(view, attempt_id):
            replayed = bool(row.get("replay")) or row.get("verdict") == "replayed"
            if replayed and len(posted.get(row["sha256"], ())) < 2:
                yield f"{attempt_id}: {name} is a picture that nobody has posted before"
            same.setdefault(row["pixels"], []).append(replayed)
        for pixels, told in same.items():
            if len(told) > 1 and not any(told):
                yield f"{attempt_id}: {pixels} was shown {len(told)} times, and nobody noticed"


def _pictures(view: View, attempt_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the findings of checks and frames about pictures that show one usable face."""
    ran = {CheckState.PASSED, CheckState.FAILED}
    for check, row in view.rows_of(attempt_id, "VERIFICATION#").items():
        records = view.checks[attempt_id].get(check)
        if row.get("pixels") and records and records[-1].state in ran:
            yield check, row
    for slot, row in view.rows_of(attempt_id, "SNAPSHOT#").items():
        if row.get("pixels"):
            yield slot, row


@invariant(3, "One upload settles at most one verification")
def one_upload_one_check(view: View) -> Iterator[str]:
    posted = {(post.key, post.sha256) for post in view.book.posts if post.status == 204}
    settled: dict[int | None, set[str]] = {}
    for old, new, change in view.pairs():
        known = {check.id: check.photo_sha256 for check in old.verifications}
        for check in new.verifications:
            if check.photo_sha256 and known.get(check.id) != check.photo_sha256:
                settled.setdefault(change.cause, set()).add(check.id)
                key = f"incoming/verifications/{change.attempt_id}/{check.id}"
                if (key, check.photo_sha256) not in posted:
                    yield f"{check.id} was settled by a picture that was not posted to it"
    for cause, checks in settled.items():
        if len(checks) > 1:
            yield f"act {cause} settled {sorted(checks)}"
    yield from _shown_again(view)


@invariant(4, "Retaking a photo changes nothing")
def retaking(view: View) -> Iterator[str]:
    for attempt_id in view.by_attempt:
        for check, records in view.checks[attempt_id].items():
            judged = [r for r in records if r.state in {CheckState.PASSED, CheckState.FAILED}]
            if any(later != judged[0] for later in judged[1:]) or (
                judged and records[-1] is not judged[-1]
            ):
                yield f"{attempt_id}: {check} was judged again"
    for change in view.w.history:
        if (
            change.sk.startswith(("VERIFICATION#", "TURN#", "SNAPSHOT#"))
            and change.old_wire is not None
        ):
            yield f"{change.attempt_id}: {change.sk} was written again"
    for old, new, change in view.pairs():
        for name in ("chances", "chances_after_start"):
            used = getattr(new, name).used - getattr(old, name).used
            known = {c.id for c in old.verifications} | ({old.pending.id} if old.pending else set())
            begun = new.pending is not None and new.pending.id not in known
            late = {c.id for c in old.verifications if c.given_back} & {
                c.id for c in new.verifications if c.state is not CheckState.NOT_RUN
            }
            if used > 0 and not begun and not late:
                yield f"{change.attempt_id}: a chance was used without 开始核验"


@invariant(5, "A pass admits one page once; a manual pass names its reviewer")
def one_pass_one_page(view: View) -> Iterator[str]:
    for attempt_id in view.by_attempt:
        used: set[str] = set()
        for old, new, _ in view.steps(attempt_id):
            if old is None or new.page == old.page or new.admission is None:
                continue
            by = new.admission.verification_id
            if new.page != old.page + 1:
                yield f"{attempt_id}: page {new.page} follows page {old.page}"
            if not _admits(view, new, by, used):
                yield f"{attempt_id}: page {new.page} was admitted by {by!r}"
            used.add(by)
        pages: dict[int, set[str]] = {}
        for entry in view.exchanges_of.get(attempt_id, ()):
            if entry.what == "POST admission" and entry.ok:
                pages.setdefault(entry.json["page"], set()).add(entry.body["request_id"])
        for page, requests in pages.items():
            if len(requests) > 1:
                yield f"{attempt_id}: page {page} was given to {sorted(requests)}"


def _admits(view: View, attempt: Attempt, by: str, used: set[str]) -> bool:
    """Return whether a passed unused check admits, or a waiver that names its operator."""
    records = view.checks[attempt.attempt_id].get(by)
    if records is not None:
        return by not in used and records[-1].state is CheckState.PASSED
    waiver = attempt.waiver
    return waiver is not None and waiver.case_id == by and bool(waiver.operator and waiver.reason)


@invariant(6, "No paper content before the start, before admission, or to another person")
def paper_content(view: View) -> Iterator[str]:
    questions, hidden = _bank(view)
    for entry in view.fresh("paper content"):
        text = json.dumps(entry.json, ensure_ascii=False)
        if any(words in text for words in hidden):
            yield f"{entry.what} told an explanation"
        if not any(words in text for words in questions):
            continue
        attempt = view.after(entry)
        mine = attempt is not None and view.account_of.get(entry.who) == attempt.account_id
        page = attempt is not None and 0 < entry.page == attempt.page
        running = attempt is not None and attempt.started_at is not None
        if not (mine and page and running and entry.at >= attempt.starts_at):  # type: ignore[union-attr]
            yield f"{entry.what} of {entry.who} showed questions at {entry.at}"


def _bank(view: View) -> tuple[list[str], list[str]]:
    """Return the texts of all stems and all explanations. A bank never changes, so it is read once."""
    known: dict[str, list[Any]] = view.w.memory.setdefault("banks", {})
    for key in view.w.object_names("PAPERS_BUCKET"):
        if key.startswith("banks/") and key not in known:
            bucket = ENVIRONMENT["PAPERS_BUCKET"]
            stored = boto3.client("s3").get_object(Bucket=bucket, Key=key)
            known[key] = json.loads(stored["Body"].read())["questions"]
    questions = [question for bank in known.values() for question in bank]
    hidden = [question["explanation"] for question in questions if question["explanation"]]
    return [text for question in questions for text in _texts(question["stem"])], hidden


def _texts(content: Any) -> list[str]:
    """Return the longer texts of a content in JSON."""
    if isinstance(content, str):
        return [content]
    texts = (inline.get("text", "") for block in content for inline in block.get("inlines", ()))
    return [text for text in texts if len(text) > 8]


@invariant(7, "First entry only in [T0, T0+30 min]; waiting room only in [T0−45 min, T0)")
def doors(view: View) -> Iterator[str]:
    for attempt_id in view.by_attempt:
        for old, new, change in view.steps(attempt_id):
            opens_at = new.starts_at - new.policy.waiting_opens_min * MINUTE_MS
            if old is None:
                if new.round == 1 and not opens_at <= change.at <= new.entry_until:
                    yield f"{attempt_id} was opened at {change.at}"
                continue
            if old.page != new.page and change.at < opens_at:
                yield f"{attempt_id}: page {new.page} came in at {change.at}"
            if old.started_at is None and new.started_at is not None:
                until = _entry_until(view, attempt_id, new)
                if not new.starts_at <= change.at <= until:
                    yield f"{attempt_id} was started at {change.at}, not within {new.starts_at}…{until}"


def _entry_until(view: View, attempt_id: str, attempt: Attempt) -> int:
    """Return when entry closes. It is later for a check that was reserved before that time and judged after it."""
    assert attempt.admission is not None
    records = view.checks[attempt_id].get(attempt.admission.verification_id)
    if records is None or records[-1].reserved_at > attempt.entry_until:
        return attempt.entry_until
    timeout = attempt.policy.verdict_timeout_s * SECOND_MS
    latest = attempt.entry_until + attempt.policy.upload_lease_s * SECOND_MS + 2 * timeout
    settled = records[-1].settled_at or 0
    late = min(settled + timeout, latest) if settled > attempt.entry_until else 0
    return max(attempt.entry_until, late)


@invariant(8, "The deadline never moves earlier")
def deadlines(view: View) -> Iterator[str]:
    for old, new, change in view.pairs():
        for name in ("deadline", "saves_until", "allowed_ms"):
            before, after = getattr(old, name), getattr(new, name)
            if before is not None and (after is None or after < before):
                yield f"{change.attempt_id}: {name} moved from {before} to {after}"
        if new.deadline not in (None, (new.started_at or 0) + new.allowed_ms):
            yield f"{change.attempt_id}: {new.allowed_ms} ms allowed, deadline {new.deadline}"
    for attempt_id, entries in view.exchanges_of.items():
        if not attempt_id:
            continue
        told = sorted((e for e in entries if _deadline(e) is not None), key=lambda e: e.began)
        for earlier, later in itertools.pairwise(told):
            if earlier.ended < later.began and _deadline(later) < _deadline(earlier):
                yield f"{attempt_id} was told {_deadline(earlier)}, then {_deadline(later)}"


def _deadline(entry: Exchange) -> Any:
    return entry.json.get("deadline") if entry.ok and isinstance(entry.json, dict) else None


@invariant(
    9,
    "Client clock, zone and headers change no decision but the length of an absence, "
    "bounded by the server's receipt times",
)
def whose_clock(view: View) -> Iterator[str]:
    for old, new, change in view.pairs():
        for what, moment in _moments(old, new):
            if moment != change.at:
                yield f"{change.attempt_id}: {what} is {moment}, it was {change.at}"
        absence = new.last_absence
        if absence is None or absence == old.last_absence:
            continue
        begun = max(new.started_at or 0, new.admission.at if new.admission else 0)
        if absence.since < begun or absence.since + absence.away_ms > absence.reported_at:
            yield f"{change.attempt_id}: away {absence.away_ms} ms since {absence.since}"
    for entry in view.fresh("whose clock"):
        told = entry.json.get("server_now") if isinstance(entry.json, dict) else None
        if told not in (None, entry.at):
            yield f"{entry.what} told {told} at {entry.at}"


def _moments(old: Attempt, new: Attempt) -> Iterator[tuple[str, int | None]]:
    """Return the times that this change has written. Each must be the time of the change."""
    if new.started_at != old.started_at:
        yield "started_at", new.started_at
    if new.page != old.page and new.admission is not None:
        yield "admission", new.admission.at
    if new.pending is not None and (old.pending is None or old.pending.id != new.pending.id):
        yield "reserved_at", new.pending.reserved_at
    if new.last_absence is not None and new.last_absence != old.last_absence:
        yield "reported_at", new.last_absence.reported_at
    if new.submitted_at != old.submitted_at and new.submitted_at != new.deadline:
        yield "submitted_at", new.submitted_at
    for slot, at in new.asked.items():
        if slot not in old.asked:
            yield f"asked.{slot}", at
