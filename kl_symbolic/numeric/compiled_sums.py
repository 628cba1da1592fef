"""The loops that Numba compiles around the terms.

Terms are made without regard to rows, so that the processor does many at once, and added up while they are in its
cache. The loop over segments is written out for each kernel, because Numba keeps no function on disk that is given
another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numba
import numpy as np

from kl_symbolic.numeric.compiled_terms import diag_normal, discrete, normal, standard_normal
from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.intrinsics import add_in_any_order, constant, use_widest_vectors

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")

TERMS = 1 << 13  # numbers whose terms wait in the cache to be added up
CHUNK = 512  # numbers of float32 that are added in float32: few in each of the processor's lanes

zero = constant(0.0)
smallest = constant(2.0**-1016, 2.0**-120)  # is normal, and so are sums of subnormal errors
greatest = constant(float(np.finfo(np.float64).max), float(np.finfo(np.float32).max))
root_eps = constant(2.0**-26, 2.0**-11.5)


def compiled(function: F) -> F:
    """Compile at the first call, and keep the result on disk where there is a place for it."""
    options = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
    try:
        result: F = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # there is no folder to write to
        result = numba.njit(**options)(function)
    return result


@compiled
def standard_normal_terms(m: Floats, v: Floats, by_m: Floats, by_v: Floats, terms: Floats) -> None:
    """Write the terms, and the derivatives if there is room for them."""
    use_widest_vectors()
    if len(by_m):
        for j in range(len(terms)):
            terms[j], by_m[j], by_v[j] = standard_normal(m[j], v[j])
    else:
        for j in range(len(terms)):
            terms[j], _, _ = standard_normal(m[j], v[j])


@compiled
def diag_normal_terms(
    m_1: Floats,
    v_1: Floats,
    m_2: Floats,
    v_2: Floats,
    by_m_1: Floats,
    by_v_1: Floats,
    by_m_2: Floats,
    by_v_2: Floats,
    terms: Floats,
) -> None:
    """Write the terms, and the derivatives if there is room for them."""
    use_widest_vectors()
    if len(by_m_1):
        for j in range(len(terms)):
            terms[j], slope, by_v_1[j], by_v_2[j] = diag_normal(m_1[j], v_1[j], m_2[j], v_2[j])
            by_m_1[j], by_m_2[j] = slope, -slope
    else:
        for j in range(len(terms)):
            terms[j], _, _, _ = diag_normal(m_1[j], v_1[j], m_2[j], v_2[j])


@compiled
def normal_terms(
    m_1: Floats,
    s_1: Floats,
    m_2: Floats,
    s_2: Floats,
    by_m_1: Floats,
    by_s_1: Floats,
    by_m_2: Floats,
    by_s_2: Floats,
    terms: Floats,
) -> None:
    """Write the terms, and the derivatives if there is room for them."""
    use_widest_vectors()
    if len(by_m_1):
        for j in range(len(terms)):
            terms[j], slope, by_s_1[j], by_s_2[j] = normal(m_1[j], s_1[j], m_2[j], s_2[j])
            by_m_1[j], by_m_2[j] = slope, -slope
    else:
        for j in range(len(terms)):
            terms[j], _, _, _ = normal(m_1[j], s_1[j], m_2[j], s_2[j])


@compiled
def discrete_terms(p: Floats, q: Floats, terms: Floats) -> None:
    """Write the terms."""
    use_widest_vectors()
    for j in range(len(terms)):
        terms[j] = discrete(p[j], q[j])


@compiled
def segments(rows: int, n: int) -> int:
    """Return how many times `TERMS` numbers the rows take, whole rows or parts of one."""
    return (rows - 1) // (TERMS // n) + 1 if n <= TERMS else rows * ((n - 1) // TERMS + 1)


@compiled
def segment(k: int, rows: int, n: int) -> tuple[int, int, int, int]:
    """Return the bounds of the rows of a segment and those of its numbers."""
    if n <= TERMS:
        step = TERMS // n
        first, last = k * step, min(k * step + step, rows)
        return first, last, first * n, last * n
    parts = (n - 1) // TERMS + 1
    row, part = k // parts, k % parts
    begin = row * n + part * TERMS
    return row, row + 1, begin, min(begin + TERMS, row * n + n)


@compiled
def add(terms: Floats, sums: Floats) -> None:
    """Add each row of terms to its sum."""
    rows, n = len(sums), len(terms) // len(sums)
    if n == 1:
        for i in range(rows):
            sums[i] += terms[i]
    elif n <= CHUNK:  # without slices, which take as long as some sums
        for i in range(rows):
            total = zero(terms[0])
            for j in range(n):
                total = add_in_any_order(total, terms[i * n + j])
            sums[i] += total
    else:
        for i in range(rows):
            for begin in range(i * n, i * n + n, CHUNK):
                some, total = terms[begin : min(begin + CHUNK, i * n + n)], zero(terms[0])
                for j in range(len(some)):
                    total = add_in_any_order(total, some[j])
                sums[i] += total


@compiled
def rounded(total: float, n: int, like: float) -> float:
    """Return the sum of a row; NaN where it overflows or is of terms so small that they are subnormal."""
    return total if n * float(smallest(like)) < total < float(greatest(like)) else np.nan


@compiled
def finish(sums: Floats, n: int, factor: float, out: Floats) -> int:
    """Write the sums times a factor as `rounded`, and make them 0 for the next rows; return how many are NaN."""
    spoilt = 0
    for i in range(len(out)):
        total = rounded(factor * sums[i], n, out[i])
        out[i] = total
        spoilt += not total >= 0
        sums[i] = 0.0
    return spoilt


@compiled
def standard_normal_sums(m: Floats, v: Floats, by_m: Floats, by_v: Floats, out: Floats) -> int:
    """Write the sums over rows, and the derivatives if there is room for them; return how many sums are NaN."""
    use_widest_vectors()
    rows, n = m.shape
    sums, terms, spoilt = np.zeros(min(TERMS, rows)), np.empty(min(TERMS, rows * n), out.dtype), 0
    for k in range(segments(rows, n)):
        first, last, begin, end = segment(k, rows, n)
        some, part = sums[: last - first], terms[: end - begin]
        standard_normal_terms(
            m.reshape(-1)[begin:end],
            v.reshape(-1)[begin:end],
            by_m.reshape(-1)[begin:end],
            by_v.reshape(-1)[begin:end],
            part,
        )
        add(part, some)
        if end == last * n:
            spoilt += finish(some, n, 0.5, out[first:last])
    return spoilt


@compiled
def diag_normal_sums(
    m_1: Floats,
    v_1: Floats,
    m_2: Floats,
    v_2: Floats,
    by_m_1: Floats,
    by_v_1: Floats,
    by_m_2: Floats,
    by_v_2: Floats,
    out: Floats,
) -> int:
    """Write the sums over rows, and the derivatives if there is room for them; return how many sums are NaN."""
    use_widest_vectors()
    rows, n = m_1.shape
    sums, terms, spoilt = np.zeros(min(TERMS, rows)), np.empty(min(TERMS, rows * n), out.dtype), 0
    for k in range(segments(rows, n)):
        first, last, begin, end = segment(k, rows, n)
        some, part = sums[: last - first], terms[: end - begin]
        diag_normal_terms(
            m_1.reshape(-1)[begin:end],
            v_1.reshape(-1)[begin:end],
            m_2.reshape(-1)[begin:end],
            v_2.reshape(-1)[begin:end],
            by_m_1.reshape(-1)[begin:end],
            by_v_1.reshape(-1)[begin:end],
            by_m_2.reshape(-1)[begin:end],
            by_v_2.reshape(-1)[begin:end],
            part,
        )
        add(part, some)
        if end == last * n:
            spoilt += finish(some, n, 0.5, out[first:last])
    return spoilt


@compiled
def normal_sums(
    m_1: Floats,
    s_1: Floats,
    m_2: Floats,
    s_2: Floats,
    by_m_1: Floats,
    by_s_1: Floats,
    by_m_2: Floats,
    by_s_2: Floats,
    out: Floats,
) -> int:
    """Write the sums over rows, and the derivatives if there is room for them; return how many sums are NaN."""
    use_widest_vectors()
    rows, n = m_1.shape
    sums, terms, spoilt = np.zeros(min(TERMS, rows)), np.empty(min(TERMS, rows * n), out.dtype), 0
    for k in range(segments(rows, n)):
        first, last, begin, end = segment(k, rows, n)
        some, part = sums[: last - first], terms[: end - begin]
        normal_terms(
            m_1.reshape(-1)[begin:end],
            s_1.reshape(-1)[begin:end],
            m_2.reshape(-1)[begin:end],
            s_2.reshape(-1)[begin:end],
            by_m_1.reshape(-1)[begin:end],
            by_s_1.reshape(-1)[begin:end],
            by_m_2.reshape(-1)[begin:end],
            by_s_2.reshape(-1)[begin:end],
            part,
        )
        add(part, some)
        if end == last * n:
            spoilt += finish(some, n, 0.5, out[first:last])
    return spoilt


@compiled
def discrete_sums(p: Floats, q: Floats, out: Floats) -> int:
    """Write the sums over rows, NaN where p or q does not sum to 1; return how many are NaN."""
    use_widest_vectors()
    rows, n = p.shape
    sums, terms, spoilt = np.zeros((3, min(TERMS, rows))), np.empty(min(TERMS, rows * n), out.dtype), 0
    allowed = root_eps(out[0])
    for k in range(segments(rows, n)):
        first, last, begin, end = segment(k, rows, n)
        part, some_p, some_q = terms[: end - begin], p.reshape(-1)[begin:end], q.reshape(-1)[begin:end]
        some, of_p, of_q = sums[0, : last - first], sums[1, : last - first], sums[2, : last - first]
        discrete_terms(some_p, some_q, part)
        add(part, some)
        add(some_p, of_p)
        add(some_q, of_q)
        if end == last * n:
            for i in range(last - first):
                if not (abs(of_p[i] - 1) <= allowed and abs(of_q[i] - 1) <= allowed):
                    some[i] = np.nan
                of_p[i] = of_q[i] = 0.0
            spoilt += finish(some, n, 1.0, out[first:last])
    return spoilt
