"""What follows from events: uploads, the stream, the minute. Each may come twice, late, or in vain."""

import hashlib
from collections.abc import Callable

import msgspec

from chalicelib.attempts import check_in, model, store, timeline, watch
from chalicelib.attempts.check_in import Finding
from chalicelib.attempts.deciding import decide, score
from chalicelib.attempts.model import Attempt, Status
from chalicelib.identity import service as identity
from chalicelib.identity.model import Outcome
from chalicelib.proctoring import judging
from chalicelib.proctoring.model import Verdict
from chalicelib.shared import log
from chalicelib.shared.clock import MINUTE_MS

_SWEEP_MINUTES = 240  # at most per run; the cursor remembers the rest


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
    settled = decide(
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


def judge_snapshot(*, key: str, version_id: str | None, now: Callable[[], int]) -> None:
    """Judge an uploaded frame: keep its bytes as evidence, its findings, and its verdict in the attempt.

    May be called twice, late, or for nothing. The findings are written once, before the verdict; whoever
    comes second takes the verdict from them, so both always agree.
    """
    attempt_id = key.removeprefix(f"{store.SNAPSHOTS}/").split("/")[0]
    attempt = store.load_attempt(attempt_id)
    if attempt is None:
        return
    slots = [
        slot
        for slot in map(int, attempt.asked)
        if store.snapshot_key(attempt.attempt_id, slot) == key
    ]
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
    decide(attempt_id, None, now(), lambda a: watch.record(a, {slot: verdict}))
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
        decide(attempt_id, None, now, lambda _: {})
    except Exception as error:  # whatever is wrong with this one, the others must be closed
        log.crash(error, attempt=attempt_id)
        return False
    return True
