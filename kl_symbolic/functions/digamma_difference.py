"""The difference of two values of the digamma function."""

from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function
from kl_symbolic.functions.rounding import Rounding
from kl_symbolic.functions.stirling import SHIFTS, added, ordered, part_of, tail_difference


def _program(m: Computation, x: Any, a: Any, gap: Any) -> Any:
    """From psi(x) = psi(x + 1) - 1/x; then from log x and what psi(x) - log x is by Stirling's series."""
    low, high, distance = ordered(m, x, a, gap)
    short = low < SHIFTS
    steps = added([part_of(m, distance, high + j) / (low + j) for j in range(SHIFTS)])
    low, high = m.where(short, low + SHIFTS, low), m.where(short, high + SHIFTS, high)
    tail = tail_difference(low, high, part_of(m, distance, high))
    value = m.where(short, steps, 0.0) + (m.log1p(distance / low) + tail)
    return m.where(gap < 0, -value, value)


FUNCTION = Function(
    name="digamma_difference",
    title="difference of two values of the digamma function",
    domains=(Domain.POSITIVE, Domain.POSITIVE),
    derivatives=(lambda m, x, a: m.polygamma(1, x), lambda m, x, a: -m.polygamma(1, a)),
    definition=lambda m, x, a: m.digamma(x) - m.digamma(a),
    gap=True,
    tex=r"\Delta\psi",
    program=_program,
    rounding=Rounding(4.5, (1.1, 1.1, 1.1), "all positive points"),
    sources=("NIST Digital Library of Mathematical Functions, eq. (5.5.2), (5.11.2)",),
)
