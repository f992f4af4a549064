"""Exam-day reports: ordered by an operator, written and signed by the writer, counted again by an auditor."""

from typing import Any

import msgspec
import pytest

from chalicelib.day_reports import service, store
from chalicelib.exams import service as exams
from chalicelib.exams.model import ExamKind
from chalicelib.kernel.commands import Command
from chalicelib.results.model import ORDER_AGAIN_MS
from chalicelib.shared import clients, objects
from chalicelib.shared.errors import Conflict
from chalicelib.shared.settings import settings
from tests.api import minute
from tests.clock import T0, StandingClock
from tests.console import Widget
from tests.faults import everything_stored
from tests.integration.candidates import EXAM, Candidate
from tests.integration.certificates import attempt_of, tell
from tests.signing import is_valid

NOW = T0 + 10 * 3_600_000
WHO = {"operator": "李运营", "reason": "存档备查"}


@pytest.fixture
def over(passed: Candidate, clock: StandingClock) -> Candidate:
    """One person has passed, and the exam is over."""
    clock.advance(minutes=180)
    return passed


def command(number: int = 1, **more: str) -> Command:
    given = {"operator": "李运营", "reason": "存档备查", "operator_id": "op_1", **more}
    return Command(command_id=f"report-{number:04}", version_seen=0, **given)


def make(number: int = 1, *, now: int = NOW, **more: str) -> Any:
    return service.make_report(exam_id=EXAM, command=command(number, **more), now=now)


def write(command_id: str) -> None:
    """What the stream of the results table does."""
    key = {"feed": {"S": f"report#{EXAM}"}, "sk": {"S": command_id}}
    tell("certificates.write_documents", "RESULTS_TABLE", key)


def document(command_id: str) -> bytes:
    return objects.read_all(settings().private_bucket, f"day-reports/{EXAM}/{command_id}.pdf")


def test_an_operator_orders_it_and_a_minute_later_it_is_signed(over: Candidate) -> None:
    widget = Widget().open("exams").click("调整").click("考试日报告")
    widget.type(**WHO).click("出具考试日报告")
    assert "报告已出具" in widget.text
    widget.click("返回")
    assert "正在签发" in widget.text
    [made] = store.list_reports(EXAM)
    write(made.command_id)
    widget.click("刷新")
    [link] = [e.attributes["href"] for e in widget.all if e.attributes.get("target") == "_blank"]
    assert f"/day-reports/{EXAM}/{made.command_id}.pdf?" in (link or "")
    data = document(made.command_id)
    assert is_valid(data)
    changed = bytearray(data)
    changed[len(data) // 3] ^= 1
    assert not is_valid(bytes(changed))


def test_its_figures_are_those_of_the_stored_records(over: Candidate) -> None:
    figures, stored = make().figures, attempt_of(over)
    assert (figures.opened, figures.started, figures.submitted) == (1, 1, 1)
    assert figures.acknowledged == stored.acked_seq
    assert figures.kept == sum(1 for answer in stored.answers.values() if answer)
    assert figures.asked == len(stored.asked.keys() | stored.verdicts.keys())
    assert figures.judged + figures.missing + figures.gaps == len(stored.verdicts)
    assert figures.unsettled == 0


def test_complaints_and_flags_of_the_exam_are_counted(
    flagged: Candidate, clock: StandingClock
) -> None:
    clock.advance(minutes=300)
    assert make(now=clock.now).figures.flags_open == 1


def test_it_is_written_once_and_the_same_each_time(over: Candidate) -> None:
    made = make()
    write(made.command_id)
    first = document(made.command_id)
    before = everything_stored()
    write(made.command_id)
    assert everything_stored() == before
    service.store.note_written(made, "")  # as if a crash had come before the note
    write(made.command_id)
    assert document(made.command_id) == first


def test_the_same_order_again_asks_for_a_missing_document_and_counts_nothing_anew(
    over: Candidate,
) -> None:
    made = make()
    again = make(now=NOW + 60_000)
    assert again == made
    write(made.command_id)
    before = everything_stored()
    assert make(now=NOW + 120_000).sha256
    assert everything_stored() == before
    with pytest.raises(Conflict, match="command_id_taken"):
        make(reason="别的用途")
    with pytest.raises(Conflict, match="command_id_taken"):
        make(operator_id="op_2")


@pytest.mark.parametrize(("ms", "asked"), [(-1, 0), (0, 1), (1, 1)])
def test_a_lost_order_is_given_again_after_two_minutes(
    over: Candidate, ms: int, asked: int
) -> None:
    made = make()
    at = NOW + ORDER_AGAIN_MS + ms
    assert service.order_documents_again(now=at) == asked
    [waiting] = store.list_waiting()
    assert waiting.ordered_at == (at if asked else NOW)
    assert service.order_documents_again(now=at) == 0, "it was asked for just now"
    write(made.command_id)
    assert store.list_waiting() == []
    assert service.order_documents_again(now=at + ORDER_AGAIN_MS) == 0


def test_the_minute_orders_late_reports_again(over: Candidate, clock: StandingClock) -> None:
    make(now=clock.now)
    clock.advance(ms=ORDER_AGAIN_MS)
    assert minute()["documents_ordered"] == 2, "the report, and a certificate"
    assert store.list_waiting()[0].ordered_at == clock.now


def test_a_report_that_was_asked_for_meanwhile_is_not_asked_for_twice(over: Candidate) -> None:
    make()
    [waiting] = store.list_waiting()
    assert store.ask_late(waiting, NOW + 1)
    assert not store.ask_late(waiting, NOW + 2)


def test_figures_that_somebody_changed_are_not_signed(over: Candidate) -> None:
    made = make()
    clients.client("dynamodb").update_item(
        TableName=settings().results_table,
        Key={"feed": {"S": f"report#{EXAM}"}, "sk": {"S": made.command_id}},
        UpdateExpression="SET figures.opened = :n",
        ExpressionAttributeValues={":n": {"N": "7"}},
    )
    write(made.command_id)
    assert service.order_documents_again(now=NOW + ORDER_AGAIN_MS) == 0
    assert not objects.exists(
        settings().private_bucket, f"day-reports/{EXAM}/{made.command_id}.pdf"
    )
    assert not service.list_reports(exam_id=EXAM)[0][0].sha256


def test_before_the_end_there_is_none(passed: Candidate) -> None:
    ends_at = exams.get_exam(EXAM).ends_at
    with pytest.raises(Conflict, match="report_too_early"):
        make(now=ends_at)
    assert "全场结束后才能出具" in Widget().open("exams").click("调整").click("考试日报告").text
    assert make(now=ends_at + 1).figures.opened == 1


def test_a_practice_exam_has_none(over: Candidate, monkeypatch: pytest.MonkeyPatch) -> None:
    exam = exams.get_exam(EXAM)
    practice = msgspec.structs.replace(exam.policy, kind=ExamKind.PRACTICE)
    trial = msgspec.structs.replace(exam, policy=practice)
    monkeypatch.setattr(exams, "get_exam", lambda exam_id: trial)
    with pytest.raises(Conflict, match="practice_without_report"):
        make()
