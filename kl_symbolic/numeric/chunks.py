"""Programs on Dask arrays: those of NumPy, mapped over blocks when the result is computed.

Results have the same numbers, to the last bit, whatever the chunks: the axes that are summed over are gathered in one
chunk. Shapes and dtypes are checked at once, the values of arrays when they are computed: an error counts within a
block. Arguments are Dask arrays, NumPy arrays or numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from kl_symbolic.errors import WrongTypeError
from kl_symbolic.numeric.axes import NO_AXIS, AnyAxis, summed_axes
from kl_symbolic.numeric.inputs import NUMBERS, Floats, as_array, broadcast_shape, read
from kl_symbolic.numeric.libraries import namespace

Lazy: TypeAlias = Any  # a dask.array.Array, which publishes no types; among arguments also a NumPy array or a number


def mapped(
    function: Callable[[Mapping[str, Any], AnyAxis], Sequence[Floats]],
    arguments: Mapping[str, Lazy],
    axis: AnyAxis,
    elementwise: int = 0,
    wanted: Any = None,
) -> list[Lazy]:
    """Map a function over the blocks of its arguments.

    Parameters
    ----------
    function
        Takes arguments by name and the axes to sum over; returns an array that is summed over these, then some that are
        not.
    arguments
        The arguments by name, one of them a Dask array.
    axis
        What is summed over.
    elementwise
        How many results after the first there are.
    wanted
        Their dtype, if it is not that of the arguments.

    Raises
    ------
    RequestError
        If an argument is of another library or not real, the shapes do not broadcast, or there is no such axis.
    """
    da = _dask()
    numbers = {name: value for name, value in arguments.items() if isinstance(value, NUMBERS)}
    samples = {name: value if name in numbers else _one(name, value) for name, value in arguments.items()}
    dtype = np.dtype(read(samples)[0][0].dtype if wanted is None else wanted)
    arrays = {name: da.asarray(value) for name, value in arguments.items() if name not in numbers}
    shape = broadcast_shape({name: array.shape for name, array in arrays.items()})
    axes = summed_axes(axis, shape)
    if 0 in shape:  # of which Dask makes no blocks
        empty = {name: np.ones(v.shape, v.dtype) for name, v in arrays.items()}
        return [da.asarray(v) for v in function({name: empty.get(name, v) for name, v in arguments.items()}, axis)]
    core = ",".join(f"i{k}" for k in range(len(axes)))

    def of_block(*blocks: Floats) -> Any:
        given = numbers | dict(zip(arrays, blocks, strict=True))
        # The axes of blocks that are summed over are the last.
        last = tuple(range(-len(axes), 0)) if axis is not NO_AXIS else NO_AXIS
        found = function({name: given[name] for name in arguments}, last)
        return tuple(found) if elementwise else found[0]

    found = da.apply_gufunc(
        of_block,
        ",".join(f"({core})" for _ in arrays) + "->()" + f",({core})" * elementwise,
        *da.broadcast_arrays(*arrays.values()),
        output_dtypes=[dtype] * (1 + elementwise) if elementwise else dtype,
        axes=[axes] * len(arrays) + [()] + [axes] * elementwise,
        allow_rechunk=True,
    )
    return list(found) if elementwise else [found]


def reduced(function: Callable[..., Any], number: Lazy, array: Lazy, **options: Any) -> Lazy:
    """Return what a function makes of a number and a whole array: one number, in the dtype of both."""
    da = _dask()
    first, whole = da.asarray(number), da.asarray(array)
    whole = whole.rechunk(-1) if whole.ndim else whole
    dtype = read({name: _one(name, v) for name, v in (("number", number), ("array", array))})[0][0].dtype
    return da.blockwise(
        function, (), first, (), whole, tuple(range(whole.ndim)), concatenate=True, dtype=dtype, **options
    )


def _one(name: str, value: Lazy) -> Floats:
    """Return the number 1 in the dtype of an array.

    Raises
    ------
    WrongTypeError
        If it is of another library than NumPy and Dask.
    """
    library = namespace(value)
    if library is not None and "dask" not in library.__name__:
        kind = type(value)
        raise WrongTypeError(
            f"{name} must be a Dask or NumPy array or a number, as another argument is a Dask array;"
            f" got {kind.__module__}.{kind.__qualname__}"
        )
    return np.ones((), value.dtype if hasattr(value, "dtype") else as_array(name, value).dtype)


def _dask() -> Any:
    """Return dask.array, which publishes no types."""
    import dask.array

    return dask.array
