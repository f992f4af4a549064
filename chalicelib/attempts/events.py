"""Use cases of events: uploads, changes from the stream, the schedule. Each event may come twice, late or too often."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from chalicelib.attempts import (
    check_in,
    index_store,
    model,
    practising,
    second_picture,
    shards,
    store,
    uploaded_pictures,
    watch,
)
from chalicelib.attempts.check_in import CheckFinding
from chalicelib.attempts.deciding import decide, graded
from chalicelib.attempts.items import of_check, of_frame
from chalicelib.attempts.model import Attempt, Status
from chalicelib.identity import service as identity
from chalicelib.kernel.faults import is_our_fault
from chalicelib.proctoring import judging
from chalicelib.proctoring.model import IntegrityState, Replay, Verdict
from chalicelib.shared import log
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.shared.errors import NotFound
from chalicelib.shared.objects import StoredObject
from chalicelib.shared.time_slices import TimeSlice

_SWEEP_MINUTES = 240  # at most in one run; the next run continues at the cursor
AT_ONCE = (
    8  # attempts that the sweep closes side by side; each of them is one read and one or two writes
)


def judge_verification(*, key: str, version_id: str | None, now: Callable[[], int]) -> None:
    """Judge an uploaded picture and settle its check. It may be called twice, late, or for a check that is gone.

    `now` returns the time (UTC ms). It is called again after judging, which takes a while.
    """
    attempt_id, verification_id, of_turn = store.verification_of(key)
    attempt = store.load_attempt(attempt_id)
    check = attempt.find_verification(verification_id) if attempt else None
    if attempt is None or check is None or check.photo_sha256:
        return
    stored = store.read_upload(key, version_id)
    if stored is None:
        return
    finding = None if of_turn else _judge(attempt, verification_id, stored, now)
    if check.turn is not None:
        turned = stored.data if of_turn else None
        finding = second_picture.judge_both(attempt_id, check, finding, turned, now)
    if finding is None:
        return
    judged = finding
    settled = decide(
        attempt_id,
        None,
        now(),
        lambda a: check_in.settle_verification(a, verification_id, judged, now()),
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


def _judge(
    attempt: Attempt, verification_id: str, stored: StoredObject, now: Callable[[], int]
) -> CheckFinding:
    """Return what the picture shows. Findings are written once, before the verdict; a second event reads them."""
    event = of_check(verification_id)
    compared = uploaded_pictures.compare(attempt, event, stored.data, now=now(), in_exam=False)
    comparison, digest = compared.comparison, compared.sha256
    if is_our_fault(comparison.unusable):  # nothing to keep: the check could not run
        return CheckFinding(matched=False, unusable=comparison.unusable, photo_sha256=digest)
    row = compared.row(comparison, now(), version_id=stored.version_id)
    return second_picture.finding_of(
        store.put_verification(attempt.attempt_id, verification_id, row)
    )


def judge_snapshot(*, key: str, version_id: str | None, now: Callable[[], int]) -> None:
    """Judge an uploaded frame: store its bytes as evidence, its findings, and its verdict in the attempt.

    It may be called twice, late, or for an attempt that is gone. A slot with the verdict `missing` or `system_gap`
    takes the late verdict. The findings are written once, before the verdict, and a repeated event reads them.
    """
    attempt_id = key.removeprefix(f"{store.SNAPSHOTS}/").split("/")[0]
    attempt = store.load_attempt(attempt_id)
    if attempt is None:
        return
    slot = _slot_of(attempt, key)
    if slot is None or not watch.awaits_verdict(attempt, slot):
        return
    stored = store.read_upload(key, version_id)
    if stored is None:
        return
    event = of_frame(slot)
    compared = uploaded_pictures.compare(attempt, event, stored.data, now=now(), in_exam=True)
    findings = judging.judge_frame(compared.comparison)
    store.write_evidence(attempt_id, compared.sha256, stored.data)
    row = compared.row(findings, now(), moment=watch.moments(attempt)[slot])
    stored_row = store.put_snapshot(attempt_id, slot, row)
    verdict = Verdict(stored_row["verdict"])
    replays = {slot: Replay(stored_row["reason"])} if verdict is Verdict.REPLAYED else {}
    decide(attempt_id, None, now(), lambda a: watch.record(a, {slot: verdict}, replays))
    log.event("snapshot_judged", attempt=attempt_id, verdict=verdict.value)


def _slot_of(attempt: Attempt, key: str) -> int | None:
    """Return the slot whose frame is uploaded to this key; None for a key of no slot."""
    known = sorted(watch.slots(attempt))
    return next((s for s in known if store.snapshot_key(attempt.attempt_id, s) == key), None)


def follow_change(old: Attempt | None, new: Attempt) -> None:
    """Do what follows from a change of an attempt: store its score, hold its evidence, unfreeze its person.

    Of a practice the account is marked, and nothing else follows. `old`: None when the attempt was opened. It may be
    called twice, late, or out of order. Raises `Unavailable`.
    """
    if new.policy.is_practice:
        _note_practice(old, new)
        return
    if new.status is Status.SUBMITTED and (old is None or _other_score(old, new)):
        record_score(attempt=new)
    if _accused_anew(old, new):
        store.hold_evidence(new.attempt_id)
    if watch.settled(new) and (old is None or not watch.settled(old)):
        # Not yet at the submission: late frames are still compared with the photo of this person.
        identity.unfreeze(account_id=new.account_id, attempt_id=new.attempt_id)


def _note_practice(old: Attempt | None, new: Attempt) -> None:
    """Mark the account when the practice was opened, ended, or has found something more."""
    before, after = practising.mark(old) if old else None, practising.mark(new)
    if before is None or (before.findings, before.ended_at) != (after.findings, after.ended_at):
        identity.note_practice(account_id=new.account_id, mark=after)


def _accused_anew(old: Attempt | None, new: Attempt) -> bool:
    """Whether the attempt is flagged or invalidated, and its integrity or its verdicts have changed."""
    if new.integrity.state not in (IntegrityState.FLAGGED, IntegrityState.INVALIDATED):
        return False
    return old is None or (old.integrity, old.verdicts) != (new.integrity, new.verdicts)


def _other_score(old: Attempt, new: Attempt) -> bool:
    return (old.status, old.key_version) != (new.status, new.key_version)


def record_score(*, attempt: Attempt) -> None:
    """Store the score of a submitted attempt, once for each key version. It may be called twice or late."""
    stored = {**graded(attempt), "version": attempt.version}
    store.put_result(attempt.attempt_id, stored)


def close_overdue_attempts(*, now: Callable[[], int], time_slice: TimeSlice | None = None) -> int:
    """Close all attempts whose time is over, and settle open slots of closed ones. Returns how many were tried.

    Some are closed side by side. An attempt that cannot be closed does not stop the others. It is noted in a row of its
    own, each later run tries it again after all others, and the metric `AttemptsNotClosed` counts it. The cursor always
    moves on; after an outage a run catches up `_SWEEP_MINUTES` minutes. A run takes no new attempt after its time
    slice. Closed attempts are no longer due, so the next run continues where this one stopped.
    """
    sweep = _Sweep(now, store.list_unclosed(), time_slice or TimeSlice())
    this_minute = now() // MINUTE_MS
    cursor = store.load_cursor()
    first = this_minute - 1 if cursor is None else min(cursor, this_minute)
    last = min(this_minute, first + _SWEEP_MINUTES)
    for minute in range(first, last + 1):
        if not sweep.close_due(minute):
            last = minute
            break
    # The index is eventually consistent, so the next run reads the last minute again.
    store.save_cursor(last)
    sweep.try_again()
    if sweep.unclosed:
        log.metric("AttemptsNotClosed", len(sweep.unclosed), attempts=sorted(sweep.unclosed)[:20])
    return sweep.count


class _Sweep:
    """One run of the sweep: its time slice, how many attempts it has tried, and which it could not close."""

    def __init__(
        self, now: Callable[[], int], tried_at: dict[str, int], time_slice: TimeSlice
    ) -> None:
        self.now, self.time_slice = now, time_slice
        self.tried_at = tried_at  # not closed by earlier runs → when it was tried last (UTC ms)
        self.unclosed = set(tried_at)
        self.shards = index_store.most_shards()
        self.count = 0

    def close_due(self, minute: int) -> bool:
        """Close the attempts that are due in this minute. Returns False when the time slice was over before."""
        for bucket in shards.due_buckets(minute, self.shards):
            due = [one for one in index_store.list_due(bucket) if one not in self.unclosed]
            if not self._close_all(due):
                return False
        return True

    def try_again(self) -> None:
        """Try the attempts again that earlier runs could not close, the longest untried first."""
        self._close_all(sorted(self.tried_at, key=self.tried_at.__getitem__))

    def _close_all(self, attempt_ids: list[str]) -> bool:
        """Close these attempts, a few side by side. Returns False when the time slice was over before."""
        for first in range(0, len(attempt_ids), AT_ONCE):
            if self.time_slice.is_over():
                return False
            group = attempt_ids[first : first + AT_ONCE]
            for attempt_id, closed in zip(group, _closed_together(group, self.now()), strict=True):
                self._note(attempt_id, closed)
        return True

    def _note(self, attempt_id: str, closed: bool) -> None:
        self.count += 1
        if not closed:
            # Written before the cursor moves on, so that no due attempt is forgotten.
            store.remember_unclosed(attempt_id, self.now())
            self.unclosed.add(attempt_id)
        elif attempt_id in self.unclosed:
            store.forget_unclosed(attempt_id)
            self.unclosed.discard(attempt_id)


def _closed_together(attempt_ids: list[str], now: int) -> list[bool]:
    """Close what is due of these attempts; returns of each whether nothing is due any more.

    Nearly all the time of one is spent waiting for DynamoDB, so several wait at the same time.
    """
    if len(attempt_ids) == 1:
        return [_closed(attempt_ids[0], now)]
    with ThreadPoolExecutor(len(attempt_ids)) as threads:
        return list(threads.map(_closed, attempt_ids, itertools.repeat(now)))


def _closed(attempt_id: str, now: int) -> bool:
    """Close what is due of this attempt. Returns whether nothing is due any more."""
    try:
        attempt = decide(attempt_id, None, now, lambda _: ())
    except NotFound:  # the index may be behind the table
        return True
    except Exception as error:  # an error of one attempt must not stop the others
        log.crash(error, attempt=attempt_id)
        return False
    return not model.due(attempt, now)
