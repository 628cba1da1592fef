"""Laws with values, and equalities of parameters, as people write them."""

from __future__ import annotations

import pytest

from kl_symbolic import KLError, RequestError, derive, prove, verify
from kl_symbolic.cli import main
from kl_symbolic.reading.laws import special

N, D = "normal", "diagonal_normal"
READ = [
    (N, N, "sigma_1 = sigma_2", {}, "sigma_2 = sigma_1", ""),
    (N, N, "mu_2 = 0, sigma_2=1", {}, "mu_2 = 0, sigma_2 = 1", ""),
    (N, N, ["mu_2 = 0", "sigma_2=0.1"], {}, "mu_2 = 0, sigma_2 = 1/10", ""),
    (N, N, "mu_1 = mu_2 = 0", {}, "mu_1 = 0, mu_2 = 0", ""),
    (N, N, "0 = mu_1", {}, "mu_1 = 0", ""),
    (N, N, "mu_1 = mu_2, mu_2 = 3", {}, "mu_1 = 3, mu_2 = 3", ""),
    (N, N, "mu_2 = 3, mu_1 = mu_2", {}, "mu_1 = 3, mu_2 = 3", ""),
    (N, N, "sigma_2^2 = 4", {}, "sigma_2 = 2", ""),
    (N, N, "var_2 = 9/4", {}, "sigma_2 = 3/2", ""),
    (N, N, "logvar_2 = 0", {}, "sigma_2 = 1", ""),
    (N, N, "sigma_2 = 2", {"param_p": "var", "param_q": "var"}, "var_2 = 4", ""),
    (N, N, "sigma_2 = 1", {"param_p": "logvar", "param_q": "logvar"}, "logvar_2 = 0", ""),
    (N, N, r"\sigma_1 = \sigma_2, s1 = 3", {}, "sigma_1 = 3, sigma_2 = 3", ""),
    (N, N, r"\sigma_1^2 = \sigma_2^2", {}, "sigma_2 = sigma_1", ""),
    (N, N, "σ₁ = σ₂", {}, "sigma_2 = sigma_1", ""),
    (N, N, "mean_q = -1/3", {}, "mu_2 = -1/3", ""),
    (N, "standard_normal", "sigma = 2", {}, "sigma = 2", ""),
    (N, None, "sigma = 2", {}, "sigma = 2", ""),
    (D, D, "mu_2 = 0, sigma_2 = sigma_1", {}, "mu_2[i] = 0, sigma_2[i] = sigma_1[i]", ""),
    ("poisson(3)", "poisson(l)", None, {}, "lambda_1 = 3", "lambda_2: l"),
    ("poisson(rate=3)", "poisson", None, {}, "lambda_1 = 3", ""),
    ("normal(0, s)", "normal(1, 3)", None, {}, "mu_1 = 0, mu_2 = 1, sigma_2 = 3", "sigma_1: s"),
    ("normal(0, s)", "normal(1, s)", None, {}, "mu_1 = 0, mu_2 = 1, sigma_2 = sigma_1", "sigma_1: s"),
    ("normal(0, s)", "normal(1, s)", "s = 2", {}, "mu_1 = 0, sigma_1 = 2, mu_2 = 1, sigma_2 = 2", "sigma_1: s"),
    ("normal(m, s)", "normal(m, t)", "s = t", {}, "mu_2 = mu_1, sigma_2 = sigma_1", "mu_1: m, sigma_1: s, sigma_2: t"),
    ("N(0, 1)", N, None, {}, "mu_1 = 0, sigma_1 = 1", ""),
    ("N(0, 2^2)", N, None, {}, "mu_1 = 0, sigma_1 = 2", ""),
    ("N(m, s^2)", "N(0, 1)", None, {}, "mu_2 = 0, sigma_2 = 1", "mu_1: m, sigma_1: s"),
    (r"\mathcal{N}(m, \sigma^2)", N, None, {}, "", "mu_1: m, sigma_1: sigma"),
    ("N(0, 4)", N, None, {"param_p": "var", "param_q": "var"}, "mu_1 = 0, var_1 = 4", ""),
    ("Gaussian(0, 4)", N, None, {}, "mu_1 = 0, sigma_1 = 4", ""),
    ("normal(0, var=4)", N, None, {}, "mu_1 = 0, sigma_1 = 2", ""),
    ("normal(mu=1/3)", N, None, {}, "mu_1 = 1/3", ""),
    ("normal(0, v)", N, None, {"param_p": "var", "param_q": "var"}, "mu_1 = 0", "var_1: v"),
    ("normal(0, sqrt(4))", N, None, {}, "mu_1 = 0, sigma_1 = 2", ""),
    ("normal(0, 1e-3)", N, None, {}, "mu_1 = 0, sigma_1 = 1/1000", ""),
    ("normal(mu_1, sigma_1)", N, None, {}, "", ""),
    ("normal(mu, sigma)", "normal(0, 1)", None, {}, "mu_2 = 0, sigma_2 = 1", "mu_1: mu, sigma_1: sigma"),
    (
        "diagonal_normal(0, s)",
        "diagonal_normal(m, 1)",
        None,
        {},
        "mu_1[i] = 0, sigma_2[i] = 1",
        "sigma_1[i]: s, mu_2[i]: m",
    ),
]


