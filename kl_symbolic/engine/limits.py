"""Limits of closed forms at the edge of the domain, as SymPy finds them: nobody should believe one without numbers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import sympy

from kl_symbolic.terms import Symbol, Term
from kl_symbolic.terms.sympy import ordinary

DIGITS_OF_LIMITS = 70


def limit_at_zero(term: Term, symbol: Symbol, values: Mapping[Symbol, Fraction]) -> Decimal | None:
    """Return what a term goes to where a symbol goes to 0 from above and the others have values; None if not known.

    Examples
    --------
    >>> x, y = Symbol("x"), Symbol("y")
    >>> limit_at_zero(x * Term("log", x) + y, x, {y: Fraction(2)}) == 2
    True
    >>> limit_at_zero(1 / x, x, {})
    Decimal('Infinity')
    """
    variable = sympy.Symbol("t", positive=True)
    places = {ordinary(s): sympy.Rational(v.numerator, v.denominator) for s, v in values.items()}
    try:
        limit = sympy.limit(ordinary(term).subs({**places, ordinary(symbol): variable}), variable, 0, "+")
    except (NotImplementedError, ValueError, TypeError, RecursionError):
        return None
    if limit == sympy.oo:
        return Decimal("Infinity")
    if not (limit.is_number and limit.is_finite and limit.is_real):
        return None
    return Decimal(str(limit.evalf(DIGITS_OF_LIMITS)))
