"""Stirling's series, its remainders and differences: how the functions around log Gamma are computed.

Where the least argument is below `SHIFTS`, the functional equation is applied that many times. What the series leaves
out is below the first term that is left out, also in every derivative: but for the sign, the error is completely
monotone (Alzer, Mathematics of Computation 66, 1997, theorem 8). Relative to the functions it is below 1e-17.
"""

from fractions import Fraction
from math import comb
from typing import Any

from kl_symbolic.functions.function import Computation

SHIFTS = 8
STIRLING_TERMS = 15


def bernoulli(count: int) -> list[Fraction]:
    """Return the Bernoulli numbers B_0, ..., B_count.

    >>> bernoulli(4)[2:]
    [Fraction(1, 6), Fraction(0, 1), Fraction(-1, 30)]
    """
    found = [Fraction(1)]
    for n in range(1, count + 1):
        found.append(-sum((comb(n + 1, k) * b for k, b in enumerate(found)), Fraction(0)) / (n + 1))
    return found


# B_2, B_4, ...: log Gamma(x) = (x - 1/2) log x - x + log(2 pi)/2 + the sum of B_2k/(2k (2k - 1) x^(2k - 1)).
EVEN = tuple(bernoulli(2 * STIRLING_TERMS)[2::2])


def tail(x: Any) -> Any:
    """Return the terms of the series of log Gamma with powers of 1/x."""
    u = 1 / x
    value = 0.0
    for k in range(STIRLING_TERMS, 0, -1):
        value = value * (u * u) + float(EVEN[k - 1] / (2 * k * (2 * k - 1)))
    return u * value


def tail_remainder(x: Any, a: Any, gap: Any) -> Any:
    """Return the remainder of `tail`; that of x^-m is gap^2 times the sum of j a^-(j + 1) x^(j - m - 1) to j = m."""
    u, v = 1 / x, 1 / a
    inner, power = 1, v  # the sum of j v^(j - 1) u^(m - j), and v^m
    terms = [float(EVEN[0] / 2)]
    for order in range(2, 2 * STIRLING_TERMS):
        inner = u * inner + order * power
        power = power * v
        if order % 2:
            terms.append(float(EVEN[order // 2] / (order * (order + 1))) * inner)
    return (gap / a) * (gap / x) * (v * from_last(terms))


def tail_difference(low: Any, high: Any, part: Any) -> Any:
    """Return what psi(x) - log x is at `high` more than at `low`, whose difference is the part `part` of `high`."""
    u, v = 1 / high, 1 / low
    inner, power = 1, v * v  # the sum of v^2i u^(2(k - 1 - i)), and v^2k
    terms = [float(EVEN[0] / 2)]
    for k in range(2, STIRLING_TERMS + 1):
        inner = (u * u) * inner + power
        power = power * (v * v)
        terms.append(float(EVEN[k - 1] / (2 * k)) * inner)
    return part * v * (0.5 + (u + v) * from_last(terms))


def ordered(m: Computation, x: Any, a: Any, gap: Any) -> tuple[Any, Any, Any]:
    """Return two points, the lower one first, and their distance."""
    falling = gap < 0
    return m.where(falling, x, a), m.where(falling, a, x), m.where(falling, -gap, gap)


def part_of(m: Computation, distance: Any, high: Any) -> Any:
    """Return the distance of two positive points as a part of the upper one, which may be infinite."""
    return m.where(high <= high / 2, 1.0, distance / high)


def from_last(terms: list[Any]) -> Any:
    """Return a sum of terms of which each is much smaller than the one before."""
    value = terms[-1]
    for term in reversed(terms[:-1]):
        value = term + value
    return value


def added(parts: list[Any]) -> Any:
    """Return a sum by halves, which rounds each part few times."""
    middle = len(parts) // 2
    return added(parts[:middle]) + added(parts[middle:]) if middle else parts[0]


def at_ends(m: Computation, gap: Any, value: Any) -> Any:
    """Return a remainder: infinite where one of the points is."""
    return m.where(gap - gap <= 0, value, abs(gap))
