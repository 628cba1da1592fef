"""The digamma function, the derivative of the logarithm of the gamma function."""

from fractions import Fraction
from math import ceil
from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Algebra, Function
from kl_symbolic.functions.gamma import MOST_SHIFTS


def _functional_equation(k: Algebra, u: Any) -> Any:
    """Psi(u + 1) = psi(u) + 1/u: the number in the argument is brought into (0, 1]."""
    shift = ceil(k.constant_part(u)) - 1
    base = k.add((u, k.number(-shift)))
    if shift == 0 or abs(shift) > MOST_SHIFTS or not k.is_positive(base):
        return None
    low, sign = (base, 1) if shift > 0 else (u, -1)
    steps = [k.mul(k.number(sign), k.power(k.add((low, k.number(j))), Fraction(-1))) for j in range(abs(shift))]
    return k.add([k.inert("digamma", base), *steps])


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
    sources=("NIST Digital Library of Mathematical Functions, eq. (5.5.2)",),
)  # fmt: skip
