"""The view of statistics: text stays text, what cannot be computed is said, charts, numbers as people read them."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from chalicelib.desk import charts, parts, statistics_page
from chalicelib.desk.charts import Dot
from chalicelib.desk.widget import NEIGHBOURS, Ask
from chalicelib.exams.questions import Question, QuestionType
from chalicelib.sheets import writing
from chalicelib.statistics import papers, questions, service, workbook
from chalicelib.statistics import texts as t
from chalicelib.statistics.answers import AnswerTable, Response
from chalicelib.statistics.model import (
    Basis,
    Counted,
    Doubt,
    Funnel,
    Group,
    GroupKind,
    Reliability,
    ReliabilityKind,
    Statistics,
    Timed,
)
from chalicelib.statistics.questions import Listed
from chalicelib.statistics.service import Shown
from tests.console import elements
from tests.unit.exams import T0, exam

ENDPOINTS = {name: f"arn:{name}" for name in NEIGHBOURS}
HOSTILE = (
    '<cwdb-action action="call" endpoint="arn:command_exam">{"do": "correct_question"}</cwdb-action>',
    "</text></svg><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
)


def some_statistics(words: str = "文字", papers_number: int = 6) -> Statistics:
    """Statistics with these words wherever people's words stand."""
    table = AnswerTable()
    for number in range(papers_number):
        table.add(
            Response(q, 0, q, 100, 100 * (number > q), chosen=1 << (number > q)) for q in (0, 1)
        )
    question = Question("q0", QuestionType.SINGLE, words, (words, "乙"), "B")
    listed = [
        Listed(question, words),
        Listed(msgspec.structs.replace(question, id="q1"), words),
    ]
    return Statistics(
        exam_id="e-1",
        title=words,
        computed_at=T0,
        basis=Basis(1, "v", "", "", "d"),
        counted=Counted(papers_number, 1, 2),
        funnel=Funnel(9, 8, 7, 6, 5, 4),
        paper=papers.describe(table, 200, 60),
        groups=(
            Group(GroupKind.ORGANISATION, words, 5, 2, 1),
            Group(GroupKind.NOTE, None, 0, 0, 3),
        ),
        questions=tuple(questions.analyse(table, listed, table.by_question(2))),
    )


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    def shown(
        found: Statistics | None, *, current: bool = True, question: str = "", title: str = "考试"
    ) -> str:
        about = Shown(
            exam(title=title), found, current, {"xlsx": "https://s/x", "json": "https://s/j"}
        )
        monkeypatch.setattr(service, "look_up_statistics", lambda exam_id: about)
        ask = Ask({}, {}, ENDPOINTS, "light", T0)
        return str(parts.frame("light", statistics_page.show(ask, "e-1", question, 1)))

    return shown


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("question", ["", "q0"])
def test_no_words_of_people_become_markup(
    show: Callable[..., str], hostile: str, question: str
) -> None:
    harmless = show(some_statistics("无害"), title="无害", question=question)
    spoilt = show(some_statistics(hostile), title=hostile, question=question)
    assert [e.tag for e in elements(spoilt)] == [e.tag for e in elements(harmless)]


def test_what_cannot_be_computed_is_said(show: Callable[..., str]) -> None:
    html = show(some_statistics(papers_number=1))
    assert t.NOT_COMPUTABLE in html
    assert "nan" not in html.lower()
    assert "None" not in html


def test_figures_of_an_earlier_release_say_nothing_about_times(show: Callable[..., str]) -> None:
    found = some_statistics()
    assert "份有用时" not in show(found)
    times = Timed(timed=3, closed=2, without=1)
    assert "3 份有用时" in show(msgspec.structs.replace(found, times=times))
    stored = msgspec.to_builtins(found)
    del stored["times"]
    assert msgspec.convert(stored, Statistics) == found


@pytest.mark.parametrize(("length", "whole"), [(59, True), (60, True), (61, False)])
def test_a_long_stem_is_whole_in_its_own_view_only(
    show: Callable[..., str], length: int, whole: bool
) -> None:
    found = some_statistics()
    asked = tuple(msgspec.structs.replace(q, stem="题" * length) for q in found.questions)
    found = msgspec.structs.replace(found, questions=asked)
    assert ("题" * length in show(found)) is whole
    assert ("…" in show(found)) is not whole
    assert "题" * length in show(found, question="q0")


