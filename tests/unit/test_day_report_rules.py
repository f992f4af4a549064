"""The figures of an exam-day report: each attempt, decision and case counts where its row says."""

import io
from typing import Any

import msgspec
import pytest

from chalicelib.attempts import watch
from chalicelib.attempts.model import (
    Absence,
    AbsenceKind,
    Attempt,
    AttemptAudit,
    Cause,
    Decision,
    HelpReason,
    HelpRequest,
    PersonalAnnouncement,
    Silences,
    Status,
    Waiver,
)
from chalicelib.cases.model import Case, CaseKind, CaseState, Ruling
from chalicelib.day_reports import document, service, texts
from chalicelib.day_reports.counting import Counting, decision_waits
from chalicelib.day_reports.model import DayReport, Figures, median
from chalicelib.exams.model import ExamOrder, OrderKind, Preflight
from chalicelib.proctoring.model import Integrity, IntegrityRule, IntegrityState, Segment, Verdict
from chalicelib.timeline.model import FIRST, TimelineEntry
from tests.unit.attempts import HOUR, MINUTE, T0, attempt
from tests.unit.exams import exam

NOW = T0 + 10 * HOUR


def submitted(**fields: Any) -> Attempt:
    done = {"status": Status.SUBMITTED, "started_at": T0, "submitted_at": T0 + HOUR}
    return attempt(**{**done, "cause": Cause.CANDIDATE, **fields})


def counted(*attempts: Attempt, cases: tuple[Case, ...] = (), **of_exam: Any) -> Figures:
    counting = Counting()
    for one in attempts:
        counting.take(one, NOW)
    return counting.figures(exam(**of_exam), None, cases)


def entry(at: int, state: str, rule: str | None) -> TimelineEntry:
    fact = {"what": "integrity", "state": state, "rule": rule}
    return TimelineEntry(1, at, [{"what": "opened"}, fact], FIRST, "h")


def case(kind: CaseKind, state: CaseState, wait_s: int | None) -> Case:
    ruling = None
    if wait_s is not None:
        ruling = Ruling("c-1", "李运营", "理由", True, T0 + wait_s * 1000)
    return Case("co_1", kind, "ac_1", 1, state, T0, "", ruling=ruling)


@pytest.mark.parametrize(
    ("seconds", "middle"),
    [([], None), ([5], 5), ([9, 1], 1), ([9, 1, 5], 5), ([4, 3, 2, 1], 2)],
)
def test_the_median_is_a_second_that_occurred(seconds: list[int], middle: int | None) -> None:
    assert median(seconds) == middle


def test_people_are_counted_by_how_far_they_came() -> None:
    again = submitted(round=2, cause=Cause.DEADLINE)
    running = attempt(status=Status.STARTED, started_at=T0)
    waived = attempt(waiver=Waiver("tk_1", "李运营", "受伤", T0))
    found = counted(submitted(), submitted(cause=Cause.SWITCHES), again, running, waived)
    assert (found.opened, found.started, found.submitted) == (4, 3, 3)
    assert (found.by_candidate, found.by_deadline, found.by_switches) == (1, 1, 1)
    assert (found.unsubmitted, found.reopened, found.waived, found.listed) == (1, 1, 1, None)


def test_answers_are_counted_as_acknowledged_and_as_kept() -> None:
    answers = {"1": "A", "2": "", "3": ("甲",), "4": ()}
    found = counted(submitted(answers=answers, acked_seq=9, question_count=5))
    assert (found.questions, found.acknowledged, found.kept) == (5, 9, 2)


def test_each_verdict_counts_in_one_row_and_rows_add_up() -> None:
    watched = submitted(
        segments=(Segment(T0, T0 + HOUR),),
        snapshot_seed="seed",
        asked={str(slot): T0 for slot in range(9)},
        verdicts={str(slot): verdict for slot, verdict in enumerate(Verdict)},
        accepted_gaps=(8,),
    )
    found = counted(watched)
    assert found.due == len(watch.moments(watched))
    assert (found.asked, found.judged, found.missing, found.gaps) == (9, 7, 1, 1)
    assert found.judged == found.match + found.against + found.unusable
    assert (found.match, found.against, found.unusable, found.gaps_accepted) == (1, 3, 3, 1)
    assert found.unsettled == found.due - len(Verdict)


def test_snapshots_after_the_submission_were_not_due() -> None:
    early = submitted(
        segments=(Segment(T0, T0 + HOUR),), snapshot_seed="seed", submitted_at=T0 + MINUTE
    )
    assert counted(early).due == sum(at <= T0 + MINUTE for at in watch.moments(early))


def test_leaving_the_page_is_counted() -> None:
    absence = Absence(1, 1, AbsenceKind.BLUR, T0, T0, 4000, True, True)
    left = submitted(switches=(absence, absence), short_absences=3, silences=Silences(2, 9000))
    found = counted(left, submitted())
    assert (found.switches, found.switched, found.short_absences, found.silent) == (2, 1, 3, 2)


@pytest.mark.parametrize(
    ("state", "field"),
    [
        (IntegrityState.INVALIDATED, "flags_upheld"),
        (IntegrityState.CLEAR, "flags_cleared"),
        (IntegrityState.OVERTURNED, "flags_overturned"),
    ],
)
def test_each_decision_counts_by_what_was_decided(state: IntegrityState, field: str) -> None:
    decided = Decision(state, IntegrityRule.REPLAYED, "李运营", "理由", T0)
    found = counted(submitted(decisions=(decided,)))
    assert getattr(found, field) == 1
    assert found.flags_upheld + found.flags_cleared + found.flags_overturned == 1


