"""The polygamma functions, the derivatives of the digamma function."""

from fractions import Fraction
from math import factorial, inf
from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function
from kl_symbolic.functions.rounding import Rounding
from kl_symbolic.functions.stirling import EVEN, SHIFTS, added


def _program(m: Computation, order: int, x: Any) -> Any:
    """From psi^(n)(x) = psi^(n)(x + 1) + (-1)^(n + 1) n! x^-(n + 1); then by the derivatives of Stirling's series."""
    if order == 0:
        return m.digamma(x)
    shifts = SHIFTS + order
    short = x < shifts
    steps = added([_power(1 / (x + j), order + 1) for j in range(shifts)])
    u = 1 / m.where(short, x + shifts, x)
    series = 0.0
    for k in range(len(EVEN), 0, -1):  # B_2k (2k + n - 1)!/((2k)! (n - 1)!)
        series = series * (u * u) + float(
            EVEN[k - 1] * Fraction(factorial(2 * k + order - 1), factorial(2 * k) * factorial(order - 1))
        )
    value = float(factorial(order)) * m.where(short, steps, 0.0) + _power(u, order) * (
        float(factorial(order - 1)) * (1 + u * (0.5 * order + u * series))
    )
    return value if order % 2 else -value


def _power(u: Any, exponent: int) -> Any:
    value = u
    for _ in range(exponent - 1):
        value = value * u
    return value


FUNCTION = Function(
    name="polygamma",
    title="polygamma function",
    domains=(Domain.NATURAL, Domain.POSITIVE),
    derivatives=(None, lambda m, n, u: m.polygamma(n + 1, u)),
    identities={"algebra": lambda k, n, u: k.apply("digamma", u) if n == k.number(0) else None},
    style="order",
    tex=r"\psi",
    spellings=("polygamma", "PolyGamma"),
    order_spellings=("trigamma", "tetragamma"),
    names={
        "sympy": "polygamma", "mpmath": "polygamma", "torch": "torch.polygamma", "scipy": "scipy.special.polygamma",
        "jax": "jax.scipy.special.polygamma", "arb": "polygamma", "tensorflow": "tf.math.polygamma",
    },
    program=_program,
    rounding=Rounding(4.0, (inf, 2.0), "order 1, all positive x"),
    sources=("NIST Digital Library of Mathematical Functions, section 5.15",),
)  # fmt: skip
