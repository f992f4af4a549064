"""Rules of the snapshots of one attempt: asking for frames, settling them. Pure.

A slot goes: due → asked (a ticket is handed out, again and again until it is used) → exactly one verdict.
Nothing of this but the ticket of a moment already past ever reaches a page.
"""

from collections.abc import Mapping

import msgspec

from chalicelib.attempts.model import Attempt, Changes, Status, due_bucket
from chalicelib.proctoring import model as proctoring
from chalicelib.proctoring.model import Integrity, Verdict
from chalicelib.shared.clock import SECOND_MS

MAX_ASKED = 3  # at once: a page that was offline delivers what it kept bit by bit


def moments(attempt: Attempt) -> tuple[int, ...]:
    """When the snapshots of this attempt are due; the place in it is the slot's number."""
    return proctoring.moments(attempt.snapshot_seed, attempt.segments, attempt.policy)


def due_slots(attempt: Attempt, now: int) -> list[int]:
    """Slots whose moment is past, up to the submission."""
    end = now if attempt.submitted_at is None else min(now, attempt.submitted_at)
    return [slot for slot, moment in enumerate(moments(attempt)) if moment <= end]


def ask(attempt: Attempt, now: int, *, most: int = MAX_ASKED) -> Changes:
    """Ask for the frames of due slots that were never asked for, the oldest first."""
    if attempt.status is Status.OPENED:
        return {}
    fresh = [slot for slot in due_slots(attempt, now) if str(slot) not in attempt.asked]
    return {f"asked.{slot}": now for slot in fresh[:most]}


def open_slots(attempt: Attempt, now: int) -> list[int]:
    """Slots whose ticket can still be used: asked for, no verdict, within the grace."""
    return [slot for slot, asked_at in _unsettled(attempt) if now < _lapses_at(attempt, asked_at)]


def lapsed_slots(attempt: Attempt, now: int) -> list[int]:
    """Slots whose grace is over without a verdict, so that somebody has to look for the picture."""
    return [slot for slot, asked_at in _unsettled(attempt) if now >= _lapses_at(attempt, asked_at)]


def _unsettled(attempt: Attempt) -> list[tuple[int, int]]:
    pairs = ((int(slot), asked_at) for slot, asked_at in attempt.asked.items())
    return sorted(pair for pair in pairs if str(pair[0]) not in attempt.verdicts)


def _lapses_at(attempt: Attempt, asked_at: int) -> int:
    return asked_at + attempt.policy.snapshot_grace_s * SECOND_MS


def _gives_up_at(attempt: Attempt, slot: int) -> int:
    timeout_ms = attempt.policy.verdict_timeout_s * SECOND_MS
    return _lapses_at(attempt, attempt.asked[str(slot)]) + timeout_ms


def settle_lapsed(attempt: Attempt, there: Mapping[int, bool], now: int) -> Changes:
    """Verdicts for lapsed slots: never uploaded → missing; uploaded and never judged → our own gap.

    `there` tells for each lapsed slot whether its picture was uploaded. One that is there still has
    `verdict_timeout_s` to be judged; a submitted attempt then becomes due again.
    """
    verdicts = {slot: Verdict.MISSING for slot, uploaded in there.items() if not uploaded}
    waiting = [slot for slot, uploaded in there.items() if uploaded]
    verdicts |= {s: Verdict.SYSTEM_GAP for s in waiting if now >= _gives_up_at(attempt, s)}
    changes = record(attempt, verdicts)
    later = [_gives_up_at(attempt, slot) for slot in waiting if slot not in verdicts]
    if later and attempt.submitted_at is not None:
        bucket = due_bucket(attempt.attempt_id, max(later))
        if bucket != attempt.due_bucket:
            changes["due_bucket"] = bucket
    return changes


def record(attempt: Attempt, verdicts: Mapping[int, Verdict]) -> Changes:
    """Record verdicts of asked slots; a slot that has one keeps it. What they add up to is told with them."""
    known = {slot for slot, _ in _unsettled(attempt)}
    fresh = {slot: verdict for slot, verdict in verdicts.items() if slot in known}
    if not fresh:
        return {}
    changes: Changes = {f"verdicts.{slot}": verdict for slot, verdict in fresh.items()}
    after = msgspec.structs.replace(
        attempt, verdicts={**attempt.verdicts, **{str(s): v for s, v in fresh.items()}}
    )
    if settled(after):
        changes["due_bucket"] = None
    return {**changes, "integrity": integrity(after)}


def integrity(attempt: Attempt) -> Integrity:
    """What the verdicts add up to, with what humans have decided about it, each about one rule.

    The share of missing ones is told once all are settled.
    """
    verdicts = {int(slot): verdict for slot, verdict in attempt.verdicts.items()}
    due = len(verdicts) if settled(attempt) else None
    waived = attempt.waiver is not None
    found = proctoring.accusations(verdicts, policy=attempt.policy, due=due, waived=waived)
    return proctoring.gravest(_decided(attempt, one) for one in found)


def _decided(attempt: Attempt, found: Integrity) -> Integrity:
    decision = attempt.decision_about(found.rule)
    return msgspec.structs.replace(found, state=decision.state) if decision else found


def settled(attempt: Attempt) -> bool:
    """Whether the paper is submitted and each due snapshot has its verdict: nothing will change any more."""
    if attempt.submitted_at is None:
        return False
    slots = due_slots(attempt, attempt.submitted_at)
    return all(str(slot) in attempt.verdicts for slot in slots)
