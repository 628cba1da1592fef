"""Every rule of the kernel proves what it should and nothing else; known ways to cheat are rejected."""

from __future__ import annotations

from functools import cache

import pytest
import sympy
from sympy import Expr, IndexedBase, Integer, Symbol, pi
from sympy.core.symbol import Str

from kl_symbolic.engine import derive
from kl_symbolic.errors import KLError, ProofError
from kl_symbolic.families import Support
from kl_symbolic.kernel import RULES, prove
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.language import (
    KL,
    Density,
    Diff,
    Entropy,
    Exp,
    Factorial,
    Integral,
    Law,
    Log,
    Product,
    ProductLaw,
    Sqrt,
    Sum,
    Vector,
)
from kl_symbolic.proof.statement import (
    COORDINATE,
    DIMENSION,
    ONE_COORDINATE,
    definition,
    density_formula,
    integral,
    laws,
    left_side,
    variable,
)

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

ACCEPTED = {
    "definition: KL is an integral": ("definition", KL(P, Q), definition(KL(P, Q))),
    "definition: entropy is an integral": ("definition", Entropy(PRODUCT), definition(Entropy(PRODUCT))),
    "density: below a logarithm": ("density", Log(Density(P, x)), Log(a * Exp(-a * x))),
    "density: a product over coordinates": (
        "density",
        Log(Density(PRODUCT, X)),
        Log(Product(Density(exponential(rate[i]), X[i]), i, n)),
    ),
    "logarithm: of a product": ("logarithm", Log(a * b**3 / y), Log(a) + 3 * Log(b) - Log(y)),
    "logarithm: of an exponential": ("logarithm", Log(Exp(u)), u),
    "logarithm: of a root": ("logarithm", Log(Sqrt(TWO * pi)), Log(TWO * pi) / 2),
    "logarithm: of a rational": ("logarithm", Log(Integer(12)), 2 * Log(TWO) + Log(THREE)),
    "logarithm: of a symbolic power": ("logarithm", Log(a**u), u * Log(a)),
    "logarithm: of a product over coordinates": ("logarithm", Log(Product(rate[i], i, n)), Sum(Log(rate[i]), i, n)),
    "algebra: a square": ("algebra", (u - v) ** 2, u**2 - 2 * u * v + v**2),
    "algebra: a common denominator": ("algebra", 1 / (a + b) + 1 / a, (2 * a + b) / (a * (a + b))),
    "algebra: roots": ("algebra", Sqrt(Integer(8)) * Sqrt(TWO * a**2), FOUR * a),
    "linearity: sums split and constants move out": (
        "linearity",
        expectation(a * x + 2, P),
        a * expectation(x, P) + 2 * expectation(ONE, P),
    ),
    "normalisation: a density has mass one": ("normalisation", expectation(ONE, P), ONE),
    "moments: a proved mean": ("moments", expectation(x, P), 1 / a, cited(MEAN, a)),
    "theorem: a proved entropy": ("theorem", Entropy(Q), 1 - Log(b), cited(ENTROPY, b)),
    "collect: one logarithm": ("collect", Log(a) - Log(b), Log(a / b)),
    "collect: one exponential": ("collect", Exp(u) * Exp(v) ** 2, Exp(u + 2 * v)),
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
        Diff(a**2 * Log(a) + Exp(-a * u), a),
        2 * a * Log(a) + a - u * Exp(-a * u),
    ),
    "differentiate: one coordinate of a sum": ("differentiate", Diff(Sum(mu[i] ** 2, i, n), mu[j]), 2 * mu[j]),
}

REJECTED = {
    "definition: laws exchanged": ("definition", KL(P, Q), definition(KL(Q, P))),
    "definition: sign of the entropy": ("definition", Entropy(P), -definition(Entropy(P))),
    "density: parameter of another law": ("density", Log(Density(P, x)), Log(b * Exp(-b * x))),
    "density: does not split the logarithm": ("density", Log(Density(P, x)), Log(a) - a * x),
    "logarithm: of a sum": ("logarithm", Log(a + b), Log(a) + Log(b)),
    "logarithm: of a square that may vanish": ("logarithm", Log(u**2), 2 * Log(u)),
    "logarithm: of factors that may be negative": ("logarithm", Log(u * v), Log(u) + Log(v)),
    "logarithm: the density behind it": ("logarithm", Log(Density(P, x)), Log(a) - a * x),
    "algebra: a square without its mixed term": ("algebra", (u - v) ** 2, u**2 + v**2),
    "algebra: a law of logarithms": ("algebra", Log(a * b), Log(a) + Log(b)),
    "algebra: log exp": ("algebra", Log(Exp(u)), u),
    "algebra: a law of exponentials": ("algebra", Exp(u + v), Exp(u) * Exp(v)),
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
    "normalisation: another support": ("normalisation", Integral(Density(P, x), x, Str("reals"), ONE), ONE),
    "normalisation: a law that moves with x": ("normalisation", expectation(ONE, exponential(x)), ONE),
    "normalisation: in another variable": (
        "normalisation",
        Integral(Density(P, y), x, Str("positive_reals"), ONE),
        ONE,
    ),
    "normalisation: a positive variable on the whole line": (
        "normalisation",
        Integral(Density(normal(u, a), y), y, Str("reals"), ONE),
        ONE,
    ),
    "normalisation: a law outside its domain": ("normalisation", expectation(ONE, normal(u, -a), t), ONE),
    "moments: without a citation": ("moments", expectation(x, P), 1 / a),
    "moments: another law": ("moments", expectation(x, P), 1 / b, cited(MEAN, b)),
    "moments: another statistic": ("moments", expectation(x**2, P), 1 / a**2, cited(MEAN, a)),
    "theorem: another law": ("theorem", Entropy(Q), 1 - Log(b), cited(ENTROPY, a)),
    "theorem: a value outside the domain": ("theorem", Entropy(exponential(u)), 1 - Log(u), cited(ENTROPY, u)),
    "theorem: not proved before": ("theorem", Entropy(Q), 1 - Log(b), Citation("entropy(normal)")),
    "collect: a quotient of logarithms": ("collect", Log(a) / Log(TWO), Log(a / 2)),
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
        expectation(Diff(Log(Density(Q, x)), b), P),
        Diff(expectation(ONE, P), b),
    ),
    "differentiate: the product rule": ("differentiate", Diff(a * Log(a), a), ONE),
    "differentiate: an undefined derivative": ("differentiate", Diff(KL(P, Q), a), Integer(0)),
    "differentiate: all coordinates at once": (
        "differentiate",
        Diff(Sum(mu[i] ** 2, i, n), mu[j]),
        2 * Sum(mu[i], i, n),
    ),
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
    claim = Claim("gradient", "exponential", "exponential")
    good = derive(claim)
    prove(good)
    first, *rest = good.statement.right.args
    bad = Step(good.steps[-1].rule, good.steps[-1].before, Vector(first + 1, *rest))
    with pytest.raises(ProofError, match="not equal"):
        prove(Derivation(claim, (*good.steps[:-1], bad), good.lemmas))


# Ways to cheat. Each adds stages to a proved derivation, so that a false or meaningless statement comes out.

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
