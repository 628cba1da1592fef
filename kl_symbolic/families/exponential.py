"""The exponential distribution."""

from fractions import Fraction

from kl_symbolic.families.family import Family, Moment, Parameter, Spelling, Support
from kl_symbolic.functions import Domain

RATES = ("lambda", "rate", "rates", "lam", "lamda", "lmbda", "l", "beta", "theta")

FAMILY = Family(
    name="exponential",
    title="exponential distribution",
    default="rate",
    parameters=(Parameter("lambda", Domain.POSITIVE, "rate", (Fraction(1, 4), Fraction(4)), r"\lambda"),),
    support=Support.POSITIVE_REALS,
    density=lambda m, x, rate: rate * m.exp(-rate * x),
    moments=(
        Moment("mean", statistic=lambda m, x: x, parameter="lambda", weight=lambda m, x: 1),
        Moment("second_moment", statistic=lambda m, x: x**2, parameter="lambda", weight=lambda m, x: x),
        Moment("log_mean", statistic=lambda m, x: m.log(x), member=lambda m, rate: ("gamma", (1, rate))),
    ),
    scale=lambda m, rate: (0, 1 / rate),
    sources=("Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, 2nd ed., eq. (19.1)",),
    aliases=("exp", "expon"),
    spellings=(
        Spelling("rate", 1, RATES, title="rate"),
        Spelling("rate", -1, ("scale", "theta", "mean", "beta"), title="scale, which is 1/rate"),
    ),
    objects={
        "sympy": ("ExponentialDistribution", "rate"),
        "scipy": ("expon", "1/scale"),
        "torch": ("Exponential", "rate"),
    },
)
