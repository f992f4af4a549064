"""The statistics of an exam: what is stored and shown. Pure.

Shares lie between 0 and 1. Points are points, not hundredths. None means that a figure cannot be computed from these
answers: for example a correlation when everybody has the same points. Figures are computed exactly and kept as the
nearest float; they are rounded where they are shown.
"""

import enum

import msgspec

from chalicelib.exams.questions import QuestionType


class Doubt(enum.Enum):
    """Why a person should look at a question, the gravest reason first."""

    NEGATIVE = "negative"  # who knows more gets it wrong more often
    WRONG_PREFERRED = "wrong_preferred"  # the upper third prefers a wrong option
    TOO_HARD = "too_hard"
    TOO_EASY = "too_easy"
    OMITTED = "omitted"  # many left it empty
    WEAK = "weak"  # it hardly tells who knows more


class OptionShare(msgspec.Struct, frozen=True):
    """How many chose an option: of all who were shown the question, and of each third by total points.

    `letter`: in the bank's order, not as shown. `right`: by the key in force. `text`: the beginning of the option.
    """

    letter: str
    text: str
    right: bool
    of_all: float
    of_lower: float | None = None
    of_middle: float | None = None
    of_upper: float | None = None


class QuestionStatistics(msgspec.Struct, frozen=True):
    """One question of the bank, over the counted papers that showed it.

    `difficulty`: mean share of the points (p). `discrimination`: D, upper minus lower 27 %. `item_rest`: correlation
    with the rest of the paper. `omitted`: share without an answer. `seconds`: median time on it as the pages report;
    `timed`: how many papers have such a report.
    """

    question_id: str
    section: str
    type: QuestionType
    stem: str
    key: str
    shown: int
    difficulty: float | None = None
    discrimination: float | None = None
    item_rest: float | None = None
    omitted: float | None = None
    options: tuple[OptionShare, ...] = ()
    seconds: float | None = None
    timed: int = 0
    doubts: tuple[Doubt, ...] = ()


class ReliabilityKind(enum.Enum):
    """Which coefficient of reliability is given."""

    ALPHA = "alpha"  # Cronbach's alpha: all papers hold the same questions
    DEPENDABILITY = "dependability"  # each paper has its own random draw of questions


class Reliability(msgspec.Struct, frozen=True):
    """A coefficient of reliability and the standard error of measurement in points.

    `lower_bound`: a section with a single unit counts as all error, so the true value is at least this one.
    """

    kind: ReliabilityKind
    value: float
    standard_error: float
    lower_bound: bool = False


class PaperStatistics(msgspec.Struct, frozen=True):
    """The points of all counted papers. `bars`: papers in each of 20 equal parts of the points, 0 to 100 %.

    A paper on the border of two parts counts in the upper one; full points count in the last one.
    `deviation`: the standard deviation of the sample (divisor n - 1).
    """

    papers: int
    out_of: float
    pass_mark: int
    mean: float | None = None
    deviation: float | None = None
    median: float | None = None
    lowest: float | None = None
    highest: float | None = None
    same_questions: bool = False
    reliability: Reliability | None = None
    bars: tuple[int, ...] = ()


class Timed(msgspec.Struct, frozen=True):
    """How many counted papers have times of their questions. The page reports them when the candidate submits.

    `closed`: papers without times that the deadline or the switches closed. `without`: others without times, whose page
    was opened again, or whose report is not possible.
    """

    timed: int = 0
    closed: int = 0
    without: int = 0


class GroupKind(enum.Enum):
    """What people are grouped by."""

    NOTE = "note"  # 备注 of the roster
    ORGANISATION = "organisation"  # 所属单位 when they opened the attempt
    ROLE = "role"


class Group(msgspec.Struct, frozen=True):
    """The results of a group. `name`: "" for those without one, None for the rest.

    The rest are the groups that are too small to be named, and those that were put with them.

    `decided` = passed + failed + 不合格 by the watch. `open`: submitted, but a mark waits for an operator.
    """

    kind: GroupKind
    name: str | None
    decided: int
    passed: int
    open: int


class Funnel(msgspec.Struct, frozen=True):
    """How many people came how far. `listed` and `registered` are known for an exam with a roster alone.

    A person with several rounds counts once. `passed` leaves out those with an open mark.
    """

    opened: int = 0
    checked_in: int = 0
    started: int = 0
    submitted: int = 0
    passed: int = 0
    certificates: int = 0
    listed: int | None = None
    registered: int | None = None


class Counted(msgspec.Struct, frozen=True):
    """Which submitted papers are in the figures of papers and questions, and which are not."""

    counted: int = 0
    invalidated: int = 0  # 不合格 by the watch
    open: int = 0  # with a mark that waits for an operator


class Basis(msgspec.Struct, frozen=True):
    """What the statistics were computed from. `attempts`: a digest of the standing of all attempts."""

    exam_version: int
    paper_version: str
    key_version: str
    roster_version: str
    attempts: str


class Statistics(msgspec.Struct, frozen=True):
    """All statistics of an exam. Doubtful questions come first. `computed_at`: UTC ms."""

    exam_id: str
    title: str
    computed_at: int
    basis: Basis
    counted: Counted
    funnel: Funnel
    paper: PaperStatistics
    groups: tuple[Group, ...]
    questions: tuple[QuestionStatistics, ...]
    schema: int = 1
    times: Timed | None = None  # None in statistics that an earlier release computed
