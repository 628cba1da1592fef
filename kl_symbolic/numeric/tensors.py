"""The kernels for tensors of torch, JAX and other libraries that follow the Array API, computed by their own library.

Each function is its namesake in `kl_symbolic.numeric`: the same parameters, shapes, accuracy and, for what is known
without the values, the same errors. It can be compiled, mapped and differentiated any number of times, and leaves a
tensor where it is (requires_grad, device, sharding). What differs:

* The arguments are tensors of one library, or numbers. NumPy arrays and lists among them are refused, and so is `out`.
* The dtype is float64 if a tensor has it, else float32; integers and truth values become the default float of the
  library, and half precision, which could not be accurate, is refused.
* Values are not checked, for that would wait for the device and could not be compiled: a sigma that is not positive or
  a negative probability gives NaN in its own row, and whether probabilities sum to 1 is for the caller to know.
* A sum below the smallest normal number is of terms that were rounded one by one, so it may be off by two of the
  smallest numbers for each coordinate.
* XLA takes subnormal numbers for 0. With JAX, sigmas and probabilities must be normal numbers, and what underflows
  although the laws differ becomes the smallest normal number instead of the smallest number.
* JAX differentiates x/y by way of 1/y^2, which overflows for a sigma below the square root of the smallest number; the
  functions `..._grad` and those of a logvar do not. NumPy scalars become tensors under `jax.jit`, and then promote.
* The derivatives of automatic differentiation are those of the formulas. For discrete laws the formula is sum of
  p log(p/q) - p + q, with the derivatives log(p/q) and 1 - p/q; where p = 0, or p > 0 = q, those by p and by q that
  would be infinite are taken to be 0.
"""

from __future__ import annotations

import math
from types import ModuleType

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric.inputs import NUMBERS, as_weight, broadcast_shape
from kl_symbolic.numeric.libraries import namespace
from kl_symbolic.numeric.parts import Parts, diag_normal_gradient, different, standard_normal_gradient
from kl_symbolic.numeric.tensor_discrete import cross_terms, divergence_terms
from kl_symbolic.numeric.tensor_inputs import Array, read, sum_over
from kl_symbolic.numeric.tensor_parts import (
    diag_normal_parts,
    normal_gradient,
    normal_parts,
    normal_terms,
    not_zero,
    standard_normal_parts,
    valid,
)


def kl_normal(mu_1: Array, sigma_1: Array, mu_2: Array, sigma_2: Array) -> Array:
    """As `kl_symbolic.numeric.kl_normal`."""
    xp, arrays = read(mu_1=mu_1, sigma_1=sigma_1, mu_2=mu_2, sigma_2=sigma_2)
    return _values(xp, normal_parts(xp, *arrays), arrays)


def kl_normal_grad(mu_1: Array, sigma_1: Array, mu_2: Array, sigma_2: Array) -> tuple[Array, ...]:
    """As `kl_symbolic.numeric.kl_normal_grad`."""
    return kl_normal_value_and_grad(mu_1, sigma_1, mu_2, sigma_2)[1]


def kl_normal_value_and_grad(
    mu_1: Array, sigma_1: Array, mu_2: Array, sigma_2: Array
) -> tuple[Array, tuple[Array, ...]]:
    """As `kl_symbolic.numeric.kl_normal_value_and_grad`."""
    xp, arrays = read(mu_1=mu_1, sigma_1=sigma_1, mu_2=mu_2, sigma_2=sigma_2)
    parts = normal_parts(xp, *arrays)
    return _values(xp, parts, arrays), _spread(xp, arrays, normal_gradient(xp, parts, arrays[1], arrays[3]))


def kl_diag_normal(mu_1: Array, logvar_1: Array, mu_2: Array, logvar_2: Array, axis: int = -1) -> Array:
    """As `kl_symbolic.numeric.kl_diag_normal`."""
    xp, arrays = read(mu_1=mu_1, logvar_1=logvar_1, mu_2=mu_2, logvar_2=logvar_2)
    return _sums(xp, axis, diag_normal_parts(xp, *arrays), arrays)


def kl_diag_normal_grad(mu_1: Array, logvar_1: Array, mu_2: Array, logvar_2: Array) -> tuple[Array, ...]:
    """As `kl_symbolic.numeric.kl_diag_normal_grad`."""
    xp, arrays = read(mu_1=mu_1, logvar_1=logvar_1, mu_2=mu_2, logvar_2=logvar_2)
    return _spread(xp, arrays, diag_normal_gradient(diag_normal_parts(xp, *arrays)))


def kl_diag_normal_value_and_grad(
    mu_1: Array, logvar_1: Array, mu_2: Array, logvar_2: Array, axis: int = -1
) -> tuple[Array, tuple[Array, ...]]:
    """As `kl_symbolic.numeric.kl_diag_normal_value_and_grad`."""
    xp, arrays = read(mu_1=mu_1, logvar_1=logvar_1, mu_2=mu_2, logvar_2=logvar_2)
    parts = diag_normal_parts(xp, *arrays)
    return _sums(xp, axis, parts, arrays), _spread(xp, arrays, diag_normal_gradient(parts))


