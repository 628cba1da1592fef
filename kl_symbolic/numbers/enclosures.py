"""Values between bounds that are certain: with Arb where python-flint is installed, otherwise with mpmath's intervals.

Integrals of one real variable need Arb, which integrates by a Gauss-Legendre rule with a rigorous error; what lies
beyond the range is bounded in `kl_symbolic.numbers.tails`. Sums over the natural numbers need none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from math import ceil, log, log10
from threading import RLock
from typing import NamedTuple

from mpmath.ctx_iv import MPIntervalContext

from kl_symbolic.numbers.arithmetic import (
    FLOATS,
    Arithmetic,
    Namespace,
    UnresolvedError,
    Value,
    balls_of_arb,
    evaluate,
    intervals,
    method_of_arb,
)
from kl_symbolic.numbers.compare import Comparison
from kl_symbolic.numbers.evaluator import GUARD_DIGITS, SMALLEST_SCALE
from kl_symbolic.numbers.expansion import Expander
from kl_symbolic.numbers.integrands import support_named
from kl_symbolic.numbers.tails import Weighted, weighted_by_law
from kl_symbolic.proof.statement import definition
from kl_symbolic.proof.supports import family_of
from kl_symbolic.terms import DEFINED_HEADS, Number, Term

BITS_PER_DIGIT = 3.33
MOST_BITS_OF_BOUND = 100_000  # in bits, of a bound
# How far out an end is looked for: at these multiples of the spread, each so much farther than the one before.
FIRST, STRIDE, MOST_STRIDES = 2.0, 8 / 7, 100
MOST_SUMMANDS = 100_000
_lock = RLock()  # the precision of Arb and that of the intervals are the same for all threads


class Bounds(NamedTuple):
    """Two numbers between which a value lies."""

    low: Fraction
    high: Fraction


@dataclass(frozen=True, eq=False)
class Certain:
    """Numbers that enclose.

    Parameters
    ----------
    arithmetic
        How to compute with them.
    precision
        Sets how many bits they are computed with, for a block.
    bounds
        Returns those of a number.
    around_zero
        Returns what lies between minus and plus a number that is not negative.
    integral
        Integrates from one number to another; None if they cannot.
    """

    arithmetic: Arithmetic
    precision: Callable[[int], AbstractContextManager[object]]
    bounds: Callable[[Value], Bounds]
    around_zero: Callable[[Value], Value]
    integral: Callable[[Weighted, Value, Value], Value] | None


@cache
def with_arb() -> Certain:
    """Return the balls of Arb.

    Raises
    ------
    ImportError
        If python-flint is not installed.
    """
    from flint import acb, arb, ctx

    plane = Arithmetic(lambda value: acb(balls_of_arb().number(value)), partial(method_of_arb, acb))

    def bounds(value: Value) -> Bounds:
        if not value.is_finite():
            raise UnresolvedError("a value is not finite")
        return Bounds(*(_dyadic(*map(int, end.man_exp())) for end in (value.lower(), value.upper())))

    def integral(weighted: Weighted, low: Value, high: Value) -> Value:
        # The integrand is entire: a polynomial, times the exponential of one, in s and perhaps exp(s).
        found = acb.integral(lambda s, _: weighted.at(plane, s), low, high)
        return found.real

    return Certain(balls_of_arb(), ctx.workprec, bounds, lambda size: arb(0, 1) * size, integral)


@cache
def with_mpmath() -> Certain:
    """Return the intervals of mpmath, which have no integrals."""
    iv = MPIntervalContext()

    @contextmanager
    def precision(bits: int) -> Iterator[None]:
        before, iv.prec = iv.prec, bits
        try:
            yield
        finally:
            iv.prec = before

    def bounds(value: Value) -> Bounds:
        ends = []
        # Its ends as they are: a number of mpmath would be rounded.
        for sign, mantissa, exponent, _ in value._mpi_:
            if not mantissa and exponent:
                raise UnresolvedError("a value is not finite")
            ends.append(_dyadic(-int(mantissa) if sign else int(mantissa), exponent))
        return Bounds(*ends)

    return Certain(intervals(iv), precision, bounds, lambda size: iv.mpf([-1, 1]) * size, None)


def _dyadic(mantissa: int, exponent: int) -> Fraction:
    if abs(exponent) > MOST_BITS_OF_BOUND:
        raise UnresolvedError("a bound is too large or too small to write down")
    return Fraction(mantissa) * Fraction(2) ** exponent


def has_arb() -> bool:
    """Whether python-flint is installed."""
    try:
        from flint import acb  # noqa: F401 - only whether it is there
    except ImportError:
        return False
    return True


class Encloser:
    """Encloses the values of written-out terms (`instantiate`) at one parameter point.

    Parameters
    ----------
    digits
        The number of digits that are wanted.
    values
        Exact values of the parameters.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> low, high = Encloser(30, {}).value(Term("log", Number(2)))
    >>> float(low), bool(low < high < low + Fraction(1, 10**30))
    (0.693147..., True)
    """

    def __init__(self, digits: int, values: Mapping[Term, Fraction]) -> None:
        self.digits, self.values = digits, values
        self._numbers = with_arb() if has_arb() else with_mpmath()
        self._known: dict[Term, Value] = {}

    def value(self, term: Term) -> Bounds:
        """Enclose the value of a term.

        Raises
        ------
        UnresolvedError
            If that is not known how to, or is not finite.
        """
        with _lock, self._numbers.precision(ceil((self.digits + GUARD_DIGITS + 10) * BITS_PER_DIGIT)):
            try:
                return self._numbers.bounds(self._value(term))
            except (ArithmeticError, ValueError) as error:
                raise UnresolvedError(f"{type(error).__name__}: {error}") from error

    def _value(self, term: Term) -> Value:
        if term not in self._known:
            self._known[term] = self._compute(term)
        return self._known[term]

    def _compute(self, term: Term) -> Value:
        if term.head in ("Symbol", "Indexed"):
            if term not in self.values:
                raise UnresolvedError(f"{term} has no value")
            return self._numbers.arithmetic.number(self.values[term])
        if term.head in DEFINED_HEADS:
            return self._value(definition(term))
        if term.head == "Integral":
            return self._integral(term)
        return self._numbers.arithmetic.value(term, self._value)

    def _integral(self, term: Term) -> Value:
        body, variable, _, size = term.args
        if size is not Number(1) or variable.head == "Array":
            raise UnresolvedError("an integral over several dimensions")
        support = support_named(term)
        total = self._number(Fraction(0))
        for law, weighted in weighted_by_law(body, Expander(variable, support, self._value)):
            total = total + (self._sum if support.discrete else self._between)(weighted, law)
        return total

    def _between(self, weighted: Weighted, law: Term) -> Value:
        """Return the integral between two ends, with what may lie beyond them."""
        if self._numbers.integral is None:
            raise UnresolvedError("integrals are enclosed with python-flint, which is not installed")
        centre, spread = self._scale(law)
        if weighted.line.logarithmic:
            centre, spread = log(centre + spread), 1.0
        (left, below), (right, above) = (self._end(weighted, centre, side * spread) for side in (-1, 1))
        inside = self._numbers.integral(weighted, self._number(left), self._number(right))
        return inside + self._numbers.around_zero(below + above)

    def _sum(self, weighted: Weighted, law: Term) -> Value:
        """Return the sum of the first terms, with what may follow."""
        last, tail = self._end(weighted, *self._scale(law))
        if last > MOST_SUMMANDS:
            raise UnresolvedError("a sum of too many terms")
        arithmetic = self._numbers.arithmetic
        terms = [weighted.at(arithmetic, self._number(Fraction(k))) for k in range(int(last) + 1)]
        return arithmetic.add(terms) + self._numbers.around_zero(tail)

    def _end(self, weighted: Weighted, centre: float, spread: float) -> tuple[Fraction, Value]:
        """Return a point beyond which nearly nothing lies, and a bound of that; on the left for a negative spread."""
        nearly_nothing = self._number(Fraction(1, 10 ** (self.digits + GUARD_DIGITS - 4)))
        for k in range(MOST_STRIDES):
            end = Fraction(centre + spread * FIRST * STRIDE**k)
            before = end - Fraction(spread) / 8
            if weighted.line.discrete:
                end, before = Fraction(ceil(end)), Fraction(ceil(end) - 1)
            tail = weighted.tail(self._numbers.arithmetic, before, end)
            if tail is not None and tail < nearly_nothing:
                return end, tail
        raise UnresolvedError("a density decays too slowly")

    def _number(self, value: Fraction) -> Value:
        return self._numbers.arithmetic.number(value)

    def _scale(self, law: Term) -> tuple[float, float]:
        """Return about where a law is, and how wide; nothing certain rests on it."""
        floats = {symbol: FLOATS.number(value) for symbol, value in self.values.items()}
        centre, spread = family_of(law).scale(Namespace(FLOATS), *(evaluate(a, floats, FLOATS) for a in law.args[1:]))
        return float(centre), float(spread)


def compare_bounds(left: Bounds, right: Bounds, digits: int) -> Comparison:
    """Compare two enclosed values to a number of digits; what is said of them is certain.

    Examples
    --------
    >>> one, third = Bounds(Fraction(1), Fraction(1)), Bounds(Fraction(333, 1000), Fraction(334, 1000))
    >>> compare_bounds(one, Bounds(Fraction(1), 1 + Fraction(1, 10**12)), 10)
    Comparison(status='agree', digits=12.0, detail='')
    >>> compare_bounds(third, Bounds(Fraction(1, 3), Fraction(1, 3)), 10).status
    'unknown'
    >>> compare_bounds(third, one, 10)
    Comparison(status='disagree', digits=0.1, detail='0.3335 against 1')
    """
    apart = max(left.high - right.low, right.high - left.low)
    certainly_apart = max(left.low - right.high, right.low - left.high)
    smallest, largest = (max(pick(map(abs, side)) for side in (left, right)) for pick in (min, max))
    scale, tolerance = max(smallest, Fraction(SMALLEST_SCALE)), Fraction(1, 10**digits)
    reached = _digits(apart / scale, digits + GUARD_DIGITS)
    if apart <= tolerance * scale:
        return Comparison("agree", reached)
    if certainly_apart > tolerance * max(largest, scale):
        return Comparison("disagree", reached, " against ".join(map(_shown, (left, right))))
    return Comparison("unknown", reached, "the bounds are too far apart to tell")


def _shown(bounds: Bounds) -> str:
    """Return the middle in decimals, or where there are too many its order of magnitude."""
    middle = (bounds.low + bounds.high) / 2
    try:
        return f"{float(middle):.15g}"
    except OverflowError:
        return f"{'-' if middle < 0 else ''}2^{middle.numerator.bit_length() - middle.denominator.bit_length()}"


def _digits(ratio: Fraction, most: int) -> float:
    """Return to how many digits a ratio is 0, in tenths, no more than that."""
    if not ratio:
        return float(most)
    tenths = max(ceil(-10 * (log10(ratio.numerator) - log10(ratio.denominator))), 0)
    while tenths and ratio**10 * 10**tenths > 1:  # a logarithm is rounded
        tenths -= 1
    return min(tenths / 10, float(most))
