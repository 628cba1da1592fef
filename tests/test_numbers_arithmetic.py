"""One evaluator, numbers of several kinds: they agree, and what has no value is refused; a function is its record."""

from fractions import Fraction
from importlib.util import find_spec

import mpmath
import numpy as np
import pytest
from mpmath.ctx_iv import MPIntervalContext

from kl_symbolic.functions import Domain, Function, all_functions
from kl_symbolic.numbers import (
    FLOATS,
    Ball,
    Evaluator,
    Namespace,
    UnresolvedError,
    balls_of_arb,
    evaluate,
    instantiate,
    intervals,
)
from kl_symbolic.numbers.balls import balls, function
from kl_symbolic.terms import COORDINATE, DIMENSION, ONE_COORDINATE, Array, Number, Sum, Symbol, Term
from kl_symbolic.terms import Namespace as Formulas

m = Formulas()
X, Y = Symbol("x", Domain.POSITIVE), Symbol("y", Domain.POSITIVE)
POINT = {X: Fraction(5, 2), Y: Fraction(1, 3)}
TERM = m.log(X * m.pi / Y) ** 2 - 3 * m.sqrt(X) / (m.exp(-Y) + X**Y) + m.abs(Y - X)
ARGUMENT = {
    Domain.REAL: Fraction(-3, 4),
    Domain.NONNEGATIVE: Fraction(1, 3),
    Domain.POSITIVE: Fraction(7, 3),
    Domain.NATURAL: Fraction(5),
    Domain.INDEX: Fraction(5),
}
OUTSIDE = {
    Domain.NONNEGATIVE: [Fraction(-1, 3)],
    Domain.POSITIVE: [Fraction(0), Fraction(-1)],
    Domain.NATURAL: [Fraction(-1), Fraction(1, 2)],
    Domain.INDEX: [Fraction(0), Fraction(1, 2)],
}
EXPM1 = Function(
    name="expm1",
    title="exponential less one",
    domains=(Domain.REAL,),
    derivatives=(lambda m, u: m.exp(u),),
    names={"mpmath": "expm1", "numpy": "np.expm1", "arb": "expm1"},
)
HYPOT = Function(
    name="hypot",
    title="length of the hypotenuse",
    domains=(Domain.REAL, Domain.REAL),
    value=Domain.NONNEGATIVE,
    derivatives=(None, None),
    names={"mpmath": "hypot", "numpy": "np.hypot"},
)


def of_record(record, values):
    return m.pi if not values else Term(record.name, *map(Number, values))


def arguments(record):
    if record.name == "pow":  # neither may be what it likes whatever the other is
        return Fraction(5, 2), Fraction(-3, 4)
    return tuple(ARGUMENT[domain] for domain in record.domains)


def has_intervals(record):
    """Whether mpmath has intervals of a function; it has no other way to say so."""
    return hasattr(MPIntervalContext(), record.names["mpmath"])


def in_floats(term, values=()):
    return evaluate(term, {s: float(v) for s, v in dict(values).items()}, FLOATS)


def in_intervals(term, values=()):
    iv = MPIntervalContext()
    iv.prec = 200
    arithmetic = intervals(iv)
    return evaluate(term, {s: arithmetic.number(v) for s, v in dict(values).items()}, arithmetic)


def in_balls(term, values=(), digits=40):
    return Evaluator(mpmath.MPContext(), digits, dict(values)).value(term)


def assert_covered(ball, interval):
    """An interval is certain; the error of a ball is estimated, and is that of all its digits here."""
    low, high = (mpmath.mpf(end) for end in interval._mpi_)
    with mpmath.workdps(80):
        assert ball.mid - ball.rad <= high
        assert low <= ball.mid + ball.rad
        assert ball.rad <= mpmath.mpf(10) ** -50 * max(1, abs(ball.mid))


LIBRARIES_HAVE = [record for record in all_functions().values() if not record.definition]
ABBREVIATIONS = [record for record in all_functions().values() if record.definition]


@pytest.mark.parametrize("record", LIBRARIES_HAVE, ids=lambda r: r.name)
def test_the_numbers_of_every_kind_agree_on_every_function(record):
    term = of_record(record, arguments(record))
    ball = in_balls(term)
    if has_intervals(record):
        certain = in_intervals(term)
        assert certain.delta < 1e-50
        assert_covered(ball, certain)
    else:
        with pytest.raises(UnresolvedError, match=f"no intervals of the {record.title}"):
            in_intervals(term)
    if "numpy" in record.names:
        assert in_floats(term) == pytest.approx(float(ball.mid), rel=1e-14)


