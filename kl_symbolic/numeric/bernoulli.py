"""The divergence of Bernoulli laws."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

from kl_symbolic.code.float_interval import FloatInterval
from kl_symbolic.code.operations import argument
from kl_symbolic.code.program import WRITER, Program
from kl_symbolic.functions import Domain
from kl_symbolic.numeric.evaluate import ValueOptions, value
from kl_symbolic.numeric.formula import Formula, ParameterSpace
from kl_symbolic.numeric.inputs import Floats
from kl_symbolic.numeric.laws import formula_for

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def _with_ends(formula: Formula) -> Formula:
    """Return what computes the divergence where both probabilities may be 0 and 1, too.

    The program of the stable form has the limits there. Where the laws are equal, both derivatives are 0; at the ends
    their formulas are 0/0.
    """
    inside = formula.gradient
    assert inside is not None
    p, q = map(argument, inside.arguments)
    slopes = tuple(WRITER.where(abs(p - q) <= 0, 0, slope) for slope in inside.results)
    return replace(
        formula,
        gradient=Program(f"{inside.name}_with_ends", inside.arguments, slopes),
        spaces=dict.fromkeys(inside.arguments, ParameterSpace(Domain.UNIT, (0, 1))),
        within=dict.fromkeys(inside.arguments, FloatInterval(0.0, 1.0)),
    )


BERNOULLI = _with_ends(formula_for("bernoulli", "bernoulli"))
LOGITS = formula_for("bernoulli", "bernoulli", "logit")


def kl_bernoulli(p_1: ArrayLike, p_2: ArrayLike, **options: Unpack[ValueOptions]) -> Floats:
    """Return KL(Bernoulli(p_1) || Bernoulli(p_2)) elementwise.

    Parameters
    ----------
    p_1, p_2
        Probabilities of 1: from 0 to 1, of shapes that broadcast.
    **options
        `unit`, `out`, `dtype` and `validate`, as `kl` takes them.

    Returns
    -------
    array or NumPy scalar
        The divergence, in nats unless `unit` says otherwise, of the broadcast shape; float32 for float32 probabilities
        and half precision, else float64. Within 10.2 eps of the exact value. Infinite where one outcome has the
        probability 0 in the second law, and not in the first (0 log 0 = 0). Never negative; 0 where the laws are equal;
        NaN where a probability is NaN.

    Raises
    ------
    RequestError
        If a number is not from 0 to 1, the shapes do not broadcast, or `out` does not fit. In tensors, unless
        `validate` is true, what is not from 0 to 1 gives NaN.

    Notes
    -----
    The automatic derivatives of torch and JAX are log(p_1 (1 - p_2)/(p_2 (1 - p_1))) by p_1, which is infinite where
    p_1 is 0 or 1, and (p_2 - p_1)/(p_2 (1 - p_2)) by p_2; both are 0 where the laws are equal.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed., example 2.3.1.

    Examples
    --------
    >>> kl_bernoulli([0.5, 0.0, 1.0], [0.25, 0.5, 0.0])
    array([0.14384104, 0.69314718,        inf])
    """
    return value(BERNOULLI, {"p_1": p_1, "p_2": p_2}, **options)


def kl_bernoulli_logits(logit_1: ArrayLike, logit_2: ArrayLike, **options: Unpack[ValueOptions]) -> Floats:
    """Return KL(P || Q) elementwise of Bernoulli laws that are given by their logits, log(p/(1 - p)).

    Parameters
    ----------
    logit_1, logit_2
        Logits: real, of shapes that broadcast. They are what a network returns before the sigmoid.
    **options
        `unit`, `out`, `dtype` and `validate`, as `kl` takes them.

    Returns
    -------
    array or NumPy scalar
        The divergence, in nats unless `unit` says otherwise, of the broadcast shape; float32 for float32 logits and
        half precision, else float64. Within 46 eps of the exact value. Finite for all logits, and so are the
        derivatives. Never negative; 0 where the laws are equal; NaN where a logit is NaN.

    Raises
    ------
    RequestError
        If a logit is infinite, the shapes do not broadcast, or `out` does not fit.

    Notes
    -----
    The automatic derivatives of torch and JAX are (x - y) s(x) s(-x) by x = logit_1 and s(y) - s(x) by y = logit_2, s
    the logistic function.

    References
    ----------
    Banerjee, Merugu, Dhillon and Ghosh, Clustering with Bregman Divergences, JMLR 6 (2005), table 1.

    Examples
    --------
    >>> kl_bernoulli_logits([0.0, 1.0, 200.0], [0.0, 1.0 + 1e-9, -200.0])
    array([0.00000000e+00, 9.83059829e-20, 2.00000000e+02])
    """
    return value(LOGITS, {"logit_1": logit_1, "logit_2": logit_2}, **options)
