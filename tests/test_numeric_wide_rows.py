"""Rows of so many terms that their exponentials are computed in another way, in values with their gradients."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from numeric_draws import DTYPES
from numeric_exact import EPS_ALLOWED, EXACT, exactly

from kl_symbolic.numeric import (
    blocks,
    kernels,
    kl_diag_normal,
    kl_diag_normal_value_and_grad,
    kl_standard_normal,
    kl_standard_normal_value_and_grad,
)

WIDTH = 20
FAR, NEAR = np.geomspace(1e-30, 80, 400), np.geomspace(0.02, 1.5, 800)
LOG_RATIOS = np.concatenate([FAR, -FAR, NEAR, -NEAR])


@pytest.fixture(autouse=True)
def _numpy(monkeypatch):
    monkeypatch.setattr(blocks, "NUMBA", False)


def rows(dtype):
    """Return rows of log ratios of variances, shuffled: the sums of the rows are small and large."""
    return np.random.default_rng(0).permutation(LOG_RATIOS).astype(dtype).reshape(-1, WIDTH)


def worst(dtype):
    """Return the largest error of the derivatives by the logarithms of the variances, in eps."""
    t = rows(dtype)
    zero = np.zeros_like(t)
    _, (_, one) = kl_standard_normal_value_and_grad(zero, t)
    _, (_, two, _, minus) = kl_diag_normal_value_and_grad(zero, t, zero, zero)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one, -minus)
    with mpmath.workdps(60):
        right = [mpmath.expm1(v) / 2 for v in exactly(t.ravel())]
        return max(
            abs(got / exact - 1) / exactly(np.finfo(dtype).eps)
            for got, exact in zip(exactly(one.ravel()), right, strict=True)
        )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("slow", [False, True], ids=["expm1", "exp"])
def test_derivatives_are_accurate_with_and_without_a_fast_expm1(monkeypatch, slow, dtype):
    monkeypatch.setattr(kernels, "EXPM1_IS_SLOW", slow)
    assert worst(dtype) <= EPS_ALLOWED


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("most", [0, 20])
def test_the_correction_must_be_cut_off_where_it_is(monkeypatch, most, dtype):
    monkeypatch.setattr(kernels, "EXPM1_IS_SLOW", True)
    monkeypatch.setitem(kernels.MOST, np.dtype(dtype).char, most * float(np.finfo(dtype).eps))
    assert worst(dtype) > EPS_ALLOWED


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("slow", [False, True], ids=["expm1", "exp"])
def test_the_value_beside_a_gradient_is_as_accurate_as_alone(monkeypatch, slow, dtype):
    monkeypatch.setattr(kernels, "EXPM1_IS_SLOW", slow)
    t = rows(dtype)
    parameters = {kl_standard_normal: (t / 7, t), kl_diag_normal: (t / 7, t, t / 9, t / 3)}
    both = {kl_standard_normal: kl_standard_normal_value_and_grad, kl_diag_normal: kl_diag_normal_value_and_grad}
    for kernel, given in parameters.items():
        value, _ = both[kernel](*given)
        with mpmath.workdps(120):
            for row, got in zip(zip(*given, strict=True), value, strict=True):
                exact = EXACT[kernel](*map(exactly, row))
                assert abs(exactly(got) / exact - 1) <= EPS_ALLOWED * exactly(np.finfo(dtype).eps)
