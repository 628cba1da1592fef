"""The loops that Numba compiles to make terms, without regard to rows, so that the processor does many at once.

They take pointers to numbers one after the other. A vector of 64 bytes that lies on two lines of the cache takes up to
three times as long to write, where that is in the second-level cache. So most of a loop begins where a line does.
"""

from __future__ import annotations

import numba

from kl_symbolic.numeric.compiled_terms import F, diag_normal, discrete, normal, standard_normal, zero
from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.intrinsics import Pointer, add_in_any_order, use_widest_vectors

OPTIONS = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}  # of the compiler
LINE = 64  # bytes of a line of the cache, at most
ENDS = 64  # numbers at either end of a loop, a few vectors


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
    """Return the bounds of loops over n numbers, the longest from the beginning of a line on.

    They overlap at the ends, because vectors are many times as fast as numbers one by one.
    """
    if not before or n < ENDS * 4:
        return (0, n), (n, n), (n, n)
    return (0, ENDS), (before, before + (n - before) // ENDS * ENDS), (n - ENDS, n)


@compiled
def standard_normal_terms(
    m: Pointer, v: Pointer, by_m: Pointer, by_v: Pointer, terms: Pointer, n: int, wanted: bool
) -> None:
    """Write n terms, and their derivatives if they are wanted."""
    use_widest_vectors()
    if wanted:
        for j in range(n):
            terms[j], by_m[j], by_v[j] = standard_normal(m[j], v[j])
    else:
        for j in range(n):
            terms[j], _, _ = standard_normal(m[j], v[j])


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
    wanted: bool,
) -> None:
    """Write n terms, and their derivatives if they are wanted."""
    use_widest_vectors()
    if wanted:
        for j in range(n):
            terms[j], slope, by_v_1[j], by_v_2[j] = diag_normal(m_1[j], v_1[j], m_2[j], v_2[j])
            by_m_1[j], by_m_2[j] = slope, -slope
    else:
        for j in range(n):
            terms[j], _, _, _ = diag_normal(m_1[j], v_1[j], m_2[j], v_2[j])


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
    wanted: bool,
) -> float:
    """Write n divergences, and their derivatives if they are wanted; return 0, or NaN if a divergence is not finite."""
    use_widest_vectors()
    nought: float = zero(values[0])
    total = nought
    if wanted:
        for j in range(n):
            value, slope, by_s_1[j], by_s_2[j] = normal(m_1[j], s_1[j], m_2[j], s_2[j])
            values[j], by_m_1[j], by_m_2[j] = value, slope, -slope
            total = add_in_any_order(total, nought * value)
    else:
        for j in range(n):
            values[j], _, _, _ = normal(m_1[j], s_1[j], m_2[j], s_2[j])
            total = add_in_any_order(total, nought * values[j])
    return total


@compiled
def discrete_terms(p: Pointer, q: Pointer, terms: Pointer, n: int) -> None:
    """Write n terms."""
    use_widest_vectors()
    for j in range(n):
        terms[j] = discrete(p[j], q[j])
