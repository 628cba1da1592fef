"""The array functions of normal laws against the textbook's closed forms with digits to spare."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numeric_draws import (
    DISTANCES,
    DTYPES,
    EXTREME_LOG_VARIANCES,
    EXTREME_SCALES,
    NORMALS,
    SUBNORMAL_SCALES,
    draw,
    log_ratios_around_switches,
    log_variances,
    normals_of_log_ratios,
    pairs,
    reals,
    scales,
)
from numeric_exact import assert_accurate, vanishes

from kl_symbolic.numeric import kl_diag_normal, kl_normal, kl_standard_normal

pytestmark = pytest.mark.usefixtures("backend")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kernel", NORMALS)
def test_agrees_with_the_textbook(kernel, dtype):
    assert_accurate(kernel, *draw(kernel, dtype))


@pytest.mark.sample(36)
@pytest.mark.parametrize(("dtype", "distance"), pairs(DISTANCES))
@pytest.mark.parametrize("kernel", NORMALS)
def test_is_accurate_when_p_is_nearly_q(kernel, dtype, distance):
    assert_accurate(kernel, *draw(kernel, dtype, distance))


@pytest.mark.parametrize("dtype", DTYPES)
def test_is_accurate_on_both_sides_of_every_switch(dtype):
    for kernel, parameters in normals_of_log_ratios(log_ratios_around_switches(points=9), dtype).items():
        assert_accurate(kernel, *parameters)


@pytest.mark.parametrize("parameters", EXTREME_SCALES + SUBNORMAL_SCALES)
def test_is_accurate_in_the_extremes_of_the_scale(parameters):
    assert_accurate(kl_normal, *(np.array([v]) for v in parameters))


@pytest.mark.parametrize("parameters", EXTREME_LOG_VARIANCES)
def test_is_accurate_in_the_extremes_of_the_log_variance(parameters):
    assert_accurate(kl_diag_normal, *(np.array([[v]]) for v in parameters))


@pytest.mark.parametrize("kernel", [kl_diag_normal, kl_standard_normal])
def test_long_sums_lose_no_digits_along_any_axis(kernel):
    parameters = [np.repeat(v[:, :1], 200, axis=0) for v in draw(kernel, np.float32)]
    assert_accurate(kernel, *(v.T for v in parameters))
    np.testing.assert_array_equal(kernel(*parameters, axis=0), kernel(*(v.T for v in parameters), axis=1))


@given(reals, scales, reals, scales)
def test_is_never_negative_and_zero_only_where_the_exact_value_is(mu_1, sigma_1, mu_2, sigma_2):
    law = mu_1, sigma_1, mu_2, sigma_2
    value = kl_normal(*law)
    assert value > 0 or (value == 0 and vanishes(kl_normal, *law))
    assert kl_normal(mu_1, sigma_1, mu_1, sigma_1) == 0


@given(st.lists(st.tuples(reals, log_variances, reals, log_variances), min_size=1, max_size=4))
def test_sums_are_never_negative_and_zero_only_where_the_exact_value_is(rows):
    laws = np.array(rows).T
    mu_1, logvar_1 = laws[:2]
    value = kl_diag_normal(*laws)
    assert value > 0 or (value == 0 and all(vanishes(kl_diag_normal, *law[:, None]) for law in laws.T))
    assert kl_diag_normal(mu_1, logvar_1, mu_1, logvar_1) == 0
    standard = kl_standard_normal(mu_1, logvar_1)
    assert standard > 0 or all(vanishes(kl_standard_normal, *law[:2, None]) for law in laws.T)


@given(reals, log_variances)
def test_standard_normal_agrees_with_the_general_kernel(mu, logvar):
    general = kl_diag_normal([mu], [logvar], 0.0, 0.0)
    assume(np.isfinite(general))
    assert kl_standard_normal([mu], [logvar]) == pytest.approx(general, rel=1e-14)
