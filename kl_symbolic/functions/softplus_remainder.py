"""What log(1 + e^x) is above its tangent in a, which is never negative: the divergence of laws with these logits."""

from math import inf
from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function
from kl_symbolic.functions.rounding import Rounding

_FAR = 4.0  # a distance of logits from which the parts of the formula are different enough


def _program(m: Computation, x: Any, a: Any, gap: Any) -> Any:
    """Change both signs, which changes nothing, so that a is at most 0, and p, the probability of a, at most 1/2.

    Near a the value is kl(p, q) + kl(1 - p, 1 - q), with the difference of p and q by that of the logits.
    """
    falls = a > 0.0
    x, a, gap = (m.where(falls, -v, v) for v in (x, a, gap))
    below = x < 0.0
    u, v = m.exp(a), m.exp(m.where(below, x, -x))
    p, other_p = u / (1 + u), 1 / (1 + u)
    q, other_q = m.where(below, v, 1.0) / (1 + v), m.where(below, 1.0, v) / (1 + v)

    far = abs(gap) >= _FAR
    rise = p * (other_q * m.expm1(m.where(far, 0.0, gap)))
    near = m.kl_div(p, q, -rise) + m.kl_div(other_p, other_q, rise)

    certain = p <= 0.0  # which a logit that is far below 0 may be, or infinite
    tangent = m.where(below, 0.0, x * other_p) + m.where(certain, 0.0, m.where(below, -gap, a) * p)  # max(x, 0) - gap p
    return m.where(far, tangent + (m.log1p(v) - m.log1p(u)), near)


FUNCTION = Function(
    name="softplus_remainder",
    title="remainder of log(1 + e^x)",
    domains=(Domain.REAL, Domain.REAL),
    value=Domain.NONNEGATIVE,
    derivatives=(
        lambda m, x, a: m.sigmoid_difference(x, a),
        lambda m, x, a: -(x - a) * m.sigmoid(a) * m.sigmoid(-a),
    ),
    definition=lambda m, x, a: m.log(1 + m.exp(x)) - m.log(1 + m.exp(a)) - (x - a) * m.exp(a) / (1 + m.exp(a)),
    gap=True,
    tex=r"R_{\mathrm{softplus}}",
    program=_program,
    rounding=Rounding(38.0, (inf, inf, 15.1), "all real points"),
)
