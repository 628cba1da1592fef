"""The absolute value: the square root of the square."""

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function

FUNCTION = Function(
    name="abs",
    title="absolute value",
    domains=(Domain.REAL,),
    value=Domain.NONNEGATIVE,
    identities={"algebra": lambda k, u: k.root(k.mul(u, u))},
    style="bars",
    tex=r"|",
    spellings=("abs",),
    names={
        "sympy": "Abs", "mpmath": "fabs", "arb": "__abs__", "python": "abs", "numpy": "np.abs", "torch": "torch.abs",
        "jax": "jnp.abs", "tensorflow": "tf.abs",
    },
)  # fmt: skip
