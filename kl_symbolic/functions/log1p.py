"""The logarithm of 1 + x, which keeps its digits near 0."""

import math

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function
from kl_symbolic.functions.rounding import Rounding


def _condition(low: float, _high: float) -> float:
    """Return a bound of x/((1 + x) log(1 + x)), which falls from infinity in -1 by 1 in x = 0."""
    if low <= -1:
        return math.inf
    return 1.0 if low >= 0 else low / ((1 + low) * math.log1p(low))


FUNCTION = Function(
    name="log1p",
    title="logarithm of 1 + x",
    domains=(Domain.REAL,),
    derivatives=(lambda m, x: 1 / (1 + x),),
    definition=lambda m, x: m.log(1 + x),
    tex=r"\mathrm{log1p}",
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
