"""The exponential. Its laws are a theory of the kernel, with those of the logarithm."""

from typing import Any

from kl_symbolic.functions.binary import reduced_exponential
from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function, VectorComputation
from kl_symbolic.functions.rounding import Rounding


def _vector_program(m: VectorComputation, t: Any) -> Any:
    """Take factors out of the power of two, which may be too large or too small for the dtype."""
    k, _, rest, bend = reduced_exponential(m, t)
    small = t < m.by_dtype(-700.0, -80.0)
    power = m.power_of_two(k, m.where(small, 63, -1))
    value = power * (1 + (rest + bend)) * m.where(small, 2.0**-63, 2)
    return m.where(t < m.by_dtype(-746.0, -104.0), 0, value)


FUNCTION = Function(
    name="exp",
    title="exponential",
    domains=(Domain.REAL,),
    value=Domain.POSITIVE,
    rapid=True,
    derivatives=(lambda m, u: m.exp(u),),
    style="exponential",
    tex=r"\exp",
    spellings=("exp",),
    names={
        "sympy": "exp", "mpmath": "exp", "arb": "exp", "python": "math.exp", "numpy": "np.exp", "torch": "torch.exp",
        "jax": "jnp.exp", "tensorflow": "tf.exp",
    },
    vector_program=_vector_program,
    rounding=Rounding(1.0, (lambda low, high: max(-low, high),), "all real numbers"),
    sources=("NIST Digital Library of Mathematical Functions, section 4.8",),
)  # fmt: skip
