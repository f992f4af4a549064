"""Sums from which moments and groups are computed exactly. Pure.

Values are whole numbers. Quotients are fractions. Only roots are floats, each the nearest of an exact radicand.
"""

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

import msgspec


class Sums(msgspec.Struct):
    """n, Σx and Σx² of whole numbers."""

    n: int = 0
    x: int = 0
    xx: int = 0

    def add(self, value: int) -> None:
        """Add one value."""
        self.n += 1
        self.x += value
        self.xx += value * value

    @property
    def spread(self) -> int:
        """nΣx² - (Σx)²: n(n - 1) times the variance; 0 exactly when all values are equal."""
        return self.n * self.xx - self.x * self.x

    @property
    def mean(self) -> Fraction | None:
        """The mean; None without a value."""
        return Fraction(self.x, self.n) if self.n else None

    @property
    def variance(self) -> Fraction | None:
        """The variance of the sample, with the divisor n - 1; None for fewer than two values."""
        return Fraction(self.spread, self.n * (self.n - 1)) if self.n > 1 else None


def sums_of(values: Iterable[int]) -> Sums:
    """The sums of these values."""
    sums = Sums()
    for value in values:
        sums.add(value)
    return sums


def root(value: Fraction) -> float:
    """The square root of a fraction that is not negative, also of one beyond the range of floats."""
    scale = 1 << 64
    parts = math.isqrt(value.numerator * value.denominator * scale * scale)
    return float(Fraction(parts, value.denominator * scale))


def correlation(pairs: Iterable[tuple[int, int]]) -> float | None:
    """Pearson's correlation; None for fewer than two pairs and when one side does not vary."""
    left, right, xy = Sums(), Sums(), 0
    for x, y in pairs:
        left.add(x)
        right.add(y)
        xy += x * y
    if left.n < 2 or not left.spread or not right.spread:
        return None
    shared = left.n * xy - left.x * right.x
    square = Fraction(shared * shared, left.spread * right.spread)
    return math.copysign(root(square), shared)


def median(values: Sequence[int]) -> Fraction | None:
    """The middle value, or the mean of the two middle ones; None without a value."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return Fraction(ordered[middle] + ordered[-middle - 1], 2)