@pytest.mark.parametrize("record", ABBREVIATIONS, ids=lambda r: r.name)
def test_an_abbreviation_has_the_value_of_what_it_stands_for(record):
    values = [ARGUMENT[domain] / (k + 1) for k, domain in enumerate(record.domains)]
    written = record.definition(m, *map(Number, values))
    assert abs(in_balls(of_record(record, values)).mid - in_balls(written).mid) < 1e-35
    if record.arity > 1 and record.domains[0].positive:  # others may have a value there
        with pytest.raises(UnresolvedError):
            in_balls(of_record(record, [Fraction(-1, 3), *values[1:]]))


def test_the_numbers_of_every_kind_agree_on_a_term():
    ball = in_balls(TERM, POINT)
    assert_covered(ball, in_intervals(TERM, POINT))
    assert in_floats(TERM, POINT) == pytest.approx(float(ball.mid), rel=1e-13)
    many = evaluate(TERM, {X: np.full((2, 3), 2.5), Y: np.float64(1) / 3}, FLOATS)
    np.testing.assert_array_equal(many, np.full((2, 3), in_floats(TERM, POINT)))


@pytest.mark.skipif(find_spec("flint") is None, reason="python-flint is not installed")
def test_the_balls_of_arb_agree_too():
    from flint import arb, ctx

    with ctx.workprec(200):
        arithmetic = balls_of_arb()
        for record in all_functions().values():
            if "arb" not in record.names:
                continue
            term = of_record(record, arguments(record))
            found = evaluate(term, {}, arithmetic)
            assert found.overlaps(arb(mpmath.nstr(in_balls(term).mid, 40)) * (1 + arb(0, 1e-38)))
            assert found.rel_accuracy_bits() > 150
        values = {s: arithmetic.number(v) for s, v in POINT.items()}
        assert evaluate(TERM, values, arithmetic).overlaps(arb(mpmath.nstr(in_balls(TERM, POINT).mid, 40), 1e-35))
        with pytest.raises(UnresolvedError, match="not positive"):
            evaluate(m.log(X), {X: arb(0, 1)}, arithmetic)


OUTSIDE_OF = [
    (record, k, value)
    for record in LIBRARIES_HAVE
    for k, domain in enumerate(record.domains)
    for value in OUTSIDE.get(domain, [])
]


@pytest.mark.parametrize(("record", "k", "value"), OUTSIDE_OF, ids=lambda v: getattr(v, "name", str(v)))
def test_outside_of_its_domain_a_function_has_no_value(record, k, value):
    values = [ARGUMENT[domain] for domain in record.domains]
    values[k] = value
    for value_in in (in_intervals, in_balls) if has_intervals(record) else (in_balls,):
        with pytest.raises(UnresolvedError, match=f"the {record.title} of a "):
            value_in(of_record(record, values))
    with np.errstate(all="ignore"):
        assert "numpy" not in record.names or not np.isfinite(in_floats(of_record(record, values)))


def test_a_number_that_is_not_certainly_inside_a_domain_is_refused():
    iv = MPIntervalContext()
    for term in (m.log(X), m.sqrt(X), X ** Fraction(1, 2), m.factorial(X)):
        with pytest.raises(UnresolvedError):
            evaluate(term, {X: iv.mpf([-1, 2])}, intervals(iv))
    assert evaluate(X**2, {X: iv.mpf([-1, 2])}, intervals(iv)) == iv.mpf([0, 4])


@pytest.mark.parametrize("record", [EXPM1, HYPOT], ids=lambda r: r.name)
def test_a_new_function_is_evaluated_by_its_record_alone(record, monkeypatch):
    monkeypatch.setitem(all_functions(), record.name, record)
    values = (Fraction(-1, 3), Fraction(2))[: record.arity]
    term, wanted = of_record(record, values), getattr(mpmath, record.name)
    for exact in (True, False):
        inner = term if exact else of_record(record, values) + m.sqrt(2) - m.sqrt(2)
        found = in_balls(inner)
        with mpmath.workdps(60):
            right = wanted(*(mpmath.mpf(v.numerator) / v.denominator for v in values))
            assert abs(found.mid - right) <= found.rad < mpmath.mpf(10) ** -50
    assert in_floats(term) == pytest.approx(float(right), rel=1e-14)
    assert float(getattr(Namespace(FLOATS), record.name)(*map(float, values))) == pytest.approx(float(right))


