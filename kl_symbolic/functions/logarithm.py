"""The natural logarithm. Its laws are a theory of the kernel, which knows products and sums."""

from fractions import Fraction

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function

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
    sources=("NIST Digital Library of Mathematical Functions, section 4.8",),
)  # fmt: skip
