"""Read the arguments of the kernels for tensors: one library, one dtype, shapes that broadcast; and sum over an axis.

Only what is known without a look at the values is checked: a look would wait for the device, and cannot be compiled.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, TypeAlias

from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.numeric.inputs import NUMBERS, broadcast_shape, require_axis
from kl_symbolic.numeric.libraries import namespace

Array: TypeAlias = Any  # torch, JAX and CuPy share a namespace of functions, no type

SHORT = 16  # as many terms the library adds, in whatever order, with a loss of at most 7.5 eps


def read(**arguments: Array) -> tuple[ModuleType, list[Array]]:
    """Return the library's namespace and the arguments as its arrays, of one dtype and of shapes that broadcast.

    The dtype is float64 if a tensor has it, else float32 if a tensor has it, else (integers and truth values only) the
    default of the library. Numbers of Python and NumPy do not promote.

    Raises
    ------
    RequestError
        If an argument is neither a number nor a real tensor of the library that the first tensor is of, a tensor is in
        half precision, or the shapes do not broadcast.
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
    floats = [v for name, v in tensors.items() if _is_float(xp, name, v)]
    dtype = xp.result_type(*floats) if floats else xp.asarray(0.0).dtype
    device = None if is_jax(xp) else next(iter(tensors.values())).device  # JAX puts a number wherever it is needed
    arrays = [_convert(xp, name, value, dtype, device) for name, value in arguments.items()]
    broadcast_shape(**{name: tuple(array.shape) for name, array in zip(arguments, arrays, strict=True)})
    return xp, arrays


def sum_over(xp: ModuleType, axis: int, terms: Array) -> Array:
    """Sum over one axis by halves: to a few units in the last place, and the same whatever the memory layout.

    JAX has float64 only on request, and adds float32 one after the other: ten thousand of them lose three digits.

    Raises
    ------
    RequestError
        If there is no such axis.
    """
    shape = tuple(terms.shape)
    require_axis(axis, shape)
    others = [k for k in range(len(shape)) if k != axis % len(shape)]
    rows = xp.permute_dims(terms, (*others, axis % len(shape)))  # torch.func.vmap has no moveaxis
    while (n := rows.shape[-1]) > SHORT:
        half = n // 2
        halved = rows[..., :half] + rows[..., half : 2 * half]
        rows = xp.concat([halved, rows[..., 2 * half :]], axis=-1) if n % 2 else halved
    return xp.sum(plain(xp, rows), axis=-1)


def plain(xp: ModuleType, array: Array) -> Array:
    """Return the array with its entries side by side in memory: another layout runs other code in torch."""
    return array if is_jax(xp) else xp.reshape(xp.reshape(array, (-1,)), array.shape)


def is_jax(xp: ModuleType) -> bool:
    """Return whether the library is JAX, whose arrays have no memory layout and no subnormal numbers."""
    return xp.__name__ == "jax.numpy"


def _is_float(xp: ModuleType, name: str, tensor: Array) -> bool:
    if tensor.dtype in (xp.float32, xp.float64):
        return True
    if xp.isdtype(tensor.dtype, ("integral", "bool")):
        return False
    raise WrongTypeError(f"{name} must be real and in single or double precision; got the dtype {tensor.dtype}")


def _convert(xp: ModuleType, name: str, value: Array, dtype: object, device: object) -> Array:
    if not isinstance(value, NUMBERS):
        return plain(xp, xp.astype(value, dtype, copy=False))
    try:
        return xp.asarray(float(value), dtype=dtype, device=device)
    except OverflowError:
        raise RequestError(f"{name} must lie within the range of float64; got an integer beyond it") from None
