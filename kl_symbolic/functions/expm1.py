"""The exponential minus 1, which keeps its digits near 0."""

import math
from typing import Any

from kl_symbolic.functions.binary import reduced_exponential
from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function, VectorComputation
from kl_symbolic.functions.rounding import Rounding

_LARGE = 64.0  # e^-t - 1 is -1 to all digits from here on


def _condition(_low: float, high: float) -> float:
    """Return a bound of t/(1 - e^-t), which grows from 0 by 1 in t = 0."""
    return 1.0 if high <= 0 else high / -math.expm1(-high)


def _vector_program(m: VectorComputation, t: Any) -> Any:
    """With t = k log(2) + r it is 2^k - 1 + 2^k (e^r - 1); half of it, for 2^k may be too large."""
    k, _, rest, bend = reduced_exponential(m, t)
    power = m.power_of_two(k, -1)
    slope, line = power - 0.5, power * rest
    value = slope + line
    lost = (slope - value) + line
    return m.where(t < -_LARGE, -1, 2 * (value + (power * bend + lost)))


FUNCTION = Function(
    name="expm1",
    title="exponential minus 1",
    domains=(Domain.REAL,),
    rapid=True,
    derivatives=(lambda m, t: m.exp(t),),
    definition=lambda m, t: m.exp(t) - 1,
    tex=r"\mathrm{expm1}",
    vector_program=_vector_program,
    rounding=Rounding(1.0, (_condition,), "all real numbers"),
    names={
        "sympy": "expm1",
        "mpmath": "expm1",
        "arb": "expm1",
        "python": "math.expm1",
        "numpy": "np.expm1",
        "torch": "torch.expm1",
        "jax": "jnp.expm1",
    },
)
