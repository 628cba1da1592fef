"""The square root."""

from fractions import Fraction

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function

FUNCTION = Function(
    name="sqrt",
    title="square root",
    domains=(Domain.NONNEGATIVE,),
    value=Domain.NONNEGATIVE,
    root=Fraction(0),
    derivatives=(lambda m, u: 1 / (2 * m.sqrt(u)),),
    identities={"algebra": lambda k, u: k.root(u)},
    style="root",
    tex=r"\sqrt",
    spellings=("sqrt",),
    names={
        "sympy": "sqrt", "mpmath": "sqrt", "arb": "sqrt", "python": "math.sqrt", "numpy": "np.sqrt",
        "torch": "torch.sqrt", "jax": "jnp.sqrt", "tensorflow": "tf.sqrt",
    },
)  # fmt: skip
