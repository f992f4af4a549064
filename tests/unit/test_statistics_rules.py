"""Statistics of questions and papers: compared with numpy and pingouin, borders, ties, what cannot be computed."""

import itertools
import json
import pathlib
from collections.abc import Iterable, Sequence
from fractions import Fraction

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.attempts.model import Cause, Status
from chalicelib.exams.questions import Question, QuestionType
from chalicelib.proctoring.model import Integrity, IntegrityState
from chalicelib.statistics import counting, doubts, papers, questions, ranking
from chalicelib.statistics.answers import AnswerTable, Response
from chalicelib.statistics.counting import Standing
from chalicelib.statistics.model import (
    Doubt,
    GroupKind,
    OptionShare,
    QuestionStatistics,
    ReliabilityKind,
    Timed,
)
from chalicelib.statistics.papers import Person
from chalicelib.statistics.questions import Listed
from chalicelib.statistics.reliability import reliability
from chalicelib.statistics.sums import correlation, median, root, sums_of
from tests.unit import generated_answers as generated
from tests.unit.attempts import attempt

ONE = 100  # hundredths of a point
PINGOUIN = json.loads(pathlib.Path("tests/unit/pingouin.json").read_text("utf-8"))


def table_of(rows: Iterable[Iterable[int]]) -> AnswerTable:
    """Papers that hold the same questions, each worth a point; `rows`: 1 for right (A), 0 for wrong (B)."""
    return own_table(dict(enumerate(row)) for row in rows)


def own_table(rows: Iterable[dict[int, int]], section: int = 0) -> AnswerTable:
    """Papers with questions of their own: question → 1 for right."""
    table = AnswerTable()
    for row in rows:
        table.add(
            Response(question, section, question, ONE, ONE * right, chosen=1 if right else 2)
            for question, right in row.items()
        )
    return table


def listed(number: int) -> list[Listed]:
    question = Question("q", QuestionType.SINGLE, "?", ("a", "b"), "A")
    return [Listed(msgspec.structs.replace(question, id=f"q{i}"), "单选题") for i in range(number)]


def analysed(table: AnswerTable, number: int) -> list[QuestionStatistics]:
    return list(questions.analyse(table, listed(number), table.by_question(number)))


