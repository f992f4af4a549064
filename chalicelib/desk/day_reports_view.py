"""Exam-day reports on the page of an exam: those that were made, and a form to have one made after the end."""

from chalicelib.day_reports import service as day_reports
from chalicelib.day_reports import texts as t
from chalicelib.day_reports.model import DayReport
from chalicelib.desk import forms, parts
from chalicelib.desk.forms import Target
from chalicelib.desk.widget import Ask
from chalicelib.exams import service as exams
from chalicelib.exams.model import Phase
from chalicelib.shared.html import Content, Html, el, join

VIEW = "day_reports"


def show(ask: Ask, exam_id: str) -> Html:
    """The reports of an exam with their links, and the form."""
    exam = exams.get_exam(exam_id)
    here = {"to": "exams", "exam_id": exam_id, "view": VIEW}
    target = Target(ask.endpoints["command_exam"], {"exam_id": exam_id}, here)
    back = forms.way_back(ask, {"to": "exams", "exam_id": exam_id}, t.BACK_TO_EXAM)
    head = join(back, el("h3", f"{exam.full_title}：{t.TITLE}"), parts.empty(t.WHAT))
    if exam.phase(ask.now) is not Phase.ENDED:
        return join(head, el("p", t.EARLY, class_="warn"), forms.keep_operator(ask))
    make = forms.give(ask, target, "make_day_report", t.MAKE, sure=t.MAKE_SURE, kind="main")
    panel = forms.panel(ask, t.MAKE, forms.order(make), reason=t.REASON)
    return join(head, panel, _made(ask, exam_id))


def button(ask: Ask, exam_id: str) -> Html:
    """The way to the reports of an exam."""
    return parts.show(t.TITLE, ask.endpoints["exams"], exam_id=exam_id, view=VIEW)


def _made(ask: Ask, exam_id: str) -> Html:
    made = day_reports.list_reports(exam_id=exam_id)
    if not made:
        return join()
    again = parts.show(t.REFRESH, ask.endpoints["exams"], exam_id=exam_id, view=VIEW)
    rows = [_row(report, link) for report, link in made]
    return join(el("h4", t.MADE_TITLE), parts.table(t.HEADS_MADE, rows), again)


def _row(report: DayReport, link: str | None) -> list[Content]:
    state = parts.link(t.OPEN, link) if link else parts.mark(t.WAITS, "warn")
    return [parts.day_and_minute(report.made_at), report.operator, report.reason, state]
