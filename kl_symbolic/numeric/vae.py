"""The loss of a variational autoencoder: the reconstruction plus the divergence from the standard normal law."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric.dispatch import by_library
from kl_symbolic.numeric.gradients import kl_standard_normal_value_and_grad
from kl_symbolic.numeric.inputs import Floats, as_floats, as_weight
from kl_symbolic.numeric.normal import kl_standard_normal

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@by_library
def vae_loss(
    reconstruction: ArrayLike, mu: ArrayLike, logvar: ArrayLike, beta: float = 1.0, axis: int = -1
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
        The axis of the broadcast shape that counts the latent coordinates; all others count the batch.

    Returns
    -------
    NumPy scalar
        The loss in nats; float32 if the arrays are float32, else float64. NaN if a parameter is NaN.

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
    offset, m, lv, weight = _read(reconstruction, mu, logvar, beta)
    return weighted_loss(offset, weight, kl_standard_normal(m, lv, axis=axis))


@by_library
def vae_loss_value_and_grad(
    reconstruction: ArrayLike, mu: ArrayLike, logvar: ArrayLike, beta: float = 1.0, axis: int = -1
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
        The axis of the broadcast shape that counts the latent coordinates; all others count the batch.

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
    offset, m, lv, weight = _read(reconstruction, mu, logvar, beta)
    divergence, (by_mu, by_logvar) = kl_standard_normal_value_and_grad(m, lv, axis=axis)
    value = weighted_loss(offset, weight, divergence)
    scale = weight / np.size(divergence)
    for component in (by_mu, by_logvar):
        with np.errstate(all="ignore"):  # in float64, as `scale` may be too large for float32 where the product is not
            np.multiply(component, scale, out=component, dtype=np.float64, casting="same_kind")
    return value, (by_mu, by_logvar)


def _read(
    reconstruction: ArrayLike, mu: ArrayLike, logvar: ArrayLike, beta: float
) -> tuple[Floats, Floats, Floats, float]:
    offset, m, lv = as_floats(reconstruction=reconstruction, mu=mu, logvar=logvar)
    if offset.ndim:
        raise RequestError(
            "reconstruction must be one number, the mean over the batch; got an array of the shape " + str(offset.shape)
        )
    return offset, m, lv, as_weight(beta)


def weighted_loss(offset: Floats, weight: float, divergence: Floats) -> np.floating:
    """Return offset + weight * mean of the divergences.

    It is computed in float64, where the mean over a long batch loses no digit of float32.
    """
    if np.size(divergence) == 0:
        raise RequestError(f"the batch is empty: the divergences have the shape {np.shape(divergence)}")
    with np.errstate(all="ignore"):
        mean = np.sum(np.divide(divergence, np.size(divergence), dtype=np.float64))  # the sum might overflow
        share = weight * mean if weight or np.isnan(mean) else np.float64(0)  # 0 times infinity is 0 here
        total: np.floating = (np.float64(offset) + share).astype(offset.dtype)
    return total
