"""Ends of supports: integrals over intervals and whole numbers, and laws whose support depends on parameters.

For each side condition there are steps that hold by it, and steps that would hold without it and are false.
"""

from __future__ import annotations

from functools import partial

import pytest
from kernel_steps import COUNT, ONE, TWO, X, a, b, exp, i, j, log, mu, n, normal, rate, sqrt, t, u, v, x
from more_laws import BROKEN_STEPS, COIN, MISPLACED, PARETO, RAYLEIGH, TRIANGULAR, UNENDED, UNIFORM, with_laws

from kl_symbolic.errors import ProofError
from kl_symbolic.functions import Domain
from kl_symbolic.kernel import prove, prove_step
from kl_symbolic.proof.derivation import Derivation, Step
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import left_side
from kl_symbolic.terms import (
    INFINITY,
    KL,
    Array,
    Density,
    Diff,
    Entropy,
    Integral,
    Number,
    ProductLaw,
    Sum,
    Symbol,
    Term,
)


@pytest.fixture(autouse=True)
def _more_laws():
    with with_laws(BROKEN_STEPS, COIN, MISPLACED, PARETO, RAYLEIGH, TRIANGULAR, UNENDED, UNIFORM):
        yield


uniform, pareto, coin = (partial(Term, "Law", name) for name in ("uniform", "pareto", "coin"))
interval, integers = partial(Term, "Interval"), partial(Term, "Integers")
low = Symbol("low")
high, higher = Symbol("high", above=low), Symbol("higher", above=low)
top = Symbol("top", above=high)
p = Symbol("p", Domain.UNIT)
lows, highs = Array(low), Array(high)
U = uniform(low, high)
END = "infinity"


def over(body: Term, support: Term, point: Term = t) -> Term:
    return Integral(body, point, support, 1)


def mean(statistic: Term) -> Term:
    return over(statistic * Density(U, t), interval(low, high))


def reads(term: Term) -> Step:
    """Return a step that holds if a term means something."""
    return Step("algebra", Term("Add", term, u), Term("Add", u, term))


