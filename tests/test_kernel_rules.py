"""Every rule of the kernel proves what it should and nothing else."""

from __future__ import annotations

from functools import partial

import pytest
from kernel_steps import (
    ENTROPY,
    FOUR,
    MEAN,
    NORMAL_LOG_DENSITY,
    NORMAL_SCORE,
    ONE,
    PRODUCT,
    SCORE,
    SCORE_OF_P,
    THREE,
    TWO,
    M,
    P,
    Q,
    S,
    X,
    a,
    b,
    by_hand,
    cited,
    exp,
    expectation,
    exponential,
    extended,
    i,
    j,
    joint,
    log,
    mu,
    n,
    normal,
    pi,
    prove_step,
    rate,
    sqrt,
    t,
    u,
    v,
    x,
    y,
)

from kl_symbolic.engine import derive
from kl_symbolic.errors import ProofError
from kl_symbolic.functions import Domain, Function, all_functions
from kl_symbolic.kernel import RULES, prove
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import definition
from kl_symbolic.terms import (
    KL,
    Density,
    Diff,
    Entropy,
    Integral,
    Number,
    Product,
    ProductLaw,
    Sum,
    Symbol,
    Term,
    Vector,
)

# A function of which nothing but its record knows anything.
SOFTPLUS = Function(
    name="softplus",
    title="softplus",
    domains=(Domain.REAL,),
    value=Domain.POSITIVE,
    identities={"definition": lambda k, t: k.apply("log", k.add([k.number(1), k.apply("exp", t)]))},
)
softplus, gamma, digamma, polygamma = (partial(Term, name) for name in ("softplus", "gamma", "digamma", "polygamma"))
itakura_saito, expm1mx, log1pmx = (partial(Term, name) for name in ("itakura_saito", "expm1mx", "log1pmx"))
factorial, COUNT = partial(Term, "factorial"), Symbol("k", Domain.NATURAL)
gamma_law = partial(Term, "Law", "gamma")


@pytest.fixture(autouse=True)
def _a_function_more(monkeypatch):
    monkeypatch.setitem(all_functions(), "softplus", SOFTPLUS)


