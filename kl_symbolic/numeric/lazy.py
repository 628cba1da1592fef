"""The kernels for Dask arrays: the NumPy kernels, mapped over blocks when the result is computed.

Each function is its namesake in `kl_symbolic.numeric`: the same parameters, shapes, dtypes and numbers, to the last
bit, whatever the chunks: the axis that is summed over is gathered in one chunk. What differs:

* The arguments are Dask arrays, NumPy arrays or numbers, one of them a Dask array. `out` is refused.
* Nothing is computed before the result is, so that an array may be larger than the memory, and run on a cluster.
* Shapes and dtypes are checked at once, the values of arrays when they are computed: an error counts within a block.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.numeric import discrete, gradients, normal, units
from kl_symbolic.numeric.calls import Axis
from kl_symbolic.numeric.inputs import (
    NUMBERS,
    Floats,
    as_array,
    as_parameters,
    as_weight,
    broadcast_shape,
    require_axis,
)
from kl_symbolic.numeric.libraries import namespace
from kl_symbolic.numeric.vae import weighted_loss

Lazy: TypeAlias = Any  # a dask.array.Array, which publishes no types; among arguments also a NumPy array or a number


def kl_normal(mu_1: Lazy, sigma_1: Lazy, mu_2: Lazy, sigma_2: Lazy) -> Lazy:
    """As `kl_symbolic.numeric.kl_normal`."""
    return mapped(normal.kl_normal, "()", mu_1=mu_1, sigma_1=sigma_1, mu_2=mu_2, sigma_2=sigma_2)


def kl_normal_grad(mu_1: Lazy, sigma_1: Lazy, mu_2: Lazy, sigma_2: Lazy) -> tuple[Lazy, ...]:
    """As `kl_symbolic.numeric.kl_normal_grad`."""
    return kl_normal_value_and_grad(mu_1, sigma_1, mu_2, sigma_2)[1]


def kl_normal_value_and_grad(mu_1: Lazy, sigma_1: Lazy, mu_2: Lazy, sigma_2: Lazy) -> tuple[Lazy, tuple[Lazy, ...]]:
    """As `kl_symbolic.numeric.kl_normal_value_and_grad`."""
    parameters = {"mu_1": mu_1, "sigma_1": sigma_1, "mu_2": mu_2, "sigma_2": sigma_2}
    value, *gradient = mapped(gradients.kl_normal_value_and_grad, "(),(),(),(),()", **parameters)
    return value, tuple(gradient)


def kl_diag_normal(mu_1: Lazy, logvar_1: Lazy, mu_2: Lazy, logvar_2: Lazy, axis: int = -1) -> Lazy:
    """As `kl_symbolic.numeric.kl_diag_normal`."""
    return mapped(normal.kl_diag_normal, "()", axis, mu_1=mu_1, logvar_1=logvar_1, mu_2=mu_2, logvar_2=logvar_2)


def kl_diag_normal_grad(mu_1: Lazy, logvar_1: Lazy, mu_2: Lazy, logvar_2: Lazy) -> tuple[Lazy, ...]:
    """As `kl_symbolic.numeric.kl_diag_normal_grad`."""
    parameters = {"mu_1": mu_1, "logvar_1": logvar_1, "mu_2": mu_2, "logvar_2": logvar_2}
    return tuple(mapped(gradients.kl_diag_normal_grad, "(),(),(),()", **parameters))


def kl_diag_normal_value_and_grad(
    mu_1: Lazy, logvar_1: Lazy, mu_2: Lazy, logvar_2: Lazy, axis: int = -1
) -> tuple[Lazy, tuple[Lazy, ...]]:
    """As `kl_symbolic.numeric.kl_diag_normal_value_and_grad`."""
    parameters = {"mu_1": mu_1, "logvar_1": logvar_1, "mu_2": mu_2, "logvar_2": logvar_2}
    value, *gradient = mapped(gradients.kl_diag_normal_value_and_grad, "(),(i),(i),(i),(i)", axis, **parameters)
    return value, tuple(gradient)


def kl_standard_normal(mu: Lazy, logvar: Lazy, axis: int = -1) -> Lazy:
    """As `kl_symbolic.numeric.kl_standard_normal`."""
    return mapped(normal.kl_standard_normal, "()", axis, mu=mu, logvar=logvar)


def kl_standard_normal_grad(mu: Lazy, logvar: Lazy) -> tuple[Lazy, ...]:
    """As `kl_symbolic.numeric.kl_standard_normal_grad`."""
    return tuple(mapped(gradients.kl_standard_normal_grad, "(),()", mu=mu, logvar=logvar))


def kl_standard_normal_value_and_grad(mu: Lazy, logvar: Lazy, axis: int = -1) -> tuple[Lazy, tuple[Lazy, ...]]:
    """As `kl_symbolic.numeric.kl_standard_normal_value_and_grad`."""
    value, *gradient = mapped(gradients.kl_standard_normal_value_and_grad, "(),(i),(i)", axis, mu=mu, logvar=logvar)
    return value, tuple(gradient)


def vae_loss(reconstruction: Lazy, mu: Lazy, logvar: Lazy, beta: float = 1.0, axis: int = -1) -> Lazy:
    """As `kl_symbolic.numeric.vae_loss`."""
    offset, m, lv, weight = _read_loss(reconstruction, mu, logvar, beta)
    return _loss(offset, kl_standard_normal(m, lv, axis), weight)


def vae_loss_value_and_grad(
    reconstruction: Lazy, mu: Lazy, logvar: Lazy, beta: float = 1.0, axis: int = -1
) -> tuple[Lazy, tuple[Lazy, ...]]:
    """As `kl_symbolic.numeric.vae_loss_value_and_grad`."""
    offset, m, lv, weight = _read_loss(reconstruction, mu, logvar, beta)
    divergence, gradient = kl_standard_normal_value_and_grad(m, lv, axis)
    value = _loss(offset, divergence, weight)
    scale = weight / divergence.size
    return value, tuple((component.astype(np.float64) * scale).astype(value.dtype) for component in gradient)


def kl_discrete(p: Lazy, q: Lazy, axis: int = -1) -> Lazy:
    """As `kl_symbolic.numeric.kl_discrete`."""
    return mapped(discrete.kl_discrete, "()", axis, p=p, q=q)


def entropy_discrete(p: Lazy, axis: int = -1) -> Lazy:
    """As `kl_symbolic.numeric.entropy_discrete`."""
    return mapped(discrete.entropy_discrete, "()", axis, p=p)


def cross_entropy_discrete(p: Lazy, q: Lazy, axis: int = -1) -> Lazy:
    """As `kl_symbolic.numeric.cross_entropy_discrete`."""
    return mapped(discrete.cross_entropy_discrete, "()", axis, p=p, q=q)


def in_bits(nats: Lazy) -> Lazy:
    """As `kl_symbolic.numeric.in_bits`."""
    return mapped(units.in_bits, "()", nats=nats)


def mapped(kernel: Callable[..., Any], returned: str, axis: int | Axis = Axis.NONE, **arguments: Lazy) -> Lazy:
    """Map a kernel over the blocks of its arguments.

    The dimensions of each result are said by `returned`, in the language of `dask.array.apply_gufunc`: i is the axis.

    Raises
    ------
    RequestError
        If an argument is of another library or not real, the shapes do not broadcast, or there is no such axis.
    """
    da, dtype = _dask(), _dtype(arguments)
    arrays = {name: da.asarray(value) for name, value in arguments.items() if not isinstance(value, NUMBERS)}
    numbers = {name: value for name, value in arguments.items() if name not in arrays}
    shape = broadcast_shape(**{name: array.shape for name, array in arrays.items()})
    core, axes = "()", {}
    if axis is not Axis.NONE:
        require_axis(axis, shape)
        core, axes = "(i)", {"axis": axis}
        numbers["axis"] = -1
    results = returned.count("()") + returned.count("(i)")
    return da.apply_gufunc(
        partial(_of_block, kernel, tuple(arrays), numbers),
        ",".join(core for _ in arrays) + "->" + returned,
        *da.broadcast_arrays(*arrays.values()),
        output_dtypes=dtype if results == 1 else [dtype] * results,
        allow_rechunk=True,
        **axes,
    )


def _of_block(kernel: Callable[..., Any], names: tuple[str, ...], others: Mapping[str, Any], *blocks: Floats) -> Any:
    """Return one array, or a flat tuple of them."""
    result = kernel(**dict(zip(names, blocks, strict=True)), **others)
    return (result[0], *result[1]) if isinstance(result, tuple) and isinstance(result[1], tuple) else result


def _dtype(arguments: Mapping[str, Lazy]) -> np.dtype[np.floating]:
    """Return the dtype of the result, after a check of everything but the values of arrays."""
    samples = {
        name: value if isinstance(value, NUMBERS) else one_of_dtype(name, value) for name, value in arguments.items()
    }
    return as_parameters(**samples)[0].dtype


def one_of_dtype(name: str, value: Lazy) -> Floats:
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


def _read_loss(reconstruction: Lazy, mu: Lazy, logvar: Lazy, beta: float) -> tuple[Lazy, Lazy, Lazy, float]:
    """Return the arguments in one dtype."""
    weight, da = as_weight(beta), _dask()
    dtype = _dtype({"reconstruction": reconstruction, "mu": mu, "logvar": logvar})
    offset, m, lv = (da.asarray(value).astype(dtype) for value in (reconstruction, mu, logvar))
    if offset.ndim:
        raise RequestError(f"reconstruction must be one number; got an array of the shape {offset.shape}")
    return offset, m, lv, weight


def _loss(offset: Lazy, divergence: Lazy, weight: float) -> Lazy:
    if divergence.size == 0:
        raise RequestError(f"the batch is empty: the divergences have the shape {divergence.shape}")
    whole = divergence.rechunk(-1) if divergence.ndim else divergence
    dims = tuple(range(divergence.ndim))
    return _dask().blockwise(_total, (), offset, (), whole, dims, weight=weight, concatenate=True, dtype=offset.dtype)


def _total(offset: Floats, divergence: Floats, weight: float) -> np.floating:
    return weighted_loss(offset, weight, divergence)
