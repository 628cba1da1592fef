"""The remainders that stable forms of divergences are made of, accurate where two points are nearly equal.

The errors that are said here are bounds, by an analysis of the rounding errors: `kl_symbolic.functions` has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.special import function_values

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def expm1mx(t: ArrayLike) -> Floats:
    """Return exp(t) - 1 - t, which is never negative.

    Parameters
    ----------
    t
        Real numbers of any shape.

    Returns
    -------
    array or NumPy scalar
        Of the same shape; float32 for float32 and half precision, else float64. Within 3.1 eps of the exact value.

    Raises
    ------
    RequestError
        If `t` is not real.

    Examples
    --------
    >>> float(expm1mx(1e-8))
    5.000000016666667e-17
    """
    return function_values("expm1mx", t=t)


def log1pmx(x: ArrayLike) -> Floats:
    """Return log(1 + x) - x, which is never positive.

    Parameters
    ----------
    x
        Numbers above -1, of any shape.

    Returns
    -------
    array or NumPy scalar
        Of the same shape; float32 for float32 and half precision, else float64. Within 3.5 eps of the exact value.

    Raises
    ------
    RequestError
        If a number is not above -1.

    Examples
    --------
    >>> float(log1pmx(1e-8))
    -4.999999966666667e-17
    """
    return function_values("log1pmx", x=x)


def itakura_saito(x: ArrayLike, a: ArrayLike, gap: ArrayLike | None = None) -> Floats:
    """Return the Itakura-Saito divergence x/a - 1 - log(x/a), which is never negative.

    Parameters
    ----------
    x, a
        Positive numbers, of shapes that broadcast.
    gap
        The difference x - a, where it is known to more digits than `x` and `a` have.

    Returns
    -------
    array or NumPy scalar
        Of the broadcast shape; float32 for float32 and half precision, else float64. Within 5 eps of the exact value,
        where the gap is exact; an error in it grows by at most 3.7. 0 where the points are equal.

    Raises
    ------
    RequestError
        If a number is not positive, or the shapes do not broadcast.

    References
    ----------
    Fevotte, Bertin and Durrieu, Nonnegative matrix factorization with the Itakura-Saito divergence, Neural OnArrays
    21 (2009), eq. (2).

    Examples
    --------
    >>> itakura_saito([2.0, 1.0, 1.0], [1.0, 1.0, 1.0 + 1e-9])
    array([3.06852819e-01, 0.00000000e+00, 5.00000082e-19])
    """
    return function_values("itakura_saito", gap, x=x, a=a)


def kl_div(x: ArrayLike, a: ArrayLike, gap: ArrayLike | None = None) -> Floats:
    """Return x log(x/a) - x + a, which is never negative: the term of the generalised divergence of Csiszar.

    Parameters
    ----------
    x, a
        Non-negative numbers, of shapes that broadcast. 0 log 0 is 0.
    gap
        The difference x - a, where it is known to more digits than `x` and `a` have.

    Returns
    -------
    array or NumPy scalar
        Of the broadcast shape; float32 for float32 and half precision, else float64. Within 5.5 eps of the exact value,
        where the gap is exact; an error in it grows by at most 3.7. 0 where the points are equal, `a` where `x` is 0,
        infinite where `a` alone is 0.

    Raises
    ------
    RequestError
        If a number is negative, or the shapes do not broadcast.

    References
    ----------
    Csiszar, Why least squares and maximum entropy? An axiomatic approach to inference for linear inverse problems,
    Annals of Statistics 19 (1991).

    Examples
    --------
    >>> kl_div([2.0, 1.0, 1.0, 0.0], [1.0, 1.0, 1.0 + 1e-9, 0.5])
    array([3.86294361e-01, 0.00000000e+00, 5.00000082e-19, 5.00000000e-01])
    """
    return function_values("kl_div", gap, x=x, a=a)


def lgamma_remainder(x: ArrayLike, a: ArrayLike, gap: ArrayLike | None = None) -> Floats:
    """Return log Gamma(x) - log Gamma(a) - (x - a) psi(a), which is never negative.

    Parameters
    ----------
    x, a
        Positive numbers, of shapes that broadcast.
    gap
        The difference x - a, where it is known to more digits than `x` and `a` have.

    Returns
    -------
    array or NumPy scalar
        Of the broadcast shape; float32 for float32 and half precision, else float64. Within 8.5 eps of the exact value,
        where the gap is exact; an error in it grows by at most 3.7. 0 where the points are equal.

    Raises
    ------
    RequestError
        If a number is not positive, or the shapes do not broadcast.

    References
    ----------
    NIST Digital Library of Mathematical Functions, eq. (5.5.1), (5.11.1).

    Examples
    --------
    >>> float(lgamma_remainder(3.0, 2.0))
    0.27036284546147815
    >>> float(lgamma_remainder(2.0, 2.0, gap=1e-12))
    3.2246703342405087e-25
    """
    return function_values("lgamma_remainder", gap, x=x, a=a)


def lgamma1p_remainder(e: ArrayLike) -> Floats:
    """Return log Gamma(1 + e) + gamma e, where gamma is Euler's constant; it is never negative.

    Parameters
    ----------
    e
        Numbers above -1, of any shape.

    Returns
    -------
    array or NumPy scalar
        Of the same shape; float32 for float32 and half precision, else float64. Within 11 eps of the exact value.

    Raises
    ------
    RequestError
        If a number is not above -1.

    Examples
    --------
    >>> float(lgamma1p_remainder(1e-8))
    8.224670294172569e-17
    """
    return function_values("lgamma1p_remainder", e=e)


def gamma_shape_remainder(x: ArrayLike, a: ArrayLike, gap: ArrayLike | None = None) -> Floats:
    """Return what f(x) = log Gamma(x) - x log x is above its tangent in a: f(x) - f(a) - (x - a) f'(a), never negative.

    Parameters
    ----------
    x, a
        Positive numbers, of shapes that broadcast.
    gap
        The difference x - a, where it is known to more digits than `x` and `a` have.

    Returns
    -------
    array or NumPy scalar
        Of the broadcast shape; float32 for float32 and half precision, else float64. Within 11.5 eps of the exact
        value, where the gap is exact; an error in it grows by at most 3.7. 0 where the points are equal.

    Raises
    ------
    RequestError
        If a number is not positive, or the shapes do not broadcast.

    References
    ----------
    NIST Digital Library of Mathematical Functions, eq. (5.5.1), (5.11.1).

    Examples
    --------
    >>> float(gamma_shape_remainder(3.0, 2.0))
    0.053967521136985025
    """
    return function_values("gamma_shape_remainder", gap, x=x, a=a)


def softplus_remainder(x: ArrayLike, a: ArrayLike, gap: ArrayLike | None = None) -> Floats:
    """Return what log(1 + e^x) is above its tangent in a, log((1 + e^x)/(1 + e^a)) - (x - a) e^a/(1 + e^a).

    It is the divergence of the Bernoulli law with the logit a from that with the logit x, and never negative.

    Parameters
    ----------
    x, a
        Real numbers, of shapes that broadcast.
    gap
        The difference x - a, where it is known to more digits than `x` and `a` have.

    Returns
    -------
    array or NumPy scalar
        Of the broadcast shape; float32 for float32 and half precision, else float64. Within 38 eps of the exact value,
        where the gap is exact; an error in it grows by at most 15.1. 0 where the points are equal.

    Raises
    ------
    RequestError
        If a number is not real, or the shapes do not broadcast.

    Examples
    --------
    >>> softplus_remainder([0.0, 1e-9, 1000.0], 0.0)
    array([0.00000000e+00, 1.25000000e-19, 4.99306853e+02])
    """
    return function_values("softplus_remainder", gap, x=x, a=a)
