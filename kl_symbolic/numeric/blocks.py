"""Sum over an axis in blocks that stay in the processor's cache: fast terms first, accurate ones where they matter.

A kernel brings three formulas. The fast one gives twice each term, h(t) + delta^2 with h(t) = e^t - 1 - t and t the
logarithm of the ratio of the variances. Its error is at most one eps of |e^t - 1|, and a few of the term itself. For
|t| >= 1 that is below 4 eps of the term. Small t together cost at most sqrt(2 n/S) eps of a sum S of n doubled terms,
by Cauchy and h(t) = about t^2/2: below 12 eps where S >= n/64, if all errors were worst and of one sign. (A kernel
whose error is larger has a larger bound than 1/64.) Rows with a smaller sum, those so large that the rounding error of t counts, and those with NaN or an overflow are computed again
by the accurate formula. Where Numba is installed, compiled formulas that need no second look at small sums take the
place of the fast one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from math import prod
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric.inputs import (
    Floats,
    are_parameters,
    as_parameters,
    broadcastable,
    plain,
    require_axis,
    sum_over,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

NUMBA = find_spec("numba") is not None and os.environ.get("KL_SYMBOLIC_NUMBA") != "0"

BLOCK = 1 << 17  # bytes of each buffer; the second-level cache holds several
BLOCK_OF_NUMBA = 1 << 23  # bytes of each array that one call gets, and its threads share
LARGE = 1e5  # e^t below it: |t| < 11.6, whose rounding error costs less than 6 eps
SHORT = 128  # as many float32 terms NumPy adds in eight chains of at most 16: the sum loses a few eps at worst
EIGHT = 8
MATRIX = 2  # dimensions

NONE: tuple[Floats, ...] = ()


Masks: TypeAlias = "tuple[NDArray[np.bool_], NDArray[np.bool_]]"


class Fast(Protocol):
    """A fast formula."""

    def __call__(
        self, operands: Sequence[Floats], buffers: Sequence[Floats], gradient: Sequence[Floats], /
    ) -> NDArray[np.bool_] | None:
        """Write twice the terms into the first buffer, and the derivatives if there are arrays for them.

        Return a mask of rows that it cannot do, if there are any.
        """


class Run(Protocol):
    """What does the rows of one block."""

    def __call__(
        self, kernel: Kernel, operands: Sequence[Floats], sums: Floats, gradient: Sequence[Floats], /
    ) -> Masks | None:
        """Write the sums, and the derivatives if there are arrays for them.

        Return masks of the rows whose sums, and whose derivatives, are to be computed again, if there are any.
        """


@dataclass(frozen=True)
class Kernel:
    """What to sum, of parameters in the order of their names."""

    name: str
    parameters: tuple[str, ...]
    small: float  # sums of fewer than this times the number of terms are to be computed again
    buffers: int
    fast: Fast
    terms: Callable[..., Floats]
    derivatives: Callable[..., tuple[Floats, ...]]


def value(kernel: Kernel, parameters: Sequence[ArrayLike], axis: int | None, out: Floats | None) -> Floats:
    """Return the sums of the terms over one axis, or the terms for the axis None.

    Raises
    ------
    RequestError
        If a parameter is not valid, the shapes do not broadcast, there is no such axis, or `out` does not fit.
    """
    arrays = _axis_last(kernel, parameters, axis)
    shape, dtype = arrays[0].shape[:-1], arrays[0].dtype
    if out is not None:
        require_out(out, shape, dtype)
    total: Floats = np.empty(shape, dtype)
    _fill(kernel, parameters, arrays, total, NONE)
    if out is None:
        return total if shape else total[()]
    out[...] = total  # at last, for it may be a parameter
    return out


def value_and_gradient(
    kernel: Kernel, parameters: Sequence[ArrayLike], axis: int | None
) -> tuple[Floats, tuple[Floats, ...]]:
    """Return what `value` returns, and arrays of the derivatives by each parameter in the broadcast shape.

    Raises
    ------
    RequestError
        If a parameter is not valid, the shapes do not broadcast, or there is no such axis.
    """
    arrays = _axis_last(kernel, parameters, axis)
    shape, dtype = arrays[0].shape, arrays[0].dtype
    total: Floats = np.empty(shape[:-1], dtype)
    gradient = tuple(np.empty(shape, dtype) for _ in arrays)
    _fill(kernel, parameters, arrays, total, gradient)
    if axis is None:
        return total[()], tuple(v[..., 0][()] for v in gradient)
    return total[()], tuple(np.moveaxis(v, -1, axis) for v in gradient)


def require_out(out: Floats, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> None:
    """Check that a result fits into an array.

    Raises
    ------
    RequestError
        If `out` is not an array of this shape and dtype that can be written to.
    """
    if not isinstance(out, np.ndarray):
        raise RequestError(f"out must be a NumPy array; got {type(out).__name__}")
    if out.shape != shape:
        raise RequestError(f"out must have the shape of the result, {shape}; got {out.shape}")
    if out.dtype != dtype:
        raise RequestError(f"out must have the dtype of the result, {dtype}; got {out.dtype}")
    if not out.flags.writeable:
        raise RequestError("out must be writeable; got a read-only array")


def _axis_last(kernel: Kernel, parameters: Sequence[ArrayLike], axis: int | None) -> Sequence[Floats]:
    """Return views of one shape, whose last axis is the one to sum over; their values are not looked at."""
    arrays = plain(parameters)
    if arrays is None:
        named = dict(zip(kernel.parameters, parameters, strict=True))
        arrays = np.broadcast_arrays(*broadcastable(**named))
    if axis is None:
        return [v[..., None] for v in arrays]
    require_axis(axis, arrays[0].shape)
    return arrays if axis in (-1, arrays[0].ndim - 1) else [np.moveaxis(v, axis, -1) for v in arrays]


def _fill(
    kernel: Kernel,
    parameters: Sequence[ArrayLike],
    arrays: Sequence[Floats],
    total: Floats,
    gradient: Sequence[Floats],
) -> None:
    """Write sums, and derivatives if there are arrays for them, row by row."""
    n = arrays[0].shape[-1]
    if not total.size or not n:
        total[...] = 0
        as_parameters(**dict(zip(kernel.parameters, parameters, strict=True)))
        return
    run = _runner(NUMBA)
    size = max(1, (BLOCK_OF_NUMBA if NUMBA else BLOCK) // total.itemsize)
    if arrays[0].size <= size and total.ndim == 1 and _contiguous(arrays):  # small arrays have no time for more
        again = run(kernel, arrays, total, gradient)
        if again is not None:
            _again(kernel, parameters, arrays, total, gradient, *again)
        return
    totals, slots, start = total.reshape(-1), [v.reshape(-1, n) for v in gradient], 0
    for operands in _blocks(arrays, n, size):
        stop = start + len(operands[0])
        sums, places = totals[start:stop], [v[start:stop] for v in slots]
        again = run(kernel, operands, sums, places)
        if again is not None:
            _again(kernel, parameters, operands, sums, places, *again)
        start = stop


@cache
def _runner(numba: bool) -> Run:
    if not numba:
        return _run
    from kl_symbolic.numeric import compiled  # Numba takes long to import

    return compiled.run


def _contiguous(arrays: Sequence[Floats]) -> bool:
    for array in arrays:  # noqa: SIM110  # a generator would take twice the time
        if not array.flags.c_contiguous:
            return False
    return True


def _blocks(arrays: Sequence[Floats], n: int, size: int) -> Iterator[Sequence[Floats]]:
    """Yield contiguous matrices with the rows of the arrays in order, of about `size` numbers or one row each.

    Each sum is then the same whatever the layout of the arrays.
    """
    if arrays[0].ndim == 1 or _contiguous(arrays):
        arrays = [v.reshape(-1, n) for v in arrays]
    shape = arrays[0].shape
    inner = prod(shape[1:])
    if inner > size and len(shape) > MATRIX:
        for parts in zip(*arrays, strict=True):
            yield from _blocks(parts, n, size)
        return
    step = max(1, size // inner)
    for start in range(0, shape[0], step):
        yield [np.ascontiguousarray(v[start : start + step]).reshape(-1, n) for v in arrays]


def _run(kernel: Kernel, operands: Sequence[Floats], sums: Floats, gradient: Sequence[Floats]) -> Masks | None:
    shape = rows, n = operands[0].shape
    buffers = [np.empty(shape, sums.dtype) for _ in range(kernel.buffers)]
    # A sum of many float32 numbers would lose digits in float32.
    doubled = np.empty(rows, np.float64) if n > SHORT else sums
    with np.errstate(all="ignore"):
        beyond = kernel.fast(operands, buffers, gradient)
        _add(buffers[0].astype(doubled.dtype, copy=False), doubled)
        # The two quickest calls that tell: NaN counts as the least, and the sum of the squares bounds the largest.
        if beyond is None and doubled[doubled.argmin()] >= kernel.small * n and doubled.dot(doubled) <= LARGE**2:
            np.multiply(doubled, 0.5, sums)
            return None
        large = ~(doubled <= LARGE)
        if beyond is not None:
            large |= beyond
        again = large | (doubled < kernel.small * n)
        np.multiply(doubled, 0.5, sums)
    return again, large


def _add(terms: Floats, out: Floats) -> None:
    """Add up each row; NumPy adds fewer than eight in this order too, but calls its loop once for each row."""
    n = terms.shape[1]
    if n == 1:
        out[...] = terms[:, 0]
    elif n >= EIGHT:
        np.add.reduce(terms, axis=-1, out=out)
    else:
        np.add(terms[:, 0], terms[:, 1], out)
        for column in range(2, n):
            np.add(out, terms[:, column], out)


def _again(
    kernel: Kernel,
    parameters: Sequence[ArrayLike],
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
    named = dict(zip(kernel.parameters, parameters, strict=True))
    some = [v[which] for v in operands]
    if not all(are_parameters(name, v) for name, v in zip(named, some, strict=True)):
        as_parameters(**named)
    with np.errstate(all="ignore"):
        sums[which] = sum_over(-1, kernel.terms(*some))
        if gradient and which_gradient.any():
            right = kernel.derivatives(*(v[which_gradient] for v in operands))
            for place, derivative in zip(gradient, right, strict=True):
                place[which_gradient] = derivative
