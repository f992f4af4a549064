"""The view 统计 of the page 考试与考前检查: what was computed about an exam that is over, doubtful questions first."""

from collections.abc import Iterable
from typing import Any

import msgspec

from chalicelib.attempts import overview
from chalicelib.desk import charts, forms, parts
from chalicelib.desk.actions import call
from chalicelib.desk.charts import Dot
from chalicelib.desk.forms import Target
from chalicelib.desk.texts import REFRESH
from chalicelib.desk.widget import Ask
from chalicelib.exams.model import Exam
from chalicelib.exams.questions import QuestionType
from chalicelib.shared.html import Content, Html, el, join
from chalicelib.statistics import doubts, papers, workbook
from chalicelib.statistics import service as statistics
from chalicelib.statistics import texts as t
from chalicelib.statistics.model import (
    Group,
    OptionShare,
    PaperStatistics,
    QuestionStatistics,
    Statistics,
    Timed,
)
from chalicelib.statistics.service import Shown

VIEW = "statistics"
_MOST_DOTS = 400  # more cannot be told apart, and the page stays small
_MOST_GROUPS = 30  # the workbook has all
_MOST_STEM = 60  # characters of a stem in the list, which stands in half a dashboard


def show(ask: Ask, exam_id: str, question_id: str, page: int) -> Html:
    """The statistics of an exam, or one of its questions."""
    shown = statistics.look_up_statistics(exam_id=exam_id)
    if question_id and shown.statistics is not None:
        return _question_view(ask, shown, question_id, page)
    back = forms.way_back(ask, {"to": "exams", "exam_id": exam_id}, t.BACK_TO_EXAM)
    again = parts.show(REFRESH, ask.endpoints["exams"], exam_id=exam_id, view=VIEW)
    head = join(back, again, el("h3", t.TITLE.format(title=shown.exam.full_title)))
    if shown.statistics is None:
        return join(head, el("p", t.NOT_COMPUTED), _compute(ask, exam_id, t.COMPUTE, "main"))
    found = shown.statistics
    return join(
        head,
        _standing(ask, shown, found),
        _counts(found),
        parts.empty(t.WHO_COUNTS),
        parts.pictures(_distribution(found.paper), _stages(found)),
        _questions(ask, found, page),
        parts.pictures(_scatter(found.questions), _papers(found)),
        _groups(found.groups),
        forms.keep_operator(ask),
    )


def button(ask: Ask, exam_id: str) -> Html:
    """The way to the statistics of an exam."""
    return parts.show(t.OPEN, ask.endpoints["exams"], exam_id=exam_id, view=VIEW)


def _here(exam_id: str, **more: Any) -> dict[str, Any]:
    return {"to": "exams", "exam_id": exam_id, "view": VIEW, **more}


def _compute(ask: Ask, exam_id: str, text: str, kind: str) -> Html:
    wanted = {"do": "compute_statistics", "exam_id": exam_id, "back": _here(exam_id)}
    return call(parts.button(text, kind), ask.endpoints["command_exam"], wanted)


def _standing(ask: Ask, shown: Shown, found: Statistics) -> Html:
    """When it was computed, whether it still holds, and the files."""
    at = parts.day_and_minute(found.computed_at)
    told = (
        parts.mark(t.COMPUTED_AT.format(at=at))
        if shown.current
        else parts.mark(t.OUTDATED.format(at=at), "warn")
    )
    again = _compute(ask, found.exam_id, t.COMPUTE_AGAIN, "" if shown.current else "main")
    files = (parts.link(t.FILES[ending], address) for ending, address in shown.links.items())
    links = (part for link in files for part in (" ", link))
    return el("p", told, " ", again, *links, " ", parts.mark(t.LINKS_END))


def _counts(found: Statistics) -> Html:
    counted, doubtful = found.counted, sum(bool(q.doubts) for q in found.questions)
    figures = (
        parts.count(counted.counted, t.COUNTED),
        parts.count(counted.invalidated, t.INVALIDATED, "bad"),
        parts.count(counted.open, t.OPEN_MARKS, "warn"),
        parts.count(len(found.questions), t.QUESTIONS_SHOWN),
        parts.count(doubtful, t.DOUBTFUL, "warn"),
    )
    return el("div", *figures, class_="counts")


# --- questions --------------------------------------------------------------------------------------------


