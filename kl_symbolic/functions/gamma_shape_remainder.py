"""What the function log Gamma(x) - x log x is above its tangent in a, which is never negative."""

from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function
from kl_symbolic.functions.rounding import Rounding
from kl_symbolic.functions.stirling import SHIFTS, added, at_ends, tail_remainder


def _program(m: Computation, x: Any, a: Any, gap: Any) -> Any:
    """From the remainders of (x + 1) log(1 + 1/x), as f(x) = f(x + 1) + that; then by Stirling's series.

    It is x + 1 times the Itakura-Saito divergence of x(a + 1) and a(x + 1).
    """
    short = m.where(x < a, x, a) < SHIFTS
    steps = [(x + 1) * m.itakura_saito(x / (x + 1) * (a + 1), a, gap / (x + 1))]
    for j in range(1, SHIFTS):
        y = gap / (x + (j + 1)) / (a + j)  # which is above -1/2
        steps.append((x + (j + 1)) * -m.log1pmx(y))
    high_x, high_a = m.where(short, x + SHIFTS, x), m.where(short, a + SHIFTS, a)
    series = 0.5 * m.itakura_saito(high_x, high_a, gap) + tail_remainder(high_x, high_a, gap)
    return at_ends(m, gap, m.where(short, added(steps), 0.0) + series)


FUNCTION = Function(
    name="gamma_shape_remainder",
    title="remainder of log Gamma(x) - x log x",
    domains=(Domain.POSITIVE, Domain.POSITIVE),
    value=Domain.NONNEGATIVE,
    derivatives=(
        lambda m, x, a: m.digamma_log_difference(x, a),
        lambda m, x, a: -(x - a) * m.trigamma_excess(a),
    ),
    definition=lambda m, x, a: (
        m.log(m.gamma(x)) - x * m.log(x) - (m.log(m.gamma(a)) - a * m.log(a)) - (x - a) * (m.digamma(a) - m.log(a) - 1)
    ),
    gap=True,
    tex=r"R",
    program=_program,
    rounding=Rounding(11.5, (2.0, 3.7, 3.7), "all positive points"),
    sources=(
        "NIST Digital Library of Mathematical Functions, eq. (5.5.1), (5.11.1)",
        "Alzer, On some inequalities for the gamma and psi functions, Mathematics of Computation 66 (1997), theorem 8",
    ),
)
