"""The natural logarithm. Its laws are a theory of the kernel, which knows products and sums."""

import math
from fractions import Fraction

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function
from kl_symbolic.functions.rounding import Rounding


def _condition(low: float, high: float) -> float:
    """Return a bound of 1/|log u|, which is infinite in 1."""
    nearest = high if high < 1 else low
    return 1 / abs(math.log(nearest)) if 0 < high < 1 or low > 1 else math.inf


FUNCTION = Function(
    name="log",
    title="natural logarithm",
    domains=(Domain.POSITIVE,),
    root=Fraction(1),
    derivatives=(lambda m, u: 1 / u,),
    tex=r"\log",
    spellings=("log", "ln"),
    names={
        "sympy": "log", "mpmath": "ln", "arb": "log", "python": "math.log", "numpy": "np.log", "torch": "torch.log",
        "jax": "jnp.log", "tensorflow": "tf.math.log",
    },
    rounding=Rounding(1.0, (_condition,), "all positive numbers"),
    sources=("NIST Digital Library of Mathematical Functions, section 4.8",),
)  # fmt: skip
