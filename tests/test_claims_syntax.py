"""Formulas as people write them: read with one meaning, or refused in one line."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from evaluated import evaluated

from kl_symbolic.claims import read
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import Question
from kl_symbolic.terms import Number

NORMAL = Question("kl", "normal", "normal")
VAR = Question("kl", "normal", "normal", "var", "var")
LOGVAR = Question("kl", "normal", "normal", "logvar", "logvar")
DIAGONAL = Question("kl", "diagonal_normal", "diagonal_normal")
VAE = Question("kl", "diagonal_normal", "standard_normal", "logvar", "logvar")
ONE = Question("entropy", "normal")
POISSON = Question("kl", "poisson", "poisson")
MIXED = Question("kl", "exponential", "normal")

TEXTBOOK = "log(sigma_2/sigma_1) + (sigma_1**2 + (mu_1 - mu_2)**2)/(2*sigma_2**2) - 1/2"
READ = [
    (NORMAL, "log(σ₂/σ₁) + (σ₁² + (μ₁ − μ₂)²)/(2σ₂²) − ½", TEXTBOOK),
    (NORMAL, "KL(P || Q) = ln(s2/s1) + (s1^2 + (m1 - m2)^2)/(2 s2^2) - 0.5", TEXTBOOK),
    (NORMAL, r"\log\frac{\sigma_2}{\sigma_1} + \frac{\sigma_1^2+(\mu_1-\mu_2)^2}{2\sigma_2^2} - \tfrac12", TEXTBOOK),
    (
        NORMAL,
        r"""\begin{align*}
        D_{\mathrm{KL}}(P\,\|\,Q) &= \int p(x) \log\frac{p(x)}{q(x)} dx \label{eq:kl} \\
        &= \ln \dfrac{\sigma_q}{\sigma_p} + \dfrac{\sigma_p^{2} + \left(\mu_{p} - \mu_{q}\right)^2}{2 \sigma^2_{q}}
        - \frac{1}{2}.
        \end{align*}""",
        TEXTBOOK,
    ),
    (NORMAL, r"\[ \ln\sigma_2 - \ln\sigma_1 \]", "log(sigma_2) - log(sigma_1)"),
    (NORMAL, r"$\big(\mu_1 - \mu_2\big)^2 \cdot \frac1{\sigma_2^2}$", "(mu_1 - mu_2)**2/sigma_2**2"),
    (NORMAL, r"\mathrm{e}^{\mu_1} \boldsymbol{\mu}_2", "exp(mu_1)*mu_2"),
    (NORMAL, r"\sqrt{2\pi} \, \sigma_1 \sqrt 2", "sqrt(2*pi)*sigma_1*sqrt(2)"),
    (NORMAL, r"\log^2 \sigma_1", "log(sigma_1)**2"),
    (NORMAL, "2 sigma_2^2", "2*sigma_2**2"),
    (NORMAL, "2(mu_1 + mu_2)(mu_1)", "2*(mu_1 + mu_2)*mu_1"),
    (NORMAL, "mu_1 sigma_1", "mu_1*sigma_1"),
    (NORMAL, "1/(2 s_2^2)(mu_1 - mu_2)^2", "(mu_1 - mu_2)**2/(2*sigma_2**2)"),
    (NORMAL, "1/2 log(2π)", "log(2*pi)/2"),
    (NORMAL, "-1/2 (mu_1 + mu_2)", "-(mu_1 + mu_2)/2"),
    (NORMAL, "1/2 [mu_1 + mu_2]", "(mu_1 + mu_2)/2"),
    (NORMAL, "log sigma_1^2 - 1", "log(sigma_1**2) - 1"),
    (NORMAL, "log sigma_1 log sigma_2", "log(sigma_1)*log(sigma_2)"),
    (NORMAL, "log_2 sigma_1 + log2(sigma_2)", "log(sigma_1)/log(2) + log(sigma_2)/log(2)"),
    (NORMAL, "log(mu_1)^2", "log(mu_1)**2"),
    (NORMAL, "-mu_1^2", "-(mu_1**2)"),
    (NORMAL, "mu_1^2^2", "mu_1**(2**2)"),
    (NORMAL, "e^(-mu_1) + e^mu_2 + exp mu_1", "exp(-mu_1) + exp(mu_2) + exp(mu_1)"),
    (NORMAL, "μ₁² · σ₁ × 3 ÷ 4", "mu_1**2*sigma_1*3/4"),
    (NORMAL, "√2 √(2π) σ₁", "sqrt(2)*sqrt(2*pi)*sigma_1"),
    (NORMAL, "mean_p + sd_q + sd_p", "mu_1 + sigma_2 + sigma_1"),
    (NORMAL, "mu_1 + \n 2\tmu_2", "mu_1 + 2*mu_2"),
    (NORMAL, "(mu_1**2)**0.5", "sqrt(mu_1**2)"),
    (NORMAL, "e^(-mu_1)/2 + e²/3", "exp(-mu_1)/2 + exp(2)/3"),
    (VAR, r"\log\frac{\sigma_2^2}{\sigma_1^2} + v1", "log(var_2/var_1) + var_1"),
    (VAR, "variance_p + sigma1_sq + sigma_sq_2", "2*var_1 + var_2"),
    (VAR, "sigma_1 + sd2^4", "sqrt(var_1) + var_2**2"),
    (LOGVAR, r"\log\sigma_1^2 + \sigma_2^2 + lv_2", "logvar_1 + exp(logvar_2) + logvar_2"),
    (LOGVAR, "log σ₁ + 1/σ₂²", "logvar_1/2 + 1/exp(logvar_2)"),
    (ONE, "log s + ln s", "2*log(sigma)"),
    (MIXED, "rate mu + lam_1 sigma_2 + l σ", "2*lambda_1*sigma_2 + lambda_1*mu_2"),
    (POISSON, "l1 log(λ_1/λ_2) + rate2 - lam_1", "lambda_1*log(lambda_1/lambda_2) + lambda_2 - lambda_1"),
    (DIAGONAL, "sum_i (mu_1i - mu_{2,i})^2", "Sum((mu_1[i] - mu_2[i])**2, (i, 1, n))"),
    (DIAGONAL, r"\sum_{j=1}^{d} \sigma_{1,j}^2", "Sum(sigma_1[i]**2, (i, 1, n))"),
    (DIAGONAL, "∑ᵢ₌₁ⁿ σ₁ᵢ + 1", "Sum(sigma_1[i], (i, 1, n)) + 1"),
    (
        VAE,
        r"D_{KL} = \frac12 \sum_{j=1}^J \left(1 + \log((\sigma_j)^2) - (\mu_j)^2 - (\sigma_j)^2\right)",
        "Sum(1 + logvar[i] - mu[i]**2 - exp(logvar[i]), (i, 1, n))/2",
    ),
    (VAE, "-0.5*sum_j(1 + lv_j - mu_j^2 - exp(lv_j))", "-Sum(1 + logvar[i] - mu[i]**2 - exp(logvar[i]), (i, 1, n))/2"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "text", "python"), READ, ids=[text[:30] for _, text, _ in READ])
def test_what_people_write_is_read_as_the_same_formula_in_python(question, text, python):
    assert sympy.expand(evaluated(read(text, question)) - evaluated(read(python, question))) == 0


REFUSED = [
    ("1/2x", "ambiguous: 1/2x may be (1/2)*x or 1/(2*x)"),
    ("1 / 2 sigma_2^2", "may be (1/2)*sigma_2^2 or 1/(2*sigma_2^2)"),
    ("1/2(mu_1 + mu_2)", "ambiguous"),
    ("mu_1/mu_2 sigma_1", "may be (mu_1/mu_2)*sigma_1 or mu_1/(mu_2*sigma_1)"),
    ("log mu_1 mu_2", "may be log(mu_1)*mu_2 or log(mu_1*mu_2)"),
    ("log 2 sigma_1", "may be log(2)*sigma_1 or log(2*sigma_1)"),
    ("log mu_1/mu_2", "may be log(mu_1)/mu_2 or log(mu_1/mu_2)"),
    (r"\log(\mu_1)^2", r"may be (\log(\mu_1))^2 or log((\mu_1)^2)"),
    ("√sigma_1^2", "ambiguous"),
    ("mu_1^2mu_2", "may be mu_1^2*mu_2 or mu_1^(2*mu_2)"),
    ("mu_1^1/2", "may be (mu_1^1)/2 or mu_1^(1/2)"),
    ("e^-mu_1^2/2", "may be (e^-mu_1^2)/2 or e^(-mu_1^2/2)"),
    ("log|Sigma|/2", "may be log(|Sigma|)/2 or log(|Sigma|/2)"),
    ("mu_1 2", "a number follows without a sign"),
    (r"\mu_12", "a number follows without a sign"),
    ("2 3", "a number follows without a sign"),
    ("{mu_1, mu_2}^2", "expected } before , mu_2"),
    ("mu", "ambiguous: mu may be mu_1 or mu_2"),
    ("m", "ambiguous: m may be mu_1 or mu_2"),
    ("mu_0", "no parameter 'mu_0'"),
    ("e(mu_1)", "is no function; write e^(...)"),
    ("sin(mu_1)", "not part of a formula: sin(...); known functions: digamma, gamma, log"),
    (r"\sin \mu_1", r"not part of a formula: \sin"),
    (r"\hat{\mu + 1}", r"\hat of more than a name"),
    (r"\input{x}", r"not part of a formula: \input"),
    (r"\sqrt[3]{\mu_1}", "only square roots are read"),
    ("mu_1^(1/3)", "whole and half ones are read"),
    ("mu_1 <= 2", "no sign of equality"),
    ("2 KL = mu_1", "the left-hand side 2 KL is no formula, and more than a name"),
    ("KL + KL(P || Q) = mu_1", "more than a name"),
    ("c KL(P || Q) = mu_1", "more than a name"),
    (r"\frac12 KL = mu_1", "more than a name"),
    (r"\beta D_{KL}(P \| Q) = mu_1", "more than a name"),
    ("mu_1 = ", "there is nothing to read"),
    ("", "there is nothing to read"),
    ("log", "an argument is missing"),
    ("log -mu_1", "an argument is missing"),
    ("exp(mu_1, mu_2)", "takes one argument"),
    ("(mu_1, mu_2) + 1", "a list of formulas within a formula"),
    ("sum_i mu_1", "a sum is over the coordinates of a product"),
    ("9^9^9^9", "at most 50 is read"),
    ("((mu_1^50)^50)^50", "at most 50 is read"),
    ("((2mu_1)^50)^50", "at most 50 is read"),
    ("(-1)^0.5/(1 - 1)", "divides by zero"),
    ("(" * 101 + "mu_1" + ")" * 101, "nested more than 100 deep"),
    ("mu_1" + "^mu_1" * 101, "nested more than 100 deep"),
    ("√" * 101 + "2", ""),
    ("x" * 1_000_000, "at most 100000 are read"),
    ("\u043cu_1", "U+043C CYRILLIC SMALL LETTER EM"),
    ("mu_１", "U+FF11 FULLWIDTH DIGIT ONE"),
    ("\U0001d6b0", "U+1D6B0 MATHEMATICAL BOLD CAPITAL IOTA"),
    ("mu_1\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
    ("mu_1\u200b", "U+200B ZERO WIDTH SPACE"),
    ("mu_1\0", "U+0000"),
    ("mu_1\ud800", "U+D800"),
    ("__import__('os')", "not part of a formula"),
    ("mu_1.__class__", "no parameter 'mu_1.__class__'"),
    ("lambda: mu_1", "a lambda in code"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED, ids=[ascii(text[:30]) for text, _ in REFUSED])
def test_what_is_ambiguous_or_no_formula_is_refused_in_one_line(text, words):
    with pytest.raises(RequestError) as caught:
        read(text, NORMAL)
    message = str(caught.value)
    assert words in message
    assert "\n" not in message
    assert len(message) < 400
    message.encode()  # can be printed


def test_every_inferred_name_is_reported_once():
    assert read("m1 + μ₁ + mu_1 + m1 + sd_q", NORMAL).inferred == (("m1", "mu_1"), ("sd_q", "sigma_2"))
    assert read("sigma_1^2", VAR).inferred == (("sigma_1", "sqrt(var_1)"),)
    assert read(r"\sum_{j=1}^J \mu_j", VAE).inferred == (("J", "n"),)
    assert read(TEXTBOOK, NORMAL).inferred == ()


def test_names_of_the_users_own_come_first():
    symbols = {r"\mu_0": "mu_1", "mu_1": "mu_2"}
    found = read(r"\mu_0 - \mu_1", NORMAL, symbols)
    assert found.term == read("mu_1 - mu_2", NORMAL).term
    assert found.inferred == ((r"\mu_0", "mu_1"), (r"\mu_1", "mu_2"))
    with pytest.raises(RequestError, match="stands for no parameter 'mu_3'"):
        read("m", NORMAL, {"m": "mu_3"})
    with pytest.raises(RequestError, match="is no name"):
        read("m", NORMAL, {"m + 1": "mu_1"})
    with pytest.raises(RequestError, match="where x has a meaning of its own, may be a product"):
        read("mu_1(x)", NORMAL, {"x": "mu_2"})


def test_decimals_are_exact():
    assert read("0.1 + 0.2", NORMAL).term == Number(Fraction(3, 10))


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("np.log(s1) - math.log(s2)", "log(s1) - log(s2)"),
        ("tf.math.log(s1) + torch.exp(m1)", "log(s1) + exp(m1)"),
        ("K.square(s1/s2)", "(s1/s2)^2"),
        ("square(m1)^2", "(m1^2)^2"),
        ("LN(s2/s1) + EXP(m1) + SQRT (s1)", "log(s2/s1) + exp(m1) + sqrt(s1)"),
    ],
)
def test_functions_of_modules_and_spreadsheets_are_read(written, plain):
    assert read(written, NORMAL).term == read(plain, NORMAL).term


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("np.loga(s1)", "not part of a formula: the function np.loga"),
        ("np.log", "not part of a formula|no parameter"),
        ("LOG s1", "no parameter 'LOG'"),
        ("square(s1, s2)", "square takes one argument"),
        ("square s1", "an argument in parentheses is missing"),
    ],
)
def test_other_names_with_dots_and_capitals_are_refused(written, reason):
    with pytest.raises(RequestError, match=reason):
        read(written, NORMAL)
