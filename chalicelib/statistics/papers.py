"""The points of all papers, and the results of groups. Pure."""

from collections.abc import Iterable
from fractions import Fraction

import msgspec

from chalicelib.statistics.answers import AnswerTable
from chalicelib.statistics.model import Group, GroupKind, PaperStatistics, Statistics
from chalicelib.statistics.reliability import reliability, same_questions
from chalicelib.statistics.sums import median, root, sums_of

BARS = 20  # of 5 % of the points each
# Groups with fewer results than this are shown together, so that a table that is passed on does not tell the result of
# a person. When they have fewer together, larger groups join them. A result that is still open is none: of five people
# with four open results a rate would tell the fifth one's.
SMALLEST_GROUP = 5


def describe(table: AnswerTable, out_of: int, pass_mark: int) -> PaperStatistics:
    """The statistics of the points. `out_of`: hundredths of a point of every paper; `pass_mark`: per cent of them."""
    empty = PaperStatistics(papers=table.papers, out_of=out_of / 100, pass_mark=pass_mark)
    if not table.papers:
        return empty
    sums, middle = sums_of(table.totals), median(table.totals)
    assert sums.mean is not None
    assert middle is not None
    return msgspec.structs.replace(
        empty,
        mean=float(sums.mean / 100),
        deviation=None if sums.variance is None else root(sums.variance) / 100,
        median=float(middle / 100),
        lowest=min(table.totals) / 100,
        highest=max(table.totals) / 100,
        same_questions=same_questions(table),
        reliability=reliability(table),
        bars=_bars(table.totals, out_of),
    )


def _bars(totals: Iterable[int], out_of: int) -> tuple[int, ...]:
    bars = [0] * BARS
    for total in totals:
        bars[min(total * BARS // out_of, BARS - 1)] += 1
    return tuple(bars)


class Person(msgspec.Struct, frozen=True):
    """The result of somebody who submitted. `passed`: None while a mark waits for an operator."""

    note: str
    organisation: str
    role: str
    passed: bool | None


def group_results(people: Iterable[Person]) -> tuple[Group, ...]:
    """The results by note of the roster, organisation and role, the largest group first.

    A kind of group that would be a single one is left out, because it says the same as the whole. Small groups are put
    together, with the smallest of the others until they have `SMALLEST_GROUP` decided results.
    """
    found: dict[GroupKind, dict[str, list[bool | None]]] = {kind: {} for kind in GroupKind}
    for person in people:
        names = {
            GroupKind.NOTE: person.note,
            GroupKind.ORGANISATION: person.organisation,
            GroupKind.ROLE: person.role,
        }
        for kind, name in names.items():
            found[kind].setdefault(name, []).append(person.passed)
    groups = (_groups(kind, named) for kind, named in found.items())
    return tuple(group for of_kind in groups if len(of_kind) > 1 for group in of_kind)


def _groups(kind: GroupKind, named: dict[str, list[bool | None]]) -> list[Group]:
    """The groups of a kind, the largest first, then the rest."""
    largest_first = sorted(
        named.items(), key=lambda item: (-_decided(item[1]), -len(item[1]), item[0])
    )
    large = [item for item in largest_first if _decided(item[1]) >= SMALLEST_GROUP]
    rest = [result for _, results in largest_first[len(large) :] for result in results]
    while rest and _decided(rest) < SMALLEST_GROUP and large:
        rest += large.pop()[1]
    groups = [_group(kind, name, results) for name, results in large]
    return [*groups, _group(kind, None, rest)] if rest else groups


def _decided(results: list[bool | None]) -> int:
    return len(results) - results.count(None)


def _group(kind: GroupKind, name: str | None, results: list[bool | None]) -> Group:
    return Group(kind, name, _decided(results), results.count(True), results.count(None))


def overall_rate(statistics: Statistics) -> Fraction | None:
    """Passed of all whose result is decided: counted papers and those that are 不合格 by the watch."""
    decided = statistics.counted.counted + statistics.counted.invalidated
    return pass_rate(statistics.funnel.passed, decided)


def pass_rate(passed: int, decided: int) -> Fraction | None:
    """Passed of decided; None when nobody is decided."""
    return Fraction(passed, decided) if decided else None
