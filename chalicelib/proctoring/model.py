"""Rules of the snapshots: their secret moments, and what their verdicts add up to. Pure."""

import enum
import hashlib
import hmac
from collections.abc import Iterable, Mapping

import msgspec

from chalicelib.exams.model import Policy
from chalicelib.shared.clock import HOUR_MS, SECOND_MS


class Verdict(enum.Enum):
    """What one snapshot showed."""

    MATCH = "match"
    MISMATCH = "mismatch"
    SEVERAL = "several"  # several people
    NO_FACE = "no_face"
    UNCLEAR = "unclear"  # dark, covered, blurred, or too close to the threshold
    MISSING = "missing"  # asked for and never uploaded
    SYSTEM_GAP = "system_gap"  # our fault: never counted


class IntegrityState(enum.Enum):
    """What the snapshots mean for the result."""

    CLEAR = "clear"
    FLAGGED = "flagged"  # a human has to look
    INVALIDATED = "invalidated"  # 不合格, provisional until the time to complain is over
    OVERTURNED = (
        "overturned"  # a complaint was upheld: what was held against the candidate counts no more
    )


class IntegrityRule(enum.Enum):
    """Why."""

    SEVERAL = "several_people"
    MISMATCH = "other_person"
    MISSING = "snapshots_missing"


class Integrity(msgspec.Struct, frozen=True):
    """The state with its reason: rule, snapshots (slot numbers) and the moment it was found."""

    state: IntegrityState = IntegrityState.CLEAR
    rule: IntegrityRule | None = None
    slots: tuple[int, ...] = ()


_GRAVITY = (
    IntegrityState.INVALIDATED,
    IntegrityState.FLAGGED,
    IntegrityState.OVERTURNED,
    IntegrityState.CLEAR,
)
USABLE = frozenset({Verdict.MATCH, Verdict.MISMATCH})
MISMATCH_WINDOW, MISMATCHES_IN_IT = 3, 2  # 2 of 3 consecutive usable frames make one incident
MISSING_IN_A_ROW = 3


class Segment(msgspec.Struct, frozen=True):
    """A stretch of exam time with snapshots of its own; extra time granted later adds one."""

    begins_at: int
    ends_at: int


def moments(seed: str, segments: tuple[Segment, ...], policy: Policy) -> tuple[int, ...]:
    """When the snapshots are due, in order; a slot's number is its place, from 0.

    Count and moments follow from the secret seed alone, so they need no storage and nobody who lacks the
    seed can tell them. Each segment draws anew: what was drawn before never moves.
    """
    found: list[int] = []
    for index, segment in enumerate(segments):
        found += _drawn(f"{seed}/{index}", segment, policy)
    return tuple(found)


def _drawn(seed: str, segment: Segment, policy: Policy) -> list[int]:
    length = segment.ends_at - segment.begins_at
    gap = policy.snapshot_gap_s * SECOND_MS
    spread = policy.snapshots_max - policy.snapshots_min + 1
    per_hour = policy.snapshots_min + _number(seed, "count") % spread
    count = min(round(per_hour * length / HOUR_MS), length // gap)
    # n sorted points in what is left after n gaps, each pushed on by the gaps before it (and its own, so
    # that segments keep their distance too): uniform, and never closer than the gap.
    free = length - count * gap
    points = sorted(_number(seed, "point", n) % (free + 1) for n in range(count))
    return [segment.begins_at + point + (n + 1) * gap for n, point in enumerate(points)]


def _number(seed: str, *parts: str | int) -> int:
    message = "/".join(map(str, parts)).encode()
    return int.from_bytes(hmac.digest(seed.encode(), message, hashlib.sha256)[:8], "big")


def accusations(
    verdicts: Mapping[int, Verdict], *, policy: Policy, due: int | None, waived: bool
) -> tuple[Integrity, ...]:
    """All that the verdicts say against a candidate, the gravest first, one for each rule that is broken.

    A function of the set, so late and shuffled verdicts end alike. `due` is the number of snapshots that were
    due, known once the paper is submitted and each has its verdict; until then (`None`) no share of missing ones
    can be told. `waived`: the candidate was admitted by a human instead of the face check, so no comparison of
    faces is held against them.

    Sources: the guide's 3 次以上多人画面 (3 included) invalidates; 如核实为非本人 leaves the decision about
    another person to a human; missing pictures alone never invalidate.
    """
    found = []
    several = _slots_of(verdicts, Verdict.SEVERAL)
    if len(several) >= policy.several_limit:
        found.append(Integrity(IntegrityState.INVALIDATED, IntegrityRule.SEVERAL, several))
    incidents = () if waived else mismatch_incidents(verdicts)
    if len(incidents) >= policy.mismatch_incidents:
        slots = tuple(slot for incident in incidents for slot in incident)
        found.append(Integrity(IntegrityState.FLAGGED, IntegrityRule.MISMATCH, slots))
    missing = _slots_of(verdicts, Verdict.MISSING)
    if _three_in_a_row(verdicts) or (due and len(missing) * 3 > due):
        found.append(Integrity(IntegrityState.FLAGGED, IntegrityRule.MISSING, missing))
    return tuple(found)


def gravest(found: Iterable[Integrity]) -> Integrity:
    """What counts of all that was found, once humans have decided about some of it.

    What one rule says is never hidden behind another that a human has cleared or overturned.
    """
    return min(found, key=lambda one: _GRAVITY.index(one.state), default=Integrity())


def _slots_of(verdicts: Mapping[int, Verdict], wanted: Verdict) -> tuple[int, ...]:
    return tuple(sorted(slot for slot, verdict in verdicts.items() if verdict is wanted))


def mismatch_incidents(verdicts: Mapping[int, Verdict]) -> tuple[tuple[int, ...], ...]:
    """Incidents in slot order, each with its mismatching slots.

    Usable frames are scanned in order; two mismatches within three of them make one incident, after which
    the window starts anew.
    """
    incidents: list[tuple[int, ...]] = []
    window: list[int] = []
    for slot in sorted(slot for slot, verdict in verdicts.items() if verdict in USABLE):
        window = [*window, slot][-MISMATCH_WINDOW:]
        wrong = tuple(s for s in window if verdicts[s] is Verdict.MISMATCH)
        if len(wrong) >= MISMATCHES_IN_IT:
            incidents.append(wrong)
            window = []
    return tuple(incidents)


def _three_in_a_row(verdicts: Mapping[int, Verdict]) -> bool:
    """Three consecutive slots that are all missing; one without verdict yet breaks the row."""
    return any(
        all(verdicts.get(slot + n) is Verdict.MISSING for n in range(MISSING_IN_A_ROW))
        for slot in verdicts
    )
