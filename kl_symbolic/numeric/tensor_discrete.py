"""The formulas of `discrete` in the functions of the Array API, fit for compilers and automatic derivatives.

Probabilities of 0 are replaced by 1 before a logarithm or a quotient, so that no derivative is 0 times infinity.
"""

from __future__ import annotations

import math
from types import ModuleType

from kl_symbolic.numeric.discrete_terms import COEFFICIENTS, NEAR
from kl_symbolic.numeric.tensor_inputs import Array
from kl_symbolic.numeric.tensor_parts import horner, log_quotient

FLOAT32_TERMS = 14  # the series' other terms are together below 2e-10 for |v| <= 1/2


def divergence_terms(xp: ModuleType, p: Array, q: Array) -> Array:
    """Return p log(p/q) - p + q elementwise: never negative, accurate, and infinite where p > 0 = q."""
    trivial = ((p == 0) & (q >= 0)) | ((q == 0) & (p >= 0))  # not with NaN
    a, b = xp.where(trivial, 1, p), xp.where(trivial, 1, q)
    gap = a - b
    # The same quotient of larger numbers: JAX differentiates x/y by way of y^-2, which overflows for small ones.
    small = 4.0 ** round(0.2 * math.log2(xp.finfo(a.dtype).smallest_normal))
    scale = xp.where(a + b < small, small**-1.5, xp.ones_like(gap))
    v = (gap * scale) / ((a + b) * scale)
    square = v * v
    series = gap * v * (1 + (v + square) * horner(xp, square, COEFFICIENTS, FLOAT32_TERMS))
    value = xp.where(xp.abs(v) <= NEAR, series, a * log_quotient(xp, a, b) - gap)
    return xp.where(trivial, xp.where(p > 0, math.inf, q), value)


def cross_terms(xp: ModuleType, p: Array, q: Array) -> Array:
    """Return -p log(q) elementwise, with 0 log 0 = 0 and q at most 1: never negative, and infinite where p > 0 = q."""
    safe = xp.where((q == 0) | (q > 1), 1, q)
    return xp.where((q == 0) & (p > 0), math.inf, p * (0 - xp.log(safe)))
