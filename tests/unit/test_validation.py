"""Policies that could cut somebody short are refused, each at its limit, with the field to change."""

from typing import Any

import msgspec
import pytest

from chalicelib.attempts import watch
from chalicelib.exams import validation
from chalicelib.exams.bank_validation import check_bank
from chalicelib.exams.model import Liveness, MultipleRule, Policy
from chalicelib.exams.questions import Bank, Question, QuestionType, Section, SectionType
from chalicelib.exams.validation import FileFinding, check_policy

MINUTE = 60_000
SINGLE = Section("single", "单选题", SectionType.SINGLE, 2, 5)
MULTIPLE = Section("multiple", "多选题", SectionType.MULTIPLE, 1, 2.5)
HALF = {"multiple_rule": MultipleRule.HALF_FOR_SUBSET}


class Plan(msgspec.Struct, frozen=True):
    """As much of an exam as the rules look at."""

    policy: Policy
    sections: tuple[Section, ...] = (SINGLE,)


def reasons(
    policy: dict[str, Any], sections: tuple[Section, ...] = (SINGLE,), extra_min: int = 0
) -> list[str]:
    found = check_policy(Plan(Policy(**policy), sections), extra_min * MINUTE)
    assert all((finding.file, finding.row) == ("exam.yaml", 0) for finding in found)
    return [finding.reason for finding in found]


def test_nothing_is_wrong_with_the_defaults() -> None:
    assert reasons({}) == []
    assert reasons({}, extra_min=60) == []


# 5 min of steps, 1 + 2 min for a check, 5 waits of 30 s: 10.5 min; all ten checks: 37.5 min
LIMITS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("waiting_opens_min", {"waiting_opens_min": 11}, {"waiting_opens_min": 10}),
    ("waiting_opens_min", {"failure_wait_s": 444}, {"failure_wait_s": 445}),
    ("verdict_timeout_s", {"verdict_timeout_s": 300}, {"verdict_timeout_s": 2400}),
    (
        "verification_chances",
        {"waiting_opens_min": 28, "entry_closes_min": 10},
        {"waiting_opens_min": 27, "entry_closes_min": 10},
    ),
    ("verification_chances", {"verification_chances": 20}, {"verification_chances": 21}),
    ("entry_closes_min", {"entry_closes_min": 5}, {"entry_closes_min": 4}),
    ("entry_closes_min", {}, {"entry_closes_min": 0}),
    ("duration_min", {"duration_min": 9}, {"duration_min": 8}),
    ("duration_min", {"failure_wait_s": 300}, {"duration_min": 13, "failure_wait_s": 300}),
    ("verification_chances", {"verification_chances": 3}, {"verification_chances": 2}),
    (
        "verification_chances_after_start",
        {"verification_chances_after_start": 3},
        {"verification_chances_after_start": 2},
    ),
    ("unusable_per_day", {"unusable_per_day": 1}, {"unusable_per_day": 0}),
    ("upload_lease_s", {"upload_lease_s": 42}, {"upload_lease_s": 41}),
    ("recommended_up_mbps", {"recommended_up_mbps": 0.7}, {"recommended_up_mbps": 0.69}),
    (
        "upload_lease_s",
        {"recommended_up_mbps": 0},
        {"recommended_up_mbps": 0, "upload_lease_s": 41},
    ),
    (
        "upload_lease_s",
        {"liveness": Liveness.HEAD_TURN, "upload_lease_s": 57},
        {"liveness": Liveness.HEAD_TURN, "upload_lease_s": 56},
    ),
    ("verdict_timeout_s", {"verdict_timeout_s": 30}, {"verdict_timeout_s": 29}),
    ("pass_mark", {"pass_mark": 1}, {"pass_mark": 0}),
    ("pass_mark", {"pass_mark": 100}, {"pass_mark": 0}),
    ("duration_min", {"duration_min": 580}, {"duration_min": 581}),
    ("heartbeat_exam_s", {"heartbeat_exam_s": 60}, {"heartbeat_exam_s": 61}),
    (
        "heartbeat_waiting_s",
        {"entry_closes_min": 5, "heartbeat_waiting_s": 150},
        {"entry_closes_min": 5, "heartbeat_waiting_s": 151},
    ),
    ("deadline_grace_ms", {"deadline_grace_ms": 1000}, {"deadline_grace_ms": 999}),
    ("switch_limit", {"switch_limit": 2}, {"switch_limit": 1}),
    ("switch_limit", {}, {"switch_limit": 1, "page_loss_counts": False}),
    ("switch_min_ms", {"switch_min_ms": 500}, {"switch_min_ms": 499}),
    ("fullscreen_grace_s", {"fullscreen_grace_s": 5}, {"fullscreen_grace_s": 4}),
    ("snapshots_min", {"snapshots_min": 25}, {"snapshots_min": 26}),
    ("snapshots_max", {"snapshots_max": 45}, {"snapshots_max": 46}),
    ("snapshot_gap_s", {"snapshot_gap_s": 108}, {"snapshot_gap_s": 109}),
    ("snapshot_grace_s", {"snapshot_grace_s": 102}, {"snapshot_grace_s": 101}),
    (
        "snapshot_gap_s",
        {"snapshot_gap_s": 20, "heartbeat_exam_s": 60},
        {"snapshot_gap_s": 19, "heartbeat_exam_s": 60},
    ),
    ("several_limit", {"several_limit": 2}, {"several_limit": 1}),
]


