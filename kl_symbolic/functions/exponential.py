"""The exponential. Its laws are a theory of the kernel, with those of the logarithm."""

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function
from kl_symbolic.functions.rounding import Rounding

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
    rounding=Rounding(1.0, (lambda low, high: max(-low, high),), "all real numbers"),
    sources=("NIST Digital Library of Mathematical Functions, section 4.8",),
)  # fmt: skip
