"""The Itakura-Saito divergence of two positive numbers, x/a - 1 - log(x/a), which is never negative."""

from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function
from kl_symbolic.functions.rounding import Rounding

_LEAST_NEAR = -0.75  # of x/a - 1; further from 1, x/a and its logarithm are different enough
_TINY = 2.0**-100  # a ratio below it may have lost its digits to underflow


def _program(m: Computation, x: Any, a: Any, gap: Any) -> Any:
    y = gap / a
    near = y > _LEAST_NEAR
    above = m.where(near, a, x)
    ratio = above / a
    root = m.sqrt(m.sqrt(above)) / m.sqrt(m.sqrt(a))  # neither too small nor too large for the dtype
    tiny = ratio < _TINY
    log = m.log(m.where(tiny, root, ratio))
    return m.where(near, -m.log1pmx(m.where(near, y, 0.0)), (ratio - 1) - m.where(tiny, 4 * log, log))


FUNCTION = Function(
    name="itakura_saito",
    title="Itakura-Saito divergence",
    domains=(Domain.POSITIVE, Domain.POSITIVE),
    value=Domain.NONNEGATIVE,
    derivatives=(lambda m, x, a: (x - a) / (a * x), lambda m, x, a: -(x - a) / a**2),
    definition=lambda m, x, a: x / a - 1 - m.log(x / a),
    gap=True,
    tex=r"\mathrm{IS}",
    program=_program,
    rounding=Rounding(5.0, (1.2, 3.7, 3.7), "all positive points"),
    sources=("Fevotte, Bertin and Durrieu, Neural Computation 21 (2009), eq. (2)",),
)
