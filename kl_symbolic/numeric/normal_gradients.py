"""Derivatives of the divergences of normal laws, alone and together with the value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from kl_symbolic.numeric.axes import Axis
from kl_symbolic.numeric.evaluate import GradientOptions, ValueOptions, derivatives, value_and_gradient
from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.normal import DIAG_NORMAL, NORMAL, STANDARD_NORMAL

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def kl_normal_grad(
    mu_1: ArrayLike,
    sigma_1: ArrayLike,
    mu_2: ArrayLike,
    sigma_2: ArrayLike,
    **options: Unpack[GradientOptions],
) -> tuple[Floats, ...]:
    """Return the gradient of KL(N(mu_1, sigma_1^2) || N(mu_2, sigma_2^2)) elementwise.

    Parameters
    ----------
    mu_1, mu_2
        Means: real, of shapes that broadcast.
    sigma_1, sigma_2
        Standard deviations: positive, of shapes that broadcast.
    **options
        `unit`, `dtype` and `validate`, as `kl_grad` takes them.

    Returns
    -------
    tuple of arrays or NumPy scalars
        The derivatives by `mu_1`, `sigma_1`, `mu_2` and `sigma_2`, of the broadcast
        shape of all parameters, one entry per coordinate: where one is broadcast, sum over its repetitions.
        float32 for float32 parameters and half precision, else float64. Within 3.1 eps, for ordinary arguments; that by
        `sigma_2` within 7.1 eps of the larger of its two parts, which may cancel; see the reference. NaN where a
        parameter that it depends on is NaN.

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
    return derivatives(
        NORMAL,
        {"mu_1": mu_1, "sigma_1": sigma_1, "mu_2": mu_2, "sigma_2": sigma_2},
        **options,
    )


def kl_normal_value_and_grad(
    mu_1: ArrayLike,
    sigma_1: ArrayLike,
    mu_2: ArrayLike,
    sigma_2: ArrayLike,
    **options: Unpack[ValueOptions],
) -> tuple[Floats, tuple[Floats, ...]]:
    """Return KL(N(mu_1, sigma_1^2) || N(mu_2, sigma_2^2)) and its gradient, in one pass.

    Parameters
    ----------
    mu_1, mu_2
        Means: real, of shapes that broadcast.
    sigma_1, sigma_2
        Standard deviations: positive, of shapes that broadcast.
    **options
        `unit`, `out`, `dtype` and `validate`, as `kl_value_and_grad` takes them; `out` is a pair like that which is
        returned: a large array is written faster where one has been.

    Returns
    -------
    value : array or NumPy scalar
        What `kl_normal` returns; the last digits may differ.
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
    return value_and_gradient(
        NORMAL,
        {"mu_1": mu_1, "sigma_1": sigma_1, "mu_2": mu_2, "sigma_2": sigma_2},
        **options,
    )


def kl_diag_normal_grad(
    mu_1: ArrayLike,
    logvar_1: ArrayLike,
    mu_2: ArrayLike,
    logvar_2: ArrayLike,
    **options: Unpack[GradientOptions],
) -> tuple[Floats, ...]:
    """Return the gradient of KL(N(mu_1, diag(e^logvar_1)) || N(mu_2, diag(e^logvar_2))) elementwise.

    Parameters
    ----------
    mu_1, mu_2
        Means: real, of shapes that broadcast.
    logvar_1, logvar_2
        Logarithms of the variances: real, of shapes that broadcast.
    **options
        `unit`, `dtype` and `validate`, as `kl_grad` takes them.

    Returns
    -------
    tuple of arrays or NumPy scalars
        The derivatives by `mu_1`, `logvar_1`, `mu_2` and `logvar_2`, of the broadcast
        shape of all parameters, one entry per coordinate: where one is broadcast, sum over its repetitions.
        float32 for float32 parameters and half precision, else float64. Within 3.6 eps, for ordinary arguments; that by
        `logvar_2` within 7.1 eps of the larger of its two parts, which may cancel; see the reference. NaN where a
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
    >>> kl_diag_normal_grad([3.0, 2.0], 0.0, 1.0, 0.0)[3]
    array([-2. , -0.5])
    """
    return derivatives(DIAG_NORMAL, {"mu_1": mu_1, "logvar_1": logvar_1, "mu_2": mu_2, "logvar_2": logvar_2}, **options)


def kl_diag_normal_value_and_grad(
    mu_1: ArrayLike,
    logvar_1: ArrayLike,
    mu_2: ArrayLike,
    logvar_2: ArrayLike,
    axis: Axis = -1,
    **options: Unpack[ValueOptions],
) -> tuple[Floats, tuple[Floats, ...]]:
    """Return KL(N(mu_1, diag(e^logvar_1)) || N(mu_2, diag(e^logvar_2))) and its gradient, in one pass.

    Parameters
    ----------
    mu_1, mu_2
        Means: real, of shapes that broadcast.
    logvar_1, logvar_2
        Logarithms of the variances: real, of shapes that broadcast.
    axis
        The axis of the broadcast shape that counts the coordinates, several, or None for all; the value is summed over
        it.
    **options
        `unit`, `out`, `dtype` and `validate`, as `kl_value_and_grad` takes them; `out` is a pair like that which is
        returned: a large array is written faster where one has been.

    Returns
    -------
    value : array or NumPy scalar
        What `kl_diag_normal` returns; the last digits may differ.
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
    return value_and_gradient(
        DIAG_NORMAL,
        {"mu_1": mu_1, "logvar_1": logvar_1, "mu_2": mu_2, "logvar_2": logvar_2},
        axis,
        **options,
    )


def kl_standard_normal_grad(
    mu: ArrayLike,
    logvar: ArrayLike,
    **options: Unpack[GradientOptions],
) -> tuple[Floats, ...]:
    """Return the gradient of KL(N(mu, diag(e^logvar)) || N(0, I)) elementwise.

    Parameters
    ----------
    mu
        Means: real.
    logvar
        Logarithms of the variances: real, of a shape that broadcasts with that of `mu`.
    **options
        `unit`, `dtype` and `validate`, as `kl_grad` takes them.

    Returns
    -------
    tuple of arrays or NumPy scalars
        The derivatives by `mu` and `logvar`, of the broadcast
        shape of all parameters, one entry per coordinate: where one is broadcast, sum over its repetitions.
        float32 for float32 parameters and half precision, else float64. That by `mu` is exact, that by `logvar` within
        1.1 eps, for ordinary arguments; see the reference. NaN where the parameter that it depends on is NaN.

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
    return derivatives(STANDARD_NORMAL, {"mu": mu, "logvar": logvar}, **options)


def kl_standard_normal_value_and_grad(
    mu: ArrayLike,
    logvar: ArrayLike,
    axis: Axis = -1,
    **options: Unpack[ValueOptions],
) -> tuple[Floats, tuple[Floats, ...]]:
    """Return KL(N(mu, diag(e^logvar)) || N(0, I)) and its gradient, in one pass.

    Parameters
    ----------
    mu
        Means: real.
    logvar
        Logarithms of the variances: real, of a shape that broadcasts with that of `mu`.
    axis
        The axis of the broadcast shape that counts the coordinates, several, or None for all; the value is summed over
        it.
    **options
        `unit`, `out`, `dtype` and `validate`, as `kl_value_and_grad` takes them; `out` is a pair like that which is
        returned: a large array is written faster where one has been.

    Returns
    -------
    value : array or NumPy scalar
        What `kl_standard_normal` returns; the last digits may differ.
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
    return value_and_gradient(STANDARD_NORMAL, {"mu": mu, "logvar": logvar}, axis, **options)
