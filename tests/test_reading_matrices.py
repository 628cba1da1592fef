"""Traces, determinants, quadratic forms and norms of laws with independent coordinates are sums."""

from __future__ import annotations

import pytest
from trees import notes_of, tree_of

from kl_symbolic import check
from kl_symbolic.errors import RequestError
from kl_symbolic.reading.matrices import DETERMINANT, NORM, QUADRATIC, TRACE

SAME = [
    (r"\operatorname{tr}(\Sigma)", "sum(Sigma)"),
    (r"\text{tr} \{ \Sigma_2^{-1}\Sigma_1 \}", "sum((1/Sigma_2)*Sigma_1)"),
    (r"\mathrm{Tr}[\Sigma_1/\Sigma_2]", "sum(Sigma_1/Sigma_2)"),
    (r"\mathrm{tr}\,\Sigma_2^{-1}\Sigma_1 - n", "sum((1/Sigma_2)*Sigma_1) - n"),
    (r"\mathrm{tr}(\boldsymbol{\Sigma} - I)", "sum(Sigma - 1)"),
    ("tr(Sigma) + tr Σ₁", "sum(Sigma) + sum(Sigma_1)"),
    (r"\mathrm{tr}(2\Sigma(\Sigma_2^{-1}))", "sum(2*Sigma*(1/Sigma_2))"),
    (r"\mathrm{tr}(\mathrm{diag}(\sigma^2))", "sum(sigma^2)"),
    (r"\mathrm{tr}(\mu\mu^T)", "sum(mu*mu)"),
    (r"\mathrm{tr}(\Sigma_2^{-1}(\Sigma_1 + \mu\mu^T))", "sum((1/Sigma_2)*(Sigma_1 + mu*mu))"),
    (r"\log|\Sigma|", "sum(log(Sigma))"),
    (r"\log{|\Sigma|} + \ln\left|\Sigma_1\right|", "sum(log(Sigma)) + sum(ln(Sigma_1))"),
    (r"\log\det(\Sigma) + \log\det\Sigma_1 + logdet(Sigma)", "sum(log(Sigma)) + sum(log(Sigma_1)) + sum(log(Sigma))"),
    (r"\log\frac{|\Sigma_2|}{|\Sigma_1|}", "(sum(log(Sigma_2)) - sum(log(Sigma_1)))"),
    ("log(|Σ₂|/|Σ₁|)", "(sum(log(Sigma_2)) - sum(log(Sigma_1)))"),
    (r"\log|2\pi e\Sigma|", "sum(log(2*pi*e*Sigma))"),
    (r"\log\left((2\pi e)^n|\Sigma|\right)", "n*log(2*pi*e) + sum(log(Sigma))"),
    (r"\log_2|\Sigma|", "sum(log2(Sigma))"),
    (r"\mu^\top\mu + \mu^T \mu", "sum(mu*mu) + sum(mu*mu)"),
    (r"\frac{\mu^{\mathsf{T}}\mu}{2}", "(sum(mu*mu)/2)"),
    (r"(\mu_2-\mu_1)^T\Sigma_2^{-1}(\mu_2-\mu_1)", "sum((mu_2 - mu_1)*(1/Sigma_2)*(mu_2 - mu_1))"),
    ("(μ₂−μ₁)ᵀ Σ₂⁻¹ (μ₂−μ₁)", "sum((mu_2 - mu_1)*(1/Sigma_2)*(mu_2 - mu_1))"),
    ("mu^T mu", "sum(mu*mu)"),
    (r"\lVert\mu\rVert^2 + \|\mu\|_2^2 + ||\mu||^2", "sum(mu^2) + sum(mu^2) + sum(mu^2)"),
    (r"\|\mu_1 - \mu_2\|^2_2/2", "sum((mu_1 - mu_2)^2)/2"),
]


@pytest.mark.parametrize(("written", "plain_text"), SAME, ids=[written[:30] for written, _ in SAME])
def test_what_is_said_with_matrices_is_a_sum(written, plain_text):
    assert tree_of(written) == tree_of(plain_text)


