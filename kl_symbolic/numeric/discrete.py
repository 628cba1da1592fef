"""Divergence and entropies of discrete laws, given as arrays of probabilities."""

from __future__ import annotations

from math import prod, sqrt
from typing import TYPE_CHECKING

import numpy as np

from kl_symbolic.numeric.blocks import add_rows, sum_of_rows
from kl_symbolic.numeric.calls import Call
from kl_symbolic.numeric.discrete_terms import accurate_terms, divergence_terms, log_ratio, plain_terms
from kl_symbolic.numeric.dispatch import by_library
from kl_symbolic.numeric.inputs import Floats, as_parameters, require, require_axis, sum_over
from kl_symbolic.numeric.kernel import Kernel, Mask
from kl_symbolic.numeric.kernels import MANY, ONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike

ROOT_EPS = {char: sqrt(np.finfo(char).eps) for char in "fd"}
BLOCK = 1 << 13  # numbers in an array, of which a dozen stay in the second-level cache


@by_library
def kl_discrete(p: ArrayLike, q: ArrayLike, axis: int = -1, *, out: Floats | None = None) -> Floats:
    """Return KL(P || Q) of discrete laws, the probabilities along one axis.

    Parameters
    ----------
    p, q
        Probabilities: non-negative, of shapes that broadcast, so that one number stands for a uniform law. Along `axis`
        they sum to 1 within the square root of the eps of the dtype given: 1.5e-8 for float64, 3.5e-4 for float32.
    axis
        The axis of the broadcast shape that counts the outcomes; it is summed over.
    out
        An array of the shape and dtype of the result, to write it to.

    Returns
    -------
    array or NumPy scalar
        The divergence in nats, of the broadcast shape without `axis`; float32 for float32 probabilities, else float64.
        Infinite where p > 0 = q for some outcome (0 log 0 = 0); within 16 eps of the exact value (see Notes);
        0 exactly where p = q; NaN where a probability is NaN.

    Raises
    ------
    RequestError
        If a probability is negative or infinite, a law does not sum to 1, the shapes do not broadcast, there is no such
        axis, an argument is masked or not real, or `out` does not fit.

    Notes
    -----
    Computed is **sum of p log(p/q) - p + q** for the numbers as they are given. For laws it is the divergence, for the
    last two terms add up to 0. Rounded probabilities sum to S and T, which are only nearly 1, and then two other
    readings part ways with it:

    * sum of p log(p/q) alone is smaller by T - S. When P is nearly Q that rounding error is larger than the divergence,
      and half the time the result is negative.
    * The divergence of laws p/S and q/T, times S, is smaller by S f(T/S - 1), f(x) = x - log(1 + x), about (S-T)^2/2.
      It would cost sums in twice the precision, and would hide that two arrays differ by a factor.

    The sum computed has no negative term, is 0 only for p = q, and needs no normalisation.

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
    return Call(DISCRETE, (p, q), axis).value(out)


@by_library
def entropy_discrete(p: ArrayLike, axis: int = -1) -> Floats:
    """Return the entropy H(P) of discrete laws, the probabilities along one axis.

    Parameters
    ----------
    p
        Probabilities, as for `kl_discrete`. One that exceeds 1 by a rounding error counts as 1.
    axis
        The axis that counts the outcomes; it is summed over.

    Returns
    -------
    array or NumPy scalar
        The entropy in nats, never negative, of the shape of `p` without `axis`; otherwise as for `kl_discrete`.

    Raises
    ------
    RequestError
        As for `kl_discrete`.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed., eq. 2.1.

    Examples
    --------
    >>> from kl_symbolic.numeric import in_bits
    >>> in_bits(entropy_discrete([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]]))
    array([1.5, 0. ])
    """
    (a,), dtype = as_laws(axis, p=p)
    with np.errstate(all="ignore"):
        return sum_over(axis, np.where(a == 0, 0, a * _surprise(a))).astype(dtype)[()]


@by_library
def cross_entropy_discrete(p: ArrayLike, q: ArrayLike, axis: int = -1) -> Floats:
    """Return the cross entropy H(P, Q) = H(P) + KL(P || Q) of discrete laws, the probabilities along one axis.

    Parameters
    ----------
    p, q
        Probabilities, as for `kl_discrete`. One in `q` that exceeds 1 by a rounding error counts as 1.
    axis
        The axis of the broadcast shape that counts the outcomes; it is summed over.

    Returns
    -------
    array or NumPy scalar
        The cross entropy - sum of p log(q) in nats, never negative; otherwise as for `kl_discrete`.

    Raises
    ------
    RequestError
        As for `kl_discrete`.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed., theorem 5.4.3: the cost of the wrong code.

    Examples
    --------
    >>> from kl_symbolic.numeric import in_bits
    >>> in_bits(cross_entropy_discrete([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]], [0.5, 0.5, 0.0]))
    array([ 1., inf])
    """
    (a, b), dtype = as_laws(axis, p=p, q=q)
    with np.errstate(all="ignore"):
        # 0 log 0 = 0, but what p = 0 hides is not to hide a NaN.
        return sum_over(axis, np.where((a == 0) & ~np.isnan(b), 0, a * _surprise(b))).astype(dtype)[()]


def sum_rows(
    terms: Callable[..., tuple[Floats, Floats]], axis: int, dtype: np.dtype[np.floating], *arrays: Floats
) -> Floats:
    """Sum over an axis of arrays of one shape what `terms` makes of cache-sized blocks of their rows.

    `terms` returns the terms and the differences p - q. Where there is a difference, a sum that underflows becomes the
    smallest number: 0 says that the laws are equal.
    """
    moved = [np.moveaxis(array, axis, -1) for array in arrays]
    *left, n = moved[0].shape
    rows = [array.reshape(prod(left), n) for array in moved]
    value, step = np.empty(prod(left), dtype), max(1, BLOCK // max(n, 1))
    with np.errstate(all="ignore"):
        for start in range(0, len(value), step):
            block, gap = terms(*(np.ascontiguousarray(array[start : start + step]) for array in rows))
            sums = sum_over(-1, block).astype(dtype)
            np.putmask(sums, (sums == 0) & np.any(gap != 0, axis=-1), np.finfo(dtype).smallest_subnormal)
            value[start : start + step] = sums
    return value.reshape(left)[()]


def as_masses(axis: int, **arguments: ArrayLike) -> tuple[list[Floats], np.dtype[np.floating]]:
    """Return arrays of non-negative numbers in float64, broadcast against each other, and the dtype of the result."""
    arrays = as_parameters(**arguments)
    for name, array in zip(arguments, arrays, strict=True):
        if name == "widths":
            require(~(array <= 0), name, array, "positive")
        require(~(array < 0), name, array, "non-negative")
    whole = np.broadcast_arrays(*(array.astype(np.float64, copy=False) for array in arrays))
    require_axis(axis, whole[0].shape)
    return list(whole), arrays[0].dtype


def as_laws(axis: int, **arguments: ArrayLike) -> tuple[list[Floats], np.dtype[np.floating]]:
    """Return `as_masses` after a check that the numbers along the axis sum to 1; NaN passes."""
    arrays, dtype = as_masses(axis, **arguments)
    for (name, value), array in zip(arguments.items(), arrays, strict=True):
        with np.errstate(over="ignore"):
            total = sum_over(axis, array)
        require_one(f"the sum of {name} along axis {axis}", total, value)
    return arrays, dtype


def require_one(what: str, sums: Floats, *given: ArrayLike) -> None:
    """Refuse sums that differ from 1 in the leading half of the digits of the coarsest dtype given; NaN passes.

    The trailing half is more than rounding accounts for, and less than a mistake.
    """
    dtypes = [np.asarray(value).dtype for value in given]
    eps = max(float(np.finfo(dtype if dtype.kind == "f" else np.float64).eps) for dtype in dtypes)
    require(~(np.abs(sums - 1) > sqrt(eps)), what, np.asarray(sums), "1")


def _fast(operands: Sequence[Floats], out: Floats, _gradient: Sequence[Floats]) -> Mask:
    """Write the sums of p log(p/q) - p + q, as `blocks.Fast` says."""
    p, q = operands
    least = q.item(q.argmin())  # NaN counts as the least, and as the largest
    if not least > 0:
        q = np.add(q, 0)  # a quotient by -0 would have the wrong sign
    sum_of_rows(plain_terms(p, q) if p.shape[1] >= MANY else accurate_terms(p, q), out)
    sums = np.empty((2, len(p)), p.dtype)
    add_rows(p, sums[0])
    add_rows(q, sums[1])
    np.subtract(sums, ONE[p.dtype.char], sums)
    np.abs(sums, sums)
    tolerance = ROOT_EPS[p.dtype.char]
    if sums.item(sums.argmax()) <= tolerance and p.item(p.argmin()) >= 0 <= least:
        return None
    wrong: Mask = np.any(~(sums <= tolerance), axis=0) | np.any(~((p >= 0) & (q >= 0)), axis=-1)
    return wrong


def _sums(p: Floats, q: Floats) -> Floats:
    return sum_rows(_with_gap, -1, p.dtype, p.astype(np.float64, copy=False), q.astype(np.float64, copy=False))


def _with_gap(p: Floats, q: Floats) -> tuple[Floats, Floats]:
    gap = p - q
    return divergence_terms(p, q, gap, log_ratio(p, q)), gap


def _surprise(p: Floats) -> Floats:
    """Return -log(p), never negative and never -0."""
    return np.abs(np.log(np.minimum(p, 1)))


DISCRETE = Kernel(
    "discrete",
    ("p", "q"),
    as_laws,
    small=lambda n: 1 / 16 if n >= MANY else 2.0**-100,  # below the latter, something might underflow
    fast=_fast,
    sums=_sums,
)
