"""Exponentials and logarithms for compilers: powers of two are taken out, a series does the rest.

Each part is written the same way wherever it occurs, so that functions of the same argument share it.
"""

from typing import Any, NamedTuple

from kl_symbolic.functions.function import VectorComputation
from kl_symbolic.functions.polynomial import Polynomial

PER_LOG_2 = 1.4426950408889634
# log(2) in two parts; few bits in the first one, so that its product with any exponent is exact.
LOG_2_HIGH, LOG_2_LOW = 0.6931471803691238, 1.9082149292705877e-10
LOG_2_HIGH_SINGLE, LOG_2_LOW_SINGLE = 0.693145751953125, 1.428606765330187e-06

# (e^r - 1 - r - r^2/2)/r^3 where |r| is at most log(2)/2; from scripts/polynomials.py.
EXP_REDUCED = Polynomial(
    coefficients=(
        0.16666666666666669,
        0.041666666666666664,
        0.008333333333330032,
        0.0013888888888886532,
        0.00019841269863201828,
        2.480158731725034e-05,
        2.7557268229963227e-06,
        2.755728280527787e-07,
        2.5100494788905042e-08,
        2.0911314678813155e-09,
    ),
    low=-0.347,
    high=0.347,
    bound=2.2e-16,
)
EXP_REDUCED_SINGLE = Polynomial(
    coefficients=(
        0.1666666716337204,
        0.04166655242443085,
        0.00833332072943449,
        0.001392626785673201,
        0.00019882792548742145,
    ),
    low=-0.347,
    high=0.347,
    bound=9e-8,
)

# (artanh(s) - s)/s^3 in powers of s^2 where |s| is at most 1/3; from scripts/polynomials.py.
ARTANH_REDUCED = Polynomial(
    coefficients=(
        0.3333333333333333,
        0.20000000000007348,
        0.14285714283539555,
        0.1111111136021308,
        0.09090894642692367,
        0.07692787147721687,
        0.06657037425626894,
        0.06000866202229318,
        0.04398684935504952,
        0.08085593838070519,
    ),
    low=0.0,
    high=0.1112,
    bound=4.2e-16,
)
ARTANH_REDUCED_SINGLE = Polynomial(
    coefficients=(0.33333319425582886, 0.2000378966331482, 0.14118017256259918, 0.13427866995334625),
    low=0.0,
    high=0.1112,
    bound=4.6e-7,
)


def times_log_2(m: VectorComputation, k: Any) -> tuple[Any, Any]:
    """Return k log(2) as a sum of an exact product and a small one."""
    return k * m.by_dtype(LOG_2_HIGH, LOG_2_HIGH_SINGLE), k * m.by_dtype(LOG_2_LOW, LOG_2_LOW_SINGLE)


class ReducedExponential(NamedTuple):
    """A number t = k log(2) + r with |r| at most log(2)/2, and what functions of e^t = 2^k e^r have in common.

    Parameters
    ----------
    k
        The exponent; 1024 (128) at most, where e^t is infinite.
    high
        The larger part of k log(2), without rounding.
    rest
        t - high, without rounding.
    bend
        e^r - 1 - rest.
    """

    k: Any
    high: Any
    rest: Any
    bend: Any


def reduced_exponential(m: VectorComputation, t: Any) -> ReducedExponential:
    """Return the parts of a number that is not so far below 0 that its exponential is 0."""
    most = m.by_dtype(710.0, 89.0)  # of larger numbers the exponential is infinite, too
    t = m.where(t > most, most, t)
    k = m.round(t * PER_LOG_2)
    high, low = times_log_2(m, k)
    rest = t - high
    r = rest - low
    square = r * r
    bend = 0.5 * square + (square * r * m.polynomial(m.by_dtype(EXP_REDUCED, EXP_REDUCED_SINGLE), r) - low)
    return ReducedExponential(k, high, rest, bend)


def parts_in_binary(m: VectorComputation, x: Any) -> tuple[Any, Any]:
    """Return the exponent and the mantissa of a positive number, also of a subnormal one."""
    tiny = x < m.by_dtype(2.0**-1022, 2.0**-126)
    bits = m.by_dtype(54, 24)
    x = m.where(tiny, x * 2.0**bits, x)
    return m.exponent(x) - m.where(tiny, bits, 0), m.mantissa(x)


def artanh_rest(m: VectorComputation, s: Any) -> Any:
    """Return 2 (artanh(s) - s)/s where |s| is at most 1/3."""
    z = s * s
    return 2 * z * m.polynomial(m.by_dtype(ARTANH_REDUCED, ARTANH_REDUCED_SINGLE), z)


def logarithm_tail(m: VectorComputation, f: Any) -> Any:
    """Return f - log(1 + f) where 1 + f is between 1/2 and 2: with s = f/(2 + f), f - 2s is s f."""
    s = f / (2 + f)
    return s * (f - artanh_rest(m, s))


def reduced_excess(m: VectorComputation, x: Any, near: Any) -> tuple[Any, Any]:
    """Return k and f with 1 + x = 2^k (1 + f), where 1 + x is not rounded for f; 0 and x where it is near 1."""
    k = m.exponent(1 + x)
    quarter = m.power_of_two(-k, 2)  # which is no subnormal number where 2^-k is
    return m.where(near, 0, k), m.where(near, x, (0.25 * x) * quarter + (0.25 * quarter - 1))


def is_near_zero(x: Any) -> Any:
    """Return whether 1 + x is between 1/2 and 2, where its logarithm is taken without a power of two."""
    middle, radius = 0.25, 0.75
    return abs(x - middle) <= radius


def reduced_ratio(m: VectorComputation, x: Any, a: Any, y: Any) -> tuple[Any, Any, Any]:
    """Return whether x/a = 1 + y is between 1/2 and 2, and k and s with log(x/a) = k log(2) + 2 artanh(s).

    There k is 0 and s has the digits of y, whatever those of x and a.
    """
    near = is_near_zero(y)
    (k, c), (k_a, c_a) = parts_in_binary(m, x), parts_in_binary(m, a)
    s = m.where(near, y, c - c_a) / m.where(near, 2 + y, c + c_a)
    return near, m.where(near, 0, k - k_a), s


def with_edges(m: VectorComputation, x: Any, value: Any) -> Any:
    """Return the logarithm of any x where `value` is that of positive numbers."""
    below = m.where(x < 0, m.infinity - m.infinity, -m.infinity)
    return m.where(x <= 0, below, m.where(x < m.infinity, value, x))
