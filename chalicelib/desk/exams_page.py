"""The page 考试与考前检查: the published exams, their checks before the exam, and orders for a whole exam."""

from collections.abc import Sequence

import msgspec

from chalicelib.attempts import overview
from chalicelib.desk import (
    announcements_view,
    day_reports_view,
    forms,
    parts,
    practices_view,
    score_lists_page,
    series_view,
    statistics_page,
)
from chalicelib.desk import texts as t
from chalicelib.desk.actions import call
from chalicelib.desk.forms import Target
from chalicelib.desk.widget import Ask
from chalicelib.exams import lists, preflight
from chalicelib.exams import service as exams
from chalicelib.exams.listing import ListPart
from chalicelib.exams.model import Checkpoint, Exam, ExamOrder, ListedExam, OrderKind, Phase
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.shared.html import Content, Html, el, join

# each exam is read whole, because the index does not hold the results of its checks
_PAGE_ROWS = 10


class Wanted(msgspec.Struct, frozen=True):
    """Which exam, or which page of the list.

    `ended`: the list of those that are over, after this place of it (`after`).
    `view`: its statistics, score lists or reports, or who of its roster has practised.
    `question_id`: a question in the statistics.
    """

    exam_id: str = ""
    page: int = 1
    ended: bool = False
    after: str = ""
    view: str = ""
    question_id: str = ""


def show(ask: Ask) -> Html:
    """One exam when the parameters name it; else the current exams or those that are over, the latest start first."""
    wanted = ask.wants(Wanted)
    if wanted.exam_id and wanted.view == statistics_page.VIEW:
        return statistics_page.show(ask, wanted.exam_id, wanted.question_id, wanted.page)
    if wanted.exam_id and wanted.view == day_reports_view.VIEW:
        return day_reports_view.show(ask, wanted.exam_id)
    if wanted.exam_id and wanted.view == score_lists_page.VIEW:
        return score_lists_page.show(ask, wanted.exam_id)
    return _one(ask, wanted) if wanted.exam_id else _list(ask, wanted)


def _list(ask: Ask, wanted: Wanted) -> Html:
    """The current exams; those that are over when they are wanted, or when there are no others."""
    current = [] if wanted.ended else lists.list_current()
    if not current:
        return _ended(ask, wanted)
    newest_first = sorted(current, key=lambda exam: exam.starts_at, reverse=True)
    shown, number, pages = overview.cut(newest_first, wanted.page, _PAGE_ROWS)
    here = ask.endpoints["exams"]
    more = join(
        parts.pager(number, pages, here), el("p", parts.show(t.ENDED_EXAMS, here, ended=True))
    )
    return _table(ask, shown, more, parts.show(t.REFRESH, here))


def _ended(ask: Ask, wanted: Wanted) -> Html:
    """One page of the exams that are over. A page names the place of its last exam; there are no numbers."""
    here = ask.endpoints["exams"]
    again = parts.show(t.CURRENT_EXAMS, here)
    page = lists.list_page(part=ListPart.ENDED, after=wanted.after, most=_PAGE_ROWS)
    if not page.exams:
        nothing = t.NO_ENDED_EXAMS if wanted.ended else t.NO_EXAMS
        return join(parts.empty(nothing), forms.keep_operator(ask), again)
    first = parts.show(t.FIRST_PAGE, here, ended=True) if wanted.after else join()
    next_ = parts.show(t.AFTER, here, ended=True, after=page.next.text) if page.next else join()
    return _table(ask, page.exams, el("p", first, next_), again)


def _table(ask: Ask, shown: Sequence[ListedExam], more: Html, again: Html) -> Html:
    rows = [_row(ask, exams.get_exam(exam.exam_id)) for exam in shown]
    return join(parts.table(t.EXAM_HEADS, rows), more, forms.keep_operator(ask), again)


def _row(ask: Ask, exam: Exam) -> list[Content]:
    buttons = join(
        parts.show(t.LIVE, ask.endpoints["live"], exam_id=exam.exam_id),
        parts.show(t.ADJUST, ask.endpoints["exams"], exam_id=exam.exam_id),
        _statistics(ask, exam),
        _score_lists(ask, exam),
    )
    day, minute = parts.day_and_minute(exam.starts_at).split()
    start = join(parts.whole(day), " ", parts.whole(minute))
    title = join(exam.title, el("br"), parts.mark(exam.exam_id), series_view.sitting_line(exam))
    who = exams.say_who_may_enter(exam)
    phase = parts.whole(_phase(exam, ask.now))
    return [title, phase, start, who, _checks(exam), buttons]


def _phase(exam: Exam, now: int) -> str:
    return t.PRACTICE_PHASE if exam.is_practice else t.PHASES[exam.phase(now).value]


