"""The loops that Numba compiles to make terms, without regard to rows, so that the processor does many at once.

They take pointers to numbers one after the other. A vector of 64 bytes that lies on two lines of the cache takes up to
three times as long to write, where that is in the second-level cache. So most of a loop begins where a line does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba

from kl_symbolic.numeric.compiled_terms import F, diag_normal, discrete, normal, standard_normal
from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.intrinsics import Pointer, use_widest_vectors

if TYPE_CHECKING:
    from collections.abc import Callable

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


def terms_of_two_laws(law: Callable[..., tuple[float, float, float, float]]) -> Callable[..., None]:
    """Return the loop over the terms of two laws, each with a mean and a scale b, given what makes one of them."""

    @compiled
    def loop(
        m_1: Pointer,
        b_1: Pointer,
        m_2: Pointer,
        b_2: Pointer,
        by_m_1: Pointer,
        by_b_1: Pointer,
        by_m_2: Pointer,
        by_b_2: Pointer,
        terms: Pointer,
        n: int,
        wanted: bool,
    ) -> None:
        """Write n terms, and their derivatives if they are wanted."""
        use_widest_vectors()
        if wanted:
            for j in range(n):
                terms[j], slope, by_b_1[j], by_b_2[j] = law(m_1[j], b_1[j], m_2[j], b_2[j])
                by_m_1[j], by_m_2[j] = slope, -slope
        else:
            for j in range(n):
                terms[j], _, _, _ = law(m_1[j], b_1[j], m_2[j], b_2[j])

    return loop


diag_normal_terms, normal_terms = terms_of_two_laws(diag_normal), terms_of_two_laws(normal)


@compiled
def discrete_terms(p: Pointer, q: Pointer, terms: Pointer, n: int) -> None:
    """Write n terms."""
    use_widest_vectors()
    for j in range(n):
        terms[j] = discrete(p[j], q[j])
