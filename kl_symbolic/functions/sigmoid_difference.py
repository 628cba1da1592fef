"""The difference of two values of the logistic function."""

from math import inf
from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function
from kl_symbolic.functions.rounding import Rounding


def _program(m: Computation, x: Any, a: Any, gap: Any) -> Any:
    """With h the larger and l the smaller point it is s(h) s(-l) (1 - e^(l - h)), in which nothing is too large."""
    falls = gap < 0.0
    high, low = m.where(falls, a, x), m.where(falls, x, a)
    rise = m.sigmoid(high) * (m.sigmoid(-low) * -m.expm1(m.where(falls, gap, -gap)))
    return m.where(falls, -rise, rise)


FUNCTION = Function(
    name="sigmoid_difference",
    title="difference of two values of the logistic function",
    domains=(Domain.REAL, Domain.REAL),
    derivatives=(lambda m, x, a: m.sigmoid(x) * m.sigmoid(-x), lambda m, x, a: -m.sigmoid(a) * m.sigmoid(-a)),
    definition=lambda m, x, a: m.exp(x) / (1 + m.exp(x)) - m.exp(a) / (1 + m.exp(a)),
    gap=True,
    tex=r"\Delta\mathrm{sigmoid}",
    program=_program,
    rounding=Rounding(7.2, (inf, inf, 1.0), "all real points"),
)