def _checks(exam: Exam) -> Html:
    """The result of each check before the exam, or when it will be made."""
    lines = []
    for checkpoint in Checkpoint:
        name, done = t.CHECKPOINTS[checkpoint.value], exam.preflight(checkpoint)
        if done is None:
            at = parts.moment(preflight.comes_at(exam, checkpoint))
            result = parts.mark(t.COMING_CHECK.format(at=at))
        elif done.ok:
            result = parts.mark(t.CHECKED_WELL, "good")
        else:
            result = parts.mark("；".join(done.findings), "bad")
        lines.append(el("div", name, "：", result))
        lines += [el("div", note, class_="quiet") for note in done.notes] if done else []
    return join(*lines)


def _one(ask: Ask, wanted: Wanted) -> Html:
    exam_id = wanted.exam_id
    exam = exams.get_exam(exam_id)
    values = (
        exam.title,
        exam.exam_id,
        _phase(exam, ask.now),
        parts.day_and_minute(exam.starts_at),
        t.ALWAYS if exam.is_practice else parts.moment(exam.entry_until),
        t.ALWAYS if exam.is_practice else parts.moment(exam.ends_at),
        exam.question_count,
        exams.say_who_may_enter(exam),
    )
    return join(
        forms.way_back(ask, {"to": "exams"}, t.BACK_TO_LIST),
        parts.show(t.LIVE, ask.endpoints["live"], exam_id=exam_id),
        _preview(ask, exam_id),
        _statistics(ask, exam),
        _score_lists(ask, exam),
        _day_reports(ask, exam),
        parts.about(zip(t.EXAM_ABOUT, values, strict=True)),
        _checks(exam),
        practices_view.told(ask, exam, whole=wanted.view == practices_view.VIEW),
        announcements_view.told(exam),
        series_view.show_series(ask, exam),
        _orders(exam),
        _commands(ask, exam),
    )


def _statistics(ask: Ask, exam: Exam) -> Html | None:
    """The way to the statistics of an exam that is over; a practice exam has none."""
    if exam.policy.is_practice or exam.phase(ask.now) is not Phase.ENDED:
        return None
    return statistics_page.button(ask, exam.exam_id)


def _score_lists(ask: Ask, exam: Exam) -> Html | None:
    """The way to the score lists of an exam; a practice exam has none."""
    return None if exam.is_practice else score_lists_page.button(ask, exam.exam_id)


def _day_reports(ask: Ask, exam: Exam) -> Html | None:
    """The way to the exam-day reports of an exam; a practice exam has none."""
    return None if exam.is_practice else day_reports_view.button(ask, exam.exam_id)


def _preview(ask: Ask, exam_id: str) -> Html:
    """A button that writes the preview of all questions."""
    wanted = {"do": "preview_exam", "exam_id": exam_id, "back": {"to": "exams", "exam_id": exam_id}}
    endpoint = ask.endpoints["command_exam"]
    return call(parts.button(t.PREVIEW), endpoint, wanted, confirmation=t.PREVIEW_SURE)


def _orders(exam: Exam) -> Html:
    if not exam.orders:
        return join()
    rows = [
        (
            parts.moment(order.given_at),
            _order(order),
            order.operator,
            order.reason,
            t.FOLLOWING if order.followed_at is None else t.FOLLOWED,
        )
        for order in reversed(exam.orders)
    ]
    return join(el("h4", t.ORDERS), parts.table(t.ORDER_HEADS, rows))


def _order(order: ExamOrder) -> str:
    match order.kind:
        case OrderKind.COMPENSATE:
            return t.ORDER_COMPENSATE.format(minutes=order.extra_ms // MINUTE_MS)
        case OrderKind.RESCHEDULE:
            return t.ORDER_RESCHEDULE.format(at=parts.day_and_minute(order.starts_at or 0))
        case OrderKind.CORRECT_KEY:
            return t.ORDER_CORRECT_KEY


def _commands(ask: Ask, exam: Exam) -> Html:
    if exam.phase(ask.now) is Phase.ENDED or exam.is_practice:
        return forms.keep_operator(ask)
    about = {"exam_id": exam.exam_id, "version_seen": exam.version}
    here = {"to": "exams", "exam_id": exam.exam_id}
    target = Target(ask.endpoints["command_exam"], about, here)
    minutes = forms.number_field(ask, "extra_min", t.EXTRA_FOR_ALL, "10")
    more = forms.give(ask, target, "compensate_exam", t.COMPENSATE, sure=t.COMPENSATE_SURE)
    start = parts.field("starts_at", t.NEW_START, ask.field("starts_at"), type="datetime-local")
    move = forms.give(ask, target, "reschedule_exam", t.RESCHEDULE, sure=t.RESCHEDULE_SURE)
    tell = announcements_view.order_for_all(ask, target)
    given = (forms.order(minutes, more), forms.order(start, move), tell)
    return forms.panel(ask, t.EXAM_COMMANDS, *given)
