"""The catalogue of slips: readings by one rule, one order for formulas and functions, and constants that are known."""

import mpmath
import numpy as np
import pytest
from audit_functions import QUICK, sentences

from kl_symbolic import check, derive
from kl_symbolic.audit import audit
from kl_symbolic.audit.target import approximate
from kl_symbolic.families import all_families
from kl_symbolic.numbers import FLOATS, evaluate
from kl_symbolic.slips import quantities, search
from kl_symbolic.slips.constants import recognised
from kl_symbolic.slips.readings import meanings, misread, reading
from kl_symbolic.terms import Symbol

pytestmark = pytest.mark.usefixtures("proved_once")

NORMAL = ("normal", "normal")
SPREADS = {
    "the standard deviation": lambda s: s,
    "the variance": lambda s: s**2,
    "the log-variance": lambda s: 2 * np.log(s),
    "the logarithm of the standard deviation": np.log,
    "the precision": lambda s: s**-2,
    "the logarithm of the precision": lambda s: -2 * np.log(s),
    "rho, whose softplus is the standard deviation": lambda s: np.log(np.expm1(s)),
    "rho, whose softplus is the variance": lambda s: np.log(np.expm1(s**2)),
    "the rate": lambda s: s,
    "the scale, which is 1/rate": lambda s: 1 / s,
    "the logarithm of the rate": np.log,
    "the logarithm of the scale, which is 1/rate": lambda s: -np.log(s),
    "rho, whose softplus is the rate": lambda s: np.log(np.expm1(s)),
}
MEANINGS = dict.fromkeys(one for family in all_families().values() for one in meanings(family))
PAIRS = [(a, b) for a in MEANINGS for b in MEANINGS if a.of == b.of and (a.inverse is None or a.direct is not None)]


@pytest.mark.parametrize(("right", "other"), PAIRS, ids=lambda one: one.words)
def test_a_reading_makes_one_meaning_of_the_other(right, other):
    value = np.array([[0.75]])
    written = SPREADS[other.words](value)
    found = approximate(reading(right, other)(Symbol("s")), {"s": written})
    assert float(found[0, 0]) == pytest.approx(SPREADS[right.words](0.75), rel=1e-12)


def test_every_parameter_with_a_scale_has_a_meaning():
    known = {one.words.partition(",")[0] for one in MEANINGS}
    used = {p.meaning for f in all_families().values() for name in f.param_names for p in f.parameters_in(name)}
    bare = {"the mean", "the shape", "the probability of 1", "the logit"}
    assert {f"the {meaning}" for meaning in used} - known == bare


def test_both_laws_are_misread_in_the_same_way():
    (right, *_) = quantities(derive(*NORMAL).record)
    words = [one for one, _ in misread(right)]
    assert "sigma_1 stands for the variance and sigma_2 stands for the variance" in words
    assert not any("the variance" in one and "the precision" in one for one in words)


@pytest.mark.parametrize(
    ("text", "function", "laws", "words"),
    [
        (
            "log(sigma_1/sigma_2)/2 + (1/sigma_1 + (mu_1 - mu_2)**2)*sigma_2/2 - 1/2",
            lambda m, s, n, t: np.log(s / t) / 2 + t / s / 2 + (m - n) ** 2 * t / 2 - 0.5,
            NORMAL,
            "sigma_1 stands for the precision and sigma_2 stands for the precision",
        ),
        (
            "log(sigma_2/sigma_1)/log(10) + (sigma_1**2 + (mu_1 - mu_2)**2)/(2*sigma_2**2) - 1/2",
            lambda m, s, n, t: np.log10(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2) - 0.5,
            NORMAL,
            "the logarithm in the term log(σ₂/σ₁) is to the base 10",
        ),
        (
            "(log(lambda_1/lambda_2) + lambda_2/lambda_1 - 1)/log(10)",
            lambda a, b: (np.log(a / b) + b / a - 1) / np.log(10),
            ("exponential", "exponential"),
            "this is in log10: 1/log 10 times the divergence KL(P ‖ Q)",
        ),
        (
            "log(lambda_1/lambda_2) + lambda_2/lambda_1 - 1 + log(2)",
            lambda a, b: np.log(a / b) + b / a - 1 + np.log(2),
            ("exponential", "exponential"),
            "this is the divergence KL(P ‖ Q) plus log 2",
        ),
        (
            "mu**2/2 + log(1 + exp(sigma))**2/2 - log(log(1 + exp(sigma))) - 1/2",
            lambda m, s: m**2 / 2 + np.log1p(np.exp(s)) ** 2 / 2 - np.log(np.log1p(np.exp(s))) - 0.5,
            ("normal", "standard_normal"),
            "sigma stands for rho, whose softplus is the standard deviation",
        ),
    ],
)
def test_formulas_and_functions_are_told_the_same(text, function, laws, words):
    found = audit(function, *laws, rows=QUICK)
    assert f"wrong values: {words} (agrees at" in sentences(found)
    # The kernel does not see that softplus is positive, and so proves nothing of its logarithm.
    assert (words in check(text, *laws).diagnoses) == ("softplus" not in words)


def test_the_mean_over_the_coordinates_is_named():
    text = "Sum(mu[i]^2 + sigma[i]^2 - 1 - 2*log(sigma[i]), (i, 1, n))/(2*n)"
    (words,) = check(text, "diagonal_normal", "standard_normal").diagnoses
    assert words == "this is the mean over the coordinates, 1/n times the divergence KL(P ‖ Q)"


def test_what_is_right_or_unknown_to_the_judge_has_no_slip():
    class Nothing:
        digits = 30

        def agrees(self, _):
            return False

        def ratios(self, _):
            return [mpmath.mpf(2)]

        def gap(self, _):
            return mpmath.mpf(1)

    assert search(quantities(derive(*NORMAL).record), Nothing()) == []


@pytest.mark.parametrize(("value", "digits"), [("0.1234567890123456789", 18), ("0.12345", 5), ("0", 15), ("1e40", 15)])
def test_a_constant_that_nobody_knows_is_not_recognised(value, digits):
    assert recognised(mpmath.mpf(value), digits) is None


def test_constants_are_recognised_at_the_precision_of_each_judge():
    context = mpmath.MPContext()
    context.dps = 40
    number = 3 - context.log(2) / 2 + 2 * context.log(context.pi)
    for digits in (30, 12):
        assert float(evaluate(recognised(number, digits), {}, FLOATS)) == pytest.approx(float(number), rel=1e-11)
