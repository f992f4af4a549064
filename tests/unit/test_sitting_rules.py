"""Sittings of a series at publication: capacity, one rule for all, no person in two places, and what is remarked."""

from typing import Any

import msgspec
import pytest

from chalicelib.exams import series
from chalicelib.exams.model import (
    CountedTry,
    RetakeRule,
    RosterEntry,
    SeriesSitting,
    roster_version,
)
from chalicelib.exams.questions import version
from chalicelib.exams.series import PlannedSitting, Series
from tests.unit.exams import MINUTE, T0, exam

HOUR = 60 * MINUTE
DAY = 24 * HOUR
TWICE = RetakeRule(most_tries=2, after_days=7)


def of(sitting: str = "第一场", **fields: Any) -> SeriesSitting:
    return msgspec.structs.replace(SeriesSitting("s-1", sitting, retakes=TWICE), **fields)


def planned(exam_id: str, starts_at: int = T0, hours: int = 2, roster: str = "v") -> PlannedSitting:
    return PlannedSitting(exam_id, exam_id, starts_at, starts_at + hours * HOUR, roster)


def people(*names: str) -> list[RosterEntry]:
    return [RosterEntry(name, file="roster.csv", row=row) for row, name in enumerate(names, 2)]


def reasons(findings: list[Any]) -> str:
    return "；".join(finding.reason for finding in findings)


# --- one sitting ---


@pytest.mark.parametrize(("listed", "refused"), [(1, False), (2, False), (3, True)])
def test_a_roster_fills_the_places_and_not_one_more(listed: int, refused: bool) -> None:
    findings = series.check_sitting(of(capacity=2), people("a", "b", "c")[:listed])
    assert bool(findings) is refused
    if refused:
        assert (findings[0].file, findings[0].row) == ("roster.csv", 4)
        assert "共 3 人" in findings[0].reason


@pytest.mark.parametrize(("capacity", "refused"), [(0, True), (1, False), (None, False)])
def test_a_sitting_without_a_place_is_refused(capacity: int | None, refused: bool) -> None:
    found = reasons(series.check_sitting(of(capacity=capacity), people("a")))
    assert ("capacity 为 0" in found) is refused


@pytest.mark.parametrize(("tries", "refused"), [(0, True), (1, False)])
def test_a_rule_that_lets_nobody_try_is_refused(tries: int, refused: bool) -> None:
    rule = RetakeRule(most_tries=tries)
    found = reasons(series.check_sitting(of(retakes=rule), None))
    assert ("most_tries 为 0" in found) is refused


def test_places_need_a_roster() -> None:
    assert "没有名单" in reasons(series.check_sitting(of(capacity=5), None))
    assert series.check_sitting(of(), None) == []


# --- a series ---


def test_all_sittings_have_one_rule_and_names_of_their_own() -> None:
    known = Series("s-1", TWICE, sittings=(planned("e-1"),))
    assert series.check_entry(known, "e-2", of()) == []
    other = of("e-1", retakes=RetakeRule(most_tries=3, counts=CountedTry.LAST))
    found = reasons(series.check_entry(known, "e-2", other))
    assert "retakes: {most_tries: 2, after_days: 7, counts: best, only_failed: true}" in found
    assert "请另起名称" in found
    assert series.check_entry(known, "e-1", other) == []  # it is alone: its own rule decides


@pytest.mark.parametrize(("count", "refused"), [(49, False), (50, True)])
def test_a_series_has_at_most_fifty_sittings(count: int, refused: bool) -> None:
    known = Series("s-1", TWICE, sittings=tuple(planned(f"e-{n}") for n in range(count)))
    assert bool(series.check_entry(known, "new", of())) is refused


def test_a_sitting_keeps_its_place_when_it_changes() -> None:
    known = Series("s-1", RetakeRule(), sittings=(planned("e-1"), planned("e-2")))
    moved = planned("e-1", T0 + DAY)
    after = series.with_sitting(known, moved, TWICE)
    assert after.sittings == (moved, planned("e-2"))
    assert after.retakes == TWICE
    assert series.with_sitting(after, moved, TWICE) == after


