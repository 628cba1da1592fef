"""Steps by hand for the tests of the kernel, and a derivation to add them to."""

from __future__ import annotations

from functools import cache

from sympy import Expr, IndexedBase, Integer, Symbol
from sympy.core.symbol import Str

from kl_symbolic.engine import derive
from kl_symbolic.families import Support
from kl_symbolic.kernel import prove
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.language import Density, Diff, Exp, Factorial, Integral, Law, Log, ProductLaw
from kl_symbolic.proof.statement import COORDINATE, DIMENSION, ONE_COORDINATE, integral, laws, variable

ONE, TWO, THREE, FOUR = (Integer(c) for c in (1, 2, 3, 4))
i, j, n = COORDINATE, ONE_COORDINATE, DIMENSION
m = Symbol("m", integer=True, positive=True)
a, b, y = (Symbol(name, positive=True) for name in "aby")
u, v = Symbol("u", real=True), Symbol("v", real=True)
mu, nu = IndexedBase("mu", real=True), IndexedBase("nu", real=True)
rate = IndexedBase("rate", positive=True)

MEAN = Claim("moment", "exponential", of="mean")
SCORE = Claim("score", "poisson", of="lambda")
ENTROPY = Claim("entropy", "exponential")
KL_EXPONENTIAL = Claim("kl", "exponential", "exponential")
NORMAL_SCORE = Claim("score", "normal", of="mu")
NORMAL_MEAN = Claim("moment", "normal", of="mean")
KL_NORMAL = Claim("kl", "normal", "normal")
GRADIENT = Claim("gradient", "normal", "normal")

(LAMBDA,) = laws(SCORE).parameters
M, S = laws(NORMAL_SCORE).parameters
x, t = variable(Support.POSITIVE_REALS), variable(Support.REALS)
COUNT = variable(Support.NATURALS)
X, T = variable(Support.POSITIVE_REALS, vector=True), variable(Support.REALS, vector=True)


def exponential(parameter: Expr) -> Law:
    return Law(Str("exponential"), parameter)


def normal(mean: Expr, sigma: Expr) -> Law:
    return Law(Str("normal"), mean, sigma)


def expectation(statistic: Expr, law: Law, point: Expr = x) -> Expr:
    return integral(statistic * Density(law, point), law)


def joint(statistic: Expr, law: ProductLaw, size: Expr = n) -> Expr:
    return Integral(statistic * Density(law, X), X, Str("positive_reals"), size)


def cited(claim: Claim, *values: Expr) -> Citation:
    return Citation(claim.name, tuple(zip(laws(claim).parameters, values, strict=True)))


@cache
def by_hand() -> Derivation:
    """Return a derivation that no engine wrote, to which the tests add steps."""
    formula = LAMBDA**COUNT * Exp(-LAMBDA) / Factorial(COUNT)
    stages = [
        Diff(Log(Density(Law(Str("poisson"), LAMBDA), COUNT)), LAMBDA),
        Diff(Log(formula), LAMBDA),
        Diff(COUNT * Log(LAMBDA) - LAMBDA - Log(Factorial(COUNT)), LAMBDA),
        COUNT / LAMBDA - 1,
    ]
    rules = ("density", "logarithm", "differentiate")
    return Derivation(SCORE, tuple(Step(r, stages[c], stages[c + 1]) for c, r in enumerate(rules)))


Tail = tuple[str, Expr] | tuple[str, Expr, Citation]


def extended(*tail: Tail, lemmas: tuple[Claim, ...] = ()) -> Derivation:
    """Return the derivation by hand with further stages E + T behind its last stage E, one for each (rule, T)."""
    start = by_hand()
    end = start.statement.right
    stages = [end, *(end + extra for _, extra, *_ in tail)]
    steps = tuple(Step(rule, stages[c], stages[c + 1], tuple(cites)) for c, (rule, _, *cites) in enumerate(tail))
    return Derivation(SCORE, start.steps + steps, tuple(derive(claim) for claim in lemmas))


def prove_step(rule: str, before: Expr, after: Expr, cites: tuple[Citation, ...] = ()) -> None:
    """Prove before = after by one rule: before - after is added to a stage, and taken away again."""
    lemmas = (MEAN, ENTROPY, NORMAL_SCORE) if cites else ()
    prove(extended((rule, before - after, *cites), (rule, Integer(0), *cites), lemmas=lemmas))


P, Q = exponential(a), exponential(b)
PRODUCT = ProductLaw(exponential(rate[i]), i, n)
SCORE_OF_P = Diff(Log(Density(P, x)), a)
NORMAL_LOG_DENSITY = Log(Density(normal(M, S), t))
