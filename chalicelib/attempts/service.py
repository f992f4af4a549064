"""Use cases of an attempt, each named like its route."""

import hashlib
import hmac
from collections.abc import Callable

import msgspec

from chalicelib.attempts import (
    absences,
    check_in,
    commands,
    following,
    model,
    sitting,
    store,
    timeline,
    watch,
)
from chalicelib.attempts.absences import Report
from chalicelib.attempts.check_in import Finding
from chalicelib.attempts.commands import Command
from chalicelib.attempts.model import Attempt, Cause, Changes, Listed, Status, Step, Verification
from chalicelib.attempts.sitting import Batch
from chalicelib.exams import paper
from chalicelib.exams import service as exams
from chalicelib.exams.model import Exam, Order, OrderKind
from chalicelib.identity import service as identity
from chalicelib.identity.model import Outcome
from chalicelib.proctoring import judging
from chalicelib.proctoring.model import IntegrityState, Verdict
from chalicelib.shared import ids, log
from chalicelib.shared.clock import MINUTE_MS, SECOND_MS
from chalicelib.shared.errors import Conflict, NotFound, Refused
from chalicelib.shared.objects import UploadTicket
from chalicelib.shared.secrets import keyed_hash

_TRIES = 3  # a lost race is decided again this often (docs/data.md)
_SWEEP_MINUTES = 240  # at most per run; the cursor remembers the rest

Rule = Callable[[Attempt], Changes]


class Page(msgspec.Struct, frozen=True):
    """The page token of an admission and its number; kept in page memory only."""

    token: str
    number: int


class SnapshotTicket(msgspec.Struct, frozen=True):
    """A request for the frame nearest to `frame_at` (server time, already past)."""

    snapshot_id: str
    frame_at: int
    upload: UploadTicket


class Result(msgspec.Struct, frozen=True):
    """A submitted attempt with its score."""

    attempt: Attempt
    score: paper.Score


# --- the way every command goes -------------------------------------------------------------------------


def _load(attempt_id: str, account_id: str | None) -> Attempt:
    """The attempt, if it is this account's (`None`: our own events). Raises `NotFound`."""
    attempt = store.load_attempt(attempt_id)
    if attempt is None or account_id not in (None, attempt.account_id):
        raise NotFound("not_found")
    return attempt


def _decide(attempt_id: str, account_id: str | None, now: int, rule: Rule) -> Attempt:
    """Read, decide, write once. What the clock has decided meanwhile is written first."""
    for _ in range(_TRIES):
        attempt = _load(attempt_id, account_id)
        try:
            attempt = _caught_up(attempt, now)
            changes = rule(attempt)
            return store.apply_changes(attempt, changes) if changes else attempt
        except store.LostRace:
            continue
    raise Conflict("busy")


def _caught_up(attempt: Attempt, now: int) -> Attempt:
    """Close what is overdue, give back a chance whose picture never came: no schedule is needed for it."""
    if changes := sitting.close_overdue(attempt, now):
        return store.apply_changes(attempt, changes)
    if attempt.pending is not None and check_in.lapsed(attempt, now):
        key = store.upload_key(attempt.attempt_id, attempt.pending.id)
        changes = check_in.settle_lapsed(attempt, store.upload_exists(key), now)
        return store.apply_changes(attempt, changes) if changes else attempt
    if slots := watch.lapsed_slots(attempt, now):
        there = {slot: store.upload_exists(_snapshot_key(attempt, slot)) for slot in slots}
        changes = watch.settle_lapsed(attempt, there, now)
        return store.apply_changes(attempt, changes) if changes else attempt
    return attempt


# --- opening and check-in -------------------------------------------------------------------------------


