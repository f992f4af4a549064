"""Rules of the snapshots: their secret moments, and what their verdicts add up to. Pure.

What was not seen never counts as good, and what we failed to judge never counts against anybody: both wait for a
human. Source of the rules: requirements.md, 抓拍.
"""

import enum
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
    MISMATCH = "mismatch"  # another person, by both face engines
    UNCERTAIN = "uncertain"  # a face was compared, and it is not surely the same
    SEVERAL = "several"  # several people
    NO_FACE = "no_face"
    UNCLEAR = "unclear"  # cannot be compared: dark, covered, blurred, or no picture at all
    REPLAYED = "replayed"  # a picture that was there before
    MISSING = "missing"  # asked for and never uploaded
    SYSTEM_GAP = "system_gap"  # uploaded and not judged: our fault, never counted


class Replay(enum.Enum):
    """Which picture a replayed frame shows again."""

    ID_PHOTO = ID_PHOTO  # the photo that faces are compared with, or the enrolled one
    OTHER_PERSON = "other_person"  # a picture of another attempt
    EARLIER_FRAME = "earlier_frame"  # an own picture: a check or a frame of this attempt


class IntegrityState(enum.Enum):
    """What the snapshots mean for the result."""

    CLEAR = "clear"
    NOT_WATCHED = "not_watched"  # our fault: too many frames that nobody judged
    FLAGGED = "flagged"  # a human has to look
    INVALIDATED = "invalidated"  # 不合格, provisional until the time to complain is over
    OVERTURNED = (
        "overturned"  # a complaint was upheld: what was held against the candidate counts no more
    )


class IntegrityRule(enum.Enum):
    """What is held against a candidate, the more telling first: of two equally grave ones the first is told."""

    SEVERAL = "several_people"
    MISMATCH = "other_person"
    REPLAYED = "replayed"
    MISSING = "snapshots_missing"
    UNSEEN = "unseen"


