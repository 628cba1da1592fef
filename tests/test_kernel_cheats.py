"""Known ways to cheat the kernel are rejected.

Each adds stages to a proved derivation, so that a false or meaningless statement comes out.
"""

from __future__ import annotations

import pytest
import sympy
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
    expectation,
    exponential,
    extended,
    i,
    j,
    m,
    mu,
    normal,
    nu,
    t,
    u,
    x,
    y,
)
from sympy import Expr, IndexedBase, Integer, Symbol, pi
from sympy.core.symbol import Str

from kl_symbolic.engine import derive
from kl_symbolic.errors import KLError, ProofError
from kl_symbolic.kernel import prove
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.derivation import Citation
from kl_symbolic.proof.language import KL, Density, Diff, Exp, Factorial, Integral, Log, ProductLaw, Sqrt, Sum, Vector
from kl_symbolic.proof.statement import definition, density_formula, laws, left_side

DENSITY = Density(P, x)
NO_LAW = Density(exponential(Integer(0)), x)
OUT_OF_RANGE = Sum(Diff(Sum(mu[i], i, ONE), mu[m]), m, TWO)
DOUBLED = Sum(Diff(Sum(mu[i] ** 2 / 2, i, FOUR), mu[2 * m]), m, TWO)
FOUR_SQUARES = sum(mu[c] ** 2 / 2 for c in range(1, 5))
NESTED = Sum(Exp(nu[i] * Sum(mu[m], m, TWO)), i, TWO)
NESTED_OUT = sum(Exp(nu[c] * (mu[1] + mu[2])) for c in (1, 2))
NESTED_SLOPE = sum(nu[c] * Exp(nu[c] * (mu[1] + mu[2])) for c in (1, 2))
CAPTURED = [KL(exponential(Exp(x)), exponential(Integer(c))) for c in (1, 2)]
KL_VALUES = [c * Exp(-x) + x - Log(Integer(c)) - 1 for c in (1, 2)]
NORMAL_TIED = normal(y, y)
TIED_FORMULA = -((t - y) ** 2) / (2 * y**2) - Log(y) - Log(TWO * pi) / 2
TIED_SLOPE = sympy.expand(TIED_FORMULA.diff(y))
FOUR_NORMALS = ProductLaw(normal(mu[i], ONE), i, FOUR)
noncommuting = sympy.symbols("A B", commutative=False)


def four(index: Expr) -> Expr:
    return Integral(T[index] * Density(FOUR_NORMALS, T), T, Str("reals"), FOUR)


def one_mean(index: Expr) -> Expr:
    return expectation(t, normal(mu[index], ONE), t)


def of_indices(f: object) -> Expr:
    """Return f over 1..2, with index squared, minus f over 1, minus f(4) as the difference of two sums."""
    squared, plain = f
    return Sum(squared, m, TWO) - Sum(plain, m, ONE) - Sum(plain, m, FOUR) + Sum(plain, m, THREE)