def open_attempt(*, exam_id: str, account_id: str, session_version: int, now: int) -> Attempt:
    """Open my attempt at an exam, or find it: its id is a function of exam, account and round.

    Raises `NotFound`, `NotSignedIn`, `Refused` (`not_admitted_to_exam`), `Conflict`
    (`waiting_room_not_open`, `entry_closed`, `identity_incomplete`).
    """
    attempt_id = "at_" + keyed_hash("attempt", exam_id, account_id, 1)[:28]
    known = store.load_attempt(attempt_id)
    if known is not None:
        return _caught_up_or_retry(known, now)
    exam = exams.get_exam(exam_id)
    if now < exam.waiting_opens_at:
        raise Conflict("waiting_room_not_open", opens_at=exam.waiting_opens_at)
    if now > exam.entry_until:
        raise Conflict("entry_closed", closed_at=exam.entry_until)
    person = identity.get_person(account_id=account_id, session_version=session_version)
    identity.require_complete(person)
    role = person.profile.role.value if person.profile.role else ""
    allowed_ms = exams.allowed_time(exam, role=role, person_hash=person.person_hash)
    frozen = identity.freeze(
        account_id=account_id, attempt_id=attempt_id, until=exam.ends_at, now=now
    )
    policy = exam.policy
    return store.put_attempt(
        Attempt(
            attempt_id=attempt_id,
            account_id=account_id,
            exam_id=exam_id,
            round=1,
            version=1,
            status=Status.OPENED,
            opened_at=now,
            starts_at=exam.starts_at,
            entry_until=exam.entry_until,
            allowed_ms=allowed_ms,
            policy=policy,
            paper_version=exam.paper_version,
            paper_seed=ids.new_id("", 26),
            snapshot_seed=ids.new_id("", 26),
            question_count=exam.question_count,
            identity=frozen,
            chances=model.Chances(policy.verification_chances),
            chances_after_start=model.Chances(policy.verification_chances_after_start),
            orders=tuple(order.command_id for order in exam.orders),
        )
    )


def _caught_up_or_retry(attempt: Attempt, now: int) -> Attempt:
    try:
        return _caught_up(attempt, now)
    except store.LostRace:
        return _decide(attempt.attempt_id, attempt.account_id, now, lambda _: {})


def get_attempt(*, attempt_id: str, account_id: str, now: int) -> Attempt:
    """My attempt as it stands now. Raises `NotFound`."""
    return _decide(attempt_id, account_id, now, lambda _: {})


def list_attempts(*, account_id: str, now: int) -> list[Attempt]:
    """My attempts, newest first."""
    ids_of_mine = store.list_attempt_ids(account_id)
    return [get_attempt(attempt_id=a, account_id=account_id, now=now) for a in ids_of_mine]


def take_step(*, attempt_id: str, account_id: str, step: Step, now: int) -> Attempt:
    """Do one step of the check-in. Raises `Conflict`."""
    return _decide(attempt_id, account_id, now, lambda a: check_in.take_step(a, step))


def reserve_verification(
    *, attempt_id: str, account_id: str, request_id: str, now: int
) -> tuple[Attempt, Verification, UploadTicket | None]:
    """开始核验: a chance and an upload ticket (None when this request was settled already).

    The verification's id is a function of the request's, so that a repeat finds its own reservation.
    Raises `Conflict`, `TooMany`.
    """
    verification_id = "vf_" + keyed_hash("verification", attempt_id, request_id)[:28]
    attempt = _decide(
        attempt_id,
        account_id,
        now,
        lambda a: check_in.reserve_verification(a, verification_id, now),
    )
    check = attempt.find_verification(verification_id)
    assert check is not None  # the rule either put it there or refused
    left_s = (check.upload_until - now) // SECOND_MS
    if attempt.pending is None or attempt.pending.id != verification_id or left_s <= 0:
        return attempt, check, None
    key = store.upload_key(attempt_id, verification_id)
    return attempt, check, store.upload_ticket(key, left_s, now)


def get_verification(
    *, attempt_id: str, account_id: str, verification_id: str, now: int
) -> tuple[Attempt, Verification]:
    """A verification and how it stands. Raises `NotFound`."""
    attempt = get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    check = attempt.find_verification(verification_id)
    if check is None:
        raise NotFound("not_found")
    return attempt, check


def judge_verification(*, key: str, version_id: str | None, now: Callable[[], int]) -> None:
    """Judge an uploaded picture and settle its check. May be called twice, late, or for nothing.

    `now` is asked again after judging, which takes a while.
    """
    attempt_id, verification_id = key.removeprefix(f"{store.UPLOADS}/").split("/")
    attempt = store.load_attempt(attempt_id)
    check = attempt.find_verification(verification_id) if attempt else None
    if attempt is None or check is None or check.photo_sha256:
        return
    stored = store.read_upload(key, version_id)
    if stored is None:
        return
    finding = _judge(attempt, stored.data)
    settled = _decide(
        attempt_id,
        None,
        now(),
        lambda a: check_in.settle_verification(a, verification_id, finding, now()),
    )
    after = settled.find_verification(verification_id)
    log.event(
        "verification_judged",
        attempt=attempt_id,
        verification=verification_id,
        state=after.state.value if after else None,
        reason=after.reason if after else None,
        distance=finding.distance,
    )


