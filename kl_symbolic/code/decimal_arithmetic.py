"""Arithmetic with intervals of decimals, in which the exact values of formulas lie, whatever their precision."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_FLOOR, Context, Decimal, Inexact
from fractions import Fraction
from functools import cache, partial
from math import factorial, isfinite
from typing import Any

from kl_symbolic.errors import RequestError
from kl_symbolic.functions import find_function

ZERO, LEAST, ENDLESS = Decimal(0), Decimal("-Infinity"), Decimal("Infinity")  # and no operators: they round


class DecimalInterval:
    """A number of which two bounds are known.

    Parameters
    ----------
    space
        The arithmetic that it belongs to.
    low, high
        The bounds, equal if the number is known exactly.
    logarithm
        Its logarithm, where that was known first.
    """

    __slots__ = ("high", "logarithm", "low", "space")

    def __init__(
        self, space: DecimalArithmetic, low: Decimal, high: Decimal, logarithm: DecimalInterval | None = None
    ) -> None:
        nothing = low.is_nan() or high.is_nan()
        self.low, self.high = (LEAST, ENDLESS) if nothing else (low, high)
        self.space, self.logarithm = space, logarithm

    @property
    def size(self) -> Decimal:
        """A bound of the absolute value."""
        return max(self.low.copy_abs(), self.high.copy_abs())

    def __add__(self, other: Any) -> DecimalInterval:
        return self.space.operation("add", self, other)

    def __radd__(self, other: Any) -> DecimalInterval:
        return self.space.operation("add", other, self)

    def __sub__(self, other: Any) -> DecimalInterval:
        return self.space.operation("sub", self, other)

    def __rsub__(self, other: Any) -> DecimalInterval:
        return self.space.operation("sub", other, self)

    def __mul__(self, other: Any) -> DecimalInterval:
        return self.space.operation("mul", self, other)

    def __rmul__(self, other: Any) -> DecimalInterval:
        return self.space.operation("mul", other, self)

    def __truediv__(self, other: Any) -> DecimalInterval:
        return self.space.operation("div", self, other)

    def __rtruediv__(self, other: Any) -> DecimalInterval:
        return self.space.operation("div", other, self)

    def __neg__(self) -> DecimalInterval:
        return self.space.operation("sub", 0, self)

    def __pow__(self, exponent: int) -> DecimalInterval:
        result = self.space.number(1)
        for _ in range(abs(exponent)):
            result = result * self
        return result if exponent >= 0 else 1 / result


class DecimalArithmetic:
    """The namespace of formulas, ``m.log(x)``, in which values are intervals.

    Equal operations on the same intervals give the same interval, and an interval minus itself is 0. So what vanishes
    where arguments are equal is 0 there.

    Parameters
    ----------
    precision
        How many digits bounds have.

    Examples
    --------
    >>> m = DecimalArithmetic(8)
    >>> third = m.number(1) / 3
    >>> third.low, third.high, (third - third).high
    (Decimal('0.33333333'), Decimal('0.33333334'), Decimal('0'))
    """

    def __init__(self, precision: int) -> None:
        context = partial(Context, prec=precision, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])
        self.precision = precision
        self.down, self.up = context(rounding=ROUND_FLOOR), context(rounding=ROUND_CEILING)
        self.known: dict[Hashable, DecimalInterval] = {}

    def number(self, value: float | Fraction | Decimal | DecimalInterval) -> DecimalInterval:
        """Return a number, exactly if that can be."""
        if isinstance(value, DecimalInterval):
            return value
        if not isinstance(value, Fraction | int) and not isfinite(value):  # a Fraction may be beyond floats
            raise RequestError(f"the arithmetic with decimals is one of finite numbers; got {value}")
        ratio = Fraction(value)
        return self._once(("number", ratio), lambda: self._ratio(ratio))

    def operation(self, name: str, a: Any, b: Any) -> DecimalInterval:
        """Return a sum, difference, product or quotient."""
        x, y = self.number(a), self.number(b)
        return self._once((name, x, y), lambda: self._operation(name, x, y))

    def __getattr__(self, name: str) -> Any:
        """Return an abbreviation, by its definition."""
        function = find_function(name)
        if function is None or function.definition is None:
            raise RequestError(f"no arithmetic with decimals computes {function.title if function else name}")
        return partial(function.definition, self)

    def exp(self, x: DecimalInterval) -> DecimalInterval:
        """Return the exponential."""
        return self._once(("exp", x), lambda: self._increasing(Decimal.exp, x, logarithm=x))

    def log(self, x: DecimalInterval) -> DecimalInterval:
        """Return the logarithm."""
        return x.logarithm or self._once(("log", x), lambda: self._increasing(Decimal.ln, x))

    def sqrt(self, x: DecimalInterval) -> DecimalInterval:
        """Return the square root."""
        return self._once(("sqrt", x), lambda: self._increasing(Decimal.sqrt, x))

    def abs(self, x: DecimalInterval) -> DecimalInterval:
        """Return the absolute value."""
        if x.low >= 0:
            return x
        return -x if x.high <= 0 else DecimalInterval(self, ZERO, x.size)

    @property
    def pi(self) -> DecimalInterval:
        """The circumference of a circle with diameter 1, by Machin's formula."""
        digits = self.precision + 10
        unit = 10**digits
        value = 16 * _inverse_tangent(unit, 5) - 4 * _inverse_tangent(unit, 239)
        return self._once(("pi",), lambda: self._around(Fraction(value, unit), Fraction(20 * digits, unit)))

    @property
    def euler_gamma(self) -> DecimalInterval:
        """Euler's constant."""
        return -self.digamma(self.number(1))

    def gamma(self, x: DecimalInterval) -> DecimalInterval:
        """Return the gamma function of a positive number, as the exponential of its logarithm."""
        return self.exp(self._once(("log gamma", x), lambda: self._log_gamma(x)))

    def digamma(self, x: DecimalInterval) -> DecimalInterval:
        """Return the digamma function of a positive number."""
        return self._once(("digamma", x), lambda: self._digamma(x))

    def polygamma(self, order: int, x: DecimalInterval) -> DecimalInterval:
        """Return the polygamma function of an order at a positive number."""
        if order == 0:
            return self.digamma(x)
        return self._once(("polygamma", order, x), lambda: self._polygamma(order, x))

    def _once(self, key: Hashable, make: Callable[[], DecimalInterval]) -> DecimalInterval:
        if key not in self.known:
            self.known[key] = make()
        return self.known[key]

    def _ratio(self, value: Fraction) -> DecimalInterval:
        top, bottom = Decimal(value.numerator), Decimal(value.denominator)
        return DecimalInterval(self, self.down.divide(top, bottom), self.up.divide(top, bottom))

    def _around(self, value: Fraction, error: Fraction) -> DecimalInterval:
        return DecimalInterval(self, self._ratio(value - error).low, self._ratio(value + error).high)

    def _operation(self, name: str, x: DecimalInterval, y: DecimalInterval) -> DecimalInterval:
        down, up = self.down, self.up
        match name:
            case "add":
                return DecimalInterval(self, down.add(x.low, y.low), up.add(x.high, y.high))
            case "sub" if x is y and x.size.is_finite():
                return self.number(0)
            case "sub":
                return DecimalInterval(self, down.subtract(x.low, y.high), up.subtract(x.high, y.low))
            case "div" if y.low <= 0 <= y.high:
                return DecimalInterval(self, LEAST, ENDLESS)
            case "div":
                pairs = [(a, b) for a in (x.low, x.high) for b in (y.low, y.high)]
                return DecimalInterval(
                    self, min(down.divide(a, b) for a, b in pairs), max(up.divide(a, b) for a, b in pairs)
                )
        pairs = [(a, b) for a in (x.low, x.high) for b in (y.low, y.high)]
        # What is below every bound times 0 is 0.
        lows, highs = ([c.multiply(a, b) if a and b else ZERO for a, b in pairs] for c in (down, up))
        return DecimalInterval(self, min(lows), max(highs))

    def _increasing(
        self, function: Callable[..., Decimal], x: DecimalInterval, logarithm: DecimalInterval | None = None
    ) -> DecimalInterval:
        """Return the values of a function that Python's decimals have, rounded to the nearest number."""
        bounds = []
        for at, beyond in ((x.low, Decimal.next_minus), (x.high, Decimal.next_plus)):
            self.down.clear_flags()
            value = function(at, context=self.down)
            bounds.append(beyond(value, context=self.down) if self.down.flags[Inexact] else value)
        return DecimalInterval(self, bounds[0], bounds[1], logarithm)

    # The gamma functions: NIST Digital Library of Mathematical Functions, eq. (5.5.1), (5.11.1), (5.11.2), (5.15.8). At
    # positive numbers the series err by less than the first term that is left out, section 5.11(ii).

    def _shifted(self, x: DecimalInterval) -> tuple[DecimalInterval, list[DecimalInterval]]:
        """Return x plus a whole number, large enough for the series, and x, x + 1, ... before it."""
        if x.low <= 0:
            raise RequestError(f"the gamma functions are computed at positive numbers; got one above {x.low:.3}")
        steps = max(0, self.precision // 2 + 2 - int(min(x.low, Decimal(self.precision))))
        return x + steps, [x + j for j in range(steps)]

    def _series(self, z: DecimalInterval, coefficient: Callable[[int], Fraction], power: int) -> DecimalInterval:
        """Return the sum of c_k/z^(2k + power) over k = 1, 2, ..."""
        total, factor, square = self.number(0), 1 / z ** (2 + power), 1 / (z * z)
        last = ENDLESS
        least = Decimal((0, (1,), -self.precision - 5))
        k = 1
        while True:
            term = coefficient(k) * factor
            size = term.size
            if size >= last or size <= self.down.multiply(least, total.size):
                return total + DecimalInterval(self, size.copy_negate(), size)
            total, factor, last, k = total + term, factor * square, size, k + 1

    def _log_gamma(self, x: DecimalInterval) -> DecimalInterval:
        z, before = self._shifted(x)
        product = self.number(1)
        for factor in before:
            product = product * factor
        half = Fraction(1, 2)
        tail = self._series(z, lambda k: even_bernoulli_number(k) / (2 * k * (2 * k - 1)), -1)
        return (z - half) * self.log(z) - z + half * self.log(2 * self.pi) + tail - self.log(product)

    def _digamma(self, x: DecimalInterval) -> DecimalInterval:
        z, before = self._shifted(x)
        value = self.log(z) - 1 / (2 * z) - self._series(z, lambda k: even_bernoulli_number(k) / (2 * k), 0)
        for one in before:
            value = value - 1 / one
        return value

    def _polygamma(self, n: int, x: DecimalInterval) -> DecimalInterval:
        z, before = self._shifted(x)
        value = factorial(n - 1) / z**n + Fraction(factorial(n), 2) / z ** (n + 1)
        value = value + self._series(
            z, lambda k: even_bernoulli_number(k) * Fraction(factorial(2 * k + n - 1), factorial(2 * k)), n
        )
        for one in before:
            value = value + factorial(n) / one ** (n + 1)
        return value if n % 2 else -value


def _inverse_tangent(unit: int, q: int) -> int:
    """Return unit times arctan(1/q), to a few units for each term."""
    total, power, k = 0, unit // q, 0
    while power:
        total += (-1) ** k * (power // (2 * k + 1))
        power, k = power // (q * q), k + 1
    return total


def even_bernoulli_number(k: int) -> Fraction:
    """Return the Bernoulli number B_2k, k = 1, 2, ...

    Examples
    --------
    >>> even_bernoulli_number(1), even_bernoulli_number(2)
    (Fraction(1, 6), Fraction(-1, 30))
    """
    size = 64
    while size < k:
        size *= 2
    power = 4**k
    return Fraction((-1) ** (k - 1) * 2 * k * _tangent_numbers(size)[k - 1], power * (power - 1))


@cache
def _tangent_numbers(count: int) -> list[int]:
    """Return the first tangent numbers (Brent and Harvey, Fast computation of Bernoulli, tangent and secant, 2011)."""
    found = [factorial(k) for k in range(count)]
    for k in range(1, count):
        for j in range(k, count):
            found[j] = (j - k) * found[j - 1] + (j - k + 2) * found[j]
    return found
