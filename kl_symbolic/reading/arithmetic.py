"""Build terms as they are written: only numbers are worked out, and nothing else is cancelled.

``x/x`` is not 1, and ``0*log(0)`` not 0, before anybody can ask whether the parts have a value: the kernel is asked
about what was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from kl_symbolic import terms
from kl_symbolic.errors import RequestError
from kl_symbolic.terms import Number, Operand, Term, addends, base_and_exponent, factors, term

MOST_EXPONENT = 50  # larger powers are no closed forms, and powers of powers grow without bound
MOST_BITS = 200  # of a number that arithmetic makes, about 60 digits: 9^9^9^9 would fill the memory


def rational(value: Fraction) -> Number:
    """Return a number, unless it is too long."""
    return Number(short(value))


def short(value: Fraction) -> Fraction:
    """Return the value of a number, unless it is too long."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise RequestError("a number has more than 50 digits")
    return value


def add(parts: Iterable[Operand]) -> Term:
    """Return a sum in which the numbers are one number."""
    total, others = Fraction(0), []
    for part in (one for given in parts for one in addends(term(given))):
        if isinstance(part, Number):
            total = short(total + part.value)
        else:
            others.append(part)
    return terms.add(*others, total)


def multiply(parts: Iterable[Operand]) -> Term:
    """Return a product in which the numbers are one number; 0 does not swallow the others.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> x = Symbol("x")
    >>> multiply([2, x, Fraction(1, 2), power(x, -1)])
    x/x
    """
    number, others = Fraction(1), []
    for part in (one for given in parts for one in factors(term(given))):
        if isinstance(part, Number):
            number = short(number * part.value)
        else:
            others.append(part)
    return terms.mul(number, *others)


def power(base: Operand, exponent: Operand) -> Term:
    """Return a power; of a number, the number; halves as square roots.

    Raises
    ------
    RequestError
        If the exponent is too large or not a half, or nothing has such a power: 1/0, 0^0.
    """
    base, exponent = term(base), term(exponent)
    if not isinstance(exponent, Number):
        return terms.power(base, exponent)
    value = small_exponent(exponent.value)
    if base is Number(0) and value <= 0:
        raise RequestError("a formula divides by zero" if value < 0 else "a formula holds 0^0, which has no value")
    if value.denominator == 2:  # noqa: PLR2004
        base, value = Term("sqrt", base), Fraction(value.numerator)
    if value.denominator != 1:
        raise RequestError(f"an exponent is {value}; whole and half ones are read")
    inner, inside = base_and_exponent(base)
    if inner is not base and isinstance(inside, Number):
        raised = small_exponent(inside.value * value)
        if value == -1 and inside.value > 0:  # 1/x^2 is x^-2, but 1/(1/x) has no value at 0, and x has one
            base, value = inner, raised
    if isinstance(base, Number):
        bits = max(base.value.numerator.bit_length(), base.value.denominator.bit_length())
        if abs(value) * bits > 2 * MOST_BITS:
            raise RequestError("a number has more than 50 digits")
        return rational(base.value**value.numerator)
    return terms.power(base, value)


def small_exponent(exponent: Fraction) -> Fraction:
    """Return an exponent, unless it is too large."""
    if abs(exponent) > MOST_EXPONENT:
        raise RequestError(f"an exponent is {str(exponent)[:20]}; at most {MOST_EXPONENT} is read")
    return exponent
