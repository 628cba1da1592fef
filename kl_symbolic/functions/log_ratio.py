"""The logarithm of a quotient, which keeps its digits where both numbers are nearly equal."""

from typing import Any

from kl_symbolic.functions.binary import artanh_rest, reduced_ratio, times_log_2, with_edges
from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function, VectorComputation
from kl_symbolic.functions.rounding import Rounding

_SMALLEST, _LARGEST = 2.0**-100, 2.0**100  # of quotients that lose no digits, in float32 either
_NEAR = 0.5  # a relative difference of which the logarithm is taken by log1p


def _program(m: Computation, x: Any, a: Any, gap: Any) -> Any:
    """Take log1p of the relative difference where that is small; far out, roots, whose quotient does not overflow."""
    change, ratio = gap / a, x / a
    near = abs(change) < _NEAR
    extreme = m.where(ratio < _SMALLEST, 1.0, m.where(ratio > _LARGEST, 1.0, 0.0)) > 0.0
    root = m.sqrt(m.sqrt(x)) / m.sqrt(m.sqrt(a))
    far = m.where(extreme, 4.0, 1.0) * m.log(m.where(extreme, root, ratio))
    return m.where(near, m.log1p(m.where(near, change, 0.0)), far)


def _vector_program(m: VectorComputation, x: Any, a: Any, gap: Any) -> Any:
    y = gap / a
    near, k, s = reduced_ratio(m, x, a, y)
    high, low = times_log_2(m, k)
    rest = artanh_rest(m, s)
    value = m.where(near, y - s * (y - rest), high + (2 * s + (s * rest + low)))
    return with_edges(m, x, -with_edges(m, a, -value))


FUNCTION = Function(
    name="log_ratio",
    title="logarithm of x/a",
    domains=(Domain.POSITIVE, Domain.POSITIVE),
    derivatives=(lambda m, x, a: 1 / x, lambda m, x, a: -1 / a),
    definition=lambda m, x, a: m.log(x / a),
    program=_program,
    vector_program=_vector_program,
    gap=True,
    rounding=Rounding(3.0, (2.5, 2.5, 1.5), "x and a positive"),
    tex=r"\mathrm{logratio}",
)
