"""The axes that are summed over, and matrices whose rows are summed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from math import prod
from typing import Any, TypeAlias

import numpy as np

from kl_symbolic.arguments import given
from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.numeric.inputs import Floats


class Elementwise(Enum):
    """What is no axis."""

    NO_AXIS = "nothing is summed"


NO_AXIS = Elementwise.NO_AXIS
Axis: TypeAlias = int | tuple[int, ...] | None
AnyAxis: TypeAlias = Axis | Elementwise


def summed_axes(axis: AnyAxis, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the axes of a shape that are summed over, counted from the front and in order.

    Parameters
    ----------
    axis
        One axis, several, or None for all.
    shape
        The common shape of the parameters.

    Raises
    ------
    RequestError
        If there is no such axis, or it is given twice.

    Examples
    --------
    >>> summed_axes(-1, (2, 3)), summed_axes((-1, 0), (2, 3)), summed_axes(None, (2, 3)), summed_axes(NO_AXIS, (2, 3))
    ((1,), (0, 1), (0, 1), ())
    """
    if axis is NO_AXIS:
        return ()
    if axis is None:
        return tuple(range(len(shape)))
    if type(axis) is int and axis == -1 and shape:  # most are, and small arrays have no time for more questions
        return (len(shape) - 1,)
    several = axis if isinstance(axis, tuple) else (axis,)
    for one in several:
        if not isinstance(one, (int, np.integer)) or isinstance(one, bool):
            raise WrongTypeError(f"axis must be an integer, a tuple of integers, or None; got {given(axis)}")
        if not -len(shape) <= one < len(shape):
            hint = "" if shape else "; single numbers have no axis"
            raise RequestError(
                f"axis must be one of the axes of the parameters; got {axis} for the shape {shape}{hint}"
            )
    found = sorted(int(one) % len(shape) for one in several)
    if len(set(found)) < len(found):
        raise RequestError(f"axis must have no axis twice; got {axis} for the shape {shape}")
    return tuple(found)


def without(axes: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the sums.

    >>> without((1,), (2, 3, 4))
    (2, 4)
    """
    return tuple([size for place, size in enumerate(shape) if place not in axes])


def last(array: Any, axes: tuple[int, ...]) -> Any:
    """Return a view of a NumPy array whose last axes are those that are summed over."""
    return array if _are_last(axes, array.ndim) else array.transpose(_order(axes, array.ndim))


def back(array: Floats, axes: tuple[int, ...]) -> Floats:
    """Return the view of which `last` makes this array."""
    return array if _are_last(axes, array.ndim) else array.transpose(np.argsort(_order(axes, array.ndim)))


def _are_last(axes: tuple[int, ...], ndim: int) -> bool:
    return not axes or axes[0] == ndim - len(axes)  # they are in order


def _order(axes: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    return (*without(axes, tuple(range(ndim))), *axes)


def blocks(arrays: Sequence[Floats], width: int, size: int) -> Iterator[list[Floats]]:
    """Yield contiguous matrices with the rows of the arrays in order, of about `size` numbers or one row.

    Parameters
    ----------
    arrays
        Arrays of one shape, at least two dimensions, whose last axes are a row.
    width
        How many numbers a row has.
    size
        How many numbers a block should have.

    Examples
    --------
    >>> [block.tolist() for (block,) in blocks([np.arange(6.0).reshape(3, 2)], 2, 4)]
    [[[0.0, 1.0], [2.0, 3.0]], [[4.0, 5.0]]]
    """
    shape = arrays[0].shape
    if arrays[0].size <= size and all(map(_is_plain, arrays)):
        yield [v.reshape(-1, width) for v in arrays]
        return
    inner = prod(shape[1:])
    if inner > max(size, width):
        for parts in zip(*arrays, strict=True):
            yield from blocks(parts, width, size)
        return
    step = max(1, size // inner)
    for start in range(0, shape[0], step):
        some = [v[start : start + step] for v in arrays]
        yield [(v if _is_plain(v) else v.copy()).reshape(-1, width) for v in some]


def _is_plain(array: Floats) -> bool:
    flags = array.flags
    return flags.c_contiguous and flags.aligned