class Integrity(msgspec.Struct, frozen=True):
    """The state with its reason: rule, snapshots (slot numbers) and the moment it was found.

    `gaps`: slots that we failed to judge and that no operator has accepted, whatever the state.
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
UNSEEN_BY_US = frozenset({Verdict.SYSTEM_GAP, Verdict.MISSING})  # what was seen later replaces them
MISSING_IN_A_ROW, MISSING_SHARE = 3, Fraction(1, 3)
GAPS_SHARE = Fraction(1, 3)


class Segment(msgspec.Struct, frozen=True):
    """A stretch of exam time with snapshots of its own; extra time granted later adds one."""

    begins_at: int
    ends_at: int


def moments(seed: str, segments: tuple[Segment, ...], policy: Policy) -> tuple[int, ...]:
    """When the snapshots are due, in order; a slot's number is its place, from 0.

    Count and moments follow from the secret seed alone, so they need no storage and nobody who lacks the
    seed can tell them. Each segment draws anew: what was drawn before never moves.
    """
    due: list[int] = []
    for index, segment in enumerate(segments):
        due += _drawn(f"{seed}/{index}", segment, policy)
    return tuple(due)


def _drawn(seed: str, segment: Segment, policy: Policy) -> list[int]:
    length = segment.ends_at - segment.begins_at
    gap = policy.snapshot_gap_s * SECOND_MS
    spread = policy.snapshots_max - policy.snapshots_min + 1
    per_hour = policy.snapshots_min + _number(seed, "count") % spread
    count = min(round(per_hour * length / HOUR_MS), length // gap)
    # n sorted points in what is left after n gaps, each pushed on by the gaps before it (and its own, so
    # that segments keep their distance too): uniform, and never closer than the gap.
    free = length - count * gap
    points = sorted(_number(seed, f"point/{n}") % (free + 1) for n in range(count))
    return [segment.begins_at + point + (n + 1) * gap for n, point in enumerate(points)]


def _number(seed: str, name: str) -> int:
    """Return a number of 64 bits that `seed` draws under this name; attempts keep the seed alone."""
    return int.from_bytes(hmacs.digest(seed.encode(), name)[:8], "big")


class Sights(msgspec.Struct, frozen=True):
    """What the snapshots of one attempt showed, by slot, as far as it is known.

    `replays`: which picture a replayed frame shows. `due`: how many snapshots were due, known once the paper is
    submitted and each has its verdict; until then (`None`) no share can be told. `waived`: the candidate was
    admitted by a human instead of the face check. `excused`: slots that a human has looked at and not found
    guilty, by rule: for that rule they show the candidate.
    """

    verdicts: Mapping[int, Verdict]
    replays: Mapping[int, Replay] = {}
    due: int | None = None
    waived: bool = False
    excused: Mapping[IntegrityRule, frozenset[int]] = {}

    def for_rule(self, rule: IntegrityRule) -> Mapping[int, Verdict]:
        """The verdicts as this rule sees them."""
        excused = self.excused.get(rule, frozenset()) & self.verdicts.keys()
        return {**self.verdicts, **dict.fromkeys(excused, Verdict.MATCH)}


def accusations(sights: Sights, policy: Policy) -> tuple[Integrity, ...]:
    """All that the verdicts say against a candidate: one for each rule that is broken, in the order of the rules.

    A function of the set of verdicts, so late and shuffled ones end alike.

    Sources: the guide's 3 次以上多人画面 (3 included) invalidates; 如核实为非本人 leaves the decision about
    another person to a human; nothing else ever invalidates alone.
    """
    broken = ((rule, tell(sights, policy)) for rule, tell in _RULES.items())
    return tuple(Integrity(_leads_to(rule), rule, slots) for rule, slots in broken if slots)


def _leads_to(rule: IntegrityRule) -> IntegrityState:
    several = rule is IntegrityRule.SEVERAL
    return IntegrityState.INVALIDATED if several else IntegrityState.FLAGGED


def not_watched(gaps: int, due: int | None) -> bool:
    """Whether so many of the due snapshots are our own gaps that nobody can say how the exam went."""
    return bool(due) and gaps > GAPS_SHARE * (due or 0)


def gravest(judgements: Iterable[Integrity]) -> Integrity:
    """What counts of all that was found, once humans have decided about some of it.

    What one rule says is never hidden behind another that a human has cleared or overturned.
    """
    return min(
        judgements, key=lambda judgement: _GRAVITY.index(judgement.state), default=Integrity()
    )


def _several(sights: Sights, policy: Policy) -> tuple[int, ...]:
    several = _slots_of(sights.for_rule(IntegrityRule.SEVERAL), {Verdict.SEVERAL})
    return several if len(several) >= policy.several_limit else ()


def _other_person(sights: Sights, policy: Policy) -> tuple[int, ...]:
    """Enough mismatches anywhere, or a stretch in which hardly a frame is surely the candidate.

    No comparison of faces is held against somebody whose face could not be checked at all.
    """
    if sights.waived:
        return ()
    verdicts = sights.for_rule(IntegrityRule.MISMATCH)
    mismatches = _slots_of(verdicts, {Verdict.MISMATCH})
    if len(mismatches) < policy.mismatch_limit:
        mismatches = ()
    return tuple(sorted({*mismatches, *_doubted(verdicts, sights.due, policy)}))


def _doubted(verdicts: Mapping[int, Verdict], due: int | None, policy: Policy) -> set[int]:
    """The doubtful frames of every window of consecutive compared ones that holds too many of them.

    An exam with fewer snapshots than that is doubted when no compared frame shows the candidate.
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
    """Whether so many of these slots follow each other; one that is not among them breaks the row."""
    members = set(slots)
    return any(all(slot + n in members for n in range(number)) for slot in slots)


def _too_many(slots: Sequence[int], share: Fraction, due: int | None) -> bool:
    """Whether these are more than a share of the due snapshots; exactly the share is not."""
    return due is not None and len(slots) > share * due