ACCEPTED = {
    "definition: KL is an integral": ("definition", KL(P, Q), definition(KL(P, Q))),
    "definition: entropy is an integral": ("definition", Entropy(PRODUCT), definition(Entropy(PRODUCT))),
    "density: below a logarithm": ("density", log(Density(P, x)), log(a * exp(-a * x))),
    "density: a product over coordinates": (
        "density",
        log(Density(PRODUCT, X)),
        log(Product(Density(exponential(rate[i]), X[i]), i, n)),
    ),
    "logarithm: of a product": ("logarithm", log(a * b**3 / y), log(a) + 3 * log(b) - log(y)),
    "logarithm: of an exponential": ("logarithm", log(exp(u)), u),
    "collect: the exponential of a logarithm": ("collect", exp(2 * log(a) - log(b)), a**2 / b),
    "logarithm: of a root": ("logarithm", log(sqrt(TWO * pi)), log(TWO * pi) / 2),
    "logarithm: of a rational": ("logarithm", log(Number(12)), 2 * log(TWO) + log(THREE)),
    "logarithm: of a symbolic power": ("logarithm", log(a**u), u * log(a)),
    "logarithm: of a product over coordinates": ("logarithm", log(Product(rate[i], i, n)), Sum(log(rate[i]), i, n)),
    "algebra: a square": ("algebra", (u - v) ** 2, u**2 - 2 * u * v + v**2),
    "algebra: a common denominator": ("algebra", 1 / (a + b) + 1 / a, (2 * a + b) / (a * (a + b))),
    "algebra: roots": ("algebra", sqrt(Number(8)) * sqrt(TWO * a**2), FOUR * a),
    "linearity: sums split and constants move out": (
        "linearity",
        expectation(a * x + 2, P),
        a * expectation(x, P) + 2 * expectation(ONE, P),
    ),
    "normalisation: a density has mass one": ("normalisation", expectation(ONE, P), ONE),
    "moments: a proved mean": ("moments", expectation(x, P), 1 / a, cited(MEAN, a)),
    "theorem: a proved entropy": ("theorem", Entropy(Q), 1 - log(b), cited(ENTROPY, b)),
    "collect: one logarithm": ("collect", log(a) - log(b), log(a / b)),
    "collect: one exponential": ("collect", exp(u) * exp(v) ** 2, exp(u + 2 * v)),
    "collect: a sum of ones": ("collect", Sum(u + mu[i], i, n), n * u + Sum(mu[i], i, n)),
    "sum_outside: a sum leaves an integral": (
        "sum_outside",
        joint(Sum(rate[i] * X[i], i, n), PRODUCT),
        Sum(rate[i] * joint(X[i], PRODUCT), i, n),
    ),
    "fubini: other coordinates integrate to one": (
        "fubini",
        Sum(joint(X[i] ** 2, PRODUCT), i, n),
        Sum(expectation(x**2, exponential(rate[i])), i, n),
    ),
    "write_out: a sum of two": ("write_out", Sum(mu[i] ** 2, i, TWO), mu[1] ** 2 + mu[2] ** 2),
    "score: a proved score": ("score", Diff(NORMAL_LOG_DENSITY, M), (t - M) / S**2, Citation(NORMAL_SCORE.name)),
    "leibniz: a derivative leaves an integral": (
        "leibniz",
        expectation(b * x * SCORE_OF_P, P),
        b * Diff(expectation(x, P), a),
    ),
    "differentiate: products, powers, logarithms": (
        "differentiate",
        Diff(a**2 * log(a) + exp(-a * u), a),
        2 * a * log(a) + a - u * exp(-a * u),
    ),
    "differentiate: one coordinate of a sum": ("differentiate", Diff(Sum(mu[i] ** 2, i, n), mu[j]), 2 * mu[j]),
    "algebra: a sum as an exponent": ("algebra", a ** (2 * u + v) * y, a**u * a**v * a**u * y),
    "algebra: a power of a product": ("algebra", (a * b) ** u, a**u * b**u),
    "algebra: a power of a power": ("algebra", (a**u) ** v, a ** (u * v)),
    "algebra: a power of one": ("algebra", ONE**u + a, 1 + a),
    "algebra: a power over another": ("algebra", a**u / a**v, a ** (u - v)),
    "algebra: a power of an exponential": ("algebra", exp(u) ** v, exp(u * v)),
    "collect: a power as an exponential": ("collect", a**u, exp(u * log(a))),
    "logarithm: a common factor": ("logarithm", log(a**2 + a * b), log(a) + log(a + b)),
    "logarithm: what stands below one term": ("logarithm", log(a / b + 1), log(a + b) - log(b)),
    "logarithm: below and above": ("logarithm", log(a**2 / b + a * y), log(a) + log(a + b * y) - log(b)),
    "algebra: a factorial of a number": ("algebra", factorial(Number(4)) - factorial(Number(0)), Number(23)),
    "logarithm: over a common denominator": ("logarithm", log(1 - a / (a + b)), log(b) - log(a + b)),
    "logarithm: over several": (
        "logarithm",
        log(1 - a / (a + b) + b * (a + y) ** -2),
        log(b) + log((a + y) ** 2 + a + b) - log(a + b) - 2 * log(a + y),
    ),
    "logarithm: of a sum below": ("logarithm", log(1 / (a**2 + a)), -log(a) - log(a + 1)),
    "logarithm: of logits": ("collect", log(exp(u) / (1 + exp(u))) - log(1 - exp(u) / (1 + exp(u))), u),
    "algebra: a quotient of quotients": ("algebra", log((1 / (a + b)) / (1 / (a + y))), log((a + y) / (a + b))),
    "logarithm: a common number": ("logarithm", log(6 * a + 4 * b), log(TWO) + log(3 * a + 2 * b)),
    "function: the functional equation": ("function", gamma(a + 1), a * gamma(a)),
    "function: the functional equation, further on": ("function", gamma(a + 3), (a + 2) * (a + 1) * a * gamma(a)),
    "function: the gamma function at five halves": ("function", gamma(Number(5) / 2) * 4, 3 * sqrt(pi)),
    "function: the gamma function at one half": ("function", gamma(ONE / 2) ** 2, pi),
    "function: digamma further on": ("function", digamma(a + 2), digamma(a) + 1 / a + 1 / (a + 1)),
    "differentiate: log gamma": ("differentiate", Diff(log(gamma(2 * a)), a), 2 * digamma(2 * a)),
    "differentiate: digamma": ("differentiate", Diff(digamma(a) * b, a), b * polygamma(ONE, a)),
    "algebra: polygamma of order 0": ("algebra", polygamma(Number(0), a), digamma(a)),
    "recognition: a law as another": ("recognition", expectation(log(x), P), expectation(log(x), gamma_law(ONE, a))),
    "recognition: a power times a density": (
        "recognition",
        expectation(x**y, gamma_law(a, b)),
        gamma(a + y) / (gamma(a) * b**y) * expectation(ONE, gamma_law(a + y, b)),
    ),
    "formula: a density wherever it stands": ("formula", y * Density(P, x) ** 2, y * (a * exp(-a * x)) ** 2),
    "formula: at a number": ("formula", Density(P, TWO), a * exp(-2 * a)),
    "formula: a density, wherever it stands": (
        "formula",
        expectation(x, P),
        Integral(x * a * exp(-a * x), x, "positive_reals", ONE),
    ),
    "formula: a product density": (
        "formula",
        joint(ONE, PRODUCT),
        Integral(Product(rate[i] * exp(-rate[i] * X[i]), i, n), X, "positive_reals", n),
    ),
    "remainder: what a function stands for": ("remainder", b * itakura_saito(a, b), a - b - b * log(a / b)),
    "remainder: with the laws of exponentials": ("remainder", expm1mx(u - v), exp(u) / exp(v) - 1 - u + v),
    "remainder: two of them": ("remainder", itakura_saito(a, b) + itakura_saito(b, a), (a - b) ** 2 / (a * b)),
    "remainder: where its definition has a meaning": ("remainder", log1pmx(a) + a, log(1 + a)),
    "function: what its record says": ("function", a * softplus(u * v), a * log(1 + exp(u * v))),
}

