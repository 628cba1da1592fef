"""The exponential distribution."""

from fractions import Fraction

from kl_symbolic.families.family import Family, Moment, Parameter, Spelling, StableForm, Support
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
    stable_forms=(
        StableForm(lambda m, lambda_1, lambda_2: m.itakura_saito(lambda_2, lambda_1)),
        StableForm(
            lambda m, rate, alpha, beta: (
                alpha * m.itakura_saito(beta, alpha * rate) + m.gamma_shape_remainder(alpha, 1)
            ),
            gradient=lambda m, rate, alpha, beta: (
                (alpha * rate - beta) / rate**2,
                m.log_ratio(alpha * rate, beta) + m.digamma_log_difference(alpha, 1),
                -(alpha * rate - beta) / (rate * beta),
            ),
            partner="gamma",
        ),
        StableForm(
            lambda m, rate, alpha, theta: (
                alpha * m.itakura_saito(1, alpha * rate * theta) + m.gamma_shape_remainder(alpha, 1)
            ),
            gradient=lambda m, rate, alpha, theta: (
                (alpha * rate * theta - 1) / (rate**2 * theta),
                m.log_ratio(alpha * rate * theta, 1) + m.digamma_log_difference(alpha, 1),
                (alpha * rate * theta - 1) / (rate * theta**2),
            ),
            param="scale",
            partner="gamma",
        ),
        StableForm(
            lambda m, rate, alpha, mean: alpha * m.itakura_saito(1, rate * mean) + m.gamma_shape_remainder(alpha, 1),
            gradient=lambda m, rate, alpha, mean: (
                alpha * (rate * mean - 1) / (rate**2 * mean),
                m.itakura_saito(1, rate * mean) + m.digamma_log_difference(alpha, 1),
                alpha * (rate * mean - 1) / (rate * mean**2),
            ),
            param="mean",
            partner="gamma",
        ),
    ),
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
