"""Statistics as sheets of a workbook. Pure.

Figures stand in cells as numbers, rounded to the digits that are shown. What cannot be computed is an empty cell.
"""

from collections.abc import Iterable

from chalicelib.identity.texts import ROLES
from chalicelib.sheets.writing import Cell, SheetToWrite
from chalicelib.statistics import texts as t
from chalicelib.statistics.model import Group, QuestionStatistics, Statistics, Timed
from chalicelib.statistics.papers import BARS, overall_rate, pass_rate

_DIGITS = 4


def pages(statistics: Statistics) -> list[SheetToWrite]:
    """The sheets 题目, 选项, 成绩, 分布, 分组, 各环节人数."""
    return [
        SheetToWrite(
            t.SHEETS["questions"],
            t.QUESTION_HEADINGS,
            [_question(question) for question in statistics.questions],
            (16, 16, 8, 40, 12, 8, 10, 10, 10, 10, 10, 10, 50),
        ),
        SheetToWrite(
            t.SHEETS["options"],
            t.OPTION_HEADINGS,
            [row for question in statistics.questions for row in _options(question)],
            (16, 8, 40, 8, 10, 10, 10, 10),
        ),
        SheetToWrite(t.SHEETS["paper"], t.VALUE_HEADINGS, _paper(statistics), (30, 40)),
        SheetToWrite(t.SHEETS["bars"], t.BAR_HEADINGS, _bars(statistics), (16, 10)),
        SheetToWrite(
            t.SHEETS["groups"],
            t.GROUP_HEADINGS,
            [_group(group) for group in statistics.groups],
            (14, 40, 10, 10, 10, 10),
        ),
        SheetToWrite(t.SHEETS["funnel"], t.VALUE_HEADINGS, list(funnel(statistics)), (30, 12)),
    ]


def _question(question: QuestionStatistics) -> tuple[Cell, ...]:
    return (
        question.question_id,
        question.section,
        t.TYPES[question.type.value],
        question.stem,
        question.key,
        question.shown,
        _number(question.difficulty),
        _number(question.discrimination),
        _number(question.item_rest),
        _number(question.omitted),
        question.seconds,
        question.timed,
        "；".join(t.DOUBTS[doubt] for doubt in question.doubts),
    )


def _options(question: QuestionStatistics) -> Iterable[tuple[Cell, ...]]:
    for option in question.options:
        shares = (option.of_all, option.of_lower, option.of_middle, option.of_upper)
        right = t.RIGHT if option.right else ""
        yield (question.question_id, option.letter, option.text, right, *map(_number, shares))


def _paper(statistics: Statistics) -> list[tuple[Cell, ...]]:
    paper, counted, basis = statistics.paper, statistics.counted, statistics.basis
    reliable, rate = paper.reliability, overall_rate(statistics)
    rows: list[tuple[Cell, ...]] = [
        (t.PAPER["title"], statistics.title),
        (t.PAPER["exam_id"], statistics.exam_id),
        (t.PAPER["counted"], counted.counted),
        (t.PAPER["invalidated"], counted.invalidated),
        (t.PAPER["open"], counted.open),
        *_times(statistics.times),
        (t.PAPER["out_of"], paper.out_of),
        (t.PAPER["pass_mark"], paper.pass_mark),
        (t.PAPER["pass_rate"], None if rate is None else _number(float(rate))),
        (t.PAPER["mean"], _number(paper.mean)),
        (t.PAPER["deviation"], _number(paper.deviation)),
        (t.PAPER["median"], _number(paper.median)),
        (t.PAPER["lowest"], paper.lowest),
        (t.PAPER["highest"], paper.highest),
    ]
    if reliable is not None:
        name = t.RELIABILITY[reliable.kind] + (t.LOWER_BOUND if reliable.lower_bound else "")
        rows += [(name, _number(reliable.value))]
        rows += [(t.PAPER["standard_error"], _number(reliable.standard_error))]
    versions = (basis.paper_version, basis.key_version, basis.roster_version)
    return [*rows, (t.PAPER["versions"], " / ".join(version or "-" for version in versions))]


def _times(times: Timed | None) -> list[tuple[Cell, ...]]:
    if times is None:
        return []
    return [
        (t.PAPER["timed"], times.timed),
        (t.PAPER["closed"], times.closed),
        (t.PAPER["without"], times.without),
    ]


def _bars(statistics: Statistics) -> list[tuple[Cell, ...]]:
    step = 100 // BARS
    return [(bar_name(i * step, step), papers) for i, papers in enumerate(statistics.paper.bars)]


def bar_name(low: int, step: int) -> str:
    """What a bar of the distribution holds, in per cent of the points."""
    high = low + step
    return f"{low}%–{high}%" if high == 100 else f"{low}%–<{high}%"


def _group(group: Group) -> tuple[Cell, ...]:
    rate = pass_rate(group.passed, group.decided)
    share = None if rate is None else _number(float(rate))
    return (
        t.GROUPS[group.kind],
        group_name(group),
        group.decided,
        group.passed,
        share,
        group.open,
    )


def group_name(group: Group) -> str:
    """The name of a group as people read it."""
    if group.name is None:
        return t.SMALL_GROUPS
    return ROLES.get(group.name, group.name) or t.NO_GROUP


def funnel(statistics: Statistics) -> Iterable[tuple[str, int | None]]:
    """Name and number of people of each stage, in order; None for a number that is not known."""
    for field, name in t.FUNNEL.items():
        yield name, getattr(statistics.funnel, field)


def _number(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
