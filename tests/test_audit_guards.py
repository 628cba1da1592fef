"""An epsilon or a clamp in a function is named, with its size and its place; a function without one is told of none."""

import numpy as np
import pytest
from audit_functions import NORMALS, QUICK, VAE, normal, sentences, textbook

from kl_symbolic.audit import audit

pytestmark = pytest.mark.usefixtures("proved_once")

STD = ("diagonal_normal", "standard_normal", ("mu", "sigma"))
VAR = ("diagonal_normal", "standard_normal", ("mu", "var"))
POISSON = ("poisson", "poisson", ("lambda_1", "lambda_2"))


def of_std(mu, sigma, in_log):
    return np.sum((mu**2 + sigma**2 - 1) / 2 - in_log, axis=-1)


GUARDS = {
    "in the logarithm": (
        lambda m, s: of_std(m, s, np.log(s + 1e-8)), STD, "1e-08 is added to sigma in the logarithm",
    ),
    "to the square": (
        lambda m, s: of_std(m, s, np.log(s**2 + 1e-6) / 2), STD, "1e-06 is added to sigma**2 in the logarithm",
    ),
    "a large one": (
        lambda m, s: of_std(m, s, np.log(s + 0.01)), STD, "0.01 is added to sigma in the logarithm",
    ),
    "everywhere": (lambda m, v: textbook(m, np.log(v + 1e-6)), VAR, "1e-06 is added to var"),
    "to the variance of a log-variance": (
        lambda m, v: textbook(m, np.log(np.exp(v) + 1e-5)), VAE, "1e-05 is added to exp(logvar)",
    ),
    "in both laws": (
        lambda m, s, n, t: normal(m, s + 1e-7, n, t + 1e-7), NORMALS, "1e-07 is added to sigma_1 and sigma_2",
    ),
    "in Q": (lambda m, s, n, t: normal(m, s, n, t + 1e-7), NORMALS, "1e-07 is added to sigma_2"),
    "outside of the logarithm": (
        lambda m, s, n, t: np.log(t / s) + (s**2 + (m - n) ** 2) / (2 * (t**2 + 1e-6)) - 0.5,
        NORMALS,
        "1e-06 is added to sigma_2**2 outside of the logarithm",
    ),
    "to a denominator": (
        lambda m, s, n, t: np.log(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2 + 1e-8) - 0.5,
        NORMALS,
        "1e-08 is added to 2*sigma_2**2 outside of the logarithm",
    ),
    "a clamp": (lambda m, s: textbook(m, 2 * np.log(np.maximum(s, 1e-6))), STD, "sigma is clamped to at least 1e-06"),
    "a clamp in the logarithm": (
        lambda m, s: of_std(m, s, np.log(np.maximum(s, 1e-3))), STD,
        "sigma is clamped to at least 0.001 in the logarithm",
    ),
    "a clamp on both sides": (
        lambda m, v: textbook(m, np.clip(v, -30, 20)), VAE, "logvar is clamped between -30 and 20",
    ),
    "to a quotient": (
        lambda a, b: np.log(a / b + 1e-6) - 1 + b / a, ("exponential", "exponential", ("lambda_1", "lambda_2")),
        "1e-06 is added to lambda_1/lambda_2 in the logarithm",
    ),
    "to the divergence": (
        lambda m, v: textbook(m, v) + 1e-8, VAE, "1e-08 is added to the divergence of each sample",
    ),
    "rates": (
        lambda a, b: a * np.log((a + 1e-10) / (b + 1e-10)) - a + b, POISSON,
        "1e-10 is added to lambda_1 and lambda_2 in the logarithm",
    ),
}  # fmt: skip


@pytest.mark.sample(6)
@pytest.mark.parametrize(("function", "pair", "words"), GUARDS.values(), ids=GUARDS)
def test_a_guard_is_named(function, pair, words):
    found = audit(function, *pair, rows=QUICK, regions=["far", "extreme", "edges"])
    assert not found.passed
    assert str(found.findings[0]) == f"a guard changes its values: {words}"


def test_a_guard_in_single_precision_is_named():
    def loss(mu, sigma):
        return np.sum((mu**2 + sigma**2 - 1) / 2 - np.log(sigma + mu.dtype.type(1e-6)), axis=-1)

    found = audit(loss, *STD, rows=QUICK, dtype="float32", regions=["far", "extreme"])
    assert "1e-06 is added to sigma" in sentences(found)


@pytest.mark.parametrize(
    ("function", "pair"),
    [
        (textbook, VAE),
        (normal, NORMALS),
        (lambda m, v: textbook(m, v) + np.sin(m[..., 0]), VAE),
        (lambda m, v: textbook(m.astype("f4"), v.astype("f4")), VAE),
    ],
)
def test_where_there_is_no_guard_none_is_found(function, pair):
    found = audit(function, *pair, rows=QUICK)
    assert not found.passed
    assert "guard" not in sentences(found)
