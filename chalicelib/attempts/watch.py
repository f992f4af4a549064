"""Rules of the snapshots of one attempt: asking for frames, settling them. Pure.

A slot is first due and offered: the page gets a ticket, which follows from seed and moment, so nothing is written. If
it has no verdict after `OFFERED_MS`, the page is asked for it: this is written, because the grace begins now. Then it
gets one verdict. The verdicts `missing` and `system_gap` may still be replaced by a later judgement. A page never
learns the time of a snapshot before it is past.
"""

from collections.abc import Mapping

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.attempts.model import Attempt, LiveAttempt, Status
from chalicelib.attempts.shards import due_bucket
from chalicelib.kernel.outcomes import Outcome, Outcomes, outcome_of
from chalicelib.proctoring import model as proctoring
from chalicelib.proctoring.model import (
    Integrity,
    IntegrityRule,
    IntegrityState,
    Replay,
    Sights,
    Verdict,
)
from chalicelib.shared.clock import SECOND_MS

MAX_ASKED = 3  # at once: a page that was offline uploads its frames in small groups
# Three heartbeats of an exam: a page that is there has sent its frame by then, and the frame is judged.
OFFERED_MS = 90 * SECOND_MS


@outcome_of(Attempt)
class FramesAsked(Outcome, frozen=True):
    """The page is asked for late frames. `asked`: slot → when it was asked for (UTC ms), of all slots, old and new."""

    asked: dict[str, int]


@outcome_of(Attempt)
class SnapshotsJudged(Outcome, frozen=True):
    """Snapshots have their verdicts: all verdicts, old and new, and what they add up to."""

    verdicts: dict[str, Verdict]
    integrity: Integrity
    replays: dict[str, Replay] | UnsetType = UNSET


@outcome_of(Attempt)
class Settled(Outcome, frozen=True):
    """The paper is submitted and each due snapshot has its verdict: the schedule has nothing left to do."""

    due_bucket: None = None


@outcome_of(Attempt)
class Deferred(Outcome, frozen=True):
    """Some pictures of a submitted attempt are not judged yet: the schedule looks again at this time."""

    due_bucket: str


def moments(attempt: LiveAttempt) -> tuple[int, ...]:
    """Return when the snapshots of this attempt are due (UTC ms). The place in the tuple is the slot."""
    return proctoring.moments(attempt.snapshot_seed, attempt.segments, attempt.policy)


def due_slots(attempt: LiveAttempt, now: int) -> list[int]:
    """Return the slots whose time is past, up to the submission."""
    end = now if attempt.submitted_at is None else min(now, attempt.submitted_at)
    return [slot for slot, moment in enumerate(moments(attempt)) if moment <= end]


def ask(attempt: LiveAttempt, now: int) -> Outcomes:
    """Ask for due frames that were offered for `OFFERED_MS` and have no verdict, the oldest first, a few at once."""
    if attempt.status is Status.OPENED:
        return ()
    due = moments(attempt)
    late = [slot for slot in _unasked(attempt, now) if now >= due[slot] + OFFERED_MS]
    return _asked(attempt, late[:MAX_ASKED], now)


def ask_for_all(attempt: LiveAttempt, now: int) -> Outcomes:
    """Ask for all due frames without a verdict that were not asked for before. Used at the submission."""
    return _asked(attempt, _unasked(attempt, now), now)


def _asked(attempt: LiveAttempt, slots: list[int], now: int) -> Outcomes:
    if not slots:
        return ()
    return (FramesAsked(asked={**attempt.asked, **{str(slot): now for slot in slots}}),)


def _unasked(attempt: LiveAttempt, now: int) -> list[int]:
    """Return the due slots without a verdict that no write has asked for."""
    known = attempt.asked.keys() | attempt.verdicts.keys()
    return [slot for slot in due_slots(attempt, now) if str(slot) not in known]


def open_slots(attempt: LiveAttempt, now: int) -> list[int]:
    """Return the slots whose ticket can be used now: offered, or asked for and within the grace; without a verdict."""
    asked = [slot for slot, asked_at in _unsettled(attempt) if now < _lapses_at(attempt, asked_at)]
    if attempt.status is not Status.STARTED:
        return asked
    due = moments(attempt)
    offered = [slot for slot in _unasked(attempt, now) if now < due[slot] + OFFERED_MS]
    return sorted((*asked, *offered))


def lapsed_slots(attempt: Attempt, now: int) -> list[int]:
    """Return the slots without a verdict whose grace is over."""
    return [slot for slot, asked_at in _unsettled(attempt) if now >= _lapses_at(attempt, asked_at)]


def _unsettled(attempt: LiveAttempt) -> list[tuple[int, int]]:
    pairs = ((int(slot), asked_at) for slot, asked_at in attempt.asked.items())
    return sorted(pair for pair in pairs if str(pair[0]) not in attempt.verdicts)


def _lapses_at(attempt: LiveAttempt, asked_at: int) -> int:
    return asked_at + attempt.policy.snapshot_grace_s * SECOND_MS


def _gives_up_at(attempt: Attempt, slot: int) -> int:
    timeout_ms = attempt.policy.verdict_timeout_s * SECOND_MS
    return _lapses_at(attempt, attempt.asked[str(slot)]) + timeout_ms


