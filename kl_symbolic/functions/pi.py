"""The circle's constant."""

import math

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function

FUNCTION = Function(
    name="pi",
    title="pi",
    domains=(),
    value=Domain.POSITIVE,
    program=lambda _: math.pi,
    style="letter",
    tex=r"\pi",
    spellings=("pi",),
    names={
        "sympy": "pi", "mpmath": "pi", "arb": "pi", "python": "math.pi", "numpy": "np.pi", "torch": "math.pi",
        "jax": "jnp.pi", "tensorflow": "math.pi",
    },
)  # fmt: skip
