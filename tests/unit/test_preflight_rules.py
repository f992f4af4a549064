"""When it is looked whether an exam can be held, and what is found."""

from typing import Any

import msgspec
import pytest

from chalicelib.exams import preflight
from chalicelib.exams.model import Checkpoint, Exam, Policy, Preflight
from chalicelib.exams.questions import (
    Bank,
    Question,
    QuestionType,
    Section,
    SectionType,
    to_json,
    version,
)

T0 = 1_800_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY, TWO_HOURS, OPENING = Checkpoint
SECTION = Section("single", "单选题", SectionType.SINGLE, 2, 5)
QUESTIONS = tuple(Question(f"Q{n}", QuestionType.SINGLE, "问？", ("甲", "乙"), "A") for n in (1, 2))
BANK = Bank((SECTION,), QUESTIONS)
SEEN = Preflight(at=T0 - 24 * HOUR, ok=True)


def exam(bank: Bank = BANK, **fields: Any) -> Exam:
    fresh = Exam("e-1", "考试", T0, (), "r1", Policy(), (SECTION,), version(to_json(bank)))
    return msgspec.structs.replace(fresh, **fields)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (T0 - 24 * HOUR - 1, []),
        (T0 - 24 * HOUR, [DAY]),
        (T0 - 24 * HOUR + 1, [DAY]),
        (T0 - 2 * HOUR - 1, [DAY]),
        (T0 - 2 * HOUR, [DAY, TWO_HOURS]),
        (T0 - 2 * HOUR + 1, [DAY, TWO_HOURS]),
        (T0 - 45 * MINUTE - 1, [DAY, TWO_HOURS]),
        (T0 - 45 * MINUTE, [DAY, TWO_HOURS, OPENING]),
        (T0 - 45 * MINUTE + 1, [DAY, TWO_HOURS, OPENING]),
        (T0 + 95 * MINUTE, [DAY, TWO_HOURS, OPENING]),
        (T0 + 95 * MINUTE + 1, []),
    ],
)
def test_a_checkpoint_is_due_from_its_moment_until_the_exam_has_ended(
    now: int, expected: list[Checkpoint]
) -> None:
    assert preflight.due(exam(), now) == expected


def test_a_checkpoint_that_was_noted_is_not_due_again() -> None:
    assert preflight.due(exam(preflight_day_before=SEEN), T0 - 24 * HOUR) == []
    late = exam(preflight_day_before=SEEN, preflight_opening=SEEN)
    assert preflight.due(late, T0) == [TWO_HOURS]


def test_nothing_stands_in_the_way_of_a_right_exam() -> None:
    assert preflight.check(exam(), to_json(BANK), roster_has_people=True) == []


def findings(bank: bytes | None, of: Exam | None = None, listed: bool = True) -> str:
    found = preflight.check(of or exam(), bank, roster_has_people=listed)
    assert found
    return " ".join(found)


def test_a_missing_changed_or_broken_bank_is_found() -> None:
    assert "不见了" in findings(None)
    changed = msgspec.structs.replace(BANK, questions=QUESTIONS[::-1])
    assert findings(to_json(changed)) == "题库文件与发布时不同：请从 PapersBucket 的历史版本恢复"
    for broken in (b"", b"{}", b"[" * 5000, b"\xff", to_json(BANK)[:-1]):
        assert "已损坏" in findings(broken)


def test_questions_without_key_and_too_few_questions_are_found() -> None:
    keyless = Bank((SECTION,), (QUESTIONS[0], msgspec.structs.replace(QUESTIONS[1], key="")))
    assert findings(to_json(keyless), exam(keyless)) == "1 道题没有可用的答案：Q2"
    few = Bank((SECTION,), QUESTIONS[:1])
    assert "需要 2 题，题库只有 1 题" in findings(to_json(few), exam(few))
    more = msgspec.structs.replace(SECTION, count=3)
    assert "题型设置与考试不同" in findings(to_json(BANK), exam(sections=(more,)))


def test_an_empty_roster_is_found() -> None:
    assert "报名名单是空的" in findings(to_json(BANK), listed=False)


def test_what_the_schedule_noted_is_not_part_of_what_was_published() -> None:
    noted = exam(waiting_opened_at=T0, **{f"preflight_{c.value}": SEEN for c in Checkpoint})
    assert noted.as_published == exam()
    assert all(noted.preflight(checkpoint) == SEEN for checkpoint in Checkpoint)
