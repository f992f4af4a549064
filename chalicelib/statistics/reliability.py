"""How reliable the points are. Pure.

A *unit* is what is drawn as a whole: a question, or a material with all its questions. Questions about one text depend
on each other, and counted singly they would feign a higher reliability (Sireci, Thissen & Wainer 1991).

*All papers hold the same units*: Cronbach's alpha (L. J. Cronbach, *Psychometrika* 16, 1951; L. Guttman's λ₃, 1945):

    alpha = k/(k - 1) · (1 - Σ variance of unit / variance of total)

*Each paper is drawn at random*: alpha needs everybody's points on every unit, and these do not exist. Units are nested
in persons and stratified by section (design i:p of generalizability theory: Rajaratnam, Cronbach & Gleser,
*Psychometrika* 30, 1965; R. L. Brennan, *Generalizability Theory*, 2001). The variance of units within a person's
section estimates the error of that section. It includes that one draw is harder than another:

    dependability = 1 - Σ over sections (k · mean square within persons) / variance of total

With one section and equal worths it is the intraclass correlation ICC(1,k) (Shrout & Fleiss 1979). In a section in
which all sat the same units no draw is harder, and the error is that of alpha (stratified alpha: Cronbach, Schönemann &
McKie 1965). A section with a single unit shows no error by itself. All its variance counts as error, and the
coefficient is then a lower bound.
"""

from fractions import Fraction

from chalicelib.statistics.answers import AnswerTable
from chalicelib.statistics.model import Reliability, ReliabilityKind
from chalicelib.statistics.sums import Sums, root, sums_of


class _Part:
    """The sums of the units of a section, or of the whole paper, over all persons."""

    def __init__(self) -> None:
        self.units: dict[int, Sums] = {}
        self.totals = Sums()
        self.within = 0  # Σ over persons of size · Σx² - (Σx)²
        self.sizes: set[int] = set()

    def add(self, earned: dict[int, int]) -> None:
        """Add the units of one person."""
        total = sum(earned.values())
        for unit, points in earned.items():
            self.units.setdefault(unit, Sums()).add(points)
        self.totals.add(total)
        size = len(earned)
        self.sizes.add(size)
        self.within += size * sum(points * points for points in earned.values()) - total * total

    @property
    def same_units(self) -> bool:
        """Whether everybody sat the same units."""
        return all(sums.n == self.totals.n for sums in self.units.values())

    @property
    def single(self) -> bool:
        """Whether it has a single unit."""
        return self.sizes == {1}

    def error(self) -> Fraction | None:
        """The variance of error of its total; None when persons have different numbers of units."""
        if len(self.sizes) != 1:
            return None
        [size] = self.sizes
        variance = self.totals.variance
        assert variance is not None  # there are two persons
        if size == 1:
            return variance
        if self.same_units:
            single = sum(
                (sums.variance or Fraction(0) for sums in self.units.values()), Fraction(0)
            )
            return variance - Fraction(size, size - 1) * (variance - single)
        return Fraction(self.within, self.totals.n * (size - 1))


def reliability(table: AnswerTable) -> Reliability | None:
    """The reliability of the totals; None for fewer than two papers, one unit, or totals that are all equal."""
    variance = sums_of(table.totals).variance
    if not variance:
        return None
    whole, sections = _parts(table)
    if whole.same_units:
        if whole.single:
            return None
        return _result(ReliabilityKind.ALPHA, whole.error(), variance, lower_bound=False)
    errors = [section.error() for section in sections]
    known = [error for error in errors if error is not None]
    if len(known) < len(errors):
        return None
    bound = any(section.single for section in sections)
    return _result(
        ReliabilityKind.DEPENDABILITY, sum(known, Fraction(0)), variance, lower_bound=bound
    )


def same_questions(table: AnswerTable) -> bool:
    """Whether all papers hold the same questions."""
    papers = {
        frozenset(table.question[cell] for cell in table.cells_of(p)) for p in range(table.papers)
    }
    return len(papers) == 1


def _parts(table: AnswerTable) -> tuple[_Part, list[_Part]]:
    """The whole paper, and each of its sections."""
    whole, sections = _Part(), dict[int, _Part]()
    for paper in range(table.papers):
        earned: dict[int, dict[int, int]] = {}
        for section, unit, points in table.units_of(paper):
            earned.setdefault(section, {})[unit] = points
        whole.add({unit: points for units in earned.values() for unit, points in units.items()})
        for section, units in earned.items():
            sections.setdefault(section, _Part()).add(units)
    return whole, list(sections.values())


def _result(
    kind: ReliabilityKind, error: Fraction | None, variance: Fraction, *, lower_bound: bool
) -> Reliability | None:
    """The coefficient, and the standard error in points: SD · √(1 - coefficient) = √error.

    The error is never below 0: a sum of k units varies at most k times as much as its units together.
    """
    if error is None:
        return None
    return Reliability(
        kind=kind,
        value=float(1 - error / variance),
        standard_error=root(error) / 100,
        lower_bound=lower_bound,
    )
