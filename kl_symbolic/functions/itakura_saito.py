"""The Itakura-Saito divergence of two positive numbers, x/a - 1 - log(x/a), which is never negative."""

from typing import Any

from kl_symbolic.functions.binary import artanh_rest, reduced_ratio, times_log_2
from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import CheapForm, Computation, Function, VectorComputation
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


def _vector_program(m: VectorComputation, x: Any, a: Any, gap: Any) -> Any:
    y = gap / a
    near, k, s = reduced_ratio(m, x, a, y)
    high, low = times_log_2(m, k)
    rest = artanh_rest(m, s)
    far = ((y - high) - 2 * s) - (s * rest + low)
    return m.where(near, s * (y - rest), far)


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
    # Errors of 1.5 eps of x and a are at most 4 eps for x/a from 1/2 to 2, and 8 of the value beyond.
    cheap=CheapForm(lambda m, x, a, gap: x / a - 1 - m.log(x / a), least=0.5),
    vector_program=_vector_program,
    rounding=Rounding(5.0, (1.2, 3.7, 3.7), "all positive points"),
    sources=("Fevotte, Bertin and Durrieu, Neural Computation 21 (2009), eq. (2)",),
)
