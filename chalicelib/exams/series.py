"""Series of sittings 场次: what a series knows of its sittings, and what their publishers must agree on. Pure.

Sittings of a series may overlap, because people sit one of them. One person must not be on the rosters of two that
overlap.
"""

from collections.abc import Sequence

import msgspec

from chalicelib.exams.model import Exam, RetakeRule, RosterEntry, SeriesSitting
from chalicelib.exams.validation import FileFinding
from chalicelib.shared.clock import china_date

MOST_SITTINGS = 50
HEADER = "exam.yaml"


class PlannedSitting(msgspec.Struct, frozen=True):
    """A sitting as its series knows it. It takes place from `starts_at` to `ends_at` (UTC ms), the last deadline."""

    exam_id: str
    sitting: str
    starts_at: int
    ends_at: int
    roster_version: str  # "" without a roster
    capacity: int | None = None


class Series(msgspec.Struct, frozen=True):
    """A series with its rule and its sittings in the order of their publication. `version` 0: not stored yet."""

    series_id: str
    retakes: RetakeRule
    version: int = 0
    sittings: tuple[PlannedSitting, ...] = ()

    def find(self, exam_id: str) -> PlannedSitting | None:
        """Return the sitting that is this exam; None when it is not in the series."""
        return next((s for s in self.sittings if s.exam_id == exam_id), None)

    def find_others(self, exam_id: str) -> list[PlannedSitting]:
        """Return the sittings that are other exams."""
        return [sitting for sitting in self.sittings if sitting.exam_id != exam_id]


def plan(exam: Exam) -> PlannedSitting:
    """The sitting that an exam is. The exam must belong to a series."""
    assert exam.series is not None  # the caller asks only about sittings
    return PlannedSitting(
        exam_id=exam.exam_id,
        sitting=exam.series.sitting,
        starts_at=exam.starts_at,
        ends_at=exam.ends_at,
        roster_version=exam.roster_version,
        capacity=exam.series.capacity,
    )


def with_sitting(series: Series, planned: PlannedSitting, retakes: RetakeRule) -> Series:
    """The series with this sitting and its rule, in its place if it is there already."""
    if series.find(planned.exam_id) is None:
        sittings = (*series.sittings, planned)
    else:
        exam_id = planned.exam_id
        sittings = tuple(planned if s.exam_id == exam_id else s for s in series.sittings)
    return msgspec.structs.replace(series, sittings=sittings, retakes=retakes)


def overlap(one: PlannedSitting, other: PlannedSitting) -> bool:
    """Whether two sittings have a moment in common. The last deadline of a sitting belongs to it."""
    return one.starts_at <= other.ends_at and other.starts_at <= one.ends_at


def check_sitting(series: SeriesSitting, roster: Sequence[RosterEntry] | None) -> list[FileFinding]:
    """Mistakes in the settings of one sitting, and a roster that is larger than its capacity."""
    reasons = []
    if series.retakes.most_tries < 1:
        reasons.append("补考规则 most_tries 为 0，没有人能参加：含第一次在内，至少为 1")
    if series.capacity == 0:
        reasons.append("场次容量 capacity 为 0，没有人能参加：至少为 1，不限人数请删去 capacity")
    if series.capacity and roster is None:
        reasons.append("按身份开放（没有名单）的场次不能设 capacity：请加上名单，或删去 capacity")
    findings = [FileFinding(HEADER, 0, f"series：{reason}") for reason in reasons]
    return findings + _beyond_capacity(series, roster or ())


def _beyond_capacity(series: SeriesSitting, roster: Sequence[RosterEntry]) -> list[FileFinding]:
    """A finding at the first person for whom there is no place."""
    capacity = series.capacity
    if not capacity or len(roster) <= capacity:
        return []
    first = roster[capacity]
    reason = (
        f"名单共 {len(roster)} 人，「{series.sitting}」的容量是 {capacity} 人，从这一行起没有位置："
        "请减少名单，或加大 series 的 capacity"
    )
    return [FileFinding(first.file, first.row, reason)]


