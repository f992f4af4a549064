"""Which questions a person should look at again. Pure.

The limits are conventions. A doubt is a reason to read the question, and no proof of a mistake.
"""

from chalicelib.statistics.model import Doubt, QuestionStatistics

# Ebel (1965): a question below this is poor, and is rejected or improved.
LEAST_DISCRIMINATION = 0.20
# Nearly everybody has the points, so it cannot tell people apart: 1 - p is below the 5 % of usual chance.
EASIEST = 0.95
# Below the chance level of a choice among four or five options (1/4, 1/5).
HARDEST = 0.20
# A rule of Swineford (1949): a test is not speeded while 80 % of the people reach the last question (D. W. Cintron,
# ETS Research Report 2021).
MOST_OMITTED = 0.20
# Below it, groups of 27 % hold fewer than eight people, and a single one moves D by more than 0.12.
FEWEST = 30
# Below it a single person moves the difficulty by more than 0.1, and nothing is doubted.
FEWEST_JUDGED = 10
_PLACES = {doubt: place for place, doubt in enumerate(Doubt)}


def find(question: QuestionStatistics) -> tuple[Doubt, ...]:
    """The doubts about a question, the gravest first. A figure that cannot be computed gives none."""
    if question.shown < FEWEST_JUDGED:
        return ()
    p, discrimination, item_rest = question.difficulty, question.discrimination, question.item_rest
    indexes = [index for index in (discrimination, item_rest) if index is not None]
    found = {
        Doubt.NEGATIVE: any(index < 0 for index in indexes),
        Doubt.WRONG_PREFERRED: _prefers_wrong(question),
        Doubt.TOO_HARD: p is not None and p <= HARDEST,
        Doubt.TOO_EASY: p is not None and p >= EASIEST,
        Doubt.OMITTED: question.omitted is not None and question.omitted > MOST_OMITTED,
        Doubt.WEAK: discrimination is not None and 0 <= discrimination < LEAST_DISCRIMINATION,
    }
    return tuple(doubt for doubt in Doubt if found[doubt])


def _prefers_wrong(question: QuestionStatistics) -> bool:
    """Whether the upper third chooses a wrong option more often than the least chosen right one."""
    chosen = [(o.right, o.of_upper) for o in question.options if o.of_upper is not None]
    right = [share for is_right, share in chosen if is_right]
    wrong = [share for is_right, share in chosen if not is_right]
    return bool(right) and bool(wrong) and max(wrong) > min(right)


def gravity(question: QuestionStatistics) -> tuple[int, float]:
    """The sort key of a question: its gravest doubt, then the smaller of its two indexes of discrimination."""
    if not question.doubts:
        return len(_PLACES), 0.0
    indexes = (question.discrimination, question.item_rest)
    return _PLACES[question.doubts[0]], min((i for i in indexes if i is not None), default=1.0)
