"""Divergences of all laws by their names, and their derivatives, against the proved closed forms."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from numeric_exact import exactly
from numeric_laws import draw, equal, extreme, near, pairs_of_laws, proved

from kl_symbolic import closed_form
from kl_symbolic.errors import NoClosedFormError, RequestError
from kl_symbolic.numeric import kl, kl_grad, kl_value_and_grad, loops

ROWS = 4
LAWS = pytest.mark.parametrize("laws", pairs_of_laws(), ids=str)
KINDS = {
    "at random": lambda laws, random, dtype: draw(laws, random, ROWS, dtype),
    "wide": lambda laws, random, dtype: draw(laws, random, ROWS, dtype, spread=3.0),
    **{
        f"at {distance:g}": lambda laws, random, dtype, d=distance: near(laws, random, ROWS, d, dtype)
        for distance in (1e-3, 1e-6, 1e-9, 1e-12)
    },
    "equal": lambda laws, random, dtype: {name: v.astype(dtype) for name, v in equal(laws, random, ROWS).items()},
    "extreme": lambda laws, random, dtype: extreme(laws, random, 1 if "gamma" in (laws.p, laws.q) else ROWS, dtype),
}
COMPILED = [proved("normal", "normal", "std"), proved("gamma", "gamma", "rate"), proved("poisson", "poisson", "rate")]


@pytest.fixture
def without_numba(monkeypatch):
    """Compile nothing: a first compile takes seconds, and there are many laws."""
    monkeypatch.setattr(loops, "available", lambda: False)


def call(function, laws, parameters, **options):
    return function(laws.p, laws.q, param=laws.param, **parameters, **options)


def assert_accurate(laws, parameters, digits=120, eps_allowed=None):
    """Compare values and derivatives with the proved ones; these where two terms cancel relative to their sizes."""
    value, gradient = call(kl_value_and_grad, laws, parameters)
    alone = call(kl, laws, parameters)
    info = np.finfo(value.dtype)
    assert {v.dtype for v in (alone, *gradient.values())} == {info.dtype} == {v.dtype for v in parameters.values()}
    assert tuple(gradient) == laws.names
    least = max(64 * exactly(info.smallest_subnormal), mpmath.mpf(10) ** (40 - digits))  # of the reference's own errors
    bound = (eps_allowed or laws.eps) * exactly(info.eps)
    with mpmath.workdps(digits):
        for row, point in enumerate(zip(*(parameters[name] for name in laws.names), strict=True)):
            exact, slopes = laws.value(*map(exactly, point)), laws.gradient(*map(exactly, point))
            wanted = [(value[row], exact, exact), (alone[row], exact, exact)]
            wanted += [(gradient[name][row], *pair) for name, pair in zip(laws.names, slopes, strict=True)]
            for got, right, size in wanted:
                if abs(right) > info.max:
                    assert got == float(mpmath.sign(right)) * np.inf, (point, got, right)
                    continue
                assert np.isfinite(got), (point, got, right)
                assert abs(exactly(got) - right) <= bound * size + least, (point, got, right)
            assert value[row] >= 0
            assert alone[row] >= 0


@pytest.mark.usefixtures("without_numba")
@pytest.mark.sample(20)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", KINDS)
@LAWS
def test_values_and_derivatives_are_those_that_are_proved(laws, kind, dtype):
    if kind in ("at 1e-09", "at 1e-12") and dtype is np.float32:
        kind = "at 1e-06"  # no float32 is nearer to another
    digits = 120  # the closed forms cancel
    if kind == "extreme":
        digits = 200 if "gamma" in (laws.p, laws.q) else 1400
    assert_accurate(laws, KINDS[kind](laws, np.random.default_rng(1), dtype), digits)


@pytest.mark.usefixtures("without_numba")
@pytest.mark.parametrize("alpha", [1e100, 1e155, 1e160, 1e300])
@pytest.mark.parametrize("quotient", [1e-300, 1.0])
def test_shapes_may_be_as_large_as_numbers_are(alpha, quotient):
    """The shape of a gamma law enters by log(alpha)/2 alone if it is so large."""
    got = kl("gamma", "exponential", param="mean", alpha_1=alpha, mu_1=quotient, lambda_2=1.0)
    by_shape = np.log(alpha / (2 * np.pi)) / 2 + 0.5 - 1 + quotient - np.log(quotient)
    assert got == pytest.approx(by_shape, rel=1e-14)


@pytest.mark.usefixtures("without_numba")
@pytest.mark.sample(5)
@LAWS
def test_they_are_those_of_the_closed_form_as_a_function(laws):
    parameters = draw(laws, np.random.default_rng(2), 1)
    point = {name: float(v[0]) for name, v in parameters.items()}
    form = closed_form(laws.p, laws.q, param=laws.param)
    got = call(kl, laws, parameters)
    assert got[0] == pytest.approx(float(form.evaluate(**point)), rel=laws.eps * 2.0**-52)


@pytest.mark.usefixtures("without_numba")
def test_the_comparison_is_able_to_fail():
    laws = proved("gamma", "gamma", "rate")
    with pytest.raises(AssertionError):
        assert_accurate(laws, draw(laws, np.random.default_rng(1), ROWS), eps_allowed=0.1)


@pytest.mark.sample(1)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("laws", COMPILED, ids=str)
def test_compiled_loops_are_accurate_too(laws, dtype):
    pytest.importorskip("numba")
    random = np.random.default_rng(3)
    for parameters in (draw(laws, random, ROWS, dtype), near(laws, random, ROWS, 1e-6, dtype)):
        assert_accurate(laws, parameters)


@pytest.mark.usefixtures("without_numba")
@LAWS
def test_equal_laws_have_no_divergence_and_no_slope(laws):
    value, gradient = call(kl_value_and_grad, laws, equal(laws, np.random.default_rng(4), ROWS))
    np.testing.assert_array_equal(value, 0)
    for name, slope in gradient.items():
        np.testing.assert_array_equal(slope, 0, err_msg=name)


@pytest.mark.usefixtures("without_numba")
@pytest.mark.sample(6)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@LAWS
def test_bits_are_nats_over_log_2(laws, dtype):
    parameters, allowed = draw(laws, np.random.default_rng(5), ROWS, dtype), {"rtol": 3 * np.finfo(dtype).eps}
    nats, slopes = call(kl_value_and_grad, laws, parameters)
    bits, slopes_in_bits = call(kl_value_and_grad, laws, parameters, unit="bits")
    np.testing.assert_allclose(bits, nats / np.log(2), **allowed)
    assert bits.dtype == dtype
    for name, slope in call(kl_grad, laws, parameters, unit="bits").items():
        np.testing.assert_array_equal(slope, slopes_in_bits[name])
        np.testing.assert_allclose(slope, slopes[name] / np.log(2), **allowed)


# Edges and NaN


@pytest.mark.usefixtures("backend")
def test_a_poisson_law_may_have_the_rate_0():
    value, gradient = kl_value_and_grad("poisson", "poisson", lambda_1=0.0, lambda_2=[0.5, 2.0])
    np.testing.assert_array_equal(value, [0.5, 2.0])
    np.testing.assert_array_equal(gradient["lambda_1"], -np.inf)
    np.testing.assert_array_equal(gradient["lambda_2"], 1)
    with pytest.raises(RequestError, match=r"^lambda_2 must be positive; got 0\.0$"):
        kl("poisson", "poisson", lambda_1=0.0, lambda_2=0.0)


@pytest.mark.usefixtures("without_numba")
@pytest.mark.sample(4)
@LAWS
def test_nan_spoils_its_own_row_only(laws):
    parameters = draw(laws, np.random.default_rng(6), ROWS)
    right = call(kl, laws, parameters)
    for name in laws.names:
        spoilt = parameters | {name: parameters[name].copy()}
        spoilt[name][2] = np.nan
        got = call(kl, laws, spoilt)
        assert np.isnan(got[2])
        np.testing.assert_allclose(np.delete(got, 2), np.delete(right, 2), rtol=1e-14)


@pytest.mark.usefixtures("without_numba")
@pytest.mark.sample(6)
@pytest.mark.parametrize("wrong", [np.inf, -np.inf, -1.0, 0.0])
@LAWS
def test_what_is_no_law_is_refused_with_its_place(laws, wrong):
    for name in laws.names:
        parameters = draw(laws, np.random.default_rng(7), ROWS)
        parameters[name][3] = wrong
        free = name.startswith("log") or (name.startswith("mu") and laws.param != "mean")
        edge = (laws.p, name, wrong) in {("poisson", "lambda_1", 0.0), ("bernoulli", "p_1", 0.0)}
        if np.isinf(wrong) or not (free or edge):
            with pytest.raises(RequestError, match=rf"^{name} must be .*; got {wrong}.* at index \(3,\)$"):
                call(kl, laws, parameters)


# Product laws


PRODUCT = {"mu_1": [[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]], "sigma_1": 1.5, "mu_2": [0.5, 0.0, -0.5], "sigma_2": [[2], [1]]}


@pytest.mark.parametrize(("axis", "shape"), [(0, (3,)), (1, (2,)), (-1, (2,)), ((0, 1), ()), ((-1, 0), ()), (None, ())])
def test_product_laws_are_summed_over_the_axes_of_their_coordinates(axis, shape):
    coordinates = kl("normal", "normal", **PRODUCT)
    assert coordinates.shape == (2, 3)
    for p, q in (("diagonal_normal", "diagonal_normal"), ("normal", "diagonal_normal"), ("diagonal_normal", "normal")):
        got = kl(p, q, axis=axis, **PRODUCT)
        assert got.shape == shape
        np.testing.assert_allclose(got, coordinates.sum(axis=axis), rtol=1e-15)
        value, gradient = kl_value_and_grad(p, q, axis=axis, **PRODUCT)
        np.testing.assert_allclose(value, got, rtol=1e-15)
        for name, slope in kl_grad("normal", "normal", **PRODUCT).items():
            np.testing.assert_array_equal(gradient[name], slope)
        out = np.empty(shape)
        assert kl(p, q, axis=axis, out=out, **PRODUCT) is out
        np.testing.assert_array_equal(out, got)


def test_by_default_the_last_axis_counts_the_coordinates():
    np.testing.assert_array_equal(
        kl("diagonal_normal", "diagonal_normal", **PRODUCT), kl("diagonal_normal", "diagonal_normal", axis=1, **PRODUCT)
    )


# What is refused

ONE = {"mu_1": 0.0, "sigma_1": 1.0, "mu_2": 0.0, "sigma_2": 1.0}
UNSTABLE = "kl_symbolic.closed_form may have a closed form"
REFUSED = [
    (
        ("normal", "normal"),
        ONE | {"axis": 0},
        "normal and normal have one coordinate, and no axis to sum over: name diag",
    ),
    (("normal", "normal"), {"mu_1": 0.0}, "the parameters are mu_1, sigma_1, mu_2, sigma_2, each once; given: mu_1"),
    (("normal", "normal"), {}, "the parameters are mu_1, sigma_1, mu_2, sigma_2, each once; given: none"),
    (("normal", "normal"), ONE | {"sigma": 1.0}, "no parameter 'sigma'; there are mu_1, sigma_1, mu_2, sigma_2"),
    (("normal", "normal"), ONE | {"unit": "bit"}, "unit must be one of nats, bits; got 'bit'"),
    (("normal", "normal"), ONE | {"out": np.empty(2)}, "out must have the shape of the result, (); got (2,)"),
    (
        ("normal", "normal"),
        ONE | {"mu_1": [0, 1], "mu_2": [1, 2, 3]},
        "the shapes of the parameters do not broadcast: m",
    ),
    (("diagonal_normal", "normal"), ONE, "axis must be one of the axes of the parameters; got -1 for the shape ()"),
    (("normal", "poisson"), {}, f"no stable form is stated for normal and poisson in these parameters; {UNSTABLE}"),
    (("standard_normal", "standard_normal"), {}, "the laws of kl(standard_normal, standard_normal) have no parameters"),
    (("norml", "normal"), {}, "unknown family 'norml'; did you mean normal"),
]


@pytest.mark.parametrize(("laws", "arguments", "message"), REFUSED)
def test_what_is_wrong_is_said_in_one_line(laws, arguments, message):
    with pytest.raises((RequestError, NoClosedFormError)) as caught:
        kl(*laws, **arguments)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("dtype", [int, bool, complex, object, "U8", "no dtype"])
def test_the_dtype_of_results_is_one_of_real_numbers(dtype):
    with pytest.raises(RequestError, match=r"^dtype must be"):
        kl("normal", "normal", dtype=dtype, **ONE)