def check_entry(series: Series, exam_id: str, of: SeriesSitting) -> list[FileFinding]:
    """Why an exam cannot be a sitting of this series: another rule, a name that is taken, or too many sittings."""
    others = series.find_others(exam_id)
    reasons = []
    if others and series.retakes != of.retakes:
        reasons.append(
            f"补考规则与已发布的「{others[0].sitting}」（{others[0].exam_id}）不同，同一系列须写成："
            f"retakes: {_as_written(series.retakes)}"
        )
    if named := next((s for s in others if s.sitting == of.sitting), None):
        reasons.append(f"场次名称「{of.sitting}」已用于 {named.exam_id}：请另起名称")
    if len(others) >= MOST_SITTINGS:
        reasons.append(f"一个系列最多 {MOST_SITTINGS} 场：请用新的系列编号")
    return [FileFinding(HEADER, 0, f"series：{reason}") for reason in reasons]


def _as_written(rule: RetakeRule) -> str:
    """A rule as `exam.yaml` has it."""
    fields = msgspec.to_builtins(rule)
    values = {
        name: str(value).lower() if value is True or value is False else value
        for name, value in fields.items()
    }
    return "{" + ", ".join(f"{name}: {value}" for name, value in values.items()) + "}"


class Shared(msgspec.Struct, frozen=True):
    """One person on the rosters of two sittings that overlap: here, and there in the sitting `other`."""

    here: RosterEntry
    other: PlannedSitting
    there: RosterEntry


def shared_people(
    roster: Sequence[RosterEntry], other: PlannedSitting, others: Sequence[RosterEntry]
) -> list[Shared]:
    """The people who are on both rosters, in the order of the first."""
    there = {entry.person_hash: entry for entry in others}
    return [
        Shared(entry, other, there[entry.person_hash])
        for entry in roster
        if entry.person_hash in there
    ]


def describe_shared(shared: Shared) -> FileFinding:
    """The finding about a person on two rosters, with both rows."""
    other, row = shared.other, shared.there.row
    place = f"的名单第 {row} 行" if row else "的名单里"
    reason = (
        f"此人也在同一系列「{other.sitting}」（{other.exam_id}）{place}，两场时间重叠："
        "请只留在其中一场"
    )
    return FileFinding(shared.here.file, shared.here.row, reason)


# --- what should be looked at ---------------------------------------------------------------------------


class SeriesAdvice(msgspec.Struct, frozen=True):
    """What should be looked at after a sitting was published: which advice, and the values of its text."""

    advice: str
    values: dict[str, str] = {}


def advise(series: Series, exam_id: str) -> list[SeriesAdvice]:
    """What should be looked at: a retake rule that cannot be met yet, and sittings open to all that overlap."""
    return [*_rule_advice(series), *_overlap_advice(series, exam_id)]


def _rule_advice(series: Series) -> list[SeriesAdvice]:
    """Whether the published sittings are too few, or too close together, for the retake rule."""
    rule, sittings = series.retakes, series.sittings
    if rule.most_tries > len(sittings):
        tries, count = str(rule.most_tries), str(len(sittings))
        return [SeriesAdvice("series_few_sittings", {"tries": tries, "count": count})]
    if rule.most_tries > 1 and days_between(sittings) < rule.after_days:
        days, span = str(rule.after_days), str(days_between(sittings))
        return [SeriesAdvice("series_too_close", {"days": days, "span": span})]
    return []


def days_between(sittings: Sequence[PlannedSitting]) -> int:
    """Days in China from the first start of these sittings to the last."""
    starts = [china_date(sitting.starts_at) for sitting in sittings]
    return (max(starts) - min(starts)).days


def _overlap_advice(series: Series, exam_id: str) -> list[SeriesAdvice]:
    """A remark for the sittings that overlap this one, where one of the two is open to a whole audience."""
    here = series.find(exam_id)
    if here is None:
        return []
    others = [
        other.sitting
        for other in series.find_others(exam_id)
        if overlap(here, other) and not (here.roster_version and other.roster_version)
    ]
    return [SeriesAdvice("series_overlap", {"others": "、".join(others)})] if others else []
