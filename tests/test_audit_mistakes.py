"""Classic mistakes in functions for divergences: each is named by what the values agree with."""

import numpy as np
import pytest
from audit_functions import NORMALS, QUICK, VAE, normal, sentences, textbook

from kl_symbolic.audit import audit

pytestmark = pytest.mark.usefixtures("proved_once")

MISTAKES = {
    "reverse": (lambda m, s, n, t: normal(n, t, m, s), NORMALS, "this is the reverse divergence KL(Q ‖ P)"),
    "Jeffreys": (
        lambda m, s, n, t: normal(m, s, n, t) + normal(n, t, m, s),
        NORMALS,
        "this is Jeffreys' divergence KL(P ‖ Q)",
    ),
    "cross-entropy": (
        lambda m, s, n, t: np.log(t) + np.log(2 * np.pi) / 2 + (s**2 + (m - n) ** 2) / (2 * t**2),
        NORMALS,
        "this is the cross-entropy H(P, Q)",
    ),
    "variance in both": (
        lambda m, s, n, t: normal(m, s**0.5, n, t**0.5),
        NORMALS,
        "sigma_1 stands for the variance and sigma_2 stands for the variance",
    ),
    "variance in Q": (
        lambda m, s, n, t: normal(m, s, n, t**0.5),
        NORMALS,
        "wrong values: sigma_2 stands for the variance (agrees",
    ),
    "order": (lambda m, n, s, t: normal(m, s, n, t), NORMALS, "arguments in the order mu_1, mu_2, sigma_1, sigma_2"),
    "twice": (lambda m, v: 2 * textbook(m, v), VAE, "this is twice the divergence KL(P ‖ Q)"),
    "half": (lambda m, v: textbook(m, v).sum() / 2, VAE, "this is half of the divergence KL(P ‖ Q)"),
    "sign": (lambda m, v: -textbook(m, v), VAE, "this is minus the divergence KL(P ‖ Q)"),
    "bits": (lambda m, v: textbook(m, v) / np.log(2), VAE, "this is in bits: 1/log 2 times the divergence KL(P ‖ Q)"),
    "log sigma": (lambda m, v: textbook(m, 2 * v), VAE, "logvar stands for the logarithm of the standard deviation"),
    "std for logvar": (
        lambda m, s: -0.5 * np.sum(1 + np.log(s**2) - m**2 - s**2, axis=-1),
        VAE,
        "logvar stands for the standard deviation",
    ),
    "logvar for std": (
        textbook,
        ("diagonal_normal", "standard_normal", ("mu", "sigma")),
        "sigma stands for the log-variance",
    ),
    "constant": (
        lambda m, v: -0.5 * np.sum(v - m**2 - np.exp(v), axis=-1),
        VAE,
        "the term 1 is missing",
    ),
    "power": (lambda m, v: -0.5 * np.sum(1 + v - m - np.exp(v), axis=-1), VAE, "a square is missing: μᵢ in the term"),
    "wrong sign": (
        lambda m, v: -0.5 * np.sum(1 + v + m**2 - np.exp(v), axis=-1),
        VAE,
        "the sign of the term −μᵢ² is wrong",
    ),
    "784": (lambda m, v: textbook(m, v) / 784, VAE, "this is 0.0012755102 times the divergence KL(P ‖ Q)"),
    "plus at each": (
        lambda m, v: textbook(m, v) + 0.7 * m.shape[-1],
        VAE,
        "this is the divergence KL(P ‖ Q) plus 7/10 for each coordinate",
    ),
    "plus": (
        lambda m, v: textbook(m, v) + np.log(2),
        VAE,
        "this is the divergence KL(P ‖ Q), but log 2 = 0.69314718 is added for each sample",
    ),
    "plus in all": (
        lambda m, v: 2 * textbook(m, v).sum() + np.log(2),
        VAE,
        "this is twice the divergence KL(P ‖ Q); and log 2 = 0.69314718 is added for the whole batch",
    ),
    "softplus": (
        lambda m, s: textbook(m, 2 * np.log(np.log1p(np.exp(s)))),
        ("diagonal_normal", "standard_normal", ("mu", "sigma")),
        "sigma stands for rho, whose softplus is the standard deviation (agrees",
    ),
    "log10": (
        lambda m, s, n, t: np.log10(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2) - 0.5,
        NORMALS,
        "the logarithm in the term log(σ₂/σ₁) is to the base 10",
    ),
    "scale": (
        lambda a, b: np.log(b / a) + a / b - 1,
        ("exponential", "exponential", ("lambda_1", "lambda_2")),
        "this is the reverse divergence KL(Q ‖ P)",
    ),
    "scale for rate": (
        lambda a, n, t: normal_of_exponential(1 / a, n, t),
        ("exponential", "normal", ("lambda_1", "mu_2", "sigma_2")),
        "lambda_1 stands for the scale, which is 1/rate",
    ),
}


def normal_of_exponential(a, n, t):
    return np.log(a * t) + np.log(2 * np.pi) / 2 - 1 + ((1 / a - n) ** 2 + 1 / a**2) / (2 * t**2)


@pytest.mark.sample(8)
@pytest.mark.parametrize(("function", "pair", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_classic_mistake_is_named(function, pair, words):
    found = audit(function, *pair, rows=QUICK)
    assert not found.passed
    assert [f.kind for f in found.findings] == ["meaning"]
    assert words in sentences(found)
    assert "(agrees at " in sentences(found)
    assert "proved" not in sentences(found)


def test_a_mistake_that_nobody_knows_gets_a_counterexample():
    found = audit(lambda m, v: textbook(m, v) + np.sin(m[..., 0]), *VAE, rows=QUICK)
    assert [f.kind for f in found.findings] == ["value"]
    assert "no known slip explains them" in sentences(found)
