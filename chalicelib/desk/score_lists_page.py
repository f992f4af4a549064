"""The view 成绩单 of the page 考试与考前检查: make a score list, and see who has taken which."""

from typing import Any

from chalicelib.desk import forms, parts
from chalicelib.desk.actions import call
from chalicelib.desk.forms import Target
from chalicelib.desk.widget import Ask
from chalicelib.exams import service as exams
from chalicelib.exams.model import Phase
from chalicelib.score_lists import service as score_lists
from chalicelib.score_lists import texts as t
from chalicelib.score_lists.model import ScoreList
from chalicelib.shared.html import Content, Html, el, join

VIEW = "score_lists"
_MOST_SHOWN = 50


def show(ask: Ask, exam_id: str) -> Html:
    """The forms for both kinds of lists, and all lists that were made."""
    exam = exams.get_exam(exam_id)
    here = {"to": "exams", "exam_id": exam_id, "view": VIEW}
    target = Target(ask.endpoints["command_exam"], {"exam_id": exam_id}, here)
    early = exam.phase(ask.now) is not Phase.ENDED
    orders = score_lists.list_orders(exam_id=exam_id)
    return join(
        forms.way_back(ask, {"to": "exams", "exam_id": exam_id}, t.BACK_TO_EXAM),
        el("h3", t.PAGE_TITLE.format(title=exam.full_title)),
        el("p", t.EARLY, class_="warn") if early else None,
        parts.empty(t.WHAT_IT_LISTS),
        forms.panel(
            ask,
            t.MAKE_TITLE,
            _kind(ask, target, "make_score_list", series=exam.series is not None),
            _kind(ask, target, "make_full_score_list", series=exam.series is not None),
            reason=t.REASON,
        ),
        _made(ask, orders, here),
    )


def button(ask: Ask, exam_id: str) -> Html:
    """The way to the score lists of an exam."""
    return parts.show(t.TITLE, ask.endpoints["exams"], exam_id=exam_id, view=VIEW)


def _kind(ask: Ask, target: Target, do: str, *, series: bool) -> Html:
    """What a kind of list shows, and its buttons."""
    text, sure, note = t.KINDS[do]
    main = "main" if do == "make_score_list" else ""
    one = forms.give(ask, target, do, text, sure=sure, kind=main)
    all_sittings = None
    if series:
        label = t.OF_SERIES.format(text=text)
        all_sittings = forms.give(ask, target, do, label, sure=sure, of_series=True)
    return forms.order(el("div", note), el("div", one, all_sittings))


def _made(ask: Ask, orders: list[ScoreList], here: dict[str, Any]) -> Html:
    if not orders:
        return parts.empty(t.NONE_MADE)
    rows = [_row(ask, order, here) for order in orders[:_MOST_SHOWN]]
    return join(el("h4", t.MADE_TITLE), parts.table(t.MADE_HEADS, rows), parts.empty(t.MADE_NOTE))


def _row(ask: Ask, order: ScoreList, here: dict[str, Any]) -> list[Content]:
    kind = parts.mark(t.FULL, "warn") if order.unmasked else t.MASKED_SHORT
    of = t.ALL_SITTINGS if order.series_id else ""
    return [
        parts.day_and_minute(order.ordered_at),
        order.operator,
        join(kind, of),
        order.reason,
        _state(order, ask.now),
        _again(ask, order, here),
    ]


def _state(order: ScoreList, now: int) -> str:
    early = t.PROVISIONAL if order.provisional else ""
    if order.finished_at is not None:
        state = t.FINISHED.format(rows=order.people) + early
        return state if now < order.expires_at else state + t.GONE
    return t.UNFINISHED if now < order.expires_at else t.NEVER_FINISHED


def _again(ask: Ask, order: ScoreList, here: dict[str, Any]) -> Html | None:
    """The same order once more: it goes on, or links to its files. Only its operator can give it, with another code."""
    if ask.now >= order.expires_at:
        return None
    text = t.FETCH if order.finished_at is not None else t.GO_ON
    wanted = {
        "do": "make_full_score_list" if order.unmasked else "make_score_list",
        "exam_id": order.exam_id,
        "command_id": order.command_id,
        "operator": order.operator,
        "reason": order.reason,
        "of_series": bool(order.series_id),
        "back": here,
    }
    return call(parts.button(text), ask.endpoints["command_exam"], wanted)
