"""What a kernel is asked for: its parameters, the axis, and where the result goes."""

from __future__ import annotations

from contextvars import Context
from dataclasses import dataclass
from enum import Enum
from itertools import product, starmap
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric.blocks import Kernel, contiguous, fill, terms_at_once
from kl_symbolic.numeric.inputs import Floats, broadcastable, plain, require_axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

ValueAndGradient: TypeAlias = "tuple[Floats, tuple[Floats, ...]]"

# Numbers, of which a copy takes no time. `memcpy` of 32 kB takes ten times as long as otherwise on Zen 3 where the two
# places are a few bytes more than pages apart (glibc bug 30994), as those of two new arrays often are.
FEW = 1 << 9
LARGE = 1 << 18  # bytes of a new array that begins a line of the cache
LINE = 64  # bytes of such a line, as `intrinsics` says, which needs Numba

# Where NumPy does not warn: what overflows shows it. A copy of it costs a tenth of what `numpy.errstate` does.
QUIET = Context()
QUIET.run(np.seterr, all="ignore")


class Axis(Enum):
    """What is no axis."""

    NONE = "none: the terms are the results"


@dataclass(slots=True)
class Call:
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
        shape, dtype = self._shape(arrays), arrays[0].dtype
        if out is None:
            if self.axis is Axis.NONE:
                terms = QUIET.copy().run(terms_at_once, self.kernel, arrays)
                if terms is not None:
                    return terms
            total: Floats = np.empty(shape, dtype)
            self._fill(arrays, total, ())
            return total if shape else total[()]
        require_out(out, shape, dtype)
        (total,) = _places([out], arrays)
        self._fill(arrays, total, ())
        if total is not out:
            out[...] = total
        return out

    def value_and_gradient(self, out: ValueAndGradient | None) -> ValueAndGradient:
        """Return the sums, and arrays of the derivatives by each parameter in the broadcast shape.

        Raises
        ------
        RequestError
            If a parameter is not valid, the shapes do not broadcast, there is no such axis, or `out` does not fit.
        """
        arrays = self._axis_last()
        shape, dtype = self._shape(arrays), arrays[0].dtype
        if out is None:
            total = _empty(shape, dtype)
            new = tuple([_empty(v.shape, dtype) for v in arrays])
            self._fill(arrays, total, new)
            if not (self.axis == -1 or (shape and self.axis is Axis.NONE)):  # small arrays have no time for views
                new = tuple([self._axis_back(v)[()] for v in new])
            return total if shape else total[()], new
        value, derivatives = _pair(out, len(arrays))
        require_out(value, shape, dtype)
        whole = self._axis_back(arrays[0]).shape
        for derivative in derivatives:
            require_out(derivative, whole, dtype)
        slots = [*map(self._axis_forth, derivatives), value]
        *gradient, total = places = _places(slots, arrays)
        self._fill(arrays, total, gradient)
        if places is not slots:
            for slot, found in zip(slots, places, strict=True):
                slot[...] = found
        return out

    def _fill(self, arrays: Sequence[Floats], total: Floats, gradient: Sequence[Floats]) -> None:
        QUIET.copy().run(fill, self.kernel, self.check, arrays, total, gradient)

    def _shape(self, arrays: Sequence[Floats]) -> tuple[int, ...]:
        """Return the shape of the sums."""
        return arrays[0].shape if self.axis is Axis.NONE else arrays[0].shape[:-1]

    def _axis_forth(self, array: Floats) -> Floats:
        """Return a view whose last axis is the one to sum over, if there is one."""
        return array if self.axis == -1 or self.axis is Axis.NONE else np.moveaxis(array, self.axis, -1)

    def _axis_back(self, array: Floats) -> Floats:
        """Return the view of which `_axis_forth` makes this array."""
        return array if self.axis == -1 or self.axis is Axis.NONE else np.moveaxis(array, -1, self.axis)

    def _axis_last(self) -> Sequence[Floats]:
        """Return views of one shape, the axis to sum over the last; their values are not looked at."""
        arrays, axis = plain(self.parameters), self.axis
        if arrays is None:
            given = broadcastable(**dict(zip(self.kernel.parameters, self.parameters, strict=True)))
            shape = np.broadcast_shapes(*(v.shape for v in given))
            arrays = [v if v.shape == shape else np.broadcast_to(v, shape) for v in given]
        if axis is Axis.NONE:
            return arrays
        if type(axis) is not int or axis != -1 or not arrays[0].ndim:
            require_axis(axis, arrays[0].shape)
        return arrays if axis == -1 else [self._axis_forth(v) for v in arrays]


def _places(out: Sequence[Floats], arrays: Sequence[Floats]) -> Sequence[Floats]:
    """Return where to write: `out` itself if it is contiguous and no parameter is there, which may be needed again."""
    if out[0].size > FEW and contiguous(out) and not any(starmap(np.may_share_memory, product(out, arrays))):
        return out
    return [_empty(v.shape, v.dtype) for v in out]


def _empty(shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Floats:
    """Return a new array, which begins a line of the cache if it is large: compiled functions are faster then."""
    size = prod(shape)
    if size * dtype.itemsize <= LARGE:
        return np.empty(shape, dtype)
    space: Floats = np.empty(size + LINE // dtype.itemsize, dtype)
    begin = -space.ctypes.data % LINE // dtype.itemsize
    return space[begin : begin + size].reshape(shape)


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
