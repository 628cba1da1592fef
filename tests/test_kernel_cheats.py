"""Known ways to cheat the kernel are rejected.

Each adds stages to a proved derivation, so that a false or meaningless statement comes out.
"""

from __future__ import annotations

import pytest
from kernel_steps import (
    FOUR,
    GRADIENT,
    KL_EXPONENTIAL,
    KL_NORMAL,
    LAMBDA,
    NORMAL_MEAN,
    NORMAL_SCORE,
    ONE,
    THREE,
    TWO,
    P,
    T,
    cited,
    exp,
    expectation,
    exponential,
    extended,
    factorial,
    forged,
    i,
    j,
    log,
    m,
    mu,
    normal,
    nu,
    pi,
    sqrt,
    t,
    u,
    x,
    y,
)

from kl_symbolic.engine import derive
from kl_symbolic.errors import KLError, ProofError
from kl_symbolic.kernel import prove
from kl_symbolic.proof.derivation import Citation
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import definition, density_formula, laws, left_side
from kl_symbolic.terms import (
    KL,
    Array,
    Density,
    Diff,
    Integral,
    Number,
    ProductLaw,
    Sum,
    Symbol,
    Term,
    Vector,
    add,
    substitute,
)
from kl_symbolic.terms.sympy import inert, read

DENSITY = Density(P, x)
NO_LAW = Density(exponential(Number(0)), x)
OUT_OF_RANGE = Sum(Diff(Sum(mu[i], i, ONE), mu[m]), m, TWO)
DOUBLED = Sum(Diff(Sum(mu[i] ** 2 / 2, i, FOUR), mu[2 * m]), m, TWO)
FOUR_SQUARES = add(*(mu[c] ** 2 / 2 for c in range(1, 5)))
NESTED = Sum(exp(nu[i] * Sum(mu[m], m, TWO)), i, TWO)
NESTED_OUT = add(*(exp(nu[c] * (mu[1] + mu[2])) for c in (1, 2)))
NESTED_SLOPE = add(*(nu[c] * exp(nu[c] * (mu[1] + mu[2])) for c in (1, 2)))
CAPTURED = [KL(exponential(exp(x)), exponential(Number(c))) for c in (1, 2)]
KL_VALUES = [c * exp(-x) + x - log(Number(c)) - 1 for c in (1, 2)]
NORMAL_TIED = normal(y, y)
TIED_FORMULA = -((t - y) ** 2) / (2 * y**2) - log(y) - log(TWO * pi) / 2
TIED_SLOPE = (t - y) / y**2 + (t - y) ** 2 / y**3 - 1 / y
FOUR_NORMALS = ProductLaw(normal(mu[i], ONE), i, FOUR)
UNDOMAINED = forged(Symbol, name="w", domain="complex")
CAPTURED_UNSEEN = forged(Term, head="KL", args=CAPTURED[0].args)  # it says that it mentions nothing


def four(index: Term) -> Term:
    return Integral(T[index] * Density(FOUR_NORMALS, T), T, "reals", FOUR)


def one_mean(index: Term) -> Term:
    return expectation(t, normal(mu[index], ONE), t)


def of_indices(f: object) -> Term:
    """Return f over 1..2, with index squared, minus f over 1, minus f(4) as the difference of two sums."""
    squared, plain = f
    return Sum(squared, m, TWO) - Sum(plain, m, ONE) - Sum(plain, m, FOUR) + Sum(plain, m, THREE)


