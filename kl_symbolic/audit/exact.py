"""Values of terms, in floating point or in interval arithmetic whose precision grows until 60 digits are certain.

The closed forms cancel: for laws at a relative distance of 1e-12 by 24 digits. An interval says how many digits are
left, so nothing is guessed from the size of the terms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mpmath
from mpmath.ctx_iv import MPIntervalContext

from kl_symbolic.numbers import Arithmetic, UnresolvedError, evaluate, intervals
from kl_symbolic.terms import DIMENSION, Number, Term, rebuilt, substitute

# mpmath's numbers and intervals come without types.
Real = Any
Interval = Any
Computation = Callable[[Mapping[str, Interval]], Interval]

FIRST_BITS, MOST_BITS = 400, 60_000
BITS = 200  # 60 digits

iv = MPIntervalContext()  # not mpmath's own: its precision is nobody else's business
mp = mpmath.MPContext()
mp.prec = 2 * BITS

INTERVALS = intervals(iv)


def computation(term: Term, arithmetic: Arithmetic = INTERVALS) -> Computation:
    """Return a term as a function of numbers by the names of its symbols.

    What is said of products of n laws is computed at one coordinate, as if n were 1: the whole is the sum of that.

    Parameters
    ----------
    term
        With parameters as its symbols.
    arithmetic
        `INTERVALS`, or `FLOATS` for arrays.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> square = computation(Symbol("x") ** 2)
    >>> mp.nstr(middle(square({"x": iv.mpf(3)})))
    '9.0'
    """
    at_one = rebuilt(term, {"Sum": lambda body, *_: body, "Indexed": lambda array, _: array.args[0]})
    plain = substitute(at_one, {DIMENSION: Number(1)})
    return lambda values: evaluate(plain, {s: values[s.name] for s in plain.free}, arithmetic)


def certain(compute: Callable[[], Interval]) -> Real | None:
    """Return a value to 60 digits, or None where there is none: a logarithm of zero, a value that may be zero.

    Parameters
    ----------
    compute
        Computes an interval at the precision of `iv` at that moment.

    Examples
    --------
    >>> mp.nstr(certain(lambda: iv.log(1 + iv.mpf(10) ** -140)), 30)
    '1.0e-140'
    >>> certain(lambda: iv.log(iv.mpf(-1))) is None
    True
    """
    bits = FIRST_BITS
    try:
        while bits <= MOST_BITS:
            iv.prec = bits
            found = compute()
            low, high = (mp.make_mpf(end) for end in found._mpi_)
            if low == high and mp.isfinite(low):
                return low
            if not (mp.isfinite(low) and mp.isfinite(high)):
                return None
            if low * high > 0 and mp.mag(high - low) + BITS <= mp.mag(low):
                return middle(found)
            bits *= 2
    except (UnresolvedError, ZeroDivisionError, ValueError, OverflowError):
        return None
    finally:
        iv.prec = FIRST_BITS
    return None


def middle(interval: Interval) -> Real:
    """Return the middle of an interval."""
    low, high = (mp.make_mpf(end) for end in interval._mpi_)
    return (low + high) / 2


def interval(value: float) -> Interval:
    """Return the interval that holds a floating-point number and nothing else."""
    return iv.make_mpf((mp.mpf(value)._mpf_,) * 2)
