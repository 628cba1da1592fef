"""Values of one parameter, drawn as doubles: ordinary, near another one, at an edge of what there is, or extreme.

Only `random.Random.random` is called, which Python keeps the same for ever, and nothing is computed in floating point:
the same seed gives the same numbers on every machine.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import TypeVar

from kl_symbolic.families import Parameter
from kl_symbolic.functions import Domain
from kl_symbolic.reference.doubles import LARGEST_DOUBLE, LEAST_DOUBLE, LEAST_NORMAL, SPACING, nearest_double

T = TypeVar("T")

EXTREME_DECADES = 300  # to both sides of 1, of extreme values
INTEGER_DECADES = 15  # whole numbers beyond are not all doubles
LN10 = Fraction(23, 10)
LARGEST_OF_EXP = 709  # the largest whole number whose exponential is a double

_ROOTS = (Fraction(2) ** 511, Fraction(2) ** -511)  # whose squares are still doubles
_ENDS = (LEAST_DOUBLE, LEAST_NORMAL, LARGEST_DOUBLE, *_ROOTS)
_POSITIVE = (Fraction(1), 1 + SPACING, 1 - SPACING / 2, Fraction(2), Fraction(1, 2), *_ENDS)
_WHOLE = (Fraction(1), Fraction(2), Fraction(2) ** 53)
EDGES = {
    Domain.REAL: (Fraction(0), Fraction(1), Fraction(-1), *_ENDS, *(-end for end in _ENDS)),
    Domain.NONNEGATIVE: (Fraction(0), *_POSITIVE),
    Domain.POSITIVE: _POSITIVE,
    Domain.UNIT: (Fraction(1, 2), LEAST_DOUBLE, LEAST_NORMAL, SPACING, 1 - SPACING / 2),
    Domain.NATURAL: (Fraction(0), *_WHOLE),
    Domain.INDEX: _WHOLE,
}
_OF_LOGARITHMS = tuple(map(Fraction, (0, 1, -1, LARGEST_OF_EXP, -LARGEST_OF_EXP)))


class Draws:
    """Values of parameters, each a double."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def share(self) -> Fraction:
        """Return a number from 0 to 1, without 1."""
        return Fraction(self._random.random())

    def sign(self) -> int:
        """Return 1 or -1."""
        return self.one_of((1, -1))

    def one_of(self, things: tuple[T, ...]) -> T:
        """Return one of several things."""
        return things[int(self.share() * len(things))]

    def ordinary(self, parameter: Parameter) -> Fraction:
        """Return a value from the typical range."""
        low, high = parameter.typical
        value = low + (high - low) * self.share()
        return Fraction(int(value)) if parameter.domain.integer else nearest_double(value)

    def near(self, parameter: Parameter, base: Fraction, decade: int) -> Fraction:
        """Return a value at a distance of 1 to 10 times a power of ten, relative to the base unless that may be 0."""
        if parameter.domain.integer:
            return base
        distance = self.sign() * (1 + 9 * self.share()) * Fraction(10) ** decade
        return nearest_double(base + distance * (1 if parameter.domain is Domain.REAL else base))

    def edge(self, parameter: Parameter) -> Fraction:
        """Return a value at an end of the domain, of double precision, or of a function; or a standard one."""
        return self.one_of(_OF_LOGARITHMS if parameter.logarithm else EDGES[parameter.domain])

    def decade(self) -> int:
        """Return an order of magnitude."""
        return int(self.share() * (2 * EXTREME_DECADES + 1)) - EXTREME_DECADES

    def extreme(self, parameter: Parameter, decade: int) -> Fraction:
        """Return a value of an order of magnitude; of a logarithm that of what it is the logarithm of."""
        size = (1 + 9 * self.share()) * Fraction(10) ** max(-EXTREME_DECADES, min(EXTREME_DECADES, decade))
        domain = parameter.domain
        if parameter.logarithm:
            return nearest_double(parameter.power * (decade + self.share()) * LN10)
        if domain.integer:
            most = Fraction(10) ** (abs(decade) * INTEGER_DECADES // EXTREME_DECADES)
            return Fraction(int(most * (1 + 9 * self.share())))
        if domain is Domain.UNIT:
            return nearest_double(size if decade < 0 else 1 - 1 / (size + 1))
        return nearest_double(size * (1 if domain.nonnegative else self.sign()))
