"""Intervals of floats, rounded outwards: enough digits for a bound of an error, and fast."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nextafter, sqrt


def _times(a, b):
    return 0.0 if a == 0 or b == 0 else a * b


def _sum(a, b):
    """Return a rounded sum, and whether it is exact."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part) == 0


@dataclass(frozen=True)
class Interval:
    """The numbers from `low` to `high`; ends may be infinite.

    >>> Interval(1.0, 2.0) - 1, abs(Interval(-3.0, 2.0))
    (Interval(low=0.0, high=1.0), Interval(low=0.0, high=3.0))
    """

    low: float
    high: float

    def __add__(self, other):
        low, high = (_sum(a, b) for a, b in ((self.low, other.low), (self.high, other.high)))
        sign = self.sign if self.sign == other.sign else 0
        rounded = outward(low[0], high[0], sign)
        return Interval(low[0] if low[1] else rounded.low, high[0] if high[1] else rounded.high)

    def __neg__(self):
        return Interval(-self.high, -self.low)

    def __sub__(self, other):
        other = other if isinstance(other, Interval) else Interval(other, other)
        return self + (-other)

    def __mul__(self, other):
        if other == ONE:
            return self
        products = [_times(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return outward(min(products), max(products), self.sign * other.sign)

    def __truediv__(self, other):
        if other == ONE:
            return self
        if other.low <= 0 <= other.high:
            return REALS
        return self * outward(1 / other.high, 1 / other.low, other.sign)

    def __abs__(self):
        return Interval(self.least, self.most)

    def sqrt(self):
        return outward(sqrt(self.low), sqrt(self.high), 1)

    @property
    def sign(self):
        """1 if no number in it is negative, -1 if none is positive, else 0."""
        return 1 if self.low >= 0 else -1 if self.high <= 0 else 0

    @property
    def most(self):
        """The largest absolute value."""
        return max(abs(self.low), abs(self.high))

    @property
    def least(self):
        """The smallest absolute value."""
        return 0.0 if self.low <= 0 <= self.high else min(abs(self.low), abs(self.high))

    def common(self, other):
        return Interval(max(self.low, other.low), min(self.high, other.high))

    def hull(self, other):
        return Interval(min(self.low, other.low), max(self.high, other.high))


REALS = Interval(-inf, inf)
ONE = Interval(1.0, 1.0)


def outward(low, high, sign=0):
    """Return the interval between numbers that are rounded, of which the sign is known: 1, -1, or 0 if not."""
    low, high = nextafter(low, -inf), nextafter(high, inf)
    return Interval(max(low, 0.0) if sign > 0 else low, min(high, 0.0) if sign < 0 else high)