CHEATS = {
    "a derivative with respect to an expression": [
        ("differentiate", Diff(log(exp(DENSITY)), DENSITY)),
        ("logarithm", Diff(DENSITY, DENSITY)),
        ("differentiate", ONE),
    ],
    "a law whose parameter is outside its domain": [
        ("density", log(2 * NO_LAW) - log(3 * NO_LAW)),
        ("logarithm", log(TWO) - log(THREE)),
    ],
    "a sum of a negative number of terms": [("write_out", Sum(ONE, i, -THREE)), ("collect", -THREE)],
    "a derivative by a coordinate that the sum has not": [
        ("differentiate", OUT_OF_RANGE - 2),
        ("write_out", Diff(mu[1], mu[1]) + Diff(mu[1], mu[2]) - 2),
        ("differentiate", -ONE),
    ],
    "a derivative by a coordinate with twice the index": [
        ("differentiate", DOUBLED - Sum(mu[m], m, TWO)),
        ("write_out", Diff(FOUR_SQUARES, mu[2]) + Diff(FOUR_SQUARES, mu[4]) - mu[1] - mu[2]),
        ("differentiate", mu[4] - mu[1]),
    ],
    "a derivative of a sum whose terms share a coordinate": [
        ("differentiate", Sum(Diff(NESTED, mu[j]), j, TWO) - Sum(nu[j] * exp(nu[j] * Sum(mu[m], m, TWO)), j, TWO)),
        ("write_out", Diff(NESTED_OUT, mu[1]) + Diff(NESTED_OUT, mu[2]) - NESTED_SLOPE),
        ("differentiate", NESTED_SLOPE),
    ],
    "an index squared under Fubini's theorem": [
        ("write_out", of_indices((mu[m], mu[m])) - mu[2] + mu[4]),
        ("moments", of_indices((one_mean(m), one_mean(m))) - mu[2] + mu[4], cited(NORMAL_MEAN, mu[m], ONE)),
        ("fubini", of_indices((four(m**2), four(m))) - mu[2] + mu[4]),
        ("write_out", mu[4] - mu[2]),
    ],
    "a dimension that mentions the index": [("collect", Sum(Sum(mu[i], i, i), i, TWO) - 2 * Sum(mu[i], i, i))],
    "a law that mentions the variable of integration of its definition": [
        ("differentiate", 2 * Diff(definition(CAPTURED[0]), x) - Diff(definition(CAPTURED[1]), x)),
        ("definition", 2 * Diff(CAPTURED[0], x) - Diff(CAPTURED[1], x)),
        (
            "theorem",
            2 * Diff(log(exp(x)) - 1 + 1 / exp(x), x) - Diff(log(exp(x) / 2) - 1 + 2 / exp(x), x),
            cited(KL_EXPONENTIAL, exp(x), ONE),
            cited(KL_EXPONENTIAL, exp(x), TWO),
        ),
        ("logarithm", 2 * Diff(x - 1 + 1 / exp(x), x) - Diff(x - log(TWO) - 1 + 2 / exp(x), x)),
        ("differentiate", ONE),
    ],
    "a score at a point where two parameters move together": [
        ("differentiate", Diff(TIED_FORMULA, y) - TIED_SLOPE),
        ("logarithm", Diff(log(density_formula(NORMAL_TIED, t)), y) - TIED_SLOPE),
        ("density", Diff(log(Density(NORMAL_TIED, t)), y) - TIED_SLOPE),
        ("score", (t - y) / y**2 - TIED_SLOPE, cited(NORMAL_SCORE, y, y)),
    ],
    "a symbol that is not real": [("algebra", (UNDOMAINED + 1) ** 2 - UNDOMAINED**2 - 2 * UNDOMAINED - 1)],
    "a law that hides what it mentions": [
        ("definition", CAPTURED_UNSEEN - definition(CAPTURED_UNSEEN)),
    ],
    "a symbol that the statement does not mention": [("algebra", (u + 1) ** 2 - u**2 - 2 * u - 1)],
    "a factorial of what may be negative": [("algebra", sqrt(factorial(LAMBDA - 2) ** 2) - factorial(LAMBDA - 2))],
    "a logarithm of zero": [("algebra", (LAMBDA + 1) * log(Number(0)) - LAMBDA * log(Number(0)) - log(Number(0)))],
    "a logarithm of what may be negative": [
        ("algebra", (LAMBDA + 1) * log(LAMBDA - 2) - LAMBDA * log(LAMBDA - 2) - log(LAMBDA - 2))
    ],
    "an array whose name is an expression": [
        ("collect", Sum(Array(i + 1)[1], i, TWO) - 2 * Array(i + 1)[1]),
    ],
    "a vector inside a number": [("algebra", Vector((LAMBDA + 1) ** 2) - Vector(LAMBDA**2 + 2 * LAMBDA + 1))],
    "a density that is left": [("logarithm", log(DENSITY**2) - 2 * log(DENSITY))],
    "an integral that is left": [("linearity", expectation(2 * x, P) - 2 * expectation(x, P))],
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_cheating_is_rejected(cheat):
    with pytest.raises(KLError):
        prove(extended(*CHEATS[cheat], lemmas=(NORMAL_MEAN, NORMAL_SCORE, KL_EXPONENTIAL)))


@pytest.mark.parametrize(
    "question",
    [
        Question("renyi", "normal", "normal"),
        Question("kl", "normal", "normal", unit="hartley"),
        Question("kl", "normal", "normal", of="mean"),
        Question("kl", "diagonal_normal", "diagonal_normal", dim=2.5),
        Question("kl", "diagonal_normal", "diagonal_normal", dim=0),
        Question("kl", "normal", "normal", dim=2),
        Question("kl", "normal"),
        Question("entropy", "normal", "poisson"),
        Question("moment", "normal", "poisson", of="mean"),
        Question("moment", "diagonal_normal", of="mean"),
        Question("score", "diagonal_normal", of="mu"),
        Question("moment", "normal", of="mode"),
        Question("kl", "normal", "normal", where=("mu_1 > mu_1",)),
        Question("kl", "normal", "normal", where=("sigma_1 < 2",)),
        Question("kl", "normal", "normal", where=("sigma > 2",)),
    ],
    ids=str,
)
def test_a_question_without_meaning_has_no_statement(question):
    with pytest.raises(KLError):
        left_side(question)


def test_a_gradient_theorem_holds_only_for_its_own_parameters():
    """Where two parameters are tied together, the derivative is no longer the one that was proved."""
    gradient = derive(GRADIENT)
    m1, s1, *_ = laws(GRADIENT).parameters
    tied = {m1: s1}
    left, right = (substitute(side, tied) for side in gradient.statement)
    kl = substitute(derive(KL_NORMAL).statement.right, tied)
    true = Vector(*(read(inert(kl, evaluate=True).diff(inert(d.args[1]))) for d in left.args))
    unfolded = Vector(*(Diff(kl, d.args[1]) for d in left.args))
    cheat = extended(
        ("differentiate", unfolded - true),
        ("theorem", left - true, Citation(KL_NORMAL.name, ((m1, s1),))),
        ("theorem", right - true, Citation(GRADIENT.name, ((m1, s1),))),
        lemmas=(GRADIENT, KL_NORMAL),
    )
    with pytest.raises(ProofError):
        prove(cheat)
