"""Statistics of an exam that is over: who counts, options in the order of the bank, the key in force, the view."""

import io
import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any
from urllib.parse import quote

import msgspec
import openpyxl
import pytest

from chalicelib.attempts import store as attempt_store
from chalicelib.attempts.model import Attempt, Cause, Origin
from chalicelib.exams import paper
from chalicelib.exams import service as exams
from chalicelib.exams import store as exam_store
from chalicelib.exams.model import ExamKind, RosterEntry
from chalicelib.exams.questions import LETTERS, Answer
from chalicelib.proctoring.model import Integrity, IntegrityRule, IntegrityState
from chalicelib.shared import objects
from chalicelib.shared.errors import Conflict
from chalicelib.shared.settings import settings
from chalicelib.statistics import papers
from chalicelib.statistics import service as statistics
from chalicelib.statistics import texts as t
from chalicelib.statistics.model import GroupKind, QuestionStatistics, Statistics, Timed
from tests.api import minute, run
from tests.clock import T0, StandingClock
from tests.console import ENDPOINTS, Widget, context, handler_of
from tests.faults import everything_stored
from tests.integration.candidates import EXAM, Candidate
from tests.integration.certificates import attempt_of, right_answer

FLAGGED = Integrity(IntegrityState.FLAGGED, IntegrityRule.MISMATCH)
INVALID = Integrity(IntegrityState.INVALIDATED, IntegrityRule.SEVERAL)
WHO = {"operator": "李运营", "reason": "教材第三章有误"}
Answering = Callable[[paper.DrawnQuestion], Answer]


@pytest.fixture
def over(passed: Candidate, clock: StandingClock) -> Candidate:
    """One person has passed, and the exam is over."""
    clock.advance(minutes=180)
    return passed


def compute() -> Statistics:
    return statistics.compute_statistics(exam_id=EXAM, now=T0 + 10 * 3_600_000)


def other(person: Candidate, number: int, answering: Answering, **fields: Any) -> Attempt:
    """Somebody else's submitted attempt, written into the table as it would lie there."""
    account, seed = f"ac_{number}", f"seed-{number}"
    first = attempt_of(person)
    drawn = exams.draw_paper(EXAM, first.paper_version, seed)
    attempt = msgspec.structs.replace(
        first,
        attempt_id=attempt_store.attempt_id_of(EXAM, account, fields.get("round", 1)),
        account_id=account,
        paper_seed=seed,
        answers={str(entry.number): answering(entry) for entry in drawn},
        **fields,
    )
    return attempt_store.put_attempt(attempt)


def nothing(entry: paper.DrawnQuestion) -> Answer:
    return ""


def bank_option(index: int) -> Answering:
    """Choose always the same option of the bank, wherever the paper shows it."""

    def answering(entry: paper.DrawnQuestion) -> Answer:
        if not entry.question.type.has_options:
            return ""
        return LETTERS[entry.order.index(index)]

    return answering


def of_id(found: Statistics, question_id: str) -> QuestionStatistics:
    return next(q for q in found.questions if q.question_id == question_id)


def test_each_attempt_shuffles_and_shares_are_told_in_the_banks_order(over: Candidate) -> None:
    for number in range(12):
        other(over, number, bank_option(1), identity=attempt_of(over).identity)
    found = compute()
    assert found.counted.counted == 13
    own = attempt_of(over)
    mine = {e.question.id for e in exams.draw_paper(EXAM, own.paper_version, own.paper_seed)}
    seen = 0
    for question in found.questions:
        if question.options and question.question_id not in mine:
            assert [option.of_all for option in question.options][:2] == [0, 1]
            seen += 1
    assert seen
    bank = exam_store.load_bank(EXAM, own.paper_version)
    for asked in bank.questions:
        if asked.id in {q.question_id for q in found.questions}:
            told = of_id(found, asked.id)
            assert {o.letter for o in told.options if o.right} == set(
                asked.key if asked.type.has_options else ""
            )


def test_difficulty_is_the_share_of_the_points(over: Candidate) -> None:
    other(over, 1, right_answer)
    other(over, 2, nothing)
    other(over, 3, nothing)
    found = compute()
    for question in found.questions:
        drawn_by = question.shown
        assert question.omitted is not None
        assert question.difficulty == pytest.approx(1 - question.omitted)
        assert drawn_by <= 4
    assert (found.paper.highest, found.paper.lowest) == (100, 0)
    assert found.paper.reliability is not None


