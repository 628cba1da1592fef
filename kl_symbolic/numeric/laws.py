"""Divergences of all laws of the package on arrays, and their derivatives."""

from __future__ import annotations

from typing import Any

from kl_symbolic.code.stable_program import asked, question_of_coordinate, stable_program
from kl_symbolic.errors import NoClosedFormError, RequestError
from kl_symbolic.families import find
from kl_symbolic.numeric.axes import NO_AXIS, AnyAxis
from kl_symbolic.numeric.evaluate import UnitName, derivatives, value, value_and_gradient
from kl_symbolic.numeric.formula import Formula, formula_of


def kl(
    p: str,
    q: str,
    *,
    param: str | None = None,
    param_p: str | None = None,
    param_q: str | None = None,
    axis: AnyAxis = NO_AXIS,
    unit: UnitName = "nats",
    out: Any = None,
    dtype: Any = None,
    validate: bool = False,
    **parameters: Any,
) -> Any:
    """Return KL(P || Q) of two laws by their names, at arrays of their parameters.

    Parameters
    ----------
    p, q
        The laws by name: ``"gamma"``, ``"standard_normal"``, ``"diagonal_normal"``.
    param, param_p, param_q
        The parameterisation of both laws, or that of each.
    axis
        Of product laws: the axis of the coordinates, several axes, or None for all; by default the last.
    unit
        ``"nats"`` or ``"bits"``.
    out
        A NumPy array of the shape and dtype of the result, to write it to; then it is returned.
    dtype
        The dtype of the result; by default float32 for float32 and half precision, else float64.
    validate
        Whether to look at the values of tensors, which takes a while on a device; those of NumPy are always looked at.
    **parameters
        The parameters by the names that ``kl_symbolic.closed_form(p, q).parameters`` lists: numbers, or arrays of
        NumPy, pandas, torch, JAX or Dask, which broadcast.

    Returns
    -------
    array or NumPy scalar
        The divergence. For ordinary arguments within 8 eps, or the bound that ``closed_form(p, q).error_bound`` has if
        that is larger; see the reference. Never negative; 0 where the laws are equal; NaN where a parameter is NaN.

    Raises
    ------
    NoClosedFormError
        If no form of the divergence is known that keeps its digits near P = Q: `kl_symbolic.closed_form` may have one
        that does not.
    RequestError
        If a parameter is missing, unknown, infinite or not in its domain, the shapes do not broadcast, there is no such
        axis, or `out` does not fit. In tensors, unless `validate` is true, what is not in its domain gives NaN.

    Examples
    --------
    >>> kl("gamma", "gamma", param="mean", alpha_1=[2.0, 3.0], mu_1=1.0, alpha_2=2.0, mu_2=1.0)
    array([0.        , 0.04056737])
    >>> float(kl("diagonal_normal", "standard_normal", param="logvar", mu=[0.5, 0.0], logvar=[0.0, 1e-9]))
    0.125
    """
    formula, axis = _asked(p, q, param, param_p, param_q, axis)
    return value(formula, formula.named(parameters), axis, unit=unit, out=out, dtype=dtype, validate=validate)


def kl_grad(
    p: str,
    q: str,
    *,
    param: str | None = None,
    param_p: str | None = None,
    param_q: str | None = None,
    unit: UnitName = "nats",
    dtype: Any = None,
    validate: bool = False,
    **parameters: Any,
) -> dict[str, Any]:
    """Return the derivatives of KL(P || Q) by all parameters.

    Parameters
    ----------
    p, q, param, param_p, param_q, unit, dtype, validate, **parameters
        As `kl` takes them.

    Returns
    -------
    dict
        The derivatives by the names of the parameters, each in the broadcast shape of all of them, one entry for each
        coordinate: where a parameter is broadcast, sum over its repetitions. Each is within the bound that
        ``kl_symbolic.closed_form(p, q).gradient().error_bound`` has, for ordinary arguments; see the reference.

    Raises
    ------
    NoClosedFormError
        As for `kl`.
    RequestError
        As for `kl`.

    Examples
    --------
    >>> kl_grad("exponential", "exponential", lambda_1=1.0, lambda_2=[2.0, 4.0])
    {'lambda_1': array([-1., -3.]), 'lambda_2': array([0.5 , 0.75])}
    """
    formula, _ = _asked(p, q, param, param_p, param_q, NO_AXIS)
    arguments = formula.named(parameters)
    return dict(zip(arguments, derivatives(formula, arguments, unit=unit, dtype=dtype, validate=validate), strict=True))


def kl_value_and_grad(
    p: str,
    q: str,
    *,
    param: str | None = None,
    param_p: str | None = None,
    param_q: str | None = None,
    axis: AnyAxis = NO_AXIS,
    unit: UnitName = "nats",
    dtype: Any = None,
    validate: bool = False,
    **parameters: Any,
) -> tuple[Any, dict[str, Any]]:
    """Return KL(P || Q) and its derivatives by all parameters, in one pass.

    Parameters
    ----------
    p, q, param, param_p, param_q, axis, unit, dtype, validate, **parameters
        As `kl` takes them.

    Returns
    -------
    value : array or NumPy scalar
        What `kl` returns.
    gradient : dict
        What `kl_grad` returns.

    Raises
    ------
    NoClosedFormError
        As for `kl`.
    RequestError
        As for `kl`.

    Examples
    --------
    >>> value, gradient = kl_value_and_grad("exponential", "exponential", lambda_1=1.0, lambda_2=2.0)
    >>> float(value), float(gradient["lambda_2"])
    (0.306852819440054..., 0.5)
    """
    formula, axis = _asked(p, q, param, param_p, param_q, axis)
    arguments = formula.named(parameters)
    found, slopes = value_and_gradient(formula, arguments, axis, unit=unit, dtype=dtype, validate=validate)
    return found, dict(zip(arguments, slopes, strict=True))


def formula_for(
    p: str, q: str, param: str | None = None, param_p: str | None = None, param_q: str | None = None
) -> Formula:
    """Return what computes the divergence of two laws for each coordinate.

    Raises
    ------
    NoClosedFormError
        If no stable form is known.
    """
    return _known(p, q, param, param_p, param_q)[0]


def _known(p: str, q: str, param: str | None, param_p: str | None, param_q: str | None) -> tuple[Formula, bool]:
    """Return what computes a divergence, and whether there is an axis of coordinates to sum over."""
    key = p, q, param, param_p, param_q
    if key not in _KNOWN:
        question = asked(p, q, param, param_p, param_q)
        try:
            formula = formula_of(stable_program(question_of_coordinate(question)))
        except NoClosedFormError as error:
            raise NoClosedFormError(f"{error}; kl_symbolic.closed_form may have a closed form") from None
        _KNOWN[key] = formula, find(p).product or find(q).product
    return _KNOWN[key]


# No `functools.cache`, into which torch.compile would look.
_KNOWN: dict[tuple[str | None, ...], tuple[Formula, bool]] = {}


def _asked(
    p: str, q: str, param: str | None, param_p: str | None, param_q: str | None, axis: AnyAxis
) -> tuple[Formula, AnyAxis]:
    """Return what computes a divergence, and what is summed over."""
    formula, summed = _known(p, q, param, param_p, param_q)
    if summed:
        return formula, -1 if axis is NO_AXIS else axis
    if axis is not NO_AXIS:
        raise RequestError(
            f"{p} and {q} have one coordinate, and no axis to sum over: name diagonal_{find(p).family.name}"
        )
    return formula, axis