@pytest.mark.parametrize(("p", "q", "where", "options", "values", "names"), READ)
def test_what_is_said_of_parameters_is_read(p, q, where, options, values, names):
    asked = special(p, q, where, **options)
    assert ", ".join(f"{name} = {value}" for name, value in asked.values) == values
    assert ", ".join(f"{name}: {own}" for name, own in asked.names) == names


REFUSED = [
    (N, N, "sigma_2 = 0", "must be positive, given: 0"),
    (N, N, "sigma_2 = -1", "must be positive, given: -1"),
    (N, N, "var_2 = -4", "must be positive"),
    (N, N, "var_2 = 2", "take another parameterisation"),
    (N, N, "logvar_2 = 2", "take another parameterisation"),
    (N, N, "mu_2 = 0, mu_2 = 1", "cannot be equal to 0 and to 1"),
    (N, N, "mu_1 = 0, mu_2 = 1, mu_1 = mu_2", "cannot be equal to 0 and to 1"),
    (N, N, "mu_2 = sigma_2", "mu_2 is a mean and sigma_2 is a standard deviation"),
    (N, N, "sigma_1 = var_2", "of the same kind"),
    (N, N, "sigma_1 = 2*sigma_2", "a parameter or a rational number"),
    (N, N, "sigma_1 >= 2", "where takes equalities"),
    (N, N, "sigma_1 >= 2", "where takes equalities"),
    (N, N, "sigma_1 != 2", "where takes equalities"),
    (N, N, "mu_1 == 2", "where takes equalities"),
    (N, N, "mu_1", "where takes equalities"),
    (N, N, "", "where takes equalities"),
    (N, N, "1 = 2", "where takes equalities"),
    (N, N, "sigma = 2", "ambiguous: sigma may be sigma_1 or sigma_2"),
    (N, N, "foo = 2", "no parameter 'foo'; there are mu_1"),
    (N, N, "mu_1 = pi", "no parameter 'pi'"),
    (N, N, "mu_1^2 = 4", "give mu_1 itself"),
    (N, N, "mu_1 = 9^(9^9)", "not a number"),
    (N, N, "mu_1 = 1/0", "division by zero"),
    (N, N, "mu_1 = " + "(" * 500 + "1" + ")" * 500, "nested more than"),
    (N, N, "mu_1 = __import__('os')", ""),
    (D, D, "mu_2[1] = 0", "say it of all"),
    ("N(0, 4)", N, None, "write normal(0, sigma=4) or normal(0, var=4)"),
    ("N(0, s)", N, None, "write normal(0, sigma=s) or normal(0, var=s)"),
    ("N(0, I)", N, None, "may give the standard deviation or the variance"),
    ("normal(0, s^2)", N, None, "no name of the standard deviation"),
    ("normal(0, var=v)", N, None, "no name of the standard deviation"),
    ("normal(mu_2, s)", N, None, "our name of another parameter"),
    ("normal(sigma, s)", N, None, "sigma in normal(sigma, s) stands for the mean"),
    ("normal(s, s)", N, None, "these are not equal"),
    ("normal(0)", N, None, "normal takes 2 values, mu, sigma"),
    ("normal(0, 1, 2)", N, None, "normal takes 2 values, mu, sigma"),
    ("normal(0, 1,)", N, None, "a law has values between commas"),
    ("normal()", N, None, "a law has values between commas"),
    ("standard_normal(0, 1)", N, None, "standard_normal has no parameters"),
    ("normal(x, s)", N, None, "means the variable"),
    ("normal(0, -1)", N, None, "must be positive, given: -1"),
    ("normal(0, f(x))", N, None, "is a rational number or a name"),
    ("normal(0, [1, 2])", N, None, "is a rational number or a name"),
    ("normal(0, exp(1))", N, None, "is a rational number or a name"),
    ("normal(0, sqrt(2))", N, None, "is a rational number or a name"),
    ("foo(0, 1)", N, None, "unknown family 'foo'"),
]


