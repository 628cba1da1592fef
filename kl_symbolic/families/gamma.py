"""The gamma distribution."""

from fractions import Fraction

from kl_symbolic.families.family import Family, Moment, Parameter, Parameterisation, Spelling, StableForm, Support
from kl_symbolic.functions import Domain

SHAPE = Parameter("alpha", Domain.POSITIVE, "shape", (Fraction(1, 2), Fraction(6)), r"\alpha")

FAMILY = Family(
    name="gamma",
    title="gamma distribution",
    default="rate",
    parameters=(SHAPE, Parameter("beta", Domain.POSITIVE, "rate", (Fraction(1, 4), Fraction(4)), r"\beta")),
    support=Support.POSITIVE_REALS,
    density=lambda m, x, shape, rate: rate**shape / m.gamma(shape) * x ** (shape - 1) * m.exp(-rate * x),
    moments=(
        Moment("mean", statistic=lambda m, x: x, parameter="beta", weight=lambda m, x: 1),
        Moment("log_mean", statistic=lambda m, x: m.log(x), parameter="alpha", weight=lambda m, x: 1),
        Moment("second_moment", statistic=lambda m, x: x**2, parameter="beta", weight=lambda m, x: x),
    ),
    scale=lambda m, shape, rate: (shape / rate, m.sqrt(shape) / rate),
    parameterisations={
        "scale": Parameterisation(
            (SHAPE, Parameter("theta", Domain.POSITIVE, "scale", (Fraction(1, 4), Fraction(4)), r"\theta")),
            lambda m, shape, scale: (shape, 1 / scale),
        ),
        "mean": Parameterisation(
            (SHAPE, Parameter("mu", Domain.POSITIVE, "mean", (Fraction(1, 4), Fraction(6)), r"\mu")),
            lambda m, shape, mean: (shape, shape / mean),
        ),
    },
    stable_forms=(
        StableForm(
            lambda m, alpha_1, beta_1, alpha_2, beta_2: (
                alpha_2 * m.itakura_saito(alpha_1 * beta_2, alpha_2 * beta_1)
                + m.gamma_shape_remainder(alpha_2, alpha_1)
            ),
            gradient=lambda m, alpha_1, beta_1, alpha_2, beta_2: (
                (alpha_1 * beta_2 - alpha_2 * beta_1) / (alpha_1 * beta_1)
                + (alpha_1 - alpha_2) * m.trigamma_excess(alpha_1),
                -(alpha_1 * beta_2 - alpha_2 * beta_1) / beta_1**2,
                m.log_ratio(alpha_2 * beta_1, alpha_1 * beta_2) + m.digamma_log_difference(alpha_2, alpha_1),
                (alpha_1 * beta_2 - alpha_2 * beta_1) / (beta_1 * beta_2),
            ),
        ),
        StableForm(
            lambda m, alpha_1, theta_1, alpha_2, theta_2: (
                alpha_2 * m.itakura_saito(alpha_1 * theta_1, alpha_2 * theta_2)
                + m.gamma_shape_remainder(alpha_2, alpha_1)
            ),
            gradient=lambda m, alpha_1, theta_1, alpha_2, theta_2: (
                (alpha_1 * theta_1 - alpha_2 * theta_2) / (alpha_1 * theta_2)
                + (alpha_1 - alpha_2) * m.trigamma_excess(alpha_1),
                (alpha_1 * theta_1 - alpha_2 * theta_2) / (theta_1 * theta_2),
                m.log_ratio(alpha_2 * theta_2, alpha_1 * theta_1) + m.digamma_log_difference(alpha_2, alpha_1),
                -(alpha_1 * theta_1 - alpha_2 * theta_2) / theta_2**2,
            ),
            param="scale",
        ),
        StableForm(
            lambda m, alpha_1, mu_1, alpha_2, mu_2: (
                alpha_2 * m.itakura_saito(mu_1, mu_2) + m.gamma_shape_remainder(alpha_2, alpha_1)
            ),
            gradient=lambda m, alpha_1, mu_1, alpha_2, mu_2: (
                (alpha_1 - alpha_2) * m.trigamma_excess(alpha_1),
                alpha_2 * (mu_1 - mu_2) / (mu_1 * mu_2),
                m.itakura_saito(mu_1, mu_2) + m.digamma_log_difference(alpha_2, alpha_1),
                -alpha_2 * (mu_1 - mu_2) / mu_2**2,
            ),
            param="mean",
        ),
        StableForm(
            lambda m, alpha, beta, rate: m.itakura_saito(alpha * rate, beta) + m.gamma_shape_remainder(1, alpha),
            gradient=lambda m, alpha, beta, rate: (
                (alpha * rate - beta) / (alpha * beta) + (alpha - 1) * m.trigamma_excess(alpha),
                -(alpha * rate - beta) / beta**2,
                (alpha * rate - beta) / (beta * rate),
            ),
            partner="exponential",
        ),
        StableForm(
            lambda m, alpha, theta, rate: m.itakura_saito(alpha * theta * rate, 1) + m.gamma_shape_remainder(1, alpha),
            gradient=lambda m, alpha, theta, rate: (
                (alpha * theta * rate - 1) / alpha + (alpha - 1) * m.trigamma_excess(alpha),
                (alpha * theta * rate - 1) / theta,
                (alpha * theta * rate - 1) / rate,
            ),
            param="scale",
            partner="exponential",
        ),
        StableForm(
            lambda m, alpha, mean, rate: m.itakura_saito(mean * rate, 1) + m.gamma_shape_remainder(1, alpha),
            gradient=lambda m, alpha, mean, rate: (
                (alpha - 1) * m.trigamma_excess(alpha),
                (mean * rate - 1) / mean,
                (mean * rate - 1) / rate,
            ),
            param="mean",
            partner="exponential",
        ),
    ),
    sources=("Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, 2nd ed., eq. (17.23)",),
    aliases=("gam", "ga"),
    spellings=(
        Spelling("shape", 1, ("alpha", "shape", "a", "k", "concentration")),
        Spelling("rate", 1, ("beta", "rate", "b"), title="rate"),
        Spelling("rate", -1, ("theta", "scale"), title="scale, which is 1/rate"),
        Spelling("mean", 1, ("mu", "mean", "m")),
    ),
    objects={
        "sympy": ("GammaDistribution", "k", "1/theta"),
        "scipy": ("gamma", "a", "1/scale"),
        "torch": ("Gamma", "concentration", "rate"),
    },
)
