"""The factorial."""

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function

FUNCTION = Function(
    name="factorial",
    title="factorial",
    domains=(Domain.NATURAL,),
    value=Domain.POSITIVE,
    rapid=True,
    style="postfix",
    tex="!",
    spellings=("factorial",),
    names={"sympy": "factorial", "mpmath": "factorial", "arb": "fac", "python": "math.factorial"},
)
