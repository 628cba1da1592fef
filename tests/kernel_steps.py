"""Steps by hand for the tests of the kernel, and a derivation to add them to."""

from __future__ import annotations

from functools import cache, partial

from kl_symbolic.engine import derive
from kl_symbolic.families import Support
from kl_symbolic.functions import Domain
from kl_symbolic.kernel import prove
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import integral, laws
from kl_symbolic.proof.supports import variable
from kl_symbolic.terms import (
    COORDINATE,
    DIMENSION,
    ONE_COORDINATE,
    Array,
    Density,
    Diff,
    Integral,
    Law,
    Number,
    ProductLaw,
    Symbol,
    Term,
)

log, exp, sqrt, factorial = (partial(Term, name) for name in ("log", "exp", "sqrt", "factorial"))
pi = Term("pi")
ONE, TWO, THREE, FOUR = (Number(c) for c in (1, 2, 3, 4))
i, j, n = COORDINATE, ONE_COORDINATE, DIMENSION
m = Symbol("m", Domain.INDEX)
a, b, y = (Symbol(name, Domain.POSITIVE) for name in "aby")
u, v = Symbol("u"), Symbol("v")
mu, nu = Array(Symbol("mu")), Array(Symbol("nu"))
rate = Array(Symbol("rate", Domain.POSITIVE))

MEAN = Question("moment", "exponential", of="mean")
SCORE = Question("score", "poisson", of="lambda")
ENTROPY = Question("entropy", "exponential")
KL_EXPONENTIAL = Question("kl", "exponential", "exponential")
NORMAL_SCORE = Question("score", "normal", of="mu")
NORMAL_MEAN = Question("moment", "normal", of="mean")
KL_NORMAL = Question("kl", "normal", "normal")
GRADIENT = Question("gradient", "normal", "normal")

(LAMBDA,) = laws(SCORE).parameters
M, S = laws(NORMAL_SCORE).parameters
x, t = variable(Support.POSITIVE_REALS), variable(Support.REALS)
COUNT = variable(Support.NATURALS)
X, T = variable(Support.POSITIVE_REALS, vector=True), variable(Support.REALS, vector=True)

exponential, normal = partial(Law, "exponential"), partial(Law, "normal")


def expectation(statistic: Term, law: Term, point: Term = x) -> Term:
    return integral(statistic * Density(law, point), law)


def joint(statistic: Term, law: Term, size: Term = n) -> Term:
    return Integral(statistic * Density(law, X), X, "positive_reals", size)


def cited(question: Question, *values: Term) -> Citation:
    return Citation(question.name, tuple(zip(laws(question).parameters, values, strict=True)))


def forged(kind: type[Term], **fields: object) -> Term:
    """Return what claims to be a term, made past the constructors."""
    made = object.__new__(kind)
    for name, value in {"head": kind.__name__, "args": (), "free": frozenset(), **fields}.items():
        object.__setattr__(made, name, value)
    return made


@cache
def by_hand() -> Derivation:
    """Return a derivation that no engine wrote, to which the tests add steps."""
    formula = LAMBDA**COUNT * exp(-LAMBDA) / factorial(COUNT)
    stages = [
        Diff(log(Density(Law("poisson", LAMBDA), COUNT)), LAMBDA),
        Diff(log(formula), LAMBDA),
        Diff(COUNT * log(LAMBDA) - LAMBDA - log(factorial(COUNT)), LAMBDA),
        COUNT / LAMBDA - 1,
    ]
    rules = ("density", "logarithm", "differentiate")
    return Derivation(SCORE, tuple(Step(r, stages[c], stages[c + 1]) for c, r in enumerate(rules)))


Tail = tuple[str, Term] | tuple[str, Term, Citation]


def extended(*tail: Tail, lemmas: tuple[Question, ...] = ()) -> Derivation:
    """Return the derivation by hand with further stages E + T behind its last stage E, one for each (rule, T)."""
    start = by_hand()
    end = start.statement.right
    stages = [end, *(end + extra for _, extra, *_ in tail)]
    steps = tuple(Step(rule, stages[c], stages[c + 1], tuple(cites)) for c, (rule, _, *cites) in enumerate(tail))
    return Derivation(SCORE, start.steps + steps, tuple(derive(question) for question in lemmas))


def prove_step(rule: str, before: Term, after: Term, cites: tuple[Citation, ...] = ()) -> None:
    """Prove before = after by one rule: before - after is added to a stage, and taken away again."""
    lemmas = (MEAN, ENTROPY, NORMAL_SCORE) if cites else ()
    prove(extended((rule, before - after, *cites), (rule, Number(0), *cites), lemmas=lemmas))


P, Q = exponential(a), exponential(b)
PRODUCT = ProductLaw(exponential(rate[i]), i, n)
SCORE_OF_P = Diff(log(Density(P, x)), a)
NORMAL_LOG_DENSITY = log(Density(normal(M, S), t))