def test_each_reading_is_noted_once():
    written = r"\log|\Sigma| + \mathrm{tr}(\Sigma) + \mathrm{tr}(\Sigma_1) + \mu^T\mu + \|\mu\|^2"
    assert notes_of(written) == (DETERMINANT, TRACE, QUADRATIC, NORM)


REFUSED = [
    (r"|\Sigma|", "a determinant is not read here"),
    (r"\det\Sigma + 1", "a determinant is not read here"),
    (r"\log(1 + |\Sigma|)", "within another term"),
    (r"\log|\Sigma + \mu\mu^T|", "a diagonal matrix"),
    (r"\mathrm{tr}(\Sigma^{1/2})", "as a matrix is not read"),
    (r"\mathrm{tr}(\Sigma^2)", "as a matrix is not read"),
    (r"\mathrm{tr}(L)", "L as a matrix is not read"),
    (r"\mathrm{tr}(\mu)", r"\mu as a matrix is not read"),
    (r"\mathrm{tr}(\Sigma + 1)", "as a matrix is not read"),
    (r"\mathrm{tr}(\mu\mu^T\mu\mu^T)", "matrices that are not diagonal"),
    (r"\mathrm{tr}((\mu\mu^T)^{-1})", "an inverse is not read"),
    (r"\log|L|^2 + \|L\|_F^2", "only the Euclidean norm"),
    (r"\|\mu\|", "a norm is not read here"),
    (r"\|\mu\|_1^2", "only the Euclidean norm"),
    (r"\mu^T\Sigma", "a transpose is not read here"),
    (r"\mu\mu^T", "a transpose is not read here"),
    (r"\mu^T 2", "a number follows without a sign"),
    (r"\mu^T + 1", "no parameter 'T'"),
    (r"(\mu - 1)^T(\mu - 1)", "no parameter 'T'"),
]


@pytest.mark.parametrize(("written", "words"), REFUSED, ids=[written[:30] for written, _ in REFUSED])
def test_other_matrices_are_refused_by_name(written, words):
    with pytest.raises(RequestError) as caught:
        check(written, "diagonal_normal", "standard_normal", symbols={"Sigma": "sigma"})
    assert words in str(caught.value)


KL = r"\tfrac12\left[\log\frac{|\Sigma_2|}{|\Sigma_1|} - n + \mathrm{tr}(\Sigma_2^{-1}\Sigma_1) + %s\right]"
FORM = r"(\mu_2-\mu_1)^\top\Sigma_2^{-1}(\mu_2-\mu_1)"
TWO = {"symbols": {"Sigma_1": "var_1", "Sigma_2": "var_2"}, "param": "var"}
ONE = {"symbols": {"Sigma": "var"}, "param": "var"}


@pytest.mark.usefixtures("proved_once")
@pytest.mark.parametrize(
    ("written", "laws", "options", "status"),
    [
        (KL % FORM, ("diagonal_normal", "diagonal_normal"), TWO, "proved"),
        (KL % FORM.replace("_2^{-1}", "_1^{-1}"), ("diagonal_normal", "diagonal_normal"), TWO, "refuted"),
        (
            r"\tfrac12(\mathrm{tr}(\Sigma) + \mu^T\mu - n - \log\det\Sigma)",
            ("diagonal_normal", "standard_normal"),
            ONE,
            "proved",
        ),
        (
            r"\tfrac12(\mathrm{tr}(\Sigma) + \|\mu\|^2 - \log|\Sigma|)",
            ("diagonal_normal", "standard_normal"),
            ONE,
            "refuted",
        ),
        (r"\tfrac12\log|2\pi e\Sigma|", ("diagonal_normal",), ONE | {"quantity": "entropy"}, "proved"),
        (r"\tfrac12\log((2\pi e)^n|\Sigma|)", ("diagonal_normal",), ONE | {"quantity": "entropy"}, "proved"),
        (r"\tfrac12\log((2\pi)^n|\Sigma|)", ("diagonal_normal",), ONE | {"quantity": "entropy"}, "refuted"),
    ],
)
def test_claims_with_matrices_are_judged(written, laws, options, status):
    assert check(written, *laws, **options).status == status
