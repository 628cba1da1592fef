"""Taylor's formula along the segment from P to Q: right numbers where no stable form is known, and only if proved."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import mpmath
import numpy as np
import pytest
from more_laws import COIN, INVERSE_GAMMA, small_law, with_laws

from kl_symbolic import ProofError, closed_form, engine, families, kernel
from kl_symbolic.closed_forms.segment import Segment, segment_between
from kl_symbolic.code.segment import ABSCISSAE, WEIGHTS
from kl_symbolic.errors import NoClosedFormError
from kl_symbolic.families import StableForm, Support
from kl_symbolic.functions import Domain
from kl_symbolic.proof.parameters import parameter_records
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.segment import matched_parameters
from kl_symbolic.proof.statement import laws
from kl_symbolic.terms import Number

CTX = mpmath.MPContext()
CTX.dps = 80
EPS = 2.0**-52
NORMALS = Question("kl", "normal", "normal")
LAWS = ("normal", "gamma", "exponential", "poisson")


@pytest.fixture(autouse=True, scope="module")
def without_stable_forms():
    """The laws of the package as if nobody had found their stable forms, and two more."""
    plain = (replace(families.all_families()[name], stable_forms=()) for name in LAWS)
    with with_laws(COIN, INVERSE_GAMMA, *plain):
        yield


# References: the textbook's formulas, of exact parameters


def exact_normal(mu_1, var_1, mu_2, var_2):
    return (CTX.log(var_2 / var_1) + (var_1 + (mu_1 - mu_2) ** 2) / var_2 - 1) / 2


def exact_gamma(alpha_1, beta_1, alpha_2, beta_2):
    powers = alpha_2 * CTX.log(beta_1 / beta_2) + alpha_1 * (beta_2 / beta_1 - 1)
    return (alpha_1 - alpha_2) * CTX.digamma(alpha_1) + CTX.loggamma(alpha_2) - CTX.loggamma(alpha_1) + powers


def exact_coin(p, q):
    return p * CTX.log(p / q) + (1 - p) * CTX.log((1 - p) / (1 - q))


# By law and parameterisation: a reference, and the largest error that is allowed at distances up to 1.
CASES = {
    ("normal", "std"): (lambda m, s, n, t: exact_normal(m, s**2, n, t**2), 8),
    ("normal", "var"): (exact_normal, 8),
    ("normal", "logvar"): (lambda m, v, n, w: exact_normal(m, CTX.exp(v), n, CTX.exp(w)), 16),
    ("normal", "precision"): (lambda m, v, n, w: exact_normal(m, 1 / v, n, 1 / w), 8),
    ("exponential", "rate"): (lambda a, b: CTX.log(a / b) + b / a - 1, 8),
    ("poisson", "rate"): (lambda a, b: a * CTX.log(a / b) - a + b, 8),
    ("coin", "probability"): (exact_coin, 8),
    ("gamma", "rate"): (exact_gamma, 24),
    ("inverse_gamma", "scale"): (exact_gamma, 24),
}


def draw(records, distance, count, seed=0):
    """Draw ordinary parameters of P, and those of Q at a distance in a random direction."""
    random = np.random.default_rng(seed)
    first, second = [], []
    for record in records:
        step = distance * random.uniform(-1, 1, count)
        if record.domain is Domain.UNIT:
            a = random.uniform(0.05, 0.95, count)
            b = a + 0.9 * step * np.minimum(a, 1 - a)
        elif record.domain is Domain.REAL:
            a = random.uniform(-4, 4, count)
            b = a + step
        else:
            a = 10 ** random.uniform(-0.5, 0.9, count)
            b = np.where(step > 0, a * (1 + step), a / (1 - step))
        first.append(a)
        second.append(b)
    return [*first, *second]


@cache
def function_of(law, param, **options):
    return closed_form(law, law, param=param, **options)


def values_and_errors(law, param, distance, count=12, **options):
    """Return what is computed at drawn parameters, and its relative errors in eps."""
    f = function_of(law, param, **options)
    records = parameter_records(f.derivation.question)
    rows = draw(records[: len(records) // 2], distance, count)
    found = f(**dict(zip(f.parameters, rows, strict=True)))
    exact = [CASES[law, param][0](*map(CTX.mpf, row)) for row in zip(*(r.tolist() for r in rows), strict=True)]
    errors = [
        abs(CTX.mpf(float(a)) / b - 1) / EPS if b else float(a != 0) / EPS for a, b in zip(found, exact, strict=True)
    ]
    return found, np.array(errors, float)


@pytest.mark.parametrize(("law", "param"), CASES)
def test_near_and_ordinary_values_keep_their_digits(law, param):
    for distance in (1e-15, 1e-12, 1e-8, 1e-4, 0.1, 0.3, 1.0):
        found, errors = values_and_errors(law, param, distance)
        assert (found >= 0).all()
        assert errors.max() <= CASES[law, param][1], distance


@pytest.mark.parametrize(("law", "param"), CASES)
def test_equal_laws_are_at_distance_0(law, param):
    found, _ = values_and_errors(law, param, 0.0)
    assert (found == 0).all()


@pytest.mark.parametrize(("law", "param"), [case for case in CASES if case[0] != "coin"])
def test_far_out_the_closed_form_serves(law, param):
    """That of the precision failed by 1e12 eps where the values at the points alone were looked at."""
    found, errors = values_and_errors(law, param, 100.0, 60)
    assert (found > 0).all()
    assert errors.max() <= 64


def test_what_the_closed_form_loses_is_not_negative():
    f = closed_form("coin", "coin")
    p = 10.0 ** -np.arange(8, 20)
    assert (f(p_1=p, p_2=5 * p) >= 0).all()


def test_nothing_is_a_number_where_a_parameter_is_none():
    found = closed_form("exponential", "exponential")(lambda_1=[np.nan, 1.0, 1.0], lambda_2=[1.0, np.nan, 2.0])
    assert np.isnan(found).tolist() == [True, True, False]


def test_extreme_scales_neither_overflow_nor_underflow():
    f = closed_form("normal", "normal")
    found = f(mu_1=[0.0, 0.0], sigma_1=[1e100, 1e-100], mu_2=[1e92, 1e-108], sigma_2=[1e100, 1e-100])
    assert found == pytest.approx([5e-17, 5e-17], rel=1e-15)


def test_in_float32_too():
    found = closed_form("poisson", "poisson")(lambda_1=np.float32([2, 2]), lambda_2=np.float32([2.0009765625, 3]))
    exact = [2 * float(CTX.log(CTX.mpf(2) / q)) - 2 + q for q in (2.0009765625, 3)]
    assert found.dtype == np.float32
    assert found == pytest.approx(exact, rel=8 * 2.0**-23)


def test_bits_are_nats_over_log_2():
    nats, bits = (values_and_errors("gamma", "rate", 1e-9, unit=unit)[0] for unit in ("nats", "bits"))
    assert bits * np.log(2) == pytest.approx(nats, rel=1e-15)


def test_a_product_law_is_the_sum_over_its_coordinates():
    p, q = np.array([0.25, 0.5, 0.125]), np.array([0.25, 0.5 + 1e-9, 0.125 - 1e-9])
    sum_ = closed_form("diagonal_coin", "diagonal_coin")(p_1=p, p_2=q)
    assert sum_ == pytest.approx(closed_form("coin", "coin")(p_1=p, p_2=q).sum(), rel=1e-15)
    assert 0 < sum_ < 1e-16


def test_values_and_laws_without_parameters_are_ends_of_segments():
    special = closed_form("coin", "coin", where="p_2 = 1/2")(p_1=0.5 + 1e-9)
    assert special == closed_form("coin", "coin")(p_1=0.5 + 1e-9, p_2=0.5)
    f, general = closed_form("normal", "standard_normal"), closed_form("normal", "normal")
    assert f(mu=1e-9, sigma=1 + 1e-9) == general(mu_1=1e-9, sigma_1=1 + 1e-9, mu_2=0, sigma_2=1) > 0
    same = closed_form("normal", "normal", where="mu_1 = mu_2")
    assert same(mu_1=7.0, sigma_1=1.0, sigma_2=1 + 1e-9) == general(mu_1=7, sigma_1=1, mu_2=7, sigma_2=1 + 1e-9)
    assert closed_form("normal", "normal", where="mu_1 = mu_2, sigma_1 = sigma_2")(mu_1=7.0, sigma_1=2.0) == 0


def test_code_says_what_it_rests_on():
    code = closed_form("poisson", "poisson").code("numpy")
    assert "Taylor's formula" in code
    names: dict[str, object] = {}
    exec(code, names)
    assert names["kl_poisson"](2.0, 2.0 + 2.0**-30) == pytest.approx(2.0**-62, rel=1e-8)


# Where there is none


def test_a_stable_form_is_better():
    form = StableForm(lambda m, p, q: p * m.itakura_saito(q, p) + (1 - p) * m.itakura_saito(1 - q, 1 - p))
    with with_laws(replace(COIN, stable_forms=(form,))):
        assert closed_form("coin", "coin").segment is None
    assert closed_form("coin", "coin").segment is not None


def test_there_is_none_of_other_quantities_and_of_two_families():
    assert closed_form("gamma", "exponential").segment is None
    assert closed_form("normal", quantity="entropy").segment is None
    assert closed_form("normal", "normal", quantity="gradient").segment is None


def test_laws_in_different_parameters_have_no_segment():
    assert segment_between(Question("kl", "normal", "normal", "logvar", "std")) is None
    assert closed_form("normal", "normal", param_p="logvar", param_q="std").segment is None


def test_a_parameter_that_is_a_whole_number_has_no_segment():
    whole = small_law("whole", {"n": Domain.INDEX}, Support.REALS, lambda m, x, n: m.exp(-n * m.abs(x)))
    with with_laws(whole), pytest.raises(NoClosedFormError, match="ends of a segment"):
        matched_parameters(Question("kl", "whole", "whole"))


@pytest.mark.parametrize("where", ["alpha_1 > 1", "alpha_2 > 1", "beta_2 > beta_1"])
def test_parameters_in_different_sets_have_no_segment(where):
    with pytest.raises(NoClosedFormError, match="ends of a segment"):
        matched_parameters(Question("kl", "gamma", "gamma", where=(where,)))


def test_parameters_in_the_same_set_have_one():
    question = Question("kl", "gamma", "gamma", where=("alpha_1 > 1", "alpha_2 > 1"))
    assert sum(matched_parameters(question), ()) == laws(question).parameters


# The certificate


@cache
def proved_form(question):
    derivation, form = engine.taylor_form(question)
    return kernel.prove(derivation), form


def certified(question=NORMALS, **changes):
    proof, form = proved_form(question)
    return Segment(proof, replace(form, **changes), form.first, form.second)


@pytest.mark.parametrize("law", [*LAWS, "coin", "inverse_gamma"])
def test_the_certificate_is_proved_in_all_parameterisations(law):
    for param in families.find(law).family.param_names:
        segment = certified(Question("kl", law, law, param, param))
        steps = list(segment.form.steps)
        n = len(segment.form.second)
        assert len(steps) == 1 + 2 * n + n * (n + 1) // 2 + bool(segment.form.differences)


def test_only_locations_enter_by_their_difference():
    _, form = engine.taylor_form(Question("kl", "normal", "normal", "logvar", "logvar"))
    mu_1, logvar_1, mu_2, _ = laws(Question("kl", "normal", "normal", "logvar", "logvar")).parameters
    assert form.differences == {mu_2}
    assert mu_1 not in form.centred.free
    assert logvar_1 in form.centred.free


def test_a_wrong_closed_form_is_refused():
    _, form = proved_form(NORMALS)
    with pytest.raises(ProofError, match="is not the closed form"):
        certified(closed=form.closed + form.first[1] - form.first[1])
    with pytest.raises(ProofError, match="not equal"):
        certified(centred=form.centred * 2)


def test_a_form_of_other_parameters_is_refused():
    _, form = proved_form(NORMALS)
    with pytest.raises(ProofError, match="not by the parameters"):
        certified(first=form.second, second=form.first, differences=frozenset(form.first[:1]))
    other, _ = engine.taylor_form(Question("kl", "gamma", "gamma"))
    with pytest.raises(ProofError, match="not by the parameters"):
        Segment(kernel.prove(other), form, form.first, form.second)


@pytest.mark.parametrize("place", [(0, 0), (1, 0), (1, 1)])
def test_a_wrong_second_derivative_is_refused(place):
    _, form = proved_form(NORMALS)
    row, column = place
    rows = [list(entries) for entries in form.hessian]
    for wrong in (2 * rows[row][column], -rows[row][column], rows[row][column] + 1, Number(0)):
        rows[row][column] = wrong
        with pytest.raises(ProofError, match="not equal"):
            certified(hessian=tuple(map(tuple, rows)))


def test_a_missing_derivative_is_refused():
    _, form = proved_form(NORMALS)
    with pytest.raises(ProofError, match="derivatives"):
        certified(hessian=form.hessian[:1])
    with pytest.raises(ProofError, match="derivatives"):
        certified(hessian=(form.hessian[0], form.hessian[1][:1]))
    with pytest.raises(ProofError, match="derivatives"):
        certified(gradient=form.gradient[:1])


def test_a_wrong_gradient_is_refused():
    _, form = proved_form(NORMALS)
    with pytest.raises(ProofError, match="not equal"):
        certified(gradient=(form.gradient[0] + form.first[1], form.gradient[1]))


def test_a_parameter_is_no_difference_because_a_form_says_so():
    _, form = proved_form(NORMALS)
    for differences in (frozenset(form.second), frozenset(form.first)):
        with pytest.raises(ProofError, match="any real number"):
            certified(differences=differences)
    with pytest.raises(ProofError, match="not equal"):
        certified(differences=frozenset())
    with pytest.raises(ProofError, match="not equal"):
        certified(centred=form.closed)


def test_a_quantity_that_is_not_0_at_equality_is_refused():
    derivation = engine.derive(Question("cross_entropy", "exponential", "exponential"))
    _, form = engine.taylor_form(Question("kl", "exponential", "exponential"))
    closed = derivation.statement.right
    with pytest.raises(ProofError, match="not about any two laws"):
        Segment(kernel.prove(derivation), replace(form, closed=closed), form.first, form.second)
    # Its derivatives by Q are those of the divergence: what is refused is its value alone.
    refused = []
    for step in replace(form, closed=closed, centred=closed).steps:
        try:
            kernel.prove_step(step)
        except ProofError:
            refused.append(step)
    assert [(step.rule, step.after) for step in refused] == [("collect", Number(0))]


def test_what_is_proved_of_equal_laws_only_is_no_form_of_any_two():
    """It is 0 with all its derivatives, and so would the divergence of any two laws be."""
    question = Question("kl", "exponential", "exponential")
    proof, form = proved_form(question)
    (rate_1,), (rate_2,) = form.first, form.second
    zero = Number(0)
    equal = kernel.specialise(proof, ((rate_1, rate_2),))
    tied = kernel.prove(engine.derive(replace(question, where=("lambda_1 = lambda_2",))))
    for special in (equal, tied):
        closed = special.statement.right
        flat = replace(form, closed=closed, centred=closed, gradient=(zero,), hessian=((zero,),))
        for step in flat.steps:
            kernel.prove_step(step)
        with pytest.raises(ProofError, match="not about any two laws"):
            Segment(special, flat, form.first, form.second)


# The quadrature


def test_the_rule_is_that_of_gauss_and_jacobi():
    with CTX.workdps(50):
        for t, w in zip(ABSCISSAE, WEIGHTS, strict=True):
            root = CTX.findroot(lambda x: CTX.jacobi(20, 1, 0, x), 2 * CTX.mpf(t) - 1)
            slope = 11 * CTX.jacobi(19, 2, 1, root)  # the derivative; DLMF (18.9.15), and the weight (3.5.22)
            assert t == float((1 + root) / 2)
            assert w == float(1 / ((1 - root**2) * slope**2))
    assert len(set(ABSCISSAE)) == 20


@pytest.mark.parametrize("ratio", [CTX.mpf(1) / 4, CTX.mpf(4)])
@pytest.mark.parametrize(("order", "allowed"), [(1, 2.0**-56), (2, 2.0**-56), (3, 2.0**-53), (4, 2.0**-50)])
def test_the_rule_has_all_digits_where_it_is_used(ratio, order, allowed):
    """At the largest ratio of two parameters, of an integrand with a pole at 0, in exact arithmetic."""
    roots = [CTX.findroot(lambda x: CTX.jacobi(20, 1, 0, x), 2 * CTX.mpf(t) - 1) for t in ABSCISSAE]
    rule = [((1 + x) / 2, 1 / ((1 - x**2) * (11 * CTX.jacobi(19, 2, 1, x)) ** 2)) for x in roots]
    found = sum(w * (1 + t * (ratio - 1)) ** -order for t, w in rule)
    exact = CTX.quad(lambda t: (1 - t) * (1 + t * (ratio - 1)) ** -order, [0, 0.5, 1])
    assert abs(found / exact - 1) < allowed
