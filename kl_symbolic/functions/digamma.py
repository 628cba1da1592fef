"""The digamma function, the derivative of the logarithm of the gamma function."""

from fractions import Fraction
from math import ceil, inf
from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Algebra, Computation, Function
from kl_symbolic.functions.gamma import MOST_SHIFTS
from kl_symbolic.functions.rounding import Rounding

# Their sum has twice the digits of float64, and the first two have those of float32.
ROOT_OF_DIGAMMA = (1.4616321325302124, 1.243815006546356e-08, -1.2654465062537432e-16)


def _functional_equation(k: Algebra, u: Any) -> Any:
    """Psi(u + 1) = psi(u) + 1/u: the number in the argument is brought into (0, 1]."""
    shift = ceil(k.constant_part(u)) - 1
    base = k.add((u, k.number(-shift)))
    if shift == 0 or abs(shift) > MOST_SHIFTS or not k.is_positive(base):
        return None
    low, sign = (base, 1) if shift > 0 else (u, -1)
    steps = [k.mul(k.number(sign), k.power(k.add((low, k.number(j))), Fraction(-1))) for j in range(abs(shift))]
    return k.add([k.inert("digamma", base), *steps])


def _program(m: Computation, x: Any) -> Any:
    high, middle, low = ROOT_OF_DIGAMMA
    return m.digamma_difference(x, high + middle, x - high - middle - low)


FUNCTION = Function(
    name="digamma",
    title="digamma function",
    domains=(Domain.POSITIVE,),
    derivatives=(lambda m, u: m.polygamma(1, u),),
    identities={"functional equation": _functional_equation},
    tex=r"\psi",
    spellings=("digamma", "psi", "Psi"),
    names={
        "sympy": "digamma", "mpmath": "digamma", "arb": "digamma", "torch": "torch.digamma",
        "scipy": "scipy.special.digamma", "jax": "jax.scipy.special.digamma", "tensorflow": "tf.math.digamma",
    },
    program=_program,
    rounding=Rounding(7.0, (inf,), "all positive x"),
    sources=("NIST Digital Library of Mathematical Functions, eq. (5.5.2)",),
)  # fmt: skip