def settle_lapsed(attempt: Attempt, uploads: Mapping[int, bool], now: int) -> Outcomes:
    """Give lapsed slots a verdict: never uploaded → missing; uploaded and never judged → our own gap.

    `uploads` says for each lapsed slot whether its picture was uploaded. A picture that is there has another
    `verdict_timeout_s` to be judged; a submitted attempt becomes due again after that time. A later judgement
    replaces either verdict.
    """
    verdicts = {slot: Verdict.MISSING for slot, uploaded in uploads.items() if not uploaded}
    waiting = [slot for slot, uploaded in uploads.items() if uploaded]
    verdicts |= {s: Verdict.SYSTEM_GAP for s in waiting if now >= _gives_up_at(attempt, s)}
    outcomes = record(attempt, verdicts)
    later = [_gives_up_at(attempt, slot) for slot in waiting if slot not in verdicts]
    if later and attempt.submitted_at is not None:
        bucket = due_bucket(attempt, max(later))
        if bucket != attempt.due_bucket:
            return (*outcomes, Deferred(due_bucket=bucket))
    return outcomes


def awaits_verdict(attempt: Attempt, slot: int) -> bool:
    """Whether a picture of this slot still has to be judged: the slot is one of the exam, and none was judged so far.

    The clock is not asked: nobody knows where to upload a frame before it is offered.
    """
    verdict = attempt.verdicts.get(str(slot))
    return slot in slots(attempt) and (verdict is None or verdict in proctoring.UNSEEN_BY_US)


def slots(attempt: Attempt) -> set[int]:
    """Return all slots of the exam up to the submission, and those that were asked for."""
    end = attempt.submitted_at
    drawn = (slot for slot, at in enumerate(moments(attempt)) if end is None or at <= end)
    return {*drawn, *map(int, attempt.asked)}


def record(
    attempt: Attempt, verdicts: Mapping[int, Verdict], replays: Mapping[int, Replay] | None = None
) -> Outcomes:
    """Record verdicts of slots of the exam, and which pictures replayed ones show.

    A slot that was seen keeps its verdict. A slot that was not seen (`missing`, `system_gap`) takes what is seen
    later, however late. The integrity that follows from all verdicts is part of the outcome.
    """
    fresh = {
        slot: verdict for slot, verdict in verdicts.items() if _replaces(attempt, slot, verdict)
    }
    if not fresh:
        return ()
    shown = {str(slot): shown for slot, shown in (replays or {}).items() if slot in fresh}
    after = msgspec.structs.replace(
        attempt,
        verdicts={**attempt.verdicts, **{str(s): v for s, v in fresh.items()}},
        replays={**attempt.replays, **shown},
    )
    judged = SnapshotsJudged(
        verdicts=after.verdicts,
        integrity=integrity(after),
        replays=after.replays if shown else UNSET,
    )
    return (judged, Settled()) if settled(after) else (judged,)


def _replaces(attempt: Attempt, slot: int, verdict: Verdict) -> bool:
    if not awaits_verdict(attempt, slot):
        return False
    return str(slot) not in attempt.verdicts or verdict not in proctoring.UNSEEN_BY_US


def integrity(attempt: Attempt) -> Integrity:
    """Return what the verdicts and the decisions of operators mean for the result.

    Rules about shares of the due snapshots apply once all are settled. In a practice nothing is held against anybody.
    """
    if attempt.policy.is_practice:
        return Integrity()
    gaps = unaccepted_gaps(attempt)
    judged = [*broken_rules(attempt), *_unwatched(gaps, _sights(attempt).due)]
    return msgspec.structs.replace(proctoring.gravest(judged), gaps=gaps)


def _unwatched(gaps: tuple[int, ...], due: int | None) -> list[Integrity]:
    if not proctoring.not_watched(len(gaps), due):
        return []
    return [Integrity(IntegrityState.NOT_WATCHED)]


def unaccepted_gaps(attempt: Attempt) -> tuple[int, ...]:
    """Return the slots that we failed to judge and that no operator has accepted."""
    gaps = {int(s) for s, v in attempt.verdicts.items() if v is Verdict.SYSTEM_GAP}
    return tuple(sorted(gaps - set(attempt.accepted_gaps)))


def slots_of_rule(attempt: Attempt, rule: IntegrityRule) -> tuple[int, ...]:
    """Return the slots that break this rule now. Decisions of operators do not count here."""
    accusations = proctoring.accusations(_sights(attempt), attempt.policy)
    return next((one.slots for one in accusations if one.rule is rule), ())


def _sights(attempt: Attempt) -> Sights:
    verdicts = {int(slot): verdict for slot, verdict in attempt.verdicts.items()}
    return Sights(
        verdicts,
        replays={int(slot): shown for slot, shown in attempt.replays.items()},
        due=len(verdicts) if settled(attempt) else None,
        waived=attempt.waiver is not None,
    )


def broken_rules(attempt: Attempt) -> list[Integrity]:
    """Return each broken rule with the operator's decision about it, in the order of the rules.

    A cleared rule stays cleared for the frames that the operator looked at. Enough other frames break it again.
    """
    sights, policy = _sights(attempt), attempt.policy
    excused = {
        decision.rule: frozenset(decision.slots)
        for decision in attempt.decisions
        if decision.slots is not None and decision.state is not IntegrityState.INVALIDATED
    }
    excused_sights = msgspec.structs.replace(sights, excused=excused)
    anew = {one.rule: one for one in proctoring.accusations(excused_sights, policy)}
    accusations = []
    for one in proctoring.accusations(sights, policy):
        fresh = anew.get(one.rule)
        decision = attempt.decision_about(one.rule)
        if decision is None or (fresh is not None and one.rule in excused):
            accusations.append(fresh or one)
        else:
            accusations.append(msgspec.structs.replace(one, state=decision.state))
    return accusations


def settled(attempt: Attempt) -> bool:
    """Whether the paper is submitted and each due snapshot has its verdict: the schedule has nothing left to do."""
    if attempt.submitted_at is None:
        return False
    slots = due_slots(attempt, attempt.submitted_at)
    return all(str(slot) in attempt.verdicts for slot in slots)
