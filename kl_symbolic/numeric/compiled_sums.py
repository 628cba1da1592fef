"""The sums of terms over rows, which Numba compiles.

Terms are made for segments of many rows or parts of one, and added up while they are in the processor's cache. The loop
over segments is written out for each kernel, because Numba keeps no function on disk that is given another one.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from kl_symbolic.numeric.compiled_loops import (
    OPTIONS,
    VALUES,
    before_line,
    compiled,
    diag_normal_terms,
    discrete_terms,
    if_alike,
    if_lines,
    normal_values,
    part_alike,
    standard_normal_terms,
    stretches,
)
from kl_symbolic.numeric.compiled_terms import F, discrete, normal, smallest, zero
from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.intrinsics import LINE, Pointer, add_in_any_order, at, constant, fence, use_widest_vectors

if TYPE_CHECKING:
    from collections.abc import Callable

# Numba uses what it kept on disk until this file changes, whatever the others do. This digest of theirs, which a test
# compares, changes it with them.
SOURCES = "456aec0e02de4558"

TERMS = 1 << 13  # numbers in a segment, whose terms wait in the cache to be added up
PAIR, FEW = 2, 4  # terms; more are added row by row
CHUNK = 512  # numbers of float32 that are added in float32: few in each of the processor's lanes

greatest = constant(float(np.finfo(np.float64).max), float(np.finfo(np.float32).max))
root_eps = constant(2.0**-26, 2.0**-11.5)


def keep(compiler: Callable[..., Any], function: Callable[..., object]) -> Any:
    """Let one of Numba's compilers keep its results on disk where there is a place for them."""
    try:
        return compiler(cache=True)(function)
    except RuntimeError:  # there is no folder to write to
        return compiler()(function)


def kept(function: F) -> F:
    """Compile at the first call, and keep the result."""
    result: F = keep(partial(numba.njit, **OPTIONS), function)
    return result


@cache
def normal_ufunc() -> Callable[..., Floats]:
    """Return a function of NumPy that makes divergences: it takes the least time to call, but narrower vectors."""
    signatures = [kind(kind, kind, kind, kind) for kind in (numba.float32, numba.float64)]
    result: Callable[..., Floats] = keep(partial(numba.vectorize, signatures, fastmath=OPTIONS["fastmath"]), _normal)
    return result


def _normal(m_1: float, s_1: float, m_2: float, s_2: float) -> float:
    value, _, _, _ = normal(m_1, s_1, m_2, s_2)
    return value


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
    if n == PAIR:  # which the processor does many at once, as the compiler knows how far apart they are
        for i in range(rows):
            sums[i] += terms[PAIR * i] + terms[PAIR * i + 1]
    elif n < FEW:  # rows at once
        for j in range(n):
            for i in range(rows):
                sums[i] += terms[i * n + j]
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
def discrete_rows(p: Pointer, q: Pointer, stride: int, n: int, totals: Floats) -> None:
    """Write the sums of n terms, of as many p and of as many q of each row."""
    use_widest_vectors()
    for i in range(totals.shape[1]):
        total = total_p = total_q = zero(p[0])
        for j in range(i * stride, i * stride + n):
            total = add_in_any_order(total, discrete(p[j], q[j]))
            total_p = add_in_any_order(total_p, p[j])
            total_q = add_in_any_order(total_q, q[j])
        totals[0, i], totals[1, i], totals[2, i] = total, total_p, total_q


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


@kept
def standard_normal_sums(way: int, m: Floats, v: Floats, by_m: Floats, by_v: Floats, out: Floats) -> int:
    """Write the sums over rows, and the derivatives if they are wanted; return how many sums are NaN."""
    use_widest_vectors()
    rows, n = m.shape
    way = if_alike(way, by_m, by_v)
    sums, terms, spoilt = np.zeros(min(TERMS, rows)), np.empty(min(TERMS, rows * n) + LINE, out.dtype), 0
    for k in range(segments(rows, n)):
        first, last, begin, end = segment(k, rows, n)
        before = before_line(m if way == VALUES else by_m, begin)
        part, some = part_alike(terms, before, end - begin), sums[: last - first]
        for a, b in stretches(before, end - begin):
            standard_normal_terms(
                at(m, begin + a),
                at(v, begin + a),
                at(by_m, begin + a),
                at(by_v, begin + a),
                at(part, a),
                b - a,
                if_lines(way, by_m, begin + a, b - a),
            )
        add(part, some)
        if end == last * n:
            spoilt += finish(some, n, 0.5, out[first:last])
    fence()
    return spoilt


