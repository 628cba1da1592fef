"""The Poisson distribution."""

from fractions import Fraction

from kl_symbolic.families.family import Edge, Family, Moment, Parameter, Spelling, StableForm, Support
from kl_symbolic.functions import Domain

FAMILY = Family(
    name="poisson",
    title="Poisson distribution",
    default="rate",
    parameters=(Parameter("lambda", Domain.POSITIVE, "rate", (Fraction(1, 4), Fraction(8)), r"\lambda"),),
    support=Support.NATURALS,
    density=lambda m, k, rate: rate**k * m.exp(-rate) / m.factorial(k),
    moments=(Moment("mean", statistic=lambda m, k: k, parameter="lambda", weight=lambda m, k: 1),),
    scale=lambda m, rate: (rate, m.sqrt(rate)),
    stable_forms=(
        StableForm(
            lambda m, lambda_1, lambda_2: m.kl_div(lambda_1, lambda_2),
            gradient=lambda m, lambda_1, lambda_2: (m.log_ratio(lambda_1, lambda_2), (lambda_2 - lambda_1) / lambda_2),
            edges=(Edge("lambda", 0, lambda m, lambda_1, lambda_2: lambda_2),),
        ),
    ),
    sources=("Johnson, Kemp, Kotz, Univariate Discrete Distributions, 3rd ed., eq. (4.1)",),
    aliases=("pois", "po"),
    spellings=(
        Spelling(
            "rate",
            1,
            ("lambda", "rate", "rates", "lam", "lamda", "lmbda", "l", "mean", "means", "mu", "m"),
            title="rate",
        ),
    ),
    objects={"sympy": ("PoissonDistribution", "lamda"), "scipy": ("poisson", "mu"), "torch": ("Poisson", "rate")},
)
