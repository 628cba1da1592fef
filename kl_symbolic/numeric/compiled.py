"""The loops that Numba compiles around the terms, and the threads that share a large array."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numba
import numpy as np

from kl_symbolic.numeric.compiled_terms import diag_normal, discrete, normal, standard_normal
from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.intrinsics import add_in_any_order, constant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kl_symbolic.numeric.blocks import Kernel, Masks

F = TypeVar("F", bound="Callable[..., object]")

PART = 1 << 17  # numbers that are worth a thread of their own
TERMS = 1 << 12  # numbers whose terms wait in the first-level cache to be added up

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
    if len(by_m_1):
        for j in range(len(terms)):
            terms[j], slope, by_s_1[j], by_s_2[j] = normal(m_1[j], s_1[j], m_2[j], s_2[j])
            by_m_1[j], by_m_2[j] = slope, -slope
    else:
        for j in range(len(terms)):
            terms[j], _, _, _ = normal(m_1[j], s_1[j], m_2[j], s_2[j])


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
    else:
        for i in range(rows):
            row, total = terms[i * n : (i + 1) * n], 0.0
            for j in range(n):
                total = add_in_any_order(total, np.float64(row[j]))
            sums[i] += total


@compiled
def finish(sums: Floats, n: int, out: Floats) -> int:
    """Round the sums; NaN where one overflows or is of subnormal terms. Return how many."""
    spoilt = 0
    least, largest = n * smallest(out[0]), greatest(out[0])
    for i in range(len(out)):
        good = least < sums[i] < largest
        out[i] = sums[i] if good else np.nan
        spoilt += not good
    return spoilt


@compiled
def standard_normal_sums(m: Floats, v: Floats, by_m: Floats, by_v: Floats, out: Floats) -> int:
    """Write the sums over rows, and the derivatives if there is room for them; return how many sums are NaN."""
    rows, n = m.shape
    sums, terms = np.zeros(rows), np.empty(min(TERMS, rows * n), out.dtype)
    for k in range(segments(rows, n)):
        first, last, begin, end = segment(k, rows, n)
        part = terms[: end - begin]
        standard_normal_terms(
            m.reshape(-1)[begin:end],
            v.reshape(-1)[begin:end],
            by_m.reshape(-1)[begin:end],
            by_v.reshape(-1)[begin:end],
            part,
        )
        add(part, sums[first:last])
    return finish(sums, n, out)


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
    rows, n = m_1.shape
    sums, terms = np.zeros(rows), np.empty(min(TERMS, rows * n), out.dtype)
    for k in range(segments(rows, n)):
        first, last, begin, end = segment(k, rows, n)
        part = terms[: end - begin]
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
        add(part, sums[first:last])
    return finish(sums, n, out)


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
    rows, n = m_1.shape
    sums, terms = np.zeros(rows), np.empty(min(TERMS, rows * n), out.dtype)
    for k in range(segments(rows, n)):
        first, last, begin, end = segment(k, rows, n)
        part = terms[: end - begin]
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
        add(part, sums[first:last])
    return finish(sums, n, out)


@compiled
def discrete_terms(p: Floats, q: Floats, terms: Floats) -> None:
    """Write the terms."""
    for j in range(len(terms)):
        terms[j] = discrete(p[j], q[j])


@compiled
def discrete_sums(p: Floats, q: Floats, out: Floats) -> int:
    """Write the sums over rows, NaN where p or q does not sum to 1; return how many are NaN."""
    rows, n = p.shape
    sums, terms = np.zeros(rows), np.empty(min(TERMS, rows * n), out.dtype)
    of_p, of_q, allowed = np.zeros(rows), np.zeros(rows), root_eps(out[0])
    for k in range(segments(rows, n)):
        first, last, begin, end = segment(k, rows, n)
        part, some_p, some_q = terms[: end - begin], p.reshape(-1)[begin:end], q.reshape(-1)[begin:end]
        discrete_terms(some_p, some_q, part)
        add(part, sums[first:last])
        add(some_p, of_p[first:last])
        add(some_q, of_q[first:last])
    for i in range(rows):
        if not (abs(of_p[i] - 1) <= allowed and abs(of_q[i] - 1) <= allowed):
            sums[i] = np.nan
    return finish(sums, n, out)


SUMS: dict[str, Callable[..., int]] = {
    "standard_normal": standard_normal_sums,
    "diag_normal": diag_normal_sums,
    "normal": normal_sums,
    "discrete": discrete_sums,
}
WRITEABLE = 0x400  # of the flags of an array
MAY_WRITE = WRITEABLE | 0x80000000  # together with the one of `numpy.broadcast_arrays`, which warns
NOTHING = {np.dtype(kind): np.empty((0, 0), kind) for kind in (np.float32, np.float64)}


def run(kernel: Kernel, operands: Sequence[Floats], sums: Floats, gradient: Sequence[Floats]) -> Masks | None:
    """Do the rows of one block, as `blocks.Run` says."""
    if kernel.derivatives is not None and not gradient:
        gradient = [NOTHING[sums.dtype]] * len(operands)
    # Numba would compile another function for an array that it must not write to, or warn.
    arrays = (*(v if v.flags.num & MAY_WRITE == WRITEABLE else v.copy() for v in operands), *gradient, sums)
    function = SUMS[kernel.name]
    spoilt = function(*arrays) if operands[0].size < 2 * PART else _in_parallel(function, arrays)
    if not spoilt:
        return None
    again = np.isnan(sums)
    return again, again


def _in_parallel(function: Callable[..., int], arrays: Sequence[Floats]) -> int:
    """Call a function on parts of the rows, each in a thread of its own."""
    rows = len(arrays[0])
    parts = min(numba.config.NUMBA_NUM_THREADS, arrays[0].size // PART, rows)
    bounds = [rows * k // parts for k in range(parts + 1)]
    tasks = [[v[begin:end] for v in arrays] for begin, end in pairwise(bounds)]
    waiting = [_threads().submit(function, *task) for task in tasks[1:]]
    return function(*tasks[0]) + sum(one.result() for one in waiting)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(numba.config.NUMBA_NUM_THREADS, thread_name_prefix="kl_symbolic")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # a child has none of the threads
