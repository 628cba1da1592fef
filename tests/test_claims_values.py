"""A formula is proved only if every part of it has a value at all parameters; the verdict says where one has none."""

from __future__ import annotations

import pytest
import sympy

from kl_symbolic import check, derive
from kl_symbolic.claims.domain import gaps
from kl_symbolic.claims.equation import formula
from kl_symbolic.errors import RequestError

pytestmark = pytest.mark.usefixtures("proved_once")

NORMAL = ("normal", "normal")
C = "(log(sigma_2/sigma_1) + (sigma_1^2 + (mu_1 - mu_2)^2)/(2*sigma_2^2) - 1/2)"

NOWHERE = {
    f"{C}*(mu_1 - mu_2)/(mu_1 - mu_2)": "no value where mu_1 = mu_2",
    f"{C} + 0/(mu_1 - mu_2)": "no value where mu_1 = mu_2",
    f"{C} + (mu_1 - 3*mu_2 + sigma_1)^2/(mu_1 - 3*mu_2 + sigma_1)^2 - 1": "no value where mu_1 - 3*mu_2 + sigma_1 = 0",
    f"{C}*(sigma_1 - sigma_2)/(sigma_1 - sigma_2)": "no value where sigma_1 = sigma_2",
    f"{C}*mu_1/mu_1": "no value where mu_1 = 0",
    f"{C} + (1/mu_1)*mu_1^2 - mu_1": "no value where mu_1 = 0",
    f"{C}*(mu_1 + 7/3)^0": "no value where mu_1 + 7/3 = 0",
    f"{C} + (mu_1 - mu_1)^0 - 1": "no value: (mu_1 - mu_1)**0",
    f"{C} + mu_1^2/(2*mu_1) - mu_1/2": "no value where mu_1 = 0",
    f"{C} + 1/(1/mu_1) - mu_1": "no value where mu_1 = 0",
    f"{C} + (mu_1^-1)^-1 - mu_1": "no value where mu_1 = 0",
    f"{C} + 1/mu_1^(-2) - mu_1^2": "no value where mu_1 = 0",
    f"{C} + 0*log(0)": "no value: log(0)",
    f"{C} + 0*log(-1)": "no value: log(-1)",
    f"{C}*log(0)/log(0)": "no value: log(0)",
    f"{C} + 0*log(log(log(2)))": "no value: log(log(log(2)))",
    f"{C} + log(mu_1) - log(mu_1)": "no value where mu_1 <= 0",
    f"{C} + 0*log(sigma_1 - sigma_2)": "no value where sigma_1 <= sigma_2",
    f"{C} + log((sigma_1 - sigma_2)^2) - log((sigma_1 - sigma_2)^2)": "no value where (sigma_1 - sigma_2)**2 <= 0",
    f"{C} + 0*sqrt(mu_1)": "no value where mu_1 < 0",
    f"{C} + sqrt(mu_1)^2 - mu_1": "no value where mu_1 < 0",
    f"{C} + mu_1^(1/2)*mu_1^(1/2) - mu_1": "no value where mu_1 < 0",
    f"{C} + sqrt(mu_1^2)/sqrt(mu_1^2) - 1": "no value where mu_1**2 = 0",
    f"{C}*log(sigma_1)/log(sigma_1)": "no value where log(sigma_1) = 0",
    f"{C} + log(mu_1^2 + 1)/log(mu_1^2 + 1) - 1": "no value where log(mu_1**2 + 1) = 0",
    f"{C} + (-2)^mu_1 - (-2)^mu_1": "no value: (-2)**mu_1",
    f"{C}*mu_1^mu_2/mu_1^mu_2": "no value where mu_1 < 0",
    f"{C} + 0/(sigma_1^2 - sigma_1*sigma_2 + sigma_2^2)": (
        "not shown to have a value where sigma_1**2 - sigma_1*sigma_2 + sigma_2**2 = 0"
    ),
}