def _questions(ask: Ask, found: Statistics, page: int) -> Html:
    if not found.questions:
        return parts.empty(t.NO_PAPERS)
    shown, number, pages = overview.cut(found.questions, page, parts.PAGE_ROWS)
    rows = [_question_row(ask, found.exam_id, question, number) for question in shown]
    more = parts.pager(number, pages, ask.endpoints["exams"], exam_id=found.exam_id, view=VIEW)
    few = parts.mark(t.FEW_PAPERS, "warn") if _are_few(found.questions) else None
    return join(
        el("h4", t.QUESTIONS),
        few,
        parts.table(t.QUESTION_HEADS, rows),
        more,
        _timed(found.times),
    )


def _timed(times: Timed | None) -> Html:
    """How many papers the times are of, and why the others have none."""
    if times is None:
        return join()
    return parts.empty(t.TIMED.format(**msgspec.structs.asdict(times)))


def _are_few(questions: Iterable[QuestionStatistics]) -> bool:
    return any(question.shown < doubts.FEWEST for question in questions)


def _question_row(ask: Ask, exam_id: str, question: QuestionStatistics, page: int) -> list[Content]:
    look = parts.show(
        t.LOOK,
        ask.endpoints["exams"],
        exam_id=exam_id,
        view=VIEW,
        question_id=question.question_id,
        page=page,
    )
    about = parts.mark(f"{question.question_id} · {question.section}")
    return [
        join(_shortened(question.stem), el("br"), about),
        question.shown,
        number(question.difficulty),
        number(question.discrimination),
        number(question.item_rest),
        percent(question.omitted),
        _seconds(question),
        join(_doubts(question), el("div", look)),
    ]


def _shortened(stem: str) -> str:
    """The beginning of a stem: the view of the question shows it whole."""
    return stem if len(stem) <= _MOST_STEM else f"{stem[:_MOST_STEM]}…"


def _doubts(question: QuestionStatistics) -> Html:
    lines = [el("div", parts.mark(t.SHORT_DOUBTS[doubt], "warn")) for doubt in question.doubts]
    few = parts.mark(t.FEW) if question.shown < doubts.FEWEST else None
    return join(*lines, few)


def _seconds(question: QuestionStatistics) -> str:
    return "" if question.seconds is None else t.SECONDS.format(seconds=round(question.seconds))


def _scatter(questions: tuple[QuestionStatistics, ...]) -> Html:
    dots = [
        Dot(q.difficulty, q.discrimination, q.question_id, bool(q.doubts))
        for q in questions
        if q.difficulty is not None and q.discrimination is not None
    ]
    if not dots:
        return join()
    chart = charts.scatter(
        dots[:_MOST_DOTS],
        label=t.SCATTER,
        across=t.ACROSS,
        upward=t.UPWARD,
        across_limits=(doubts.HARDEST, doubts.EASIEST),
        upward_limits=(0.0, doubts.LEAST_DISCRIMINATION),
    )
    cut = t.MOST_DOTS.format(most=_MOST_DOTS) if len(dots) > _MOST_DOTS else ""
    return el("div", el("h4", t.SCATTER), chart, parts.empty(t.SCATTER_NOTE + cut))


# --- one question -----------------------------------------------------------------------------------------


def _question_view(ask: Ask, shown: Shown, question_id: str, page: int) -> Html:
    assert shown.statistics is not None
    exam, found = shown.exam, shown.statistics
    back = forms.way_back(ask, _here(exam.exam_id), t.BACK_TO_STATISTICS, page=page)
    question = next((q for q in found.questions if q.question_id == question_id), None)
    if question is None:
        return join(back, parts.failure(t.NO_SUCH_QUESTION))
    values = (
        question.question_id,
        question.section,
        t.TYPES[question.type.value],
        question.stem,
        question.key,
        question.shown,
        number(question.difficulty),
        number(question.discrimination),
        number(question.item_rest),
        percent(question.omitted),
        _times(question),
    )
    why = [el("p", t.DOUBTS[doubt], class_="warn") for doubt in question.doubts]
    few = parts.mark(t.FEW_PAPERS, "warn") if question.shown < doubts.FEWEST else None
    return join(
        back,
        el("h3", t.QUESTION_TITLE.format(title=exam.full_title, question=question.question_id)),
        *why,
        few,
        parts.about(zip(t.QUESTION_ABOUT, values, strict=True)),
        _options(question.options),
        _correction(ask, exam, question, page),
    )


def _times(question: QuestionStatistics) -> str:
    if question.seconds is None:
        return t.NOT_KNOWN
    return t.TIMES.format(seconds=round(question.seconds), papers=question.timed)


