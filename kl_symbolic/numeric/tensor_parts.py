"""The formulas of `parts` and `scale` in the functions of the Array API, fit for compilers and automatic derivatives.

Nothing depends on a value but through `where`, and a branch that is not taken gets operands at which it and its
derivatives are finite: a compiler sees one graph, and no derivative is 0 times infinity. Where the laws are equal the
formulas are still polynomials in the parameters, so that second derivatives are right too. Nowhere stands a / b / c, of
which XLA makes a / (b * c), which may overflow.
"""

from __future__ import annotations

import math
from types import ModuleType

from kl_symbolic.code.arrays import LEAST_FOR_LOG1P
from kl_symbolic.numeric.parts import INFINITE, Parts, difference
from kl_symbolic.numeric.scale import COEFFICIENTS, NEAR
from kl_symbolic.numeric.tensor_inputs import Array, is_jax

FLOAT32_TERMS = 11  # the series' other terms are together below 1.1/13! < 2e-10 for |t| <= 1


def normal_parts(xp: ModuleType, m_1: Array, s_1: Array, m_2: Array, s_2: Array) -> Parts:
    """Return the parts for means and standard deviations; NaN for a standard deviation that is not positive."""
    s_1, s_2 = valid(xp, s_1, s_1 > 0), valid(xp, s_2, s_2 > 0)
    u = (s_1 - s_2) / s_2
    gap, factor = _gap(xp, m_1, m_2)
    delta = gap / s_2 * factor
    return Parts(delta, delta / s_2, _log_ratio(xp, s_1, s_2, u), u)


def diag_normal_parts(xp: ModuleType, m_1: Array, lv_1: Array, m_2: Array, lv_2: Array) -> Parts:
    """Return the parts for means and logarithms of variances."""
    s, rest = difference(0.5 * lv_1, 0.5 * lv_2)
    u = xp.expm1(s) * (1 + constant(xp, xp.where((s > 1) & (s < INFINITE), rest, 0)))
    gap, factor = _gap(xp, m_1, m_2)
    # Beyond the largest root, delta overflows for every gap but 0.
    largest = math.floor(math.log(xp.finfo(lv_2.dtype).max))
    power = -0.25 * lv_2
    root = xp.exp(xp.where(power > largest, largest, power))
    scaled = gap * root * root
    return Parts(scaled * factor, scaled * root * root * factor, s, u)


def standard_normal_parts(xp: ModuleType, m: Array, lv: Array) -> Parts:
    """Return the parts for a mean and the logarithm of a variance, the second law being N(0, 1)."""
    s = 0.5 * lv
    return Parts(m, m, s, xp.expm1(s))


def normal_terms(xp: ModuleType, parts: Parts) -> Array:
    """Return delta^2/2 + f elementwise."""
    delta, _, s, u = parts
    near = xp.abs(s) < NEAR
    t = 2 * xp.where(near, s, 0)
    scale = xp.where(near, 0.5 * t * t * horner(xp, t, COEFFICIENTS, FLOAT32_TERMS), 0.5 * u * u + u - s)
    return 0.5 * delta * delta + scale


def not_zero(xp: ModuleType, value: Array, different: Array) -> Array:
    """Return the value, or the smallest number where it underflowed to 0 although the laws differ: 0 says P = Q."""
    info = xp.finfo(value.dtype)
    # XLA takes subnormal numbers for 0.
    smallest = float(info.smallest_normal) * (1 if is_jax(xp) else float(info.eps))
    return xp.where((value == 0) & different, value + smallest, value)


def normal_gradient(xp: ModuleType, parts: Parts, s_1: Array, s_2: Array) -> tuple[Array, ...]:
    """Return the derivatives by means and standard deviations, in the order of the parameters."""
    low, high = xp.minimum(s_1, s_2), xp.maximum(s_1, s_2)
    by_sigma_1 = parts.u * (1 + low / high) / low
    return parts.slope, by_sigma_1, -parts.slope, -_sum_over_sigma(xp, parts.u, parts.delta, s_2)


def _log_ratio(xp: ModuleType, a: Array, b: Array, u: Array) -> Array:
    """Return log(a/b) of positive numbers to a few units in the last place, given u = (a - b)/b, as in `scale`."""
    near = (u > LEAST_FOR_LOG1P) & (u < NEAR)
    return xp.where(near, xp.log1p(xp.where(near, u, 0)), log_quotient(xp, a, b))


def log_quotient(xp: ModuleType, a: Array, b: Array) -> Array:
    """Return log(a/b) of positive numbers that are not near each other, with the derivatives 1/a and -1/b."""
    info, ratio, logs = xp.finfo(a.dtype), a / b, xp.log(a) - xp.log(b)
    normal = (ratio >= info.smallest_normal) & (ratio <= info.max)
    # The derivative of log(a/b) goes by way of quotients that overflow, and XLA makes a b/(a b) of it.
    return logs + constant(xp, xp.where(normal, xp.log(ratio) - logs, 0))


def constant(xp: ModuleType, array: Array) -> Array:
    """Return the array, the derivatives of which are taken to be 0."""
    if is_jax(xp):
        import jax

        return jax.lax.stop_gradient(array)
    return array.detach() if hasattr(array, "detach") else array


def valid(xp: ModuleType, array: Array, condition: Array) -> Array:
    """Return the array, NaN where the condition does not hold; so are the derivatives."""
    return array * xp.where(condition, xp.ones_like(array), math.nan)


def horner(xp: ModuleType, x: Array, coefficients: tuple[float, ...], float32_terms: int) -> Array:
    """Return the polynomial with these coefficients, of which float32 needs only the first ones."""
    *others, last = coefficients if x.dtype == xp.float64 else coefficients[:float32_terms]
    value = xp.full_like(x, last)
    for coefficient in reversed(others):
        value = value * x + coefficient
    return value


def _gap(xp: ModuleType, m_1: Array, m_2: Array) -> tuple[Array, Array]:
    """Return a number and a power of two, whose product is m_1 - m_2 even where that overflows."""
    gap = m_1 - m_2
    wide = xp.isinf(gap)
    return xp.where(wide, 0.5 * m_1 - 0.5 * m_2, gap), xp.where(wide, 2 * xp.ones_like(gap), 1)


def _sum_over_sigma(xp: ModuleType, u: Array, delta: Array, sigma: Array) -> Array:
    """Return (w + delta^2)/sigma, w = u (2 + u), where neither a square nor a quotient overflows by itself."""
    info = xp.finfo(delta.dtype)
    small, large = float(info.smallest_normal) ** 0.4, float(info.max) ** 0.4
    whole = (u * (2 + u) + delta * delta) / sigma
    # Term by term for large ones, where a negative w >= -1 does not count, and for a tiny delta if w is 0.
    apart = xp.where(u < 0, 0, u * ((2 + u) / sigma)) + delta / sigma * delta
    moderate = (xp.abs(u) < large) & (xp.abs(delta) < large) & ((u != 0) | (xp.abs(delta) > small))
    return xp.where(moderate, whole, apart)
