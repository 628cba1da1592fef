"""Divergences of normal laws: KL = delta^2/2 + f, delta = (mu_1 - mu_2)/sigma_2, f the part due to the scales.

Both parts are non-negative, so the sum is as accurate as its parts. Warnings about overflow and the like are off: they
would speak of the result itself, which shows it, or of a branch that is not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kl_symbolic.numeric.blocks import block_sums, require_out
from kl_symbolic.numeric.inputs import Floats, as_parameters
from kl_symbolic.numeric.parts import diag_normal_parts, normal_parts, normal_terms, standard_normal_parts

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

WIDEST = 170  # of a larger logvar_2, 1/sigma_2 is subnormal or 0 in float32, and large means could make up for it


def kl_normal(
    mu_1: ArrayLike, sigma_1: ArrayLike, mu_2: ArrayLike, sigma_2: ArrayLike, *, out: Floats | None = None
) -> Floats:
    """Return KL(N(mu_1, sigma_1^2) || N(mu_2, sigma_2^2)) elementwise.

    Parameters
    ----------
    mu_1, mu_2
        Means: real, of shapes that broadcast.
    sigma_1, sigma_2
        Standard deviations: positive, of shapes that broadcast.
    out
        An array of the shape and dtype of the result, to write it to.

    Returns
    -------
    array or NumPy scalar
        The divergence in nats, of the broadcast shape; float32 for float32 parameters, else float64. Within 16 eps of
        the exact value at the given parameters; 0 exactly where the laws are equal; NaN where a parameter is NaN.

    Raises
    ------
    RequestError
        If a parameter is infinite, a sigma is not positive, the shapes do not broadcast, or `out` does not fit.

    References
    ----------
    The Book of Statistical Proofs, "Kullback-Leibler divergence for the normal distribution".

    Examples
    --------
    >>> float(kl_normal(1.0, 1.0, 0.0, 1.0))
    0.5
    >>> kl_normal([0.0, 1e-9], 1.0, 0.0, 1.0)
    array([0.e+00, 5.e-19])
    """
    m_1, s_1, m_2, s_2 = as_parameters(mu_1=mu_1, sigma_1=sigma_1, mu_2=mu_2, sigma_2=sigma_2)
    with np.errstate(all="ignore"):
        value = normal_terms(normal_parts(m_1, s_1, m_2, s_2), (m_1 != m_2) | (s_1 != s_2))
    if out is None:
        return value[()]
    require_out(out, value.shape, value.dtype)
    out[...] = value
    return out


def kl_diag_normal(
    mu_1: ArrayLike,
    logvar_1: ArrayLike,
    mu_2: ArrayLike,
    logvar_2: ArrayLike,
    axis: int = -1,
    *,
    out: Floats | None = None,
) -> Floats:
    """Return KL(N(mu_1, diag(e^logvar_1)) || N(mu_2, diag(e^logvar_2))), the coordinates along one axis.

    Parameters
    ----------
    mu_1, mu_2
        Means: real, of shapes that broadcast.
    logvar_1, logvar_2
        Logarithms of the variances: real, of shapes that broadcast.
    axis
        The axis of the broadcast shape that counts the coordinates; it is summed over.
    out
        An array of the shape and dtype of the result, to write it to.

    Returns
    -------
    array or NumPy scalar
        The divergence in nats, of the broadcast shape without `axis`; otherwise as for `kl_normal`.

    Raises
    ------
    RequestError
        If a parameter is infinite, the shapes do not broadcast, there is no such axis, or `out` does not fit.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes (2014), appendix B, for the standard normal as second law.

    Examples
    --------
    >>> kl_diag_normal([[1.0, 2.0], [0.0, 0.0]], 0.0, 0.0, 0.0)
    array([2.5, 0. ])
    """
    return block_sums(
        _diag_normal_fast, _diag_normal, axis, out, mu_1=mu_1, logvar_1=logvar_1, mu_2=mu_2, logvar_2=logvar_2
    )


def kl_standard_normal(mu: ArrayLike, logvar: ArrayLike, axis: int = -1, *, out: Floats | None = None) -> Floats:
    """Return KL(N(mu, diag(e^logvar)) || N(0, I)), the regulariser of a variational autoencoder.

    Parameters
    ----------
    mu
        Means: real.
    logvar
        Logarithms of the variances: real, of a shape that broadcasts with that of `mu`.
    axis
        The axis of the broadcast shape that counts the coordinates; it is summed over.
    out
        An array of the shape and dtype of the result, to write it to.

    Returns
    -------
    array or NumPy scalar
        The divergence in nats, of the broadcast shape without `axis`; otherwise as for `kl_normal`.

    Raises
    ------
    RequestError
        If a parameter is infinite, the shapes do not broadcast, there is no such axis, or `out` does not fit.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes (2014), appendix B.

    Examples
    --------
    >>> kl_standard_normal([[1.0, 2.0], [0.0, 1e-9]], 0.0)
    array([2.5e+00, 5.0e-19])
    """
    return block_sums(_standard_normal_fast, _standard_normal, axis, out, mu=mu, logvar=logvar)


def _diag_normal(m_1: Floats, lv_1: Floats, m_2: Floats, lv_2: Floats) -> Floats:
    return normal_terms(diag_normal_parts(m_1, lv_1, m_2, lv_2), (m_1 != m_2) | (lv_1 != lv_2))


def _diag_normal_fast(operands: list[Floats], buffers: list[Floats]) -> NDArray[np.bool_] | None:
    m_1, lv_1, m_2, lv_2 = operands
    value, a, b = buffers
    np.subtract(lv_1, lv_2, a)
    np.expm1(a, value)
    np.subtract(value, a, value)
    np.multiply(lv_2, -0.5, a)
    beyond: NDArray[np.bool_] | None = None
    if not a.item(a.argmin()) >= -0.5 * WIDEST:  # as NaN does, which counts as the least
        beyond = np.logical_or.reduce(lv_2 > WIDEST, axis=-1)
    np.exp(a, a)
    np.subtract(m_1, m_2, b)
    np.multiply(a, b, a)
    np.multiply(a, a, a)
    np.add(value, a, value)
    return beyond


def _standard_normal(m: Floats, lv: Floats) -> Floats:
    return normal_terms(standard_normal_parts(m, lv), (m != 0) | (lv != 0))


def _standard_normal_fast(operands: list[Floats], buffers: list[Floats]) -> None:
    m, lv = operands
    value, square = buffers
    np.expm1(lv, value)
    np.subtract(value, lv, value)
    np.multiply(m, m, square)
    np.add(value, square, value)