def test_what_a_library_does_not_have_is_refused():
    with pytest.raises(UnresolvedError, match="the factorial with numpy"):
        in_floats(m.factorial(3))
    with pytest.raises(UnresolvedError, match="cannot evaluate Density"):
        in_floats(Term("Density", Term("Law", "normal", 0, 1), X), POINT)
    with pytest.raises(UnresolvedError, match="y has no value"):
        in_floats(X + Y, {X: Fraction(1)})
    with pytest.raises(AttributeError, match="no function is called sin"):
        _ = Namespace(FLOATS).sin


def test_what_terms_have_in_common_is_evaluated_once():
    known = {}
    values = {X: np.float64(2), Y: np.float64(3)}
    root = m.sqrt(X * Y)
    evaluate(root + 1, values, FLOATS, known)
    known[root] = np.float64(100)
    assert evaluate(root + 2, values, FLOATS, known) == 102
    assert evaluate(root + 2, values, FLOATS) == 6**0.5 + 2


@pytest.mark.parametrize("record", [r for r in LIBRARIES_HAVE if r.domains], ids=lambda r: r.name)
def test_the_radius_covers_what_an_error_of_an_argument_does(record):
    ctx = mpmath.MPContext()
    values = [ctx.mpf(v.numerator) / v.denominator for v in arguments(record)]
    error = ctx.mpf(10) ** -6
    for k, domain in enumerate(record.domains):
        at = [Ball(v, error if j == k else ctx.zero) for j, v in enumerate(values)]
        if domain.integer:
            with pytest.raises(UnresolvedError, match="with an error"):
                function(ctx, record, *at)
            continue
        found = function(ctx, record, *at)
        for shift in (-error, error):
            moved = [Ball(v + shift if j == k else v, ctx.zero) for j, v in enumerate(values)]
            assert abs(function(ctx, record, *moved).mid - found.mid) <= found.rad <= 100 * error


def test_a_value_without_a_slope_has_an_error_all_the_same():
    ctx = mpmath.MPContext()
    around_zero = Ball(ctx.zero, ctx.mpf("1e-9"))
    found = balls(ctx).function(all_functions()["abs"])(around_zero)
    assert found.mid == 0
    assert 1e-9 <= found.rad < 1e-8
    with pytest.raises(UnresolvedError, match="square root where it has no slope"):
        balls(ctx).function(all_functions()["sqrt"])(around_zero)
    assert in_balls(m.sqrt(0)).mid == 0


@pytest.mark.parametrize("name", [record.name for record in all_functions().values() if record.rapid])
def test_a_value_that_is_too_large_to_compute_is_refused_at_once(name):
    large = Number(2) ** 2000
    with pytest.raises(UnresolvedError, match=r"beyond 2\^1000"):
        in_balls(Term(name, large))
    assert in_balls(m.log(m.exp(2000))).mid == 2000


# Sums are written out before


def test_sums_within_sums_are_written_out():
    mu = Array(Symbol("mu"))
    i, j, n = COORDINATE, ONE_COORDINATE, DIMENSION
    product = Sum(mu[i] * Sum(mu[j], j, 2), i, n) + mu[j]
    assert str(instantiate(product, {n: 3, j: 4})) == (
        "(mu[1]*(mu[1] + mu[2]) + mu[2]*(mu[1] + mu[2]) + mu[3]*(mu[1] + mu[2])) + mu[4]"
    )
    assert instantiate(Sum(X, i, n), {n: 3}) is Term("Add", X, X, X)
    assert instantiate(Term("Mul", 0, m.log(0), n), {n: 2}) is Term("Mul", 0, m.log(0), 2)


def test_what_was_written_out_before_is_used_again():
    mu, known = Array(Symbol("mu")), {}
    body = Sum(m.exp(mu[COORDINATE]), COORDINATE, DIMENSION)
    first = instantiate(body + 1, {DIMENSION: 3}, known)
    before = len(known)
    assert instantiate(body + 1, {DIMENSION: 3}, known) is first
    assert len(known) == before
    assert instantiate(body + 1, {DIMENSION: 2}, known) is Term("Add", m.exp(mu[1]) + m.exp(mu[2]), 1)
