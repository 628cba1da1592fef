"""What a kernel is asked for: its parameters, the axis, and where the result goes."""

from __future__ import annotations

from contextvars import Context
from dataclasses import dataclass
from enum import Enum
from itertools import combinations, product, starmap
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.numeric.blocks import contiguous, fill, terms_at_once
from kl_symbolic.numeric.inputs import NUMBERS, WRITEABLE, Floats, broadcastable, plain, require_axis
from kl_symbolic.numeric.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

ValueAndGradient: TypeAlias = "tuple[Floats, tuple[Floats, ...]]"

# Numbers, of which a copy takes no time. `memcpy` of 32 kB takes ten times as long as otherwise on Zen 3 where the two
# places are a few bytes more than pages apart (glibc bug 30994), as those of two new arrays often are.
FEW = 1 << 9
LARGE = 1 << 18  # bytes of a new array that begins a line of the cache
LINE = 64  # bytes of such a line, as `intrinsics` says, which needs Numba
MOST_WORK = 1 << 20  # steps of NumPy's search for memory that two arrays share: tens of milliseconds

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
        slots = [as_slot(out, shape, dtype)]
        (total,) = places = self._places(slots)
        self._fill(arrays, total, ())
        _hand_over(places, slots)
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
        slot, whole = as_slot(value, shape, dtype), self._axis_back(arrays[0]).shape
        slots = [*(self._axis_forth(as_slot(v, whole, dtype)) for v in derivatives), slot]
        own = {id(v) for v in slots if v.flags.owndata}  # small arrays have no time for all pairs
        if len(own) < len(slots) and any(starmap(_overlap, combinations(slots, 2))):
            raise RequestError("the arrays of out must not share memory")
        *gradient, total = places = self._places(slots)
        self._fill(arrays, total, gradient)
        _hand_over(places, slots)
        return out

    def _fill(self, arrays: Sequence[Floats], total: Floats, gradient: Sequence[Floats]) -> None:
        QUIET.copy().run(fill, self.kernel, self.check, arrays, total, gradient)

    def _places(self, slots: Sequence[Floats]) -> Sequence[Floats]:
        """Return where to write: `slots` themselves if they are contiguous and no parameter may be there.

        A parameter is needed again, as it was given, where it is not valid.
        """
        if slots[0].size > FEW and contiguous(slots) and not any(starmap(_may_hold, product(self.parameters, slots))):
            return slots
        return [_empty(v.shape, v.dtype) for v in slots]

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


def _may_hold(parameter: ArrayLike, slot: Floats) -> bool:
    """Return whether a parameter may change with an array; what is neither a number nor an array may do anything."""
    if isinstance(parameter, np.ndarray):
        return np.may_share_memory(np.asarray(parameter), slot)
    return not isinstance(parameter, NUMBERS)


def _hand_over(places: Sequence[Floats], slots: Sequence[Floats]) -> None:
    """Copy what was written elsewhere to where it belongs."""
    if places is not slots:
        for slot, found in zip(slots, places, strict=True):
            slot[...] = found


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
    raise WrongTypeError(
        f"out must be a pair, an array for the value and a tuple of {count} arrays for the derivatives"
    )


def as_slot(out: Floats, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Floats:
    """Return a plain view of an array, as subclasses may mean something else by a shape or an index.

    Raises
    ------
    RequestError
        If `out` is not an array of this shape and dtype that can be written to, with a place for each number.
    """
    if not isinstance(out, np.ndarray):
        raise WrongTypeError(f"out must be a NumPy array; got {type(out).__name__}")
    if isinstance(out, np.ma.MaskedArray):
        raise RequestError("out must be an array without a mask; got a masked array")
    slot: Floats = np.asarray(out)
    if slot.shape != shape:
        raise RequestError(f"out must have the shape of the result, {shape}; got {slot.shape}")
    if slot.dtype != dtype:
        raise RequestError(f"out must have the dtype of the result, {dtype}; got {slot.dtype}")
    if not slot.flags.num & WRITEABLE:
        raise RequestError("out must be writeable; got a read-only array")
    if not slot.flags.c_contiguous and _overlaps_itself(slot):
        raise RequestError("out must have a place for each number; got an array that overlaps itself")
    return slot


def _overlaps_itself(array: Floats) -> bool:
    """Return whether two numbers of an array share memory.

    Where two do, so do all others that are as far apart along each axis. So it is enough to look at index 0 of the axes
    on which the two agree, and of the first on which they differ.
    """
    if not array.ndim:
        return False
    first = array[0, ...]
    return _overlap(first, array[1:]) or _overlaps_itself(first)


def _overlap(array: Floats, other: Floats) -> bool:
    """Return whether two arrays share memory, or are so odd that it would take long to know."""
    return np.may_share_memory(array, other, MOST_WORK)  # type: ignore[arg-type]  # NumPy's stubs know only 0 and -1
