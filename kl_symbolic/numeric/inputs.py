"""Read the arguments of the array kernels: one dtype, one shape, and errors that name the argument and the value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.arguments import given
from kl_symbolic.errors import RequestError, WrongTypeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

Floats: TypeAlias = NDArray[np.floating]

NUMBERS = (int, float, np.integer, np.floating)
MOST_DIMENSIONS = 32  # that NumPy broadcasts
FLOAT64, FLOAT32 = np.dtype(np.float64), np.dtype(np.float32)
C_CONTIGUOUS, ALIGNED, WRITEABLE = 0x1, 0x100, 0x400  # of the flags of an array, of which NumPy makes one number
WARNS = 0x80000000  # the one of `numpy.broadcast_arrays`, of whose arrays NumPy warns where they may be written to


def plain(values: Sequence[ArrayLike]) -> Sequence[Floats] | None:
    """Return the arguments if they are arrays of one shape and one dtype that the kernels compute in, else None.

    Most are, and small ones would spend much of their time on more questions.
    """
    first = values[0]
    if type(first) is not np.ndarray:
        return None
    dtype, shape = first.dtype, first.shape
    if dtype is not FLOAT64 and dtype is not FLOAT32:
        return None
    for value in values[1:]:
        if type(value) is not np.ndarray or value.dtype is not dtype or value.shape != shape:
            return None
    return values  # type: ignore[return-value]  # as the lines above say


def as_floats(**arguments: ArrayLike) -> list[Floats]:
    """Return the arguments as arrays of one dtype: float32 if NumPy's promotion says so, else float64.

    Python's own numbers do not promote: float32 arrays and the number 1.0 remain float32.

    Raises
    ------
    RequestError
        If an argument is not an array of real numbers, is masked, or is an integer beyond the range of float64.
    """
    given = {
        name: value if isinstance(value, (int, float)) else as_array(name, value) for name, value in arguments.items()
    }
    kind = np.float32 if np.result_type(*given.values()) == np.float32 else np.float64
    return [_convert(name, value, kind) for name, value in given.items()]


def broadcastable(**arguments: ArrayLike) -> list[Floats]:
    """Return the arguments as `as_floats` does, after a check that their shapes broadcast.

    Raises
    ------
    RequestError
        If the shapes do not broadcast.
    """
    arrays = as_floats(**arguments)
    for name, array in zip(arguments, arrays, strict=True):
        if array.ndim > MOST_DIMENSIONS:
            raise RequestError(f"{name} must have at most {MOST_DIMENSIONS} dimensions; got {array.ndim}")
    broadcast_shape(**{name: array.shape for name, array in zip(arguments, arrays, strict=True)})
    return arrays


def broadcast_shape(**shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the common shape.

    Raises
    ------
    RequestError
        If there is none.
    """
    ndim = max(map(len, shapes.values()))
    columns = zip(*((1,) * (ndim - len(shape)) + shape for shape in shapes.values()), strict=True)
    sizes = [{size for size in column if size != 1} or {1} for column in columns]
    if any(len(size) > 1 for size in sizes):
        given = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise RequestError(f"the shapes of the parameters do not broadcast: {given}")
    return tuple(size.pop() for size in sizes)


def as_parameters(**arguments: ArrayLike) -> list[Floats]:
    """Return the arguments as `broadcastable` does, after a check that they are parameters of laws.

    Parameters
    ----------
    **arguments
        Parameters by name; a name that begins with ``sigma`` says that the values must be positive. NaN passes.

    Raises
    ------
    RequestError
        If a value is infinite, a sigma is zero or negative, or the shapes do not broadcast.
    """
    arrays = as_floats(**arguments)
    for name, array in zip(arguments, arrays, strict=True):
        require(~np.isinf(array), name, array, "finite")
        if name.startswith("sigma"):
            require(~(array <= 0), name, array, "positive")
    return broadcastable(**arguments)


def sum_over(axis: int, terms: Floats) -> Floats:
    """Sum non-negative terms over one axis, to a few units in the last place and independently of the memory layout."""
    # NumPy adds pairwise only along the axis that is contiguous. Any other order loses digits as the axis grows,
    # and float32 would lose some even so.
    rows = np.ascontiguousarray(np.moveaxis(terms, axis, -1))
    total: Floats = rows.astype(np.float64, copy=False).sum(axis=-1)
    return total.astype(terms.dtype)[()]


def require_axis(axis: int, shape: tuple[int, ...]) -> None:
    """Check that the common shape of the parameters has an axis.

    Raises
    ------
    RequestError
        If there is no such axis.
    """
    if not isinstance(axis, (int, np.integer)) or isinstance(axis, bool):
        raise WrongTypeError(f"axis must be an integer; got {given(axis)}")
    if not -len(shape) <= axis < len(shape):
        hint = "" if shape else "; single numbers have no axis"
        raise RequestError(f"axis must be one of the axes of the parameters; got {axis} for the shape {shape}{hint}")


def as_weight(beta: object) -> float:
    """Return the weight of a divergence.

    Raises
    ------
    RequestError
        If it is not a finite number >= 0.
    """
    if not isinstance(beta, NUMBERS):
        raise WrongTypeError(f"beta must be a finite number >= 0; got {given(beta)}")
    try:
        weight = float(beta)
    except OverflowError:
        weight = math.inf if beta > 0 else -math.inf
    if not 0 <= weight < math.inf:
        raise RequestError(f"beta must be a finite number >= 0; got {weight}")
    return weight


def as_array(name: str, value: ArrayLike) -> NDArray[np.generic]:
    """Return an argument as an array, of whatever dtype of real numbers.

    Raises
    ------
    RequestError
        If it is not an array of real numbers, or is masked.
    """
    if _is_masked(value):
        raise RequestError(f"{name} must be an array without a mask; got a masked array: fill it, or drop entries")
    try:
        array = np.asarray(value)
    except ValueError:
        raise RequestError(f"{name} must be an array of real numbers; got nested lists of unequal lengths") from None
    if array.dtype.kind not in "biuf":
        is_array = isinstance(value, (list, tuple)) or hasattr(value, "dtype")
        got = f"the dtype {array.dtype}" if is_array else given(value)
        raise WrongTypeError(f"{name} must be an array of real numbers; got {got}")
    return array


def _is_masked(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_is_masked, value))
    return isinstance(value, np.ma.MaskedArray)


def _convert(name: str, value: ArrayLike, dtype: type[np.floating]) -> Floats:
    try:
        with np.errstate(over="ignore"):
            return np.asarray(value, dtype=dtype)
    except OverflowError:
        raise RequestError(f"{name} must lie within the range of {np.dtype(dtype)}; got an integer beyond it") from None


def require(valid: NDArray[np.bool_], name: str, array: Floats, what: str) -> None:
    """Raise `RequestError` with the first value of `array`, an argument by its name, that is not valid."""
    if not np.all(valid):
        index = tuple(int(i) for i in np.argwhere(~valid)[0])
        where = f" at index {index}" if index else ""
        rounded = " in float32" if array.dtype == np.float32 else ""  # where 1e-60 is 0 and 1e60 is infinite
        raise RequestError(f"{name} must be {what}; got {array[index]}{rounded}{where}")
