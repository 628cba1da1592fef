"""The natural logarithm. Its laws are a theory of the kernel, which knows products and sums."""

import math
from fractions import Fraction
from typing import Any

from kl_symbolic.functions.binary import logarithm_tail, parts_in_binary, times_log_2, with_edges
from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function, VectorComputation
from kl_symbolic.functions.rounding import Rounding


def _condition(low: float, high: float) -> float:
    """Return a bound of 1/|log u|, which is infinite in 1."""
    nearest = high if high < 1 else low
    return 1 / abs(math.log(nearest)) if 0 < high < 1 or low > 1 else math.inf


def _vector_program(m: VectorComputation, u: Any) -> Any:
    k, c = parts_in_binary(m, u)
    high, low = times_log_2(m, k)
    f = c - 1
    return with_edges(m, u, high + (f - (logarithm_tail(m, f) - low)))


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
    vector_program=_vector_program,
    rounding=Rounding(1.0, (_condition,), "all positive numbers"),
    sources=("NIST Digital Library of Mathematical Functions, section 4.8",),
)  # fmt: skip
