"""Results written to `out`, and rows of one array that different formulas compute."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from numeric_draws import DTYPES
from numeric_exact import EPS_ALLOWED, exact_diag_normal, exactly

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric import (
    arrays,
    kl_diag_normal,
    kl_diag_normal_value_and_grad,
    kl_discrete,
    kl_normal,
    kl_normal_value_and_grad,
    kl_standard_normal,
    kl_standard_normal_value_and_grad,
    rows,
)

pytestmark = pytest.mark.usefixtures("backend")

CALLS = [
    pytest.param(lambda out: kl_normal([1.0, 2.0], 1.0, 0.0, 1.0, out=out), id="normal"),
    pytest.param(lambda out: kl_diag_normal([[1.0], [2.0]], 0.0, 0.0, 0.0, out=out), id="diagonal"),
    pytest.param(lambda out: kl_standard_normal([[1.0], [2.0]], 0.0, out=out), id="standard"),
]


@pytest.mark.parametrize("call", CALLS)
def test_out_receives_the_result(call):
    out = np.full(2, -1.0)
    assert call(out) is out
    np.testing.assert_array_equal(out, [0.5, 2.0])
    spaced = np.full(4, -1.0)
    call(spaced[::2])
    np.testing.assert_array_equal(spaced, [0.5, -1.0, 2.0, -1.0])


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("out", "message"),
    [
        (np.zeros(3), "out must have the shape of the result, (2,); got (3,)"),
        (np.zeros(2, np.float32), "out must have the dtype of the result, float64; got float32"),
        (np.broadcast_to(0.0, 2), "out must be writeable; got a read-only array"),
        ([0.0, 0.0], "out must be a NumPy array; got list"),
    ],
)
def test_out_must_fit(call, out, message):
    with pytest.raises(RequestError) as caught:
        call(out)
    assert str(caught.value) == message


def test_out_may_be_a_parameter():
    mu = np.array([1.0, 2.0])
    kl_normal(mu, 1.0, 0.0, 1.0, out=mu)
    np.testing.assert_array_equal(mu, [0.5, 2.0])


def rows_of_every_kind(dtype, width):
    """Parameters whose rows run from nearly equal laws to those where e^t is all but infinite."""
    random = np.random.default_rng(width)
    sizes = np.concatenate([np.logspace(-6, 0.5, 40), [1.0] * 10, [8.0, 30.0]])[:, None]
    return [
        (sizes * random.normal(size=(len(sizes), width))).astype(dtype) * dtype(scale) for scale in (1, 1, 0.5, 0.5)
    ]


@pytest.mark.sample(8)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", [1, 2, 3, 7, 8, 64, 200])
def test_rows_of_every_kind_are_accurate(dtype, width):
    parameters = rows_of_every_kind(dtype, width)
    for kernel, count in [(kl_diag_normal, 4), (kl_standard_normal, 2)]:
        for row, value in enumerate(kernel(*parameters[:count])):
            laws = [v[row] for v in parameters[:count]] + [np.zeros(width)] * (4 - count)
            with mpmath.workdps(60):
                right = exact_diag_normal(*map(exactly, laws))
                if right > float(np.finfo(dtype).max):
                    assert value == np.inf
                    continue
                assert abs(exactly(value) - right) <= EPS_ALLOWED * float(np.finfo(dtype).eps) * right, row


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", [1, 3, 64, 200])
def test_the_size_of_the_blocks_changes_nothing(monkeypatch, dtype, width):
    parameters = rows_of_every_kind(dtype, width)
    whole = kl_diag_normal(*parameters)
    assert np.ptp(whole) > 0
    for size in (1, 1000):
        monkeypatch.setattr(rows, "BLOCK", max(size, width))
        monkeypatch.setattr(rows, "COPIED", size)
        np.testing.assert_array_equal(kl_diag_normal(*parameters), whole)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_other_laws_of_an_array_change_nothing(dtype):
    random = np.random.default_rng(6)
    mu_2, sigma_2 = random.normal(size=(3, 600)), np.exp(random.normal(size=(3, 600)))
    apart = np.array([[0.01], [0.01], [1.5]])  # both near, the means, the scales
    mu_1 = mu_2 + sigma_2 * apart[[0, 2, 1]] * random.normal(size=(3, 600))
    sigma_1 = sigma_2 * np.exp(apart * random.normal(size=(3, 600)))
    parameters = [v.astype(dtype) for v in (mu_1, sigma_1, mu_2, sigma_2)]
    together = kl_normal(*parameters)
    for row, laws in enumerate(zip(*parameters, strict=True)):
        np.testing.assert_array_equal(kl_normal(*laws), together[row])
        np.testing.assert_array_equal(kl_normal(*(v[:7] for v in laws)), together[row, :7])


def test_more_than_two_dimensions_along_any_axis():
    mu, logvar = np.random.default_rng(1).normal(size=(2, 4, 5, 6))
    for axis in range(-3, 3):
        rows = [np.moveaxis(v, axis, -1).copy() for v in (mu, logvar)]
        np.testing.assert_array_equal(kl_standard_normal(mu, logvar, axis), kl_standard_normal(*rows))


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_parameter_is_found_in_a_large_array(value):
    parameters = [np.ones((3000, 20)) for _ in range(4)]
    for k, name in enumerate(["mu_1", "logvar_1", "mu_2", "logvar_2"]):
        parameters[k][2999, 7] = value
        with pytest.raises(RequestError) as caught:
            kl_diag_normal(*parameters)
        assert str(caught.value) == f"{name} must be finite; got {value} at index (2999, 7)"
        parameters[k][2999, 7] = 1.0


def test_wide_means_under_a_huge_log_variance():
    """1/sigma_2 is subnormal here, so delta would lose digits."""
    mu, logvar = np.float32([[1e38]]), np.float32([[173.0]])
    with mpmath.workdps(60):
        right = exact_diag_normal(*map(exactly, (mu[0], logvar[0], [0.0], logvar[0])))
        assert abs(float(kl_diag_normal(mu, logvar, np.float32(0), logvar)[0]) / right - 1) <= EPS_ALLOWED * 2.0**-23


VALUES_AND_GRADIENTS = [
    pytest.param(kl_normal_value_and_grad, 4, {}, id="normal"),
    pytest.param(kl_diag_normal_value_and_grad, 4, {"axis": -1}, id="diagonal"),
    pytest.param(kl_diag_normal_value_and_grad, 4, {"axis": 0}, id="diagonal, first axis"),
    pytest.param(kl_standard_normal_value_and_grad, 2, {"axis": -1}, id="standard"),
]


@pytest.mark.parametrize("few", [0, arrays.FEW], ids=["direct", "copied"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("function", "count", "options"), VALUES_AND_GRADIENTS)
def test_out_receives_value_and_gradient(monkeypatch, function, count, options, dtype, few):
    monkeypatch.setattr(arrays, "FEW", few)
    parameters = list(np.random.default_rng(0).uniform(0.5, 2, size=(count, 40, 30)).astype(dtype))
    value, gradient = function(*parameters, **options)
    out = np.full_like(value, -1), tuple(np.full_like(v, -1) for v in gradient)
    written = function(*parameters, **options, out=out)
    assert all(one is other for one, other in zip((written[0], *written[1]), (out[0], *out[1]), strict=True))
    spaced = np.full(np.multiply(value.shape, 2), -1, dtype)[tuple([slice(None, None, 2)] * value.ndim)]
    backwards = tuple(np.full_like(v, -1)[::-1] for v in gradient)
    function(*parameters, **options, out=(spaced, backwards))
    overlapping = [v.copy() for v in parameters]  # each derivative takes the place of its parameter
    function(*overlapping, **options, out=(out[0], tuple(overlapping)))
    for derivatives in (out[1], backwards, overlapping):
        for one, other in zip(derivatives, gradient, strict=True):
            np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(out[0], value)
    np.testing.assert_array_equal(spaced, value)


def test_out_of_single_numbers_is_an_array_without_axes():
    out = np.array(0.0), tuple(np.array(0.0) for _ in range(4))
    kl_normal_value_and_grad(1.0, 1.0, 0.0, 1.0, out=out)
    assert (float(out[0]), [float(v) for v in out[1]]) == (0.5, [1.0, 0.0, -1.0, -1.0])


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (np.zeros(2), "out must be a pair, an array for the value and a tuple of 2 arrays for the derivatives"),
        ((np.zeros(2), (np.zeros((2, 1)),)), "out must be a pair, an array for the value and a tuple of 2 arrays for "),
        ((np.zeros(2), (np.zeros((2, 1)), np.zeros(2))), "out must have the shape of the result, (2, 1); got (2,)"),
        ((np.zeros(3), (np.zeros((2, 1)),) * 2), "out must have the shape of the result, (2,); got (3,)"),
    ],
)
def test_out_must_fit_value_and_gradient(out, message):
    with pytest.raises(RequestError) as caught:
        kl_standard_normal_value_and_grad([[1.0], [2.0]], 0.0, out=out)
    assert str(caught.value).startswith(message)


def test_the_discrete_kernel_writes_to_out():
    out = np.zeros(2)
    assert kl_discrete([[0.5, 0.5], [1.0, 0.0]], 0.5, out=out) is out
    np.testing.assert_array_equal(out, [0.0, np.log(2)])
