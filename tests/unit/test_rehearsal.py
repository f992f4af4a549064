"""The dry run: nobody is cut short by rules that were accepted, and who would be is found."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from chalicelib.attempts import model as attempts
from chalicelib.attempts import sitting as rules
from chalicelib.exams.model import Exam, Policy
from chalicelib.exams.questions import Section, SectionType
from chalicelib.exams.rehearsal import Sitting, latest_start, rehearse
from chalicelib.exams.validation import check_policy
from chalicelib.kernel.outcomes import changed_fields
from tests.unit.attempts import admitted, passed

T0 = 1_800_000_000_000
MINUTE = 60_000
ON_TIME, CLOSED_PAGE, ALL_CHANCES, ENTRY_END, LATE, CRASH, LATE_CRASH, SLOW = range(8)
SECTION = Section("single", "单选题", SectionType.SINGLE, 2, 5)


def exam(extra_min: int = 0, **policy: Any) -> Exam:
    fresh = Exam("e-1", "考试", T0, (), "v1", Policy(**policy), (SECTION,), "v1")
    return msgspec.structs.replace(fresh, longest_extra_ms=extra_min * MINUTE)


def run(of: Exam) -> list[Sitting]:
    return rehearse(of, [0, of.longest_extra_ms])


def wronged(of: Exam) -> dict[int, str]:
    """Place in the cohort → why cut short."""
    return {place: s.cut_short for place, s in enumerate(run(of)) if s.cut_short}


def test_with_the_defaults_everybody_gets_all_of_their_time() -> None:
    *inside, too_late = run(exam())
    assert [(s.starts_ms, s.deadline_ms) for s in inside] == [
        (0, 60 * MINUTE),
        (
            8 * MINUTE - 1,
            68 * MINUTE - 1,
        ),  # 1 ms before the bell, five minutes of steps, three for the check
        (0, 60 * MINUTE),
        (30 * MINUTE, 90 * MINUTE),
        (35 * MINUTE, 95 * MINUTE),
        (0, 60 * MINUTE),
        (35 * MINUTE, 95 * MINUTE),
        (0, 60 * MINUTE),
    ]
    assert {s.had_ms for s in inside} == {60 * MINUTE}
    assert too_late.starts_ms is None
    assert too_late.note == "按规则不能入场"
    assert wronged(exam()) == {}


def test_extra_time_is_had_by_everybody_who_has_it() -> None:
    *inside, _ = run(exam(extra_min=30))
    assert [s.had_ms // MINUTE for s in inside] == [60] * 8 + [90] * 8
    assert all("加时 30 分钟" in s.who for s in inside[8:])


def test_whoever_has_the_shortest_and_the_longest_extra_time_stands_for_all() -> None:
    *inside, _ = rehearse(exam(extra_min=30), [10 * MINUTE, 20 * MINUTE, 30 * MINUTE])
    assert [s.had_ms // MINUTE for s in inside] == [70] * 8 + [90] * 8


@pytest.mark.parametrize(
    ("policy", "places", "reason"),
    [
        ({"entry_closes_min": 4}, {CLOSED_PAGE}, "入场已经截止"),
        ({"verification_chances": 40}, {ALL_CHANCES}, "入场已经截止"),
        ({"failure_wait_s": 3600}, {ALL_CHANCES, CRASH, LATE_CRASH}, ""),
        ({"duration_min": 8}, {CRASH, LATE_CRASH}, "来不及返回考场"),
        ({"switch_limit": 1}, {CRASH, LATE_CRASH}, "直接收卷"),
        ({"deadline_grace_ms": 999}, {SLOW}, "已不能保存"),
        ({"duration_min": 720}, set(range(8)), "登录 12 小时后失效"),
    ],
)
def test_who_would_be_cut_short_is_found(
    policy: dict[str, Any], places: set[int], reason: str
) -> None:
    found = wronged(exam(**policy))
    assert set(found) == places
    assert all(reason in why for why in found.values())


def test_a_page_loss_that_does_not_count_submits_nothing() -> None:
    assert wronged(exam(switch_limit=1, page_loss_counts=False)) == {}


def test_an_end_that_forgets_extra_time_is_found() -> None:
    """One fixed end for everybody is what must never happen again."""
    found = rehearse(exam(), [30 * MINUTE])
    late = {place for place, s in enumerate(found) if s.cut_short}
    assert late == {CLOSED_PAGE, ENTRY_END, LATE, LATE_CRASH}
    assert {found[place].cut_short for place in late} == {"截止时间晚于整场考试的结束"}
    assert found[LATE].had_ms == 60 * MINUTE  # of 90


def test_a_duration_below_the_entry_time_is_pointed_out() -> None:
    notes = {s.who: s.note for s in run(exam(duration_min=20))}
    assert "时长短于入场时间" in notes["入场截止的最后一毫秒开始"]
    assert wronged(exam(duration_min=20)) == {}
    assert "时长短于入场时间" not in str(run(exam(duration_min=30))[ENTRY_END])


def test_rows_are_for_people() -> None:
    row = run(exam())[LATE].as_row()
    assert (row["starts"], row["deadline"], row["minutes"]) == (
        "+00:35:00.000",
        "+01:35:00.000",
        60,
    )
    assert run(exam())[CLOSED_PAGE].as_row()["starts"] == "+00:07:59.999"
    assert run(exam())[-1].as_row()["starts"] == "—"


POLICIES = st.fixed_dictionaries(
    {
        "waiting_opens_min": st.integers(10, 300),
        "entry_closes_min": st.integers(4, 120),
        "duration_min": st.integers(8, 300),
        "deadline_grace_ms": st.integers(999, 5000),
        "verification_chances": st.integers(2, 12),
        "upload_lease_s": st.integers(42, 90),
        "verdict_timeout_s": st.integers(29, 180),
        "failures_before_wait": st.integers(1, 10),
        "failure_wait_s": st.integers(0, 120),
        "switch_limit": st.integers(1, 5),
        "snapshots_min": st.just(0),
        "snapshots_max": st.just(0),
    }
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(POLICIES, st.integers(0, 300))
def test_accepted_rules_cut_nobody_short(policy: dict[str, Any], extra_min: int) -> None:
    of = exam(extra_min, **policy)
    assume(not check_policy(of, of.longest_extra_ms))
    assert wronged(of) == {}


# --- the dry run and the exam itself follow the same rules ---


@given(st.integers(T0 - 40 * MINUTE, T0 + 30 * MINUTE), st.integers(0, 40 * MINUTE))
def test_the_last_moment_to_start_is_that_of_an_attempt(reserved_at: int, judged_ms: int) -> None:
    settled_at = reserved_at + judged_ms
    attempt = passed(reserved_at, settled_at)
    check = attempt.find_verification("vf")
    assert check is not None
    assert latest_start(exam(), reserved_at, settled_at) == attempts.start_until(attempt, check)


def test_a_deadline_is_that_of_an_attempt() -> None:
    of = exam()
    for place, reserved_at in ((ON_TIME, T0 - MINUTE), (ENTRY_END, T0 + 30 * MINUTE)):
        rehearsed = run(of)[place]
        assert rehearsed.starts_ms is not None
        changes = changed_fields(rules.start(admitted(reserved_at), 1, T0 + rehearsed.starts_ms))
        assert changes["deadline"] == T0 + (rehearsed.deadline_ms or 0)
        assert changes["deadline"] <= of.ends_at
