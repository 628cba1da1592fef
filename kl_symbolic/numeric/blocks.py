"""Sum over an axis in blocks that stay in the processor's cache: fast terms first, accurate ones where they matter.

A kernel brings fast formulas and accurate ones. The fast formula of the normal laws gives twice each term,
h(t) + delta^2 with h(t) = e^t - 1 - t and t the logarithm of the ratio of the variances. Its error is at most one eps
of |e^t - 1|, and a few of the term itself. For |t| >= 1 that is below 4 eps of the term. Small t together cost at most
sqrt(2 n/S) eps of a sum S of n doubled terms, by Cauchy and h(t) = about t^2/2: below 12 eps where S >= n/64, if all
errors were worst and of one sign. The sums of many terms take e^t in its place, with an error of at most 2.5 units in
the last place, so of 5 eps where t < log(4): 10 eps where S >= n/2. Rows with a smaller sum, those so large that the
rounding error of t counts, and those with NaN or an overflow are computed again by the accurate formula. Where Numba is
installed, compiled formulas that need no second look at small sums take the place of the fast ones.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from math import inf, prod
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric.inputs import ALIGNED, C_CONTIGUOUS, WARNS, Floats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from kl_symbolic.numeric.kernel import Kernel, Masks

NUMBA = find_spec("numba") is not None and os.environ.get("KL_SYMBOLIC_NUMBA") != "0"

BLOCK = 1 << 17  # bytes of each array; the second-level cache holds several
BLOCK_OF_NUMBA = 1 << 23  # bytes of each copy that is made for a call, and its threads share
AT_ONCE = 1 << 13  # numbers; beyond, the time to call a function does not count
SHORT = 128  # as many float32 terms `einsum` adds in four chains of at most 11: the sum loses a few eps at worst
EIGHT = 8
MATRIX = 2  # dimensions
PAIR = 2  # terms
COMPILED = C_CONTIGUOUS | ALIGNED  # what compiled functions need,
LAYOUT = COMPILED | WARNS  # of these flags
HALF = {char: np.array(0.5, char) for char in "fd"}  # as arrays: NumPy takes time to convert Python's own numbers
HALVES = {char: np.full(PAIR, half) for char, half in HALF.items()}


def fill(
    kernel: Kernel,
    check: Callable[[], None],
    arrays: Sequence[Floats],
    total: Floats,
    gradient: Sequence[Floats],
) -> None:
    """Write sums over the last axis, and derivatives if there are arrays for them; terms, if sums have as many axes.

    The function `check` raises an error that names the place of a parameter as it was given, if one is not valid.
    Warnings about overflow and the like are for the caller to turn off.
    """
    elementwise = arrays[0].ndim == total.ndim
    n = 1 if elementwise else arrays[0].shape[-1]
    if not total.size or not n:
        check()
        total[...] = 0
        return
    run = _compiled().run if NUMBA else _run
    size = (BLOCK_OF_NUMBA if NUMBA else BLOCK) // total.itemsize or 1
    # Small arrays have no time for more, and compiled functions need no blocks but for copies, as of read-only arrays.
    if contiguous(arrays) and (arrays[0].size <= size or (NUMBA and all(v.flags.writeable for v in arrays))):
        if elementwise or total.ndim != 1:
            arrays, gradient = [v.reshape(-1, n) for v in arrays], [v.reshape(-1, n) for v in gradient]
            total = total.reshape(-1)
        again = run(kernel, arrays, total, gradient)
        if again is not None:
            _again(kernel, check, arrays, total, gradient, *again)
        return
    if elementwise:
        arrays = [v[..., None] for v in arrays]
    totals, slots, start = total.reshape(-1), [v.reshape(-1, n) for v in gradient], 0
    for operands in _blocks(arrays, n, size):
        stop = start + len(operands[0])
        sums, places = totals[start:stop], [v[start:stop] for v in slots]
        again = run(kernel, operands, sums, places)
        if again is not None:
            _again(kernel, check, operands, sums, places, *again)
        start = stop


def terms_at_once(kernel: Kernel, arrays: Sequence[Floats]) -> Floats | None:
    """Return the terms of small arrays, if a function of NumPy makes them and none is to be computed again.

    Warnings are for the caller to turn off.
    """
    if not (NUMBA and 0 < arrays[0].size <= AT_ONCE and (ufunc := _compiled().UFUNCS.get(kernel.name))):
        return None
    terms: Floats = ufunc()(*arrays)
    return terms if terms.item(terms.argmax()) < inf else None  # NaN counts as the largest


@cache
def _compiled() -> ModuleType:
    from kl_symbolic.numeric import compiled  # Numba takes long to import

    return compiled


def contiguous(arrays: Sequence[Floats]) -> bool:
    """Return whether all arrays are contiguous in the order of C and aligned, as compiled functions need them."""
    for array in arrays:  # noqa: SIM110  # a generator would take twice the time
        if array.flags.num & LAYOUT != COMPILED:
            return False
    return True


def _blocks(arrays: Sequence[Floats], n: int, size: int) -> Iterator[Sequence[Floats]]:
    """Yield matrices, contiguous and aligned, with the rows of the arrays in order, of about `size` numbers or one row.

    Each sum is then the same whatever the layout of the arrays.
    """
    if arrays[0].ndim == 1 or contiguous(arrays):
        arrays = [v.reshape(-1, n) for v in arrays]
    shape = arrays[0].shape
    inner = prod(shape[1:])
    if inner > size and len(shape) > MATRIX:
        for parts in zip(*arrays, strict=True):
            yield from _blocks(parts, n, size)
        return
    step = max(1, size // inner)
    for start in range(0, shape[0], step):
        some = [v[start : start + step] for v in arrays]
        yield [(v if contiguous([v]) else v.copy()).reshape(-1, n) for v in some]


def _run(kernel: Kernel, operands: Sequence[Floats], sums: Floats, gradient: Sequence[Floats]) -> Masks | None:
    beyond = kernel.fast(operands, sums, gradient)
    small = kernel.small(operands[0].shape[1])
    # NaN counts as the least, and as the largest.
    if beyond is None and sums.item(sums.argmin()) >= small and sums.item(sums.argmax()) <= kernel.large:
        return None
    large = ~(sums <= kernel.large)
    if beyond is not None:
        large |= beyond
    return large | (sums < small), large


def half_of_rows(terms: Floats, out: Floats) -> None:
    """Write half the sum of each row."""
    char = out.dtype.char
    if terms.shape[1] == PAIR:
        terms.dot(HALVES[char], out)  # the sum of two is the same in any order
    else:
        sum_of_rows(terms, out)
        np.multiply(out, HALF[char], out)


def sum_of_rows(terms: Floats, out: Floats) -> None:
    """Write the sum of each row."""
    if terms.shape[1] > SHORT:  # a sum of many float32 numbers would lose digits in float32
        sums = np.empty(out.shape, np.float64)
        add_rows(terms.astype(np.float64, copy=False), sums)
        out[...] = sums
    else:
        add_rows(terms, out)


def add_rows(terms: Floats, out: Floats) -> None:
    """Add up each row; NumPy adds few numbers in this order too, but calls its loop once for each row."""
    n = terms.shape[1]
    if n == 1:
        out[...] = terms[:, 0]
    elif n > SHORT:
        np.add.reduce(terms, axis=-1, out=out)
    elif n >= EIGHT:
        np.einsum("ij->i", terms, out=out)  # `reduce` takes two or three times as long for short rows
    else:
        np.add(terms[:, 0], terms[:, 1], out)
        for column in range(2, n):
            np.add(out, terms[:, column], out)


def _again(
    kernel: Kernel,
    check: Callable[[], None],
    operands: Sequence[Floats],
    sums: Floats,
    gradient: Sequence[Floats],
    which: NDArray[np.bool_],
    which_gradient: NDArray[np.bool_],
) -> None:
    """Compute some sums and derivatives again, accurately, after a look at their parameters.

    Raises
    ------
    RequestError
        If a parameter is not valid.
    """
    (rows,) = np.nonzero(which)
    step = BLOCK // (operands[0].shape[1] * sums.itemsize) or 1
    for start in range(0, len(rows), step):
        some = [v[rows[start : start + step]] for v in operands]
        try:
            kernel.check(-1, **dict(zip(kernel.parameters, some, strict=True)))
        except RequestError:
            check()  # it names the place in the parameters as they were given
        sums[rows[start : start + step]] = kernel.sums(*some)
    if not gradient or kernel.derivatives is None:
        return
    (rows,) = np.nonzero(which_gradient)
    for start in range(0, len(rows), step):
        chosen = rows[start : start + step]
        right = kernel.derivatives(*(v[chosen] for v in operands))
        for place, derivative in zip(gradient, right, strict=True):
            place[chosen] = derivative
