"""The normal (Gaussian) distribution."""

from fractions import Fraction

from kl_symbolic.families.family import Family, Moment, Parameter, Parameterisation, Spelling, StableForm, Support
from kl_symbolic.functions import Domain

MEAN = Parameter("mu", Domain.REAL, "mean", (Fraction(-3), Fraction(3)), r"\mu")
STD = Parameter("sigma", Domain.POSITIVE, "standard deviation", (Fraction(1, 4), Fraction(4)), r"\sigma")
VAR = Parameter("var", Domain.POSITIVE, "variance", (Fraction(1, 9), Fraction(9)), r"\sigma", power=2)
LOGVAR = Parameter(
    "logvar", Domain.REAL, "log-variance", (Fraction(-2), Fraction(2)), r"\sigma", power=2, logarithm=True
)
LOGSTD = Parameter(
    "logstd", Domain.REAL, "logarithm of the standard deviation", (Fraction(-1), Fraction(1)), r"\sigma", logarithm=True
)
PRECISION = Parameter("precision", Domain.POSITIVE, "precision", (Fraction(1, 9), Fraction(9)), r"\tau")
DEVIATIONS = (
    *("sigma", "sigmas", "sig", "s", "sd", "std", "stds", "stdev", "stddev", "std_dev", "std_deviation"),
    *("standard_deviation", "scale", "tau", "capital-s"),
)
VARIANCES = ("var", "vars", "variance", "variances", "v", "capital-s")

_STANDARD = "standard_normal"

FAMILY = Family(
    name="normal",
    title="normal distribution",
    default="std",
    parameters=(MEAN, STD),
    support=Support.REALS,
    density=lambda m, x, mu, sigma: m.exp(-((x - mu) ** 2) / (2 * sigma**2)) / (sigma * m.sqrt(2 * m.pi)),
    moments=(
        Moment("mean", statistic=lambda m, x: x, parameter="mu", weight=lambda m, x: 1),
        Moment("second_moment", statistic=lambda m, x: x**2, parameter="sigma", weight=lambda m, x: 1),
    ),
    scale=lambda m, mu, sigma: (mu, sigma),
    parameterisations={
        "var": Parameterisation((MEAN, VAR), lambda m, mu, var: (mu, m.sqrt(var)), {_STANDARD: (0, 1)}),
        "logvar": Parameterisation((MEAN, LOGVAR), lambda m, mu, logvar: (mu, m.exp(logvar / 2)), {_STANDARD: (0, 0)}),
        "logstd": Parameterisation((MEAN, LOGSTD), lambda m, mu, logstd: (mu, m.exp(logstd)), {_STANDARD: (0, 0)}),
        "precision": Parameterisation(
            (MEAN, PRECISION), lambda m, mu, precision: (mu, 1 / m.sqrt(precision)), {_STANDARD: (0, 1)}
        ),
    },
    members={_STANDARD: (0, 1)},
    stable_forms=(
        StableForm(
            lambda m, mu_1, sigma_1, mu_2, sigma_2: (
                ((mu_1 - mu_2) / sigma_2) ** 2 / 2
                + ((sigma_1 - sigma_2) / sigma_2) ** 2 / 2
                + m.itakura_saito(sigma_1, sigma_2)
            ),
            gradient=lambda m, mu_1, sigma_1, mu_2, sigma_2: (
                (mu_1 - mu_2) / sigma_2**2,
                (sigma_1 - sigma_2) * (sigma_1 + sigma_2) / (sigma_1 * sigma_2**2),
                -(mu_1 - mu_2) / sigma_2**2,
                -((mu_1 - mu_2) ** 2) / sigma_2**3 - (sigma_1 - sigma_2) * (sigma_1 + sigma_2) / sigma_2**3,
            ),
        ),
        StableForm(
            lambda m, mu_1, var_1, mu_2, var_2: (mu_1 - mu_2) ** 2 / (2 * var_2) + m.itakura_saito(var_1, var_2) / 2,
            param="var",
        ),
        StableForm(
            lambda m, mu_1, logvar_1, mu_2, logvar_2: (
                ((mu_1 - mu_2) * m.exp(-logvar_2 / 2)) ** 2 / 2 + m.expm1mx(logvar_1 - logvar_2) / 2
            ),
            param="logvar",
        ),
        StableForm(
            lambda m, mu_1, logstd_1, mu_2, logstd_2: (
                ((mu_1 - mu_2) * m.exp(-logstd_2)) ** 2 / 2 + m.expm1mx(2 * logstd_1 - 2 * logstd_2) / 2
            ),
            param="logstd",
        ),
        StableForm(
            lambda m, mu_1, precision_1, mu_2, precision_2: (
                precision_2 * (mu_1 - mu_2) ** 2 / 2 + m.itakura_saito(precision_2, precision_1) / 2
            ),
            param="precision",
        ),
    ),
    sources=(
        "Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, 2nd ed., eq. (13.1)",
        "Bishop, Pattern Recognition and Machine Learning, eq. (1.46), (1.49), (1.50)",
    ),
    aliases=("gaussian", "gauss", "norm", "n"),
    spellings=(
        Spelling("mean", 1, ("mu", "mus", "mean", "means", "m", "loc", "location")),
        Spelling("spread", 1, DEVIATIONS, ("rho",), ("sigma", "s"), title="standard deviation"),
        Spelling("spread", 2, VARIANCES, letters=("s",), title="variance"),
        Spelling("spread", -2, ("precision", "prec", "tau"), title="precision"),
    ),
    letter="N",
    last_in_books=("sigma", "var"),
    joint=("mvn", "multinormal"),
    objects={
        "sympy": ("NormalDistribution", "mean", "std"),
        "scipy": ("norm", "loc", "scale"),
        "torch": ("Normal", "loc", "scale"),
    },
)
