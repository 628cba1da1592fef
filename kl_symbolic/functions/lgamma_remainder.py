"""What log Gamma(x) is above its tangent in a, which is never negative."""

from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function
from kl_symbolic.functions.rounding import Rounding
from kl_symbolic.functions.stirling import SHIFTS, added, at_ends, tail_remainder

_CLOSE = 2.0**-60  # where only the first term of a series counts


def _program(m: Computation, x: Any, a: Any, gap: Any) -> Any:
    """From log Gamma(x) = log Gamma(x + 1) - log x; then from x log x - x, -log(x)/2 and the tail of the series."""
    short = m.where(x < a, x, a) < SHIFTS
    steps = added([m.itakura_saito(x + j, a + j, gap) for j in range(SHIFTS)])
    high_x, high_a = m.where(short, x + SHIFTS, x), m.where(short, a + SHIFTS, a)
    y = gap / high_x
    entropy = m.where(abs(y) < _CLOSE, gap * (0.5 * y), high_x * m.itakura_saito(high_a, high_x, -gap))
    series = 0.5 * m.itakura_saito(high_x, high_a, gap) + tail_remainder(high_x, high_a, gap)
    return at_ends(m, gap, m.where(short, steps, 0.0) + (entropy + series))


FUNCTION = Function(
    name="lgamma_remainder",
    title="remainder of log Gamma(x)",
    domains=(Domain.POSITIVE, Domain.POSITIVE),
    value=Domain.NONNEGATIVE,
    derivatives=(
        lambda m, x, a: m.digamma_difference(x, a),
        lambda m, x, a: -(x - a) * m.polygamma(1, a),
    ),
    definition=lambda m, x, a: m.log(m.gamma(x)) - m.log(m.gamma(a)) - (x - a) * m.digamma(a),
    gap=True,
    tex=r"R_{\log\Gamma}",
    program=_program,
    rounding=Rounding(8.5, (2.7, 3.7, 3.7), "all positive points"),
    sources=(
        "NIST Digital Library of Mathematical Functions, eq. (5.5.1), (5.11.1)",
        "Alzer, On some inequalities for the gamma and psi functions, Mathematics of Computation 66 (1997), theorem 8",
    ),
)
