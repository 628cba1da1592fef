"""Build expressions as they are written: only numbers are worked out, and nothing else is cancelled.

SymPy's own sums and products drop what cancels while they are built: ``x/x`` is 1 and ``0*log(0)`` is 0 before anybody
can ask whether the parts have a value. The kernel is asked about what was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from sympy import Add, Expr, Integer, Mul, Pow, Rational

from kl_symbolic.errors import RequestError
from kl_symbolic.proof.language import Sqrt

MOST_EXPONENT = 50  # larger powers are no closed forms, and powers of powers grow without bound
MOST_BITS = 200  # of a number that arithmetic makes, about 60 digits: 9^9^9^9 would fill the memory


def rational(value: Fraction) -> Rational:
    """Return a number, unless it is too long."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise RequestError("a number has more than 50 digits")
    return Rational(value.numerator, value.denominator)


def add(terms: Iterable[Expr]) -> Expr:
    """Return a sum; if all terms are numbers, the number."""
    parts = list(terms)
    if all(isinstance(part, Rational) for part in parts):
        total = Fraction(0)
        for part in parts:
            total = _fraction(rational(total + _fraction(part)))
        return rational(total)
    return parts[0] if len(parts) == 1 else Add(*parts, evaluate=False)


def multiply(factors: Iterable[Expr]) -> Expr:
    """Return a product in which the numbers are one number; 0 does not swallow the others.

    Examples
    --------
    >>> from sympy import Symbol
    >>> x = Symbol("x", real=True)
    >>> multiply([Integer(2), x, Rational(1, 2), power(x, Integer(-1))])
    x/x
    """
    number, others = Fraction(1), []
    for factor in factors:
        if isinstance(factor, Rational):
            number = _fraction(rational(number * _fraction(factor)))
        else:
            others.append(factor)
    if not others:
        return rational(number)
    parts = others if number == 1 else [rational(number), *others]
    return parts[0] if len(parts) == 1 else Mul(*parts, evaluate=False)


def power(base: Expr, exponent: Expr) -> Expr:
    """Return a power; of a number, the number; halves as square roots.

    Raises
    ------
    RequestError
        If the exponent is too large or not a half, or nothing has such a power: 1/0, 0^0.
    """
    if not isinstance(exponent, Rational):
        return Pow(base, exponent, evaluate=False)
    small_exponent(exponent)
    if base == 0 and exponent <= 0:
        raise RequestError("a formula divides by zero" if exponent < 0 else "a formula holds 0^0, which has no value")
    if exponent.q == 2:  # noqa: PLR2004
        base, exponent = Sqrt(base), Integer(exponent.p)
    if exponent.q != 1:
        raise RequestError(f"an exponent is {exponent}; whole and half ones are read")
    if isinstance(base, Pow) and isinstance(base.args[1], Rational):
        raised = small_exponent(base.args[1] * exponent)
        if exponent == -1 and base.args[1] > 0:  # 1/x^2 is x^-2, but 1/(1/x) has no value at 0, and x has one
            base, exponent = base.args[0], raised
    if isinstance(base, Rational):
        value = _fraction(base)
        if abs(int(exponent)) * max(value.numerator.bit_length(), value.denominator.bit_length()) > 2 * MOST_BITS:
            raise RequestError("a number has more than 50 digits")
        return rational(value ** int(exponent))
    return base if exponent == 1 else Pow(base, exponent, evaluate=False)


def small_exponent(exponent: Rational) -> Rational:
    """Return an exponent, unless it is too large."""
    if abs(exponent) > MOST_EXPONENT:
        raise RequestError(f"an exponent is {str(exponent)[:20]}; at most {MOST_EXPONENT} is read")
    return exponent


def _fraction(number: Rational) -> Fraction:
    return Fraction(int(number.p), int(number.q))
