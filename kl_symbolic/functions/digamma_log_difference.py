"""The difference of two values of psi(x) - log x."""

from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function
from kl_symbolic.functions.rounding import Rounding
from kl_symbolic.functions.stirling import SHIFTS, added, ordered, part_of, tail_difference


def _program(m: Computation, x: Any, a: Any, gap: Any) -> Any:
    """From h(x) = h(x + 1) + log(1 + 1/x) - 1/x; then by Stirling's series."""
    low, high, distance = ordered(m, x, a, gap)
    short = low < SHIFTS
    steps = []
    for j in range(SHIFTS):
        y = part_of(m, distance, high + (j + 1)) / (low + j)
        steps.append(abs(m.log1pmx(y)) + y * (1 / (high + j)))  # of two quotients XLA makes one, which may overflow
    low, high = m.where(short, low + SHIFTS, low), m.where(short, high + SHIFTS, high)
    value = m.where(short, added(steps), 0.0) + tail_difference(low, high, part_of(m, distance, high))
    return m.where(gap < 0, -value, value)


FUNCTION = Function(
    name="digamma_log_difference",
    title="difference of two values of psi(x) - log x",
    domains=(Domain.POSITIVE, Domain.POSITIVE),
    derivatives=(lambda m, x, a: m.trigamma_excess(x), lambda m, x, a: -m.trigamma_excess(a)),
    definition=lambda m, x, a: m.digamma(x) - m.log(x) - (m.digamma(a) - m.log(a)),
    gap=True,
    tex=r"\Delta(\psi - \log)",
    program=_program,
    rounding=Rounding(9.0, (2.1, 2.1, 2.1), "all positive points"),
    sources=("NIST Digital Library of Mathematical Functions, eq. (5.5.2), (5.11.2)",),
)
