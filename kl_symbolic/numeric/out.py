"""Arrays that are given to write results to."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product, starmap
from typing import Any

import numpy as np

from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.numeric.inputs import Floats

WRITEABLE = 0x400  # of the flags of an array, of which NumPy makes one number
MOST_WORK = 1 << 20  # steps of NumPy's search for memory that two arrays share: tens of milliseconds


def as_list(out: Any, count: int) -> list[Floats]:
    """Return the arrays of one result, or of a value and its derivatives, if `out` looks like what is returned.

    Raises
    ------
    WrongTypeError
        If it does not.
    """
    match out:
        case _ if count == 1:
            return [out]
        case (value, (*derivatives,)) if len(derivatives) == count - 1:
            return [value, *derivatives]
    raise WrongTypeError(
        f"out must be a pair, an array for the value and a tuple of {count - 1} arrays for the derivatives"
    )


def as_slots(given: Sequence[Floats], shapes: Sequence[tuple[int, ...]], dtype: np.dtype[np.floating]) -> list[Floats]:
    """Return plain views of arrays, as subclasses may mean something else by a shape or an index.

    Raises
    ------
    RequestError
        If one is not an array of its shape and of the dtype that can be written to, with a place of its own for each
        number.
    """
    slots = [_as_slot(one, shape, dtype) for one, shape in zip(given, shapes, strict=True)]
    if any(starmap(_overlap, combinations(slots, 2))):
        raise RequestError("the arrays of out must not share memory")
    return slots


def _as_slot(out: Floats, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Floats:
    if not isinstance(out, np.ndarray):
        raise WrongTypeError(f"out must be a NumPy array; got {type(out).__name__}")
    if isinstance(out, np.ma.MaskedArray):
        raise RequestError("out must be an array without a mask; got a masked array")
    slot: Floats = np.asarray(out)
    if slot.shape != shape:
        raise RequestError(f"out must have the shape of the result, {shape}; got {slot.shape}")
    if slot.dtype != dtype:
        raise RequestError(f"out must have the dtype of the result, {dtype}; got {slot.dtype}")
    if not slot.flags.num & WRITEABLE:  # `writeable` warns of the arrays of `numpy.broadcast_arrays`
        raise RequestError("out must be writeable; got a read-only array")
    if not slot.flags.c_contiguous and _overlaps_itself(slot):
        raise RequestError("out must have a place for each number; got an array that overlaps itself")
    return slot


def may_share(slots: Sequence[Floats], arguments: Sequence[object]) -> bool:
    """Whether an argument may change with a slot; what is neither a number nor an array may do anything."""
    arrays = [np.asarray(one) if isinstance(one, np.ndarray) else one for one in arguments]
    return any(
        not np.isscalar(one) and (not isinstance(one, np.ndarray) or np.may_share_memory(one, slot))
        for one, slot in product(arrays, slots)
    )


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
