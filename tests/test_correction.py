"""A refuted formula is told what is right in its own notation, and that line is read back and proved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sympy

from kl_symbolic import check
from kl_symbolic.errors import RequestError

pytestmark = pytest.mark.usefixtures("proved_once")

NORMAL, TERM = ("normal", "normal"), ("normal", "standard_normal")
VAE, DIAGONAL = ("diagonal_normal", "standard_normal"), ("diagonal_normal", "diagonal_normal")
POISSON, EXPONENTIAL = ("poisson", "poisson"), ("exponential", "exponential")

FORMULAS = [
    # text and spreadsheets
    ("KL = 0.5 * sum(1 + log_var - mu^2 - exp(log_var))", VAE, {},
     "KL = -0.5 * sum(1 + log_var - mu^2 - exp(log_var))"),
    ("KL(N(μ, σ²) || N(0,I)) = 0.5 * sum(1 + log(σ²) - μ² - σ²)", VAE, {},
     "KL(N(μ, σ²) || N(0,I)) = -0.5 * sum(1 + log(σ²) - μ² - σ²)"),
    ("log(σ₂/σ₁) + (σ₁² + (μ₁−μ₂)²)/(2σ₂) − 1/2", NORMAL, {}, "log(σ₂/σ₁) + (σ₁² + (μ₁ - μ₂)²)/(2σ₂²) - 1/2"),
    ("LN(s2/s1)+(s1^2+(m1-m2)^2)/(2*s2)-0.5", NORMAL, {}, "LN(s2/s1) + (s1^2 + (m1 - m2)^2)/(2*s2^2) - 0.5"),
    ("-0.5 ∑ᵢ₌₁ⁿ (1 + log σᵢ² − μᵢ² − σᵢ)", VAE, {}, "-0.5 * ∑ᵢ₌₁ⁿ (1 + log(σᵢ²) - μᵢ² - σᵢ²)"),
    ("-1/2*(1 + log_var - mean^2 - e^log_var*2)", TERM, {}, "-1/2 * (1 + log_var - mean^2 - e^log_var)"),
    ("(sigma^2 + mu^2 - 1 + 2 log sigma)/2", TERM, {}, "(sigma^2 + mu^2 - 1 - 2*log(sigma))/2"),
    ("((mu_p - mu_q)^2) / (2 * sigma_q^2)", NORMAL, {},
     "log(sigma_q/sigma_p) + (sigma_p^2 + (mu_p - mu_q)^2)/(2*sigma_q^2) - 1/2"),
    ("0.5*(v1/v2 + (m2-m1)^2/v2 - 1 + log(v1/v2))", NORMAL, {}, "0.5 * (v1/v2 + (m2 - m1)^2/v2 - 1 + log(v2/v1))"),
    ("logs_p - logs_q - 0.5 + 0.5*(m_q - m_p)**2 * exp(-2*logs_p)", NORMAL, {}, None),
    ("0.5 * (log(prec_1/prec_2) + prec_2/prec_1 + (mu_1 - mu_2)^2 - 1)", NORMAL, {},
     "0.5 * (log(prec_1/prec_2) + prec_2/prec_1 + prec_2*(mu_1 - mu_2)^2 - 1)"),
    # LaTeX
    (r"D(q \| p) = \ln\frac{\sigma_p}{\sigma_q} + \frac{\sigma_q^2 + (\mu_q - \mu_p)^2}{\sigma_p^2} - \frac12",
     NORMAL, {},
     r"D(q \| p) = \ln \frac{\sigma_p}{\sigma_q} + \frac{\sigma_q^2 + (\mu_q - \mu_p)^2}{2 \sigma_p^2} - \frac{1}{2}"),
    (r"\ln\frac{\sigma_q}{\sigma_p} + \frac{\sigma_p^2}{2\sigma_q^2} - \frac12", NORMAL, {},
     r"\ln \frac{\sigma_q}{\sigma_p} + \frac{\sigma_p^2 + (\mu_p - \mu_q)^2}{2 \sigma_q^2} - \frac{1}{2}"),
    (r"-\frac{1}{2} \sum_{j=1}^{J} (1 + \log \sigma_j - \mu_j^2 - \sigma_j^2)", VAE, {},
     r"-\frac{1}{2} \sum_{j=1}^{J} (1 + \log \sigma_j^2 - \mu_j^2 - \sigma_j^2)"),
    (r"D = \frac{1}{2} \sum_{j=1}^{9} (1 + \log \sigma_j^2 - \mu_j^2 - \sigma_j^2)", VAE, {"dim": 9},
     r"D = -\frac{1}{2} \sum_{j=1}^{9} (1 + \log \sigma_j^2 - \mu_j^2 - \sigma_j^2)"),
    (r"\frac{1}{2}\ln(e\sigma\sqrt{2\pi})", ("normal",), {"quantity": "entropy"},
     r"\frac{1}{2} \ln(2 \pi e \sigma^2)"),
    (r"\lambda_1 \ln\frac{\lambda_2}{\lambda_1} + \lambda_1 - \lambda_2", POISSON, {},
     r"\lambda_1 \ln \frac{\lambda_1}{\lambda_2} + \lambda_2 - \lambda_1"),
    (r"\ln\frac{\lambda_1}{\lambda_2} + e^{\ln \lambda_2} - 1", EXPONENTIAL, {}, None),
    (r"\frac{1}{2}\left[-\log{|\Sigma|} - n + \text{tr}(\Sigma) - \mu^T \mu\right]", VAE, {},
     r"-\frac{1}{2} \sum_{i=1}^{n} (1 + \log \sigma_i^2 - \mu_i^2 - \sigma_i^2)"),
    # code that is a formula
    ("np.log(s2/s1) + (s1**2 + (m1-m2)**2)/(2*s2) - 0.5", NORMAL, {},
     "np.log(s2/s1) + (s1**2 + (m1 - m2)**2)/(2*s2**2) - 0.5"),
    ("0.5*Sum(1 + logvar[i] - mu[i]**2 - exp(logvar[i]), (i, 1, n))", VAE, {},
     "-0.5 * Sum(1 + logvar[i] - mu[i]**2 - exp(logvar[i]), (i, 1, n))"),
    (sympy.Symbol("mu") ** 2, TERM, {}, "mu**2/2 + sigma**2/2 - log(sigma) - 1/2"),
    # equations, and names of one's own
    ("-KL = 0.5*(mu^2 + var - 1 - log(var))", TERM, {}, "KL = 0.5 * (mu^2 + var - 1 - log(var))"),
    ("KL = mu^2/2 = (mu^2+sigma^2-1)/2 - log(sigma)", TERM, {}, "KL = mu^2/2 + sigma^2/2 - log(sigma) - 1/2"),
    ("kl = np.log(b/a) + a/b - 1", EXPONENTIAL, {"symbols": {"a": "lambda_1", "b": "lambda_2"}},
     "kl = np.log(a/b) + b/a - 1"),
    ("l - t^2 + 1", NORMAL, {"symbols": {"l": "log(sigma_2)", "t": "sigma_1", "m": "mu_1", "k": "mu_2"}}, None),
    ("0.5*(mu^2 + sigma^2 - 1 - log(sigma^2))", TERM, {"unit": "bits"},
     "(mu^2 + sigma^2 - 1 - log(sigma^2))/(2*log(2))"),
    ("log(sigma_2/sigma_1)", NORMAL, {"quantity": "asymmetry"}, None),
    ("s - log(s)", ("normal(0, s)", "standard_normal"), {}, "s^2/2 - log(s) - 1/2"),
    ("(mu_1-mu_2)^2/sigma_1^2", NORMAL, {"where": "sigma_1 = sigma_2"}, "(mu_1 - mu_2)^2/(2*sigma_1^2)"),
]  # fmt: skip

STATEMENTS = """kl_div_loss = 1 + z_std - tf.square(z_mean) - tf.exp(z_std)
kl_div_loss = -0.5 * tf.reduce_sum(kl_div_loss, 1)"""
FUNCTION = """def latent_loss(z_mean, z_stddev):
    mean_sq = z_mean * z_mean
    stddev_sq = z_stddev * z_stddev
    return 0.5 * torch.mean(mean_sq + stddev_sq - torch.log(stddev_sq) - 1)"""
CODE = [
    ("kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()*2, dim=1)", VAE,
     "kld = -0.5 * torch.sum(1 + logvar - mu**2 - torch.exp(logvar), dim=1)"),
    ("kl_loss = - 0.5 * K.mean(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis = -1)", VAE,
     "kl_loss = -0.5 * K.sum(1 + z_log_var - z_mean**2 - K.exp(z_log_var), axis = -1)"),
    ("kl_loss <- -0.5*k_mean(1 + z_log_var - k_square(z_mean) - k_exp(z_log_var), axis = -1L)", VAE,
     "kl_loss <- -0.5 * k_sum(1 + z_log_var - z_mean^2 - k_exp(z_log_var), axis = -1L)"),
    ("return 0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(dim=1).mean()", VAE,
     "return -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(dim=1).mean()"),
    ("KLD = -0.5 * torch.mean(torch.sum(1 + 2 * logvar - mu.pow(2) - logvar.exp().pow(2), 1))", VAE,
     "KLD = -0.5 * torch.mean(torch.sum(1 + logvar - mu**2 - torch.exp(logvar), 1))"),
    ("kl_loss = 0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp()) / x.size(0)", VAE,
     "kl_loss = -0.5 * torch.sum(1 + log_var - mu**2 - torch.exp(log_var)) / x.size(0)"),
    ("kl(μ, logσ) = 0.5f0 .* sum(exp.(logσ) + μ.^2 .- 1.0f0 .- (logσ),dims=1)", VAE,
     "kl(μ, logσ) = 0.5f0 * sum(exp.(2 .* logσ) .+ μ.^2 .- 1 .- 2 .* logσ, dims=1)"),
    ("KL = -.5 * sum(1 + 2*zLogvar - zMean.^2 - exp(zLogvar), 1);", VAE,
     "KL = -0.5 * sum(1 + zLogvar - zMean.^2 - exp(zLogvar), 1);"),
    ("entropy = -0.5 * np.log(2 * np.pi * np.e * stds**2)", ("normal", None),
     "entropy = 0.5*np.log(2*np.pi*np.e*stds**2)"),
    (STATEMENTS, VAE, None),
    (FUNCTION, VAE,
     "return 0.5 * torch.sum(z_mean**2 + z_stddev**2 - torch.log(z_stddev**2) - 1)"),
    ("kl = 0.5*(mu**2 + F.softplus(rho) - torch.log(F.softplus(rho)) - 1).sum()", VAE,
     "kl = 0.5 * (mu**2 + F.softplus(rho)**2 - torch.log(F.softplus(rho)**2) - 1).sum()"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "laws", "options", "expected"), FORMULAS)
def test_a_wrong_formula_is_told_what_is_right(text, laws, options, expected):
    verdict = check(text, *laws, **options)
    assert verdict.status == "refuted"
    assert verdict.correction == expected if expected else verdict.correction
    proved_again(verdict, laws, options)


@pytest.mark.parametrize(("text", "laws", "expected"), CODE)
def test_wrong_code_is_told_what_is_right(text, laws, expected):
    options = {"quantity": "entropy"} if laws[1] is None else {}
    verdict = check(text, *laws, **options)
    assert verdict.status == "refuted"
    assert verdict.correction == expected if expected else verdict.correction
    proved_again(verdict, laws, options)


def proved_again(verdict, laws, options):
    """Read the correction as somebody would who pastes it, in the parameterisation of the formula."""
    again = {**verdict.derivation.question.options, **options}
    assert check(verdict.correction, *laws, **again).status == "proved"


def table():
    for name in ("public_formulas.json", "reported_formulas.json"):
        rows = json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
        yield from (row for row in rows if row["expected"] == "refuted")


@pytest.mark.sample(16)
@pytest.mark.parametrize("row", [pytest.param(row, id=str(k)) for k, row in enumerate(table())])
def test_what_people_wrote_wrongly_is_put_right(row):
    laws = (row["p"], row["q"])
    try:
        verdict = check(row["input"], *laws, **row["options"])
    except RequestError:
        pytest.skip("not read")
    if verdict.status != "refuted":
        pytest.skip("not decided")
    assert verdict.correction
    proved_again(verdict, laws, row["options"])


def test_a_correction_is_shown_last(command):
    text = "-(mu^2 + sigma^2 - 1 - log(sigma^2))/2"
    right = "(mu^2 + sigma^2 - 1 - log(sigma^2))/2"
    verdict = check(text, *TERM)
    assert str(verdict).splitlines()[-1] == f"  right, in your notation: {verdict.correction}"
    assert json.loads(command("check", *TERM, text, "--json").stdout)["correction"] == verdict.correction
    assert check(right, *TERM).correction == ""
    assert "right, in your notation" not in str(check(right, *TERM))


@pytest.mark.parametrize(
    ("text", "laws", "options"),
    [
        ("mu, sigma + 1/sigma", TERM, {"quantity": "gradient"}),
        ("(mu[1]^2 + sigma[1]^2 - 1)/2 - log(sigma[1])", VAE, {"dim": 2}),
        ("mu^2" + " + 0*mu" * 1_000, TERM, {}),
    ],
)
def test_some_have_no_correction(text, laws, options):
    verdict = check(text, *laws, **options)
    assert (verdict.status, verdict.correction) == ("refuted", "")


def test_a_line_that_is_not_proved_is_not_shown(monkeypatch):
    """Whatever is proposed, the kernel has the last word."""
    monkeypatch.setattr("kl_symbolic.claims.correction.proposals", lambda *_: iter(["mu^2", "no formula", "sigma^2/2"]))
    assert check("mu^2", *TERM).correction == ""


@pytest.mark.parametrize(
    ("text", "laws", "where"),
    [
        ("3", ("standard_normal", "standard_normal"), None),
        ("mu_1", ("normal", "normal"), "sigma_1 = sigma_2, mu_1 = mu_2"),
    ],
)
def test_of_what_is_always_zero_there_is_a_verdict_without_a_correction(text, laws, where):
    verdict = check(text, *laws, where=where)
    assert (verdict.status, verdict.correction) == ("refuted", "")
    assert check("0", *laws, where=where).status == "proved"