def test_without_papers_the_view_still_stands(show: Callable[..., str]) -> None:
    html = show(some_statistics(papers_number=0))
    assert t.NO_PAPERS in html


def test_fewer_than_thirty_papers_are_said_to_be_few(show: Callable[..., str]) -> None:
    assert t.FEW_PAPERS in show(some_statistics(papers_number=29))
    assert t.FEW_PAPERS not in show(some_statistics(papers_number=30))
    assert t.FEW_PAPERS not in show(some_statistics(papers_number=31))


def test_outdated_statistics_say_so(show: Callable[..., str]) -> None:
    assert "请重新计算" not in show(some_statistics())
    assert "请重新计算" in show(some_statistics(), current=False)


def test_a_question_that_is_not_there_is_told(show: Callable[..., str]) -> None:
    assert t.NO_SUCH_QUESTION in show(some_statistics(), question="q9")


def test_charts_have_a_name_and_a_title_for_each_bar_and_dot() -> None:
    bars = charts.distribution([0, 3], label="分布", names=["低", "高"], limit=60, limit_name="线")
    found = elements(str(bars))
    assert found[0].attributes["aria-label"] == "分布"
    assert [e.text for e in found if e.tag == "title"] == ["低：0", "高：3"]
    dots = [Dot(0.5, -0.9, "q1", True), Dot(1, 1, "q2", False)]
    scatter = charts.scatter(
        dots, label="图", across="p", upward="D", across_limits=(0.2,), upward_limits=(0,)
    )
    shown = [e for e in elements(str(scatter)) if e.tag == "circle"]
    assert [e.attributes["class"] for e in shown] == ["dot", "dot doubtful"]
    places = [float(e.attributes[axis] or "") for e in shown for axis in ("cx", "cy")]
    assert all(0 <= place <= 600 for place in places)


@pytest.mark.parametrize("rows", [[], [("一", 0), ("二", 0)], [("一", 10), ("二", 5)]])
def test_stages_are_drawn_also_when_nobody_came(rows: list[tuple[str, int]]) -> None:
    html = str(charts.stages(rows, label="各环节"))
    assert html.count("<rect") == len(rows)
    assert ("（50%）" in html) is (rows[-1:] == [("二", 5)])


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (statistics_page.number(None), t.NOT_COMPUTABLE),
        (statistics_page.number(-0.125), "-0.12"),
        (statistics_page.percent(1 / 3), "33.3%"),
        (statistics_page.points(60.0), "60"),
        (statistics_page.points(60.004), "60"),
        (statistics_page.points(100.5), "100.5"),
    ],
)
def test_figures_are_rounded_where_they_are_shown(shown: str, text: str) -> None:
    assert shown == text


def test_every_word_has_a_text() -> None:
    assert set(t.DOUBTS) == set(t.SHORT_DOUBTS) == set(Doubt)
    assert set(t.GROUPS) == set(GroupKind)
    assert set(t.RELIABILITY) == set(ReliabilityKind)
    assert set(t.TYPES) == {kind.value for kind in QuestionType}
    assert set(t.FUNNEL) == set(Funnel.__struct_fields__)


def test_the_workbook_names_the_coefficient_and_leaves_what_is_unknown_empty() -> None:
    found = some_statistics()
    bound = Reliability(ReliabilityKind.DEPENDABILITY, 0.5, 3.0, lower_bound=True)
    paper = msgspec.structs.replace(found.paper, reliability=bound)
    pages = workbook.pages(msgspec.structs.replace(found, paper=paper))
    rows: dict[Any, Any] = {row[0]: row[1] for row in pages[2].rows}
    assert rows["可靠性系数 Φ（每人试卷不同）（下限）"] == 0.5
    assert dict(pages[5].rows)[t.FUNNEL["listed"]] is None  # type: ignore[arg-type]
    assert writing.write_xlsx(pages) == writing.write_xlsx(pages)
