"""Divergences of normal laws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from kl_symbolic.numeric.axes import Axis
from kl_symbolic.numeric.evaluate import ValueOptions, value
from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.laws import formula_for

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

NORMAL = formula_for("normal", "normal")
DIAG_NORMAL = formula_for("normal", "normal", "logvar")
STANDARD_NORMAL = formula_for("normal", "standard_normal", "logvar")


def kl_normal(
    mu_1: ArrayLike,
    sigma_1: ArrayLike,
    mu_2: ArrayLike,
    sigma_2: ArrayLike,
    **options: Unpack[ValueOptions],
) -> Floats:
    """Return KL(N(mu_1, sigma_1^2) || N(mu_2, sigma_2^2)) elementwise.

    Parameters
    ----------
    mu_1, mu_2
        Means: real, of shapes that broadcast.
    sigma_1, sigma_2
        Standard deviations: positive, of shapes that broadcast.
    **options
        `unit`, `out`, `dtype` and `validate`, as `kl` takes them.

    Returns
    -------
    array or NumPy scalar
        The divergence, in nats unless `unit` says otherwise, of the broadcast shape; float32 for float32 parameters and
        half precision, else float64. Within 8 eps of the exact value at the given parameters, for ordinary arguments;
        see the reference. Never negative; 0 where the laws are equal; NaN where a parameter is NaN.

    Raises
    ------
    RequestError
        If a parameter is infinite, a sigma is not positive, the shapes do not broadcast, or `out` does not fit. In
        tensors, unless `validate` is true, a sigma that is not positive gives NaN.

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
    return value(
        NORMAL,
        {"mu_1": mu_1, "sigma_1": sigma_1, "mu_2": mu_2, "sigma_2": sigma_2},
        **options,
    )


def kl_diag_normal(
    mu_1: ArrayLike,
    logvar_1: ArrayLike,
    mu_2: ArrayLike,
    logvar_2: ArrayLike,
    axis: Axis = -1,
    **options: Unpack[ValueOptions],
) -> Floats:
    """Return KL(N(mu_1, diag(e^logvar_1)) || N(mu_2, diag(e^logvar_2))), the coordinates along one axis.

    Parameters
    ----------
    mu_1, mu_2
        Means: real, of shapes that broadcast.
    logvar_1, logvar_2
        Logarithms of the variances: real, of shapes that broadcast.
    axis
        The axis of the broadcast shape that counts the coordinates, several, or None for all; it is summed over.
    **options
        `unit`, `out`, `dtype` and `validate`, as `kl` takes them.

    Returns
    -------
    array or NumPy scalar
        The divergence, of the broadcast shape without `axis`; within 8 eps, for ordinary arguments;
        otherwise as for `kl_normal`.

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
    return value(
        DIAG_NORMAL,
        {"mu_1": mu_1, "logvar_1": logvar_1, "mu_2": mu_2, "logvar_2": logvar_2},
        axis,
        **options,
    )


def kl_standard_normal(
    mu: ArrayLike,
    logvar: ArrayLike,
    axis: Axis = -1,
    **options: Unpack[ValueOptions],
) -> Floats:
    """Return KL(N(mu, diag(e^logvar)) || N(0, I)), the regulariser of a variational autoencoder.

    Parameters
    ----------
    mu
        Means: real.
    logvar
        Logarithms of the variances: real, of a shape that broadcasts with that of `mu`.
    axis
        The axis of the broadcast shape that counts the coordinates, several, or None for all; it is summed over.
    **options
        `unit`, `out`, `dtype` and `validate`, as `kl` takes them.

    Returns
    -------
    array or NumPy scalar
        The divergence, of the broadcast shape without `axis`; within 8 eps, for ordinary arguments;
        otherwise as for `kl_normal`.

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
    return value(STANDARD_NORMAL, {"mu": mu, "logvar": logvar}, axis, **options)
