"""Divergence of two histograms over the same bins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric.discrete import as_masses, require_one, sum_rows
from kl_symbolic.numeric.discrete_terms import divergence_terms, log_ratio
from kl_symbolic.numeric.dispatch import by_library
from kl_symbolic.numeric.inputs import Floats, as_floats, require, sum_over

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

SPLITTER = float(2**27 + 1)  # splits the 53 bits of a float64 into halves whose products are exact


@by_library
def histogram_kl(p: ArrayLike, q: ArrayLike, widths: ArrayLike | None = None, axis: int = -1) -> Floats:
    """Return KL(P || Q) of the laws that two histograms over the same bins describe, the bins along one axis.

    Without `widths`, `p` and `q` are counts, and are normalised here. With `widths` they are densities, and their
    products with the widths are the probabilities: a sum of p log(p/q) over densities lacks the widths, and is no
    divergence.

    Parameters
    ----------
    p, q
        Counts or weights (non-negative, each row with a positive sum), or densities (non-negative, each row with the
        integral 1 within the square root of the eps of the dtype given), of shapes that broadcast.
    widths
        Widths of the bins: positive, of a shape that broadcasts; one number for bins of equal width, and
        ``np.diff(edges)`` for edges such as `numpy.histogram` returns. For bins in the plane, areas.
    axis
        The axis of the broadcast shape that counts the bins; it is summed over.

    Returns
    -------
    array or NumPy scalar
        The divergence in nats, of the broadcast shape without `axis`; float32 for float32 arguments, else float64.
        Infinite where p > 0 = q in some bin (0 log 0 = 0); within 16 eps of the exact value; 0 exactly where the laws
        are equal; NaN where an argument is NaN. A bin that is empty in `q` alone says more about the size of the sample
        than about Q: use wider bins, or add a pseudo-count, if infinity is not what you mean.

    Raises
    ------
    RequestError
        If an entry is negative or infinite, counts sum to 0, a width is not positive, an integral is not 1, the shapes
        do not broadcast, there is no such axis, or an argument is masked or not real.

    Notes
    -----
    For densities, computed is the sum of (p log(p/q) - p + q) times the width, as `kl_discrete` explains. For counts it
    is the divergence of the normalised laws. It has all its digits even where the laws are nearly equal, provided that
    the sums are exact in float64, as they are for integers up to 2^53.

    References
    ----------
    Kullback and Leibler, On Information and Sufficiency, Ann. Math. Statist. 22 (1951), section 2.
    Cover and Thomas, Elements of Information Theory, 2nd ed., eq. 2.26 and section 8.5.

    Examples
    --------
    >>> histogram_kl([2, 2], [6, 6]), histogram_kl([3, 0], [6, 6])
    (np.float64(0.0), np.float64(0.6931471805599453))
    >>> density, edges = np.histogram([0.1, 0.2, 0.3, 0.7], bins=[0.0, 0.5, 1.0], density=True)
    >>> round(float(histogram_kl(density, [1.0, 1.0], np.diff(edges))), 12)
    0.130812035941
    """
    if widths is None:
        (a, b), dtype = as_masses(axis, p=p, q=q)
        for name, counts in (("p", a), ("q", b)):
            largest = counts.max(axis=axis, initial=0)
            require(~(largest == 0), f"the largest count of {name} along axis {axis}", largest, "positive")
        return sum_rows(_of_counts, axis, dtype, a, b)
    density, width = as_floats(p=p, widths=widths)
    _refuse_edges(density, width, axis)
    (a, b, w), dtype = as_masses(axis, p=p, q=q, widths=widths)
    for name, density, given in (("p", a, p), ("q", b, q)):
        with np.errstate(all="ignore"):
            mass = sum_over(axis, density * w)
        require_one(f"the integral of {name} (the sum of {name} * widths along axis {axis})", mass, given, widths)
    return sum_rows(_of_densities, axis, dtype, a, b, w)


def _of_densities(p: Floats, q: Floats, widths: Floats) -> tuple[Floats, Floats]:
    gap = (p - q) * widths
    return divergence_terms(p * widths, q * widths, gap, log_ratio(p, q)), p - q


def _of_counts(p: Floats, q: Floats) -> tuple[Floats, Floats]:
    (p, sum_p), (q, sum_q) = _scaled(p), _scaled(q)
    # The difference of the two rounded quotients would lose the digits that count when they are nearly equal.
    left, left_rest = _product(p, sum_q)
    right, right_rest = _product(q, sum_p)
    gap = ((left - right) + (left_rest - right_rest)) / (sum_p * sum_q)
    a, b = p / sum_p, q / sum_q
    return divergence_terms(a, b, gap, log_ratio(a, b)), gap


def _scaled(counts: Floats) -> tuple[Floats, Floats]:
    """Return the counts times a power of two, so that no sum or product overflows, and the sums of the rows."""
    scaled = np.ldexp(counts, -np.frexp(counts.max(axis=-1, keepdims=True))[1])
    return scaled, sum_over(-1, scaled)[:, None]


def _product(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the rounded product and its rounding error (Dekker, Numerische Mathematik 18 (1971))."""
    rounded = x * y
    (x_1, x_2), (y_1, y_2) = _halves(x), _halves(y)
    return rounded, ((x_1 * y_1 - rounded) + x_1 * y_2 + x_2 * y_1) + x_2 * y_2


def _halves(x: Floats) -> tuple[Floats, Floats]:
    scaled = SPLITTER * x
    upper = scaled - (scaled - x)
    return upper, x - upper


def _refuse_edges(p: Floats, widths: Floats, axis: int) -> None:
    bins = p.shape[axis] if isinstance(axis, int) and -p.ndim <= axis < p.ndim else 0
    if bins > 1 and widths.shape == (bins + 1,):
        raise RequestError(
            f"widths must hold one width for each of the {bins} bins; got {bins + 1} numbers: if they are the edges of"
            " the bins, pass np.diff(edges)"
        )
