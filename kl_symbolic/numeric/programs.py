"""Programs on the arrays that people have: numbers, NumPy, torch, JAX, Dask; checked, broadcast, summed.

A program comes from `kl_symbolic.code`; nothing here knows what it computes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from kl_symbolic.code.arrays import Interpreter
from kl_symbolic.code.float_interval import FloatInterval
from kl_symbolic.code.program import Program
from kl_symbolic.code.running import Running
from kl_symbolic.errors import RequestError
from kl_symbolic.functions import Domain
from kl_symbolic.numeric import tensor_inputs
from kl_symbolic.numeric.inputs import FLOAT64, NUMBERS, Floats, broadcast_shape, broadcastable, require, sum_over
from kl_symbolic.numeric.libraries import namespace

Array: TypeAlias = Any
Results: TypeAlias = tuple[Array, ...]


class ParameterSpace(NamedTuple):
    """Where a parameter lies.

    Parameters
    ----------
    domain
        Its domain.
    edge
        Whether the end of a positive domain belongs to it, too: 0.
    above
        What else it lies above: a number, or the name of another parameter.
    """

    domain: Domain
    edge: bool = False
    above: float | str | None = None

    @property
    def words(self) -> str:
        """Where it lies, in words."""
        return f"{self.domain.words} or 0" if self.edge else self.domain.words


Spaces: TypeAlias = Mapping[str, ParameterSpace]
FREE = ParameterSpace(Domain.REAL)
NOT_VECTORS = "the parameters of a product law are vectors: the sum is over the last axis; got numbers"


class CoordinateAxis(NamedTuple):
    """The last axis of the parameters: that of the coordinates of product laws.

    Parameters
    ----------
    size
        How many they are; None if there may be any number.
    """

    size: int | None = None


class Again(NamedTuple):
    """What is done where rounding may have spoiled too many digits of a number.

    Parameters
    ----------
    eps
        How large an error may be, in eps of the dtype.
    values
        Returns all results at one point, given the arguments by name, with all their digits.
    within
        Where the arguments lie for which it is known beforehand that errors are small; nowhere if it is empty.
    """

    eps: float
    values: Callable[[Mapping[str, float]], Sequence[float]]
    within: Mapping[str, FloatInterval]


def run(
    program: Program,
    spaces: Spaces,
    arguments: Mapping[str, Array],
    axis: CoordinateAxis | None = None,
    again: Again | None = None,
) -> Results:
    """Return the results of a program at parameters.

    Parameters
    ----------
    program
        What to compute. Where it is `summed`, its one result is the sum over the last axis.
    spaces
        Where each parameter lies, by name.
    arguments
        The parameters by name: numbers, arrays of NumPy, or of one other library. Shapes broadcast.
    axis
        Of product laws: the axis of the coordinates.
    again
        How numbers with too large an error are computed again. Those of torch and JAX are not.

    Returns
    -------
    tuple
        The results, as arrays of the library.

    Raises
    ------
    RequestError
        If a parameter is infinite or does not lie in its space, with its name, the value and the place; NaN passes.
        Values of torch and JAX arrays are not looked at: there the result is NaN. Those of Dask are when they are
        computed.

    Examples
    --------
    >>> from kl_symbolic.code.operations import argument
    >>> square = Program("square", ("x",), (argument("x") * argument("x"),))
    >>> run(square, {"x": ParameterSpace(Domain.POSITIVE)}, {"x": [1, 2]})
    (array([1., 4.]),)
    >>> run(square, {"x": ParameterSpace(Domain.POSITIVE)}, {"x": [1, -2]})
    Traceback (most recent call last):
        ...
    kl_symbolic.errors.RequestError: x must be positive; got -2.0 at index (1,)
    """
    libraries = [xp.__name__ for xp in map(namespace, arguments.values()) if xp is not None]
    if any("dask" in name for name in libraries):
        return _of_dask(program, spaces, arguments, axis, again)
    if libraries:
        return _of_tensors(program, spaces, arguments, axis)
    arrays = dict(zip(arguments, broadcastable(**arguments), strict=True)) if arguments else {}
    _require(spaces, arrays)
    shape = _shape({name: array.shape for name, array in arrays.items()}, axis)
    dtype = next((array.dtype for array in arrays.values()), FLOAT64)
    with np.errstate(all="ignore"):
        found = Interpreter(np, dtype).run(program, arrays)
        every = [np.broadcast_to(np.asarray(value, dtype), shape).copy() for value in found]
        if again is not None:
            _correct(every, program, {name: np.broadcast_to(array, shape) for name, array in arrays.items()}, again)
        return tuple(sum_over(-1, value) if program.summed else value[()] for value in every)


def _correct(every: list[Floats], program: Program, points: Mapping[str, Floats], again: Again) -> None:
    """Compute those of the results again whose errors are too large."""
    dtype = every[0].dtype
    left = np.ones(every[0].shape, bool) & ~np.any([np.isnan(array) for array in points.values()], axis=0)
    if again.within:
        inside = [(one.low <= points[name]) & (points[name] <= one.high) for name, one in again.within.items()]
        left &= ~np.all(inside, axis=0)
    if not left.any():
        return
    rows = {name: array[left] for name, array in points.items()}
    wrong = np.zeros(int(left.sum()), bool)
    for value, error in Running(np, dtype).errors(program, rows):
        wrong |= ~(error <= again.eps * np.finfo(dtype).eps * abs(value)) | np.isinf(value)
    for index in map(tuple, np.argwhere(left)[wrong]):
        exact = again.values({name: float(array[index]) for name, array in points.items()})
        for value, number in zip(every, exact, strict=True):
            value[index] = number


def _require(spaces: Spaces, arrays: Mapping[str, Floats]) -> None:
    """Refuse numbers that are not where their parameters lie."""
    for name, array in arrays.items():
        require(~np.isinf(array), name, array, "finite")
        above = spaces[name].above
        require(~_outside(spaces[name], array), name, array, spaces[name].words)
        if above is not None:
            low = arrays[above] if isinstance(above, str) else np.asarray(above)
            values, bounds = np.broadcast_arrays(array, low)
            require(~(values <= bounds), name, values, f"above {above}")


def _shape(shapes: Mapping[str, tuple[int, ...]], axis: CoordinateAxis | None) -> tuple[int, ...]:
    """Return the common shape of the parameters, whose last axis must be that of the coordinates if there is one."""
    shape = broadcast_shape(**shapes) if shapes else () if axis is None or axis.size is None else (axis.size,)
    if axis is not None and not shape:
        raise RequestError(NOT_VECTORS)
    if axis is not None and axis.size not in (None, shape[-1]):
        raise RequestError(f"the laws have {axis.size} coordinates, the last axis of the parameters {shape[-1]}")
    return shape


def _outside(space: ParameterSpace, array: Array) -> Array:
    """Return where numbers are certainly not in a domain; NaN is not."""
    if space.domain is Domain.REAL:
        return array < -math.inf  # nowhere
    if space.domain is Domain.UNIT:
        return (array <= 0) | (array >= 1)
    return array <= 0 if space.domain.positive and not space.edge else array < 0


def _of_tensors(
    program: Program, spaces: Spaces, arguments: Mapping[str, Array], axis: CoordinateAxis | None
) -> Results:
    xp, read = tensor_inputs.read(**arguments)
    _shape({name: tuple(array.shape) for name, array in zip(arguments, read, strict=True)}, axis)
    arrays = dict(zip(arguments, read, strict=True))
    valid = {}
    for name, array in arrays.items():
        above = spaces[name].above
        wrong = _outside(spaces[name], array)
        if above is not None:
            wrong = wrong | (array <= (arrays[above] if isinstance(above, str) else above))
        valid[name] = xp.where(wrong, xp.full_like(array, np.nan), array) if spaces[name] != FREE else array
    found = Interpreter(xp, read[0].dtype).run(program, valid)
    every = xp.broadcast_arrays(*found, *read)[: len(found)]
    return tuple(tensor_inputs.sum_over(xp, -1, value) if program.summed else value for value in every)


def _of_dask(
    program: Program, spaces: Spaces, arguments: Mapping[str, Array], axis: CoordinateAxis | None, again: Again | None
) -> Results:
    da: Any = import_module("dask.array")  # which publishes no types
    one_of_dtype = import_module("kl_symbolic.numeric.lazy").one_of_dtype  # a module that few need
    numbers = {name: value for name, value in arguments.items() if isinstance(value, NUMBERS)}
    samples = {name: one_of_dtype(name, value) for name, value in arguments.items() if name not in numbers}
    dtype = broadcastable(**samples, **numbers)[0].dtype
    read = {name: da.asarray(arguments[name]) for name in samples}
    _shape({name: array.shape for name, array in read.items()}, axis)
    arrays = da.broadcast_arrays(*read.values())

    def of_block(*blocks: Array) -> Any:
        values = dict(zip(read, blocks, strict=True)) | numbers
        given = {name: values[name] for name in arguments}
        found = run(program, spaces, given, axis if program.summed else None, again)
        return found[0] if len(found) == 1 else found

    core = "(i)" if program.summed else "()"
    found = da.apply_gufunc(
        of_block,
        ",".join(core for _ in arrays) + "->" + ",".join("()" for _ in program.results),
        *arrays,
        output_dtypes=dtype if len(program.results) == 1 else [dtype] * len(program.results),
        allow_rechunk=True,
    )
    return found if isinstance(found, tuple) else (found,)