@pytest.mark.sample(10)
@pytest.mark.parametrize("text", NOWHERE, ids=lambda text: text.removeprefix(C))
def test_what_has_no_value_somewhere_is_not_proved_and_the_verdict_says_where(text):
    verdict = check(text, *NORMAL)
    assert verdict.status == "unknown"
    assert NOWHERE[text] in verdict.detail


EVERYWHERE = [
    f"{C} + log(sigma_1^2) - 2*log(sigma_1)",
    f"{C} + sqrt(sigma_1^2) - sigma_1",
    f"{C} + sqrt(mu_1^2) - sqrt(mu_1^2)",
    f"{C} + sqrt(mu_1^2)^2 - mu_1^2",
    f"{C} + sqrt(sqrt(mu_1^4)) - sqrt(mu_1^2)",
    f"{C} + 0*log(mu_1^2 + 1)",
    f"{C} + (mu_1 + 1)/(-2) + (mu_1 + 1)/2",
    f"{C} + sigma_1/(-sigma_2) + sigma_1/sigma_2",
    f"{C} + 0/(mu_1^2 + sigma_1)",
    f"{C}*(sigma_1/sigma_2)^mu_1/(sigma_1/sigma_2)^mu_1",
    f"{C} + 2^(3 - 1) - 4",
    f"{C} + sigma_1^(mu_1 - mu_1 + 2) - sigma_1^2",
    "log(sigma_2) - log(sigma_1) + (sigma_1/sigma_2)^2/2 + ((mu_1 - mu_2)/sigma_2)^2/2 - 1/2",
]


@pytest.mark.sample(5)
@pytest.mark.parametrize("text", EVERYWHERE, ids=lambda text: text.removeprefix(C))
def test_what_is_right_and_has_a_value_everywhere_is_proved(text):
    assert check(text, *NORMAL).status == "proved"


@pytest.mark.parametrize("text", [f"{C} + sqrt(mu_1^2) - mu_1", f"{C} + (mu_1^2)^(1/2) + mu_1"])
def test_a_root_of_a_square_is_the_absolute_value(text):
    assert check(text, *NORMAL).status == "refuted"


@pytest.mark.parametrize("text", [f"{C} + 0^0 - 1", f"{C} + (1 - 1)^0 - 1", f"{C} + 0/0", f"{C} + 1/(2 - 2)"])
def test_numbers_without_a_value_are_refused(text):
    with pytest.raises(RequestError, match=r"0\^0|divides by zero"):
        check(text, *NORMAL)


def test_sympy_expressions_that_still_hold_what_has_no_value_are_not_proved():
    closed = derive(*NORMAL).closed_form
    mu = next(s for s in closed.free_symbols if s.name == "mu_1")
    for extra in (sympy.log(mu), 1 / mu, sympy.sqrt(mu)):
        nothing = sympy.Add(extra, -extra, evaluate=False)
        verdict = check(sympy.Add(closed, nothing, evaluate=False), *NORMAL)
        assert verdict.status == "unknown"
        assert "no value where mu_1" in verdict.detail


def test_a_case_in_which_a_formula_has_no_value_is_not_called_right():
    verdict = check(f"{C} + (mu_1 - mu_2)^2/(mu_1 - mu_2)", *NORMAL)
    assert verdict.status == "refuted"
    assert not any("right where mu_1 = mu_2" in sentence for sentence in verdict.diagnoses)


def test_sums_are_looked_into():
    question = derive("diagonal_normal", "standard_normal").question
    assert gaps(formula("Sum(mu[i]/mu[i], (i, 1, n))", question)) == ("no value where mu[i] = 0",)


@pytest.mark.parametrize("text", ["log(mu_1) + log(log(mu_1))", "log(log(mu_1)) + log(mu_1)"])
def test_what_holds_a_part_without_a_value_is_not_named_beside_it(text):
    assert gaps(formula(text, derive(*NORMAL).question)) == ("no value where mu_1 <= 0",)
