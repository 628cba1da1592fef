"""Objects of SymPy, SciPy and torch are laws."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sympy import Rational, Symbol, log, pi
from sympy.stats import Exponential, Normal, Poisson, Uniform

from kl_symbolic import KLError, RequestError, WrongTypeError, derive, families, prove

MU, S, T = Symbol("mu"), Symbol("s", positive=True), Symbol("t", positive=True)


def values(derivation):
    prove(derivation)
    return derivation.special.where


def test_random_variables_of_sympy_keep_their_symbols():
    d = derive(Normal("X", MU, S), Normal("Y", 0, 1))
    assert values(d) == "mu_2 = 0, sigma_2 = 1"
    assert d.closed_form == MU**2 / 2 + S**2 / 2 - log(S) - Rational(1, 2)
    assert d.parameters == (MU, S)
    assert values(derive(Normal("X", 0, S), Normal("Y", 1, S))) == "mu_1 = 0, mu_2 = 1, sigma_2 = sigma_1"
    assert values(derive(Normal("X", 0, 0.1), "standard_normal")) == "mu = 0, sigma = 1/10"
    assert values(derive(Exponential("X", 2), Exponential("Y", 3))) == "lambda_1 = 2, lambda_2 = 3"
    assert values(derive(Poisson("X", Rational(1, 2)), "poisson")) == "lambda_1 = 1/2"
    assert values(derive(Normal("X", 0, 3), quantity="entropy")) == "mu = 0, sigma = 3"


@pytest.mark.parametrize(
    ("law", "words"),
    [
        (Normal("X", 0, 2 * S), "one number or a symbol"),
        (Normal("X", pi, 1), "one number or a symbol"),
        (Normal("X", Symbol("x"), S), "means the variable"),
        (Normal("X", Symbol("m u"), S), "a symbol needs a name"),
        (Normal("X", Symbol(r"\write18"), S), "a symbol needs a name"),
        (Normal("X", [0, 1], [[1, 0], [0, 1]]), "not in the catalogue"),
        (Uniform("X", 0, 1), "UniformDistribution of sympy is not in the catalogue"),
        (Symbol("X"), "a law must be a string or an object"),
        (3, "a law must be a string or an object"),
        (None, "a law must be a string or an object"),
        ([0, 1], "a law must be a string or an object"),
    ],
)
def test_what_is_no_law_of_ours_is_refused(law, words):
    with pytest.raises((RequestError, WrongTypeError)) as caught:
        derive(law, "normal")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_symbols_of_one_name_are_refused():
    with pytest.raises(RequestError, match="two symbols are called s"):
        derive(Normal("X", 0, S), Normal("Y", 0, Symbol("s", positive=True, integer=True)))


def test_frozen_laws_of_scipy():
    stats = pytest.importorskip("scipy.stats")
    assert values(derive(stats.norm(0, 2), stats.norm(1, 0.3))) == "mu_1 = 0, sigma_1 = 2, mu_2 = 1, sigma_2 = 3/10"
    assert values(derive(stats.norm(scale=2), "normal")) == "mu_1 = 0, sigma_1 = 2"
    assert values(derive(stats.expon(scale=2), stats.expon(0, 4))) == "lambda_1 = 1/2, lambda_2 = 1/4"
    assert values(derive(stats.poisson(3), stats.poisson(mu=4.5))) == "lambda_1 = 3, lambda_2 = 9/2"
    assert values(derive(stats.gamma(2.5, scale=4), stats.gamma(a=1, scale=0.5))) == (
        "alpha_1 = 5/2, beta_1 = 1/4, alpha_2 = 1, beta_2 = 2"
    )
    assert values(derive(stats.norm(0.1, 0.3), "standard_normal", param="var")) == "mu = 1/10, var = 9/100"
    for law, words in (
        (stats.expon(1), "expon with loc=1 is another law; take loc=0"),
        (stats.poisson(3, 1), "poisson with loc=1 is another law"),
        (stats.norm, "a frozen law is expected"),
        (stats.beta(2, 3), "beta of scipy is not in the catalogue"),
        (stats.gamma(2, 1), "gamma with loc=1 is another law; take loc=0"),
        (stats.gamma(-2), "must be positive"),
        (stats.norm([0, 1], 1), "one number or a symbol"),
        (stats.norm(float("nan"), 1), "a finite number"),
        (stats.norm(float("inf"), 1), "a finite number"),
        (stats.norm(0, -1), "must be positive"),
        (stats.expon(scale=0), "must not be 0"),
    ):
        with pytest.raises(KLError) as caught:
            derive(law, "normal")
        assert words in str(caught.value)


def test_objects_of_torch():
    torch = pytest.importorskip("torch")
    laws = torch.distributions
    assert values(derive(laws.Normal(0.0, 2.0), laws.Normal(torch.tensor(0.1), 1.0))) == (
        "mu_1 = 0, sigma_1 = 2, mu_2 = 1/10, sigma_2 = 1"
    )
    assert values(derive(laws.Exponential(0.5), laws.Exponential(2.0))) == "lambda_1 = 1/2, lambda_2 = 2"
    assert values(derive(laws.Gamma(1.5, 2.0), laws.Gamma(torch.tensor(0.5), 4.0))) == (
        "alpha_1 = 3/2, beta_1 = 2, alpha_2 = 1/2, beta_2 = 4"
    )
    assert values(derive(laws.Poisson(torch.tensor(2.0)), "poisson")) == "lambda_1 = 2"
    alike = laws.Independent(laws.Normal(torch.zeros(3), 2 * torch.ones(3)), 1)
    found = derive(alike, "standard_normal")
    assert found.question.dim == 3
    assert values(found) == "mu = 0, sigma = 2"
    for law, words in (
        (laws.Normal(torch.zeros(3), torch.ones(3)), "wrap independent coordinates as Independent"),
        (laws.Independent(laws.Normal(torch.arange(3.0), torch.ones(3)), 1), "the coordinates differ in loc"),
        (laws.Independent(laws.Normal(torch.zeros(2, 3), torch.ones(2, 3)), 1), "a batch of (2, 3) laws"),
        (laws.Independent(laws.Normal(torch.zeros(2, 3), torch.ones(2, 3)), 2), "coordinates stand in one row"),
        (laws.Independent(laws.Normal(torch.zeros(0), torch.ones(0)), 1), "without coordinates"),
        (laws.Beta(1.0, 2.0), "Beta of torch is not in the catalogue"),
        (torch.zeros(2), "a law must be a string or an object"),
    ):
        with pytest.raises(KLError) as caught:
            derive(law, "normal")
        assert words in str(caught.value)
    with pytest.raises(RequestError, match="dimensions differ: 2 and 3"):
        derive(alike, "standard_normal", dim=2)


def test_no_library_is_loaded_to_look_at_an_object():
    program = (
        "import sys, kl_symbolic\n"
        "kl_symbolic.derive('normal(0, s)', 'normal(1, 3)')\n"
        "print({'scipy', 'torch', 'sympy.stats'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


def test_what_libraries_call_parameters_fits_the_families():
    for family in families.all_families().values():
        for library, (_, *names) in family.objects.items():
            assert len(names) == len(family.parameters), library
