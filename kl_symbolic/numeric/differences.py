"""The differences that are in the derivatives of stable forms, accurate where two points are nearly equal.

The errors that are said here are bounds, by an analysis of the rounding errors: `kl_symbolic.functions` has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.special import function_values

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def trigamma_excess(x: ArrayLike) -> Floats:
    """Return psi'(x) - 1/x, what the trigamma function is above 1/x; it is positive.

    Parameters
    ----------
    x
        Positive numbers, of any shape.

    Returns
    -------
    array or NumPy scalar
        Of the same shape; float32 for float32 and half precision, else float64. Within 5 eps of the exact value.

    Raises
    ------
    RequestError
        If a number is not positive.

    Examples
    --------
    >>> float(trigamma_excess(1e8))
    5.000000016666667e-17
    """
    return function_values("trigamma_excess", x=x)


def digamma_difference(x: ArrayLike, a: ArrayLike, gap: ArrayLike | None = None) -> Floats:
    """Return psi(x) - psi(a).

    Parameters
    ----------
    x, a
        Positive numbers, of shapes that broadcast.
    gap
        The difference x - a, where it is known to more digits than `x` and `a` have.

    Returns
    -------
    array or NumPy scalar
        Of the broadcast shape; float32 for float32 and half precision, else float64. Within 4.5 eps of the exact value,
        where the gap is exact; an error in it grows by at most 1.1. 0 where the points are equal.

    Raises
    ------
    RequestError
        If a number is not positive, or the shapes do not broadcast.

    Examples
    --------
    >>> float(digamma_difference(3.0, 2.0))
    0.5
    """
    return function_values("digamma_difference", gap, x=x, a=a)


def digamma_log_difference(x: ArrayLike, a: ArrayLike, gap: ArrayLike | None = None) -> Floats:
    """Return (psi(x) - log x) - (psi(a) - log a).

    Parameters
    ----------
    x, a
        Positive numbers, of shapes that broadcast.
    gap
        The difference x - a, where it is known to more digits than `x` and `a` have.

    Returns
    -------
    array or NumPy scalar
        Of the broadcast shape; float32 for float32 and half precision, else float64. Within 9 eps of the exact value,
        where the gap is exact; an error in it grows by at most 2.1. 0 where the points are equal.

    Raises
    ------
    RequestError
        If a number is not positive, or the shapes do not broadcast.

    Examples
    --------
    >>> float(digamma_log_difference(3.0, 2.0))
    0.0945348918918356
    """
    return function_values("digamma_log_difference", gap, x=x, a=a)


def sigmoid(x: ArrayLike) -> Floats:
    """Return the logistic function e^x/(1 + e^x), which makes a probability of a logit.

    Parameters
    ----------
    x
        Real numbers of any shape.

    Returns
    -------
    array or NumPy scalar
        Of the same shape; float32 for float32 and half precision, else float64. Within 2.7 eps of the exact value.

    Raises
    ------
    RequestError
        If `x` is not real.

    Examples
    --------
    >>> sigmoid([-1000.0, -1.0, 0.0])
    array([0.        , 0.26894142, 0.5       ])
    """
    return function_values("sigmoid", x=x)


def sigmoid_difference(x: ArrayLike, a: ArrayLike, gap: ArrayLike | None = None) -> Floats:
    """Return the difference of two values of the logistic function, e^x/(1 + e^x) - e^a/(1 + e^a).

    Parameters
    ----------
    x, a
        Real numbers, of shapes that broadcast.
    gap
        The difference x - a, where it is known to more digits than `x` and `a` have.

    Returns
    -------
    array or NumPy scalar
        Of the broadcast shape; float32 for float32 and half precision, else float64. Within 7.2 eps of the exact value,
        where the gap is exact; an error in it grows by at most 1. 0 where the points are equal.

    Raises
    ------
    RequestError
        If a number is not real, or the shapes do not broadcast.

    Examples
    --------
    >>> float(sigmoid_difference(1e-9, 0.0))
    2.5e-10
    """
    return function_values("sigmoid_difference", gap, x=x, a=a)


def log_ratio(x: ArrayLike, a: ArrayLike, gap: ArrayLike | None = None) -> Floats:
    """Return log(x/a).

    Parameters
    ----------
    x, a
        Positive numbers, of shapes that broadcast.
    gap
        The difference x - a, where it is known to more digits than `x` and `a` have.

    Returns
    -------
    array or NumPy scalar
        Of the broadcast shape; float32 for float32 and half precision, else float64. Within 3 eps of the exact value,
        where the gap is exact; an error in it grows by at most 1.5. 0 where the points are equal.

    Raises
    ------
    RequestError
        If a number is not positive, or the shapes do not broadcast.

    Examples
    --------
    >>> float(log_ratio(1 + 2**-40, 1.0)) * 2**40
    0.99999999999954...
    """
    return function_values("log_ratio", gap, x=x, a=a)


def difference_of_products(a: ArrayLike, b: ArrayLike, c: ArrayLike, d: ArrayLike) -> Floats:
    """Return a b - c d, whose digits do not cancel.

    Parameters
    ----------
    a, b, c, d
        Real numbers, of shapes that broadcast.

    Returns
    -------
    array or NumPy scalar
        Of the broadcast shape; float32 for float32 and half precision, else float64. Within 1.5 eps of the exact value,
        where no product is beyond the dtype, or so small that its rounding error is.

    Raises
    ------
    RequestError
        If an argument is not real, or the shapes do not broadcast.

    References
    ----------
    Dekker, A floating-point technique for extending the available precision, Numerische Mathematik 18 (1971).

    Examples
    --------
    >>> float(difference_of_products(1 + 2.0**-30, 1 - 2.0**-30, 1.0, 1.0)) == -(2.0**-60)
    True
    """
    return function_values("difference_of_products", a=a, b=b, c=c, d=d)
