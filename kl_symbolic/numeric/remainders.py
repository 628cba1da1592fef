"""The remainders that stable forms of divergences are made of, and the differences that are in their derivatives.

They keep their digits where their formulas lose them: where two points are nearly equal, or an argument is near 0. The
errors that are said here are bounds, by an analysis of the rounding errors: `kl_symbolic.functions` has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kl_symbolic.code.operations import argument, call
from kl_symbolic.code.program import Program
from kl_symbolic.functions import Domain, all_functions
from kl_symbolic.numeric.evaluate import value
from kl_symbolic.numeric.formula import ALL_NUMBERS, ANY_NUMBER, Formula, ParameterSpace, Routine
from kl_symbolic.numeric.inputs import Floats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

ABOVE_MINUS_1 = ("log1pmx", "lgamma1p_remainder")
FROM_0 = {"kl_div": Domain.NONNEGATIVE}
ARGUMENTS = {"expm1mx": ("t",), "lgamma1p_remainder": ("e",)}
POINTS, FACTORS = ("x", "a"), ("a", "b", "c", "d")


def _formula(name: str, *, gap: bool) -> Formula:
    """Return what computes a function, at two points and their difference or at the points alone."""
    function = all_functions()[name]
    names = ARGUMENTS.get(name, (POINTS if function.arity <= len(POINTS) else FACTORS)[: function.arity])
    spaces = {
        key: ParameterSpace(FROM_0.get(name, domain), above=-1.0 if name in ABOVE_MINUS_1 else None, infinite=True)
        for key, domain in zip(names, function.domains, strict=True)
    }
    points = [argument(key) for key in names]
    if function.gap:
        points.append(argument("gap") if gap else points[0] - points[1])
    if gap:
        spaces["gap"] = ANY_NUMBER
    program = Program(f"{name}_of_arguments", tuple(spaces), (call(name, *points),))
    return Formula(Routine(program), spaces=spaces, within=dict.fromkeys(spaces, ALL_NUMBERS), compiled=False)


# torch.compile follows neither the writing of programs nor a search in caches.
_FORMULAS = {
    (name, gap): _formula(name, gap=gap)
    for name, one in all_functions().items()
    if one.definition and one.program
    for gap in {False, one.gap}
}


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
    return _values("expm1mx", t=t)


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
    return _values("log1pmx", x=x)


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
    return _values("itakura_saito", gap, x=x, a=a)


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
    return _values("kl_div", gap, x=x, a=a)


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
    return _values("lgamma_remainder", gap, x=x, a=a)


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
    return _values("lgamma1p_remainder", e=e)


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
    return _values("gamma_shape_remainder", gap, x=x, a=a)


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
    return _values("trigamma_excess", x=x)


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
    return _values("digamma_difference", gap, x=x, a=a)


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
    return _values("digamma_log_difference", gap, x=x, a=a)


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
    return _values("log_ratio", gap, x=x, a=a)


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
    return _values("difference_of_products", a=a, b=b, c=c, d=d)


def _values(name: str, gap: ArrayLike | None = None, **arguments: ArrayLike) -> Floats:
    """Return the values of a function by its program."""
    given = arguments if gap is None else {**arguments, "gap": gap}
    found: Floats = value(_FORMULAS[name, gap is not None], given)
    return found