def _judge(attempt: Attempt, data: bytes) -> Finding:
    digest = hashlib.sha256(data).hexdigest()
    comparison = identity.compare_face(
        account_id=attempt.account_id, photo_id=attempt.identity.photo_id, data=data
    )
    verdict = comparison.verdict
    if verdict is None:
        return Finding(matched=False, unusable=comparison.unusable, photo_sha256=digest)
    return Finding(
        matched=verdict.outcome is Outcome.MATCH,
        uncertain=verdict.outcome is Outcome.UNCERTAIN,
        distance=verdict.distance,
        photo_sha256=digest,
    )


# --- waiting room and exam ------------------------------------------------------------------------------


def admit(*, attempt_id: str, account_id: str, request_id: str, now: int) -> tuple[Attempt, Page]:
    """进入考场: use the passed check up and hand out the page token.

    Raises `Conflict`, also when this coming back was the switch that submitted the paper.
    """
    attempt = _decide(attempt_id, account_id, now, lambda a: check_in.admit(a, request_id, now))
    model.refuse_submitted(attempt)
    token = f"{attempt.page}.{_page_hash(attempt_id, account_id, attempt.page)}"
    return attempt, Page(token, attempt.page)


def _page_hash(attempt_id: str, account_id: str, number: int) -> str:
    return keyed_hash("page", attempt_id, account_id, number)


def page_number(*, attempt_id: str, account_id: str, token: str) -> int:
    """The number of an admitted page, without any read. Raises `Refused`: `page_token_invalid`."""
    number, _, given = token.partition(".")
    if not number.isascii() or not number.isdecimal() or len(number) > 6:
        raise Refused("page_token_invalid", next_step="notice")
    expected = _page_hash(attempt_id, account_id, int(number))
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise Refused("page_token_invalid", next_step="notice")
    return int(number)


def start_attempt(*, attempt_id: str, account_id: str, page: int, now: int) -> Attempt:
    """开始考试. Raises `Conflict`."""
    return _decide(attempt_id, account_id, now, lambda a: sitting.start(a, page, now))


def get_paper(
    *, attempt_id: str, account_id: str, page: int, now: int
) -> tuple[Attempt, tuple[paper.ShownSection, ...]]:
    """The questions without keys, to the admitted page of a started attempt only. Raises `Conflict`."""
    attempt = get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    if attempt.status is Status.SUBMITTED:
        raise Conflict("attempt_submitted", next_step="result")
    model.check_page(attempt, page)
    if attempt.status is Status.OPENED:
        raise Conflict("exam_not_started", starts_at=attempt.starts_at)
    drawn = exams.draw_paper(attempt.exam_id, attempt.paper_version, attempt.paper_seed)
    return attempt, paper.show_paper(drawn)


def save_answers(*, attempt_id: str, account_id: str, page: int, batch: Batch, now: int) -> Attempt:
    """Save a batch: one write, no read. What it acknowledges is in the graded paper.

    Raises `Invalid`, `NotFound`, `Conflict`.
    """
    answers = sitting.normal_answers(batch)
    try:
        return store.save_answers(attempt_id, account_id, page, batch, answers, now)
    except store.NotSaved as refused:
        attempt = refused.attempt
    if attempt is None or attempt.account_id != account_id:
        raise NotFound("not_found")
    if attempt.overdue(now):
        _decide(attempt_id, account_id, now, lambda _: {})
    sitting.why_not_saved(attempt, page, batch, now)
    return attempt


def beat(
    *,
    attempt_id: str,
    account_id: str,
    page: int,
    batch: Batch | None,
    reports: tuple[Report, ...],
    now: int,
) -> tuple[Attempt, list[SnapshotTicket]]:
    """Heartbeat of waiting room and exam: one read when there is nothing new.

    It carries answers and absences, and brings tickets for snapshots whose moment is past; also for a while
    after the submission. Raises `Conflict` (`superseded`, …), and what saving and reporting raise.
    """
    if batch is not None and not reports:
        attempt = save_answers(
            attempt_id=attempt_id, account_id=account_id, page=page, batch=batch, now=now
        )
        if not watch.ask(attempt, now):
            return attempt, _snapshot_tickets(attempt, now)

    def rule(attempt: Attempt) -> Changes:
        model.check_page(attempt, page)
        changes: Changes = {}
        if reports:
            changes = absences.report_absences(attempt, page, reports, batch, now)
        return changes if "status" in changes else {**changes, **watch.ask(attempt, now)}

    attempt = _decide(attempt_id, account_id, now, rule)
    return attempt, _snapshot_tickets(attempt, now)


