"""The terms of the divergences and their derivatives for Numba: accurate near P = Q too.

They have no branches, so that the processor does many at once. With t = k log(2) + r and |r| <= log(2)/2,
h(t) = e^t - 1 - t is (2^k - 1 - k log(2)) + (2^k - 1) r + 2^k h(r), where h(r) is r^2 times a polynomial. For k = 0 the
first two vanish, otherwise they cancel at most a digit. What a formula does not cover becomes NaN, which `blocks`
computes again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numba
from numba.core import types

from kl_symbolic.numeric.constants import EXPONENTIAL, LOG_2, LOGARITHM
from kl_symbolic.numeric.intrinsics import (
    SHIFT,
    Number,
    clamp,
    constant,
    exponent_of_ratio,
    polynomial,
    power_of_two,
    reduction,
    scaled_to,
)

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")


def inline(function: F) -> F:
    """Let Numba copy a function into its callers."""
    inlined: F = numba.njit(inline="always")(function)
    return inlined


zero, half, one, two = constant(0.0), constant(0.5), constant(1.0), constant(2.0)
not_a_number = constant(float("nan"))
log_2 = constant(0.6931471805599453)
minus_logarithms = reduction(LOG_2)
per_log_2 = constant(1.4426950408889634)
shift = constant(SHIFT[types.float64], SHIFT[types.float32])

exponential = polynomial(EXPONENTIAL)
logarithm = polynomial(LOGARITHM)

# Beyond these the powers of two or the products overflow, or become subnormal.
widest_exponent = constant(708.0, 86.0)
in_range = clamp(
    {types.float64: SHIFT[types.float64] - 1022, types.float32: SHIFT[types.float32] - 126},
    {types.float64: SHIFT[types.float64] + 1024, types.float32: SHIFT[types.float32] + 128},
)
least = constant(2.0**-1020, 2.0**-124)  # below 3/2 of it a number may be subnormal, or its ratio to a normal one
smallest = constant(2.0**-960, 2.0**-96)  # so many times as much, that errors of the size of `least` do not count
least_scale, largest_scale = constant(2.0**-500, 2.0**-60), constant(2.0**500, 2.0**60)


@inline
def reduced(t: float) -> tuple[float, float, Number, float]:
    """Return k, r, 2^k and e^r - 1 - r; in place of 2^k the least normal power where k is less, else infinity."""
    shifted = t * per_log_2(t) + shift(t)
    k = shifted - shift(t)
    r = minus_logarithms(t, k)
    return k, r, power_of_two(in_range(shifted)), r * r * exponential(r)


@inline
def h_and_w(t: float) -> tuple[Number, Number]:
    """Return e^t - 1 - t and e^t - 1: infinity or NaN where e^t may overflow; its least values do not count here."""
    k, r, power, h = reduced(t)
    p = power - one(t)
    return (p - k * log_2(t)) + p * r + power * h, p + power * (r + h)


@inline
def exp(t: float) -> Number:
    """Return e^t; NaN where it may overflow, or be subnormal."""
    _, r, power, h = reduced(t)
    return power * (one(t) + (r + h)) if abs(t) < widest_exponent(t) else not_a_number(t)


@inline
def standard_normal(m: float, v: float) -> tuple[float, float, float]:
    """Return twice the term and its derivatives by the mean and the logarithm of the variance."""
    h, w = h_and_w(v)
    return m * m + h, m, half(m) * w


@inline
def diag_normal(m_1: float, v_1: float, m_2: float, v_2: float) -> tuple[float, float, float, float]:
    """Return twice the term and its derivatives by the first mean and the logarithms of the variances."""
    t = v_1 - v_2
    minus = t - v_1
    rest = (v_1 - (t - minus)) - (v_2 + minus)  # the rounding error of t (Knuth, section 4.2.2)
    h, w = h_and_w(t)
    per_sigma = exp(-half(t) * v_2)
    delta = (m_1 - m_2) * per_sigma
    square = delta * delta
    half_w = half(t) * (w + (w + one(t)) * rest)  # the derivative of e^t is e^t
    return square + (h + w * rest), delta * per_sigma, half_w, -(half_w + half(t) * square)


@inline
def log_of_ratio(a: float, b: float) -> tuple[Number, Number, Number, Number]:
    """Return k, x, the rest of log(a/b) after 2 x for k = 0, and log(a/b) for positive normal numbers.

    With c = 2^k b near a and x = (a - c)/(a + c) it is k log(2) + 2 atanh(x), and 2 atanh(x) = 2 x + x^3 q(x^2).
    """
    k, c = exponent_of_ratio(a, b), scaled_to(a, b)
    x = (a - c) / (a + c)
    rest = x * x * x * logarithm(x * x)
    return k, x, rest, minus_logarithms(two(x) * x + rest, -k)


@inline
def normal(m_1: float, s_1: float, m_2: float, s_2: float) -> tuple[float, float, float, float]:
    """Return the divergence and its derivatives by the first mean and the standard deviations.

    With sigma_1/sigma_2 = 1 + u, the large parts of u - log(1 + u) cancel to u - 2 x = u x where k = 0.
    """
    per_s_2 = one(s_2) / s_2
    u, delta = (s_1 - s_2) * per_s_2, (m_1 - m_2) * per_s_2
    k, x, rest, log = log_of_ratio(s_1, s_2)
    square, w = delta * delta, u * (two(u) + u)
    value = half(u) * (square + u * u) + (u * x - rest if k == 0 else u - log)
    low, high = min(s_1, s_2), max(s_1, s_2)
    if not (least_scale(u) < low and high < largest_scale(u) and smallest(u) < value):
        value = not_a_number(u)
    return value, delta * per_s_2, w / s_1, -(w + square) * per_s_2


@inline
def discrete(p: float, q: float) -> Number:
    """Return p log(p/q) - p + q; where p is less than `least`, with an error below that.

    With c = 2^k q near p and x = (p - c)/(p + c), log(p/q) is k log(2) + 2 x + x^3 q(x^2), and 2 p x is
    (p - c) (1 + x), so that p and c cancel: what is left is p k log(2) + q - c + (p - c) x + p x^3 q(x^2).
    """
    low = least(p)
    a, b = max(low, p), max(low, q)
    k, c = exponent_of_ratio(a, b), scaled_to(a, b)
    gap = p - c
    x = gap / (p + c)
    square = x * x
    value = minus_logarithms(q - c, -(p * k)) + x * (gap + p * (square * logarithm(square)))
    return value if p >= 0 and q >= (low if p > 0 else zero(p)) else not_a_number(p)
