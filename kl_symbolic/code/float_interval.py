"""Intervals of real numbers between two floats: where a value lies, up to a few units of its ends."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from kl_symbolic.functions import Domain


@dataclass(frozen=True)
class FloatInterval:
    """The numbers from `low` to `high`; an end may be infinite.

    Examples
    --------
    >>> FloatInterval(-1, 2) * FloatInterval(3, 4)
    FloatInterval(low=-4, high=8)
    >>> FloatInterval(1, 2) / FloatInterval(0, 4)
    FloatInterval(low=0.25, high=inf)
    """

    low: float = -math.inf
    high: float = math.inf

    @property
    def nonnegative(self) -> bool:
        """Whether no number in it is negative."""
        return self.low >= 0

    def __neg__(self) -> FloatInterval:
        return FloatInterval(-self.high, -self.low)

    def __abs__(self) -> FloatInterval:
        if self.low >= 0 or self.high <= 0:
            return self if self.nonnegative else -self
        return FloatInterval(0.0, max(-self.low, self.high))

    def __add__(self, other: FloatInterval) -> FloatInterval:
        return FloatInterval(self.low + other.low, self.high + other.high)

    def __mul__(self, other: FloatInterval) -> FloatInterval:
        return _around(a * b if a and b else 0.0 for a in (self.low, self.high) for b in (other.low, other.high))

    def __truediv__(self, other: FloatInterval) -> FloatInterval:
        if other.low < 0 < other.high:
            return FloatInterval()
        # An end that is 0 is approached from inside.
        above, below = (
            math.copysign(math.inf, other.low + other.high) if not end else 1 / end for end in (other.low, other.high)
        )
        return self * FloatInterval(below, above)

    def __and__(self, other: FloatInterval) -> FloatInterval:
        """Return what both have in common; one of the ends where they have nothing."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return FloatInterval(min(low, high), high)

    def root(self) -> FloatInterval:
        """Return the square roots."""
        return FloatInterval(math.sqrt(max(self.low, 0.0)), math.sqrt(max(self.high, 0.0)))

    def widened(self, factor: float) -> FloatInterval:
        """Return an interval that holds every number of this one times a number from 1/factor to factor."""
        low, high = (
            self.low * factor if self.low < 0 else self.low / factor,
            self.high * factor if self.high > 0 else self.high / factor,
        )
        return FloatInterval(low, high)


def _around(values: Iterable[float]) -> FloatInterval:
    found = list(values)
    return FloatInterval(min(found), max(found))


def values_of(domain: Domain) -> FloatInterval:
    """Return an interval around a domain.

    >>> values_of(Domain.UNIT)
    FloatInterval(low=0.0, high=1.0)
    """
    return FloatInterval(0.0 if domain.nonnegative else -math.inf, 1.0 if domain is Domain.UNIT else math.inf)


def shares_of_sum(a: FloatInterval, b: FloatInterval) -> tuple[float, float]:
    """Return how much larger the parts of a sum may be than the sum: bounds of |a|/|a + b| and |b|/|a + b|.

    Both quotients are monotone in a and in b, so that ends of the intervals suffice.

    >>> shares_of_sum(FloatInterval(3.0, 4.0), FloatInterval(-1.0, 1.0))
    (1.5, 0.5)
    """
    sum_ = a + b
    if sum_.low <= 0 <= sum_.high:
        return math.inf, math.inf
    ends = [(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    corners = [(x, y) for x, y in ends if math.isfinite(x) and math.isfinite(y)]
    least = 0.0 if corners == ends else 1.0  # the limit of the larger part where it is infinite
    return max(least, *(abs(x / (x + y)) for x, y in corners)), max(least, *(abs(y / (x + y)) for x, y in corners))
