"""Read the arguments of the array functions: one dtype, one shape, and errors that name the argument and the value."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.arguments import given
from kl_symbolic.errors import RequestError, WrongTypeError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Floats: TypeAlias = NDArray[np.floating]

NUMBERS = (int, float, np.integer, np.floating)
MOST_DIMENSIONS = 32  # that NumPy broadcasts
FLOAT64, FLOAT32 = np.dtype(np.float64), np.dtype(np.float32)
EPS_BY_DTYPE = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
RESULT_DTYPES = tuple(EPS_BY_DTYPE)
HALF = RESULT_DTYPES[2:]  # their results are computed in float32


def read(arguments: Mapping[str, Any]) -> tuple[list[Floats], tuple[int, ...]]:
    """Return the arguments as arrays of one dtype, and their common shape.

    The dtype is float32 if NumPy's promotion says so or all arrays are in half precision, else float64. Python's own
    numbers do not promote: float32 arrays and the number 1.0 remain float32.

    Raises
    ------
    RequestError
        If an argument is not a dense array of real numbers, is masked, or is an integer beyond the range of float64; or
        if the shapes do not broadcast.

    Examples
    --------
    >>> read({"mu": [1, 2], "sigma": 1.0})
    ([array([1., 2.]), array(1.)], (2,))
    """
    values = list(arguments.values())
    first = values[0]
    # Most are arrays of one shape and dtype, and small ones would spend much of their time on more questions.
    if type(first) is np.ndarray and first.dtype in (FLOAT64, FLOAT32):
        dtype, shape = first.dtype, first.shape
        if all(type(v) is np.ndarray and v.dtype is dtype and v.shape == shape for v in values[1:]):
            return values, shape
    found = {name: v if isinstance(v, (int, float)) else as_array(name, v) for name, v in arguments.items()}
    kind = np.float32 if np.result_type(*map(_promoted, found.values())) == np.float32 else np.float64
    arrays = {name: _convert(name, value, kind) for name, value in found.items()}
    for name, array in arrays.items():
        if array.ndim > MOST_DIMENSIONS:
            raise RequestError(f"{name} must have at most {MOST_DIMENSIONS} dimensions; got {array.ndim}")
    return list(arrays.values()), broadcast_shape({name: array.shape for name, array in arrays.items()})


def name_of(dtype: object) -> str:
    """Return the name of a dtype of any library.

    >>> name_of(np.float32), name_of("f4"), name_of(float)
    ('float32', 'float32', 'float64')
    """
    try:
        return np.dtype(dtype).name  # type: ignore[call-overload, no-any-return]  # of whatever it is
    except TypeError:
        return str(dtype).rpartition(".")[2]


def common_shape(arguments: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the common shape of arguments of any library.

    >>> common_shape({"mu": [1, 2], "sigma": 1.0})
    (2,)
    """
    return broadcast_shape({name: tuple(np.shape(value)) for name, value in arguments.items()})


def broadcast_shape(shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """Return the common shape of arguments by name.

    Raises
    ------
    RequestError
        If there is none.

    Examples
    --------
    >>> broadcast_shape({"mu": (4, 1), "sigma": (3,)})
    (4, 3)
    """
    ndim = max([len(shape) for shape in shapes.values()]) if shapes else 0
    columns = zip(*((1,) * (ndim - len(shape)) + shape for shape in shapes.values()), strict=True)
    sizes = [{size for size in column if size != 1} or {1} for column in columns]
    if any(len(size) > 1 for size in sizes):
        given_ = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise RequestError(f"the shapes of the parameters do not broadcast: {given_}")
    return tuple(size.pop() for size in sizes)


def as_array(name: str, value: ArrayLike) -> NDArray[np.generic]:
    """Return an argument as an array, of whatever dtype of real numbers.

    Raises
    ------
    RequestError
        If it is not a dense array of real numbers, or is masked.
    """
    if _is_masked(value):
        raise RequestError(f"{name} must be an array without a mask; got a masked array: fill it, or drop entries")
    if dense := next((way for way in ("toarray", "todense", "to_dense") if hasattr(value, way)), None):
        kind = type(value)
        raise WrongTypeError(
            f"{name} must be a dense array; got {kind.__module__}.{kind.__qualname__}: call .{dense}()"
        )
    try:
        array = np.asarray(value)
    except ValueError:
        raise RequestError(f"{name} must be an array of real numbers; got nested lists of unequal lengths") from None
    is_array = isinstance(value, (list, tuple)) or hasattr(value, "dtype")
    if is_array and array.dtype == object:
        return _of_objects(name, array)
    if array.dtype.kind not in "biuf" and array.dtype.name not in HALF:
        got = f"the dtype {array.dtype}" if is_array else given(value)
        raise WrongTypeError(f"{name} must be an array of real numbers; got {got}")
    return array


def require(valid: NDArray[np.bool_], name: str, array: Floats, what: str, hint: str = "") -> None:
    """Raise `RequestError` with the first value of `array`, an argument by its name, that is not valid."""
    if not np.all(valid):
        index = tuple(int(i) for i in np.argwhere(~valid)[0])
        where = f" at index {index}" if index else ""
        rounded = " in float32" if array.dtype == np.float32 else ""  # where 1e-60 is 0 and 1e60 is infinite
        raise RequestError(f"{name} must be {what}; got {array[index]}{rounded}{where}{hint}")


def _is_masked(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_is_masked, value))
    return isinstance(value, np.ma.MaskedArray)


def _of_objects(name: str, array: NDArray[np.generic]) -> Floats:
    """Return an array of objects, such as a column of a table, as floats, if all of them are real numbers."""
    for index, value in np.ndenumerate(array):
        if not isinstance(value, (numbers.Real, Decimal)):
            raise WrongTypeError(
                f"{name} must be an array of real numbers; got the dtype object, with {given(value)} at index {index}:"
                " convert it by .astype(float)"
            )
    try:
        return array.astype(np.float64)
    except OverflowError:
        raise RequestError(f"{name} must lie within the range of float64; got an integer beyond it") from None


def _promoted(value: Any) -> Any:
    """Return a value whose dtype is that in which another is computed."""
    return np.float32(0) if hasattr(value, "dtype") and value.dtype.name in HALF else value


def _convert(name: str, value: ArrayLike, dtype: type[np.floating]) -> Floats:
    try:
        with np.errstate(over="ignore"):
            return np.asarray(value, dtype=dtype)
    except OverflowError:
        raise RequestError(f"{name} must lie within the range of {np.dtype(dtype)}; got an integer beyond it") from None