@kept
def diag_normal_sums(
    way: int,
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
    """Write the sums over rows, and the derivatives if they are wanted; return how many sums are NaN."""
    use_widest_vectors()
    rows, n = m_1.shape
    way = if_alike(if_alike(if_alike(way, by_m_1, by_v_1), by_m_1, by_m_2), by_m_1, by_v_2)
    sums, terms, spoilt = np.zeros(min(TERMS, rows)), np.empty(min(TERMS, rows * n) + LINE, out.dtype), 0
    for k in range(segments(rows, n)):
        first, last, begin, end = segment(k, rows, n)
        before = before_line(m_1 if way == VALUES else by_m_1, begin)
        part, some = part_alike(terms, before, end - begin), sums[: last - first]
        for a, b in stretches(before, end - begin):
            diag_normal_terms(
                at(m_1, begin + a),
                at(v_1, begin + a),
                at(m_2, begin + a),
                at(v_2, begin + a),
                at(by_m_1, begin + a),
                at(by_v_1, begin + a),
                at(by_m_2, begin + a),
                at(by_v_2, begin + a),
                at(part, a),
                b - a,
                if_lines(way, by_m_1, begin + a, b - a),
            )
        add(part, some)
        if end == last * n:
            spoilt += finish(some, n, 0.5, out[first:last])
    fence()
    return spoilt


@kept
def normal_elementwise(
    way: int,
    m_1: Floats,
    s_1: Floats,
    m_2: Floats,
    s_2: Floats,
    by_m_1: Floats,
    by_s_1: Floats,
    by_m_2: Floats,
    by_s_2: Floats,
    out: Floats,
) -> bool:
    """Write the divergences, and the derivatives if they are wanted; return whether some are not finite."""
    use_widest_vectors()
    way = if_alike(if_alike(if_alike(if_alike(way, out, by_m_1), out, by_s_1), out, by_m_2), out, by_s_2)
    spoilt = False
    for a, b in stretches(before_line(out, 0), len(out)):
        total = normal_values(
            at(m_1, a),
            at(s_1, a),
            at(m_2, a),
            at(s_2, a),
            at(by_m_1, a),
            at(by_s_1, a),
            at(by_m_2, a),
            at(by_s_2, a),
            at(out, a),
            b - a,
            if_lines(way, out, a, b - a),
        )
        spoilt |= np.isnan(total)
    fence()
    return spoilt


@kept
def discrete_sums(p: Floats, q: Floats, out: Floats) -> int:
    """Write the sums over rows, NaN where p or q does not sum to 1; return how many are NaN.

    Rows of whole lines are added up while their terms are made; for others the processor is not as fast at that.
    """
    use_widest_vectors()
    rows, n = p.shape
    sums, terms, spoilt = np.zeros((3, min(TERMS, rows))), np.empty(min(TERMS, rows * n) + LINE, out.dtype), 0
    totals = np.empty(sums.shape, out.dtype)
    allowed, per_line = root_eps(out[0]), LINE // out.itemsize
    for k in range(segments(rows, n)):
        first, last, begin, end = segment(k, rows, n)
        some, of_p, of_q = sums[0, : last - first], sums[1, : last - first], sums[2, : last - first]
        if n % per_line == 0:
            width = min(n, end - begin)
            for a in range(0, width, CHUNK):
                discrete_rows(at(p, begin + a), at(q, begin + a), n, min(CHUNK, width - a), totals[:, : last - first])
                for i in range(last - first):
                    some[i] += totals[0, i]
                    of_p[i] += totals[1, i]
                    of_q[i] += totals[2, i]
        else:
            before = before_line(p, begin)
            part = part_alike(terms, before, end - begin)
            for a, b in stretches(before, end - begin):
                discrete_terms(at(p, begin + a), at(q, begin + a), at(part, a), b - a)
            add(part, some)
            add(p.reshape(-1)[begin:end], of_p)
            add(q.reshape(-1)[begin:end], of_q)
        if end == last * n:
            for i in range(last - first):
                if not (abs(of_p[i] - 1) <= allowed and abs(of_q[i] - 1) <= allowed):
                    some[i] = np.nan
                of_p[i] = of_q[i] = 0.0
            spoilt += finish(some, n, 1.0, out[first:last])
    return spoilt
