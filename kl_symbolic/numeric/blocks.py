"""Sum over an axis in blocks that stay in the processor's cache: fast terms first, accurate ones where they matter.

A kernel brings fast formulas and accurate ones. The fast formula of the normal laws gives twice each term,
h(t) + delta^2 with h(t) = e^t - 1 - t and t the logarithm of the ratio of the variances. Its error is at most one eps
of |e^t - 1|, and a few of the term itself. For |t| >= 1 that is below 4 eps of the term. Small t together cost at most
sqrt(2 n/S) eps of a sum S of n doubled terms, by Cauchy and h(t) = about t^2/2: below 12 eps where S >= n/64, if all
errors were worst and of one sign. Rows with a smaller sum, those so large that the rounding error of t counts, and
those with NaN or an overflow are computed again by the accurate formula. Where Numba is installed, compiled formulas
that need no second look at small sums take the place of the fast ones.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.util import find_spec
from math import prod
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

import numpy as np

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric.inputs import (
    Floats,
    broadcastable,
    plain,
    require_axis,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

NUMBA = find_spec("numba") is not None and os.environ.get("KL_SYMBOLIC_NUMBA") != "0"

BLOCK = 1 << 17  # bytes of each buffer; the second-level cache holds several
BLOCK_OF_NUMBA = 1 << 23  # bytes of each copy that is made for a call, and its threads share
LARGE = 1e5  # e^t below it: |t| < 11.6, whose rounding error costs less than 6 eps
SHORT = 128  # as many float32 terms NumPy adds in eight chains of at most 16: the sum loses a few eps at worst
EIGHT = 8
MATRIX = 2  # dimensions
FEW = 1 << 12  # sums, of which a copy takes no time
HALF = {"f": np.array(0.5, np.float32), "d": np.array(0.5)}  # as arrays, which NumPy multiplies by at once


ValueAndGradient: TypeAlias = "tuple[Floats, tuple[Floats, ...]]"
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
    check: Callable[..., object]  # of the axis and the parameters by name; raises RequestError
    small: Callable[[int], float]  # of the number of terms: fast sums of twice the terms are good from here on
    buffers: int
    fast: Fast
    sums: Callable[..., Floats]
    derivatives: Callable[..., tuple[Floats, ...]] | None = None


class Axis(Enum):
    """An axis that is none of an array's own."""

    NEW = "one more, of length 1: the sums are the terms"


class Call(NamedTuple):
    """A kernel and what it is asked for: sums over one axis of its parameters."""

    kernel: Kernel
    parameters: Sequence[ArrayLike]
    axis: int | Axis

    def check(self) -> None:
        """Raise `RequestError` if a parameter is not valid."""
        self.kernel.check(self.axis, **dict(zip(self.kernel.parameters, self.parameters, strict=True)))

    def value(self, out: Floats | None) -> Floats:
        """Return the sums.

        Raises
        ------
        RequestError
            If a parameter is not valid, the shapes do not broadcast, there is no such axis, or `out` does not fit.
        """
        arrays = self._axis_last()
        shape, dtype = arrays[0].shape[:-1], arrays[0].dtype
        if out is not None:
            require_out(out, shape, dtype)
        total: Floats = np.empty(shape, dtype)
        _fill(self, arrays, total, ())
        if out is None:
            return total if shape else total[()]
        out[...] = total  # at last, for it may be a parameter
        return out

    def value_and_gradient(self, out: ValueAndGradient | None) -> ValueAndGradient:
        """Return the sums, and arrays of the derivatives by each parameter in the broadcast shape.

        Raises
        ------
        RequestError
            If a parameter is not valid, the shapes do not broadcast, there is no such axis, or `out` does not fit.
        """
        arrays = self._axis_last()
        shape, dtype = arrays[0].shape, arrays[0].dtype
        total: Floats = np.empty(shape[:-1], dtype)
        if out is None:
            gradient = tuple([np.empty(shape, dtype) for _ in arrays])
            _fill(self, arrays, total, gradient)
            return total[()], gradient if self.axis == -1 else tuple(self._axis_back(v)[()] for v in gradient)
        value, derivatives = _pair(out, len(arrays))
        require_out(value, shape[:-1], dtype)
        whole = self._axis_back(arrays[0]).shape
        for place in derivatives:
            require_out(place, whole, dtype)
        # Straight to their places, if these are contiguous and no parameter is there, which may be needed again.
        places = [self._axis_forth(v) for v in derivatives]
        direct = total.size > FEW and _contiguous(places)
        direct = direct and not any(np.may_share_memory(v, w) for v in places for w in arrays)
        gradient = tuple(places) if direct else tuple([np.empty(shape, dtype) for _ in arrays])
        _fill(self, arrays, total, gradient)
        value[...] = total
        if not direct:
            for place, found in zip(places, gradient, strict=True):
                place[...] = found
        return out

    def _axis_forth(self, array: Floats) -> Floats:
        """Return a view whose last axis is the one to sum over."""
        if self.axis == -1:
            return array
        return array[..., None] if self.axis is Axis.NEW else np.moveaxis(array, self.axis, -1)

    def _axis_back(self, array: Floats) -> Floats:
        """Return the view of which `_axis_forth` makes this array."""
        if self.axis == -1:
            return array
        return array[..., 0] if self.axis is Axis.NEW else np.moveaxis(array, -1, self.axis)

    def _axis_last(self) -> Sequence[Floats]:
        """Return views of one shape, whose last axis is the one to sum over; their values are not looked at."""
        arrays, axis = plain(self.parameters), self.axis
        if arrays is None:
            given = broadcastable(**dict(zip(self.kernel.parameters, self.parameters, strict=True)))
            shape = np.broadcast_shapes(*(v.shape for v in given))
            arrays = [v if v.shape == shape else np.broadcast_to(v, shape) for v in given]
        if axis is not Axis.NEW and (type(axis) is not int or axis != -1 or not arrays[0].ndim):
            require_axis(axis, arrays[0].shape)
        return arrays if axis == -1 else [self._axis_forth(v) for v in arrays]


