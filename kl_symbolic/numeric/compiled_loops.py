"""The loops that Numba compiles to make terms, without regard to rows, so that the processor does many at once.

They take pointers to numbers one after the other. A vector of 64 bytes that lies on two lines of the cache takes up to
three times as long to write, where that is in the second-level cache. So most of a loop begins where a line does.

What lies beyond the caches is read before it is written, for a processor does not know that all of a line will be.
Derivatives that are streamed, in whole lines, are not read: that takes half the time, or a little more than half.
"""

from __future__ import annotations

import numba

from kl_symbolic.numeric.compiled_terms import F, diag_normal, discrete, normal, standard_normal, zero
from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.intrinsics import (
    BATCH,
    LINE,
    Pointer,
    add_in_any_order,
    room_like,
    stream,
    use_widest_vectors,
)

OPTIONS = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}  # of the compiler
VALUES, DERIVATIVES, STREAMED = range(3)  # what to write: terms; derivatives too; these past the caches


def compiled(function: F) -> F:
    """Compile at the first call."""
    result: F = numba.njit(**OPTIONS)(function)
    return result


@compiled
def before_line(array: Floats, i: int) -> int:
    """Return how many numbers, from the i-th of an array on, lie before one that begins a line of the cache."""
    return (-(array.ctypes.data + i * array.itemsize) % LINE) // array.itemsize


@compiled
def part_alike(space: Floats, before: int, n: int) -> Floats:
    """Return a part of some space: n numbers of which so many lie before one that begins a line."""
    shift = (before_line(space, 0) - before) % (LINE // space.itemsize)
    return space[shift : shift + n]


@compiled
def stretches(before: int, n: int) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Return the bounds of loops over n numbers, the longest over whole lines.

    They overlap at the ends, because vectors are many times as fast as numbers one by one.
    """
    if n < BATCH * 4:
        return (0, n), (n, n), (n, n)
    end = before + (n - before) // BATCH * BATCH
    return (0, BATCH if before else 0), (before, end), (n - BATCH if end < n else n, n)


@compiled
def if_alike(way: int, first: Floats, second: Floats) -> int:
    """Return how to write: what is streamed must begin in the same place of a line."""
    return way if before_line(first, 0) == before_line(second, 0) else min(way, DERIVATIVES)


@compiled
def if_lines(way: int, array: Floats, i: int, n: int) -> int:
    """Return how to write n numbers from the i-th on: what is streamed must be whole lines."""
    return way if not before_line(array, i) and n % BATCH == 0 else min(way, DERIVATIVES)


@compiled
def standard_normal_terms(
    m: Pointer, v: Pointer, by_m: Pointer, by_v: Pointer, terms: Pointer, n: int, way: int
) -> None:
    """Write n terms, and their derivatives if they are wanted."""
    use_widest_vectors()
    if way == VALUES:
        for j in range(n):
            terms[j], _, _ = standard_normal(m[j], v[j])
    elif way == DERIVATIVES:
        for j in range(n):
            terms[j], by_m[j], by_v[j] = standard_normal(m[j], v[j])
    else:
        a, b = room_like(by_m), room_like(by_v)
        for i in range(0, n, BATCH):
            for j in range(BATCH):
                terms[i + j], a[j], b[j] = standard_normal(m[i + j], v[i + j])
            stream(a, by_m, i)
            stream(b, by_v, i)


@compiled
def diag_normal_terms(
    m_1: Pointer,
    v_1: Pointer,
    m_2: Pointer,
    v_2: Pointer,
    by_m_1: Pointer,
    by_v_1: Pointer,
    by_m_2: Pointer,
    by_v_2: Pointer,
    terms: Pointer,
    n: int,
    way: int,
) -> None:
    """Write n terms, and their derivatives if they are wanted."""
    use_widest_vectors()
    if way == VALUES:
        for j in range(n):
            terms[j], _, _, _ = diag_normal(m_1[j], v_1[j], m_2[j], v_2[j])
    elif way == DERIVATIVES:
        for j in range(n):
            terms[j], slope, by_v_1[j], by_v_2[j] = diag_normal(m_1[j], v_1[j], m_2[j], v_2[j])
            by_m_1[j], by_m_2[j] = slope, -slope
    else:
        a, b, c, d = room_like(by_m_1), room_like(by_v_1), room_like(by_m_2), room_like(by_v_2)
        for i in range(0, n, BATCH):
            for j in range(BATCH):
                terms[i + j], slope, b[j], d[j] = diag_normal(m_1[i + j], v_1[i + j], m_2[i + j], v_2[i + j])
                a[j], c[j] = slope, -slope
            stream(a, by_m_1, i)
            stream(b, by_v_1, i)
            stream(c, by_m_2, i)
            stream(d, by_v_2, i)


@compiled
def normal_values(
    m_1: Pointer,
    s_1: Pointer,
    m_2: Pointer,
    s_2: Pointer,
    by_m_1: Pointer,
    by_s_1: Pointer,
    by_m_2: Pointer,
    by_s_2: Pointer,
    values: Pointer,
    n: int,
    way: int,
) -> float:
    """Write n divergences, and their derivatives if they are wanted; return 0, or NaN if a divergence is not finite."""
    use_widest_vectors()
    nought: float = zero(values[0])
    total = nought
    if way == VALUES:
        for j in range(n):
            values[j], _, _, _ = normal(m_1[j], s_1[j], m_2[j], s_2[j])
            total = add_in_any_order(total, nought * values[j])
    elif way == DERIVATIVES:
        for j in range(n):
            value, slope, by_s_1[j], by_s_2[j] = normal(m_1[j], s_1[j], m_2[j], s_2[j])
            values[j], by_m_1[j], by_m_2[j] = value, slope, -slope
            total = add_in_any_order(total, nought * value)
    else:
        a, b, c, d, e = room_like(values), room_like(values), room_like(values), room_like(values), room_like(values)
        for i in range(0, n, BATCH):
            for j in range(BATCH):
                e[j], slope, b[j], d[j] = normal(m_1[i + j], s_1[i + j], m_2[i + j], s_2[i + j])
                a[j], c[j] = slope, -slope
                total = add_in_any_order(total, nought * e[j])
            stream(a, by_m_1, i)
            stream(b, by_s_1, i)
            stream(c, by_m_2, i)
            stream(d, by_s_2, i)
            stream(e, values, i)
    return total


@compiled
def discrete_terms(p: Pointer, q: Pointer, terms: Pointer, n: int) -> None:
    """Write n terms."""
    use_widest_vectors()
    for j in range(n):
        terms[j] = discrete(p[j], q[j])
