"""The logarithm of 1 + x, which keeps its digits near 0."""

import math
from typing import Any

from kl_symbolic.functions.binary import logarithm_tail, reduced_excess, times_log_2, with_edges
from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function, VectorComputation
from kl_symbolic.functions.rounding import Rounding

_MIDDLE, _RADIUS = 0.125, 0.375  # of numbers for which no power of two is taken out of 1 + x


def _condition(low: float, _high: float) -> float:
    """Return a bound of x/((1 + x) log(1 + x)), which falls from infinity in -1 by 1 in x = 0."""
    if low <= -1:
        return math.inf
    return 1.0 if low >= 0 else low / ((1 + low) * math.log1p(low))


def _vector_program(m: VectorComputation, x: Any) -> Any:
    near = abs(x - _MIDDLE) <= _RADIUS
    k, f = reduced_excess(m, x, near)
    high, low = times_log_2(m, k)
    return with_edges(m, 1 + x, high + (f - (logarithm_tail(m, f) - low)))


FUNCTION = Function(
    name="log1p",
    title="logarithm of 1 + x",
    domains=(Domain.REAL,),
    derivatives=(lambda m, x: 1 / (1 + x),),
    definition=lambda m, x: m.log(1 + x),
    tex=r"\mathrm{log1p}",
    vector_program=_vector_program,
    rounding=Rounding(1.0, (_condition,), "all numbers above -1"),
    names={
        "sympy": "log1p",
        "mpmath": "log1p",
        "arb": "log1p",
        "python": "math.log1p",
        "numpy": "np.log1p",
        "torch": "torch.log1p",
        "jax": "jnp.log1p",
    },
)