# --- overlapping ---


@pytest.mark.parametrize(("gap", "overlaps"), [(-1, True), (0, True), (1, False)])
def test_the_last_deadline_belongs_to_a_sitting(gap: int, overlaps: bool) -> None:
    first = planned("e-1")
    second = planned("e-2", first.ends_at + gap)
    assert series.overlap(first, second) is overlaps
    assert series.overlap(second, first) is overlaps


def test_a_person_on_two_rosters_is_named_with_both_rows() -> None:
    other = planned("e-2")
    there = [RosterEntry("c", file="名单.xlsx", row=9), RosterEntry("a")]
    shared = series.shared_people(people("a", "b", "c"), other, there)
    assert [(one.here.row, one.there.row) for one in shared] == [(2, 0), (4, 9)]
    found = series.describe_shared(shared[1])
    assert (found.file, found.row) == ("roster.csv", 4)
    assert "「e-2」（e-2）的名单第 9 行" in found.reason
    assert "e-2）的名单里" in series.describe_shared(shared[0]).reason  # an older record has no row


def test_an_exam_is_the_sitting_that_it_says() -> None:
    one = exam(series=of(capacity=3), roster_version="v7")
    sitting = series.plan(one)
    assert (sitting.exam_id, sitting.sitting, sitting.capacity) == ("e-1", "第一场", 3)
    assert (sitting.starts_at, sitting.ends_at) == (T0, one.ends_at)
    assert sitting.roster_version == "v7"


def test_where_somebody_stands_in_a_file_does_not_change_the_version_of_a_roster() -> None:
    plain = [RosterEntry("a", 60_000, "腿伤")]
    stored = b'[{"person_hash":"a","extra_ms":60000,"note":"\xe8\x85\xbf\xe4\xbc\xa4"}]'
    assert roster_version(plain) == version(stored)  # as earlier releases named it
    assert roster_version([RosterEntry("a", 60_000, "腿伤", "roster.csv", 7)]) == version(stored)


# --- what is remarked ---


def advice(known: Series, exam_id: str = "e-1") -> dict[str, dict[str, str]]:
    return {one.advice: one.values for one in series.advise(known, exam_id)}


@pytest.mark.parametrize(("days", "remarked"), [(6, True), (7, False), (8, False)])
def test_sittings_that_are_too_close_for_the_rule_are_remarked(days: int, remarked: bool) -> None:
    known = Series("s-1", TWICE, sittings=(planned("e-1"), planned("e-2", T0 + days * DAY)))
    assert ("series_too_close" in advice(known)) is remarked


def test_days_are_those_of_the_calendar_in_china() -> None:
    midnight = T0 - 16 * HOUR  # T0 is at 16:00 in China
    late, early = planned("e-1", midnight - 1), planned("e-2", midnight)
    assert series.days_between([late, early]) == 1
    assert series.days_between([early, planned("e-3", midnight + DAY - 1)]) == 0


@pytest.mark.parametrize(("sittings", "remarked"), [(1, True), (2, False)])
def test_more_tries_than_sittings_are_remarked(sittings: int, remarked: bool) -> None:
    known = Series("s-1", RetakeRule(most_tries=2))
    for number in range(sittings):
        known = series.with_sitting(known, planned(f"e-{number}"), known.retakes)
    assert ("series_few_sittings" in advice(known)) is remarked


def test_overlapping_sittings_are_remarked_only_where_one_has_no_roster() -> None:
    alone = Series("s-1", RetakeRule(), sittings=(planned("e-1"), planned("e-2")))
    assert advice(alone) == {}
    opened = series.with_sitting(alone, planned("e-2", roster=""), RetakeRule())
    assert advice(opened) == {"series_overlap": {"others": "e-2"}}
    assert advice(opened, "e-2") == {"series_overlap": {"others": "e-1"}}
    later = series.with_sitting(opened, planned("e-2", T0 + DAY, roster=""), RetakeRule())
    assert advice(later) == {}