def test_who_is_invalidated_without_a_decision_is_so_by_rule() -> None:
    broken = Integrity(IntegrityState.INVALIDATED, IntegrityRule.SEVERAL, (1,))
    decided = Decision(IntegrityState.INVALIDATED, IntegrityRule.SEVERAL, "李运营", "理由", T0)
    flagged = Integrity(IntegrityState.FLAGGED, IntegrityRule.UNSEEN, (1,))
    assert counted(submitted(integrity=broken)).invalidated_by_rule == 1
    found = counted(submitted(integrity=broken, decisions=(decided,)))
    assert (found.invalidated_by_rule, found.flags_upheld) == (0, 1)
    assert counted(submitted(integrity=flagged)).flags_open == 1


def test_a_flag_waits_from_its_newest_entry_to_its_decision() -> None:
    rule = IntegrityRule.MISMATCH
    decided = Decision(IntegrityState.CLEAR, rule, "李运营", "理由", T0 + 90_999)
    of = submitted(decisions=(decided,))
    raised = [entry(T0, "flagged", rule.value), entry(T0 + 30_000, "flagged", rule.value)]
    assert decision_waits(of, raised) == [60]
    later = [*raised, entry(T0 + 91_000, "flagged", rule.value)]
    assert decision_waits(of, later) == [60]
    at_once = [entry(T0 + 90_999, "flagged", rule.value)]
    assert decision_waits(of, at_once) == [0]
    others = [entry(T0, "flagged", "unseen"), entry(T0, "clear", None)]
    assert decision_waits(of, others) == decision_waits(of, []) == []
    overturned = msgspec.structs.replace(decided, state=IntegrityState.OVERTURNED)
    assert decision_waits(submitted(decisions=(overturned,)), raised) == []


def test_cases_are_counted_by_kind_state_and_time() -> None:
    found = counted(
        cases=(
            case(CaseKind.COMPLAINT, CaseState.ACCEPTED, 60),
            case(CaseKind.COMPLAINT, CaseState.REJECTED, 120),
            case(CaseKind.COMPLAINT, CaseState.OPEN, None),
            case(CaseKind.TICKET, CaseState.REJECTED, 5),
            case(CaseKind.TICKET, CaseState.OPEN, None),
        )
    )
    assert (found.complaints, found.complaints_upheld, found.complaints_rejected) == (3, 1, 1)
    assert (found.complaints_open, found.complaint_median_s) == (1, 60)
    assert (found.tickets, found.tickets_accepted, found.tickets_rejected) == (2, 0, 1)
    assert (found.tickets_open, found.ticket_median_s, found.flag_median_s) == (1, 5, None)


def test_commands_and_incidents_are_counted() -> None:
    audit = AttemptAudit("c-1", "extend_time", "李运营", "理由", T0)
    told = PersonalAnnouncement("c-2", "请看摄像头", T0)
    asked = HelpRequest(2, "r-1", HelpReason.CAMERA, T0)
    order = ExamOrder("c-3", OrderKind.COMPENSATE, "李", "断网", T0, T0, extra_ms=10 * MINUTE)
    found = counted(
        submitted(audit=(audit, audit), personal=(told,), help=asked),
        orders=(order,),
        preflight_opening=Preflight(T0, False, ("缺答案",)),
    )
    assert (found.commands, found.announcements, found.help_requests) == (2, 1, 2)
    assert (found.orders, found.compensated_min, found.failed_preflights) == (1, 10, 1)


# --- what is printed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "无"),
        (0, "0 秒"),
        (59, "59 秒"),
        (60, "1 分 0 秒"),
        (3599, "59 分 59 秒"),
        (3600, "1 小时 0 分"),
    ],
)
def test_lengths_of_time_are_told_in_words(value: int | None, words: str) -> None:
    assert service.in_words(value, seconds=True) == words


def test_each_figure_has_one_row_with_its_source() -> None:
    rows = [field for section in texts.ROWS.values() for field in section]
    assert rows == list(Figures.__struct_fields__)
    assert all(source for section in texts.ROWS.values() for _, source in section.values())


def report(**fields: Any) -> DayReport:
    made = DayReport(
        *("exam", "政府采购考核", T0, T0 + HOUR, ("p" * 20, "", "r" * 20), "list-0001"),
        *("李运营", "op_1", "报送", NOW, Figures(opened=812)),
    )
    return msgspec.structs.replace(made, **fields)


def test_the_report_prints_every_row_on_two_pages_and_always_the_same_bytes() -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader

    printed = service.printed(report())
    assert ("打开考试", "812", "attempts 中 round = 1") in printed.sections[0][1]
    data = document.write_document(printed, at=T0)
    assert data == document.write_document(printed, at=T0)
    assert len(PdfFileReader(io.BytesIO(data)).root["/Pages"]["/Kids"]) == 2


def test_a_title_with_a_character_that_no_font_has_is_printed_as_its_code() -> None:
    assert document.write_document(
        service.printed(report(title="考核\U0001f600")), at=T0
    ).startswith(b"%PDF-")
