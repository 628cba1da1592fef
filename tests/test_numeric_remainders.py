"""The public remainders: arrays of all kinds, edges, what is refused, gradients, and what the docstrings promise."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numeric_arguments import REMAINDERS
from remainder_values import CTX, Digits, exact

from kl_symbolic import numeric
from kl_symbolic.errors import RequestError
from kl_symbolic.functions import all_functions

NAMES = sorted(REMAINDERS)
TWO_POINTS = [name for name in NAMES if all_functions()[name].gap]
NEVER_NEGATIVE = [name for name in TWO_POINTS if all_functions()[name].value.nonnegative]
INF, NAN = np.inf, np.nan


def function(name):
    return getattr(numeric, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_docstring_says_the_bound_of_the_program(name):
    said = re.search(r"Within ([\d.]+) eps", function(name).__doc__)[1]
    rounding = all_functions()[name].rounding
    assert float(said) == rounding.eps
    if name in TWO_POINTS:
        said = re.search(r"grows by at most ([\d.]+)\.", " ".join(function(name).__doc__.split()))[1]
        assert float(said) == rounding.condition[2]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NAMES)
def test_values_are_right_and_of_the_dtype(name, dtype):
    given = [v.astype(dtype) for v in REMAINDERS[name].values()]
    values = function(name)(*given)
    assert values.dtype == dtype
    for value, *at in zip(values.ravel(), *(v.ravel() for v in given), strict=True):
        assert float(value) == pytest.approx(float(exact(name, *at)), rel=14 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize("name", NAMES)
def test_numbers_lists_and_layouts_give_the_same(name):
    given = REMAINDERS[name]
    values = function(name)(**given)
    np.testing.assert_array_equal(function(name)(**{key: v.tolist() for key, v in given.items()}), values)
    np.testing.assert_array_equal(function(name)(**{key: np.asfortranarray(v) for key, v in given.items()}), values)
    one = function(name)(**{key: float(v[0, 1]) for key, v in given.items()})
    assert isinstance(one, np.float64)
    assert one == values[0, 1]


def test_shapes_broadcast():
    assert numeric.itakura_saito(np.ones((3, 1)), np.ones(4)).shape == (3, 4)
    assert numeric.lgamma_remainder(np.ones((0, 2)), 1.0).shape == (0, 2)


@pytest.mark.parametrize("name", TWO_POINTS)
def test_a_gap_keeps_the_digits_of_points_that_are_equal_when_rounded(name):
    a, gap = 2.5, 1e-25
    with CTX.workdps(100):
        expected = getattr(Digits(), name)(CTX.mpf(a) + CTX.mpf(gap), CTX.mpf(a))
    assert function(name)(a, a, gap=gap) == pytest.approx(float(expected), rel=1e-14)


EDGES = {
    "expm1mx": [(0.0, 0.0), (INF, INF), (-INF, INF), (NAN, NAN), (1e308, INF), (5e-324, 0.0), (3e-162, 5e-324)],
    "log1pmx": [(0.0, 0.0), (INF, -INF), (NAN, NAN), (1e308, -1e308), (5e-324, 0.0)],
    "lgamma1p_remainder": [(0.0, 0.0), (INF, INF), (NAN, NAN), (1e307, INF), (5e-324, 0.0)],
    "trigamma_excess": [(INF, 0.0), (NAN, NAN), (5e-324, INF), (1e200, 0.0)],
}


@pytest.mark.parametrize(("name", "at", "value"), [(name, *edge) for name, edges in EDGES.items() for edge in edges])
def test_edges(name, at, value):
    np.testing.assert_array_equal(function(name)(at), value)


@pytest.mark.parametrize("name", [name for name in NEVER_NEGATIVE if name != "softplus_remainder"])
def test_a_remainder_is_infinite_where_a_point_is_and_0_where_they_are_equal(name):
    x = np.array([INF, 1.0, 2.5, 5e-324, 1.7e308, NAN, 1.0, 1.7e308])
    a = np.array([1.0, INF, 2.5, 5e-324, 1.7e308, 1.0, NAN, 5e-324])
    np.testing.assert_array_equal(function(name)(x, a), [INF, INF, 0, 0, 0, NAN, NAN, INF])


def test_one_law_may_be_certain_of_an_outcome():
    x = np.array([INF, -INF, 1.0, 1.0, NAN, 1.0, 800.0])
    a = np.array([1.0, 1.0, INF, -INF, 1.0, NAN, -800.0])
    certain = [np.log1p(np.exp(-1.0)), np.log1p(np.e)]
    np.testing.assert_allclose(numeric.softplus_remainder(x, a), [INF, INF, *certain, NAN, NAN, 800.0], rtol=1e-15)


KL_DIV_EDGES = [  # x, a, the value and the derivatives
    (0.0, 0.5, 0.5, -INF, 1.0),
    (0.0, 0.0, 0.0, -1.0, 1.0),  # there are none
    (0.5, 0.0, INF, INF, -INF),
    (0.0, INF, INF, -INF, 1.0),
    (0.5, 0.5, 0.0, 0.0, 0.0),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_kl_div_has_values_and_derivatives_where_a_point_is_0(dtype):
    torch = pytest.importorskip("torch")
    x, a, *expected = np.array(KL_DIV_EDGES, dtype).T
    value = numeric.kl_div(x, a)
    assert not np.signbit(value).any()
    np.testing.assert_array_equal(value, expected[0])
    given = [torch.tensor(v, requires_grad=True) for v in (x, a)]
    value = numeric.kl_div(*given)
    found = value, *torch.autograd.grad(value.sum(), given)
    np.testing.assert_array_equal([v.detach().numpy() for v in found], expected)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_kl_div_has_its_digits_between_numbers_of_all_sizes(dtype):
    info = np.finfo(dtype)
    sizes = [float(size) for size in (info.smallest_subnormal, info.smallest_normal / 64, info.eps, 0.5, info.max / 3)]
    x, a = (v.ravel().astype(dtype) for v in np.meshgrid(sizes, [size * 2.5 for size in sizes]))
    for value, *at in zip(numeric.kl_div(x, a), x, a, strict=True):
        truth, least = exact("kl_div", *at), 8 * float(info.smallest_subnormal)
        expected = INF if truth > float(info.max) else float(truth)
        assert float(value) == pytest.approx(expected, rel=6 * float(info.eps), abs=least)


@pytest.mark.parametrize("name", TWO_POINTS)
def test_differences_that_are_equal_are_0_without_a_sign(name):
    value = function(name)(2.5, 2.5)
    assert value == 0
    assert not np.signbit(value)


def test_differences_of_infinite_points():
    np.testing.assert_array_equal(numeric.digamma_difference([INF, 1.0], [1.0, INF]), [INF, -INF])
    euler_gamma = 0.5772156649015329  # -psi(1)
    np.testing.assert_allclose(
        numeric.digamma_log_difference([INF, 1.0], [1.0, INF]), [euler_gamma, -euler_gamma], rtol=1e-15
    )


def test_products_whose_factors_are_as_large_as_can_be():
    large = 1.7e308
    np.testing.assert_array_equal(
        numeric.difference_of_products([large, large], [0.5, 2.0], 1.0, 1.0), [large / 2, INF]
    )
    given = 1e160, 1e140, 1e150, 1e150
    assert numeric.difference_of_products(*given) == pytest.approx(
        float(exact("difference_of_products", *given)), rel=4e-16
    )


REFUSED = {
    "itakura_saito": [
        ((0.0, 1.0), r"^x must be positive; got 0\.0$"),
        ((1.0, [1.0, -2.0]), r"^a must be positive; got -2\.0 at index \(1,\)$"),
    ],
    "kl_div": [((1.0, [0.0, -2.0]), r"^a must be non-negative; got -2\.0 at index \(1,\)$")],
    "log1pmx": [((-1.0,), r"^x must be above -1; got -1\.0$")],
    "lgamma1p_remainder": [((-2.0,), r"^e must be above -1; got -2\.0$")],
    "trigamma_excess": [((-0.5,), r"^x must be positive; got -0\.5$")],
    "lgamma_remainder": [(([1.0, 2.0], [1.0, 2.0, 3.0]), "do not broadcast")],
    "expm1mx": [(("a",), r"^t must be an array of real numbers; got 'a'$"), ((1j,), "real numbers")],
}


@pytest.mark.parametrize(("name", "given", "message"), [(n, *case) for n, cases in REFUSED.items() for case in cases])
def test_what_is_refused(name, given, message):
    with pytest.raises(RequestError, match=message):
        function(name)(*given)


# Other libraries


def slopes(name):
    """Return the exact derivatives by each argument."""
    places = list(zip(*(v.ravel() for v in REMAINDERS[name].values()), strict=True))
    with CTX.workdps(60):
        return [
            [float(slope(Digits(), *(CTX.mpf(float(u)) for u in at))) for at in places]
            for slope in all_functions()[name].derivatives
        ]


@pytest.mark.parametrize("name", NAMES)
def test_torch_gives_the_values_and_derivatives(name):
    torch = pytest.importorskip("torch")
    given = [torch.tensor(v, requires_grad=True) for v in REMAINDERS[name].values()]
    value = function(name)(*given)
    np.testing.assert_allclose(value.detach().numpy(), function(name)(**REMAINDERS[name]), rtol=1e-14, atol=1e-300)
    for found, wanted in zip(torch.autograd.grad(value.sum(), given), slopes(name), strict=True):
        np.testing.assert_allclose(found.ravel().numpy(), wanted, rtol=1e-11, atol=1e-14)


@pytest.mark.sample(2)
@pytest.mark.parametrize("name", NAMES)
def test_jax_gives_the_values_and_derivatives(name):
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        given = [jax.numpy.asarray(v) for v in REMAINDERS[name].values()]
        value = function(name)(*given)
        by = tuple(range(len(given)))
        gradients = jax.jit(jax.grad(lambda *args: function(name)(*args).sum(), by))(*given)
    np.testing.assert_allclose(np.asarray(value), function(name)(**REMAINDERS[name]), rtol=1e-14, atol=1e-300)
    for found, wanted in zip(gradients, slopes(name), strict=True):
        np.testing.assert_allclose(np.asarray(found).ravel(), wanted, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("name", TWO_POINTS)
def test_xla_does_not_overflow_where_numpy_does_not(name):
    """XLA makes one quotient of two."""
    jax = pytest.importorskip("jax")
    x = np.array([3.7e-219, 2e-150, 1e-300, 1e300, 1e-300, 5.0])
    a = np.array([1.7e-219, 1e-150, 1.5e-300, 1e299, 1e300, 1e300])
    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        values = np.asarray(jax.jit(function(name))(jax.numpy.asarray(x), jax.numpy.asarray(a)))
    np.testing.assert_allclose(values, function(name)(x, a), rtol=1e-14)


def test_jax_differentiates_kl_div_at_0_and_between_small_numbers():
    jax = pytest.importorskip("jax")
    x, a = np.array([[0.0, 0.0, 0.5, 1e-30, 1e-30, 3e-25], [0.5, 0.0, 0.0, 0.5, 3e-25, 1e-25]], np.float32)
    by_x, by_a = jax.jit(jax.grad(lambda *args: numeric.kl_div(*args).sum(), (0, 1)))(*map(jax.numpy.asarray, (x, a)))
    with np.errstate(all="ignore"):
        true = np.where(x == a, -1, np.log(x / a)), np.where(x == a, 1, 1 - x / a)
    np.testing.assert_allclose([by_x, by_a], true, rtol=1e-6)


def test_the_log1p_of_xla_is_not_used_where_it_errs():
    jax = pytest.importorskip("jax")
    x = np.linspace(0.5, 0.7, 500)
    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        values = np.asarray(numeric.log_ratio(jax.numpy.asarray(x), jax.numpy.ones(500)))
    np.testing.assert_allclose(values, numeric.log_ratio(x, 1.0), rtol=4 * np.finfo(float).eps)


def test_tensors_out_of_the_domain_are_nan_in_their_own_row():
    torch = pytest.importorskip("torch")
    value = numeric.itakura_saito(torch.tensor([1.0, -1.0, 2.0]), torch.tensor([2.0, -1.0, 0.0]))
    assert torch.isnan(value).tolist() == [False, True, True]
    assert torch.isnan(numeric.log1pmx(torch.tensor([-0.5, -1.5]))).tolist() == [False, True]


@pytest.mark.slow
def test_torch_compiles_them_in_one_graph():
    torch = pytest.importorskip("torch")
    compiled = torch.compile(numeric.gamma_shape_remainder, fullgraph=True, backend="eager")
    x, a = torch.tensor([1.0, 20.0]), torch.tensor([3.0, 21.0])
    torch.testing.assert_close(compiled(x, a), numeric.gamma_shape_remainder(x, a))
