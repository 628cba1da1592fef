"""The remainder of x log x, x log(x/a) - x + a, which is never negative; scipy.special and cvxpy call it so, too."""

from typing import Any

from kl_symbolic.functions.binary import artanh_rest, parts_in_binary, times_log_2
from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function, VectorComputation
from kl_symbolic.functions.rounding import Rounding

_NEAR = 0.75  # of |x - a| over the larger one; further away, the parts of the formula are different enough
_TINY = 2.0**-100  # a quotient below it may have lost its digits to underflow
_SMALL, _SCALE = 2.0**-40, 2.0**80  # with it, the square of no normal number of float32 underflows


def _program(m: Computation, x: Any, a: Any, gap: Any) -> Any:
    """Nothing is divided by 0, and far ones by the larger one: what is not taken has finite derivatives."""
    below = x < a
    larger = m.where(below, a, x)
    near = abs(gap) < _NEAR * larger
    # The same quotients of larger numbers: JAX differentiates x/y by way of y^-2, which overflows for small ones.
    x_, a_, gap_ = (m.where(larger < _SMALL, _SCALE * v, v) for v in (x, a, gap))
    close = -x * m.log1pmx(m.where(near, -gap_, 0.0) / m.where(near, x_, 1.0))

    apart = m.where(near, 0.0, x) > a - a  # else the value is a: where x is 0, or a is infinite and a - a is NaN
    low = m.where(apart, m.where(below, x_, a_), 1.0)
    high = m.where(apart, m.where(a > 0.0, m.where(below, a_, x_), 1.0), 1.0)  # the logarithm of 0/1 is infinite, too
    tiny = low < _TINY * high
    low, high = (m.where(tiny, m.sqrt(m.sqrt(v)), v) for v in (low, high))
    log = m.where(tiny, 4.0, 1.0) * m.log(low / high)
    far = a - x * (1 + m.where(below, -log, log))

    edge = m.where(below, x, 1.0) <= 0.0  # where the derivative is minus infinity, as that of a root is
    return m.where(near, close, m.where(edge, a - m.sqrt(m.where(edge, x, 1.0)), far))


def _vector_program(m: VectorComputation, x: Any, a: Any, gap: Any) -> Any:
    """With s = (x - a)/(x + a) it is (x - a) s + 2x (artanh(s) - s), without powers of two where x/a is near 1."""
    near = abs(gap) < 0.5 * m.where(x < a, a, x)
    (k, c), (k_a, c_a) = parts_in_binary(m, x), parts_in_binary(m, a)
    s = m.where(near, 0.5 * gap, c - c_a) / m.where(near, 0.5 * x + 0.5 * a, c + c_a)
    high, low = times_log_2(m, k - k_a)
    rest = artanh_rest(m, s)
    far = x * (high + (2 * s + (s * rest + low))) - gap
    far = m.where(a <= 0, m.where(x > 0, m.infinity, far), far)
    return m.where(near, s * (gap + x * rest), far)


FUNCTION = Function(
    name="kl_div",
    title="remainder of x log x",
    domains=(Domain.POSITIVE, Domain.POSITIVE),
    value=Domain.NONNEGATIVE,
    derivatives=(lambda m, x, a: m.log_ratio(x, a), lambda m, x, a: (a - x) / a),
    definition=lambda m, x, a: x * m.log(x / a) - x + a,
    gap=True,
    tex=r"\mathrm{kl}",
    program=_program,
    vector_program=_vector_program,
    rounding=Rounding(5.5, (2.7, 1.9, 3.7), "no point negative"),
    sources=("Csiszar, Why least squares and maximum entropy?, Annals of Statistics 19 (1991)",),
)