def of_total(total: "np.ndarray", begin: float, end: float) -> "np.ndarray":
    """The weight of each person in a part of the ranking; people with equal totals share their places (numpy)."""
    _, place, count = np.unique(total, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    first = last - count
    inside = np.clip(np.minimum(last, end) - np.maximum(first, begin), 0, None)
    return np.asarray((inside / count)[place])


# --- the same figures from other implementations ----------------------------------------------------------


def test_figures_of_questions_are_those_of_numpy() -> None:
    rows = generated.same_paper()
    matrix = np.array(rows, float)
    people, items = matrix.shape
    total = matrix.sum(axis=1)
    found = analysed(table_of(rows), items)
    size = int(np.floor(0.27 * people + 0.5))
    upper, lower = of_total(total, people - size, people), of_total(total, 0, size)
    thirds = [of_total(total, people * i / 3, people * (i + 1) / 3) for i in range(3)]
    for item, question in enumerate(found):
        right = matrix[:, item]
        assert question.difficulty == pytest.approx(right.mean(), abs=1e-12)
        assert question.discrimination == pytest.approx(
            np.average(right, weights=upper) - np.average(right, weights=lower), abs=1e-12
        )
        rest = np.corrcoef(right, total - right)[0, 1]
        assert question.item_rest == pytest.approx(rest, abs=1e-12)
        shares = [np.average(right, weights=weights) for weights in thirds]
        option = question.options[0]
        given = (option.of_lower, option.of_middle, option.of_upper)
        assert given == pytest.approx(tuple(shares), abs=1e-12)


def test_figures_of_own_papers_are_those_of_numpy() -> None:
    rows = generated.own_papers()
    totals = np.array([sum(row.values()) for row in rows], float)
    for question, found in enumerate(analysed(own_table(rows), generated.BANK)):
        of = [i for i, row in enumerate(rows) if question in row]
        right, total = np.array([rows[i][question] for i in of], float), totals[of]
        assert found.shown == len(of)
        assert found.difficulty == pytest.approx(right.mean(), abs=1e-12)
        rest = np.corrcoef(right, total - right)[0, 1]
        assert found.item_rest == pytest.approx(rest, abs=1e-12)


def test_figures_of_papers_are_those_of_numpy() -> None:
    rows = generated.same_paper()
    total = np.array(rows, float).sum(axis=1)
    paper = papers.describe(table_of(rows), generated.ITEMS * ONE, 60)
    assert paper.papers == generated.PEOPLE
    assert paper.mean == pytest.approx(total.mean(), abs=1e-12)
    assert paper.deviation == pytest.approx(total.std(ddof=1), abs=1e-12)
    assert paper.median == np.median(total)
    assert (paper.lowest, paper.highest) == (total.min(), total.max())
    bars, _ = np.histogram(total, bins=papers.BARS, range=(0, generated.ITEMS))
    assert list(paper.bars) == bars.tolist()


def test_reliability_is_that_of_pingouin() -> None:
    """scripts/pingouin_figures.py has written what pingouin 0.7.0 says about the same answers."""
    alpha = reliability(table_of(generated.same_paper()))
    assert alpha is not None
    assert alpha.kind is ReliabilityKind.ALPHA
    assert alpha.value == pytest.approx(PINGOUIN["alpha"], abs=1e-12)
    found = analysed(table_of(generated.same_paper()), generated.ITEMS)
    assert [q.item_rest for q in found] == pytest.approx(PINGOUIN["item_rest"], abs=1e-12)
    own = reliability(own_table(generated.own_papers()))
    assert own is not None
    assert own.kind is ReliabilityKind.DEPENDABILITY
    assert own.value == pytest.approx(PINGOUIN["icc1k"], abs=1e-12)
    assert not own.lower_bound


def test_the_standard_error_is_the_deviation_of_the_error() -> None:
    rows = generated.same_paper()
    matrix = np.array(rows, float)
    covariance = np.cov(matrix, rowvar=False)
    items = generated.ITEMS
    alpha = items / (items - 1) * (1 - np.trace(covariance) / covariance.sum())
    found = reliability(table_of(rows))
    assert found is not None
    expected = matrix.sum(axis=1).std(ddof=1) * np.sqrt(1 - alpha)
    assert found.standard_error == pytest.approx(expected, abs=1e-12)


# --- edge cases --------------------------------------------------------------------------------------------


def test_all_right_has_no_discrimination_and_no_reliability() -> None:
    table = table_of([[1] * 4] * 12)
    for question in analysed(table, 4):
        assert question.difficulty == 1
        assert question.discrimination is None
        assert question.item_rest is None
        assert question.options[0] == OptionShare("A", "a", True, 1.0)
        assert question.doubts == (Doubt.TOO_EASY,)
    paper = papers.describe(table, 4 * ONE, 60)
    assert (paper.mean, paper.deviation, paper.reliability) == (4, 0, None)
    assert paper.bars == (*[0] * 19, 12)


def test_nobody_answered() -> None:
    table = AnswerTable()
    for _ in range(12):
        table.add(Response(q, 0, q, ONE, 0, omitted=True) for q in range(3))
    for question in analysed(table, 3):
        assert (question.difficulty, question.omitted) == (0, 1)
        assert question.discrimination is None
        assert question.item_rest is None
        assert question.doubts == (Doubt.TOO_HARD, Doubt.OMITTED)
        assert [option.of_all for option in question.options] == [0, 0]
    assert papers.describe(table, 3 * ONE, 60).reliability is None


def test_one_candidate_has_points_but_no_deviation() -> None:
    table = table_of([[1, 0, 1]])
    paper = papers.describe(table, 3 * ONE, 60)
    assert (paper.papers, paper.mean, paper.median) == (1, 2, 2)
    assert paper.deviation is None
    assert paper.reliability is None
    assert all(question.discrimination is None for question in analysed(table, 3))


def test_one_question_has_no_rest_and_no_reliability() -> None:
    table = table_of([[1], [0], [1], [0]])
    [question] = analysed(table, 1)
    assert question.item_rest is None  # nothing is left of the paper
    assert question.discrimination == 1
    assert papers.describe(table, ONE, 60).reliability is None


def test_nobody_at_all() -> None:
    paper = papers.describe(AnswerTable(), 300, 60)
    assert (paper.papers, paper.mean, paper.bars) == (0, None, ())
    assert analysed(AnswerTable(), 3) == []
    assert papers.group_results([]) == ()


def test_a_question_that_nobody_was_shown_is_left_out() -> None:
    found = analysed(own_table([{0: 1, 2: 0}, {0: 0, 2: 1}]), 3)
    assert [question.question_id for question in found] == ["q0", "q2"]


# --- groups and ties ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "size"),
    [(2, 1), (3, 1), (5, 1), (6, 2), (9, 2), (10, 3), (100, 27), (150, 41), (149, 40)],
)
def test_the_groups_hold_27_per_cent_rounded_half_up_and_at_least_one(
    people: int, size: int
) -> None:
    """The best `size` people alone are right, so D is 1 with groups of `size` and less with one more."""
    table = AnswerTable()
    for place in range(people):
        right = ONE if place >= people - size else 0
        table.add(
            [Response(0, 0, 0, ONE, right), Response(1, 0, 1, ONE * people, place * ONE // 2)]
        )
    [question, _] = analysed(table, 2)
    assert question.discrimination == 1


def test_who_has_equal_points_at_a_border_shares_the_places() -> None:
    ranked = ranking.ties([(5, [1]), (1, [0]), (3, [1]), (3, [0]), (3, [0])], 1)
    assert [tie.people for tie in ranked] == [1, 3, 1]
    assert ranking.part(ranked, 0, 2, 1) == [Fraction(1, 3)]  # one place among three, of whom one
    assert ranking.part(ranked, 0, 5, 1) == [2]
    assert ranking.part(ranked, Fraction(1, 2), 1, 1) == [0]


def test_the_order_of_papers_changes_nothing() -> None:
    rows = generated.same_paper(60, 6)
    assert analysed(table_of(rows), 6) == analysed(table_of(reversed(rows)), 6)


def test_a_question_with_another_worth_in_another_section_counts_by_its_share() -> None:
    table = AnswerTable()
    table.add([Response(0, 0, 0, 200, 100), Response(1, 0, 1, 100, 100)])
    table.add([Response(0, 1, 0, 300, 300), Response(1, 0, 1, 100, 0)])
    [question, _] = analysed(table, 2)
    assert question.difficulty == 0.75


def test_times_are_those_of_papers_with_a_report() -> None:
    table = AnswerTable()
    for seconds in (30, 10, -1, 20, 50):
        table.add([Response(0, 0, 0, ONE, 0, seconds=seconds)])
    [question] = analysed(table, 1)
    assert (question.seconds, question.timed) == (25, 4)


# --- reliability -------------------------------------------------------------------------------------------


def test_questions_of_one_material_count_as_one_unit() -> None:
    pairs = [(1, 1), (0, 0), (1, 0)] * 4
    single = AnswerTable()
    for right, _ in pairs:
        single.add(Response(q, 0, 0, ONE, ONE * right) for q in (0, 1))
    assert reliability(single) is None
    both = AnswerTable()
    for right, other in pairs:
        first = [Response(q, 0, 0, ONE, ONE * right) for q in (0, 1)]
        both.add([*first, Response(2, 0, 1, ONE, ONE * other)])
    found = reliability(both)
    units = np.array([(2 * right, other) for right, other in pairs], float)
    covariance = np.cov(units, rowvar=False)
    assert found is not None
    assert found.value == pytest.approx(2 * (1 - np.trace(covariance) / covariance.sum()))


def test_a_section_that_all_sat_alike_is_taken_like_alpha_beside_one_that_was_drawn() -> None:
    same, own = generated.same_paper(100, 5), generated.own_papers(100, 4, 12)
    table = AnswerTable()
    for left, right in zip(same, own, strict=True):
        fixed = [Response(q, 0, q, ONE, ONE * point) for q, point in enumerate(left)]
        drawn = [Response(9 + q, 1, 9 + q, ONE, ONE * point) for q, point in right.items()]
        table.add([*fixed, *drawn])
    found = reliability(table)
    one, two = np.array(same, float), np.array([list(row.values()) for row in own], float)
    covariance = np.cov(one, rowvar=False)
    alpha = 5 / 4 * (1 - np.trace(covariance) / covariance.sum())
    error = covariance.sum() * (1 - alpha) + 4 * two.var(axis=1, ddof=1).mean()
    whole = (one.sum(axis=1) + two.sum(axis=1)).var(ddof=1)
    assert found is not None
    assert found.kind is ReliabilityKind.DEPENDABILITY
    assert found.value == pytest.approx(1 - error / whole, abs=1e-12)
    assert found.standard_error == pytest.approx(np.sqrt(error), abs=1e-12)


def test_a_section_of_one_drawn_question_makes_it_a_lower_bound() -> None:
    rows = generated.own_papers(50, 6, 20)
    table = AnswerTable()
    for number, row in enumerate(rows):
        drawn = [Response(q, 0, q, ONE, ONE * right) for q, right in row.items()]
        table.add([*drawn, Response(30 + number % 3, 1, 30 + number % 3, ONE, ONE * (number % 2))])
    found = reliability(table)
    assert found is not None
    assert found.lower_bound


# --- doubts ------------------------------------------------------------------------------------------------


def question_with(**figures: float | None) -> QuestionStatistics:
    well = {"difficulty": 0.6, "discrimination": 0.4, "item_rest": 0.3, "omitted": 0.0}
    given = {**well, **figures}
    return QuestionStatistics("q", "s", QuestionType.SINGLE, "?", "A", 100, **given)


@pytest.mark.parametrize(
    ("figures", "found"),
    [
        ({}, ()),
        ({"difficulty": 0.2}, (Doubt.TOO_HARD,)),
        ({"difficulty": 0.2001}, ()),
        ({"difficulty": 0.1999}, (Doubt.TOO_HARD,)),
        ({"difficulty": 0.95}, (Doubt.TOO_EASY,)),
        ({"difficulty": 0.9499}, ()),
        ({"difficulty": 0.9501}, (Doubt.TOO_EASY,)),
        ({"omitted": 0.2}, ()),
        ({"omitted": 0.1999}, ()),
        ({"omitted": 0.2001}, (Doubt.OMITTED,)),
        ({"discrimination": 0.2}, ()),
        ({"discrimination": 0.2001}, ()),
        ({"discrimination": 0.1999}, (Doubt.WEAK,)),
        ({"discrimination": 0.0}, (Doubt.WEAK,)),
        ({"discrimination": -0.0001}, (Doubt.NEGATIVE,)),
        ({"item_rest": 0.0}, ()),
        ({"item_rest": 0.0001}, ()),
        ({"item_rest": -0.0001}, (Doubt.NEGATIVE,)),
        ({"difficulty": None, "discrimination": None, "item_rest": None, "omitted": None}, ()),
    ],
)
def test_doubts_begin_at_their_limits(
    figures: dict[str, float | None], found: tuple[Doubt, ...]
) -> None:
    assert doubts.find(question_with(**figures)) == found


@pytest.mark.parametrize(("shown", "doubtful"), [(9, False), (10, True), (11, True)])
def test_with_fewer_than_ten_papers_nothing_is_doubted(shown: int, doubtful: bool) -> None:
    question = msgspec.structs.replace(question_with(difficulty=0.0), shown=shown)
    assert bool(doubts.find(question)) is doubtful


@pytest.mark.parametrize(
    ("upper", "doubtful"),
    [((0.5, 0.5), False), ((0.49, 0.51), True), ((0.51, 0.49), False), ((None, None), False)],
)
def test_a_wrong_option_that_the_upper_third_prefers_is_a_doubt(
    upper: Sequence[float | None], doubtful: bool
) -> None:
    options = tuple(
        OptionShare(letter, "", letter == "A", 0.5, 0.5, 0.5, share)
        for letter, share in zip("AB", upper, strict=True)
    )
    question = msgspec.structs.replace(question_with(), options=options)
    assert (Doubt.WRONG_PREFERRED in doubts.find(question)) is doubtful


def test_the_gravest_doubts_come_first() -> None:
    several = [
        question_with(),
        question_with(discrimination=0.1),
        question_with(difficulty=0.97),
        question_with(discrimination=-0.1),
        question_with(discrimination=-0.3),
    ]
    several = [
        msgspec.structs.replace(question, question_id=str(place), doubts=doubts.find(question))
        for place, question in enumerate(several)
    ]
    ordered = questions.doubtful_first(several)
    assert [question.question_id for question in ordered] == ["4", "3", "2", "1", "0"]


# --- results of groups -------------------------------------------------------------------------------------


def people_of(organisation: str, *results: bool | None) -> list[Person]:
    return [Person("", organisation, "agency_practitioner", passed) for passed in results]


def test_groups_of_five_are_named_and_smaller_ones_put_together() -> None:
    people = [
        *people_of("甲", True, True, False, None, True, False),
        *people_of("乙", True, True, True, False, False),
        *people_of("丙", True, False, False, False),
        *people_of("", True),
    ]
    groups = papers.group_results(people)
    assert {group.kind for group in groups} == {GroupKind.ORGANISATION}  # one note, one role
    told = [(group.name, group.passed, group.decided, group.open) for group in groups]
    assert told == [("甲", 3, 5, 1), ("乙", 3, 5, 0), (None, 2, 5, 0)]


@pytest.mark.parametrize(
    ("alone", "told"),
    [
        (0, [("甲", 7), ("乙", 6)]),
        (1, [("甲", 7), (None, 7)]),
        (4, [("甲", 7), (None, 10)]),
        (5, [("甲", 7), ("乙", 6), ("丙", 5)]),
    ],
)
def test_the_rest_is_never_fewer_than_five_people(
    alone: int, told: list[tuple[str | None, int]]
) -> None:
    people = [*people_of("甲", *[True] * 7), *people_of("乙", *[False] * 6)]
    groups = papers.group_results([*people, *people_of("丙", *[True] * alone)])
    assert [(group.name, group.decided) for group in groups] == told


@pytest.mark.parametrize(
    ("still_open", "told"),
    [
        (0, [("甲", 6), ("乙", 5), (None, 5)]),
        (1, [("甲", 6), (None, 9)]),
        (4, [("甲", 6), (None, 6)]),
        (5, [("甲", 6), (None, 5)]),
    ],
)
def test_a_group_of_five_whose_results_are_open_is_not_named(
    still_open: int, told: list[tuple[str | None, int]]
) -> None:
    """A rate of one decided result would be that person's result."""
    people = [
        *people_of("甲", *[True] * 6),
        *people_of("乙", *[True] * (5 - still_open), *[None] * still_open),
        *people_of("丙", *[False] * 3),
        *people_of("丁", *[False] * 2),
    ]
    groups = papers.group_results(people)
    assert [(group.name, group.decided) for group in groups] == told
    assert sum(group.open for group in groups) == still_open


@pytest.mark.parametrize(("decided", "named"), [(4, False), (5, True)])
def test_the_rest_has_five_decided_results(decided: int, named: bool) -> None:
    rest = people_of("丙", *[False] * decided, *[None] * 9)
    groups = papers.group_results(
        [*people_of("甲", *[True] * 6), *people_of("乙", *[True] * 7), *rest]
    )
    assert [group.name for group in groups] == (["乙", "甲", "丙"] if named else ["乙", None])


def test_a_kind_of_group_whose_rest_is_everybody_says_nothing() -> None:
    people = [*people_of("甲", *[True] * 9), *people_of("乙", False)]
    assert papers.group_results(people) == ()


def test_a_rate_of_nobody_cannot_be_computed() -> None:
    assert papers.pass_rate(0, 0) is None
    assert papers.pass_rate(1, 3) == Fraction(1, 3)


@pytest.mark.parametrize(("points", "bar"), [(0, 0), (499, 0), (500, 1), (9_999, 19), (10_000, 19)])
def test_a_paper_on_a_border_counts_in_the_upper_bar(points: int, bar: int) -> None:
    table = AnswerTable()
    table.add([Response(0, 0, 0, 10_000, points)])
    bars = papers.describe(table, 10_000, 60).bars
    assert bars.index(1) == bar
    assert sum(bars) == 1


# --- sums --------------------------------------------------------------------------------------------------


def test_sums_are_exact_where_floats_are_not() -> None:
    far = 10**9
    values = [far, far + 1, far + 2]
    assert sums_of(values).variance == 1
    assert correlation(zip(values, values, strict=True)) == 1
    assert correlation(zip(values, reversed(values), strict=True)) == -1
    assert root(Fraction(2)) == 2**0.5
    assert root(Fraction(10**800, 10**798)) == 10
    assert median([3, 1, 2]) == 2
    assert median([4, 1]) == Fraction(5, 2)


def test_a_table_of_many_papers_stays_small() -> None:
    table = AnswerTable()
    for _ in range(100):
        table.add(Response(q, 0, q, ONE, ONE, chosen=1, seconds=30) for q in range(100))
    columns = [table.question, table.unit, table.section, table.chosen, table.omitted]
    columns = [*columns, table.worth, table.earned, table.seconds, table.paper]
    size = sum(column.itemsize * len(column) for column in columns)
    assert size <= 30 * 10_000
    assert list(itertools.islice(table.units_of(0), 2)) == [(0, 0, ONE), (0, 1, ONE)]


@given(
    st.lists(st.lists(st.integers(0, 300), min_size=3, max_size=3), min_size=2, max_size=12),
    st.booleans(),
)
def test_no_answers_make_a_coefficient_above_one_or_a_crash(
    rows: list[list[int]], own: bool
) -> None:
    table = AnswerTable()
    for number, row in enumerate(rows):
        first = 3 * number if own else 0
        table.add(
            Response(first + place, place // 2, first + place, 300, points)
            for place, points in enumerate(row)
        )
    found = reliability(table)
    assert found is None or (found.value <= 1 and found.standard_error >= 0)
    for question in analysed(table, 3 * len(rows)):
        assert question.difficulty is not None
        assert 0 <= question.difficulty <= 1
        for index in (question.discrimination, question.item_rest):
            assert index is None or -1 <= index <= 1


# --- which papers count ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "cause", "counted"),
    [
        ((1, 2), Cause.CANDIDATE, Timed(timed=2, closed=1, without=1)),
        ((1, 2), Cause.DEADLINE, Timed(timed=2, closed=1, without=1)),
        ((), Cause.CANDIDATE, Timed(timed=1, closed=1, without=2)),
        ((), Cause.DEADLINE, Timed(timed=1, closed=2, without=1)),
        ((), Cause.SWITCHES, Timed(timed=1, closed=2, without=1)),
    ],
)
def test_a_paper_has_times_or_was_closed_without_them(
    seconds: tuple[int, ...], cause: Cause, counted: Timed
) -> None:
    paper = attempt(status=Status.SUBMITTED, seconds=seconds, cause=cause)
    assert counting.with_times(Timed(1, 1, 1), paper) == counted


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        (IntegrityState.CLEAR, Standing.COUNTED),
        (IntegrityState.OVERTURNED, Standing.COUNTED),
        (IntegrityState.NOT_WATCHED, Standing.COUNTED),
        (IntegrityState.FLAGGED, Standing.OPEN),
        (IntegrityState.INVALIDATED, Standing.INVALIDATED),
    ],
)
def test_a_paper_counts_as_its_result_stands(state: IntegrityState, standing: Standing) -> None:
    assert counting.standing(attempt(integrity=Integrity(state))) is standing
