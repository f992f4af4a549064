"""Policy, timetable and admission of an exam, at their limits."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.model import AudienceRole
from chalicelib.exams import model
from chalicelib.exams.model import (
    MultipleRule,
    Phase,
    Policy,
    RosterEntry,
    current_names,
    titled,
)
from chalicelib.exams.questions import Section
from tests.unit.exams import AGENCY, MINUTE, T0, exam


def test_the_defaults_are_those_of_the_requirements() -> None:
    """Attempts keep the values in this order, so a new field is the last one."""
    wanted = {
        "waiting_opens_min": 45,
        "entry_closes_min": 30,
        "duration_min": 60,
        "pass_mark": 60,
        "deadline_grace_ms": 2000,
        "verification_chances": 10,
        "verification_chances_after_start": 10,
        "upload_lease_s": 60,
        "verdict_timeout_s": 120,
        "failures_before_wait": 5,
        "failure_wait_s": 30,
        "unusable_per_day": 30,
        "recommended_down_mbps": 2,
        "recommended_up_mbps": 1,
        "multiple_rule": "all_or_nothing",
        "switch_limit": 3,
        "switch_min_ms": 1000,
        "fullscreen_grace_s": 10,
        "page_loss_counts": True,
        "locked_copy": True,
        "snapshots_min": 15,
        "snapshots_max": 25,
        "snapshot_gap_s": 60,
        "snapshot_grace_s": 300,
        "several_limit": 3,
        "mismatch_limit": 3,
        "complaint_hours": 48,
        "heartbeat_waiting_s": 60,
        "heartbeat_exam_s": 30,
        "face_reference": "enrolled",
        "unseen_in_a_row": 4,
        "unseen_share": "1/3",
        "doubt_window": 5,
        "doubt_in_window": 4,
        "replayed_limit": 1,
        "replayed_own_limit": 2,
        "liveness": "none",
        "blank_rule": "each",
        "kind": "exam",
        "expected_people": 2500,
    }
    assert msgspec.to_builtins(Policy()) == wanted
    assert Policy.__struct_fields__ == tuple(wanted)


BOUNDS = {
    "complaint_hours": (1, 720),
    "expected_people": (1, 100_000),
    "waiting_opens_min": (1, 1440),
    "entry_closes_min": (0, 1440),
    "duration_min": (1, 1440),
    "pass_mark": (0, 100),
    "deadline_grace_ms": (0, 60_000),
    "verification_chances": (1, 1000),
    "verification_chances_after_start": (1, 1000),
    "upload_lease_s": (10, 600),
    "verdict_timeout_s": (10, 3600),
    "failures_before_wait": (1, 1000),
    "failure_wait_s": (0, 3600),
    "unusable_per_day": (0, 1000),
    "recommended_down_mbps": (0, 100_000),
    "recommended_up_mbps": (0, 100_000),
    "switch_limit": (1, 20),
    "switch_min_ms": (0, 60_000),
    "fullscreen_grace_s": (0, 120),
    "snapshots_min": (0, 60),
    "snapshots_max": (0, 60),
    "snapshot_gap_s": (10, 600),
    "snapshot_grace_s": (30, 1800),
    "several_limit": (1, 1000),
    "mismatch_limit": (1, 1000),
    "heartbeat_waiting_s": (5, 600),
    "heartbeat_exam_s": (5, 300),
    "unseen_in_a_row": (1, 1000),
    "doubt_window": (1, 1000),
    "doubt_in_window": (1, 1000),
    "replayed_limit": (1, 1000),
    "replayed_own_limit": (1, 1000),
}


def test_every_number_of_the_policy_is_bounded() -> None:
    numbers = {f for f, v in msgspec.to_builtins(Policy()).items() if not isinstance(v, str | bool)}
    assert numbers == set(BOUNDS)


@pytest.mark.parametrize(("field", "bounds"), BOUNDS.items())
def test_a_rule_outside_its_bounds_is_refused(field: str, bounds: tuple[int, int]) -> None:
    least, most = bounds
    for value in (least, most):
        assert getattr(msgspec.convert({field: value}, Policy), field) == value
    for value in (least - 1, most + 1, 10**40, None, "many", True, float("nan"), float("inf")):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({field: value}, Policy)


def test_a_rule_that_nobody_knows_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"verification_chance": 3}, Policy)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"multiple_rule": "generous"}, Policy)
    half = msgspec.convert({"multiple_rule": "half_for_subset"}, Policy)
    assert half.multiple_rule is MultipleRule.HALF_FOR_SUBSET


def test_a_sitting_is_named_with_its_exam_unless_the_title_says_it() -> None:
    assert titled("从业资格考试", "") == "从业资格考试"
    assert titled("从业资格考试", "第一场") == "从业资格考试（第一场）"
    assert titled("从业资格考试第一场", "第一场") == "从业资格考试第一场"


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        (T0 - 45 * MINUTE - 1, Phase.UPCOMING),
        (T0 - 45 * MINUTE, Phase.WAITING),
        (T0 - 1, Phase.WAITING),
        (T0, Phase.RUNNING),
        (T0 + 30 * MINUTE, Phase.RUNNING),
        (T0 + 95 * MINUTE, Phase.RUNNING),
        (T0 + 95 * MINUTE + 1, Phase.ENDED),
    ],
)
def test_the_portal_says_upcoming_waiting_running_ended(now: int, phase: Phase) -> None:
    assert exam().phase(now) is phase


def test_an_exam_ends_when_the_latest_and_slowest_candidate_must_have_ended() -> None:
    # entry closes after 30 min; upload, verdict and walking in take 1 + 2 + 2 min more; then 60 and extra
    assert exam().ends_at == T0 + (30 + 5 + 60) * MINUTE
    assert exam(longest_extra_ms=15 * MINUTE).ends_at == T0 + (30 + 5 + 60 + 15) * MINUTE
    planned = exam().ends_at
    for deadline in (planned - 1, planned, planned + 1):
        assert exam(last_deadline=deadline).ends_at == max(planned, deadline)


@given(
    st.integers(1, 1440), st.integers(0, 1440), st.integers(1, 1440), st.integers(-100_000, 200_000)
)
def test_phases_only_move_forward(opens: int, closes: int, duration: int, minutes: int) -> None:
    policy = Policy(waiting_opens_min=opens, entry_closes_min=closes, duration_min=duration)
    of = exam(policy=policy)
    order = list(Phase)
    now = T0 + minutes * 1000
    assert order.index(of.phase(now)) <= order.index(of.phase(now + 1))
    assert of.waiting_opens_at < of.starts_at <= of.entry_until < of.ends_at


def test_an_exam_knows_what_its_sections_are_worth() -> None:
    assert exam().worths == (1500, 1500)  # also an exam from before questions had own points
    assert exam(section_worths=(1500, 1800)).worths == (1500, 1800)


def test_a_paper_has_the_questions_of_all_sections() -> None:
    assert exam().question_count == 6


LISTED = RosterEntry("h", extra_ms=15 * MINUTE)


@pytest.mark.parametrize(
    ("roster_version", "audience", "entry", "role", "enters"),
    [
        ("", (AGENCY,), None, "agency_practitioner", True),
        ("", (AGENCY,), None, "evaluation_expert", False),
        ("", (AGENCY,), None, "", False),
        ("", (), None, "agency_practitioner", False),
        ("v1", (), LISTED, "evaluation_expert", True),
        ("v1", (AGENCY,), None, "agency_practitioner", False),
        ("v1", (AGENCY,), LISTED, "evaluation_expert", True),
    ],
)
def test_a_roster_decides_where_there_is_one_else_the_audience(
    roster_version: str,
    audience: tuple[AudienceRole, ...],
    entry: RosterEntry | None,
    role: str,
    enters: bool,
) -> None:
    of = exam(roster_version=roster_version, audience=audience)
    assert model.may_enter(of, role, entry) is enters


def test_extra_time_is_added_to_the_duration() -> None:
    assert model.allowed_time_ms(exam(), None) == 60 * MINUTE
    assert model.allowed_time_ms(exam(), LISTED) == 75 * MINUTE


@pytest.mark.parametrize("points", [0, -1, 100.01, float("nan"), float("inf"), True])
def test_a_question_is_worth_more_than_nothing_and_at_most_a_hundred(points: float) -> None:
    fields = {"id": "a", "title": "t", "type": "single", "count": 1, "points": points}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields, Section)


@pytest.mark.parametrize("section_id", ["", "A", "a b", "a\n", "题", "x" * 21])
def test_a_section_id_is_short_and_plain(section_id: str) -> None:
    fields = {"id": section_id, "title": "t", "type": "single", "count": 1, "points": 1}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields, Section)


def test_a_policy_of_version_1_is_read_under_its_new_names() -> None:
    old = {"mismatch_incidents": 2, "several_limit": 4}
    assert current_names(old) == {"mismatch_limit": 2, "several_limit": 4}
    assert current_names(current_names(old)) == current_names(old)
