"""Divergence of two histograms over the same bins."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from kl_symbolic.code.float_interval import FloatInterval
from kl_symbolic.code.operations import argument, call, with_replaced
from kl_symbolic.code.program import Program
from kl_symbolic.errors import RequestError
from kl_symbolic.functions import Domain
from kl_symbolic.numeric import array_api
from kl_symbolic.numeric.arrays import dtype_of
from kl_symbolic.numeric.axes import AnyAxis, Axis, last, summed_axes, without
from kl_symbolic.numeric.discrete import EXCESS, LOG_RATIO, PROBABILITY
from kl_symbolic.numeric.evaluate import ValueOptions, by_library, require_known, value
from kl_symbolic.numeric.formula import Formula, ParameterSpace, Routine, all_digits, largest_error
from kl_symbolic.numeric.inputs import Floats, common_shape, read, require
from kl_symbolic.numeric.libraries import kind_of
from kl_symbolic.numeric.rows import require_valid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

POSITIVE = ParameterSpace(Domain.POSITIVE)
P, Q, WIDTHS, TOTAL_P, TOTAL_Q = map(argument, ("p", "q", "widths", "total_p", "total_q"))
COUNTS = FloatInterval(0.0, 1e15)  # products of two are no larger than float32 can hold
POSITIVE_COUNTS = FloatInterval(1e-15, 1e15)


def _integrals(rows: Mapping[str, Floats]) -> dict[str, Floats]:
    widths = rows["widths"]
    return {f"the integral of {name} (the sum of {name} * widths)": (rows[name] * widths).sum(axis=-1) for name in "pq"}


_TERM = call("kl_div", P, Q, P - Q)
OF_DENSITIES = Formula(
    Routine(Program("histogram_kl", ("p", "q", "widths"), (WIDTHS * _TERM,))),
    Program("gradient_of_histogram_kl", ("p", "q", "widths"), (WIDTHS * LOG_RATIO, WIDTHS * EXCESS, _TERM)),
    spaces={"p": PROBABILITY, "q": PROBABILITY, "widths": POSITIVE},
    within={"p": COUNTS, "q": COUNTS, "widths": POSITIVE_COUNTS},
    exact=all_digits,
    totals=_integrals,
)
# The difference of the two rounded quotients would lose the digits that count when they are nearly equal.
_GAP = call("difference_of_products", P, TOTAL_Q, Q, TOTAL_P) / (TOTAL_P * TOTAL_Q)
_OF_SHARES = call("kl_div", P / TOTAL_P, Q / TOTAL_Q, _GAP)
_SHARES = {P: P / TOTAL_P, Q: Q / TOTAL_Q, P - Q: _GAP, Q - P: -_GAP}
COUNTS_PROGRAM = Program("histogram_kl", ("p", "q", "total_p", "total_q"), (_OF_SHARES,))
COUNTS_GRADIENT = Program(
    "gradient_of_histogram_kl",
    COUNTS_PROGRAM.arguments,
    (
        with_replaced(LOG_RATIO, _SHARES) / TOTAL_P,
        with_replaced(EXCESS, _SHARES) / TOTAL_Q,
        -(_OF_SHARES + _GAP) / TOTAL_P,
        _GAP / TOTAL_Q,
    ),
)
WITHIN = {"p": COUNTS, "q": COUNTS, "total_p": POSITIVE_COUNTS, "total_q": POSITIVE_COUNTS}
OF_COUNTS = Formula(
    Routine(COUNTS_PROGRAM),
    COUNTS_GRADIENT,
    spaces={"p": PROBABILITY, "q": PROBABILITY, "total_p": POSITIVE, "total_q": POSITIVE},
    within=WITHIN,
    eps=largest_error(WITHIN, COUNTS_PROGRAM),
    exact=all_digits,
)


def histogram_kl(
    p: ArrayLike, q: ArrayLike, widths: ArrayLike | None = None, axis: Axis = -1, **options: Unpack[ValueOptions]
) -> Floats:
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
        The axis of the broadcast shape that counts the bins, several, or None for all; it is summed over.
    **options
        `unit`, `out`, `dtype` and `validate`, as `kl` takes them.

    Returns
    -------
    array or NumPy scalar
        The divergence, in nats unless `unit` says otherwise, of the broadcast shape without `axis`; float32 for float32
        and half precision, else float64. Infinite where p > 0 = q in some bin (0 log 0 = 0). Each term is within 17.1
        eps of the exact value for counts, and 7.9 eps for densities, up to 1e15; see the reference. 0 where the laws
        are equal; NaN where an argument is NaN. A bin that is empty in `q` alone says more about the size of the sample
        than about Q: use wider bins, or add a pseudo-count, if infinity is not what you mean.

    Raises
    ------
    RequestError
        If an entry is negative or infinite, counts sum to 0, a width is not positive, an integral is not 1, the shapes
        do not broadcast, there is no such axis, or an argument is masked or not real. The values of tensors are looked
        at only if `validate` is true; otherwise what is wrong gives NaN, but for an integral that is not 1.

    Notes
    -----
    For densities, computed is the sum of (p log(p/q) - p + q) times the width, as `kl_discrete` explains. For counts it
    is the divergence of the normalised laws. It has all its digits even where the laws are nearly equal, provided that
    the sums are exact in the dtype of the computation, as they are for integers: up to 2^53 in float64, in which NumPy
    arrays are summed, and 2^24 for float32 tensors.

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
    if widths is not None:
        _refuse_edges(p, widths, axis)
        return value(OF_DENSITIES, {"p": p, "q": q, "widths": widths}, axis, **options)

    out = options.get("out")
    require_known({"p": p, "q": q}, options.get("unit", "nats"), None if out is None else [out], options.get("dtype"))

    def on_numpy(some: Mapping[str, Any], axes: AnyAxis) -> list[Any]:
        arrays, shape = read(some)
        require_valid(OF_COUNTS, dict(zip(some, arrays, strict=True)))
        counts = {name: np.broadcast_to(v.astype(np.float64), shape) for name, v in zip(some, arrays, strict=True)}
        over = summed_axes(axes, shape)
        # Powers of two in place of sums that overflow.
        counts = {
            name: np.ldexp(v, -np.frexp(v.max(axis=over, keepdims=True, initial=0))[1]) for name, v in counts.items()
        }
        totals = {f"total_{name}": _totals(v, over) for name, v in counts.items()}
        for name, total in zip(counts, totals.values(), strict=True):
            require(
                ~(np.squeeze(total, over) == 0),
                f"the sum of {name} along axis {axis}",
                np.squeeze(total, over),
                "positive",
            )
        wanted = dtype_of(out, some, arrays[0].dtype, options.get("dtype"))
        dtyped: ValueOptions = {**options, "dtype": wanted}
        return [value(OF_COUNTS, counts | totals, axes, **dtyped)]

    def on_tensors(some: Mapping[str, Any], axes: AnyAxis) -> list[Any]:
        if options.get("validate"):
            on_numpy(array_api.on_host(some), axes)
        xp, counts = array_api.read(some)
        over = summed_axes(axes, common_shape(counts))
        totals = {f"total_{name}": xp.sum(v, axis=over, keepdims=True) for name, v in counts.items()}
        unlooked: ValueOptions = {**options, "validate": False}
        return [value(OF_COUNTS, counts | totals, axes, **unlooked)]

    found: Floats
    (found,) = by_library({"p": p, "q": q}, axis, on_numpy, on_tensors, dtype=options.get("dtype"))
    return found


def _totals(counts: Floats, axes: tuple[int, ...]) -> Floats:
    """Return the sums over axes, which stay as axes of one place: the same whatever the memory layout."""
    kept = without(axes, counts.shape)
    rows = np.ascontiguousarray(last(counts, axes)).reshape(*kept, prod(counts.shape[k] for k in axes))
    return np.expand_dims(rows.sum(axis=-1), axes)


def _refuse_edges(p: Any, widths: Any, axis: Axis) -> None:
    if kind_of([p, widths]) == "numpy":
        (p, widths) = (read({name: v})[0][0] for name, v in (("p", p), ("widths", widths)))
    shape, given = tuple(np.shape(p)), tuple(np.shape(widths))
    bins = shape[axis] if isinstance(axis, int) and -len(shape) <= axis < len(shape) else 0
    if bins > 1 and given == (bins + 1,):
        raise RequestError(
            f"widths must hold one width for each of the {bins} bins; got {bins + 1} numbers: if they are the edges of"
            " the bins, pass np.diff(edges)"
        )
