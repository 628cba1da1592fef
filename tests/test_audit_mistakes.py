"""Classic mistakes in functions for divergences: each is named by what the values agree with."""

import numpy as np
import pytest
from audit_functions import NORMALS, QUICK, VAE, normal, sentences, textbook

from kl_symbolic.audit import audit

pytestmark = pytest.mark.usefixtures("proved_once")

MISTAKES = {
    "reverse": (lambda m, s, n, t: normal(n, t, m, s), NORMALS, "the reverse divergence, KL(Q || P)"),
    "Jeffreys": (lambda m, s, n, t: normal(m, s, n, t) + normal(n, t, m, s), NORMALS, "Jeffreys' divergence"),
    "cross-entropy": (
        lambda m, s, n, t: np.log(t) + np.log(2 * np.pi) / 2 + (s**2 + (m - n) ** 2) / (2 * t**2),
        NORMALS,
        "the cross-entropy H(P, Q)",
    ),
    "variance in both": (
        lambda m, s, n, t: normal(m, s**0.5, n, t**0.5),
        NORMALS,
        "the standard deviation is taken for the variance in both laws",
    ),
    "variance in Q": (
        lambda m, s, n, t: normal(m, s, n, t**0.5),
        NORMALS,
        "the standard deviation is taken for the variance in Q",
    ),
    "order": (lambda m, n, s, t: normal(m, s, n, t), NORMALS, "arguments in the order mu_1, mu_2, sigma_1, sigma_2"),
    "twice": (lambda m, v: 2 * textbook(m, v), VAE, "twice the divergence"),
    "half": (lambda m, v: textbook(m, v).sum() / 2, VAE, "half of the divergence"),
    "sign": (lambda m, v: -textbook(m, v), VAE, "the negative of the divergence"),
    "bits": (lambda m, v: textbook(m, v) / np.log(2), VAE, "the divergence, in bits"),
    "log sigma": (lambda m, v: textbook(m, 2 * v), VAE, "the log-variance is taken for the logarithm of its root"),
    "std for logvar": (
        lambda m, s: -0.5 * np.sum(1 + np.log(s**2) - m**2 - s**2, axis=-1),
        VAE,
        "the log-variance is taken for the standard deviation",
    ),
    "logvar for std": (
        textbook,
        ("diagonal_normal", "standard_normal", ("mu", "sigma")),
        "the standard deviation is taken for the log-variance",
    ),
    "constant": (
        lambda m, v: -0.5 * np.sum(v - m**2 - np.exp(v), axis=-1),
        VAE,
        "the closed form without its term -1/2",
    ),
    "power": (lambda m, v: -0.5 * np.sum(1 + v - m - np.exp(v), axis=-1), VAE, "mu/2 in place of mu**2/2"),
    "wrong sign": (
        lambda m, v: -0.5 * np.sum(1 + v + m**2 - np.exp(v), axis=-1),
        VAE,
        "with the wrong sign of its term mu**2/2",
    ),
    "784": (lambda m, v: textbook(m, v) / 784, VAE, "0.0012755102 times the divergence"),
    "plus": (lambda m, v: textbook(m, v) + 3 * 0.7, VAE, "the divergence plus 0.7 per coordinate"),
    "scale": (
        lambda a, b: np.log(b / a) + a / b - 1,
        ("exponential", "exponential", ("lambda_1", "lambda_2")),
        "the reverse divergence",
    ),
    "scale for rate": (
        lambda a, n, t: normal_of_exponential(1 / a, n, t),
        ("exponential", "normal", ("lambda_1", "mu_2", "sigma_2")),
        "the rate is taken for its reciprocal, the scale",
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
    assert "agrees with" in sentences(found)
    assert "proved" not in sentences(found)


def test_a_mistake_that_nobody_knows_gets_a_counterexample():
    found = audit(lambda m, v: textbook(m, v) + np.sin(m[..., 0]), *VAE, rows=QUICK)
    assert [f.kind for f in found.findings] == ["value"]
    assert "no known mistake explains them" in sentences(found)
