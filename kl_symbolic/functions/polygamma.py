"""The polygamma functions, the derivatives of the digamma function."""

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function

FUNCTION = Function(
    name="polygamma",
    title="polygamma function",
    domains=(Domain.NATURAL, Domain.POSITIVE),
    derivatives=(None, lambda m, n, u: m.polygamma(n + 1, u)),
    identities={"algebra": lambda k, n, u: k.apply("digamma", u) if n == k.number(0) else None},
    style="order",
    tex=r"\psi",
    spellings=("polygamma", "PolyGamma"),
    order_spellings=("trigamma", "tetragamma"),
    names={
        "sympy": "polygamma", "mpmath": "polygamma", "torch": "torch.polygamma", "scipy": "scipy.special.polygamma",
        "jax": "jax.scipy.special.polygamma", "tensorflow": "tf.math.polygamma",
    },
    sources=("NIST Digital Library of Mathematical Functions, section 5.15",),
)  # fmt: skip