REJECTED = {
    "algebra: a product as an exponent": ("algebra", a**u * a**v, a ** (u * v)),
    "algebra: a power of a sum": ("algebra", (a + b) ** u, a**u + b**u),
    "algebra: a power of what may be negative": ("algebra", v**u * v, v ** (u + 1)),
    "algebra: a power as an exponential": ("algebra", a**u, exp(u * log(a))),
    "logarithm: what may be negative stands below": ("logarithm", log(a / u**2 + 1), log(a + u**2) - 2 * log(u)),
    "algebra: a factorial of another number": ("algebra", factorial(Number(4)), Number(23)),
    "algebra: a factorial of no number": ("algebra", factorial(COUNT + 2), factorial(Number(2)) + 0 * COUNT),
    "logarithm: over half of a common denominator": ("logarithm", log(1 - a / (a + b)), log(b)),
    "logarithm: over the wrong power": (
        "logarithm",
        log(1 - a / (a + b) ** 2),
        log((a + b) ** 2 - a) - log(a + b),
    ),
    "logarithm: a sum below that may be negative": ("logarithm", log(1 + a / (u + b)), log(u + a + b) - log(u + b)),
    "logarithm: of logits, exchanged": ("collect", log(exp(u) / (1 + exp(u))) - log(1 - exp(u) / (1 + exp(u))), -u),
    "algebra: a quotient of quotients, upside down": (
        "algebra",
        log((1 / (a + b)) / (1 / (a + y))),
        log((a + b) / (a + y)),
    ),
    "logarithm: the wrong term stands over it": ("logarithm", log(a / b + 1), log(a + 1) - log(b)),
    "logarithm: a common factor that may be negative": ("logarithm", log(v**2 + v**2 * a), 2 * log(v) + log(1 + a)),
    "logarithm: a factor that is not common": ("logarithm", log(a**2 + b), log(a) + log(a + b)),
    "function: a factor too many": ("function", gamma(a + 1), (a + 1) * gamma(a)),
    "function: the functional equation, elsewhere": ("function", gamma(a + b), a * gamma(b)),
    "function: of what may be negative": ("function", gamma(u + 1), u * gamma(u)),
    "function: digamma backwards": ("function", digamma(a + 1), digamma(a) - 1 / a),
    "function: the functional equation by algebra": ("algebra", gamma(a + 1), a * gamma(a)),
    "formula: that of another law": ("formula", Density(P, x), b * exp(-b * x)),
    "formula: nothing else is expanded": ("formula", log(Density(P, x)), log(a) - a * x),
    "recognition: of another shape": ("recognition", expectation(log(x), P), expectation(log(x), gamma_law(TWO, a))),
    "recognition: of another rate": ("recognition", expectation(log(x), P), expectation(log(x), gamma_law(ONE, b))),
    "recognition: another statistic": ("recognition", expectation(x, P), expectation(log(x), gamma_law(ONE, a))),
    "recognition: a wrong constant": (
        "recognition",
        expectation(x**y, gamma_law(a, b)),
        gamma(a + y) / (gamma(a) * b ** (y + 1)) * expectation(ONE, gamma_law(a + y, b)),
    ),
    "recognition: on a part of the support": (
        "recognition",
        Integral(Density(normal(u, a), x), x, "positive_reals", ONE),
        ONE,
    ),
    "function: polygamma of another order": ("function", polygamma(ONE, a), digamma(a)),
    "function: where the gamma function has poles": ("function", gamma(a - 1) * (a - 1), gamma(a)),
    "logarithm: of gammas": ("logarithm", log(gamma(a) + gamma(b)), log(gamma(a)) + log(gamma(b))),
    "algebra: digamma may be negative": ("algebra", Term("abs", digamma(a)), digamma(a)),
    "algebra: an order that is no whole number": ("algebra", polygamma(a, b) + u, u + polygamma(a, b)),
    "differentiate: log gamma without its inner derivative": (
        "differentiate",
        Diff(log(gamma(2 * a)), a),
        digamma(2 * a),
    ),
    "differentiate: the gamma function": ("differentiate", Diff(gamma(a), a), digamma(a)),
    "recognition: the mass of a density": ("recognition", expectation(ONE, gamma_law(a, b)), ONE),
    "definition: laws exchanged": ("definition", KL(P, Q), definition(KL(Q, P))),
    "definition: sign of the entropy": ("definition", Entropy(P), -definition(Entropy(P))),
    "density: parameter of another law": ("density", log(Density(P, x)), log(b * exp(-b * x))),
    "density: does not split the logarithm": ("density", log(Density(P, x)), log(a) - a * x),
    "logarithm: of a sum": ("logarithm", log(a + b), log(a) + log(b)),
    "logarithm: of a square that may vanish": ("logarithm", log(u**2), 2 * log(u)),
    "logarithm: of factors that may be negative": ("logarithm", log(u * v), log(u) + log(v)),
    "logarithm: the density behind it": ("logarithm", log(Density(P, x)), log(a) - a * x),
    "algebra: a square without its mixed term": ("algebra", (u - v) ** 2, u**2 + v**2),
    "algebra: a law of logarithms": ("algebra", log(a * b), log(a) + log(b)),
    "algebra: log exp": ("algebra", log(exp(u)), u),
    "algebra: a law of exponentials": ("algebra", exp(u + v), exp(u) * exp(v)),
    "algebra: linearity": ("algebra", expectation(2 * x, P), 2 * expectation(x, P)),
    "algebra: a definition": ("algebra", KL(P, Q), definition(KL(P, Q))),
    "algebra: a sum of ones": ("algebra", Sum(ONE, i, n), n),
    "algebra: a derivative": ("algebra", Diff(a**2, a), 2 * a),
    "algebra: division by what may vanish": ("algebra", (u**2 - v**2) / (u - v), u + v),
    "linearity: the variable moves out": ("linearity", expectation(x, P), x * expectation(ONE, P)),
    "linearity: a moment": ("linearity", expectation(x + 1, P), 1 / a + expectation(ONE, P)),
    "linearity: the normalisation": ("linearity", expectation(2 * ONE, P), TWO),
    "linearity: of a product": ("linearity", expectation(x**2, P), expectation(x, P) ** 2),
    "normalisation: of a statistic": ("normalisation", expectation(x, P), ONE),
    "normalisation: another support": ("normalisation", Integral(Density(P, x), x, "reals", ONE), ONE),
    "normalisation: a law that moves with x": ("normalisation", expectation(ONE, exponential(x)), ONE),
    "normalisation: in another variable": (
        "normalisation",
        Integral(Density(P, y), x, "positive_reals", ONE),
        ONE,
    ),
    "normalisation: a positive variable on the whole line": (
        "normalisation",
        Integral(Density(normal(u, a), y), y, "reals", ONE),
        ONE,
    ),
    "normalisation: a law outside its domain": ("normalisation", expectation(ONE, normal(u, -a), t), ONE),
    "moments: without a citation": ("moments", expectation(x, P), 1 / a),
    "moments: another law": ("moments", expectation(x, P), 1 / b, cited(MEAN, b)),
    "moments: another statistic": ("moments", expectation(x**2, P), 1 / a**2, cited(MEAN, a)),
    "theorem: another law": ("theorem", Entropy(Q), 1 - log(b), cited(ENTROPY, a)),
    "theorem: a value outside the domain": ("theorem", Entropy(exponential(u)), 1 - log(u), cited(ENTROPY, u)),
    "theorem: not proved before": ("theorem", Entropy(Q), 1 - log(b), Citation("entropy(normal)")),
    "collect: a quotient of logarithms": ("collect", log(a) / log(TWO), log(a / 2)),
    "collect: a product of sums": ("collect", Sum(mu[i] ** 2, i, n), Sum(mu[i], i, n) ** 2),
    "sum_outside: the sum is forgotten": (
        "sum_outside",
        joint(Sum(rate[i] * X[i], i, n), PRODUCT),
        rate[i] * joint(X[i], PRODUCT),
    ),
    "fubini: two coordinates": ("fubini", joint(X[i] * X[j], PRODUCT), expectation(x**2, exponential(rate[i]))),
    "fubini: the law of another coordinate": ("fubini", joint(X[i], PRODUCT), expectation(x, exponential(rate[j]))),
    "fubini: another dimension": ("fubini", joint(X[i], PRODUCT, TWO), expectation(x, exponential(rate[i]))),
    "fubini: a law that moves with x": (
        "fubini",
        joint(X[i], ProductLaw(exponential(X[i]), i, n)),
        expectation(x, exponential(x)),
    ),
    "write_out: too many terms": ("write_out", Sum(mu[i], i, TWO), mu[1] + mu[2] + mu[3]),
    "write_out: symbolic dimension": ("write_out", Sum(mu[i], i, n), mu[1] + mu[2]),
    "score: another parameter": ("score", Diff(NORMAL_LOG_DENSITY, S), (t - M) / S**2, Citation(NORMAL_SCORE.name)),
    "score: without a citation": ("score", Diff(NORMAL_LOG_DENSITY, M), (t - M) / S**2),
    "leibniz: the statistic moves with the parameter": (
        "leibniz",
        expectation(a * x * SCORE_OF_P, P),
        Diff(expectation(a * x, P), a),
    ),
    "leibniz: the score of another density": (
        "leibniz",
        expectation(Diff(log(Density(Q, x)), b), P),
        Diff(expectation(ONE, P), b),
    ),
    "differentiate: the product rule": ("differentiate", Diff(a * log(a), a), ONE),
    "differentiate: an undefined derivative": ("differentiate", Diff(KL(P, Q), a), Number(0)),
    "differentiate: all coordinates at once": (
        "differentiate",
        Diff(Sum(mu[i] ** 2, i, n), mu[j]),
        2 * Sum(mu[i], i, n),
    ),
    "formula: of another law": ("formula", Density(P, x), b * exp(-b * x)),
    "formula: at another point": ("formula", Density(P, x), a * exp(-a * y)),
    "formula: the exponential is not read": ("formula", Density(P, x + y), a * exp(-a * x) * exp(-a * y)),
    "remainder: arguments exchanged": ("remainder", b * itakura_saito(b, a), a - b - b * log(a / b)),
    "remainder: another sign": ("remainder", log1pmx(a) + a, -log(1 + a)),
    "remainder: without its tangent": ("remainder", expm1mx(u), exp(u) - 1),
    "remainder: by algebra": ("algebra", expm1mx(u) + 1, exp(u) - u),
    "remainder: of what may be negative": ("remainder", itakura_saito(u, a), u / a - 1 - log(u / a)),
    "remainder: at 0": ("remainder", itakura_saito(a, a - a), itakura_saito(b, a - a)),
    "remainder: where its definition has no meaning": ("remainder", log1pmx(u), log(1 + u) - u),
    "remainder: within another function": ("remainder", a + exp(log1pmx(-a)), a + (1 - a) * exp(a)),
    "remainder: a functional equation": ("remainder", gamma(a + 1), a * gamma(a)),
    "function: another argument": ("function", softplus(u), log(1 + exp(v))),
    "function: a law of logarithms": ("function", log(a * b), log(a) + log(b)),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_the_kernel_accepts(case):
    rule, before, after, *cites = ACCEPTED[case]
    prove_step(rule, before, after, tuple(cites))


@pytest.mark.parametrize("case", REJECTED)
def test_the_kernel_rejects(case):
    rule, before, after, *cites = REJECTED[case]
    with pytest.raises(ProofError, match=rf"step 4 \({rule}\)"):
        prove_step(rule, before, after, tuple(cites))


def test_every_rule_has_steps_to_accept_and_to_reject():
    assert {rule for rule, *_ in ACCEPTED.values()} == {rule for rule, *_ in REJECTED.values()} == set(RULES)


def test_the_helper_proves_no_step_by_another_rule():
    """An accepted step stands or falls with the theories of its rule: algebra alone proves none but its own."""
    for rule, before, after, *_ in ACCEPTED.values():
        if rule != "algebra":
            with pytest.raises(ProofError, match=r"step 4 \(algebra\)"):
                prove_step("algebra", before, after)


def test_a_step_that_changes_nothing_is_rejected():
    end = by_hand().statement.right
    with pytest.raises(ProofError, match="changes nothing"):
        prove(Derivation(SCORE, (*by_hand().steps, Step("algebra", end, end))))


def test_an_unknown_rule_is_rejected():
    with pytest.raises(ProofError, match="unknown rule"):
        prove(extended(("obviously", ONE)))


def test_a_rule_without_citations_allows_none():
    with pytest.raises(ProofError, match="allows no citation"):
        prove_step("algebra", (u - v) ** 2, u**2 - 2 * u * v + v**2, (cited(MEAN, a),))


def test_components_of_a_vector_are_proved_one_by_one():
    question = Question("gradient", "exponential", "exponential")
    good = derive(question)
    prove(good)
    first, *rest = good.statement.right.args
    bad = Step(good.steps[-1].rule, good.steps[-1].before, Vector(first + 1, *rest))
    with pytest.raises(ProofError, match="not equal"):
        prove(Derivation(question, (*good.steps[:-1], bad), good.lemmas))
