"""Rules of the snapshots: when they are due, and what their verdicts mean for the result. Pure.

A snapshot that shows nobody never counts as good. A snapshot that we failed to judge never counts against the
candidate. In both cases a human decides. Source of the rules: requirements.md, 抓拍.
"""

import enum
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

import msgspec

from chalicelib.exams.model import Policy
from chalicelib.identity.sameness import ID_PHOTO
from chalicelib.shared import hmacs
from chalicelib.shared.clock import HOUR_MS, SECOND_MS


class Verdict(enum.Enum):
    """What one snapshot showed."""

    MATCH = "match"
    MISMATCH = "mismatch"  # both face engines say that it is another person
    UNCERTAIN = "uncertain"  # a face was compared; it may be the same person or not
    SEVERAL = "several"  # several people
    NO_FACE = "no_face"
    UNCLEAR = "unclear"  # cannot be compared: dark, covered, blurred, or no picture file
    REPLAYED = "replayed"  # shows an earlier picture again
    MISSING = "missing"  # the page was asked for it and never uploaded it
    SYSTEM_GAP = "system_gap"  # uploaded and not judged: our fault, it never counts


class Replay(enum.Enum):
    """Which picture a replayed frame shows again."""

    ID_PHOTO = ID_PHOTO  # the photo that faces are compared with, or the enrolled ID photo
    OTHER_PERSON = "other_person"  # a picture of another attempt
    EARLIER_FRAME = "earlier_frame"  # a picture of the same person: of a check or a frame


class IntegrityState(enum.Enum):
    """What the snapshots mean for the result."""

    CLEAR = "clear"
    NOT_WATCHED = "not_watched"  # our fault: we failed to judge too many frames
    FLAGGED = "flagged"  # a human has to decide
    INVALIDATED = "invalidated"  # 不合格, provisional until the time to complain is over
    OVERTURNED = "overturned"  # a complaint was upheld: the broken rule no longer counts


class IntegrityRule(enum.Enum):
    """The rules that a candidate can break. Of two equally grave ones the first in this order is reported."""

    SEVERAL = "several_people"
    MISMATCH = "other_person"
    REPLAYED = "replayed"
    MISSING = "snapshots_missing"
    UNSEEN = "unseen"


class Integrity(msgspec.Struct, frozen=True):
    """The state with its reason: the broken rule, and the slots of the snapshots that broke it.

    `gaps`: slots that we failed to judge and that no operator has accepted. They are set in every state.
    """

    state: IntegrityState = IntegrityState.CLEAR
    rule: IntegrityRule | None = None
    slots: tuple[int, ...] = ()
    gaps: tuple[int, ...] = ()


_GRAVITY = (
    IntegrityState.INVALIDATED,
    IntegrityState.FLAGGED,
    IntegrityState.NOT_WATCHED,
    IntegrityState.OVERTURNED,
    IntegrityState.CLEAR,
)
COMPARED = frozenset({Verdict.MATCH, Verdict.MISMATCH, Verdict.UNCERTAIN})
UNUSABLE = frozenset({Verdict.NO_FACE, Verdict.UNCLEAR, Verdict.MISSING})
UNSEEN_BY_US = frozenset({Verdict.SYSTEM_GAP, Verdict.MISSING})  # a later judgement replaces them
MISSING_IN_A_ROW, MISSING_SHARE = 3, Fraction(1, 3)
GAPS_SHARE = Fraction(1, 3)


class Segment(msgspec.Struct, frozen=True):
    """A part of the exam time with its own snapshots, from `begins_at` to `ends_at` (UTC ms). Extra time adds one."""

    begins_at: int
    ends_at: int


def moments(seed: str, segments: tuple[Segment, ...], policy: Policy) -> tuple[int, ...]:
    """Return the times at which the snapshots are due (UTC ms), in order. The place in the tuple is the slot, from 0.

    Number and times follow from the secret seed, so they are not stored, and nobody can know them without the seed.
    Each segment is drawn separately, so a new segment does not move the earlier snapshots.
    """
    rates = (policy.snapshots_min, policy.snapshots_max, policy.snapshot_gap_s * SECOND_MS)
    return _moments(seed, segments, rates)


