"""The remainders that stable forms of divergences are made of, and the differences that are in their derivatives.

They keep their digits where their formulas lose them: where two points are nearly equal, or an argument is near 0. The
errors that are said here are bounds, by an analysis of the rounding errors: `kl_symbolic.functions` has them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from kl_symbolic.code.arrays import Interpreter, instructions_of
from kl_symbolic.code.program import program_of
from kl_symbolic.functions import Domain, all_functions
from kl_symbolic.numeric.calls import Axis
from kl_symbolic.numeric.inputs import NUMBERS, Floats, broadcastable, require
from kl_symbolic.numeric.libraries import namespace
from kl_symbolic.numeric.tensor_inputs import read

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

ABOVE_MINUS_1 = ("log1pmx", "lgamma1p_remainder")
# torch.compile follows neither the writing of programs nor a search in caches.
_FUNCTIONS = {name: one for name, one in all_functions().items() if one.definition and one.program}
_PROGRAMS = {name: instructions_of(program_of(name)) for name in _FUNCTIONS}


def expm1mx(t: ArrayLike) -> Floats:
    """Return exp(t) - 1 - t, which is never negative.

    Parameters
    ----------
    t
        Real numbers of any shape.

    Returns
    -------
    array or NumPy scalar
        Of the same shape; float32 for float32, else float64. Within 3.1 eps of the exact value.

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
        Of the same shape; float32 for float32, else float64. Within 3.5 eps of the exact value.

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
        Of the broadcast shape; float32 for float32, else float64. Within 5 eps of the exact value, where the gap is
        exact; an error in it grows by at most 3.7. 0 where the points are equal.

    Raises
    ------
    RequestError
        If a number is not positive, or the shapes do not broadcast.

    References
    ----------
    Fevotte, Bertin and Durrieu, Nonnegative matrix factorization with the Itakura-Saito divergence, Neural Computation
    21 (2009), eq. (2).

    Examples
    --------
    >>> itakura_saito([2.0, 1.0, 1.0], [1.0, 1.0, 1.0 + 1e-9])
    array([3.06852819e-01, 0.00000000e+00, 5.00000082e-19])
    """
    return _values("itakura_saito", gap, x=x, a=a)


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
        Of the broadcast shape; float32 for float32, else float64. Within 8.5 eps of the exact value, where the gap is
        exact; an error in it grows by at most 3.7. 0 where the points are equal.

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
        Of the same shape; float32 for float32, else float64. Within 11 eps of the exact value.

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
        Of the broadcast shape; float32 for float32, else float64. Within 11.5 eps of the exact value, where the gap is
        exact; an error in it grows by at most 3.7. 0 where the points are equal.

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
        Of the same shape; float32 for float32, else float64. Within 5 eps of the exact value.

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
        Of the broadcast shape; float32 for float32, else float64. Within 4.5 eps of the exact value, where the gap is
        exact; an error in it grows by at most 1.1. 0 where the points are equal.

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
        Of the broadcast shape; float32 for float32, else float64. Within 9 eps of the exact value, where the gap is
        exact; an error in it grows by at most 2.1. 0 where the points are equal.

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
        Of the broadcast shape; float32 for float32, else float64. Within 3 eps of the exact value, where the gap is
        exact; an error in it grows by at most 2.5. 0 where the points are equal.

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
        Of the broadcast shape; float32 for float32, else float64. Within 1.5 eps of the exact value, where no product
        is beyond the dtype, or so small that its rounding error is.

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
    libraries = [namespace(value) for value in given.values() if not isinstance(value, NUMBERS)]
    others = [library.__name__ for library in libraries if library is not None]
    if any("dask" in library for library in others):
        from kl_symbolic.numeric.lazy import mapped

        lazy: Floats = mapped(partial(_values, name), "()", Axis.NONE, **given)
        return lazy
    xp, arrays, check = _of_tensors(**given) if others else _of_arrays(**given)
    read = dict(zip(given, arrays, strict=True))
    function = _FUNCTIONS[name]
    for key, domain in zip(arguments, function.domains, strict=True):
        if domain is Domain.POSITIVE:
            read[key] = check(read[key] > 0, key, read[key], "positive")
        elif name in ABOVE_MINUS_1:
            read[key] = check(read[key] > -1, key, read[key], "above -1")
    with np.errstate(all="ignore") if xp is np else nullcontext():  # values show what overflows
        if function.gap and gap is None:
            read["gap"] = read["x"] - read["a"]
        point = dict(zip(_PROGRAMS[name].arguments, read.values(), strict=True))
        (values,) = Interpreter(xp, arrays[0].dtype).run_instructions(_PROGRAMS[name], point)
    found: Floats = values[()]
    return found


def _of_arrays(**arguments: ArrayLike) -> tuple[Any, list[Any], Callable[..., Any]]:
    """Return NumPy, the arguments as its arrays, and a check that refuses; NaN passes."""

    def check(valid: Any, name: str, array: Any, what: str) -> Any:
        require(valid | np.isnan(array), name, array, what)
        return array

    return np, list(broadcastable(**arguments)), check


def _of_tensors(**arguments: Any) -> tuple[ModuleType, list[Any], Callable[..., Any]]:
    """Return a library, the arguments as its arrays, and a check that turns what is not valid into NaN."""
    xp, arrays = read(**arguments)
    return xp, arrays, lambda valid, _name, array, _what: xp.where(valid, array, xp.nan)