@pytest.mark.parametrize(("field", "right", "wrong"), LIMITS)
def test_a_policy_is_refused_from_its_limit_on(
    field: str, right: dict[str, Any], wrong: dict[str, Any]
) -> None:
    assert reasons(right) == []
    assert any(field in reason for reason in reasons(wrong)), reasons(wrong)


def test_every_rule_is_broken_by_a_test() -> None:
    broken = {reason for _, _, wrong in LIMITS for reason in reasons(wrong)}
    for rule in validation._RULES:
        told = {rule(Policy(**wrong)) for _, _, wrong in LIMITS} - {""}
        assert told, rule.__name__
        assert told <= broken


def test_each_message_says_why_and_names_a_field_to_change() -> None:
    fields = (*Policy.__struct_fields__, "points", "roster.csv")
    for _, _, wrong in LIMITS:
        for reason in reasons(wrong):
            why, _, change = reason.partition("：")
            assert len(why) >= 8
            assert any(field in change for field in fields), reason


def test_all_wrong_rules_are_told_at_once() -> None:
    found = reasons({"switch_limit": 1, "pass_mark": 0, "entry_closes_min": 0})
    assert len(found) == 4  # nor can a page in the waiting room report in time
    assert len(set(found)) == 4


def test_without_snapshots_their_rules_do_not_matter() -> None:
    none = {"snapshots_min": 0, "snapshots_max": 0}
    assert reasons({**none, "several_limit": 1, "snapshot_grace_s": 30}) == []
    assert reasons({**none, "snapshot_gap_s": 10, "heartbeat_exam_s": 60}) == []


def test_nobody_is_signed_out_in_the_middle() -> None:
    """A session lives 12 h; an hour before the waiting room, 45 + 30 + 5 + 60 minutes of exam."""
    assert reasons({}, extra_min=12 * 60 - 200) == []
    [reason] = reasons({}, extra_min=12 * 60 - 199)
    assert "roster.csv" in reason


def test_a_paper_is_worth_something() -> None:
    worthless = Section("single", "单选题", SectionType.SINGLE, 2, 0.004)
    [reason] = reasons({}, (worthless,))
    assert "points" in reason
    assert reasons({}, (worthless, SINGLE)) == []


def test_half_of_a_questions_points_is_not_rounded_away() -> None:
    odd = Section("multiple", "多选题", SectionType.MULTIPLE, 1, 2.25)
    [reason] = reasons(HALF, (SINGLE, odd))
    assert "多选题" in reason
    assert "points" in reason
    assert reasons(HALF, (SINGLE, MULTIPLE)) == []
    assert reasons({}, (odd,)) == []
    assert reasons(HALF, (Section("single", "单选题", SectionType.SINGLE, 1, 2.25),)) == []


def test_a_duration_below_the_entry_time_is_allowed() -> None:
    assert reasons({"duration_min": 20}) == []


def test_a_heartbeat_hands_out_as_many_tickets_as_the_rule_thinks() -> None:
    assert validation.TICKETS_A_BEAT == watch.MAX_ASKED


# --- the bank ---


def question(number: int, key: str = "A", kind: QuestionType = QuestionType.SINGLE) -> Question:
    return Question(f"Q{number}", kind, "问？", ("甲", "乙", "丙"), key)


@pytest.mark.parametrize(
    ("kind", "key", "usable"),
    [
        (QuestionType.SINGLE, "C", True),
        (QuestionType.SINGLE, "", False),
        (QuestionType.SINGLE, "D", False),
        (QuestionType.SINGLE, "AB", False),
        (QuestionType.JUDGE, "B", True),
        (QuestionType.MULTIPLE, "AC", True),
        (QuestionType.MULTIPLE, "A", False),
        (QuestionType.MULTIPLE, "AD", False),
    ],
)
def test_every_question_has_a_key(kind: QuestionType, key: str, usable: bool) -> None:
    found = check_bank(Bank((), (question(1, key, kind),)))
    assert found == ([] if usable else [FileFinding("questions", 0, "1 道题没有可用的答案：Q1")])


def test_every_section_finds_enough_questions() -> None:
    two = (question(1), question(2))
    assert check_bank(Bank((SINGLE,), two)) == []
    [finding] = check_bank(Bank((SINGLE,), two[:1]))
    assert finding == FileFinding("exam.yaml", 0, "单选题：需要 2 题，题库只有 1 题")
