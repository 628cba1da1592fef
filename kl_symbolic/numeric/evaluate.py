"""Formulas on the arrays that people have: numbers, NumPy, pandas, torch, JAX, Dask."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypedDict, Unpack

import numpy as np

from kl_symbolic.arguments import given
from kl_symbolic.errors import RequestError
from kl_symbolic.numeric import arrays, rows
from kl_symbolic.numeric.axes import NO_AXIS, AnyAxis, summed_axes
from kl_symbolic.numeric.formula import Formula, Routine
from kl_symbolic.numeric.inputs import NUMBERS, RESULT_DTYPES, Floats, name_of
from kl_symbolic.numeric.labelled import is_labelled, labelled, unlabelled
from kl_symbolic.numeric.libraries import kind_of
from kl_symbolic.numeric.out import as_list

UnitName: TypeAlias = Literal["nats", "bits"]
OnArrays: TypeAlias = Callable[[Mapping[str, Any], AnyAxis], list[Any]]
UNITS: Mapping[UnitName, float] = {"nats": 1.0, "bits": math.log(2)}


class GradientOptions(TypedDict, total=False):
    """What people ask for beside the arguments and the axis.

    Parameters
    ----------
    unit
        ``"nats"`` or ``"bits"``.
    dtype
        The dtype of the results; by default float32 for float32 and half precision, else float64.
    validate
        Whether to look at the values of tensors, too, which takes a while on a device.
    """

    unit: UnitName
    dtype: Any
    validate: bool


class ValueOptions(GradientOptions, total=False):
    """The same, and where to write the results.

    Parameters
    ----------
    out
        A NumPy array; for a value with derivatives a pair, of an array and a tuple of arrays.
    """

    out: Any


def value(
    formula: Formula, arguments: Mapping[str, Any], axis: AnyAxis = NO_AXIS, **options: Unpack[ValueOptions]
) -> Floats:
    """Return the value of a formula, summed over axes.

    Parameters
    ----------
    formula
        What is computed.
    arguments
        The arguments by name, in their order: numbers, or arrays of one library, of shapes that broadcast.
    axis
        What is summed over: one axis, several, None for all, or `NO_AXIS`.
    **options
        See `ValueOptions`.

    Raises
    ------
    RequestError
        If an argument is not valid, the shapes do not broadcast, there is no such axis, or `out` does not fit.

    Examples
    --------
    >>> from kl_symbolic.code.operations import argument
    >>> from kl_symbolic.code.program import Program
    >>> from kl_symbolic.functions import Domain
    >>> from kl_symbolic.numeric.formula import ParameterSpace
    >>> square = Program("square", ("x",), (argument("x") * argument("x"),))
    >>> formula = Formula(Routine(square), spaces={"x": ParameterSpace(Domain.POSITIVE)})
    >>> value(formula, {"x": [1, 2]}), value(formula, {"x": [1, 2]}, axis=0)
    (array([1., 4.]), np.float64(5.0))
    >>> value(formula, {"x": [1, -2]})
    Traceback (most recent call last):
        ...
    kl_symbolic.errors.RequestError: x must be positive; got -2.0 at index (1,)
    """
    found: Floats
    (found,) = results(formula, formula.value, arguments, axis, **options)
    return found


def value_and_gradient(
    formula: Formula, arguments: Mapping[str, Any], axis: AnyAxis = NO_AXIS, **options: Unpack[ValueOptions]
) -> tuple[Floats, tuple[Floats, ...]]:
    """Return the value of a formula, summed over axes, and its derivatives by all arguments, elementwise: a pair."""
    first, *others = results(formula, formula.both, arguments, axis, **options)
    return first, tuple(others)


def derivatives(
    formula: Formula, arguments: Mapping[str, Any], **options: Unpack[GradientOptions]
) -> tuple[Floats, ...]:
    """Return the derivatives of a formula by all arguments, elementwise: a tuple."""
    return tuple(results(formula, formula.both, arguments, NO_AXIS, **options)[1:])


def results(
    formula: Formula,
    routine: Routine,
    arguments: Mapping[str, Any],
    axis: AnyAxis,
    *,
    unit: UnitName = "nats",
    out: Any = None,
    dtype: Any = None,
    validate: bool = False,
) -> list[Any]:
    """Return the results of a routine: the first summed over axes, all others elementwise."""
    slots = None if out is None else as_list(out, len(routine.program.results))
    require_known(arguments, unit, slots, dtype)

    def on_numpy(some: Mapping[str, Any], axes: AnyAxis) -> list[Any]:
        return arrays.compute(formula, routine, some, axes, UNITS[unit], slots, dtype)

    def on_tensors(some: Mapping[str, Any], axes: AnyAxis) -> list[Any]:
        from kl_symbolic.numeric import array_api

        if validate:
            array_api.validate(formula, some, axes)
        return array_api.compute_tensors(formula, routine, some, axes, UNITS[unit], dtype)

    if kind_of(arguments.values()) == "dask":  # of which the numbers are known at once
        rows.require_valid(formula, {n: np.asarray(v, float) for n, v in arguments.items() if isinstance(v, NUMBERS)})
    found = by_library(arguments, axis, on_numpy, on_tensors, len(routine.program.results) - 1, dtype)
    return found if slots is None else slots


def require_known(arguments: Mapping[str, Any], unit: object, slots: Sequence[Any] | None, dtype: Any) -> None:
    """Refuse options that do not fit, before anything is computed."""
    if not isinstance(unit, str) or unit not in UNITS:
        raise RequestError(f"unit must be one of {', '.join(UNITS)}; got {given(unit)}")
    if dtype is not None and name_of(dtype) not in RESULT_DTYPES:
        raise RequestError(f"dtype must be one of {', '.join(RESULT_DTYPES)}; got {given(dtype)}")
    if slots is not None and kind_of([*arguments.values(), *slots]) != "numpy":
        raise RequestError("out is for NumPy arrays; arrays of other libraries are returned")


def by_library(
    arguments: Mapping[str, Any],
    axis: AnyAxis,
    on_numpy: OnArrays,
    on_tensors: OnArrays,
    elementwise: int = 0,
    dtype: Any = None,
) -> list[Any]:
    """Return what one of two functions returns, for the arrays of whatever library.

    Parameters
    ----------
    arguments
        The arguments by name: numbers, or arrays of one library.
    axis
        What is summed over.
    on_numpy, on_tensors
        Take arguments and an axis; return a result that is summed over it, and some that are not. The first serves
        NumPy, pandas and Dask.
    elementwise
        How many results are not summed.
    dtype
        The dtype of the results, if it is not that of the arguments.
    """
    if any(map(is_labelled, arguments.values())):
        plain, labels = unlabelled(arguments)
        ndim = max(map(np.ndim, plain.values()))
        axes = summed_axes(axis, (1,) * ndim)
        found = by_library(plain, axis, on_numpy, on_tensors, elementwise, dtype)
        return [labelled(v, labels, ndim, axes if k == 0 else ()) for k, v in enumerate(found)]
    kind = kind_of(arguments.values())
    if kind == "dask":
        from kl_symbolic.numeric.chunks import mapped

        return mapped(on_numpy, arguments, axis, elementwise, dtype)
    return (on_numpy if kind == "numpy" else on_tensors)(arguments, axis)
