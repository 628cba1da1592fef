"""Divergences of normal laws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kl_symbolic.numeric.calls import Axis, Call
from kl_symbolic.numeric.dispatch import by_library
from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.kernels import DIAG_NORMAL, NORMAL, STANDARD_NORMAL

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@by_library
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
    return Call(NORMAL, (mu_1, sigma_1, mu_2, sigma_2), Axis.NONE).value(out)


@by_library
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
    return Call(DIAG_NORMAL, (mu_1, logvar_1, mu_2, logvar_2), axis).value(out)


@by_library
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
    return Call(STANDARD_NORMAL, (mu, logvar), axis).value(out)
