"""Sum over an axis in blocks that stay in the processor's cache: fast terms first, accurate ones where they matter.

A pair of formulas goes in. The fast one gives twice each term, h(t) + delta^2 with h(t) = e^t - 1 - t and t the
logarithm of the ratio of the variances. Its error is at most one eps of |e^t - 1|, and a few of the term itself. For
|t| >= 1 that is below 4 eps of the term. Small t together cost at most sqrt(2 n/S) eps of a sum S of n doubled terms,
by Cauchy and h(t) = about t^2/2: below 12 eps where S >= n/64, if all errors were worst and of one sign. Rows with a
smaller sum, those so large that the rounding error of t counts, and those with NaN or an overflow are computed again
by the accurate formula.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric.inputs import Floats, as_floats, as_parameters, require_axis, sum_over

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

BLOCK = 1 << 17  # bytes of each buffer; the second-level cache holds several
SMALL = 1 / 64
LARGE = 1e5  # e^t below it: |t| < 11.6, whose rounding error costs less than 6 eps
SHORT = 128  # as many float32 terms NumPy adds in eight chains of at most 16: the sum loses a few eps at worst


MATRIX = 2  # dimensions
EIGHT = 8


class Fast(Protocol):
    """The fast formula."""

    def __call__(self, operands: list[Floats], buffers: list[Floats], /) -> NDArray[np.bool_] | None:
        """Write twice the terms into the first buffer; return a mask of rows that it cannot do, if there are any."""


def block_sums(
    fast: Fast, accurate: Callable[..., Floats], axis: int, out: Floats | None, **parameters: ArrayLike
) -> Floats:
    """Return the sums of the terms over one axis; the parameters' values are checked only if a sum is not finite.

    That is enough: an infinite parameter makes the sum infinite or NaN.

    Raises
    ------
    RequestError
        If a parameter is infinite, the shapes do not broadcast, there is no such axis, or `out` does not fit.
    """
    arrays = as_floats(**parameters)
    shape = arrays[0].shape
    same = [v.shape for v in arrays].count(shape) == len(arrays)
    if not same:
        shape = np.broadcast_shapes(*(v.shape for v in as_parameters(**parameters)))
    require_axis(axis, shape)
    axis %= len(shape)
    n, dtype = shape[axis], arrays[0].dtype
    left = shape[:axis] + shape[axis + 1 :]
    if out is not None:
        require_out(out, left, dtype)
    with np.errstate(all="ignore"):
        if n == 0 or 0 in left:
            total = sum_over(axis, accurate(*as_parameters(**parameters)))
        else:
            matrices = arrays if same and axis == 1 == len(left) else [_rows(v, shape, axis) for v in arrays]
            total, finite = _sums(fast, accurate, matrices, n)
            if not finite:
                as_parameters(**parameters)
            if len(left) != 1:
                total = total.reshape(left)
    if out is None:
        return total[()]
    out[...] = total
    return out


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


def _rows(array: Floats, shape: tuple[int, ...], axis: int) -> Floats:
    """Return a view as a matrix, one row for each sum; a copy only if more than two dimensions need it."""
    if array.shape != shape:
        array = np.broadcast_to(array, shape)
    if axis != len(shape) - 1:
        array = np.moveaxis(array, axis, -1)
    return array if len(shape) == MATRIX else array.reshape(-1, shape[axis])


def _sums(fast: Fast, accurate: Callable[..., Floats], matrices: list[Floats], n: int) -> tuple[Floats, bool]:
    """Return the sums of the rows and whether all are finite."""
    rows, dtype = len(matrices[0]), matrices[0].dtype
    step = min(rows, max(1, BLOCK // (n * dtype.itemsize)))
    long = n > SHORT and dtype != np.float64
    work = [np.empty((step, n), dtype) for _ in range(len(matrices) // 2 + 1)]
    doubled: Floats = np.empty(rows, np.float64 if long else dtype)
    # A buffer for each operand whose layout is not plain: then each sum is the same whatever the layout.
    plain = [v.flags.c_contiguous for v in matrices]
    copies = [] if all(plain) else [None if one else np.empty((step, n), dtype) for one in plain]
    beyond = []
    for start in range(0, rows, step):
        operands, buffers, sums = matrices, work, doubled
        if step < rows:
            stop = min(start + step, rows)
            operands, sums = [v[start:stop] for v in matrices], doubled[start:stop]
            buffers = [v[: stop - start] for v in work]
        if copies:
            operands = [_plain(v, copy) for v, copy in zip(operands, copies, strict=True)]
        apart = fast(operands, buffers)
        if apart is not None:
            beyond.append(start + np.flatnonzero(apart))
        _add(buffers[0].astype(np.float64) if long else buffers[0], sums)
    # The two quickest calls that tell: NaN counts as the least, and the sum of the squares bounds the largest.
    if not beyond and doubled[doubled.argmin()] >= SMALL * n and doubled.dot(doubled) <= LARGE**2:
        doubled *= 0.5
        return (doubled.astype(dtype) if long else doubled), True
    again = ~((doubled >= SMALL * n) & (doubled <= LARGE))
    for which in beyond:
        again[which] = True
    total = (0.5 * doubled).astype(dtype, copy=False)
    (indices,) = np.nonzero(again)
    for start in range(0, len(indices), step):
        which = indices[start : start + step]
        total[which] = sum_over(-1, accurate(*(v[which] for v in matrices)))
    return total, bool(np.isfinite(total).all())


def _add(terms: Floats, out: Floats) -> None:
    """Add up each row; NumPy adds fewer than eight in this order too, but calls its loop once for each row."""
    n = terms.shape[1]
    if n == 1 or n >= EIGHT:
        np.add.reduce(terms, axis=-1, out=out)
        return
    np.add(terms[:, 0], terms[:, 1], out)
    for column in range(2, n):
        np.add(out, terms[:, column], out)


def _plain(rows: Floats, buffer: Floats | None) -> Floats:
    if buffer is None:
        return rows
    copied = buffer[: len(rows)]
    np.copyto(copied, rows)
    return copied
