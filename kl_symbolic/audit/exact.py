"""Values of expressions, in floating point or in interval arithmetic whose precision grows until 60 digits are certain.

The closed forms cancel: for laws at a relative distance of 1e-12 by 24 digits. An interval says how many digits are
left, so nothing is guessed from the size of the terms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
import sympy
from mpmath.ctx_iv import MPIntervalContext
from mpmath.libmp import ComplexResult
from sympy import Add, Basic, Indexed, Mul, Pow, Rational, Symbol

from kl_symbolic.errors import RequestError
from kl_symbolic.proof.language import Exp, Log, Sqrt, Sum
from kl_symbolic.proof.statement import DIMENSION

# mpmath's numbers and intervals come without types.
Number = Any
Interval = Any
Program = Callable[[Mapping[str, Interval]], Interval]

DIGITS = 60
FIRST_BITS, MOST_BITS = 400, 60_000
BITS = 200  # 60 digits
MOST_COMPILED = 4096  # expressions that are kept: candidates have most of their parts in common

iv = MPIntervalContext()  # not mpmath's own: its precision is nobody else's business
mp = mpmath.MPContext()
mp.prec = 2 * BITS


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """How to compute: what makes an integer a number, and the functions."""

    number: Callable[[int], Any]
    pi: Callable[[], Any]
    functions: Mapping[type[Basic], Callable[[Any], Any]]


INTERVALS = Arithmetic(iv.mpf, lambda: +iv.pi, {Log: iv.log, Exp: iv.exp, Sqrt: iv.sqrt})
FLOATS = Arithmetic(np.float64, lambda: np.pi, {Log: np.log, Exp: np.exp, Sqrt: np.sqrt})


@lru_cache(maxsize=MOST_COMPILED)
def compiled(expr: Basic, arithmetic: Arithmetic = INTERVALS) -> Program:
    """Turn an expression of the language of derivations into a function of numbers by the names of its symbols.

    What is said of products of n laws is computed at one coordinate, as if n were 1: the whole is the sum of that.

    Parameters
    ----------
    expr
        With parameters as its symbols.
    arithmetic
        `INTERVALS`, or `FLOATS` for arrays.

    Examples
    --------
    >>> from sympy import Symbol
    >>> square = compiled(Symbol("x") ** 2)
    >>> mp.nstr(middle(square({"x": iv.mpf(3)})))
    '9.0'
    """
    match expr:
        case Rational():
            numerator, denominator = int(expr.p), int(expr.q)
            return lambda _: arithmetic.number(numerator) / denominator
        case sympy.pi:
            return lambda _: arithmetic.pi()
        case Symbol() if expr == DIMENSION:
            return lambda _: arithmetic.number(1)
        case Symbol() | Indexed():
            name = str(getattr(expr, "base", expr))
            return lambda values: values[name]
        case Sum():
            return compiled(expr.args[0], arithmetic)
        case Add() | Mul():
            parts, product = [compiled(a, arithmetic) for a in expr.args], isinstance(expr, Mul)
            return lambda values: _folded([part(values) for part in parts], product)
        case Pow(args=(base, sympy.Integer() as exponent)):
            inner, power = compiled(base, arithmetic), int(exponent)
            return lambda values: inner(values) ** power
        case Log() | Exp() | Sqrt():
            inner, function = compiled(expr.args[0], arithmetic), arithmetic.functions[type(expr)]
            return lambda values: function(inner(values))
    raise RequestError(f"the audit cannot evaluate {expr}")


def _folded(values: Sequence[Interval], product: bool) -> Interval:
    total = values[0]
    for value in values[1:]:
        total = total * value if product else total + value
    return total


def certain(compute: Callable[[], Interval]) -> Number | None:
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
    except (ComplexResult, ZeroDivisionError, ValueError, OverflowError):
        return None
    finally:
        iv.prec = FIRST_BITS
    return None


def middle(interval: Interval) -> Number:
    """Return the middle of an interval."""
    low, high = (mp.make_mpf(end) for end in interval._mpi_)
    return (low + high) / 2


def interval(value: float) -> Interval:
    """Return the interval that holds a floating-point number and nothing else."""
    return iv.make_mpf((mp.mpf(value)._mpf_,) * 2)
