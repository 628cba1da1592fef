"""What is wrong comes out as disagree, naming the stage; what cannot be resolved comes out as unknown."""

from dataclasses import replace
from fractions import Fraction

import pytest

from kl_symbolic.checks import verify
from kl_symbolic.engine import derive
from kl_symbolic.families import all_families
from kl_symbolic.numbers import has_arb
from kl_symbolic.proof.derivation import Derivation, Step
from kl_symbolic.proof.question import Question
from kl_symbolic.terms import Density, Integral, Law, Namespace, Number, Symbol, Vector, substitute

m = Namespace()
KL_NORMAL = Question("kl", "normal", "normal")
X = Symbol("x")
SWAPPED = ("mu_2", "sigma_2")
STANDARD = Density(Law("normal", 0, 1), X)


def with_last(derivation, change):
    *steps, last = derivation.steps
    return replace(derivation, steps=(*steps, replace(last, after=change(last.after))))


def failed(report):
    return [c.subject for c in report.checks if c.status == "disagree" and c.route != "array function"]


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "change",
    [
        lambda e: e * (1 + Fraction(1, 10**40)),
        lambda e: e + Fraction(1, 2),
        lambda e: 2 * e,
        lambda e: -e,
        lambda e: substitute(e, {s: s**2 for s in e.free if s.name == "sigma_1"}),
        lambda e: substitute(e, {s: t for s in e.free for t in e.free if (s.name, t.name) == SWAPPED}),
    ],
    ids=["relative 1e-40", "missing half", "factor 2", "sign", "sigma for its square", "mu for sigma"],
)
def test_wrong_closed_form_disagrees(change):
    report = verify(with_last(derive(KL_NORMAL), change), digits=50, points=1)
    assert report.status == "disagree"
    assert set(failed(report)) == {"statement", "kl(normal, normal), stage 6 (collect)"}
    by = {check.route for check in report.checks if check.subject == "statement" and check.status == "disagree"}
    assert by - {"array function"} == {"quadrature", "mpmath.quad", *(["rigorous integration"] if has_arb() else [])}
    assert "disagree" in str(report)


def test_an_error_below_the_requested_digits_is_not_claimed_away():
    wrong = with_last(derive(KL_NORMAL), lambda e: e * (1 + Fraction(1, 10**40)))
    report = verify(wrong, digits=30, points=1)
    assert report.status == "agree"
    assert 30 <= report.digits <= 40


@pytest.mark.sample(1)
@pytest.mark.parametrize("number", range(5))
def test_a_wrong_stage_is_named(number):
    derivation = derive(KL_NORMAL)
    steps = list(derivation.steps)
    steps[number] = replace(steps[number], after=steps[number].after + Fraction(1, 10**30))
    report = verify(replace(derivation, steps=tuple(steps)), digits=40, points=1)
    assert failed(report) == [f"kl(normal, normal), stage {number + 1} ({steps[number].rule})"]


def test_a_wrong_stage_of_a_lemma_is_named():
    derivation = derive(KL_NORMAL)
    wrong = tuple(with_last(lemma, lambda e: e + 1) for lemma in derivation.lemmas)
    report = verify(replace(derivation, lemmas=wrong), digits=20, points=1)
    subjects = failed(report)
    assert len(subjects) == 2
    assert all(s.startswith(("entropy(normal), stage", "cross_entropy(normal, normal), stage")) for s in subjects)


def test_a_derivation_of_something_else_disagrees():
    other = replace(derive(Question("kl", "normal", "normal")), question=Question("cross_entropy", "normal", "normal"))
    assert "statement" in failed(verify(other, digits=20, points=1, stages=False))


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    "question",
    [
        Question("kl", "poisson", "poisson"),
        Question("kl", "exponential", "exponential"),
        Question("kl", "diagonal_normal", "diagonal_normal"),
        Question("entropy", "normal", param_p="var"),
        Question("kl", "standard_normal", "standard_normal"),
    ],
    ids=lambda c: c.name,
)
def test_every_route_can_disagree(question):
    report = verify(with_last(derive(question), lambda e: e + Fraction(1, 10**15)), digits=20, points=1, stages=False)
    assert {c.status for c in report.checks if c.route != "array function"} == {"disagree"}


