"""What log Gamma(1 + e) is above its tangent in e = 0, which is never negative."""

from math import inf
from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function
from kl_symbolic.functions.rounding import Rounding


def _program(m: Computation, e: Any) -> Any:
    return m.lgamma_remainder(1 + e, 1.0, e)


FUNCTION = Function(
    name="lgamma1p_remainder",
    title="remainder of log Gamma(1 + e)",
    domains=(Domain.REAL,),
    value=Domain.NONNEGATIVE,
    derivatives=(lambda m, e: m.digamma_difference(1 + e, 1),),
    definition=lambda m, e: m.log(m.gamma(1 + e)) + m.euler_gamma * e,
    tex=r"R_{\log\Gamma(1 + \cdot)}",
    program=_program,
    rounding=Rounding(11.0, (lambda low, high: 2.5 if 2 * low >= -1 else inf,), "e > -1"),
    sources=("NIST Digital Library of Mathematical Functions, eq. (5.4.12)",),
)
