"""What a formula says of its laws and its parameterisation by itself."""

from __future__ import annotations

import pytest

from kl_symbolic.claims import check
from kl_symbolic.errors import RequestError

pytestmark = pytest.mark.usefixtures("proved_once")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("-0.5*(1 + logvar - mu^2 - exp(logvar))", "kl(normal, standard_normal, logvar)"),
        ("-0.5*sum(1 + logvar - mu^2 - exp(logvar))", "kl(diagonal_normal, standard_normal, logvar)"),
        (r"-\frac12 \sum_{j=1}^J (1 + \log\sigma_j^2 - \mu_j^2 - \sigma_j^2)", "kl(diagonal_normal, standard_normal)"),
        ("(var + mu^2 - 1 - log(var))/2", "kl(normal, standard_normal, var)"),
        ("KL = (var + mu^2 - 1 - log(var))/2", "kl(normal, standard_normal, var)"),
        ("(exp(2*logstd) + mu^2 - 1)/2 - logstd", "kl(normal, standard_normal, logstd)"),
        ("log(s2/s1) + (s1^2 + (m1 - m2)^2)/(2 s2^2) - 1/2", "kl(normal, normal)"),
    ],
)
def test_laws_and_parameterisation_are_guessed(text, name):
    verdict = check(text)
    assert (verdict.status, verdict.derivation.name) == ("proved", name)
    assert any("taken for" in note for note in verdict.notes)


@pytest.mark.parametrize("text", ["log(lambda_1/lambda_2) + lambda_2/lambda_1 - 1", "log(foo)", "1 + 1"])
def test_a_guess_that_may_be_wrong_is_not_made(text):
    with pytest.raises(RequestError, match="name the laws P and Q before the formula"):
        check(text)


def test_what_is_given_comes_before_what_is_guessed():
    text = "(var + mu^2 - 1 - log(var))/2"
    verdict = check(text, "normal", "standard_normal", param="std")
    assert (verdict.status, verdict.derivation.name, verdict.notes) == ("proved", "kl(normal, standard_normal)", ())
    assert dict(verdict.inferred) == {"var": "sigma^2"}


def test_laws_without_coordinates_become_products_where_a_formula_sums():
    verdict = check("sum(exp(logvar) + mu^2 - 1 - logvar)/2", "normal", "standard_normal")
    assert verdict.status == "proved"
    assert verdict.notes[0] == (
        "there is a sum over coordinates: the laws are taken for diagonal_normal and standard_normal"
    )


def test_the_formula_may_stand_before_or_behind_the_laws(command):
    formula = "(mu^2 + sigma^2 - 1)/2 - log(sigma)"
    assert check(formula, "normal", "standard_normal") == check("normal", "standard_normal", formula)
    assert check("log(sigma) + log(2 pi e)/2", "normal", quantity="entropy").status == "proved"
    assert check("normal", "log(sigma) + log(2 pi e)/2", quantity="entropy").status == "proved"
    for words in (("normal", "standard_normal", formula), (formula, "normal", "standard_normal")):
        assert command("check", *words).returncode == 0
    assert check("exp(sigma)", "normal", quantity="entropy").status == "refuted"  # no exponential law
    with pytest.raises(RequestError, match="no parameter 'n'"):
        check("n", "normal", "normal")  # no normal law
    with pytest.raises(RequestError, match="the formula is missing"):
        check("normal", "normal")