def test_a_wrong_gradient_disagrees():
    derivation = derive(Question("gradient", "diagonal_normal", "standard_normal", "logvar", "logvar"))
    wrong = with_last(derivation, lambda e: Vector(e.args[0], e.args[1] + Fraction(1, 10**30)))
    assert failed(verify(wrong, digits=40, points=1, stages=False)) == ["statement"]
    short = with_last(derivation, lambda e: Vector(e.args[0]))
    assert failed(verify(short, digits=40, points=1, stages=False)) == ["statement"]


def stage(before, after, digits=30):
    """Check one equality without parameters, as a stage of an otherwise right derivation."""
    right = derive(Question("kl", "standard_normal", "standard_normal"))
    made = Derivation(right.question, (Step("linearity", before, after), *right.steps))
    report = verify(made, digits=digits, points=1)
    (check,) = [c for c in report.checks if c.subject.endswith("stage 1 (linearity)")]
    return check, report


def integral(body):
    return Integral(body, X, "reals", 1)


@pytest.mark.parametrize(
    "body",
    [
        # A spike far thinner than any grid: a rule that samples sees nothing of it and is sure of the value 1.
        STANDARD * (1 + 10**20 * m.exp(-(10**60) * (X - Fraction(1, 3)) ** 2)),
        STANDARD / (1 + 10**60 * (X - Fraction(1, 3)) ** 2),
        STANDARD * (1 + m.log(1 + 10**20 * m.exp(-(10**60) * (X - Fraction(1, 3)) ** 2))),
        # No density at all.
        m.exp(-(X**2)),
    ],
    ids=["spike", "pole", "spike in a logarithm", "no density"],
)
def test_hard_integrands_are_unknown(body):
    check, report = stage(integral(body), Number(1))
    assert check.status == "unknown", check
    assert report.status == "unknown"
    assert check.detail


@pytest.mark.sample(1)
@pytest.mark.parametrize("value", ["-0.1612", "-0.1610", "-0.16089060439165"])
def test_slow_convergence_is_unknown(value):
    """A logarithmic singularity next to the real axis; the last value is what the best rule finds."""
    body = STANDARD * (1 + m.log((X - Fraction(1, 3)) ** 2 + Fraction(1, 10**40)))
    check, _ = stage(integral(body), Number(Fraction(value)))
    assert check.status == "unknown", check
    assert "too large to tell" in check.detail


def test_a_narrow_law_is_not_overlooked():
    narrow = Density(Law("normal", Fraction(1, 3), Fraction(1, 10**30)), X)
    assert stage(integral(STANDARD * narrow), Number(0))[0].status != "agree"
    assert stage(integral(STANDARD + narrow), Number(1))[0].status != "agree"


def test_a_logarithm_of_a_negative_number_is_unknown():
    check, _ = stage(m.log(-1) + 1, Number(1))
    assert check.status == "unknown"
    assert "logarithm" in check.detail


def test_a_symbol_without_a_value_is_unknown():
    check, _ = stage(Symbol("tau") + 1, Symbol("tau"))
    assert check.status == "unknown"
    assert "tau has no value" in check.detail


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    "scale",
    [
        lambda m, mu, sigma: (mu + 10**6, sigma),
        pytest.param(lambda m, mu, sigma: (mu, sigma * 10**6), marks=pytest.mark.slow),
        lambda m, mu, sigma: (mu, sigma / 10**6),
    ],
    ids=["centre elsewhere", "too wide", "too narrow"],
)
def test_a_wrong_scale_of_a_family_never_gives_a_wrong_value(scale, monkeypatch):
    monkeypatch.setitem(all_families(), "normal", replace(all_families()["normal"], scale=scale))
    wrong = with_last(derive(KL_NORMAL), lambda e: 0 * e)
    assert verify(wrong, digits=10, points=1, stages=False).status != "agree"
    assert verify(derive(KL_NORMAL), digits=10, points=1, stages=False).status != "disagree"
