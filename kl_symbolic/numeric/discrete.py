"""Divergence and entropies of discrete laws, given as arrays of probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Unpack

from kl_symbolic.code.cheap import CheapProgram
from kl_symbolic.code.float_interval import FloatInterval
from kl_symbolic.code.operations import Operation, argument, call
from kl_symbolic.code.program import WRITER, Program
from kl_symbolic.functions import Domain
from kl_symbolic.numeric.axes import Axis
from kl_symbolic.numeric.evaluate import ValueOptions, value
from kl_symbolic.numeric.formula import Formula, ParameterSpace, Routine, all_digits
from kl_symbolic.numeric.inputs import Floats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

PROBABILITY = ParameterSpace(Domain.NONNEGATIVE)
PROBABILITIES = FloatInterval(0.0, 1.5)  # a probability may exceed 1 by a rounding error
P, Q = argument("p"), argument("q")


def _sums(rows: Mapping[str, Floats]) -> dict[str, Floats]:
    return {f"the sum of {name}": array.sum(axis=-1) for name, array in rows.items()}


def _formula(
    name: str, arguments: tuple[str, ...], term: Operation, *slopes: Operation, cheap: CheapProgram | None = None
) -> Formula:
    return Formula(
        Routine(Program(name, arguments, (term,)), cheap),
        Program(f"gradient_of_{name}", arguments, slopes),
        spaces=dict.fromkeys(arguments, PROBABILITY),
        within=dict.fromkeys(arguments, PROBABILITIES),
        exact=all_digits,
        totals=_sums,
    )


def _surprise(p: Operation) -> Operation:
    """Return -log p, never negative and never -0; a probability that exceeds 1 by a rounding error counts as 1."""
    return abs(call("log", WRITER.where(p > 1, 1, p)))


def _where_both_are_0(then: Operation | float, otherwise: Operation) -> Operation:
    """Return what outcomes have that neither law has; NaN is no 0."""
    return WRITER.where(P <= 0, WRITER.where(Q <= 0, then, otherwise), otherwise)


# 0 log 0 = 0, and an outcome that neither law has has no derivatives. That of -p log p in p = 0 is infinite.
_KNOWN_Q = _where_both_are_0(1, Q)
LOG_RATIO = call("log_ratio", _where_both_are_0(1, P), _KNOWN_Q, P - Q)
EXCESS = (Q - P) / _KNOWN_Q
_POSITIVE_P = WRITER.where(P <= 0, 1, P)
DIVERGENCE = _formula(
    "kl_discrete",
    ("p", "q"),
    call("kl_div", P, Q, P - Q),
    LOG_RATIO,
    EXCESS,
    # All errors are at most (1/2 + 2 D + 5 V) eps, V the total variation: 11 eps of D = 1/4, by Pinsker's V^2 <= D/2.
    cheap=CheapProgram(
        Program("kl_discrete", ("p", "q"), (P * call("log", _POSITIVE_P / Q) - (P - Q),)), 0.0, 1e6, at_least=0.25
    ),
)
ENTROPY = _formula("entropy_discrete", ("p",), P * _surprise(_POSITIVE_P), -call("log", P) - 1)
CROSS_ENTROPY = _formula(
    "cross_entropy_discrete", ("p", "q"), P * _surprise(_KNOWN_Q), _surprise(_KNOWN_Q), -P / _KNOWN_Q
)


def kl_discrete(p: ArrayLike, q: ArrayLike, axis: Axis = -1, **options: Unpack[ValueOptions]) -> Floats:
    """Return KL(P || Q) of discrete laws, the probabilities along one axis.

    Parameters
    ----------
    p, q
        Probabilities: non-negative, of shapes that broadcast, so that one number stands for a uniform law. Along `axis`
        they sum to 1 within the square root of the eps of the dtype given: 1.5e-8 for float64, 3.5e-4 for float32.
    axis
        The axis of the broadcast shape that counts the outcomes, several, or None for all; it is summed over.
    **options
        `unit`, `out`, `dtype` and `validate`, as `kl` takes them.

    Returns
    -------
    array or NumPy scalar
        The divergence, in nats unless `unit` says otherwise, of the broadcast shape without `axis`; float32 for float32
        and half precision, else float64. Infinite where p > 0 = q for some outcome (0 log 0 = 0). Each term is within
        7.4 eps of the exact value (see Notes), and none is negative; see the reference. 0 where p = q; NaN where a
        probability is NaN.

    Raises
    ------
    RequestError
        If a probability is negative or infinite, a law does not sum to 1, the shapes do not broadcast, there is no such
        axis, an argument is masked or not real, or `out` does not fit. The values of tensors are looked at only if
        `validate` is true; otherwise a negative one gives NaN, and what does not sum to 1 is computed as it is.

    Notes
    -----
    Computed is **sum of p log(p/q) - p + q** for the numbers as they are given. For laws it is the divergence, for the
    last two terms add up to 0. Rounded probabilities sum to S and T, which are only nearly 1, and then two other
    readings part ways with it:

    * sum of p log(p/q) alone is smaller by T - S. When P is nearly Q that rounding error is larger than the divergence,
      and half the time the result is negative.
    * The divergence of laws p/S and q/T, times S, is smaller by S f(T/S - 1), f(x) = x - log(1 + x), about (S-T)^2/2.
      It would cost sums in twice the precision, and would hide that two arrays differ by a factor.

    The sum computed has no negative term and needs no normalisation. It is 0 for p = q, and else only where its exact
    value is below the smallest number.

    The automatic derivatives of torch and JAX are log(p/q) by p, minus infinity where p = 0 < q, and 1 - p/q by q; they
    are 0 of an outcome that neither law has.

    References
    ----------
    Kullback and Leibler, On Information and Sufficiency, Ann. Math. Statist. 22 (1951), section 2.
    Cover and Thomas, Elements of Information Theory, 2nd ed., eq. 2.26.
    Csiszar, Why Least Squares and Maximum Entropy?, Ann. Statist. 19 (1991), for arrays that do not sum to 1.

    Examples
    --------
    >>> round(float(kl_discrete([0.1, 0.4, 0.5], [0.8, 0.15, 0.05])), 12)
    1.335680093534
    >>> kl_discrete([[0.5, 0.5], [1.0, 0.0]], [0.0, 1.0])
    array([inf, inf])
    """
    return value(DIVERGENCE, {"p": p, "q": q}, axis, **options)


def entropy_discrete(p: ArrayLike, axis: Axis = -1, **options: Unpack[ValueOptions]) -> Floats:
    """Return the entropy H(P) of discrete laws, the probabilities along one axis.

    Parameters
    ----------
    p
        Probabilities, as for `kl_discrete`. One that exceeds 1 by a rounding error counts as 1.
    axis
        The axis that counts the outcomes, several, or None for all; it is summed over.
    **options
        `unit`, `out`, `dtype` and `validate`, as `kl` takes them.

    Returns
    -------
    array or NumPy scalar
        The entropy, in nats unless `unit` says otherwise, never negative, of the shape of `p` without `axis`; each term
        within 1.6 eps; otherwise as for `kl_discrete`.

    Raises
    ------
    RequestError
        As for `kl_discrete`.

    Notes
    -----
    The automatic derivative of torch and JAX by p is -log p - 1, infinity where p = 0.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed., eq. 2.1.

    Examples
    --------
    >>> entropy_discrete([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]], unit="bits")
    array([1.5, 0. ])
    """
    return value(ENTROPY, {"p": p}, axis, **options)


def cross_entropy_discrete(p: ArrayLike, q: ArrayLike, axis: Axis = -1, **options: Unpack[ValueOptions]) -> Floats:
    """Return the cross entropy H(P, Q) = H(P) + KL(P || Q) of discrete laws, the probabilities along one axis.

    Parameters
    ----------
    p, q
        Probabilities, as for `kl_discrete`. One in `q` that exceeds 1 by a rounding error counts as 1.
    axis
        The axis of the broadcast shape that counts the outcomes, several, or None for all; it is summed over.
    **options
        `unit`, `out`, `dtype` and `validate`, as `kl` takes them.

    Returns
    -------
    array or NumPy scalar
        The cross entropy - sum of p log(q), in nats unless `unit` says otherwise, never negative; each term within 1.6
        eps; otherwise as for `kl_discrete`.

    Raises
    ------
    RequestError
        As for `kl_discrete`.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed., theorem 5.4.3: the cost of the wrong code.

    Examples
    --------
    >>> cross_entropy_discrete([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]], [0.5, 0.5, 0.0], unit="bits")
    array([ 1., inf])
    """
    return value(CROSS_ENTROPY, {"p": p, "q": q}, axis, **options)
