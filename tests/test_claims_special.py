"""Formulas about laws with fixed or shared parameters, and what a wrong formula is right for."""

from __future__ import annotations

import pytest
import sympy
from sympy.stats import Normal

from kl_symbolic import prove
from kl_symbolic.claims import check
from kl_symbolic.errors import RequestError

pytestmark = pytest.mark.usefixtures("proved_once")

NORMAL = ("normal", "normal")
EQUAL = "sigma_1 = sigma_2"


@pytest.mark.parametrize(
    ("formula", "laws", "where"),
    [
        ("(mu_1 - mu_2)^2/(2 sigma^2)", NORMAL, EQUAL),
        ("(mu_1 - mu_2)^2/(2 sigma_1^2)", NORMAL, EQUAL),
        ("(mu_1 - mu_2)^2/(2 sigma_1*sigma_2)", NORMAL, EQUAL),
        ("log(3/s) + (s^2 + 1)/18 - 1/2", ("normal(0, s)", "normal(1, 3)"), None),
        ("log(3/sigma) + (sigma^2 + 1)/18 - 1/2", ("normal(0, s)", "normal(1, 3)"), None),
        ("log(3/2) - 2/9", ("normal(0, 2)", "normal(1, 3)"), None),
        ("(m^2 + std^2 - 1)/2 - log(std)", ("normal", "normal(0, 1)"), None),
        ("log(s0/sigma) + (sigma^2 + mu^2)/(2 s0^2) - 1/2", ("normal", "normal(0, s0)"), None),
        ("log(sigma_p/sigma_q) + (sigma_q^2 + mu_q^2)/(2 sigma_p^2) - 1/2", ("normal", "normal(0, sigma_p)"), None),
        ("log(t/s) + (s^2 + (a - b)^2)/(2 t^2) - 1/2", ("N(a, s^2)", "N(b, t^2)"), None),
        ("sum(mu^2)/2", ("diagonal_normal", "standard_normal"), "sigma = 1"),
        ("sum((mu_1 - mu_2)^2)/2", NORMAL, "sigma_1 = 1, sigma_2 = 1"),
        ("0.5 * torch.sum((mu_q - mu_p).pow(2), dim=1).mean()", NORMAL, "sigma_1 = 1, sigma_2 = 1"),
        ("0", ("poisson", "poisson"), "lambda_1 = lambda_2"),
    ],
)
def test_a_formula_is_right_in_its_special_case(formula, laws, where):
    verdict = check(formula, *laws, where=where)
    assert verdict.status == "proved"
    assert ", where " in verdict.closed_form or laws[0].startswith("N(")
    assert prove(verdict.derivation).statement.right == verdict.formula


@pytest.mark.parametrize(
    ("formula", "laws", "where", "diagnosis"),
    [
        ("(mu_1 - mu_2)^2/(2 sigma_1)", NORMAL, EQUAL, "sigma_1 stands for the variance"),
        ("(mu_1 - mu_2)^2/sigma^2", NORMAL, EQUAL, "this is Jeffreys' divergence KL(P ‖ Q) + KL(Q ‖ P)"),
        ("log(3/s) + s^2/18 + 4/9", ("normal(0, s)", "normal(1, 3)"), None, None),
    ],
)
def test_a_wrong_one_is_explained_there(formula, laws, where, diagnosis):
    verdict = check(formula, *laws, where=where)
    assert verdict.status == "refuted"
    assert diagnosis is None or diagnosis in verdict.diagnoses
    assert {name for name, _ in verdict.counterexample.parameters} <= {"mu_1", "mu_2", "sigma_1", "s"}
    assert check(verdict.correction, *laws, where=where).status == "proved"


def test_nothing_cancels_when_values_are_put_in():
    formula = "(mu_1 - mu_2)^2/2 + (sigma_1 - sigma_2)/(sigma_1 - sigma_2) - 1"
    verdict = check(formula, *NORMAL, where="sigma_1 = 1, sigma_2 = 1")
    assert verdict.status == "unknown"
    assert "no value" in verdict.detail


@pytest.mark.parametrize(
    ("formula", "where"),
    [
        ("log(sigma_2/sigma_1) + (sigma_1^2 + mu_1^2)/(2*sigma_2^2) - 1/2", "mu_2 = 0"),
        ("(mu_1 - mu_2)^2/(2*sigma_1^2)", "sigma_1 = sigma_2"),
        ("(mu_1^2 + sigma_1^2 - 1)/2 - log(sigma_1)", "mu_2 = 0 and sigma_2 = 1"),
    ],
)
def test_a_refuted_formula_says_where_it_is_right(formula, where):
    verdict = check(formula, *NORMAL)
    assert verdict.status == "refuted"
    assert f"this is right where {where}" in verdict.diagnoses
    assert check(formula, *NORMAL, where=where.replace(" and", ",")).status == "proved"


def test_objects_of_libraries_are_laws():
    p = Normal("X", sympy.Symbol("m", real=True), sympy.Symbol("s", positive=True))
    assert check("(m^2 + s^2 - 1)/2 - log(s)", p, Normal("Y", 0, 1)).status == "proved"


def test_what_makes_no_sense_is_refused():
    for where in ("sigma_1 = -1", "sigma_1 >= 1", "mu_1 = sigma_1"):
        with pytest.raises(RequestError):
            check("mu_1", *NORMAL, where=where)
