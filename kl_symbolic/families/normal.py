"""The normal (Gaussian) distribution."""

from fractions import Fraction

from kl_symbolic.families.family import Domain, Family, Moment, Parameter, Parameterisation, Support

MEAN = Parameter("mu", Domain.REAL, "mean", (Fraction(-3), Fraction(3)), r"\mu")
STD = Parameter("sigma", Domain.POSITIVE, "standard deviation", (Fraction(1, 4), Fraction(4)), r"\sigma")
VAR = Parameter("var", Domain.POSITIVE, "variance", (Fraction(1, 9), Fraction(9)), r"\sigma", power=2)
LOGVAR = Parameter(
    "logvar", Domain.REAL, "log-variance", (Fraction(-2), Fraction(2)), r"\sigma", power=2, logarithm=True
)

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
        "var": Parameterisation((MEAN, VAR), lambda m, mu, var: (mu, m.sqrt(var))),
        "logvar": Parameterisation((MEAN, LOGVAR), lambda m, mu, logvar: (mu, m.exp(logvar / 2))),
    },
    members={"standard_normal": (0, 1)},
    array_kernels={
        "std": "kl_normal",
        "logvar": "kl_diag_normal",
        "logvar to standard_normal": "kl_standard_normal",
    },
    sources=(
        "Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, 2nd ed., eq. (13.1)",
        "Bishop, Pattern Recognition and Machine Learning, eq. (1.46), (1.49), (1.50)",
    ),
    aliases=("gaussian", "gauss", "norm", "n"),
    objects={
        "sympy": ("NormalDistribution", "mean", "std"),
        "scipy": ("norm", "loc", "scale"),
        "torch": ("Normal", "loc", "scale"),
    },
)
