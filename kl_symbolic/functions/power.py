"""Powers. What their arguments may be depends on both: a base that may be 0 or negative needs a whole exponent."""

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function

FUNCTION = Function(
    name="pow",
    title="power",
    domains=(Domain.REAL, Domain.REAL),
    derivatives=(lambda m, b, e: e * b ** (e - 1), lambda m, b, e: b**e * m.log(b)),
    identities={"algebra": lambda k, b, e: k.power(b, e)},
    style="power",
    tex="^",
    spellings=("pow", "power"),
    names={"sympy": "Pow", "mpmath": "power", "arb": "__pow__", "python": "pow", "numpy": "np.power"},
)