ACCEPTED = {
    "normalisation: over an interval": ("normalisation", mean(ONE), ONE),
    "normalisation: from a parameter on": ("normalisation", over(Density(pareto(a, b), x), interval(a, END), x), ONE),
    "normalisation: of two points": ("normalisation", over(Density(coin(p), COUNT), integers(0, 1), COUNT), ONE),
    "linearity: over an interval": (
        "linearity",
        over((high + t) * Density(U, t), interval(low, high)),
        high * mean(ONE) + mean(t),
    ),
    "leibniz: over a range that is fixed": (
        "leibniz",
        over(t * Density(U, t) * Diff(log(Density(U, t)), low), interval(u, v)),
        Diff(over(t * Density(U, t), interval(u, v)), low),
    ),
    "formula: over an interval": (
        "formula",
        mean(t),
        over(t / (high - low), interval(low, high)),
    ),
    "recognition: a part of an interval": (
        "recognition",
        over(Density(U, t), interval(u, v)),
        over(Density(normal(u, a), t) / Density(normal(u, a), t), interval(u, v)) / (high - low),
    ),
    "fubini: over the same interval": (
        "fubini",
        Integral(X[j] * Density(ProductLaw(pareto(a, rate[i]), i, n), X), X, interval(a, END), n),
        over(x * Density(pareto(a, rate[j]), x), interval(a, END), x),
    ),
    "write_out: two points": (
        "write_out",
        over(COUNT**2 * Density(coin(p), COUNT), integers(0, 1), COUNT),
        Density(coin(p), Number(1)),
    ),
    "write_out: from 1 to n": (
        "write_out",
        over(COUNT * u, integers(1, n), COUNT),
        Sum(i * u, i, n),
    ),
    "write_out: no points": ("write_out", over(COUNT * u, integers(2, 1), COUNT) + v, v),
    "definition: within an interval": (
        "definition",
        KL(uniform(high, top), uniform(low, top)),
        over(
            Density(uniform(high, top), t) * log(Density(uniform(high, top), t) / Density(uniform(low, top), t)),
            interval(high, top),
        ),
    ),
}
REJECTED = {
    "normalisation: over a part": ("normalisation", over(Density(uniform(low, top), t), interval(low, high)), ONE),
    "normalisation: over more": ("normalisation", over(Density(U, t), interval(low, top)), ONE),
    "normalisation: over everything": ("normalisation", Integral(Density(U, t), t, "reals", 1), ONE),
    "normalisation: without an upper end": ("normalisation", over(Density(U, t), interval(low, END)), ONE),
    "normalisation: ends exchanged": ("normalisation", over(Density(U, t), interval(high, low)), ONE),
    "normalisation: of a law without a support": (
        "normalisation",
        mean(ONE) + log(Density(uniform(high, low), t)),
        u,
    ),
    "normalisation: from 0 on": ("normalisation", Integral(Density(pareto(a, b), x), x, "positive_reals", 1), ONE),
    "normalisation: of three points": (
        "normalisation",
        over(Density(coin(p), COUNT), integers(0, 2), COUNT),
        ONE,
    ),
    "leibniz: an end is the parameter": (
        "leibniz",
        mean(t * Diff(log(Density(U, t)), low)),
        Diff(mean(t), low),
    ),
    "leibniz: an end moves with the parameter": (
        "leibniz",
        over(t * Density(U, t) * Diff(log(Density(U, t)), low), interval(u, low**2 + u**2)),
        Diff(over(t * Density(U, t), interval(u, low**2 + u**2)), low),
    ),
    "leibniz: an end is a coordinate of the parameter": (
        "leibniz",
        over(
            Density(normal(mu[j], a), t) * Diff(log(Density(normal(mu[j], a), t)), mu[j]),
            interval(mu[1], END),
        ),
        Diff(over(Density(normal(mu[j], a), t), interval(mu[1], END)), mu[j]),
    ),
    "differentiate: under a range that moves": ("differentiate", Diff(over(t, interval(low, u)), low), Number(0)),
    "fubini: over another range": (
        "fubini",
        Integral(X[j] * Density(ProductLaw(pareto(a, rate[i]), i, n), X), X, interval(b, END), n),
        over(x * Density(pareto(a, rate[j]), x), interval(b, END), x),
    ),
    "fubini: the range is that of one coordinate": (
        "fubini",
        Sum(Integral(X[i] * Density(ProductLaw(pareto(rate[i], b), i, n), X), X, interval(rate[i], END), n), i, n),
        Sum(over(x * Density(pareto(rate[i], b), x), interval(rate[i], END), x), i, n),
    ),
    "sum_outside: the range has the index of the sum": (
        "sum_outside",
        Sum(over(Sum(exp(mu[i] * t), i, n), interval(lows[i], highs[i])), i, n),
        Sum(Sum(over(exp(mu[i] * t), interval(lows[i], highs[i])), i, n), i, n),
    ),
    "write_out: one point too few": (
        "write_out",
        over(COUNT * u, integers(0, 2), COUNT),
        Number(0) + u,
    ),
    "write_out: from 0 to n": (
        "write_out",
        over(COUNT**2 * u + v, integers(0, n), COUNT),
        Sum(i**2 * u + v, i, n),
    ),
    "write_out: the index is there already": (
        "write_out",
        Sum(over(COUNT * mu[i], integers(1, n), COUNT), i, n),
        Sum(Sum(i * mu[i], i, n), i, n),
    ),
    "write_out: an interval": ("write_out", over(t, interval(0, 1)), ONE),
    "definition: beyond an interval": (
        "definition",
        KL(uniform(low, top), uniform(high, top)),
        over(
            Density(uniform(low, top), t) * log(Density(uniform(low, top), t) / Density(uniform(high, top), t)),
            interval(low, top),
        ),
    ),
    "definition: two intervals of which nothing is known": (
        "definition",
        KL(U, uniform(low, higher)),
        over(Density(U, t) * log(Density(U, t) / Density(uniform(low, higher), t)), interval(low, high)),
    ),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_the_kernel_accepts(case):
    prove_step(Step(*ACCEPTED[case]))


@pytest.mark.parametrize("case", REJECTED)
def test_the_kernel_rejects(case):
    with pytest.raises(ProofError):
        prove_step(Step(*REJECTED[case]))


MEANINGLESS = {
    "an interval without an end below 0": over(log(x), interval(u, END), x),
    "an interval beyond 1": over(log(Symbol("x", Domain.UNIT)), interval(0, 2), Symbol("x", Domain.UNIT)),
    "an interval for a count": over(COUNT, interval(0, 2), COUNT),
    "whole numbers for a real variable": over(t, integers(0, 1), t),
    "whole numbers from a half on": over(COUNT, integers(ONE / 2, END), COUNT),
    "whole numbers from -1 on": over(COUNT, integers(-1, 1), COUNT),
    "whole numbers to a real one": over(COUNT, integers(0, a), COUNT),
    "ends that vary": over(t, interval(0, x), t),
    "ends that are the variable": over(t, interval(0, t), t),
    "another variable": over(high, interval(0, 1), high),
}


@pytest.mark.parametrize("case", MEANINGLESS)
def test_an_integral_has_a_variable_that_fits_its_range(case):
    with pytest.raises(ProofError, match="Integral has no meaning"):
        prove_step(reads(MEANINGLESS[case]))


# Laws that are none: a density is positive wherever its formula stands, and its ends lie where its points do.

NO_LAW = {
    "a density that is negative beyond": Term("Law", "triangular", ONE),
    "a last point that is no whole number": Term("Law", "broken_steps", TWO),
    "points outside of the domain": Term("Law", "misplaced", u),
    "no lower end where there must be one": Term("Law", "unended", a),
    "ends that cross": uniform(high, low),
    "ends that may cross": uniform(low, u),
    "one end": uniform(low, low),
}


@pytest.mark.parametrize("case", NO_LAW)
def test_what_is_no_law_proves_nothing(case):
    law, point = NO_LAW[case], COUNT if case.startswith("a last") else x
    fitting = {"broken_steps": coin(p)}.get(str(law.args[0]), normal(u, a))
    for term in (log(Density(law, point)), Entropy(law), KL(law, fitting), KL(law, law)):
        with pytest.raises(ProofError, match="Law has no meaning"):
            prove_step(reads(term))


@pytest.mark.parametrize("names", [("unended", "exponential"), ("exponential", "unended"), ("broken_steps",) * 2])
def test_nothing_is_infinite_by_a_law_that_is_none(names):
    """The points {0, 1, 2} end below 2.4 and below 2.3."""
    question = Question("kl", *names)
    with pytest.raises(ProofError, match=r"no meaning|not shown"):
        prove(Derivation(question, (Step("support", left_side(question), INFINITY),)))


def test_a_product_density_has_its_points_in_the_support():
    law = ProductLaw(Term("Law", "rayleigh", a), i, 1)
    real = Array(t.args[0] if t.head == "Array" else t)
    with pytest.raises(ProofError, match="Density has no meaning"):
        prove_step(Step("algebra", sqrt(Density(law, real) ** 2), Density(law, real)))
    prove_step(Step("algebra", sqrt(Density(law, X) ** 2), Density(law, X)))
