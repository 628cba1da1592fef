"""Discrete laws and histograms: zeros, NaN, axes, memory layouts, dtypes, and arguments that are refused."""

from __future__ import annotations

import numpy as np
import pytest
from numeric_draws import DTYPES, draw_discrete

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric import cross_entropy_discrete, entropy_discrete, histogram_kl, kl_discrete

pytestmark = pytest.mark.usefixtures("backend")

HALF, QUARTER = [0.5, 0.5], [0.25, 0.75]
MASKED = np.ma.array(HALF, mask=[False, True])


@pytest.mark.parametrize("kernel", [kl_discrete, cross_entropy_discrete, histogram_kl])
def test_is_infinite_where_p_is_positive_and_q_is_zero_only(kernel):
    p = [[0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [1.0, 0.0, 0.0], [1e-320, 1.0, 0.0]]
    value = kernel(p, [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]])
    np.testing.assert_array_equal(np.isinf(value), [False, True, False, True])


@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_stays_in_its_row(dtype):
    nan = np.array([[0.5, 0.5], [np.nan, 0.5], [0.0, np.nan], [1.0, 0.0]], dtype)
    law = np.array([0.0, 1.0], dtype)
    expected = [False, True, True, False]
    for kernel in (kl_discrete, cross_entropy_discrete, histogram_kl):
        np.testing.assert_array_equal(np.isnan(kernel(nan, law)), expected)
        np.testing.assert_array_equal(np.isnan(kernel(law, nan)), expected)
    np.testing.assert_array_equal(np.isnan(entropy_discrete(nan)), expected)
    np.testing.assert_array_equal(np.isnan(histogram_kl(nan, law, 1)), expected)
    np.testing.assert_array_equal(np.isnan(histogram_kl(nan[:1], [1, 1], [np.nan, 0.5])), [True])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kernel", [kl_discrete, cross_entropy_discrete, histogram_kl])
def test_axis_layout_and_broadcasting_change_nothing(kernel, dtype):
    p, q = draw_discrete(dtype, outcomes=300)
    value = kernel(p, q)
    assert value.dtype == dtype
    np.testing.assert_array_equal(kernel(p.T, q.T, axis=0), value)
    np.testing.assert_array_equal(kernel(np.asfortranarray(p), q[:, ::-1][:, ::-1]), value)
    np.testing.assert_array_equal(kernel(p[:, None], q)[3], kernel(np.broadcast_to(p[3], q.shape), q))


@pytest.mark.parametrize("kernel", [kl_discrete, histogram_kl])
def test_blocks_change_nothing(kernel):
    p, q = draw_discrete(np.float64, outcomes=7, rows=5000)
    parts = [kernel(*(np.reshape(v, (50, 100, 7))[k] for v in (p, q))) for k in range(50)]
    np.testing.assert_array_equal(kernel(p, q), np.concatenate(parts))
    np.testing.assert_array_equal(kernel(p.reshape(50, 100, 7), q.reshape(50, 100, 7)), parts)
    assert kernel(p[:0], q[:0]).shape == (0,)


def test_integers_and_truth_values_are_converted_and_arguments_are_left_alone():
    assert kl_discrete([True, False], HALF) == kl_discrete([1, 0], HALF) == np.log(2)
    p = np.array(QUARTER)
    p.setflags(write=False)
    assert histogram_kl(p, p) == kl_discrete(p, p) == 0


def test_each_argument_is_as_exact_as_its_own_dtype():
    p, q = draw_discrete(np.float32)
    value = kl_discrete(p, q.astype(np.float64) / q.sum(axis=-1, keepdims=True, dtype=np.float64))
    assert value.dtype == np.float64
    np.testing.assert_allclose(value, kl_discrete(p, q), rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: kl_discrete([[1.5, -0.5]], HALF),
            "p must be non-negative; got -0.5 at index (0, 1): if these are logits, pass the softmax of p",
        ),
        (
            lambda: entropy_discrete(np.log(QUARTER)),
            (
                "p must be non-negative; got -1.3862943611198906 at index (0,):"
                " if these are logarithms of probabilities, pass np.exp(p)"
            ),
        ),
        (lambda: kl_discrete(HALF, [np.inf, 0]), "q must be finite; got inf at index (0,)"),
        (
            lambda: kl_discrete([HALF, [0.5, 0.4]], HALF),
            "the sum of p along axis -1 must be 1; got 0.9 at index (1,)",
        ),
        (
            lambda: kl_discrete(HALF, [0.5, 0.5 + 2**-25]),
            "the sum of q along axis -1 must be 1; got 1.0000000298023224",
        ),
        (lambda: entropy_discrete([]), "the sum of p along axis -1 must be 1; got 0.0"),
        (
            lambda: kl_discrete(HALF, [0.2, 0.3, 0.5]),
            "the shapes of the parameters do not broadcast: p (2,), q (3,)",
        ),
        (
            lambda: cross_entropy_discrete(HALF, HALF, axis=1),
            "axis must be one of the axes of the parameters; got 1 for the shape (2,)",
        ),
        (
            lambda: entropy_discrete(1.0),
            "axis must be one of the axes of the parameters; got -1 for the shape (); single numbers have no axis",
        ),
        (
            lambda: kl_discrete(MASKED, HALF),
            "p must be an array without a mask; got a masked array: fill it, or drop entries",
        ),
        (lambda: kl_discrete(HALF, [0.5, 0.5j]), "q must be an array of real numbers; got the dtype complex128"),
        (
            lambda: kl_discrete(np.array([0.5, "0.5"], object), HALF),
            (
                "p must be an array of real numbers; got the dtype object, with '0.5' at index (1,):"
                " convert it by .astype(float)"
            ),
        ),
        (
            lambda: histogram_kl([[3, 1], [0, 0]], [1, 1]),
            "the sum of p along axis -1 must be positive; got 0.0 at index (1,)",
        ),
        (lambda: histogram_kl([1, 1], [2, -1]), "q must be non-negative; got -1.0 at index (1,)"),
        (lambda: histogram_kl([1, 1], [1, 1], [0.5, 0.0]), "widths must be positive; got 0.0 at index (1,)"),
        (
            lambda: histogram_kl([1, 1], [1, 2], 0.5),
            "the integral of q (the sum of q * widths) along axis -1 must be 1; got 1.5",
        ),
        (
            lambda: histogram_kl([1, 1], [1, 1], [0, 0.5, 1]),
            (
                "widths must hold one width for each of the 2 bins; got 3 numbers: if they are the edges of the bins,"
                " pass np.diff(edges)"
            ),
        ),
    ],
)
def test_an_error_names_the_argument_and_the_value(call, message):
    with pytest.raises(RequestError) as caught:
        call()
    assert str(caught.value) == message
