"""LaTeX and Unicode as people write them in papers: each is read as a plain formula, with a note where one is due."""

from __future__ import annotations

import pytest
from trees import notes_of, tree_of

SAME = [
    # fractions
    (r"{1\over 2}", "(1/2)"),
    (r"\log{\sigma_q^2\over \sigma_p^2}", "log((sigma_q^2/sigma_p^2))"),
    (r"{1\over\sigma_q^2}\left(\mu_p + 1\right)", "(1/sigma_q^2)*(mu_p + 1)"),
    (r"\frac{1}2 \dfrac12", "(1/2)*(1/2)"),
    (r"\frac{a + b \over 2}{c}", "(((a + b)/2)/c)"),
    # boxes, colours, fonts, decorations
    (r"\boxed{\log\frac{\sigma_q}{\sigma_p}}", "log((sigma_q/sigma_p))"),
    (r"2 \boxed{\sigma + \mu}", "2*(sigma + mu)"),
    (r"\ln(\color{blue}{\sqrt{\color{black}{2\pi}}})", "ln(sqrt(2*pi))"),
    (r"\color{blue}{\mu + 1} - \sigma", "(mu + 1) - sigma"),
    (r"\textcolor{red}{\sigma} + \mathbf{z} + \boldsymbol\mu_1", "sigma + z + mu_1"),
    (r"\boldsymbol{\mu_1}^2 + \bm{\sigma^2}", "mu_1^2 + sigma^2"),
    (r"{\bf x} + {\rm y} + \mathrm{e}", "x + y + e"),
    (r"\tilde s + \hat\sigma_1 + \vec{\mu} + \bar{\mu}_2 + \widehat{\mu_1}", "s + sigma_1 + mu + mu_2 + mu_1"),
    (r"\hat{\sigma}^2_1", "sigma_1^2"),
    # braces group, in LaTeX and in text
    (r"\ln\!{{2\pi\sigma^2}}", "ln(2*pi*sigma^2)"),
    (r"{ (\mu_1-\mu_2)^2 + \sigma_1^2 } / (2\sigma_2^2)", "((mu_1 - mu_2)^2 + sigma_1^2)/(2*sigma_2^2)"),
    ("{(mu_1 - mu_2)^2 + 1}/(2 sigma_2^2)", "((mu_1 - mu_2)^2 + 1)/(2*sigma_2^2)"),
    ("{mu_1 + mu_2}^2", "(mu_1 + mu_2)^2"),
    ("σ1^{2}", "sigma_1^2"),
    # functions
    (r"log\sigma + ln(\mu) - log\frac{1}{2}", "log(sigma) + ln(mu) - log((1/2))"),
    (r"\log_{10}\frac{a}{b} + \log_2 c", "log10((a/b)) + log2(c)"),
    ("log10(a) + abs(b) + abs2(c) + |a - b|", "log_10(a) + abs(b) + square(c) + abs(a - b)"),
    (r"\log\left|\sigma\right| + |\mu|^2", "log(abs(sigma)) + abs(mu)^2"),
    # parameters as functions of a variable, primes, coordinates in brackets
    (r"\log\sigma_\theta(x) + \mu_\phi(x)^2 + \sigma_\phi^2(z)", "log(sigma_theta) + mu_phi^2 + sigma_phi^2"),
    ("μ(x)² + log σ²(x) + μ_θ(s)", "mu^2 + log(sigma^2) + mu_theta"),
    (r"\sigma'^2 + \mu^{\prime 2} + \mu_1^\prime + \ell", "sigma_prime^2 + mu_prime^2 + mu_1_prime + ell"),
    (r"[\boldsymbol\sigma^2]_d + \log[\boldsymbol\mu]_d", "sigma_d^2 + log(mu_d)"),
    # labels under braces, ones, conditions
    (r"\underbrace{\mu + 1}_{\text{label}} - \overbrace{\sigma}^{s} \mu", "(mu + 1) - sigma*mu"),
    (r"\frac12\mathbf{1}^\top(\mu + \sigma)", "(1/2)*sum(mu + sigma)"),
    (r"\mu + \sigma, \quad \sigma > 0.", "mu + sigma"),
    (r"\lg(\mu)", "log10(mu)"),
    # spreadsheets and Mathematica
    ("POWER(mu,2) + pow(sigma, 3) + 2*PI() - LN(mu)", "mu^2 + sigma^3 + 2*pi - log(mu)"),
    ("Log[mu] + Sqrt[2 Pi]", "log(mu) + sqrt(2*pi)"),
    # sizes and spaces
    (r"\tfrac12\!\left(\textstyle\bigl[ \mu \bigr]\right)", "(1/2)*mu"),
    (
        r"\lambda _ { 1 } \log \frac { \lambda _ { 1 } } { \lambda _ { 2 } }",
        "lambda_1*log((lambda_1/lambda_2))",
    ),
    (r"\operatorname { l o g } ( \sigma _ { 1 } )", "log(sigma_1)"),
    # names
    (r"\sigma_\phi^2 + \mu_{\theta, j}", "sigma_phi^2 + mu_{theta,j}"),
    (r"\varepsilon + \varphi", "epsilon + phi"),
    ("σp + μq − λq + σ1 + μ2² + σi + σ_p", "sigma_p + mu_q - lambda_q + sigma_1 + mu_2^2 + sigma_i + sigma_p"),
    ("λp log(λp/λq)", "lambda_p*log(lambda_p/lambda_q)"),
    ("2πσ² + πe", "2*pi*sigma^2 + pi*e"),
    ("μ̂₁ + log s̄", "mu_1 + log(s)"),
    ("∑ᵢ₌₁ᵈ μᵢ", "sum_{i=1}^d mu_i"),
    ("½ σ² + ⅟2", "(1/2)*sigma^2 + 1/2"),
    ("a – b − c ∗ d", "a - b - c*d"),
    # sums
    (r"\sum_{j\in J} \mu_j", "sum_j mu_j"),
    (r"\sum_j^{J} \mu_j", "sum_{j=1}^J mu_j"),
    (r"\sum_{j=1}^{d_z} \left(\mu_j\right)", "sum_{j=1}^{d_z} mu_j"),
    (r"\sum\limits_{i=1}^{n}\mu_i", "sum_{i=1}^n mu_i"),
    (r"\sum_{j=1}^{9} \mu_j", "sum_{j=1}^9 mu_j"),
    (r"-\frac12 \sum (1 + \log\sigma^2)", "-(1/2)*sum(1 + log(sigma^2))"),
    (r"\sum \mu^2 - 1", "sum(mu^2) - 1"),
    (r"[\Sigma (2 \log \sigma - 1)]", "sum(2*log(sigma) - 1)"),
    (r"\Sigma\left[\mu\right] + \Sigma\{\mu\}", "sum(mu) + sum(mu)"),
    ("0.5 * Σ(1 + log(σ²))", "0.5*sum(1 + log(sigma^2))"),
    ("∑(σ²) + sum [ mu ] + sum_i [ mu_i ]", "sum(sigma^2) + sum(mu) + sum_i(mu_i)"),
    ("Σᵢ μᵢ + Σ_{i=1}^n μ_i + Σ_j μ_j", "sum_i mu_i + sum_{i=1}^n mu_i + sum_j mu_j"),
    ("sum[1..P](mu) - P/2", "sum^P (mu) - P/2"),
    (r"\log\prod_i\sigma_i^2", "sum_i(log(sigma_i^2))"),
    (r"-\ln\prod_{i=1}^n (2\pi\sigma_i^2)", "-sum_{i=1}^n(ln(2*pi*sigma_i^2))"),
    (r"\log\frac{\prod_i a_i}{\prod_i b_i}", "(sum_i(log(a_i)) - sum_i(log(b_i)))"),
    (r"\log\left(2 \sqrt{\prod_i a_i}\right)", "log(2) + (1/2)*sum_i(log(a_i))"),
    # what stands behind and before
    (r"\mu + 1 \tag{3}", "mu + 1"),
    (r"(12) \quad \frac12 \mu", "(1/2)*mu"),
    (r"\mu + 1 \text{(in nats)}", "mu + 1"),
    (r"\mu + 1 \quad \text{nats}.", "mu + 1"),
    ("mu + 1 (nats);", "mu + 1"),
    ("mu + 1 in nats", "mu + 1"),
    (r"\mu + 1, \qquad \square", "mu + 1"),
    ("mu + 1 ∎", "mu + 1"),
    (r"\frac{1}{2} \\ (\mu + 1)", "(1/2)*(mu + 1)"),
    (r"\mu - 1 \; .", "mu - 1"),
]


