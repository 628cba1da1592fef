"""Euler's constant, the limit of 1 + 1/2 + ... + 1/n - log n."""

from fractions import Fraction

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function

FUNCTION = Function(
    name="euler_gamma",
    title="Euler's constant",
    domains=(),
    value=Domain.POSITIVE,
    identities={"algebra": lambda k: k.mul(k.number(Fraction(-1)), k.apply("digamma", k.number(1)))},
    program=lambda _: 0.5772156649015329,
    style="letter",
    tex=r"\gamma",
    spellings=("euler_gamma", "EulerGamma", "gamma_E"),
    names={"sympy": "EulerGamma", "mpmath": "euler", "arb": "const_euler", "numpy": "np.euler_gamma"},
    sources=("NIST Digital Library of Mathematical Functions, eq. (5.4.12)",),
)