def _pair(out: ValueAndGradient, count: int) -> ValueAndGradient:
    """Return `out` if it looks like what `value_and_gradient` returns."""
    match out:
        case (value, (*derivatives,)) if len(derivatives) == count:
            return value, tuple(derivatives)
    raise RequestError(f"out must be a pair, an array for the value and a tuple of {count} arrays for the derivatives")


def require_out(out: Floats, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> None:
    """Check that a result fits into an array.

    Raises
    ------
    RequestError
        If `out` is not an array of this shape and dtype that can be written to.
    """
    if not isinstance(out, np.ndarray):
        raise RequestError(f"out must be a NumPy array; got {type(out).__name__}")
    if isinstance(out, np.ma.MaskedArray):
        raise RequestError("out must be an array without a mask; got a masked array")
    if out.shape != shape:
        raise RequestError(f"out must have the shape of the result, {shape}; got {out.shape}")
    if out.dtype != dtype:
        raise RequestError(f"out must have the dtype of the result, {dtype}; got {out.dtype}")
    if not out.flags.writeable:
        raise RequestError("out must be writeable; got a read-only array")


def _fill(call: Call, arrays: Sequence[Floats], total: Floats, gradient: Sequence[Floats]) -> None:
    """Write sums, and derivatives if there are arrays for them, row by row."""
    n = arrays[0].shape[-1]
    if not total.size or not n:
        call.check()
        total[...] = 0
        return
    run = _runner(NUMBA)
    size = (BLOCK_OF_NUMBA if NUMBA else BLOCK) // total.itemsize or 1
    # Small arrays have no time for more, and compiled functions need no blocks but for copies.
    if (NUMBA or arrays[0].size <= size) and _contiguous(arrays):
        if total.ndim != 1:
            arrays, gradient = ([v.reshape(-1, n) for v in some] for some in (arrays, gradient))
            total = total.reshape(-1)
        again = run(call.kernel, arrays, total, gradient)
        if again is not None:
            _again(call, arrays, total, gradient, *again)
        return
    totals, slots, start = total.reshape(-1), [v.reshape(-1, n) for v in gradient], 0
    for operands in _blocks(arrays, n, size):
        stop = start + len(operands[0])
        sums, places = totals[start:stop], [v[start:stop] for v in slots]
        again = run(call.kernel, operands, sums, places)
        if again is not None:
            _again(call, operands, sums, places, *again)
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
    small, doubled = kernel.small(n), sums
    buffers = [np.empty(shape, sums.dtype) for _ in range(kernel.buffers)]
    with np.errstate(all="ignore"):
        beyond = kernel.fast(operands, buffers, gradient)
        terms = buffers[0]
        if n > SHORT:  # a sum of many float32 numbers would lose digits in float32
            doubled, terms = np.empty(rows, np.float64), terms.astype(np.float64, copy=False)
        add_rows(terms, doubled)
        # The two quickest calls that tell: NaN counts as the least, and the sum of the squares bounds the largest.
        if beyond is None and doubled.item(doubled.argmin()) >= small and doubled.dot(doubled) <= LARGE**2:
            np.multiply(doubled, HALF[doubled.dtype.char], sums)
            return None
        large = ~(doubled <= LARGE)
        if beyond is not None:
            large |= beyond
        again = large | (doubled < small)
        np.multiply(doubled, HALF[doubled.dtype.char], sums)
    return again, large


def add_rows(terms: Floats, out: Floats) -> None:
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
    call: Call,
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
    kernel, (rows,) = call.kernel, np.nonzero(which)
    step = BLOCK // (operands[0].shape[1] * sums.itemsize) or 1
    for start in range(0, len(rows), step):
        some = [v[rows[start : start + step]] for v in operands]
        try:
            kernel.check(-1, **dict(zip(kernel.parameters, some, strict=True)))
        except RequestError:
            call.check()  # it names the place in the parameters as they were given
        with np.errstate(all="ignore"):
            sums[rows[start : start + step]] = kernel.sums(*some)
    if not gradient or kernel.derivatives is None:
        return
    (rows,) = np.nonzero(which_gradient)
    for start in range(0, len(rows), step):
        chosen = rows[start : start + step]
        with np.errstate(all="ignore"):
            right = kernel.derivatives(*(v[chosen] for v in operands))
        for place, derivative in zip(gradient, right, strict=True):
            place[chosen] = derivative
