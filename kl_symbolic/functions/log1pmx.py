"""The logarithm of 1 + x minus its tangent in 0, which is never positive."""

from math import inf
from typing import Any

from kl_symbolic.functions.binary import is_near_zero, logarithm_tail, reduced_excess, times_log_2, with_edges
from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function, VectorComputation
from kl_symbolic.functions.polynomial import Polynomial
from kl_symbolic.functions.rounding import Rounding

# (artanh(s) - s)/s^3 = 1/3 + z/5 + z^2/7 + ..., z = s^2; from scripts/polynomials.py.
ARTANH_BY_CUBE = Polynomial(
    coefficients=(
        0.3333333333333333,
        0.19999999999999157,
        0.14285714285941506,
        0.1111111108709177,
        0.09090910406234137,
        0.07692264978636615,
        0.06667552990203862,
        0.05870103358661853,
        0.05378044919951586,
        0.04031779144248065,
        0.07412051517909836,
        -0.03944007965884486,
        0.1442706966423053,
    ),
    low=0.0,
    high=0.207,
    bound=1.3e-16,
)
_LOW, _HIGH = -0.625, 1.0  # between them the series; s is in [-5/11, 1/3] there
_LARGE = 2.0**100  # x - log x is x to all digits from here on


def _program(m: Computation, x: Any) -> Any:
    """With s = x/(2 + x): log(1 + x) - x = 2 artanh(s) - x, and x - 2s = s x."""
    near = abs(x - (_LOW + _HIGH) / 2) <= (_HIGH - _LOW) / 2
    u = m.where(near, x, 0.0)
    s = u / (2 + u)
    z = s * s
    small = -(s * (u - 2 * z * m.polynomial(ARTANH_BY_CUBE, z)))  # -0 in 0, whose negative is 0
    return m.where(near, small, m.log1p(m.where(x < _LARGE, x, _LARGE)) - x)


def _vector_program(m: VectorComputation, x: Any) -> Any:
    """Take the tail of the series alone where 1 + x is between 1/2 and 2."""
    near = is_near_zero(x)
    k, f = reduced_excess(m, x, near)
    high, low = times_log_2(m, k)
    tail = logarithm_tail(m, f)
    far = (high - (x - f)) - (tail - low)
    return m.where(near, -tail, m.where(x < _LARGE, with_edges(m, 1 + x, far), -x))


FUNCTION = Function(
    name="log1pmx",
    title="logarithm of 1 + x minus its tangent in 0",
    domains=(Domain.REAL,),
    derivatives=(lambda m, x: -x / (1 + x),),
    definition=lambda m, x: m.log(1 + x) - x,
    tex=r"\mathrm{log1pmx}",
    program=_program,
    vector_program=_vector_program,
    rounding=Rounding(3.5, (lambda low, high: 2.7 if 2 * low >= -1 else inf,), "x > -1"),
)
