"""Divergences of normal laws: KL = delta^2/2 + f, delta = (mu_1 - mu_2)/sigma_2, f the part due to the scales.

Both parts are non-negative, so the sum is as accurate as its parts. Warnings about overflow and the like are off: they
would speak of the result itself, which shows it, or of a branch that is not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kl_symbolic.numeric.inputs import Floats, as_parameters, sum_over
from kl_symbolic.numeric.scale import log_ratio, scale_part

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

INFINITE = 1024  # e^1024 is infinite in float64, and more so in float32


def kl_normal(mu_1: ArrayLike, sigma_1: ArrayLike, mu_2: ArrayLike, sigma_2: ArrayLike) -> Floats:
    """Return KL(N(mu_1, sigma_1^2) || N(mu_2, sigma_2^2)) elementwise.

    Parameters
    ----------
    mu_1, mu_2
        Means: real, of shapes that broadcast.
    sigma_1, sigma_2
        Standard deviations: positive, of shapes that broadcast.

    Returns
    -------
    array or NumPy scalar
        The divergence in nats, of the broadcast shape; float32 for float32 parameters, else float64. Within 16 eps of
        the exact value at the given parameters; 0 exactly where the laws are equal; NaN where a parameter is NaN.

    Raises
    ------
    RequestError
        If a parameter is infinite, a sigma is not positive, or the shapes do not broadcast.

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
        u = (s_1 - s_2) / s_2
        gap, factor = _gap(m_1, m_2)
        delta = gap / s_2 * factor
        value = 0.5 * delta * delta + scale_part(log_ratio(s_1, s_2, u), u)
        return _not_quite_zero(value.astype(m_1.dtype), (m_1 != m_2) | (s_1 != s_2))[()]


def kl_diag_normal(
    mu_1: ArrayLike, logvar_1: ArrayLike, mu_2: ArrayLike, logvar_2: ArrayLike, axis: int = -1
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

    Returns
    -------
    array or NumPy scalar
        The divergence in nats, of the broadcast shape without `axis`; otherwise as for `kl_normal`.

    Raises
    ------
    RequestError
        If a parameter is infinite, the shapes do not broadcast, or there is no such axis.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes (2014), appendix B, for the standard normal as second law.

    Examples
    --------
    >>> kl_diag_normal([[1.0, 2.0], [0.0, 0.0]], 0.0, 0.0, 0.0)
    array([2.5, 0. ])
    """
    m_1, lv_1, m_2, lv_2 = as_parameters(mu_1=mu_1, logvar_1=logvar_1, mu_2=mu_2, logvar_2=logvar_2)
    with np.errstate(all="ignore"):
        s, rest = _difference(0.5 * lv_1, 0.5 * lv_2)
        u = np.expm1(s)
        # e^s magnifies the rounding error of s s-fold. Below 1 that is harmless.
        u = u * np.where((s > 1) & (s < INFINITE), 1 + rest, 1)
        gap, factor = _gap(m_1, m_2)
        # 1/sigma_2 in two factors: it may overflow or underflow by itself where delta does neither.
        root = np.exp(-0.25 * lv_2)
        delta = np.where(gap == 0, 0, gap * root * root * factor)
        value = 0.5 * delta * delta + scale_part(s, u)
        return sum_over(axis, _not_quite_zero(value, (m_1 != m_2) | (lv_1 != lv_2)))


def kl_standard_normal(mu: ArrayLike, logvar: ArrayLike, axis: int = -1) -> Floats:
    """Return KL(N(mu, diag(e^logvar)) || N(0, I)), the regulariser of a variational autoencoder.

    Parameters
    ----------
    mu
        Means: real.
    logvar
        Logarithms of the variances: real, of a shape that broadcasts with that of `mu`.
    axis
        The axis of the broadcast shape that counts the coordinates; it is summed over.

    Returns
    -------
    array or NumPy scalar
        The divergence in nats, of the broadcast shape without `axis`; otherwise as for `kl_normal`.

    Raises
    ------
    RequestError
        If a parameter is infinite, the shapes do not broadcast, or there is no such axis.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes (2014), appendix B.

    Examples
    --------
    >>> kl_standard_normal([[1.0, 2.0], [0.0, 1e-9]], 0.0)
    array([2.5e+00, 5.0e-19])
    """
    m, lv = as_parameters(mu=mu, logvar=logvar)
    with np.errstate(all="ignore"):
        s = 0.5 * lv
        value = 0.5 * m * m + scale_part(s, np.expm1(s))
        return sum_over(axis, _not_quite_zero(value, (m != 0) | (lv != 0)))


def _gap(m_1: Floats, m_2: Floats) -> tuple[Floats, Floats]:
    """Return a number and a power of two, whose product is m_1 - m_2 even where that overflows."""
    gap = m_1 - m_2
    wide = np.isinf(gap)
    return np.where(wide, 0.5 * m_1 - 0.5 * m_2, gap), np.where(wide, 2, 1).astype(m_1.dtype)


def _difference(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return the rounded a - b and its rounding error (Knuth, The Art of Computer Programming 2, section 4.2.2)."""
    rounded = a - b
    minus_b = rounded - a
    return rounded, (a - (rounded - minus_b)) - (b + minus_b)


def _not_quite_zero(value: Floats, different: NDArray[np.bool_]) -> Floats:
    """Round values that underflow to 0 although the laws differ up to the smallest number: 0 says P = Q."""
    value = np.asarray(value)  # a single number becomes an array that can be written to
    vanished = (value == 0) & different
    np.putmask(value, vanished, np.nextafter(value.dtype.type(0), value.dtype.type(1)))
    return value
