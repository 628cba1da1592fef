"""The array functions of normal laws: shapes, memory layouts, dtypes, NaN, and arguments that are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numeric_draws import DTYPES, NORMALS, draw

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric import in_bits, kl_diag_normal, kl_normal, kl_standard_normal

pytestmark = pytest.mark.usefixtures("backend")


@given(st.tuples(st.integers(0, 3), st.integers(1, 3)), st.integers(0, 15))
def test_broadcasts_as_numpy_does(shape, which):
    random = np.random.default_rng(which)
    arrays = [np.exp(random.normal(size=shape if which >> k & 1 else shape[1:])) for k in range(4)]
    whole = np.broadcast_arrays(*arrays)
    np.testing.assert_array_equal(kl_normal(*arrays), kl_normal(*whole))
    np.testing.assert_array_equal(kl_diag_normal(*arrays), kl_diag_normal(*whole))
    assert kl_normal(*arrays).shape == whole[0].shape


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kernel", NORMALS)
def test_memory_layout_changes_nothing(kernel, dtype):
    parameters = draw(kernel, dtype, width=300)
    value = kernel(*parameters)
    spaced = [np.repeat(v, 2, axis=0)[::2] for v in parameters]
    np.testing.assert_array_equal(kernel(*spaced), value)
    np.testing.assert_array_equal(kernel(*(v[::-1] for v in parameters))[::-1], value)
    np.testing.assert_array_equal(kernel(*(np.asfortranarray(v) for v in parameters)), value)
    np.testing.assert_array_equal(kernel(*(v[:7] for v in parameters)), value[:7])
    if kernel is not kl_normal:
        np.testing.assert_array_equal(kernel(*(v.T for v in parameters), axis=0), value)


@pytest.mark.parametrize("kernel", NORMALS)
def test_nan_spoils_its_own_row_only(kernel):
    clean = draw(kernel, np.float64)
    for k in range(len(clean)):
        spoilt = [v.copy() for v in clean]
        spoilt[k][2] = np.nan
        expected = kernel(*clean).copy()
        expected[2] = np.nan
        np.testing.assert_array_equal(kernel(*spoilt), expected)


def test_single_numbers_give_single_numbers_and_empty_arrays_empty_ones():
    assert isinstance(kl_normal(1, 1, 0, 1), np.float64)
    assert isinstance(kl_normal(*np.ones(4, np.float32)), np.float32)
    assert isinstance(kl_standard_normal([1.0], [0.0]), np.float64)
    assert kl_normal([], 1.0, 0.0, 1.0).shape == (0,)
    assert kl_standard_normal(np.ones((0, 3)), 0.0).shape == (0,)
    np.testing.assert_array_equal(kl_standard_normal(np.ones((3, 0)), 0.0), np.zeros(3))


def test_python_numbers_do_not_promote_and_integers_become_float64():
    assert kl_normal(np.ones(2, np.float32), 1.0, 0, 1).dtype == np.float32
    assert kl_normal(np.ones(2, np.float32), np.ones(2), 0, 1).dtype == np.float64
    assert kl_normal(np.array([100], np.int8), 1, np.array([-100], np.int8), 1) == 200**2 / 2
    assert kl_normal(2**70, 1, 0, 1) == 2.0**139
    assert in_bits(np.ones(2, np.float32)).dtype == np.float32


def test_arguments_are_left_alone():
    parameters = draw(kl_diag_normal, np.float64, 1e-3)
    copies = [v.copy() for v in parameters]
    kl_diag_normal(*parameters)
    np.testing.assert_array_equal(parameters, copies)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kl_normal(0, -1, 0, 1), "sigma_1 must be positive; got -1.0"),
        (lambda: kl_normal(0, 1, 0, [[1, 2], [0, 3]]), "sigma_2 must be positive; got 0.0 at index (1, 0)"),
        (lambda: kl_normal(np.float32(0), 1e-60, 0, 1), "sigma_1 must be positive; got 0.0 in float32"),
        (lambda: kl_normal(np.inf, 1, 0, 1), "mu_1 must be finite; got inf"),
        (lambda: kl_diag_normal(0, 0, 0, [0, -np.inf]), "logvar_2 must be finite; got -inf at index (1,)"),
        (
            lambda: kl_normal([1, 2], 1, [1, 2, 3], 1),
            "the shapes of the parameters do not broadcast: mu_1 (2,), sigma_1 (), mu_2 (3,), sigma_2 ()",
        ),
        (lambda: kl_normal("a", 1, 0, 1), "mu_1 must be an array of real numbers; got 'a'"),
        (lambda: kl_normal(None, 1, 0, 1), "mu_1 must be an array of real numbers; got None"),
        (lambda: kl_normal(0, 1j, 0, 1), "sigma_1 must be an array of real numbers; got 1j"),
        (
            lambda: kl_standard_normal([[1], [1, 2]], 0),
            "mu must be an array of real numbers; got nested lists of unequal lengths",
        ),
        (lambda: kl_normal(10**400, 1, 0, 1), "mu_1 must lie within the range of float64; got an integer beyond it"),
        (
            lambda: kl_standard_normal([1.0], 0.0, axis=1),
            "axis must be one of the axes of the parameters; got 1 for the shape (1,)",
        ),
        (
            lambda: kl_standard_normal(1.0, 0.0),
            "axis must be one of the axes of the parameters; got -1 for the shape (); single numbers have no axis",
        ),
    ],
)
def test_an_error_names_the_argument_and_the_value(call, message):
    with pytest.raises(RequestError) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize("kernel", [kl_normal, kl_diag_normal])
def test_a_masked_array_is_refused_rather_than_read_without_its_mask(kernel):
    masked = np.ma.MaskedArray([1.0, 2.0], mask=[False, True])
    with pytest.raises(RequestError, match="without a mask"):
        kernel(masked, 1.0, 0.0, 1.0)