def report_absences(
    *,
    attempt_id: str,
    account_id: str,
    page: int,
    reports: tuple[Report, ...],
    batch: Batch | None,
    now: int,
) -> Attempt:
    """切屏: record absences, with the answers of the same moment. Raises `Conflict`, `Invalid`."""
    return _decide(
        attempt_id,
        account_id,
        now,
        lambda a: absences.report_absences(a, page, reports, batch, now),
    )


def _snapshot_tickets(attempt: Attempt, now: int) -> list[SnapshotTicket]:
    """Tickets that can be used now: each asks for the frame nearest to a moment already past."""
    moments = watch.moments(attempt)
    tickets = []
    for slot in watch.open_slots(attempt, now)[: watch.MAX_TICKETS]:
        key = _snapshot_key(attempt, slot)
        upload = store.upload_ticket(key, attempt.policy.snapshot_grace_s, now)
        tickets.append(SnapshotTicket(key.rsplit("/", 1)[-1], moments[slot], upload))
    return tickets


def _snapshot_key(attempt: Attempt, slot: int) -> str:
    """Looks random, and is found again without being stored."""
    ticket_id = "sn_" + keyed_hash("snapshot", attempt.attempt_id, slot)[:28]
    return store.snapshot_key(attempt.attempt_id, ticket_id)


def submit_attempt(
    *, attempt_id: str, account_id: str, page: int, batch: Batch | None, now: int
) -> Result:
    """提交试卷 and the score at once, computed from the very item that the closing write returned.

    Raises `Invalid`, `Conflict`.
    """
    attempt = _decide(attempt_id, account_id, now, lambda a: sitting.submit(a, page, batch, now))
    return Result(attempt, score(attempt))


def get_result(*, attempt_id: str, account_id: str, now: int) -> Result:
    """The result of my submitted attempt. Raises `Conflict`: `not_submitted`."""
    attempt = get_attempt(attempt_id=attempt_id, account_id=account_id, now=now)
    if attempt.status is not Status.SUBMITTED:
        raise Conflict("not_submitted", next_step=attempt.next_step(now))
    return Result(attempt, score(attempt))


def is_final(attempt: Attempt) -> bool:
    """Whether a submitted attempt has nothing open: every snapshot judged, nothing held against it."""
    return watch.settled(attempt) and attempt.integrity.state is IntegrityState.CLEAR


def score(attempt: Attempt) -> paper.Score:
    """Score = f(acknowledged answers, paper version, key): recomputed from scratch it is the same."""
    return exams.score(
        exam_id=attempt.exam_id,
        paper_version=attempt.paper_version,
        seed=attempt.paper_seed,
        answers=attempt.answers,
        policy=attempt.policy,
    )


# --- operators ------------------------------------------------------------------------------------------


def grant_chances(*, attempt_id: str, command: Command, count: int, now: int) -> Attempt:
    """Give more verification chances. Raises `Conflict`, `NotFound`."""
    return _decide(attempt_id, None, now, lambda a: commands.grant_chances(a, command, count, now))


def extend_time(*, attempt_id: str, command: Command, extra_ms: int, now: int) -> Attempt:
    """Give one candidate more time. Raises `Conflict`, `NotFound`."""
    return _decide(attempt_id, None, now, lambda a: commands.extend_time(a, command, extra_ms, now))


def confirm_flag(*, attempt_id: str, command: Command, confirmed: bool, now: int) -> Attempt:
    """Decide a flag. Raises `Conflict`, `NotFound`."""
    return _decide(
        attempt_id, None, now, lambda a: commands.confirm_flag(a, command, confirmed, now)
    )


# --- orders for everybody who sits an exam --------------------------------------------------------------


