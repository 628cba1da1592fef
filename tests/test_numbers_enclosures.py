"""Enclosures hold the true value, are as narrow as was asked for, and are refused where nothing certain is known."""

import sys
from fractions import Fraction
from importlib.util import find_spec

import mpmath
import pytest
from mpmath.ctx_iv import MPIntervalContext

from kl_symbolic.checks import verify
from kl_symbolic.engine import derive
from kl_symbolic.families import Support
from kl_symbolic.functions import Domain
from kl_symbolic.numbers import (
    Bounds,
    Encloser,
    Evaluator,
    UnresolvedError,
    compare_bounds,
    draw,
    evaluate,
    instantiate,
    intervals,
)
from kl_symbolic.numbers.expansion import Expander
from kl_symbolic.numbers.tails import weighted_by_law
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws, left_side
from kl_symbolic.terms import Density, Integral, Law, Namespace, Number, Symbol, Term

m = Namespace()
X, POSITIVE, K = Symbol("x"), Symbol("x", Domain.POSITIVE), Symbol("k", Domain.NATURAL)
NORMAL, POISSON = Density(Law("normal", 0, 1), X), Density(Law("poisson", 2), K)
GAMMA = Density(Law("gamma", Fraction(1, 2), 2), POSITIVE)
needs_arb = pytest.mark.skipif(find_spec("flint") is None, reason="python-flint is not installed")
QUESTIONS = [
    Question("kl", "poisson", "poisson"),
    *(
        pytest.param(question, marks=needs_arb)
        for question in (
            Question("kl", "normal", "normal"),
            Question("kl", "normal", "normal", "logvar", "logvar", unit="bits"),
            Question("kl", "gamma", "gamma"),
            Question("kl", "exponential", "gamma"),
            Question("kl", "gamma", "normal"),
            Question("kl", "diagonal_normal", "diagonal_normal"),
            Question("asymmetry", "normal", "normal"),
            Question("entropy", "gamma"),
            Question("moment", "gamma", of="log_mean"),
            Question("moment", "normal", of="second_moment"),
        )
    ),
]


@pytest.fixture
def without_arb(monkeypatch):
    """Hide python-flint."""
    monkeypatch.setitem(sys.modules, "flint", None)


def over(body, variable, support):
    return Integral(body, variable, support.name, 1)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)
@pytest.mark.parametrize("digits", [15, 50])
def test_the_bounds_of_a_statement_hold_its_value_and_are_narrow(question, digits):
    statement, ctx = derive(question).statement, mpmath.MPContext()
    for point in draw(question, 2, seed=5):
        left, right = (instantiate(side, point.integers) for side in statement)
        low, high = Encloser(digits, point.values).value(left)
        fine = Evaluator(ctx, digits + 30, point.values).value(right)
        with ctx.workdps(digits + 60):
            low, high = (ctx.mpf(end.numerator) / end.denominator for end in (low, high))
            assert low - fine.rad <= fine.mid <= high + fine.rad
            assert high - low < ctx.mpf(10) ** -digits * max(abs(fine.mid), ctx.mpf("1e-6"))


GAMMAS = [  # two shapes and two rates
    ("1/1000", "3", "1/1000", "1000"),
    ("1/1000", "1/1000", "10000", "2"),
    ("10000", "1000", "1/1000", "7/3"),
    ("10000", "1", "100000000001/10000000", "1000001/1000000"),
    ("5/2", "3/7", "5/2", "3/7"),
    ("15/8", "1000", "27/16", "1000000001/1000000"),
]


@needs_arb
@pytest.mark.parametrize("values", GAMMAS, ids=", ".join)
@pytest.mark.parametrize("digits", [15, 100, 300])
def test_the_bounds_hold_the_value_where_gamma_laws_are_extreme_or_near(values, digits):
    question = Question("kl", "gamma", "gamma")
    point = dict(zip(laws(question).parameters, map(Fraction, values), strict=True))
    ctx = mpmath.MPContext()
    ctx.dps = 2 * digits + 60
    a, b, c, d = (ctx.mpf(value.numerator) / value.denominator for value in point.values())
    true = c * ctx.log(b / d) + ctx.loggamma(c) - ctx.loggamma(a) + (a - c) * ctx.digamma(a) + a * (d - b) / b
    low, high = Encloser(digits, point).value(left_side(question))
    error = ctx.mpf(10) ** -(2 * digits + 20)
    assert (ctx.mpf(low.numerator) / low.denominator) - error <= true
    assert true <= (ctx.mpf(high.numerator) / high.denominator) + error
    assert high - low <= Fraction(1, 10**digits) * max(1, abs(low))