def test_who_is_flagged_or_invalidated_is_counted_apart(over: Candidate) -> None:
    other(over, 1, nothing, integrity=FLAGGED)
    other(over, 2, nothing, integrity=INVALID)
    found = compute()
    counted = found.counted
    assert (counted.counted, counted.open, counted.invalidated) == (1, 1, 1)
    assert papers.overall_rate(found) == Fraction(1, 2)  # the open one is neither
    assert found.paper.papers == 1
    assert (found.funnel.submitted, found.funnel.passed, found.funnel.certificates) == (3, 1, 1)


def test_a_person_with_two_rounds_counts_once_by_the_last_submitted_one(over: Candidate) -> None:
    first = other(over, 1, nothing)
    origin = Origin(first.attempt_id, first.cause, "reopen-0001")  # type: ignore[arg-type]
    other(over, 1, right_answer, round=2, origin=origin)
    found = compute()
    assert (found.funnel.opened, found.funnel.submitted, found.funnel.passed) == (2, 2, 2)
    assert (found.paper.papers, found.paper.highest) == (2, 100)
    assert found.paper.lowest  # nobody counts with nothing


def test_a_second_round_that_was_never_submitted_leaves_the_first(over: Candidate) -> None:
    first = other(over, 1, nothing)
    origin = Origin(first.attempt_id, first.cause, "reopen-0001")  # type: ignore[arg-type]
    other(over, 1, right_answer, round=2, origin=origin, submitted_at=None, started_at=None)
    assert compute().paper.lowest == 0


def test_stages_go_from_the_roster_or_the_opening_to_the_certificate(over: Candidate) -> None:
    waiting = {"submitted_at": None, "started_at": None, "status": "opened"}
    other(over, 1, nothing, **{**waiting, "page": 0})
    other(over, 2, nothing, **waiting)
    other(over, 3, nothing)
    funnel = compute().funnel
    assert (funnel.opened, funnel.checked_in, funnel.started) == (4, 3, 2)
    assert (funnel.submitted, funnel.passed, funnel.certificates) == (2, 1, 1)
    assert (funnel.listed, funnel.registered) == (None, None)  # without a roster nobody knows


