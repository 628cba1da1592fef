"""The audit of laws with values and with equal parameters: what passes, what is found, what is left out."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import sympy.stats
from audit_functions import QUICK, sentences

from kl_symbolic import numeric
from kl_symbolic.audit import audit
from kl_symbolic.audit.edges import middle_values
from kl_symbolic.audit.exact import floating, interval, mp
from kl_symbolic.audit.regions import draw, regions
from kl_symbolic.audit.target import target
from kl_symbolic.errors import RequestError
from kl_symbolic.slips.terms import mistaken

pytestmark = pytest.mark.usefixtures("proved_once")

THREE = ("normal", "normal(0, 3)", ("mu", "sigma"))
SHARED = {"p": "normal", "q": "normal", "args": ("mu_1", "mu_2", "sigma"), "where": "sigma_1 = sigma_2"}


def to_three(mu, sigma):
    return np.log(3 / sigma) + (sigma**2 + mu**2) / 18 - 0.5


def shared(m, n, sigma):
    return (m - n) ** 2 / (2 * sigma**2)


def written(found, expr):
    """Return what somebody may have written as a function: an expression in the parameters of the general question."""
    compute = floating(found.put_in(expr))

    def function(*arguments):
        values = compute(dict(zip(found.names, arguments, strict=True))) * np.ones(np.shape(arguments[0]))
        return values.sum(axis=-1) if found.product else values

    return function


# What must be accepted


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_right_functions_pass_everywhere(dtype):
    found = audit(lambda mu, sigma: numeric.kl_normal(mu, sigma, 0.0, 3.0), *THREE, dtype=dtype, rows=QUICK)
    assert found.passed, str(found)
    assert found.claim == "kl(normal, normal) where mu_2 = 0, sigma_2 = 3"
    assert {"near 1e-6", "equal", "tiny scales", "large means"} <= {row.region for row in found.rows}
    found = audit(shared, **SHARED, dtype=dtype, rows=QUICK)
    assert found.passed, str(found)
    assert found.closed_form == "(mu_1 - mu_2)**2/(2*sigma**2)"


@pytest.mark.parametrize(
    ("function", "pair", "options"),
    [
        (lambda s, t: np.log(t / s) + (s**2 + 1) / (2 * t**2) - 0.5, ("normal(0, s)", "normal(1, t)"), {}),
        (lambda s: np.log(s) + 1 / (2 * s**2) - 0.5, ("standard_normal", "normal(0, s)"), {}),
        (lambda s: (s**2 / 2 - np.log(s) - 0.5).sum(-1), ("diagonal_normal(0, s)", "standard_normal"), {}),
        (
            lambda m, n, lv: ((m - n) ** 2 / np.exp(lv)).sum(-1) / 2,
            ("diagonal_normal", "diagonal_normal", ("mu_1", "mu_2", "logvar")),
            {"where": ["logvar_1 = logvar_2"]},
        ),
        (lambda a: a * np.log(a / 3) - a + 3, ("poisson", "poisson(3)", ("lambda",)), {}),
        (lambda a: np.log(10 * a) - 1 + 0.1 / a, ("exponential", "exponential(0.1)"), {}),
        (lambda a, s: np.log(a * s * (2 * np.pi) ** 0.5) - 1 + 1 / (a * s) ** 2, ("exponential", "normal(0, s)"), {}),
        (lambda m: m**2 / 2e8, ("normal(m, 10000)", "normal(0, 10000)"), {}),
        (lambda m: (m - 2.3) ** 2 / 2e-6, ("normal(m, 0.001)", "normal(2.3, 0.001)"), {}),
        (lambda m: (m - 1e6) ** 2 / 2, ("normal(m, 1)", "normal(1000000, 1)"), {}),
        (lambda s: np.log(1e6 / s) + s**2 / 2e12 - 0.5, ("normal(7, s)", "normal(7, 1000000)"), {}),
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_textbook_formulas_pass_where_nothing_cancels(function, pair, options, dtype):
    found = audit(function, *pair, **options, regions=["far", "extreme", "shapes"], dtype=dtype, rows=QUICK)
    assert found.passed, str(found)


def test_laws_may_be_objects_of_libraries():
    m, s = sympy.Symbol("m", real=True), sympy.Symbol("s", positive=True)
    stats = pytest.importorskip("scipy.stats")
    pair = sympy.stats.Normal("X", m, s), stats.norm(0, 3)
    assert audit(lambda s, m: to_three(m, s), *pair, ("s", "m"), regions=["far"]).passed
    torch = pytest.importorskip("torch")
    one = torch.distributions.Normal(torch.zeros(5), torch.ones(5))
    found = audit(
        numeric.kl_standard_normal,
        "diagonal_normal",
        torch.distributions.Independent(one, 1),
        ("mu", "logvar"),
        regions=["far"],
    )
    assert found.passed
    assert "the laws have 5 coordinates; it is called with 3 and fewer" in found.notes


def test_a_parameter_that_the_closed_form_does_not_have_may_be_left_out():
    def centred(s):
        return np.log(3 / s) + s**2 / 18 - 0.5

    pair = ("normal(m, s)", "normal(m, 3)")
    assert audit(centred, *pair, regions=["far", "extreme", "edges", "shapes"]).passed
    assert audit(lambda _, s: centred(s), *pair, ("m", "s"), regions=["far", "edges"]).passed
    found = audit(lambda s: np.log(s / 3) + 4.5 / s**2 - 0.5, *pair, regions=["far"])
    assert "this is the reverse divergence" in sentences(found)


def test_values_keep_their_meaning_where_the_arguments_choose_the_parameterisation():
    def kl(mu, var):
        return np.log(9 / var) / 2 + (var + mu**2) / 18 - 0.5

    assert audit(kl, "normal", "normal(0, 3)", ("mu", "var"), regions=["far"]).passed
    assert audit(kl, "normal", "normal(0, 9)", ("mu", "var"), param="var", regions=["far"]).passed

    def in_logvar(mu, logvar):
        return kl(mu, np.exp(logvar))

    # The logarithm of 9 is not rational; so Q stays in the parameters in which it is given.
    assert audit(in_logvar, "normal", "normal(0, 3)", ("mu", "logvar"), regions=["far"]).passed
    with pytest.raises(RequestError, match="logvar_2 would not be rational; give logvar_2 itself"):
        audit(in_logvar, "normal", "normal(0, sigma=3)", ("mu", "logvar"), param="logvar")


# What must be found


@pytest.mark.parametrize(
    ("function", "options", "words"),
    [
        (lambda m, s: np.log(3 / s) + m**2 / 18 - 0.5, THREE, "the term σ²/18 is missing"),
        (lambda m, s: np.log2(3 / s) + (s**2 + m**2) / 18 - 0.5, THREE, "in the term log(3/σ) is to the base 2"),
        (lambda m, s: to_three(m, s) / np.log(2), THREE, "in bits"),
        (lambda m, v: to_three(m, np.sqrt(v)), THREE, "sigma stands for the variance"),
        (lambda s, m: to_three(m, s), THREE, "for arguments in the order sigma, mu"),
        (lambda m, s: np.log(s / 3) + (9 + m**2) / (2 * s**2) - 0.5, THREE, "this is the reverse divergence"),
        (lambda m, s: np.log(3 / s) + (s**2 + m**2) / 6 - 0.5, THREE, "a square is missing: σ₂ in every term"),
        (lambda m, s: to_three(m, s) + 0.125, THREE, "plus 1/8"),
        (lambda m, s: np.log(3 / (s + 1e-6)) + (s**2 + m**2) / 18 - 0.5, THREE, "1e-06 is added to sigma"),
        (lambda m, n, v: (m - n) ** 2 / (2 * v), SHARED, "sigma stands for the variance"),
        (lambda s, m, n: (m - n) ** 2 / (2 * s**2), SHARED, "in the order sigma, mu_1, mu_2"),
        (lambda s: np.log(3 / s) + s**2 / 18, ("normal(0, s)", "normal(1, 3)"), "the term −4/9 is missing"),
        (lambda s: np.log(3 / s) + s / 18 - 4 / 9, ("normal(0, s)", "normal(1, 3)"), "a square is missing: s in"),
    ],
)
def test_what_is_wrong_is_named_in_the_names_of_the_arguments(function, options, words):
    laws = options if isinstance(options, dict) else dict(zip(("p", "q", "args"), options, strict=False))
    found = audit(function, **laws, rows=QUICK)
    assert not found.passed
    assert words in sentences(found)


@pytest.mark.parametrize(
    ("p", "q", "where"),
    [
        ("normal(0, s)", "normal(t, 2)", None),
        ("diagonal_normal", "diagonal_normal", "mu_1 = mu_2"),
        ("poisson", "poisson(3)", None),
    ],
)
def test_no_slip_in_a_special_case_passes(p, q, where):
    found = target(p, q, where=where)
    columns = {name: np.linspace(0.6, 2.1, 5)[:, None] ** (k + 1) for k, name in enumerate(found.names)}
    right = np.asarray(floating(found.closed)(columns), float)
    tried = 0
    for quantity in (found.quantities[0], found.general[0]):
        for words, expr in mistaken(quantity):
            values = np.asarray(floating(found.put_in(expr))(columns), float)
            if np.allclose(values, right):
                continue  # where some parameters have values it is no slip
            tried += 1
            assert not audit(written(found, expr), p, q, where=where, regions=["far"], rows=4).passed, words
    assert tried > 5


def test_edges_and_not_a_number_are_tried():
    found = audit(
        lambda a: np.where(a == 0, 0.0, a * np.log(np.maximum(a, 1e-300) / 3) - a + 3), "poisson", "poisson(3)"
    )
    assert "the edge lambda_1 = 0.0: it returns 0.0; the limit of the closed form is 3.0" in sentences(found)
    found = audit(lambda m, n, s: np.nan_to_num(shared(m, n, s)), **SHARED, regions=["far", "edges"])
    assert "NaN for sigma gives" in sentences(found)


# Regions


@pytest.mark.parametrize(
    ("p", "q", "where"),
    [
        ("normal", "normal(0, 3)", None),
        ("normal(2, 3)", "normal", None),
        ("normal", "normal", "sigma_1 = sigma_2"),
        ("diagonal_normal(0, s)", "standard_normal", None),
        ("poisson(2)", "poisson", None),
    ],
)
def test_laws_that_are_nearly_equal_are_so_with_their_values(p, q, where):
    found = target(p, q, where=where)
    for dtype in ("float64", "float32"):
        names = regions(found, dtype)
        assert not found.values(draw(found, "equal", dtype, 20)).any()
        for region in names["near"]:
            values = found.values(draw(found, region, dtype, 20))
            distance = float(region.removeprefix("near "))
            assert all(0 < value < 60 * distance**2 for value in values.ravel())


@pytest.mark.parametrize(
    ("p", "q", "words"),
    [
        ("normal(0, s)", "normal(5, 3)", "the laws are never nearly equal: mu is 0 in P and 5 in Q"),
        (
            "exponential",
            "exponential(0.1)",
            "not tried: lambda = 1/10 is no number in float64, and near it the rounding",
        ),
        ("exponential", "normal(0, s)", "the laws are of two families"),
    ],
)
def test_regions_that_make_no_sense_are_left_out_and_that_is_said(p, q, words):
    found = target(p, q)
    right = written(found, found.quantities[0].expression)
    report = audit(right, p, q, rows=4)
    assert {row.region.partition(" ")[0] for row in report.rows} <= {"far", "tiny", "huge", "mixed", "large"}
    assert words in str(report)
    assert not audit(right, p, q, regions=["near"]).passed  # nothing was compared
    with pytest.raises(RequestError, match="no region 'near 1e-8': "):
        audit(right, p, q, regions=["near 1e-8"])


def test_scales_are_not_moved_where_they_are_numbers():
    assert regions(target("normal(m, 3)", "normal(0, 3)"), "float64")["extreme"] == ["large means"]
    drawn = draw(target("normal(0, s)", "standard_normal"), "huge scales", "float64", 20)
    assert list(drawn) == ["s"]
    assert (drawn["s"] > 1e70).all()


def test_an_edge_is_looked_at_where_the_laws_do_not_meet():
    plain = middle_values(target("normal(m, s)", "normal(0, s)"))
    met = middle_values(target("normal(m, s)", f"normal({plain['m']}, s)"))
    assert met["m"] != plain["m"]


# Gradients


@pytest.mark.parametrize(
    ("p", "q", "where", "param"),
    [
        ("normal", "normal", "sigma_1 = sigma_2", None),
        ("normal", "normal", "mu_1 = mu_2", "logvar"),
        ("normal(m, s)", "normal(m, 3)", None, None),
        ("diagonal_normal", "diagonal_normal", "mu_2 = 1, sigma_1 = sigma_2", None),
        ("poisson(3)", "poisson", None, None),
    ],
)
def test_a_gradient_is_the_derivative_by_all_that_is_equal(p, q, where, param):
    found = target(p, q, None, param, where)
    point = {name: 0.5 + k for k, name in enumerate(found.names)}

    def value(name, at):
        columns = {n: interval(float(v)) for n, v in {**point, name: at}.items()}
        low, high = (mp.make_mpf(end) for end in found.computation(columns)._mpi_)
        return (low + high) / 2

    assert set(found.gradients) == set(found.names)
    for name, slope in found.gradients.items():
        step = 2.0**-20
        low, high = (mp.make_mpf(end) for end in slope({n: interval(v) for n, v in point.items()})._mpi_)
        difference = (value(name, point[name] + step) - value(name, point[name] - step)) / (2 * step)
        assert abs((low + high) / 2 - difference) < 1e-9


def test_gradients_are_compared_and_wrong_ones_found():
    torch = pytest.importorskip("torch")

    def kl(m, n, sigma):
        return (m - n) ** 2 / (2 * sigma**2)

    found = audit(kl, **SHARED, library="torch", regions=["gradients"], rows=QUICK)
    assert found.passed
    assert found.row("gradient near 1e-4").worst < 16
    found = audit(lambda m, n, s: kl(m, n, s.detach()), **SHARED, library="torch", regions=["gradients"], rows=QUICK)
    assert [finding.kind for finding in found.findings] == ["gradient"]
    far = audit(
        lambda s: torch.log(5 / s) + (s**2 + 1) / 50 - 0.5, "normal(0, s)", "normal(1, 5)", regions=["gradients"]
    )
    assert far.passed
    assert [row.region for row in far.rows] == ["gradient far"]
