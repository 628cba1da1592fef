"""Tensors of torch and JAX: the accuracy of the NumPy kernels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numeric_draws import (
    DISTANCES,
    DTYPES,
    EXTREME_SCALES,
    NORMALS,
    log_ratios_around_switches,
    log_variances,
    normals_of_log_ratios,
    reals,
    scales,
)
from numeric_exact import EPS_ALLOWED, EXACT, exact_discrete
from numeric_tensors import (
    LIBRARIES,
    WAYS,
    assert_accurate,
    by_jax,
    by_jax_jit,
    by_torch,
    call,
    draw,
    draw_wide,
    errors,
)

from kl_symbolic.numeric import entropy_discrete, kl_diag_normal, kl_discrete, kl_normal, kl_standard_normal

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")
torch = pytest.importorskip("torch")

pytestmark = pytest.mark.usefixtures("double_precision")


@pytest.mark.sample(7)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kernel", EXACT)
@pytest.mark.parametrize("way", WAYS)
def test_is_accurate_far_and_near(way, kernel, dtype):
    cases = [draw(kernel, dtype, distance) for distance in [None, *DISTANCES[dtype]]]
    if kernel in NORMALS:
        cases += draw_wide(kernel, dtype)
    assert_accurate(way, kernel, *cases)


def test_the_comparison_is_able_to_fail():
    def textbook(p, q):
        return abs((p * (p / q).log()).sum(-1))

    assert max(errors(by_torch, textbook, [draw(kl_discrete, np.float64, 1e-8)], exact_discrete)) > 1000


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("way", WAYS)
def test_is_accurate_on_both_sides_of_every_switch(way, dtype):
    log_ratios = log_ratios_around_switches(points=5)
    for kernel, parameters in normals_of_log_ratios(log_ratios, dtype).items():
        assert_accurate(way, kernel, parameters)
    q = np.array([r * np.array([0.1, 0.2]) for r in np.exp([*log_ratios, -1.09, -1.11, 1.09, 1.11])])
    assert_accurate(way, kl_discrete, [np.full_like(q, 0.15).astype(dtype), q.astype(dtype)])


@pytest.mark.parametrize("way", WAYS)
def test_is_accurate_in_the_extremes(way):
    """Where no difference of parameters is beyond the dtype: numbers are not computed again."""
    laws = [law for law in EXTREME_SCALES if abs(law[0]) < 1e308 and law[1] < 1e154]
    assert_accurate(way, kl_normal, list(np.array(laws).T))
    diagonal = [(0.0, 350.123, 0.0, -340.456), (0.0, -700.0, 0.0, 700.0), (1e150, 700.0, -1e150, 699.9)]
    assert_accurate(way, kl_diag_normal, [column[:, None] for column in np.array(diagonal).T])


@pytest.mark.sample(4)
@pytest.mark.parametrize("kernel", [kl_diag_normal, kl_standard_normal, kl_discrete, entropy_discrete])
@pytest.mark.parametrize("way", WAYS)
def test_long_sums_in_single_precision_lose_no_digits_along_any_axis(way, kernel):
    parameters = draw(kernel, np.float32, width=30_001, rows=1)
    expected = kernel(*(v.astype(np.float64) for v in parameters)) if kernel in NORMALS else kernel(*parameters)
    value = way(kernel, *parameters)
    assert value.dtype == np.float32
    np.testing.assert_allclose(value, expected, rtol=EPS_ALLOWED * np.finfo(np.float32).eps)
    np.testing.assert_array_equal(way(kernel, *(v.T for v in parameters), axis=0), value)


@pytest.mark.slow
def test_jax_without_double_precision_is_as_accurate():
    with jax.enable_x64(False):
        for kernel in EXACT:
            cases = [draw(kernel, np.float32, distance) for distance in [None, *DISTANCES[np.float32]]]
            assert_accurate(by_jax_jit, kernel, *cases)
        assert kl_normal(jnp.ones(2, int), 1, 0, 1).dtype == np.float32
        long = draw(kl_standard_normal, np.float32, width=30_001, rows=1)
        expected = kl_standard_normal(*(v.astype(np.float64) for v in long))
        np.testing.assert_allclose(by_jax(kl_standard_normal, *long), expected, rtol=2e-6)


# Signs and zeros


@LIBRARIES
@given(st.lists(st.tuples(reals, scales, reals, scales), min_size=4, max_size=4), st.data())
def test_is_never_negative_and_zero_for_equal_laws(xp, rows, data):
    m_1, s_1, m_2, s_2 = np.array(rows).T
    value = np.asarray(call(xp, kl_normal, m_1, s_1, m_2, s_2))
    assert (value >= 0).all()
    apart = (np.abs(m_1 - m_2) > 1e-150 * s_2) | (np.abs(s_1 - s_2) > 1e-150 * s_2)  # squares of less underflow
    assert (value[apart] > 0).all()
    assert (call(xp, kl_normal, m_1, s_1, m_1, s_1) == 0).all()
    v_1, v_2 = np.array(data.draw(st.lists(st.tuples(log_variances, log_variances), min_size=4, max_size=4))).T
    value = np.asarray(call(xp, kl_diag_normal, *(v[:, None] for v in (m_1, v_1, m_2, v_2))))
    assert (value >= 0).all()
    assert (call(xp, kl_diag_normal, *(v[:, None] for v in (m_1, v_1, m_1, v_1))) == 0).all()
