"""The exponential minus its tangent in 0, which is never negative."""

import math
from typing import Any

from kl_symbolic.functions.binary import reduced_exponential
from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import CheapForm, Computation, Function, VectorComputation
from kl_symbolic.functions.polynomial import Polynomial
from kl_symbolic.functions.rounding import Rounding

# (e^t - 1 - t)/t^2 = 1/2! + t/3! + t^2/4! + ...; from scripts/polynomials.py.
EXPM1MX_BY_SQUARE = Polynomial(
    coefficients=(
        0.5,
        0.16666666666666666,
        0.041666666666666664,
        0.008333333333333236,
        0.0013888888888888835,
        0.0001984126984137474,
        2.4801587301645516e-05,
        2.7557319174051555e-06,
        2.755731919627328e-07,
        2.505212058452295e-08,
        2.0876763758519634e-09,
        1.6057448519013338e-10,
        1.1469860083749003e-11,
        7.753289909061301e-13,
        4.838397490830109e-14,
    ),
    low=-1.0,
    high=1.0,
    bound=3e-17,
)
_LARGE = 64.0  # e^t + t is e^t to all digits from here on


def _program(m: Computation, t: Any) -> Any:
    near = m.where(abs(t) <= EXPM1MX_BY_SQUARE.high, t, 0.0)
    small = near * (near * m.polynomial(EXPM1MX_BY_SQUARE, near))
    return m.where(abs(t) <= EXPM1MX_BY_SQUARE.high, small, m.expm1(t) - m.where(t < _LARGE, t, _LARGE))


def _vector_program(m: VectorComputation, t: Any) -> Any:
    """With t = k log(2) + r it is 2^k - 1 - k log(2) + (2^k - 1) r + 2^k (e^r - 1 - r); half of it, as in expm1."""
    k, high, rest, bend = reduced_exponential(m, t)
    power = m.power_of_two(k, -1)
    slope = power - 0.5
    return m.where(t < -_LARGE, -1 - t, 2 * (((slope - 0.5 * high) + slope * rest) + power * bend))


def _condition(_low: float, high: float) -> float:
    """Return a bound of t (e^t - 1)/(e^t - 1 - t), which grows with t: 2.4 in t = 1."""
    return 2.4 if high <= 1 else -high * math.expm1(-high) / (1 - (1 + high) * math.exp(-high))


FUNCTION = Function(
    name="expm1mx",
    title="exponential minus its tangent in 0",
    domains=(Domain.REAL,),
    value=Domain.NONNEGATIVE,
    rapid=True,
    derivatives=(lambda m, t: m.expm1(t),),
    definition=lambda m, t: m.exp(t) - 1 - t,
    tex=r"\mathrm{expm1mx}",
    program=_program,
    # An error of 1 eps of e^t and half an eps of t and of each difference are at most 4 eps for t < 1, 8 of e^t - 1 - t
    # for t from 1 to 10.
    cheap=CheapForm(lambda m, t: m.exp(t) - 1 - t, least=0.5, most=2e4),
    vector_program=_vector_program,
    rounding=Rounding(3.1, (_condition,), "all t"),
)
