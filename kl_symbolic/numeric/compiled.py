"""The kernels compiled by Numba: accurate near P = Q too, and without a branch, so that the processor does many at once.

With t = k log(2) + r and |r| <= log(2)/2, h(t) = e^t - 1 - t is (2^k - 1 - k log(2)) + (2^k - 1) r + 2^k h(r), where
h(r) is r^2 times a polynomial: for k = 0 the first two vanish, otherwise they cancel at most a digit. What a formula
does not cover becomes NaN: `blocks` computes it again.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from kl_symbolic.numeric.constants import EXPONENTIAL, LOG_2, LOGARITHM
from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.intrinsics import add_in_any_order, constant, exponent, polynomial, power_of_two

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from kl_symbolic.numeric.blocks import Kernel

BLOCK = 1 << 20  # numbers of each array in one call
PART = 1 << 17  # numbers that are worth a thread of their own
TERMS = 1 << 12  # numbers whose terms wait in the first-level cache to be added up


def _jit(function: Callable[..., object], **options: Any) -> Any:
    """Compile at the first call, and keep the result on disk where there is a place for it."""
    options = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}, **options}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder to write to
        return numba.njit(**options)(function)


def _inline(function: Callable[..., object]) -> Any:
    return numba.njit(inline="always")(function)


half, one, two = constant(0.5), constant(1.0), constant(2.0)
not_a_number = constant(float("nan"))
smallest = constant(2.0**-1016, 2.0**-120)  # normal, with eight to spare
greatest = constant(float(np.finfo(np.float64).max), float(np.finfo(np.float32).max))

log_2_high, log_2_low = (constant(*parts) for parts in zip(LOG_2["float64"], LOG_2["float32"], strict=True))
per_log_2 = constant(float.fromhex("0x1.71547652b82fep+0"))
shift = constant(1.5 * 2.0**52, 1.5 * 2.0**23)
root_half = constant(0.5**0.5)

exponential = polynomial(EXPONENTIAL)
logarithm = polynomial(LOGARITHM)

# Beyond these the powers of two or the products overflow, or become subnormal.
widest_exponent = constant(708.0, 86.0)
least_scale, largest_scale = constant(2.0**-500, 2.0**-60), constant(2.0**500, 2.0**60)


@_inline
def _reduced(t):
    """Return k, r, 2^k and e^r - 1 - r."""
    shifted = t * per_log_2(t) + shift(t)
    k = shifted - shift(t)
    r = (t - k * log_2_high(t)) - k * log_2_low(t)
    return k, r, power_of_two(shifted), r * r * exponential(r)


@_inline
def _h_and_w(t, rest):
    """Return e^t - 1 - t and e^t - 1 at t + rest, a tiny rest; NaN where they may overflow."""
    k, r, power, h = _reduced(t)
    p = power - one(t)
    w = p + power * (r + h)
    value = ((p - k * log_2_high(t)) - k * log_2_low(t)) + p * r + power * h
    # The derivative of the first is the second, that of the second e^t.
    value = value + w * rest
    if abs(t) < widest_exponent(t):
        return value, w + (w + one(t)) * rest
    return not_a_number(t), w


@_inline
def _exp(t):
    _, r, power, h = _reduced(t)
    if abs(t) < widest_exponent(t):
        return power * (one(t) + (r + h))
    return not_a_number(t)


@_inline
def _standard_normal(m, v):
    h, w = _h_and_w(v, v - v)
    return half(m) * (m * m + h), w


@_inline
def _diag_normal(m_1, v_1, m_2, v_2):
    """Return the term, 1/sigma_2, delta and w = sigma_1^2/sigma_2^2 - 1."""
    t = v_1 - v_2
    minus = t - v_1
    rest = (v_1 - (t - minus)) - (v_2 + minus)  # the rounding error of t (Knuth, section 4.2.2)
    h, w = _h_and_w(t, rest)
    per_sigma = _exp(-half(t) * v_2)
    delta = (m_1 - m_2) * per_sigma
    return half(t) * (delta * delta + h), per_sigma, delta, w


@_inline
def _normal(m_1, s_1, m_2, s_2):
    """Return the term, delta, u = sigma_1/sigma_2 - 1 and the ratio.

    With ratio = 2^k (1 + v) and x = v/(2 + v), log(1 + v) = 2 atanh(x) = 2 x + x^3 q(x^2). For k = 0 the two large
    parts of u - log(1 + u) cancel to u - 2 x = u x.
    """
    ratio, u = s_1 / s_2, (s_1 - s_2) / s_2
    k = exponent(ratio, root_half(ratio))
    v = u if k == 0 else ratio * power_of_two(shift(k) - k) - one(u)
    x = v / (two(v) + v)
    rest = u * x if k == 0 else ((u - two(x) * x) - k * log_2_high(k)) - k * log_2_low(k)
    scale = half(u) * u * u + (rest - x * x * x * logarithm(x * x))
    delta = (m_1 - m_2) / s_2
    least, largest = least_scale(u), largest_scale(u)
    if least < s_1 and s_1 < largest and least < s_2 and s_2 < largest:
        return half(u) * delta * delta + scale, delta, u, ratio
    return not_a_number(u), delta, u, ratio


@_jit
def _standard_normal_terms(m, v, terms):
    for j in range(len(terms)):
        terms[j], _ = _standard_normal(m[j], v[j])


@_jit
def _standard_normal_gradient_terms(m, v, by_m, by_v, terms):
    for j in range(len(terms)):
        terms[j], w = _standard_normal(m[j], v[j])
        by_m[j] = m[j]
        by_v[j] = half(w) * w


@_jit
def _diag_normal_terms(m_1, v_1, m_2, v_2, terms):
    for j in range(len(terms)):
        terms[j], _, _, _ = _diag_normal(m_1[j], v_1[j], m_2[j], v_2[j])


@_jit
def _diag_normal_gradient_terms(m_1, v_1, m_2, v_2, by_m_1, by_v_1, by_m_2, by_v_2, terms):
    for j in range(len(terms)):
        terms[j], per_sigma, delta, w = _diag_normal(m_1[j], v_1[j], m_2[j], v_2[j])
        slope, half_w = delta * per_sigma, half(w) * w
        by_m_1[j] = slope
        by_v_1[j] = half_w
        by_m_2[j] = -slope
        by_v_2[j] = -(half_w + half(w) * delta * delta)


@_jit
def _normal_terms(m_1, s_1, m_2, s_2, terms):
    for j in range(len(terms)):
        terms[j], _, _, _ = _normal(m_1[j], s_1[j], m_2[j], s_2[j])


@_jit
def _normal_gradient_terms(m_1, s_1, m_2, s_2, by_m_1, by_s_1, by_m_2, by_s_2, terms):
    for j in range(len(terms)):
        terms[j], delta, u, ratio = _normal(m_1[j], s_1[j], m_2[j], s_2[j])
        slope = delta / s_2[j]
        by_m_1[j] = slope
        by_s_1[j] = u * (one(u) + ratio) / s_1[j]
        by_m_2[j] = -slope
        by_s_2[j] = -(u * (two(u) + u) + delta * delta) / s_2[j]


@_jit
def _segments(rows, n):
    """Return how many times `TERMS` numbers the rows take, whole rows or parts of one."""
    return (rows - 1) // (TERMS // n) + 1 if n <= TERMS else rows * ((n - 1) // TERMS + 1)


@_jit
def _segment(k, rows, n):
    """Return the bounds of the rows of a segment and those of its numbers."""
    if n <= TERMS:
        step = TERMS // n
        first, last = k * step, min(k * step + step, rows)
        return first, last, first * n, last * n
    parts = (n - 1) // TERMS + 1
    row, part = k // parts, k % parts
    begin = row * n + part * TERMS
    return row, row + 1, begin, min(begin + TERMS, row * n + n)


@_jit
def _add(terms, sums):
    """Add each row of terms to its sum."""
    rows, n = len(sums), len(terms) // len(sums)
    if n == 1:
        for i in range(rows):
            sums[i] += terms[i]
    else:
        for i in range(rows):
            row, total = terms[i * n : (i + 1) * n], 0.0
            for j in range(n):
                total = add_in_any_order(total, np.float64(row[j]))
            sums[i] += total


@_jit
def _finish(sums, n, out):
    """Round the sums; NaN where one overflows or is of subnormal terms. Return how many."""
    spoilt = 0
    least, largest = n * smallest(out[0]), greatest(out[0])
    for i in range(len(out)):
        good = least < sums[i] and sums[i] < largest
        out[i] = sums[i] if good else np.nan
        spoilt += not good
    return spoilt


@_jit
def _standard_normal_sums(m, v, out):
    n = len(m) // len(out)
    sums, terms = np.zeros(len(out)), np.empty(min(TERMS, len(m)), out.dtype)
    for k in range(_segments(len(out), n)):
        first, last, begin, end = _segment(k, len(out), n)
        part = terms[: end - begin]
        _standard_normal_terms(m[begin:end], v[begin:end], part)
        _add(part, sums[first:last])
    return _finish(sums, n, out)


@_jit
def _standard_normal_gradient_sums(m, v, by_m, by_v, out):
    n = len(m) // len(out)
    sums, terms = np.zeros(len(out)), np.empty(min(TERMS, len(m)), out.dtype)
    for k in range(_segments(len(out), n)):
        first, last, begin, end = _segment(k, len(out), n)
        part = terms[: end - begin]
        _standard_normal_gradient_terms(m[begin:end], v[begin:end], by_m[begin:end], by_v[begin:end], part)
        _add(part, sums[first:last])
    return _finish(sums, n, out)


@_jit
def _diag_normal_sums(m_1, v_1, m_2, v_2, out):
    n = len(m_1) // len(out)
    sums, terms = np.zeros(len(out)), np.empty(min(TERMS, len(m_1)), out.dtype)
    for k in range(_segments(len(out), n)):
        first, last, begin, end = _segment(k, len(out), n)
        part = terms[: end - begin]
        _diag_normal_terms(m_1[begin:end], v_1[begin:end], m_2[begin:end], v_2[begin:end], part)
        _add(part, sums[first:last])
    return _finish(sums, n, out)


@_jit
def _diag_normal_gradient_sums(m_1, v_1, m_2, v_2, by_m_1, by_v_1, by_m_2, by_v_2, out):
    n = len(m_1) // len(out)
    sums, terms = np.zeros(len(out)), np.empty(min(TERMS, len(m_1)), out.dtype)
    for k in range(_segments(len(out), n)):
        first, last, begin, end = _segment(k, len(out), n)
        part = terms[: end - begin]
        _diag_normal_gradient_terms(
            m_1[begin:end],
            v_1[begin:end],
            m_2[begin:end],
            v_2[begin:end],
            by_m_1[begin:end],
            by_v_1[begin:end],
            by_m_2[begin:end],
            by_v_2[begin:end],
            part,
        )
        _add(part, sums[first:last])
    return _finish(sums, n, out)


@_jit
def _normal_sums(m_1, s_1, m_2, s_2, out):
    n = len(m_1) // len(out)
    sums, terms = np.zeros(len(out)), np.empty(min(TERMS, len(m_1)), out.dtype)
    for k in range(_segments(len(out), n)):
        first, last, begin, end = _segment(k, len(out), n)
        part = terms[: end - begin]
        _normal_terms(m_1[begin:end], s_1[begin:end], m_2[begin:end], s_2[begin:end], part)
        _add(part, sums[first:last])
    return _finish(sums, n, out)


@_jit
def _normal_gradient_sums(m_1, s_1, m_2, s_2, by_m_1, by_s_1, by_m_2, by_s_2, out):
    n = len(m_1) // len(out)
    sums, terms = np.zeros(len(out)), np.empty(min(TERMS, len(m_1)), out.dtype)
    for k in range(_segments(len(out), n)):
        first, last, begin, end = _segment(k, len(out), n)
        part = terms[: end - begin]
        _normal_gradient_terms(
            m_1[begin:end],
            s_1[begin:end],
            m_2[begin:end],
            s_2[begin:end],
            by_m_1[begin:end],
            by_s_1[begin:end],
            by_m_2[begin:end],
            by_s_2[begin:end],
            part,
        )
        _add(part, sums[first:last])
    return _finish(sums, n, out)


SUMS = {"standard_normal": _standard_normal_sums, "diag_normal": _diag_normal_sums, "normal": _normal_sums}
GRADIENT_SUMS = {
    "standard_normal": _standard_normal_gradient_sums,
    "diag_normal": _diag_normal_gradient_sums,
    "normal": _normal_gradient_sums,
}


def run(
    kernel: Kernel, operands: Sequence[Floats], sums: Floats, gradient: Sequence[Floats]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Do some rows; return masks of the sums and of the derivatives to compute again, if there are any."""
    function = (GRADIENT_SUMS if gradient else SUMS)[kernel.name]
    arrays = [v.reshape(-1) for v in (*operands, *gradient)]
    if not _in_parallel(function, arrays, sums):
        return None
    again = np.isnan(sums)
    return again, again


def _in_parallel(function: Callable[..., int], arrays: list[Floats], sums: Floats) -> int:
    """Call a function on parts of the rows, each in a thread of its own if there are many numbers."""
    size, rows = arrays[0].size, len(sums)
    parts = min(numba.config.NUMBA_NUM_THREADS, size // PART, rows)
    if parts <= 1:
        return function(*arrays, sums)
    n = size // rows
    bounds = [rows * k // parts for k in range(parts + 1)]
    tasks = [(*(v[begin * n : end * n] for v in arrays), sums[begin:end]) for begin, end in pairwise(bounds)]
    waiting = [_threads().submit(function, *task) for task in tasks[1:]]
    return function(*tasks[0]) + sum(one.result() for one in waiting)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(numba.config.NUMBA_NUM_THREADS, thread_name_prefix="kl_symbolic")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # a child has none of the threads
