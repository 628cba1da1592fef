"""The loss of a variational autoencoder: the reconstruction plus the divergence from the standard normal law."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from kl_symbolic.arguments import given
from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.numeric import array_api
from kl_symbolic.numeric.axes import Axis
from kl_symbolic.numeric.inputs import NUMBERS, Floats, read
from kl_symbolic.numeric.libraries import kind_of
from kl_symbolic.numeric.normal import kl_standard_normal
from kl_symbolic.numeric.normal_gradients import kl_standard_normal_value_and_grad

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def vae_loss(
    reconstruction: ArrayLike, mu: ArrayLike, logvar: ArrayLike, beta: float = 1.0, axis: Axis = -1
) -> np.floating:
    """Return reconstruction + beta * mean over the batch of KL(N(mu, diag(e^logvar)) || N(0, I)).

    Parameters
    ----------
    reconstruction
        The negative expected log-likelihood, already averaged over the batch: one real number, in nats.
    mu
        Means: real.
    logvar
        Logarithms of the variances: real, of a shape that broadcasts with that of `mu`.
    beta
        Weight of the divergence: a finite number >= 0.
    axis
        The axis of the broadcast shape that counts the latent coordinates, or several; all others count the batch.

    Returns
    -------
    NumPy scalar
        The loss in nats; float32 for float32 and half precision, else float64. The divergences are those of
        `kl_standard_normal`. NaN if a parameter is NaN.

    Raises
    ------
    RequestError
        If a parameter is infinite, the shapes do not broadcast, there is no such axis, the batch is empty,
        `reconstruction` is not one number, or `beta` is not a finite number >= 0.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes (2014), equation 10; Higgins et al., beta-VAE (2017),
    equation 4, for `beta`.

    Examples
    --------
    >>> float(vae_loss(10.0, [[1.0, 2.0], [0.0, 0.0]], 0.0))
    11.25
    """
    weight = _weight(reconstruction, beta)
    found: np.floating = _loss(reconstruction, weight, kl_standard_normal(mu, logvar, axis))
    return found


def vae_loss_value_and_grad(
    reconstruction: ArrayLike, mu: ArrayLike, logvar: ArrayLike, beta: float = 1.0, axis: Axis = -1
) -> tuple[np.floating, tuple[Floats, Floats]]:
    """Return `vae_loss` and the gradient of its divergence by `mu` and `logvar`.

    Parameters
    ----------
    reconstruction
        The negative expected log-likelihood, already averaged over the batch: one real number, in nats. It is taken
        as a constant: its own gradient is for the caller to add.
    mu
        Means: real.
    logvar
        Logarithms of the variances: real, of a shape that broadcasts with that of `mu`.
    beta
        Weight of the divergence: a finite number >= 0.
    axis
        The axis of the broadcast shape that counts the latent coordinates, or several; all others count the batch.

    Returns
    -------
    value : NumPy scalar
        What `vae_loss` returns, in nats; the last digits may differ.
    gradient : tuple of two arrays
        The derivatives by `mu` and `logvar`, each of their broadcast shape: ``beta/batch * mu`` and
        ``beta/batch * expm1(logvar)/2``.

    Raises
    ------
    RequestError
        As for `vae_loss`.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes (2014), equation 10.

    Examples
    --------
    >>> value, (by_mu, by_logvar) = vae_loss_value_and_grad(10.0, [[1.0, 2.0], [0.0, 0.0]], 0.0)
    >>> by_mu
    array([[0.5, 1. ],
           [0. , 0. ]])
    """
    weight = _weight(reconstruction, beta)
    divergence, derivatives = kl_standard_normal_value_and_grad(mu, logvar, axis)
    scale = weight / max(1, math.prod(divergence.shape))
    by_mu, by_logvar = (_scaled(one, scale) for one in derivatives)
    return _loss(reconstruction, weight, divergence), (by_mu, by_logvar)


def _weight(reconstruction: Any, beta: Any) -> Any:
    """Return the weight of the divergence, after a look at what must be one number.

    Raises
    ------
    RequestError
        If the reconstruction is not one number, or the weight is not a finite number >= 0.
    """
    if not isinstance(reconstruction, NUMBERS) and kind_of([reconstruction]) == "numpy":
        ((reconstruction,), _) = read({"reconstruction": reconstruction})
    if shape := tuple(getattr(reconstruction, "shape", ())):
        raise RequestError(
            f"reconstruction must be one number, the mean over the batch; got an array of the shape {shape}"
        )
    if kind_of([beta]) == "array_api":
        if shape := tuple(beta.shape):
            raise RequestError(f"beta must be one number; got an array of the shape {shape}")
        return beta
    if not isinstance(beta, NUMBERS):
        raise WrongTypeError(f"beta must be a finite number >= 0; got {given(beta)}")
    try:
        weight = float(beta)
    except OverflowError:
        weight = math.inf if beta > 0 else -math.inf
    if not 0 <= weight < math.inf:
        raise RequestError(f"beta must be a finite number >= 0; got {weight}")
    return weight


def _loss(offset: Any, weight: Any, divergence: Any) -> Any:
    """Return offset + weight * mean of the divergences."""
    size = math.prod(divergence.shape)
    if not size:
        raise RequestError(f"the batch is empty: the divergences have the shape {tuple(divergence.shape)}")
    kind = kind_of([offset, divergence])
    if kind == "array_api":
        xp, arrays = array_api.read({"reconstruction": offset, "divergence": divergence, "beta": weight})
        total = array_api.sum_over(xp, tuple(range(divergence.ndim)), arrays["divergence"])
        return arrays["reconstruction"] + arrays["beta"] * (total / size)
    if kind == "dask":
        from kl_symbolic.numeric.chunks import reduced

        return reduced(_weighted, offset, divergence, weight=weight)
    return _weighted(offset, divergence, weight)


def _weighted(offset: Any, divergence: Any, weight: float) -> np.floating:
    (first, values), _ = read({"reconstruction": offset, "divergence": divergence})
    with np.errstate(all="ignore"):
        # In double precision the mean over a long batch loses no digit of float32; the sum might overflow.
        mean = np.sum(np.divide(values, values.size, dtype=np.float64))
        share = weight * mean if weight or np.isnan(mean) else np.float64(0)  # 0 times infinity is 0 here
        total: np.floating = (np.float64(first) + share).astype(values.dtype)
    return total


def _scaled(derivative: Any, scale: Any) -> Any:
    if isinstance(derivative, np.ndarray):  # in float64, as the scale may be too large for float32
        with np.errstate(all="ignore"):
            return np.multiply(derivative, scale, out=derivative, dtype=np.float64, casting="same_kind")
    if kind_of([derivative]) == "dask":  # with the same numbers, in blocks that are not ours to change
        return (derivative.astype(np.float64) * scale).astype(derivative.dtype)
    return derivative * scale
