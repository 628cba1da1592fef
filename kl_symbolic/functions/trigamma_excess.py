"""What the trigamma function is above 1/x, which is positive."""

from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function
from kl_symbolic.functions.rounding import Rounding
from kl_symbolic.functions.stirling import EVEN, SHIFTS, added


def _program(m: Computation, x: Any) -> Any:
    """From g(x) = g(x + 1) + 1/(x^2 (x + 1)); then by the derivatives of Stirling's series."""
    short = x < SHIFTS
    steps = added([(1 / (x + j)) * (1 / (x + j)) / (x + (j + 1)) for j in range(SHIFTS)])
    u = 1 / m.where(short, x + SHIFTS, x)
    series = 0.0
    for b in reversed(EVEN):
        series = series * (u * u) + float(b)
    return m.where(short, steps, 0.0) + (u * u) * (0.5 + u * series)


FUNCTION = Function(
    name="trigamma_excess",
    title="trigamma function minus 1/x",
    domains=(Domain.POSITIVE,),
    value=Domain.POSITIVE,
    derivatives=(lambda m, x: m.polygamma(2, x) + 1 / x**2,),
    definition=lambda m, x: m.polygamma(1, x) - 1 / x,
    tex=r"\Delta\psi'",
    program=_program,
    rounding=Rounding(5.0, (2.2,), "all positive x"),
    sources=("NIST Digital Library of Mathematical Functions, eq. (5.15.5), (5.15.8)",),
)
