"""The terms of the divergences and their derivatives for Numba: accurate near P = Q too.

They have no branches, so that the processor does many at once. With t = k log(2) + r and |r| <= log(2)/2,
h(t) = e^t - 1 - t is (2^k - 1 - k log(2)) + (2^k - 1) r + 2^k h(r), where h(r) is r^2 times a polynomial. For k = 0 the
first two vanish, otherwise they cancel at most a digit. What a formula does not cover becomes NaN, which `blocks`
computes again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numba

from kl_symbolic.numeric.constants import EXPONENTIAL, LOG_2, LOGARITHM
from kl_symbolic.numeric.intrinsics import Number, constant, exponent, polynomial, power_of_two

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")


def inline(function: F) -> F:
    """Let Numba copy a function into its callers."""
    inlined: F = numba.njit(inline="always")(function)
    return inlined


half, one, two = constant(0.5), constant(1.0), constant(2.0)
not_a_number = constant(float("nan"))
log_2_high, log_2_low = (constant(*parts) for parts in zip(LOG_2["float64"], LOG_2["float32"], strict=True))
per_log_2 = constant(1.4426950408889634)
shift = constant(1.5 * 2.0**52, 1.5 * 2.0**23)
root_half = constant(0.5**0.5)

exponential = polynomial(EXPONENTIAL)
logarithm = polynomial(LOGARITHM)

# Beyond these the powers of two or the products overflow, or become subnormal.
widest_exponent = constant(708.0, 86.0)
least_scale, largest_scale = constant(2.0**-500, 2.0**-60), constant(2.0**500, 2.0**60)


@inline
def reduced(t: float) -> tuple[float, float, float, float]:
    """Return k, r, 2^k and e^r - 1 - r."""
    shifted = t * per_log_2(t) + shift(t)
    k = shifted - shift(t)
    r = (t - k * log_2_high(t)) - k * log_2_low(t)
    return k, r, power_of_two(shifted), r * r * exponential(r)


@inline
def h_and_w(t: float, rest: float) -> tuple[float, float]:
    """Return e^t - 1 - t and e^t - 1 at t + rest, a tiny rest; NaN where they may overflow."""
    k, r, power, h = reduced(t)
    p = power - one(t)
    w = p + power * (r + h)
    value = ((p - k * log_2_high(t)) - k * log_2_low(t)) + p * r + power * h
    # The derivative of the first is the second, that of the second e^t.
    if abs(t) < widest_exponent(t):
        return value + w * rest, w + (w + one(t)) * rest
    return not_a_number(t), w


@inline
def exp(t: float) -> Number:
    """Return e^t; NaN where it may overflow, or be subnormal."""
    _, r, power, h = reduced(t)
    if abs(t) < widest_exponent(t):
        return power * (one(t) + (r + h))
    return not_a_number(t)


@inline
def standard_normal(m: float, v: float) -> tuple[float, float, float]:
    """Return the term and its derivatives by the mean and the logarithm of the variance."""
    h, w = h_and_w(v, v - v)
    return half(m) * (m * m + h), m, half(m) * w


@inline
def diag_normal(m_1: float, v_1: float, m_2: float, v_2: float) -> tuple[float, float, float, float]:
    """Return the term and its derivatives by the first mean and the logarithms of the variances."""
    t = v_1 - v_2
    minus = t - v_1
    rest = (v_1 - (t - minus)) - (v_2 + minus)  # the rounding error of t (Knuth, section 4.2.2)
    h, w = h_and_w(t, rest)
    per_sigma = exp(-half(t) * v_2)
    delta = (m_1 - m_2) * per_sigma
    half_w, half_square = half(t) * w, half(t) * delta * delta
    return half_square + half(t) * h, delta * per_sigma, half_w, -(half_w + half_square)


@inline
def normal(m_1: float, s_1: float, m_2: float, s_2: float) -> tuple[float, float, float, float]:
    """Return the term and its derivatives by the first mean and the standard deviations.

    With sigma_1/sigma_2 = 1 + u = 2^k (1 + v) and x = v/(2 + v), log(1 + v) = 2 atanh(x) = 2 x + x^3 q(x^2). For k = 0
    the two large parts of u - log(1 + u) cancel to u - 2 x = u x.
    """
    ratio, u = s_1 / s_2, (s_1 - s_2) / s_2
    k = exponent(ratio, root_half(ratio))
    v = u if k == 0 else ratio * power_of_two(shift(k) - k) - one(u)
    x = v / (two(v) + v)
    rest = u * x if k == 0 else ((u - two(x) * x) - k * log_2_high(k)) - k * log_2_low(k)
    scale = half(u) * u * u + (rest - x * x * x * logarithm(x * x))
    delta = (m_1 - m_2) / s_2
    square = delta * delta
    by_s_1, by_s_2 = u * (one(u) + ratio) / s_1, -(u * (two(u) + u) + square) / s_2
    if least_scale(u) < s_1 < largest_scale(u) and least_scale(u) < s_2 < largest_scale(u):
        return half(u) * square + scale, delta / s_2, by_s_1, by_s_2
    return not_a_number(u), delta / s_2, by_s_1, by_s_2