def kl_standard_normal(mu: Array, logvar: Array, axis: int = -1) -> Array:
    """As `kl_symbolic.numeric.kl_standard_normal`."""
    xp, arrays = read(mu=mu, logvar=logvar)
    return _sums(xp, axis, standard_normal_parts(xp, *arrays), arrays)


def kl_standard_normal_grad(mu: Array, logvar: Array) -> tuple[Array, ...]:
    """As `kl_symbolic.numeric.kl_standard_normal_grad`."""
    xp, arrays = read(mu=mu, logvar=logvar)
    return _spread(xp, arrays, standard_normal_gradient(standard_normal_parts(xp, *arrays)))


def kl_standard_normal_value_and_grad(mu: Array, logvar: Array, axis: int = -1) -> tuple[Array, tuple[Array, ...]]:
    """As `kl_symbolic.numeric.kl_standard_normal_value_and_grad`."""
    xp, arrays = read(mu=mu, logvar=logvar)
    parts = standard_normal_parts(xp, *arrays)
    return _sums(xp, axis, parts, arrays), _spread(xp, arrays, standard_normal_gradient(parts))


def vae_loss(reconstruction: Array, mu: Array, logvar: Array, beta: Array = 1.0, axis: int = -1) -> Array:
    """As `kl_symbolic.numeric.vae_loss`; all arguments may be tensors with a gradient."""
    xp, (offset, m, lv, weight) = _read_loss(reconstruction, mu, logvar, beta)
    return offset + weight * _mean(xp, kl_standard_normal(m, lv, axis))


def vae_loss_value_and_grad(
    reconstruction: Array, mu: Array, logvar: Array, beta: Array = 1.0, axis: int = -1
) -> tuple[Array, tuple[Array, ...]]:
    """As `kl_symbolic.numeric.vae_loss_value_and_grad`."""
    xp, (offset, m, lv, weight) = _read_loss(reconstruction, mu, logvar, beta)
    divergence, gradient = kl_standard_normal_value_and_grad(m, lv, axis)
    value = offset + weight * _mean(xp, divergence)
    return value, tuple(component * (weight / math.prod(divergence.shape)) for component in gradient)


def kl_discrete(p: Array, q: Array, axis: int = -1) -> Array:
    """As `kl_symbolic.numeric.kl_discrete`."""
    xp, (a, b) = _read_laws(p=p, q=q)
    return not_zero(xp, sum_over(xp, axis, divergence_terms(xp, a, b)), xp.any(a != b, axis=axis))


def entropy_discrete(p: Array, axis: int = -1) -> Array:
    """As `kl_symbolic.numeric.entropy_discrete`."""
    xp, (a,) = _read_laws(p=p)
    return sum_over(xp, axis, cross_terms(xp, a, a))


def cross_entropy_discrete(p: Array, q: Array, axis: int = -1) -> Array:
    """As `kl_symbolic.numeric.cross_entropy_discrete`."""
    xp, (a, b) = _read_laws(p=p, q=q)
    return sum_over(xp, axis, cross_terms(xp, a, b))


def in_bits(nats: Array) -> Array:
    """As `kl_symbolic.numeric.in_bits`."""
    _, (values,) = read(nats=nats)
    return values / math.log(2)


def _values(xp: ModuleType, parts: Parts, arrays: list[Array]) -> Array:
    return not_zero(xp, normal_terms(xp, parts), different(*arrays))


def _sums(xp: ModuleType, axis: int, parts: Parts, arrays: list[Array]) -> Array:
    total = sum_over(xp, axis, normal_terms(xp, parts))
    return not_zero(xp, total, xp.any(different(*arrays), axis=axis))


def _spread(xp: ModuleType, arrays: list[Array], components: tuple[Array, ...]) -> tuple[Array, ...]:
    """Return copies of the components in the broadcast shape of the arrays."""
    shape = broadcast_shape(**{str(k): tuple(array.shape) for k, array in enumerate(arrays)})
    return tuple(1 * xp.broadcast_to(component, shape) for component in components)


def _mean(xp: ModuleType, divergence: Array) -> Array:
    size = math.prod(divergence.shape)
    if size == 0:
        raise RequestError(f"the batch is empty: the divergences have the shape {tuple(divergence.shape)}")
    return sum_over(xp, 0, xp.reshape(divergence, (-1,))) / size


def _read_loss(reconstruction: Array, mu: Array, logvar: Array, beta: Array) -> tuple[ModuleType, list[Array]]:
    if isinstance(beta, NUMBERS) or namespace(beta) is None:
        as_weight(beta)
    for name, value in (("reconstruction", reconstruction), ("beta", beta)):
        if shape := tuple(getattr(value, "shape", ())):
            raise RequestError(f"{name} must be one number; got an array of the shape {shape}")
    return read(reconstruction=reconstruction, mu=mu, logvar=logvar, beta=beta)


def _read_laws(**arguments: Array) -> tuple[ModuleType, list[Array]]:
    xp, arrays = read(**arguments)
    return xp, [valid(xp, array, array >= 0) for array in arrays]
