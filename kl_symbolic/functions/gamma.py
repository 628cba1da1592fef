"""The gamma function."""

from fractions import Fraction
from math import ceil, factorial, inf, log, pi
from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Algebra, Computation, Function
from kl_symbolic.functions.rounding import Rounding
from kl_symbolic.functions.stirling import SHIFTS, tail

MOST_SHIFTS = 1_000
_BETWEEN_ROOTS = 1.45  # of log Gamma
_HALF_LOG_2_PI_MINUS_1 = log(2 * pi) / 2 - 0.5
MOST_WHOLE = 100  # the largest whole number whose value is worked out without being asked for


def _of_whole_numbers(k: Algebra, u: Any) -> Any:
    """Gamma(n) = (n - 1)! for n = 1, 2, ..."""
    n = k.constant_part(u)
    whole = n.denominator == 1 and 1 <= n <= MOST_WHOLE and u == k.number(n)
    return k.number(factorial(int(n) - 1)) if whole else None


def _functional_equation(k: Algebra, u: Any) -> Any:
    """Gamma(u + 1) = u Gamma(u): the number in the argument is brought into (0, 1]; Gamma(1) = 1, Gamma(1/2)^2 = pi."""
    shift = ceil(k.constant_part(u)) - 1
    if abs(shift) > MOST_SHIFTS:
        return None
    base = k.add((u, k.number(-shift)))
    if base == k.number(1):
        value = k.number(1)
    elif base == k.number(Fraction(1, 2)):
        value = k.root(k.apply("pi"))
    elif shift == 0 or not k.is_positive(base):
        return None
    else:
        value = k.inert("gamma", base)
    for j in range(abs(shift)):  # factors between the base and u, the lower one included
        factor = k.add((base if shift > 0 else u, k.number(j)))
        value = k.mul(value, k.power(factor, Fraction(1 if shift > 0 else -1)))
    return value


def _log_program(m: Computation, x: Any) -> Any:
    """Near its roots 1 and 2 by the tangents there, then by Stirling's series."""
    near = x < SHIFTS
    low = m.where(near, x, 1.0)
    first = low < _BETWEEN_ROOTS
    root, slope = m.where(first, 1.0, 2.0), m.where(first, -m.euler_gamma, 1 - m.euler_gamma)
    high = m.where(near, SHIFTS, x)
    small = (low - root) * slope + m.lgamma_remainder(low, root, low - root)
    return m.where(near, small, (high - 0.5) * (m.log(high) - 1) + (_HALF_LOG_2_PI_MINUS_1 + tail(high)))


FUNCTION = Function(
    name="gamma",
    title="gamma function",
    domains=(Domain.POSITIVE,),
    value=Domain.POSITIVE,
    rapid=True,
    derivatives=(lambda m, u: m.gamma(u) * m.digamma(u),),
    identities={"algebra": _of_whole_numbers, "functional equation": _functional_equation},
    tex=r"\Gamma",
    spellings=("Gamma", "tgamma"),
    names={
        "sympy": "gamma", "mpmath": "gamma", "arb": "gamma", "python": "math.gamma", "scipy": "scipy.special.gamma",
    },
    log_spellings=("lgamma", "gammaln", "loggamma", "logGamma", "LogGamma", "lnGamma", "lngamma"),
    log_names={
        "sympy": "loggamma", "mpmath": "loggamma", "arb": "lgamma", "python": "math.lgamma", "torch": "torch.lgamma",
        "scipy": "scipy.special.gammaln", "jax": "jax.scipy.special.gammaln", "tensorflow": "tf.math.lgamma",
    },
    log_program=_log_program,
    rounding=Rounding(16.0, (inf,), "its logarithm at all positive x"),
    sources=("NIST Digital Library of Mathematical Functions, eq. (5.4.1), (5.4.6), (5.5.1), (5.11.1)",),
)  # fmt: skip
