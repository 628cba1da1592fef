"""Values of terms, in floating point or in interval arithmetic whose precision grows until 60 digits are certain.

The closed forms cancel: for laws at a relative distance of 1e-12 by 24 digits. An interval says how many digits are
left, so nothing is guessed from the size of the terms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import mpmath
import numpy as np
from mpmath.ctx_iv import MPIntervalContext

from kl_symbolic.functions import Function, find_function
from kl_symbolic.numbers import FLOATS, UnresolvedError, evaluate, intervals
from kl_symbolic.terms import DIMENSION, Number, Term, parts_with, rebuilt, substitute

# mpmath's numbers and intervals come without types.
Real = Any
Interval = Any
IntervalFunction = Callable[[Mapping[str, Interval]], Interval]

FIRST_BITS, MOST_BITS = 400, 60_000
BITS = 200  # 60 digits

iv = MPIntervalContext()  # not mpmath's own: its precision is nobody else's business
mp = mpmath.MPContext()
mp.prec = 2 * BITS

ROOM_BITS = 10  # more than are wanted of what is computed at the ends of an interval


def _of_intervals(function: Function) -> Callable[..., Interval]:
    try:
        return intervals(iv).function(function)
    except UnresolvedError:
        if "mpmath" not in function.names:
            raise
        return _at_ends(function)


def _at_ends(function: Function) -> Callable[..., Interval]:
    """Return a function of which mpmath has no intervals, by its values at their ends and twice the room between these.

    The intervals here hold a floating-point number and its rounding errors, and are far too narrow for a turning point.
    """
    ends = mpmath.MPContext()

    def apply(*args: Interval) -> Interval:
        for domain, argument in zip(function.domains, args, strict=True):
            if domain.nonnegative and not (argument > 0 if domain.positive else argument >= 0):
                raise UnresolvedError(f"the {function.title} of a negative number")
        ends.prec = iv.prec + ROOM_BITS
        corners = product(*([ends.make_mpf(end) for end in argument._mpi_] for argument in args))
        values = [getattr(ends, function.names["mpmath"])(*corner) for corner in corners]
        room = max(values) - min(values) + ends.ldexp(max(map(abs, values)), -iv.prec)
        return iv.mpf([min(values) - room, max(values) + room])

    return apply


def _of_floats(function: Function) -> Callable[..., Any]:
    if "numpy" in function.names or "mpmath" not in function.names:
        return FLOATS.function(function)
    return _elementwise(function.names["mpmath"], function.arity)


def _elementwise(name: str, arity: int) -> Callable[..., Any]:
    """Return a function of mpmath's floating-point numbers, entry by entry; not a number where it has no value."""

    def value(*args: float) -> float:
        try:
            return float(getattr(mpmath.fp, name)(*args))
        except (ArithmeticError, ValueError, TypeError):
            return np.nan

    return lambda *args: np.asarray(np.frompyfunc(value, arity, 1)(*args), np.float64)


INTERVALS = replace(intervals(iv), function=_of_intervals)
ARRAYS = replace(FLOATS, function=_of_floats)


def floating(term: Term) -> IntervalFunction:
    """Return a term as a function of arrays; logarithms have values where what is in them is too large for one.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> log_gamma = floating(Term("log", Term("gamma", Symbol("x"))))
    >>> log_gamma({"x": np.array([3.0, 1e3])}).round(3).tolist()
    [0.693, 5905.22]
    """
    plain = _at_one(term)
    known = {part: find_function(part.args[0].head) for part in parts_with(plain, "log")}
    named = {part: f.log_names["mpmath"] for part, f in known.items() if f is not None and "mpmath" in f.log_names}

    def compute(values: Mapping[str, Any]) -> Any:
        numbers: dict[Term, Any] = {s: values[s.name] for s in plain.free}
        inside = {part: [evaluate(a, numbers, ARRAYS) for a in part.args[0].args] for part in named}
        found = {part: _elementwise(name, len(inside[part]))(*inside[part]) for part, name in named.items()}
        return evaluate(plain, numbers, ARRAYS, found)

    return compute


def computation(term: Term) -> IntervalFunction:
    """Return a term as a function of intervals by the names of its symbols.

    What is said of products of n laws is computed at one coordinate, as if n were 1: the whole is the sum of that.

    Parameters
    ----------
    term
        With parameters as its symbols.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> square = computation(Symbol("x") ** 2)
    >>> mp.nstr(middle(square({"x": iv.mpf(3)})))
    '9.0'
    """
    plain = _at_one(term)
    return lambda values: evaluate(plain, {s: values[s.name] for s in plain.free}, INTERVALS)


def _at_one(term: Term) -> Term:
    at_one = rebuilt(term, {"Sum": lambda body, *_: body, "Indexed": lambda array, _: array.args[0]})
    return substitute(at_one, {DIMENSION: Number(1)})


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
