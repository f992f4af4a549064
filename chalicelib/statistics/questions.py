"""The analysis of single questions by classical test theory. Pure.

Sources: L. Crocker, J. Algina, *Introduction to Classical and Modern Test Theory* (1986), chapter 14; T. L. Kelley,
"The selection of upper and lower groups for the validation of test items", *Journal of Educational Psychology* 30
(1939); R. L. Ebel, *Measuring Educational Achievement* (1965).

Each candidate has a paper of their own. So a question is analysed over those who were shown it, ranked by the points of
their whole papers. All papers follow the same plan and are worth the same.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import msgspec

from chalicelib.exams.content import plain_text
from chalicelib.exams.questions import LETTERS, Question
from chalicelib.statistics import doubts
from chalicelib.statistics.answers import UNKNOWN, AnswerTable
from chalicelib.statistics.model import OptionShare, QuestionStatistics
from chalicelib.statistics.ranking import Number, Tie, part, ties
from chalicelib.statistics.sums import correlation, median

# Kelley (1939): with groups of this size the difference of their means is least affected by chance.
KELLEY = Fraction(27, 100)
MOST_TEXT = 120  # characters of a stem or an option
_OMITTED, _EARNED, _OPTIONS = (
    0,
    1,
    2,
)  # places of the numbers that are summed; options from the third on


class Listed(msgspec.Struct, frozen=True):
    """A question of the bank with the key in force, and the title of its section."""

    question: Question
    section: str


def analyse(
    table: AnswerTable, listed: Sequence[Listed], cells_of: Sequence[Sequence[int]]
) -> Iterator[QuestionStatistics]:
    """The statistics of each question of the bank that was shown to anybody, in the order of the bank.

    `cells_of[i]`: the cells of question i in the table.
    """
    for entry, cells in zip(listed, cells_of, strict=True):
        if cells:
            yield _analyse(table, entry, cells)


def _analyse(table: AnswerTable, entry: Listed, cells: Sequence[int]) -> QuestionStatistics:
    # A question may have another worth in another section. Its points are made whole parts of a common multiple.
    whole = math.lcm(*(table.worth[cell] for cell in cells))
    options = len(entry.question.options)
    width = _OPTIONS + options
    ranked = ties(_rows(table, cells, whole, options), width)
    shown = len(cells)
    sums = part(ranked, 0, shown, width)
    seconds = [table.seconds[cell] for cell in cells if table.seconds[cell] != UNKNOWN]
    middle = median(seconds)
    question = entry.question
    found = QuestionStatistics(
        question_id=question.id,
        section=entry.section,
        type=question.type,
        stem=plain_text(question.stem)[:MOST_TEXT],
        key=question.key,
        shown=shown,
        difficulty=float(Fraction(sums[_EARNED]) / (shown * whole)),
        discrimination=_discrimination(ranked, shown, whole, width),
        item_rest=correlation(_with_rest(table, cells, whole)),
        omitted=float(Fraction(sums[_OMITTED]) / shown),
        options=_options(ranked, sums, shown, question),
        seconds=None if middle is None else float(middle),
        timed=len(seconds),
    )
    return msgspec.structs.replace(found, doubts=doubts.find(found))


def _rows(
    table: AnswerTable, cells: Sequence[int], whole: int, options: int
) -> Iterator[tuple[int, list[int]]]:
    """(total of the paper, the numbers that are summed) for each paper that showed the question."""
    choices = [
        [choice >> option & 1 for option in range(options)] for choice in range(1 << options)
    ]
    for cell in cells:
        earned = table.earned[cell] * (whole // table.worth[cell])
        total = table.totals[table.paper[cell]]
        yield total, [table.omitted[cell], earned, *choices[table.chosen[cell]]]


def _with_rest(table: AnswerTable, cells: Sequence[int], whole: int) -> Iterator[tuple[int, int]]:
    """(points of the question, points of the rest of the paper).

    The question is taken out of the total, because it would correlate with itself (Crocker & Algina).
    """
    for cell in cells:
        earned = table.earned[cell]
        yield (
            earned * (whole // table.worth[cell]),
            table.totals[table.paper[cell]] - earned,
        )


def _discrimination(ranked: Sequence[Tie], shown: int, whole: int, width: int) -> float | None:
    """D = p(upper 27 %) - p(lower 27 %). None when all have the same total, so that there are no two groups.

    The size of a group is rounded half up, and is at least one person. Those with equal totals at its border share the
    places that are left.
    """
    if len(ranked) < 2:
        return None
    size = max(1, math.floor(KELLEY * shown + Fraction(1, 2)))
    lower = part(ranked, 0, size, width)[_EARNED]
    upper = part(ranked, shown - size, shown, width)[_EARNED]
    return float(Fraction(upper - lower) / (size * whole))


def _options(
    ranked: Sequence[Tie], sums: Sequence[Number], shown: int, question: Question
) -> tuple[OptionShare, ...]:
    """The share of each option. Without two different totals there are no thirds."""
    third, width = Fraction(shown, 3), _OPTIONS + len(question.options)
    borders = (Fraction(0), third, 2 * third, Fraction(shown))
    spans = itertools.pairwise(borders)
    thirds = [part(ranked, *span, width) for span in spans] if len(ranked) > 1 else []
    return tuple(
        OptionShare(
            LETTERS[index],
            plain_text(question.options[index])[:MOST_TEXT],
            LETTERS[index] in question.key,
            float(Fraction(sums[_OPTIONS + index]) / shown),
            *(float(Fraction(sums_of_third[_OPTIONS + index]) / third) for sums_of_third in thirds),
        )
        for index in range(len(question.options))
    )


def doubtful_first(questions: Iterable[QuestionStatistics]) -> tuple[QuestionStatistics, ...]:
    """The questions with the gravest doubts first, then the least discriminating; the others keep their order."""
    return tuple(sorted(questions, key=doubts.gravity))