@pytest.mark.parametrize(("p", "q", "where", "words"), REFUSED)
def test_what_does_not_fit_is_refused_in_one_line(p, q, where, words):
    with pytest.raises(KLError) as caught:
        derive(p, q, where=where)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_closed_form_has_the_names_of_the_user():
    d = derive("normal(m, s)", "normal(0, s)")
    assert [str(symbol) for symbol in d.parameters] == ["m", "s"]
    assert str(d.closed_form) == "m**2/(2*s**2)"
    assert str(d) == "KL(P ‖ Q) = m²/(2s²), where μ₂ = 0, σ₂ = s"
    assert repr(d) == "<Derivation kl(normal, normal) where mu_2 = 0, sigma_2 = sigma_1: m**2/(2*s**2)>"
    vector = derive("diagonal_normal(m, s)", "standard_normal", dim=2)
    assert [str(symbol) for symbol in vector.parameters] == ["m[1]", "m[2]", "s[1]", "s[2]"]


def test_names_alone_are_the_general_theorem():
    d = derive("normal(m, s)", "normal(a, b)")
    assert not d.is_special
    assert d.name == "kl(normal, normal)"
    assert prove(d) == prove(derive("normal", "normal"))
    assert str(d) == "KL(P ‖ Q) = log(b/s) + (s² + (m − a)²)/(2b²) − 1/2"


@pytest.mark.parametrize(
    ("p", "q", "options"),
    [
        ("normal(0, s)", "normal(1, 3)", {}),
        ("normal(0, s)", "normal(0, s)", {}),
        (D, D, {"where": "mu_2 = mu_1"}),
        (D, D, {"where": "mu_2 = 0, logvar_2 = 0", "param": "logvar", "dim": 2}),
        ("poisson", "poisson(3)", {"unit": "bits"}),
        ("normal(0, s)", None, {"quantity": "entropy"}),
    ],
)
def test_numbers_agree_with_a_special_case(p, q, options):
    report = verify(derive(p, q, **options), digits=20, points=2, stages=False)
    assert report.status == "agree"
    found = [check for check in report.checks if check.subject == "special case"]
    assert found
    assert all(check.digits >= 20 for check in found)


def test_numbers_find_a_wrong_special_case():
    from dataclasses import replace

    d = derive("normal", "normal", where="sigma_2 = 2")
    wrong = replace(d, special=replace(d.special, right=d.special.right + 1))
    report = verify(wrong, digits=20, points=1, stages=False)
    assert report.status == "disagree"
    with pytest.raises(KLError):
        prove(wrong)


@pytest.mark.parametrize("quantity", ["gradient", "decomposition"])
def test_quantities_without_special_cases_say_so(quantity):
    with pytest.raises(RequestError, match="leave the values out"):
        derive("normal", "normal", where="mu_2 = 0", quantity=quantity)


def test_every_format_shows_the_stage_and_the_values():
    d = derive("normal(0, s)", "normal(1, 3)")
    proof, report = prove(d), verify(d, digits=20, points=1, stages=False)
    for name in ("text", "latex", "tex", "markdown", "github", "html", "cell"):
        shown = getattr(d, f"to_{name}")(proof=proof, report=report)
        assert "Special case" in shown, name
        assert "where" in shown, name
        assert "special case, quadrature" in shown or name == "latex", name
    assert "Special case" in d.to_text(stages=[len(d.steps) + 1], lemmas="name")
    assert "Special case" not in d.to_text(stages=[1], lemmas="name").split("Theorem.")[1]
    with pytest.raises(RequestError, match=f"there are {len(d.steps) + 1} stages"):
        d.to_text(stages=[len(d.steps) + 2])
    assert d.to_json() == derive("normal", "normal").to_json()


def test_the_command_line_derives_and_verifies_special_cases(capsys):
    assert main(["derive", "normal(0, s)", "normal(1, 3)", "--lemmas", "name"]) == 0
    out, err = capsys.readouterr()
    assert "KL(P ‖ Q) = log(3/s) + s²/18 − 4/9" in out
    assert "s is taken for sigma_1" in err
    options = ["--where", "mu_2 = 0, mu_1 = 0", "--where", "sigma_2 = 1", "--points", "1", "--digits", "20"]
    assert main(["verify", "normal", "normal", *options]) == 0
    assert "special case, quadrature" in capsys.readouterr().out
    assert main(["derive", "normal", "normal", "--where", "sigma_2 = 0"]) == 2
    assert "must be positive" in capsys.readouterr().err
    assert main(["derive", "normal", "normal", "--where", "sigma_2 = 2", "--format", "json"]) == 0
    assert "that of kl(normal, normal)" in capsys.readouterr().err