@needs_arb
@pytest.mark.parametrize(
    ("body", "value"),
    [
        (X**4 * NORMAL, 3),  # moments of the standard normal law
        (X**3 * NORMAL, 0),
        ((X - 1) ** 2 * NORMAL, 2),
        (POSITIVE**2 * GAMMA, Fraction(3, 16)),  # a (a + 1) / b^2
        (POSITIVE * (POSITIVE + 1) * GAMMA, Fraction(7, 16)),
    ],
    ids=str,
)
def test_integrals_known_by_hand_lie_between_their_bounds(body, value):
    (variable,) = body.free
    support = Support.REALS if variable is X else Support.POSITIVE_REALS
    low, high = Encloser(40, {}).value(over(body, variable, support))
    assert low <= value <= high <= low + Fraction(1, 10**45)


@pytest.mark.parametrize(("body", "value"), [(K**2 * POISSON, 6), (POISSON, 1), ((K - 2) * POISSON, 0)], ids=str)
@pytest.mark.parametrize("arb", [False, pytest.param(True, marks=needs_arb)])
def test_sums_known_by_hand_lie_between_their_bounds(body, value, arb, request):
    if not arb:
        request.getfixturevalue("without_arb")
    low, high = Encloser(40, {}).value(over(body, K, Support.NATURALS))
    assert low <= value <= high <= low + Fraction(1, 10**45)


TAILS = [
    (NORMAL, X, Support.REALS, mpmath.npdf),
    (X**2 * NORMAL, X, Support.REALS, lambda s: s**2 * mpmath.npdf(s)),
    (
        GAMMA,
        POSITIVE,
        Support.POSITIVE_REALS,
        lambda t: mpmath.sqrt(2 / mpmath.pi) * mpmath.exp(t / 2 - 2 * mpmath.exp(t)),
    ),
    (
        POSITIVE * m.log(POSITIVE) * GAMMA,
        POSITIVE,
        Support.POSITIVE_REALS,
        lambda t: t * mpmath.sqrt(2 / mpmath.pi) * mpmath.exp(t * 3 / 2 - 2 * mpmath.exp(t)),
    ),
]


def weighted(body, variable, support):
    numbers = intervals(MPIntervalContext())
    ((_, found),) = weighted_by_law(body, Expander(variable, support, lambda term: evaluate(term, {}, numbers)))
    return found, numbers


@pytest.mark.parametrize(
    ("body", "variable", "support", "density"), TAILS, ids=lambda v: "" if callable(v) else str(v)[:40]
)
@pytest.mark.parametrize("end", [Fraction(-8), Fraction(-3), Fraction(-3, 2), Fraction(3, 2), Fraction(3)])
def test_the_bound_of_a_tail_is_above_it_and_not_far_above(body, variable, support, density, end):
    found, numbers = weighted(body, variable, support)
    side = 1 if end > 0 else -1
    bound = found.tail(numbers, end - side * Fraction(1, 8), end)
    tail = abs(mpmath.quad(density, [float(end) + side * far for far in (0, 1, 3, 10, 50)]))
    assert tail <= float(bound.b) * (1 + 1e-9)
    assert abs(end) < 3 or float(bound.b) <= 4 * tail
    assert found.tail(numbers, Fraction(side, 8), -side * Fraction(1, 8)) is None  # 0 lies in it


@pytest.mark.parametrize(
    "term",
    [
        over(m.exp(-(X**2)), X, Support.REALS),
        over(NORMAL / (1 + X**2), X, Support.REALS),
        over(NORMAL * m.log(1 + X**2), X, Support.REALS),
        over(NORMAL * m.exp(X**2), X, Support.REALS),
        over(NORMAL * m.abs(X), X, Support.REALS),
        over(NORMAL / X, X, Support.REALS),
        over(NORMAL * m.log(X), X, Support.REALS),
        over(NORMAL**2, X, Support.REALS),
        over(POISSON * m.log(m.factorial(K)), K, Support.NATURALS),
        over(Density(Law("exponential", 1), X), X, Support.REALS),
        over(NORMAL * m.log(Density(Law("exponential", 1), X)), X, Support.REALS),
        over(Density(Law("normal", X, 1), X), X, Support.REALS),
        Term("Diff", over(NORMAL, X, Support.REALS), Symbol("a")),
        Density(Law("normal", 0, 1), Number(0)),
        Symbol("a") + 1,
        m.log(-1),
        m.log(m.log(1)),
    ],
    ids=str,
)
def test_what_is_not_understood_is_refused(term):
    with pytest.raises(UnresolvedError):
        Encloser(20, {}).value(term)


