"""The logistic function, which makes a probability of a logit."""

import math
from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function
from kl_symbolic.functions.rounding import Rounding


def _program(m: Computation, x: Any) -> Any:
    negative = x < 0.0
    u = m.exp(m.where(negative, x, -x))  # which is never too large
    return m.where(negative, u, 1.0) / (1 + u)


def _condition(low: float, high: float) -> float:
    """Return a bound of x/(1 + e^x), which is at most 0.2785 where x is positive, and -x below."""
    return max(-low, 0.2785 if high > 0 else 0.0) if math.isfinite(low) else math.inf


FUNCTION = Function(
    name="sigmoid",
    title="logistic function",
    domains=(Domain.REAL,),
    value=Domain.UNIT,
    derivatives=(lambda m, x: m.sigmoid(x) * m.sigmoid(-x),),
    definition=lambda m, x: m.exp(x) / (1 + m.exp(x)),
    tex=r"\mathrm{sigmoid}",
    program=_program,
    rounding=Rounding(2.7, (_condition,), "all real numbers"),
)
