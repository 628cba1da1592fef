"""The exponential minus 1, which keeps its digits near 0."""

import math

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function
from kl_symbolic.functions.rounding import Rounding


def _condition(_low: float, high: float) -> float:
    """Return a bound of t/(1 - e^-t), which grows from 0 by 1 in t = 0."""
    return 1.0 if high <= 0 else high / -math.expm1(-high)


FUNCTION = Function(
    name="expm1",
    title="exponential minus 1",
    domains=(Domain.REAL,),
    rapid=True,
    derivatives=(lambda m, t: m.exp(t),),
    definition=lambda m, t: m.exp(t) - 1,
    tex=r"\mathrm{expm1}",
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
