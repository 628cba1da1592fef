"""Bernoulli laws, by probability and by logit: what is derived, read and computed at the ends."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from kl_symbolic import check, closed_form, derive, prove, verify
from kl_symbolic.errors import RequestError
from kl_symbolic.numeric import kl, kl_bernoulli, kl_bernoulli_logits, sigmoid

INF, NAN = np.inf, np.nan

STATEMENTS = {
    ("kl", None, None): "KL(P ‖ Q) = p₁ log(p₁/p₂) + (1 − p₁) log((1 − p₁)/(1 − p₂))",
    ("kl", "logit", "logit"): "KL(P ‖ Q) = log((e^η₂ + 1)/(e^η₁ + 1)) + ((η₁ − η₂) e^η₁)/(e^η₁ + 1)",
    ("kl", None, "logit"): "KL(P ‖ Q) = p₁ log p₁ + log(e^η₂ + 1) + (1 − p₁) log(1 − p₁) − η₂p₁",
    ("cross_entropy", "logit", "logit"): "H(P, Q) = log(e^η₂ + 1) − (η₂ e^η₁)/(e^η₁ + 1)",
    ("gradient", "logit", "logit"): "(∂/∂η₁ KL(P ‖ Q), ∂/∂η₂ KL(P ‖ Q)) = "
    "(((η₁ − η₂) e^η₁)/(e^η₁ + 1)², (e^η₂)/(e^η₂ + 1) − (e^η₁)/(e^η₁ + 1))",
    ("stable_form", "logit", "logit"): "KL(P ‖ Q) = R_softplus(η₂, η₁)",
}


@pytest.mark.parametrize("case", STATEMENTS, ids=lambda case: " ".join(map(str, case)))
def test_what_is_derived_is_short_and_proved(case):
    quantity, param_p, param_q = case
    d = derive("bernoulli", "bernoulli", quantity=quantity, param_p=param_p, param_q=param_q)
    assert str(d) == STATEMENTS[case]
    assert prove(d).steps


def test_nothing_is_assumed_but_the_definitions():
    d = derive("bernoulli", "bernoulli", param="logit")
    assert set(prove(d).axioms) == {"definition of the densities", "definition of the divergence and the entropies"}
    assert verify(d, digits=30, points=2).status == "agree"


READ = [
    "p*log(p/q) + (1-p)*log((1-p)/(1-q))",
    "rho*np.log(rho/rho_hat) + (1-rho)*np.log((1-rho)/(1-rho_hat))",
    r"\rho\log\frac{\rho}{\hat\rho} + (1-\rho)\log\frac{1-\rho}{1-\hat\rho}",
    r"\hat\rho\log\frac{\hat\rho}{\rho} + (1-\hat\rho)\log\frac{1-\hat\rho}{1-\rho}",
    "(logits_1 - logits_2)*exp(logits_1)/(1+exp(logits_1)) + log(1+exp(logits_2)) - log(1+exp(logits_1))",
]


@pytest.mark.parametrize("formula", READ)
def test_formulas_are_read_as_people_write_them(formula):
    verdict = check(formula, "bernoulli", "bernoulli")
    if formula.startswith(r"\hat"):
        assert verdict.status == "refuted"
        assert "this is the reverse divergence KL(Q ‖ P)" in str(verdict)
    else:
        assert verdict.status == "proved"


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("q*log(q/p) + (1-q)*log((1-q)/(1-p))", "this is the reverse divergence KL(Q ‖ P)"),
        ("-p*log(q) - (1-p)*log(1-q)", "this is the cross-entropy H(P, Q)"),
        ("p*log(p/q)", "right, in your notation: p*log(p/q) + (1 - p)*log((1 - p)/(1 - q))"),
    ],
)
def test_what_is_wrong_is_named(formula, words):
    verdict = check(formula, "bernoulli", "bernoulli")
    assert verdict.status == "refuted"
    assert words in str(verdict)


# Numbers

ENDS_1 = np.array([0.0, 0.0, 0.0, 0.5, 0.5, 1.0, 1.0, 1.0, NAN])
ENDS_2 = np.array([0.0, 0.5, 1.0, 0.0, 1.0, 0.0, 0.5, 1.0, 0.5])
LOG_2 = np.log(2)
AT_ENDS = np.array([0, LOG_2, INF, INF, INF, INF, LOG_2, 0, NAN])


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_probabilities_may_be_0_and_1(dtype):
    np.testing.assert_allclose(kl_bernoulli(ENDS_1.astype(dtype), ENDS_2.astype(dtype)), AT_ENDS.astype(dtype))


def test_derivatives_are_no_nan_at_the_ends():
    torch = pytest.importorskip("torch")
    given = [torch.tensor(v[:-1], requires_grad=True) for v in (ENDS_1, ENDS_2)]
    value = kl_bernoulli(*given)
    np.testing.assert_allclose(value.detach().numpy(), AT_ENDS[:-1])
    by_p, by_q = (v.numpy() for v in torch.autograd.grad(value.sum(), given))
    np.testing.assert_array_equal(by_p, [0, -INF, -INF, INF, -INF, INF, INF, 0])
    np.testing.assert_array_equal(by_q, [0, 2, INF, -INF, INF, -INF, -2, 0])


def exact_by_logits(x, y):
    with mpmath.workdps(1_000):
        x, y = mpmath.mpf(float(x)), mpmath.mpf(float(y))
        return mpmath.log((1 + mpmath.exp(y)) / (1 + mpmath.exp(x))) - (y - x) / (1 + mpmath.exp(-x))


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_logits_of_all_sizes_keep_their_digits(dtype):
    random = np.random.default_rng(3)
    x = np.concatenate([random.uniform(-30, 30, 30), random.uniform(-80, 80, 30), [200, -200, 0, 5e3]]).astype(dtype)
    y = (x + random.choice([-1, 1], x.size) * 10.0 ** random.uniform(-6, 2, x.size)).astype(dtype)
    y[-4:] = -x[-4:]
    info = np.finfo(dtype)
    for value, *at in zip(kl_bernoulli_logits(x, y), x, y, strict=True):
        truth = exact_by_logits(*at)
        assert abs(value - truth) <= 46 * float(info.eps) * truth + 4 * float(info.smallest_subnormal)


def test_logits_say_what_probabilities_say():
    x, y = np.linspace(-5, 5, 11), np.linspace(4, -6, 11)
    np.testing.assert_allclose(kl_bernoulli_logits(x, y), kl_bernoulli(sigmoid(x), sigmoid(y)), rtol=1e-12)
    f = closed_form("bernoulli", "bernoulli", param_p="probability", param_q="logit")
    np.testing.assert_allclose(f(p_1=sigmoid(x), logit_2=y), kl_bernoulli_logits(x, y), rtol=1e-12)


@pytest.mark.parametrize("bad", [-0.1, 1.5, INF])
def test_what_is_no_probability_is_refused(bad):
    with pytest.raises(RequestError, match="p_1 must be"):
        kl_bernoulli([0.5, bad], 0.5)
    with pytest.raises(RequestError, match=r"p_2 must be between 0 and 1; got 0\.0"):
        kl("bernoulli", "bernoulli", p_1=0.5, p_2=0.0)
