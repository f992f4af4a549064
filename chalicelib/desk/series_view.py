"""The sittings of a series, as the page of one of them shows them: places, times, and the retake rule."""

from chalicelib.desk import parts
from chalicelib.desk import texts as t
from chalicelib.desk.widget import Ask
from chalicelib.exams import service as exams
from chalicelib.exams import sittings
from chalicelib.exams.model import CountedTry, Exam, RetakeRule
from chalicelib.shared.html import Content, Html, el, join


def sitting_line(exam: Exam) -> Html:
    """A line that names the sitting and the series of an exam; nothing for an exam by itself."""
    if exam.series is None:
        return join()
    return join(el("br"), t.SITTING.format(sitting=exam.series.sitting, series=exam.series.id))


def show_series(ask: Ask, exam: Exam) -> Html:
    """All published sittings of the series of an exam, in the order of their start; nothing for an exam by itself."""
    if exam.series is None:
        return join()
    published = sittings.list_sittings(series_id=exam.series.id)
    rows = [_row(ask, one, here=one.exam_id == exam.exam_id) for one in published]
    rule = parts.mark(_in_words(exam.series.retakes))
    head = el("h4", t.SERIES.format(series=exam.series.id))
    return join(head, parts.table(t.SITTING_HEADS, rows), el("p", rule))


def _row(ask: Ask, exam: Exam, *, here: bool) -> list[Content]:
    assert exam.series is not None  # it is one of a series
    look = parts.show(t.LOOK, ask.endpoints["exams"], exam_id=exam.exam_id)
    return [
        exam.series.sitting,
        join(exam.title, el("br"), parts.mark(exam.exam_id)),
        t.PHASES[exam.phase(ask.now).value],
        parts.day_and_minute(exam.starts_at),
        _places(exam),
        parts.mark(t.THIS_SITTING) if here else look,
    ]


def _places(exam: Exam) -> Content:
    """How many places are taken, and how many there are."""
    listed = exams.count_listed(exam)
    if listed is None:
        return t.OPEN_SITTING
    capacity = exam.series.capacity if exam.series else None
    if capacity is None:
        return t.PLACES_TAKEN.format(listed=listed)
    told = t.PLACES_OF.format(listed=listed, capacity=capacity)
    return parts.mark(told + t.FULL, "warn") if listed >= capacity else told


def _in_words(rule: RetakeRule) -> str:
    """A retake rule in one line."""
    if rule.most_tries == 1:
        return t.NO_RETAKE
    told = [t.MOST_TRIES.format(tries=rule.most_tries)]
    told += [t.AFTER_DAYS.format(days=rule.after_days)] if rule.after_days else []
    told.append(t.ONLY_FAILED if rule.only_failed else t.ALSO_PASSED)
    told.append(t.COUNTS_BEST if rule.counts is CountedTry.BEST else t.COUNTS_LAST)
    return "；".join(told)
