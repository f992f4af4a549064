"""Parts of a ranking by total points: the upper and the lower 27 %, and thirds. Pure.

People with equal points have no order among themselves. Where a part ends among them, each of them belongs to it with
the same fraction, so no figure depends on the order in which papers were read.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

import msgspec

Number = int | Fraction


class Tie(msgspec.Struct):
    """All who have the same total: how many they are, and the sums of some whole numbers over them."""

    people: int
    sums: list[int]


def ties(rows: Iterable[tuple[int, Sequence[int]]], width: int) -> list[Tie]:
    """Group (total, numbers) by total, the lowest first; `width`: how many numbers each row has."""
    found: dict[int, Tie] = {}
    for total, numbers in rows:
        tie = found.get(total)
        if tie is None:
            tie = found[total] = Tie(0, [0] * width)
        tie.people += 1
        sums = tie.sums
        for index, number in enumerate(numbers):
            if number:
                sums[index] += number
    return [found[total] for total in sorted(found)]


def part(ranked: Sequence[Tie], begin: Number, end: Number, width: int) -> list[Number]:
    """Sums over the ranks from `begin` to `end` (people from the lowest; may be fractions)."""
    sums: list[Number] = [0] * width
    first = 0
    for tie in ranked:
        inside = min(first + tie.people, end) - max(first, begin)
        first += tie.people
        if inside <= 0:
            continue
        weight: Number = 1 if inside == tie.people else Fraction(inside) / tie.people
        for index, number in enumerate(tie.sums):
            if number:
                sums[index] += weight * number
    return sums
