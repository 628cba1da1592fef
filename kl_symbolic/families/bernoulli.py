"""The Bernoulli distribution."""

from fractions import Fraction

from kl_symbolic.families.family import Edge, Family, Parameter, Parameterisation, Spelling, StableForm, Support
from kl_symbolic.functions import Domain

LOGIT = Parameter("logit", Domain.REAL, "logit", (Fraction(-3), Fraction(3)), r"\eta")

FAMILY = Family(
    name="bernoulli",
    title="Bernoulli distribution",
    default="probability",
    parameters=(Parameter("p", Domain.UNIT, "probability of 1", (Fraction(1, 8), Fraction(7, 8)), "p"),),
    support=Support(Domain.NATURAL, 0, 1),
    density=lambda m, k, p: p**k * (1 - p) ** (1 - k),
    moments=(),
    scale=lambda m, p: (p, 1),
    parameterisations={"logit": Parameterisation((LOGIT,), lambda m, logit: (m.exp(logit) / (1 + m.exp(logit)),))},
    stable_forms=(
        StableForm(
            lambda m, p_1, p_2: m.kl_div(p_1, p_2) + m.kl_div(1 - p_1, 1 - p_2),
            gradient=lambda m, p_1, p_2: (
                m.log_ratio(p_1, p_2) - m.log_ratio(1 - p_1, 1 - p_2),
                (p_2 - p_1) / (p_2 * (1 - p_2)),
            ),
            edges=(
                Edge("p", 0, lambda m, p_1, p_2: -m.log(1 - p_2)),
                Edge("p", 1, lambda m, p_1, p_2: -m.log(p_2)),
            ),
        ),
        StableForm(
            lambda m, logit_1, logit_2: m.softplus_remainder(logit_2, logit_1),
            param="logit",
            gradient=lambda m, logit_1, logit_2: (
                (logit_1 - logit_2) * m.sigmoid(logit_1) * m.sigmoid(-logit_1),
                m.sigmoid_difference(logit_2, logit_1),
            ),
        ),
    ),
    sources=("Johnson, Kemp, Kotz, Univariate Discrete Distributions, 3rd ed., section 3.1",),
    aliases=("bern", "ber"),
    spellings=(
        Spelling(
            "probability",
            1,
            ("p", "prob", "probs", "probability", "probabilities", "theta", "rho", "mean", "mu", "m"),
            second=("q",),
        ),
        Spelling("logit", 1, ("logit", "logits", "eta")),
    ),
    objects={"sympy": ("BernoulliDistribution", "p"), "scipy": ("bernoulli", "p"), "torch": ("Bernoulli", "probs")},
)