CHEATS = {
    "a derivative with respect to an expression": [
        ("differentiate", Diff(Log(Exp(DENSITY)), DENSITY)),
        ("logarithm", Diff(DENSITY, DENSITY)),
        ("differentiate", ONE),
    ],
    "a law whose parameter is outside its domain": [
        ("density", Log(2 * NO_LAW) - Log(3 * NO_LAW)),
        ("logarithm", Log(TWO) - Log(THREE)),
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
        ("differentiate", Sum(Diff(NESTED, mu[j]), j, TWO) - Sum(nu[j] * Exp(nu[j] * Sum(mu[m], m, TWO)), j, TWO)),
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
            2 * Diff(Log(Exp(x)) - 1 + 1 / Exp(x), x) - Diff(Log(Exp(x) / 2) - 1 + 2 / Exp(x), x),
            cited(KL_EXPONENTIAL, Exp(x), ONE),
            cited(KL_EXPONENTIAL, Exp(x), TWO),
        ),
        ("logarithm", 2 * Diff(x - 1 + 1 / Exp(x), x) - Diff(x - Log(TWO) - 1 + 2 / Exp(x), x)),
        ("differentiate", ONE),
    ],
    "a score at a point where two parameters move together": [
        ("differentiate", Diff(TIED_FORMULA, y) - TIED_SLOPE),
        ("logarithm", Diff(Log(density_formula(NORMAL_TIED, t)), y) - TIED_SLOPE),
        ("density", Diff(Log(Density(NORMAL_TIED, t)), y) - TIED_SLOPE),
        ("score", (t - y) / y**2 - TIED_SLOPE, cited(NORMAL_SCORE, y, y)),
    ],
    "symbols that do not commute": [("algebra", noncommuting[0] * noncommuting[1] - noncommuting[1] * noncommuting[0])],
    "a symbol that is not real": [("algebra", (Symbol("w") + 1) ** 2 - Symbol("w") ** 2 - 2 * Symbol("w") - 1)],
    "a symbol that the statement does not mention": [("algebra", (u + 1) ** 2 - u**2 - 2 * u - 1)],
    "a factorial of what may be negative": [("algebra", Sqrt(Factorial(LAMBDA - 2) ** 2) - Factorial(LAMBDA - 2))],
    "a logarithm of zero": [("algebra", (LAMBDA + 1) * Log(Integer(0)) - LAMBDA * Log(Integer(0)) - Log(Integer(0)))],
    "a logarithm of what may be negative": [
        ("algebra", (LAMBDA + 1) * Log(LAMBDA - 2) - LAMBDA * Log(LAMBDA - 2) - Log(LAMBDA - 2))
    ],
    "an array whose name is an expression": [
        ("collect", Sum(IndexedBase(i + 1)[1], i, TWO) - 2 * IndexedBase(i + 1)[1]),
    ],
    "a vector inside a number": [("algebra", Vector((LAMBDA + 1) ** 2) - Vector(LAMBDA**2 + 2 * LAMBDA + 1))],
    "a density that is left": [("logarithm", Log(DENSITY**2) - 2 * Log(DENSITY))],
    "an integral that is left": [("linearity", expectation(2 * x, P) - 2 * expectation(x, P))],
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_cheating_is_rejected(cheat):
    with pytest.raises(KLError):
        prove(extended(*CHEATS[cheat], lemmas=(NORMAL_MEAN, NORMAL_SCORE, KL_EXPONENTIAL)))


@pytest.mark.parametrize(
    "claim",
    [
        Claim("jeffreys", "normal", "normal"),
        Claim("kl", "normal", "normal", unit="hartley"),
        Claim("kl", "normal", "normal", of="mean"),
        Claim("kl", "diagonal_normal", "diagonal_normal", dim=2.5),
        Claim("kl", "diagonal_normal", "diagonal_normal", dim=0),
        Claim("kl", "normal", "normal", dim=2),
        Claim("kl", "normal"),
        Claim("entropy", "normal", "poisson"),
        Claim("moment", "normal", "poisson", of="mean"),
        Claim("moment", "diagonal_normal", of="mean"),
        Claim("score", "diagonal_normal", of="mu"),
        Claim("moment", "normal", of="mode"),
        Claim("kl", "normal", "exponential"),
        Claim("kl", "poisson", "normal"),
    ],
    ids=str,
)
def test_a_claim_without_meaning_has_no_statement(claim):
    with pytest.raises(KLError):
        left_side(claim)


def test_a_gradient_theorem_holds_only_for_its_own_parameters():
    """Where two parameters are tied together, the derivative is no longer the one that was proved."""
    gradient = derive(GRADIENT)
    m1, s1, *_ = laws(GRADIENT).parameters
    tied = {m1: s1}
    left, right = (side.xreplace(tied) for side in gradient.statement)
    true = Vector(*(sympy.diff(derive(KL_NORMAL).statement.right.xreplace(tied), v.args[1]) for v in left.args))
    unfolded = Vector(*(Diff(derive(KL_NORMAL).statement.right.xreplace(tied), v.args[1]) for v in left.args))
    cheat = extended(
        ("differentiate", unfolded - true),
        ("theorem", left - true, Citation(KL_NORMAL.name, ((m1, s1),))),
        ("theorem", right - true, Citation(GRADIENT.name, ((m1, s1),))),
        lemmas=(GRADIENT, KL_NORMAL),
    )
    with pytest.raises(ProofError):
        prove(cheat)