_Rates = tuple[int, int, int]  # fewest and most in an hour, and the gap between two (ms)
KEPT_MOMENTS = 1_000  # attempts whose moments a process keeps, some kB each: a request asks for them several times


@functools.lru_cache(maxsize=KEPT_MOMENTS)
def _moments(seed: str, segments: tuple[Segment, ...], rates: _Rates) -> tuple[int, ...]:
    due: list[int] = []
    for index, segment in enumerate(segments):
        due += _drawn(f"{seed}/{index}", segment, rates)
    return tuple(due)


def _drawn(seed: str, segment: Segment, rates: _Rates) -> list[int]:
    length = segment.ends_at - segment.begins_at
    fewest, most, gap = rates
    per_hour = fewest + _number(seed, "count") % (most - fewest + 1)
    count = min(round(per_hour * length / HOUR_MS), length // gap)
    # Draw n points in the time that is left after n gaps, sort them, and move point i by i + 1 gaps. The points are
    # uniform, never closer than the gap, and the first keeps its distance from the segment before.
    free = length - count * gap
    points = sorted(_number(seed, f"point/{n}") % (free + 1) for n in range(count))
    return [segment.begins_at + point + (n + 1) * gap for n, point in enumerate(points)]


def _number(seed: str, name: str) -> int:
    """Return a number of 64 bits that follows from `seed` and this name."""
    return int.from_bytes(hmacs.digest(seed.encode(), name)[:8], "big")


class Sights(msgspec.Struct, frozen=True):
    """The verdicts of the snapshots of one attempt so far, by slot.

    `replays`: which picture a replayed frame shows. `due`: how many snapshots were due; None until the paper is
    submitted and each snapshot has its verdict, and until then no share is computed. `waived`: a human admitted the
    candidate without the face check. `excused`: by rule, the slots that a human has looked at and cleared. For that
    rule they count as a match.
    """

    verdicts: Mapping[int, Verdict]
    replays: Mapping[int, Replay] = {}
    due: int | None = None
    waived: bool = False
    excused: Mapping[IntegrityRule, frozenset[int]] = {}

    def for_rule(self, rule: IntegrityRule) -> Mapping[int, Verdict]:
        """Return the verdicts for this rule: its excused slots count as a match."""
        excused = self.excused.get(rule, frozenset()) & self.verdicts.keys()
        return {**self.verdicts, **dict.fromkeys(excused, Verdict.MATCH)}


def accusations(sights: Sights, policy: Policy) -> tuple[Integrity, ...]:
    """Return one `Integrity` for each broken rule, in the order of the rules.

    It depends on the set of verdicts only, so the order in which they come does not matter.

    Sources: the guide's 3 次以上多人画面 (3 included) invalidates the result. 如核实为非本人 leaves the decision about
    another person to a human. No other rule invalidates a result without a human.
    """
    broken = ((rule, tell(sights, policy)) for rule, tell in _RULES.items())
    return tuple(Integrity(_leads_to(rule), rule, slots) for rule, slots in broken if slots)


def _leads_to(rule: IntegrityRule) -> IntegrityState:
    several = rule is IntegrityRule.SEVERAL
    return IntegrityState.INVALIDATED if several else IntegrityState.FLAGGED


def not_watched(gaps: int, due: int | None) -> bool:
    """Whether we failed to judge more than `GAPS_SHARE` of the due snapshots. False while `due` is None."""
    return bool(due) and gaps > GAPS_SHARE * (due or 0)


def gravest(judgements: Iterable[Integrity]) -> Integrity:
    """Return the gravest of these judgements, the first of equally grave ones; `CLEAR` when there are none.

    So a rule that a human has cleared or overturned never hides another broken rule.
    """
    return min(
        judgements, key=lambda judgement: _GRAVITY.index(judgement.state), default=Integrity()
    )


def _several(sights: Sights, policy: Policy) -> tuple[int, ...]:
    several = _slots_of(sights.for_rule(IntegrityRule.SEVERAL), {Verdict.SEVERAL})
    return several if len(several) >= policy.several_limit else ()


def _other_person(sights: Sights, policy: Policy) -> tuple[int, ...]:
    """Return the slots of enough mismatches, and of windows with too many doubtful frames.

    It returns nothing when the face check was waived: that person's face cannot be compared.
    """
    if sights.waived:
        return ()
    verdicts = sights.for_rule(IntegrityRule.MISMATCH)
    mismatches = _slots_of(verdicts, {Verdict.MISMATCH})
    if len(mismatches) < policy.mismatch_limit:
        mismatches = ()
    return tuple(sorted({*mismatches, *_doubted(verdicts, sights.due, policy)}))


def _doubted(verdicts: Mapping[int, Verdict], due: int | None, policy: Policy) -> set[int]:
    """Return the doubtful frames of each window of consecutive compared frames that holds too many of them.

    In an exam with fewer snapshots than `doubt_in_window`, all of them have to be doubtful.
    """
    enough = policy.doubt_in_window if due is None else min(policy.doubt_in_window, due)
    compared = _slots_of(verdicts, COMPARED)
    doubted: set[int] = set()
    for first in range(len(compared)):
        window = compared[first : first + policy.doubt_window]
        doubtful = [slot for slot in window if verdicts[slot] is not Verdict.MATCH]
        if len(doubtful) >= enough:
            doubted.update(doubtful)
    return doubted


def _replayed(sights: Sights, policy: Policy) -> tuple[int, ...]:
    slots = _slots_of(sights.for_rule(IntegrityRule.REPLAYED), {Verdict.REPLAYED})
    own = tuple(s for s in slots if sights.replays.get(s) is Replay.EARLIER_FRAME)
    others = len(slots) - len(own)
    broken = others >= policy.replayed_limit or len(own) >= policy.replayed_own_limit
    return slots if broken else ()


def _missing(sights: Sights, policy: Policy) -> tuple[int, ...]:
    verdicts = sights.for_rule(IntegrityRule.MISSING)
    missing = _slots_of(verdicts, {Verdict.MISSING})
    broken = _in_a_row(missing, MISSING_IN_A_ROW) or _too_many(missing, MISSING_SHARE, sights.due)
    return missing if broken else ()


def _unseen(sights: Sights, policy: Policy) -> tuple[int, ...]:
    unseen = _slots_of(sights.for_rule(IntegrityRule.UNSEEN), UNUSABLE)
    in_a_row = _in_a_row(unseen, policy.unseen_in_a_row)
    return unseen if in_a_row or _too_many(unseen, policy.most_unseen, sights.due) else ()


_RULES: Mapping[IntegrityRule, Callable[[Sights, Policy], tuple[int, ...]]] = {
    IntegrityRule.SEVERAL: _several,
    IntegrityRule.MISMATCH: _other_person,
    IntegrityRule.REPLAYED: _replayed,
    IntegrityRule.MISSING: _missing,
    IntegrityRule.UNSEEN: _unseen,
}


def _slots_of(
    verdicts: Mapping[int, Verdict], wanted: frozenset[Verdict] | set[Verdict]
) -> tuple[int, ...]:
    return tuple(sorted(slot for slot, verdict in verdicts.items() if verdict in wanted))


def _in_a_row(slots: Sequence[int], number: int) -> bool:
    """Whether `number` of these slots follow each other without a slot between them that is not among them."""
    members = set(slots)
    return any(all(slot + n in members for n in range(number)) for slot in slots)


def _too_many(slots: Sequence[int], share: Fraction, due: int | None) -> bool:
    """Whether these are more than this share of the due snapshots. Exactly the share is not too many."""
    return due is not None and len(slots) > share * due
