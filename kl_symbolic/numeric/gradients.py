"""Gradients of the divergences of normal laws, alone and together with the value.

With w = sigma_1^2/sigma_2^2 - 1 and delta = (mu_1 - mu_2)/sigma_2 every component but one is a product, so it is as
accurate as its factors, near P = Q too. The exception is the derivative by the second scale, a multiple of w +
delta^2: where sigma_1 < sigma_2 the two have opposite signs and may cancel. Each is computed without cancellation, so
the error is at most 16 eps of the sum of their magnitudes. It is at most 16 eps of the derivative itself where
sigma_1 >= sigma_2; otherwise (|w| + delta^2)/|w + delta^2| times as much, which is large only near the surface where
the derivative is zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kl_symbolic.numeric.calls import Axis, Call
from kl_symbolic.numeric.dispatch import by_library
from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.kernels import DIAG_NORMAL, NORMAL, STANDARD_NORMAL
from kl_symbolic.numeric.parts import FourFloats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@by_library
def kl_normal_grad(mu_1: ArrayLike, sigma_1: ArrayLike, mu_2: ArrayLike, sigma_2: ArrayLike) -> FourFloats:
    """Return the gradient of KL(N(mu_1, sigma_1^2) || N(mu_2, sigma_2^2)) elementwise.

    Parameters
    ----------
    mu_1, mu_2
        Means: real, of shapes that broadcast.
    sigma_1, sigma_2
        Standard deviations: positive, of shapes that broadcast.

    Returns
    -------
    tuple of arrays or NumPy scalars
        The derivatives by `mu_1`, `sigma_1`, `mu_2` and `sigma_2`, in nats per unit of each and of the broadcast
        shape of all parameters, one entry per coordinate: where one is broadcast, sum over its repetitions.
        float32 for float32 parameters, else float64. Within 16 eps, `sigma_2` excepted where it cancels (see the
        module); NaN where a parameter that it depends on is NaN.

    Raises
    ------
    RequestError
        If a parameter is infinite, a sigma is not positive, or the shapes do not broadcast.

    References
    ----------
    The Book of Statistical Proofs, "Kullback-Leibler divergence for the normal distribution"; differentiated.

    Examples
    --------
    >>> [float(component) for component in kl_normal_grad(1.0, 2.0, 0.0, 1.0)]
    [1.0, 1.5, -1.0, -4.0]
    """
    return kl_normal_value_and_grad(mu_1, sigma_1, mu_2, sigma_2)[1]


@by_library
def kl_normal_value_and_grad(
    mu_1: ArrayLike,
    sigma_1: ArrayLike,
    mu_2: ArrayLike,
    sigma_2: ArrayLike,
    *,
    out: tuple[Floats, FourFloats] | None = None,
) -> tuple[Floats, FourFloats]:
    """Return KL(N(mu_1, sigma_1^2) || N(mu_2, sigma_2^2)) and its gradient, in one pass.

    Parameters
    ----------
    mu_1, mu_2
        Means: real, of shapes that broadcast.
    sigma_1, sigma_2
        Standard deviations: positive, of shapes that broadcast.
    out
        Arrays like those that are returned, to write them to: a large array is written faster where one has been.

    Returns
    -------
    value : array or NumPy scalar
        What `kl_normal` returns, in nats; the last digits may differ.
    gradient : tuple of arrays or NumPy scalars
        What `kl_normal_grad` returns.

    Raises
    ------
    RequestError
        If a parameter is infinite, a sigma is not positive, the shapes do not broadcast, or `out` does not
        fit.

    References
    ----------
    The Book of Statistical Proofs, "Kullback-Leibler divergence for the normal distribution"; differentiated.

    Examples
    --------
    >>> value, gradient = kl_normal_value_and_grad(1.0, 1.0, 0.0, 1.0)
    >>> float(value), [float(component) for component in gradient]
    (0.5, [1.0, 0.0, -1.0, -1.0])
    """
    value, (a, b, c, d) = Call(NORMAL, (mu_1, sigma_1, mu_2, sigma_2), Axis.NONE).value_and_gradient(out)
    return value, (a, b, c, d)


@by_library
def kl_diag_normal_grad(mu_1: ArrayLike, logvar_1: ArrayLike, mu_2: ArrayLike, logvar_2: ArrayLike) -> FourFloats:
    """Return the gradient of KL(N(mu_1, diag(e^logvar_1)) || N(mu_2, diag(e^logvar_2))) elementwise.

    Parameters
    ----------
    mu_1, mu_2
        Means: real, of shapes that broadcast.
    logvar_1, logvar_2
        Logarithms of the variances: real, of shapes that broadcast.

    Returns
    -------
    tuple of arrays or NumPy scalars
        The derivatives by `mu_1`, `logvar_1`, `mu_2` and `logvar_2`, in nats per unit of each and of the broadcast
        shape of all parameters, one entry per coordinate: where one is broadcast, sum over its repetitions.
        float32 for float32 parameters, else float64. Within 16 eps, `logvar_2` excepted where it cancels (see the
        module); NaN where a parameter that it depends on is NaN.

    Raises
    ------
    RequestError
        If a parameter is infinite or the shapes do not broadcast.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes (2014), appendix B; differentiated.

    Examples
    --------
    >>> kl_diag_normal_grad([3.0, 2.0], 0.0, 1.0, 0.0)[3]
    array([-2. , -0.5])
    """
    _, (a, b, c, d) = Call(DIAG_NORMAL, (mu_1, logvar_1, mu_2, logvar_2), Axis.NONE).value_and_gradient(None)
    return a, b, c, d


@by_library
def kl_diag_normal_value_and_grad(
    mu_1: ArrayLike,
    logvar_1: ArrayLike,
    mu_2: ArrayLike,
    logvar_2: ArrayLike,
    axis: int = -1,
    *,
    out: tuple[Floats, FourFloats] | None = None,
) -> tuple[Floats, FourFloats]:
    """Return KL(N(mu_1, diag(e^logvar_1)) || N(mu_2, diag(e^logvar_2))) and its gradient, in one pass.

    Parameters
    ----------
    mu_1, mu_2
        Means: real, of shapes that broadcast.
    logvar_1, logvar_2
        Logarithms of the variances: real, of shapes that broadcast.
    axis
        The axis of the broadcast shape that counts the coordinates; the value is summed over it.
    out
        Arrays like those that are returned, to write them to: a large array is written faster where one has been.

    Returns
    -------
    value : array or NumPy scalar
        What `kl_diag_normal` returns, in nats; the last digits may differ.
    gradient : tuple of arrays or NumPy scalars
        What `kl_diag_normal_grad` returns; the last digits may differ.

    Raises
    ------
    RequestError
        If a parameter is infinite, the shapes do not broadcast, there is no such axis, or `out` does not fit.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes (2014), appendix B; differentiated.

    Examples
    --------
    >>> value, gradient = kl_diag_normal_value_and_grad([3.0, 2.0], 0.0, 1.0, 0.0)
    >>> float(value), gradient[0]
    (2.5, array([2., 1.]))
    """
    value, (a, b, c, d) = Call(DIAG_NORMAL, (mu_1, logvar_1, mu_2, logvar_2), axis).value_and_gradient(out)
    return value, (a, b, c, d)


@by_library
def kl_standard_normal_grad(mu: ArrayLike, logvar: ArrayLike) -> tuple[Floats, Floats]:
    """Return the gradient of KL(N(mu, diag(e^logvar)) || N(0, I)) elementwise.

    Parameters
    ----------
    mu
        Means: real.
    logvar
        Logarithms of the variances: real, of a shape that broadcasts with that of `mu`.

    Returns
    -------
    tuple of arrays or NumPy scalars
        The derivatives by `mu` and `logvar`, in nats per unit of each and of the broadcast
        shape of all parameters, one entry per coordinate: where one is broadcast, sum over its repetitions.
        float32 for float32 parameters, else float64. Within 16 eps; NaN where the
        parameter that it depends on is NaN.

    Raises
    ------
    RequestError
        If a parameter is infinite or the shapes do not broadcast.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes (2014), appendix B; differentiated.

    Examples
    --------
    >>> kl_standard_normal_grad([1.0, 2.0], [0.0, 1e-9])
    (array([1., 2.]), array([0.e+00, 5.e-10]))
    """
    _, (by_mu, by_logvar) = Call(STANDARD_NORMAL, (mu, logvar), Axis.NONE).value_and_gradient(None)
    return by_mu, by_logvar


@by_library
def kl_standard_normal_value_and_grad(
    mu: ArrayLike, logvar: ArrayLike, axis: int = -1, *, out: tuple[Floats, tuple[Floats, Floats]] | None = None
) -> tuple[Floats, tuple[Floats, Floats]]:
    """Return KL(N(mu, diag(e^logvar)) || N(0, I)) and its gradient, in one pass.

    Parameters
    ----------
    mu
        Means: real.
    logvar
        Logarithms of the variances: real, of a shape that broadcasts with that of `mu`.
    axis
        The axis of the broadcast shape that counts the coordinates; the value is summed over it.
    out
        Arrays like those that are returned, to write them to: a large array is written faster where one has been.

    Returns
    -------
    value : array or NumPy scalar
        What `kl_standard_normal` returns, in nats; the last digits may differ.
    gradient : tuple of arrays or NumPy scalars
        What `kl_standard_normal_grad` returns; the last digits may differ.

    Raises
    ------
    RequestError
        If a parameter is infinite, the shapes do not broadcast, there is no such axis, or `out` does not fit.

    References
    ----------
    Kingma and Welling, Auto-Encoding Variational Bayes (2014), appendix B; differentiated.

    Examples
    --------
    >>> value, (by_mu, by_logvar) = kl_standard_normal_value_and_grad([1.0, 2.0], 0.0)
    >>> float(value), by_mu, by_logvar
    (2.5, array([1., 2.]), array([0., 0.]))
    """
    value, (by_mu, by_logvar) = Call(STANDARD_NORMAL, (mu, logvar), axis).value_and_gradient(out)
    return value, (by_mu, by_logvar)