@pytest.mark.parametrize("arb", [False, pytest.param(True, marks=needs_arb)])
@pytest.mark.parametrize(
    "term",
    [
        m.exp(m.exp(m.exp(m.exp(m.exp(10))))),
        Number(3) ** (Number(3) ** (Number(3) ** (Number(3) ** 20))),
        m.factorial(Number(2) ** 2000),
        m.gamma(m.exp(m.exp(m.exp(10)))),
    ],
    ids=str,
)
def test_what_is_too_large_to_write_down_is_refused_at_once(term, arb, request):
    if not arb:
        request.getfixturevalue("without_arb")
    with pytest.raises(UnresolvedError):
        Encloser(20, {}).value(term)


@pytest.mark.parametrize("law", [Law("normal", 0, -1), Law("gamma", -1, 1), Law("poisson", -2)], ids=str)
def test_a_law_with_parameters_outside_of_their_domain_is_refused(law):
    variable = {"normal": X, "gamma": POSITIVE, "poisson": K}[law.args[0].text]
    support = {X: Support.REALS, POSITIVE: Support.POSITIVE_REALS, K: Support.NATURALS}[variable]
    with pytest.raises(UnresolvedError):
        Encloser(20, {}).value(over(variable**2 * Density(law, variable), variable, support))


@needs_arb
def test_the_precision_of_arb_is_what_it_was():
    from flint import ctx

    before = ctx.prec
    Encloser(90, {}).value(over(NORMAL, X, Support.REALS))
    with pytest.raises(UnresolvedError):
        Encloser(90, {}).value(m.log(-1))
    assert ctx.prec == before


def test_the_precision_of_intervals_is_what_it_was():
    before = mpmath.iv.prec
    Encloser(90, {}).value(m.log(2))
    assert mpmath.iv.prec == before


@pytest.mark.usefixtures("without_arb")
def test_without_arb_integrals_are_not_enclosed_and_everything_else_is_as_before():
    with pytest.raises(UnresolvedError, match="python-flint, which is not installed"):
        Encloser(20, {}).value(over(NORMAL, X, Support.REALS))
    report = verify(derive(Question("kl", "gamma", "gamma")), digits=15, points=1)
    assert report.status == "agree"
    assert not any(check.route == "rigorous integration" for check in report.checks)
    assert any(check.enclosed for check in verify(derive(Question("kl", "normal", "normal")), 15, 1).checks)


def between(low, high):
    return Bounds(Fraction(low), Fraction(high))


@pytest.mark.parametrize(
    ("left", "right", "status", "digits"),
    [
        (between(1, 1), between(1, 1), "agree", 30.0),
        (between(1, "1.00000000001"), between(1, 1), "agree", 11.0),
        (between(1, "1.000000001"), between(1, 1), "unknown", 9.0),
        (between(0, 2), between(1, 1), "unknown", 0.0),
        (between(1, 1), between("1.001", "1.001"), "disagree", 3.0),
        (between(0, 0), between("9e-18", "9e-18"), "agree", 11.0),  # small values are compared in absolute terms
        (between("-1e-17", "1e-17"), between("1", "1"), "disagree", 0.0),
        (between("1e400", "1e400"), between("1", "1"), "disagree", 0.0),  # beyond what floating point has
    ],
)
def test_bounds_agree_disagree_or_leave_it_open(left, right, status, digits):
    for sides in ((left, right), (right, left)):
        found = compare_bounds(*sides, 10)
        assert (found.status, found.digits) == (status, digits)


def test_no_more_digits_are_said_to_be_enclosed_than_are():
    for k in range(1, 400, 7):
        width = Fraction(k, 10**13)
        reached = compare_bounds(between(1, 1 + width), between(1, 1), 10).digits
        assert width**10 * Fraction(10) ** round(10 * reached) <= 1