def _options(options: tuple[OptionShare, ...]) -> Html:
    if not options:
        return join()
    rows = [
        [
            parts.mark(f"{option.letter} {t.RIGHT}", "good") if option.right else option.letter,
            option.text,
            *map(percent, (option.of_all, option.of_lower, option.of_middle, option.of_upper)),
        ]
        for option in options
    ]
    return join(el("h4", t.OPTIONS), parts.table(t.OPTION_HEADS, rows), parts.empty(t.OPTION_NOTE))


def _correction(ask: Ask, exam: Exam, question: QuestionStatistics, page: int) -> Html:
    """The form that corrects the key of this question for everybody."""
    about = {
        "exam_id": exam.exam_id,
        "version_seen": exam.version,
        "question_id": question.question_id,
    }
    here = _here(exam.exam_id, question_id=question.question_id, page=page)
    target = Target(ask.endpoints["command_exam"], about, here)
    typed = ask.field("right_key") or question.key
    if question.type is QuestionType.BLANK:
        key = parts.text_field("right_key", t.KEY_OF_BLANKS, typed)
    else:
        key = parts.field("right_key", t.KEY, typed, maxlength=8, size=10)
    correct = forms.give(ask, target, "correct_question", t.CORRECT, sure=t.CORRECT_SURE)
    return forms.panel(ask, t.CORRECTION, forms.order(key, correct), parts.empty(t.CORRECTION_NOTE))


# --- papers, stages, groups -------------------------------------------------------------------------------


def _papers(found: Statistics) -> Html:
    paper = found.paper
    if not paper.papers:
        return join()
    rate = papers.overall_rate(found)
    reliable = paper.reliability
    values = (
        paper.papers,
        t.POINTS.format(points=points(paper.out_of), mark=paper.pass_mark),
        percent(None if rate is None else float(rate)),
        points(paper.mean),
        points(paper.deviation),
        points(paper.median),
        f"{points(paper.lowest)} – {points(paper.highest)}",
        t.NOT_COMPUTABLE if reliable is None else number(reliable.value),
        t.NOT_COMPUTABLE if reliable is None else points(reliable.standard_error),
    )
    named = [*t.PAPER_ABOUT]
    if reliable is not None:
        bound = t.LOWER_BOUND if reliable.lower_bound else ""
        named[-2] = t.RELIABILITY[reliable.kind] + bound
    return el("div", el("h4", t.PAPERS), parts.about(zip(named, values, strict=True)))


def _distribution(paper: PaperStatistics) -> Html:
    if not paper.papers:
        return join()
    step = 100 // papers.BARS
    chart = charts.distribution(
        paper.bars,
        label=t.DISTRIBUTION,
        names=[workbook.bar_name(place * step, step) for place in range(papers.BARS)],
        limit=paper.pass_mark,
        limit_name=t.MARK_LINE.format(mark=paper.pass_mark),
    )
    return el("div", el("h4", t.DISTRIBUTION), chart)


def _stages(found: Statistics) -> Html:
    rows = [(name, number) for name, number in workbook.funnel(found) if number is not None]
    note = t.STAGES_NOTE + (t.NO_ROSTER if found.funnel.listed is None else "")
    return el("div", el("h4", t.STAGES), charts.stages(rows, label=t.STAGES), parts.empty(note))


def _groups(groups: tuple[Group, ...]) -> Html:
    if not groups:
        return join()
    rows = [
        [
            t.GROUPS[group.kind],
            workbook.group_name(group),
            group.decided,
            group.passed,
            _rate(group),
            group.open or "",
        ]
        for group in groups[:_MOST_GROUPS]
    ]
    cut = parts.empty(t.MOST_GROUPS.format(most=_MOST_GROUPS)) if len(groups) > len(rows) else None
    return join(el("h4", t.GROUP_RATES), parts.table(t.GROUP_HEADINGS, rows), cut)


def _rate(group: Group) -> str:
    rate = papers.pass_rate(group.passed, group.decided)
    return percent(None if rate is None else float(rate))


# --- figures as people read them --------------------------------------------------------------------------


def number(value: float | None) -> str:
    """A coefficient with two digits."""
    return t.NOT_COMPUTABLE if value is None else f"{value:.2f}"


def percent(share: float | None) -> str:
    """A share in per cent with one digit."""
    return t.NOT_COMPUTABLE if share is None else f"{share * 100:.1f}%"


def points(value: float | None) -> str:
    """Points with at most two digits."""
    if value is None:
        return t.NOT_COMPUTABLE
    return f"{value:.2f}".rstrip("0").rstrip(".")