class Followed(msgspec.Struct, frozen=True):
    """How the attempts of an exam stand towards an order.

    `followed` counts those that follow it, by now or before, and rounds re-opened after the decision.
    `already_closed` lists those that the deadline submitted at the moment of the decision or after it,
    `already_started` those that keep their start though the exam was moved, `failed` those for which the
    same command has to be given again.
    """

    exam: Exam
    followed: int = 0
    closed_before: int = 0
    already_closed: tuple[str, ...] = ()
    already_started: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def compensate_exam(*, exam_id: str, order: Order, version_seen: int, now: int) -> Followed:
    """Give everybody more time: those who write, those who wait, and those who open their attempt later.

    The same command again completes what was left undone and gives nobody time twice. Raises `NotFound`,
    `Conflict` (`exam_changed`, `too_many_orders`).
    """
    exam = exams.give_order(exam_id=exam_id, order=order, version_seen=version_seen, now=now)
    return _follow_all(exam, order.command_id, now)


def reschedule_exam(*, exam_id: str, order: Order, version_seen: int, now: int) -> Followed:
    """Move the start of an exam that nobody has started; opened attempts follow.

    The same command again completes what was left undone. Raises `NotFound`, `Conflict` (`exam_changed`,
    `exam_started`, `starts_in_the_past`, `too_many_orders`).
    """
    exam = exams.get_exam(exam_id)
    if exam.find_order(order.command_id) is None:
        _refuse_started(exam, now)
        exam = exams.give_order(exam_id=exam_id, order=order, version_seen=version_seen, now=now)
    return _follow_all(exam, order.command_id, now)


def _refuse_started(exam: Exam, now: int) -> None:
    """Before the bell nobody can have started; after it everybody is looked at."""
    if now >= exam.starts_at and any(map(_has_started, store.list_of_exam(exam.exam_id))):
        raise Conflict("exam_started", starts_at=exam.starts_at)


def _has_started(row: Listed) -> bool:
    if row.submitted_at is not None:
        return True
    attempt = store.load_attempt(row.attempt_id)
    return attempt is not None and attempt.status is not Status.OPENED


def follow_orders(*, now: int) -> int:
    """Let attempts follow that were opened in the moment of an order, or that a crash left behind.

    Called by the schedule; returns how many exams were seen through.
    """
    done = 0
    for exam in exams.list_unsettled(now=now):
        # Who follows the newest order follows all of them.
        if not _follow_all(exam, exam.orders[-1].command_id, now).failed:
            exams.settle_orders(exam_id=exam.exam_id, now=now)
            done += 1
    return done


def _follow_all(exam: Exam, command_id: str, now: int) -> Followed:
    """Let each attempt follow; one that fails does not keep the others waiting."""
    order = exam.find_order(command_id)
    assert order is not None  # it was given, or found
    groups: dict[str, list[str]] = {}
    for row in store.list_of_exam(exam.exam_id):
        groups.setdefault(_follow(row, exam, order, now), []).append(row.attempt_id)
    return Followed(
        exam,
        followed=len(groups.get("followed", ())),
        closed_before=len(groups.get("closed_before", ())),
        already_closed=tuple(groups.get("already_closed", ())),
        already_started=tuple(groups.get("already_started", ())),
        failed=tuple(groups.get("failed", ())),
    )


def _follow(row: Listed, exam: Exam, order: Order, now: int) -> str:
    """Let one attempt follow all orders of its exam; returns the field of `Followed` that it belongs to."""
    try:
        if order.command_id not in row.orders and row.submitted_at is None:
            row = _followed(row.attempt_id, exam, now)
    except Exception as error:  # whatever is wrong with this one, the others must follow
        log.crash(error, attempt=row.attempt_id)
        return "failed"
    if order.command_id in row.orders:
        return "followed"
    if row.submitted_at is None:
        return "already_started" if order.kind is OrderKind.RESCHEDULE else "followed"
    late = row.cause is Cause.DEADLINE and row.submitted_at >= order.at
    return "already_closed" if late else "closed_before"


def _followed(attempt_id: str, exam: Exam, now: int) -> Listed:
    """The identity stays frozen for as long as the attempt may run; then the attempt follows."""
    attempt = _load(attempt_id, None)
    until = max(exam.ends_at, attempt.last_deadline + exam.compensated_ms)
    identity.freeze(account_id=attempt.account_id, attempt_id=attempt_id, until=until, now=now)
    after = _decide(attempt_id, None, now, lambda a: following.follow(a, exam.orders, now))
    if after.status is Status.SUBMITTED:
        identity.unfreeze(account_id=after.account_id, attempt_id=attempt_id)
    return Listed(attempt_id, after.orders, after.submitted_at, after.cause)


