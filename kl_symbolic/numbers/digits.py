"""Decimals of a value, each of them certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction

from kl_symbolic.numbers.arithmetic import MissingFunctionError, UnresolvedError
from kl_symbolic.numbers.enclosures import Bounds, Encloser
from kl_symbolic.terms import Term

# Digits beyond those that are wanted, one after the other: terms cancel, and a value may be small beside them.
FURTHER_DIGITS = (0, 40, 160, 640, 2560)


def narrowing_bounds(term: Term, values: Mapping[Term, Fraction], digits: int) -> Iterator[Bounds]:
    """Enclose the value of a written-out term (`instantiate`) again and again, to more and more digits.

    Parameters
    ----------
    term
        The term.
    values
        Exact values of the parameters.
    digits
        The number of digits that are wanted.

    Raises
    ------
    UnresolvedError
        At the end, if no bounds were found at all; at once, as `MissingFunctionError`, if that is no matter of digits.

    Examples
    --------
    >>> from kl_symbolic.terms import Number
    >>> [low <= 1 <= high for low, high in narrowing_bounds(Number(1), {}, 5)]
    [True, True, True, True, True]
    """
    found, failure = False, UnresolvedError("no bounds")
    for further in FURTHER_DIGITS:
        try:
            bounds = Encloser(digits + further, values).value(term)
        except MissingFunctionError:
            raise
        except UnresolvedError as error:  # what an interval of few digits holds may be outside of a domain
            failure = error
        else:
            found = True
            yield bounds
    if not found:
        raise failure


def certain_decimals(bounds: Bounds, digits: int) -> str | None:
    """Return the decimals to which every number between two bounds is rounded; None if that is not one number.

    Examples
    --------
    >>> third, more = Fraction(1, 3), Fraction(1, 3) + Fraction(1, 10**9)
    >>> certain_decimals(Bounds(third, more), 5), certain_decimals(Bounds(third, more), 12) is None
    ('3.3333e-1', True)
    """
    low, high = (_rounded(end, digits) for end in bounds)
    if low != high:
        return None
    return f"{low:.{digits - 1}e}" if low else "0"


def _rounded(value: Fraction, digits: int) -> Decimal:
    """Return the nearest decimal number of so many digits; a tie goes to the even one."""
    context = Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))