@pytest.mark.parametrize(("written", "plain_text"), SAME, ids=[written[:30] for written, _ in SAME])
def test_what_papers_write_is_the_same_as_a_plain_formula(written, plain_text):
    assert tree_of(written) == tree_of(plain_text)


NOTED = [
    (r"{\mu + 1}/2", "(mu + 1)/2", (r"braces are read as parentheses: {\mu + 1}",)),
    (r"\log 2\pi\sigma^2", "log(2*pi*sigma^2)", (r"\log 2\pi\sigma^2 is read as \log(2\pi\sigma^2)",)),
    ("log 2 pi sigma_1^2 - 1", "log(2*pi*sigma_1^2) - 1", ("log 2 pi sigma_1^2 is read as log(2 pi sigma_1^2)",)),
    (r"\ln 2e\pi s", "ln(2*e*pi*s)", (r"\ln 2e\pi s is read as \ln(2e\pi s)",)),
    (r"\frac12 \log 2\pi + \frac12", "(1/2)*log(2*pi) + (1/2)", (r"\log 2\pi is read as \log(2\pi)",)),
    (
        r"\ln 2\pi e \tilde s",
        "ln(2*pi*e*s)",
        (r"\tilde over a name is dropped: \tilde s", r"\ln 2\pi e \tilde s is read as \ln(2\pi e \tilde s)"),
    ),
    (r"1/2 \sigma^2", "1/2*sigma^2", (r"1/2 \sigma^2 is read as (1/2)*\sigma^2",)),
    ("1 - 1/2 mu sigma", "1 - 1/2*mu*sigma", ("1/2 mu is read as (1/2)*mu",)),
    ("1/2 log(mu)", "1/2*log(mu)", ()),
    (r"(\mu_j^{(i)})^2 + \sigma_j^{(i)2}", "mu_j^2 + sigma_j^2", ("the superscript (i) numbers the sample",)),
    (r"\mu^{(l)}_j + \sigma_j^{(l)^2}", "mu_j + sigma_j^2", ("the superscript (l) numbers the sample",)),
    ("log(𝜎2/𝜎1)", "log(sigma_2/sigma_1)", ("mathematical letters are read as plain ones",)),
    ("𝜆₁log(𝜆₁𝜆₂)", "lambda_1*log(lambda_1*lambda_2)", ("mathematical letters are read as plain ones",)),
    (r"\mu + 1 \quad (12)", "mu + 1", ("(12) is taken for the number of the equation",)),
]


@pytest.mark.parametrize(("written", "plain_text", "notes"), NOTED, ids=[written[:30] for written, *_ in NOTED])
def test_what_is_less_than_plain_is_read_with_a_note(written, plain_text, notes):
    assert tree_of(written) == tree_of(plain_text)
    assert notes_of(written) == notes