# --- events ---------------------------------------------------------------------------------------------


def judge_snapshot(*, key: str, version_id: str | None, now: Callable[[], int]) -> None:
    """Judge an uploaded frame: keep its bytes as evidence, its findings, and its verdict in the attempt.

    May be called twice, late, or for nothing. The findings are written once, before the verdict; whoever
    comes second takes the verdict from them, so both always agree.
    """
    attempt_id = key.removeprefix(f"{store.SNAPSHOTS}/").split("/")[0]
    attempt = store.load_attempt(attempt_id)
    if attempt is None:
        return
    slots = [slot for slot in map(int, attempt.asked) if _snapshot_key(attempt, slot) == key]
    if not slots or str(slots[0]) in attempt.verdicts:
        return
    [slot] = slots
    stored = store.read_upload(key, version_id)
    if stored is None:
        return
    findings = judging.judge_frame(
        account_id=attempt.account_id, photo_id=attempt.identity.photo_id, data=stored.data
    )
    digest = hashlib.sha256(stored.data).hexdigest()
    store.write_evidence(attempt_id, digest, stored.data)
    row = {**msgspec.to_builtins(findings), "sha256": digest, "judged_at": now()}
    row["moment"] = watch.moments(attempt)[slot]
    verdict = Verdict(store.put_snapshot(attempt_id, slot, row)["verdict"])
    _decide(attempt_id, None, now(), lambda a: watch.record(a, {slot: verdict}))
    log.event("snapshot_judged", attempt=attempt_id, verdict=verdict.value)


def record_change(*, old: Attempt | None, new: Attempt, at: int) -> None:
    """Follow a change of an attempt: its timeline first, then what a submission brings.

    Called by the stream, in order per attempt, perhaps twice.
    """
    if old is None or new.version != old.version:
        newest = store.newest_entry(new.attempt_id)
        if newest is None or newest.version < new.version:
            previous = newest.hash if newest else timeline.FIRST
            told = timeline.facts(old, new)
            store.put_entry(new.attempt_id, timeline.entry(new.version, at, told, previous))
    if new.status is Status.SUBMITTED and (old is None or old.status is not Status.SUBMITTED):
        record_submission(attempt=new)


def get_timeline(*, attempt_id: str) -> tuple[list[timeline.Entry], list[str]]:
    """The evidence timeline and what is wrong with its chain (nothing, unless somebody touched it)."""
    entries = store.list_timeline(attempt_id)
    return entries, timeline.problems(entries)


def record_submission(*, attempt: Attempt) -> None:
    """After a submission was written: keep its score, let the person edit their profile again.

    Called by the stream, so perhaps twice; both writes happen once.
    """
    graded = score(attempt)
    stored = {
        "points": graded.points,
        "out_of": graded.out_of,
        "passed": graded.passed,
        "paper_version": attempt.paper_version,
        "submitted_at": attempt.submitted_at,
        "cause": attempt.cause.value if attempt.cause else "",
    }
    store.put_result(attempt.attempt_id, stored)
    identity.unfreeze(account_id=attempt.account_id, attempt_id=attempt.attempt_id)


def close_overdue_attempts(*, now: int) -> int:
    """Close every attempt whose time is over; one that fails does not keep the others waiting.

    Returns how many were looked at. Skipped hours are caught up, `_SWEEP_MINUTES` minutes a run.
    """
    this_minute = now // MINUTE_MS
    first = store.load_cursor()
    first = this_minute - 1 if first is None else min(first, this_minute)
    last = min(this_minute, first + _SWEEP_MINUTES)
    unfinished: list[int] = []
    count = 0
    for minute in range(first, last + 1):
        for bucket in model.due_buckets(minute):
            for attempt_id in store.list_due(bucket):
                count += 1
                if not _close(attempt_id, now):
                    unfinished.append(minute)
    # The index is eventually consistent: look at the last minute once more next time.
    store.save_cursor(min([*unfinished, last]))
    return count


def _close(attempt_id: str, now: int) -> bool:
    try:
        _decide(attempt_id, None, now, lambda _: {})
    except Exception as error:  # whatever is wrong with this one, the others must be closed
        log.crash(error, attempt=attempt_id)
        return False
    return True
