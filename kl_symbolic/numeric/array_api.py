"""Programs on arrays of torch, JAX and other libraries that follow the Array API, computed by their own library.

Results can be compiled, mapped and differentiated any number of times, and stay where the arguments are (requires_grad,
device, sharding). What differs from NumPy arrays:

* The arguments are arrays of one library, or numbers; NumPy arrays and lists among them are refused.
* Values are not checked, for that would wait for the device and could not be compiled: where a parameter is not in its
  domain, the result is NaN.
* No number is computed again: beyond ordinary arguments the error may be larger than for NumPy arrays.
* XLA takes subnormal numbers for 0; NumPy scalars become arrays under `jax.jit`, and then promote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np

from kl_symbolic.code.arrays import Instructions, Interpreter
from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.numeric.arrays import Request
from kl_symbolic.numeric.axes import AnyAxis, summed_axes
from kl_symbolic.numeric.formula import Formula, ParameterSpace, Routine
from kl_symbolic.numeric.inputs import NUMBERS, broadcast_shape, name_of
from kl_symbolic.numeric.libraries import is_jax, namespace

Array: TypeAlias = Any  # torch, JAX and CuPy share a namespace of functions, no type

SHORT = 16  # as many terms the library adds, in whatever order, with a loss of at most 7.5 eps
FREE = ParameterSpace()


def compute_tensors(
    formula: Formula,
    routine: Routine,
    arguments: Mapping[str, Array],
    axis: AnyAxis,
    unit: float = 1,
    result_dtype: Any = None,
) -> list[Array]:
    """Return the results of a program: the first summed over axes, all others elementwise.

    Raises
    ------
    RequestError
        If an argument is not a real array of the library or a number, the shapes do not broadcast, or there is no such
        axis.
    """
    xp, arrays = read(arguments)
    shape = broadcast_shape({name: tuple(v.shape) for name, v in arrays.items()})
    axes = summed_axes(axis, shape)
    valid = [_valid(xp, formula.spaces[name], arrays, name) for name in arrays]
    if routine is formula.value and formula.slopes is not None:
        found = [with_derivatives(xp, routine.instructions, formula.slopes)(*xp.broadcast_arrays(*valid))]
    else:
        found = _run(xp, routine.instructions, *valid)
    whole = [xp.broadcast_to(v, shape) for v in found]
    summed = [sum_over(xp, axes, whole[0]), *whole[1:]]
    # New arrays, which may be written to. The number 1 is an integer, as torch promotes tangents by floats.
    results = [1 * v for v in summed] if unit == 1 else [v / unit for v in summed]
    wanted = None if result_dtype is None else getattr(xp, name_of(result_dtype))
    return results if wanted is None else [xp.astype(v, wanted, copy=False) for v in results]


def _run(xp: ModuleType, program: Instructions, *arrays: Array) -> list[Array]:
    """Return the results of a program, as arrays."""
    dtype = arrays[0].dtype
    found = Interpreter(xp, dtype).run_instructions(program, dict(zip(program.arguments, arrays, strict=True)))
    return [v if hasattr(v, "shape") else xp.full_like(arrays[0], v) for v in found]


def with_derivatives(xp: ModuleType, value: Instructions, gradient: Instructions) -> Callable[..., Array]:
    """Return a program as a function whose automatic derivatives are computed by the program of its gradient.

    So they keep their digits where those of the program itself would not, and need no memory for its steps. Derivatives
    of higher order are those of the gradient.
    """

    def run(*arrays: Array) -> Array:
        return _run(xp, value, *arrays)[0]

    def slopes(*arrays: Array) -> list[Array]:
        return _run(xp, gradient, *arrays)

    if is_jax(xp):
        from kl_symbolic.numeric.jax_derivatives import jax_differentiated as differentiated
    elif "torch" in xp.__name__:
        from kl_symbolic.numeric.torch_derivatives import torch_differentiated as differentiated
    else:
        return run
    return differentiated(run, slopes)


def validate(formula: Formula, arguments: Mapping[str, Array], axis: AnyAxis) -> None:
    """Look at the values of arrays, as is done with those of NumPy.

    Raises
    ------
    RequestError
        If one is not valid.
    """
    values = on_host(arguments)
    shape = broadcast_shape({name: v.shape for name, v in values.items()})
    Request(formula, formula.value, arguments, list(values.values()), shape, axis, summed_axes(axis, shape)).check()


def on_host(arguments: Mapping[str, Array]) -> dict[str, Any]:
    """Return arguments as NumPy arrays.

    Raises
    ------
    RequestError
        If their values are not known, as while a function is compiled.
    """
    _, arrays = read(arguments)
    try:
        return {name: np.asarray(v.detach().cpu() if hasattr(v, "detach") else v) for name, v in arrays.items()}
    except Exception as error:  # noqa: BLE001 - libraries have their own
        raise RequestError(f"validate looks at values, and here they are not known: {type(error).__name__}") from None


def read(arguments: Mapping[str, Array]) -> tuple[ModuleType, dict[str, Array]]:
    """Return the library's functions and the arguments as its arrays, of one dtype.

    The dtype is float64 if an array has it, else float32 if an array has it or is in half precision, else (integers and
    truth values only) the default of the library. Numbers of Python and NumPy do not promote.

    Raises
    ------
    RequestError
        If an argument is neither a number nor a real array of the library that the first array is of.
    """
    libraries = {name: None if isinstance(v, NUMBERS) else namespace(v) for name, v in arguments.items()}
    xp = next(filter(None, libraries.values()), None)
    if xp is None:
        raise RequestError(f"{' or '.join(arguments)} must be a tensor, since another argument is")
    tensors = {name: v for name, v in arguments.items() if not isinstance(v, NUMBERS)}
    for name, value in tensors.items():
        if libraries[name] is not xp:
            library, kind = xp.__name__.removeprefix("array_api_compat."), type(value)
            raise WrongTypeError(
                f"{name} must be a number or an array of {library}, as another argument is;"
                f" got {kind.__module__}.{kind.__qualname__}"
            )
    for name, value in tensors.items():
        if getattr(value, "is_sparse", False) or "sparse" in str(getattr(value, "layout", "")):
            raise WrongTypeError(f"{name} must be a dense array; got the layout {value.layout}: call .to_dense()")
    floats = [v for v in [_promoting(xp, name, v) for name, v in tensors.items()] if v is not None]
    dtype = xp.result_type(*floats) if floats else xp.asarray(0.0).dtype
    device = None if is_jax(xp) else next(iter(tensors.values())).device  # JAX puts a number wherever it is needed
    return xp, {name: _convert(xp, name, value, dtype, device) for name, value in arguments.items()}


def sum_over(xp: ModuleType, axes: tuple[int, ...], terms: Array) -> Array:
    """Sum over axes by halves: to a few units in the last place, and the same whatever the memory layout.

    JAX has float64 only on request, and adds float32 one after the other: ten thousand of them lose three digits.
    """
    if not axes:
        return terms
    shape = tuple(terms.shape)
    kept = tuple(k for k in range(len(shape)) if k not in axes)
    moved = xp.permute_dims(terms, (*kept, *axes))  # torch.func.vmap has no moveaxis
    rows = xp.reshape(moved, (*(shape[k] for k in kept), -1)) if len(axes) > 1 else moved
    while (n := rows.shape[-1]) > SHORT:
        half = n // 2
        halved = rows[..., :half] + rows[..., half : 2 * half]
        rows = xp.concat([halved, rows[..., 2 * half :]], axis=-1) if n % 2 else halved
    return xp.sum(_plain(xp, rows), axis=-1)


def _valid(xp: ModuleType, space: ParameterSpace, arrays: Mapping[str, Array], name: str) -> Array:
    """Return an argument, NaN where it is not in its space."""
    array, above = arrays[name], space.above
    if space == FREE:
        return array
    wrong = space.outside(array)
    if above is not None:
        wrong = wrong | (array <= (arrays[above] if isinstance(above, str) else above))
    return xp.where(wrong, xp.full_like(array, xp.nan), array)


def _plain(xp: ModuleType, array: Array) -> Array:
    """Return the array with its entries side by side in memory: another layout runs other code in torch."""
    return array if is_jax(xp) else xp.reshape(xp.reshape(array, (-1,)), array.shape)


def _promoting(xp: ModuleType, name: str, tensor: Array) -> Any:
    """Return an array or dtype that promotes others; None for integers and truth values."""
    if tensor.dtype in (xp.float32, xp.float64):
        return tensor  # JAX knows of weak dtypes
    if tensor.dtype in [getattr(xp, half) for half in ("float16", "bfloat16") if hasattr(xp, half)]:
        return xp.float32
    if xp.isdtype(tensor.dtype, ("integral", "bool")):
        return None
    raise WrongTypeError(f"{name} must be real; got the dtype {tensor.dtype}")


def _convert(xp: ModuleType, name: str, value: Array, dtype: object, device: object) -> Array:
    if not isinstance(value, NUMBERS):
        return _plain(xp, xp.astype(value, dtype, copy=False))
    try:
        return xp.asarray(float(value), dtype=dtype, device=device)
    except OverflowError:
        raise RequestError(f"{name} must lie within the range of float64; got an integer beyond it") from None