def test_with_a_roster_the_stages_begin_with_the_list(
    over: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    exam, bank = exams.get_bank(exam_id=EXAM)
    listed = msgspec.structs.replace(exam, roster_version="r")
    me = attempt_of(over).identity.person_hash
    roster = [RosterEntry(me, 0, "太原考点"), RosterEntry("nobody", 0, "大同考点")]
    monkeypatch.setattr(exams, "get_bank", lambda exam_id: (listed, bank))
    monkeypatch.setattr(exams, "list_roster", lambda exam: roster)
    funnel = compute().funnel
    assert (funnel.listed, funnel.registered, funnel.opened) == (2, 1, 1)


def test_groups_are_those_of_the_frozen_data(over: Candidate) -> None:
    identity = attempt_of(over).identity
    elsewhere = msgspec.structs.replace(identity, organisation="=HYPERLINK(1)")
    for number in range(5):
        other(over, number, right_answer, identity=elsewhere)
        other(over, 10 + number, nothing)
    groups = [g for g in compute().groups if g.kind is GroupKind.ORGANISATION]
    told = {group.name: (group.passed, group.decided) for group in groups}
    assert told == {"=HYPERLINK(1)": (5, 5), identity.organisation: (1, 6)}
    data = objects.read_all(settings().papers_bucket, f"statistics/{EXAM}/statistics.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for row in book[t.SHEETS["groups"]].iter_rows() for cell in row]
    [named] = [cell for cell in cells if cell.value == "=HYPERLINK(1)"]
    assert named.data_type == "s"
    assert [cell.value for cell in book[t.SHEETS["funnel"]]["A"]][1:] == list(t.FUNNEL.values())
    assert len(book[t.SHEETS["questions"]]["A"]) == 1 + len(compute().questions)


def test_reported_times_become_a_median(over: Candidate) -> None:
    count = attempt_of(over).question_count
    other(over, 1, nothing, seconds=tuple([10] * count))
    other(over, 2, nothing, seconds=tuple([30] * count))
    found = compute()
    assert {(q.timed, q.seconds) for q in found.questions} <= {
        (2, 20.0),
        (1, 10.0),
        (1, 30.0),
        (0, None),
    }
    assert any(q.timed for q in found.questions)
    assert found.times == Timed(timed=2, without=1)


def test_papers_that_were_closed_are_counted_as_without_times(over: Candidate) -> None:
    count = attempt_of(over).question_count
    other(over, 1, nothing, cause=Cause.DEADLINE)
    other(over, 2, nothing, cause=Cause.SWITCHES)
    other(over, 3, nothing, seconds=tuple([10] * count), cause=Cause.CANDIDATE)
    found = compute()
    assert found.times == Timed(timed=1, closed=2, without=1)
    assert (
        "2 份到时或切屏超限由系统收卷"
        in Widget().open("exams", exam_id=EXAM, view="statistics").text
    )


# --- the operators' view -----------------------------------------------------------------------------------


def test_an_operator_computes_looks_and_corrects_a_key(
    over: Candidate, clock: StandingClock
) -> None:
    for number in range(8):
        other(over, number, right_answer if number % 2 else bank_option(0))
    widget = Widget().open("exams").click("统计")
    assert "还没有统计" in widget.text
    assert "9 份试卷" in widget.click("计算统计").text
    widget.click("返回")
    assert "此后成绩没有变化" in widget.text
    assert widget.count("svg") == 3
    before = everything_stored()
    first = compute().questions[0]
    widget.click("查看")
    assert first.question_id in widget.text
    assert everything_stored().keys() == before.keys()
    assert widget.fields()["right_key"] == first.key
    turned = "B" if first.key == "A" else "A"
    widget.type(**WHO, right_key=turned).click("更正并重新判分")
    assert "答案已更正" in widget.text
    widget.click("返回").click("返回统计")
    assert "有变化，请重新计算" in widget.text
    widget.click("重新计算").click("返回")
    assert "此后成绩没有变化" in widget.text
    assert exams.get_exam(EXAM).key_version
    version = exams.get_exam(EXAM).version
    clock.advance(minutes=2)
    minute()  # notes on the exam that all have followed the correction
    assert exams.get_exam(EXAM).version > version
    assert statistics.look_up_statistics(exam_id=EXAM).current
    shown = statistics.look_up_statistics(exam_id=EXAM)
    assert shown.statistics is not None
    assert of_id(shown.statistics, first.question_id).key == turned


def test_the_view_offers_both_files_by_short_lived_links(over: Candidate) -> None:
    compute()
    links = statistics.look_up_statistics(exam_id=EXAM).links
    assert set(links) == {"xlsx", "json"}
    data = objects.read_all(settings().papers_bucket, f"statistics/{EXAM}/statistics.json")
    assert json.loads(data)["funnel"]["opened"] == 1
    widget = Widget().open("exams").click("统计")
    shown = {e.attributes["href"] for e in widget.all if e.attributes.get("target") == "_blank"}
    assert len(shown) == 2
    assert all("X-Amz-Expires=300" in (address or "") for address in shown)
    titled = quote(f"{exams.get_exam(EXAM).full_title}-统计")
    assert all(quote(titled) in (address or "") for address in shown)


def test_a_new_flag_makes_them_outdated(over: Candidate) -> None:
    compute()
    assert statistics.look_up_statistics(exam_id=EXAM).current
    other(over, 1, nothing, integrity=FLAGGED)
    assert not statistics.look_up_statistics(exam_id=EXAM).current


def test_before_the_end_there_are_none(passed: Candidate, clock: StandingClock) -> None:
    exam = exams.get_exam(EXAM)
    assert "统计" not in [e.text for e in Widget().open("exams").all if e.tag == "a"]
    event = {"do": "compute_statistics", "exam_id": EXAM, "endpoints": ENDPOINTS}
    told = run(handler_of("command_exam"), {**event, "widgetContext": context()})
    assert "考试还没有全场结束" in told
    with pytest.raises(Conflict, match="exam_not_over"):
        statistics.compute_statistics(exam_id=EXAM, now=exam.ends_at)
    assert statistics.compute_statistics(exam_id=EXAM, now=exam.ends_at + 1).counted.counted == 1


def test_nobody_came(candidate: Candidate, clock: StandingClock) -> None:
    clock.advance(minutes=600)
    found = compute()
    assert (found.counted.counted, found.questions, found.groups) == (0, (), ())
    assert found.paper.mean is None
    widget = Widget().open("exams").click("统计")
    assert "没有计入统计的试卷" in widget.text


def test_a_practice_exam_has_no_statistics(
    over: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    exam, bank = exams.get_bank(exam_id=EXAM)
    practice = msgspec.structs.replace(exam.policy, kind=ExamKind.PRACTICE)
    trial = msgspec.structs.replace(exam, policy=practice)
    monkeypatch.setattr(exams, "get_bank", lambda exam_id: (trial, bank))
    with pytest.raises(Conflict, match="practice_not_counted"):
        compute()
