"""Discrete laws against sums with digits to spare, at exactly the numbers that are given."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numeric_draws import DOWN_TO_EPS, DTYPES, draw_discrete, normalised, pairs
from numeric_exact import assert_accurate, exact_counts, exact_discrete, vanishes

from kl_symbolic.numeric import cross_entropy_discrete, entropy_discrete, kl_discrete

pytestmark = pytest.mark.usefixtures("backend")


def test_the_discrete_example_of_the_report():
    p, q, r = [0.1, 0.4, 0.5], [0.8, 0.15, 0.05], [0.85, 0.1, 0.05]
    assert kl_discrete(p, q) == pytest.approx(1.3356800935337299, rel=4e-16)
    assert kl_discrete(q, r) == pytest.approx(0.012320068763076841, rel=1e-14)  # the report's own sum cancels
    assert kl_discrete(p, p) == 0


@pytest.mark.parametrize("outcomes", [1, 2, 10, 1000])
@pytest.mark.parametrize("dtype", DTYPES)
def test_is_accurate(dtype, outcomes):
    p, q = draw_discrete(dtype, outcomes=outcomes, rows=min(20, 4000 // outcomes))
    assert_accurate(kl_discrete, p, q)
    assert_accurate(entropy_discrete, p)
    assert_accurate(cross_entropy_discrete, p, q)


@pytest.mark.sample(30)
@pytest.mark.parametrize(("dtype", "distance"), pairs(DOWN_TO_EPS))
def test_is_accurate_when_p_is_nearly_q(dtype, distance):
    p, q = draw_discrete(dtype, distance)
    assert_accurate(kl_discrete, p, q)
    np.testing.assert_array_equal(kl_discrete(p, q) == 0, np.all(p == q, axis=-1))


@pytest.mark.sample(10)
@pytest.mark.parametrize("distance", DOWN_TO_EPS[np.float64])
def test_differs_from_the_divergence_of_the_normalised_laws_by_eps_squared(distance):
    p, q = draw_discrete(np.float64, distance)
    off = np.max(np.abs(p.sum(axis=-1) - q.sum(axis=-1))) + np.finfo(float).eps
    assert_accurate(kl_discrete, p, q, reference=exact_counts, slack=float(off**2))


def test_the_textbook_sum_is_negative_where_the_kernel_is_accurate():
    """This shows that the tests above are able to fail."""
    p, q = draw_discrete(np.float64, 1e-8)
    textbook = np.sum(p * np.log(p / q), axis=-1)
    assert 0.2 < np.mean(textbook < 0) < 0.8
    with pytest.raises(AssertionError):
        assert_accurate(lambda p, q: np.abs(np.sum(p * np.log(p / q), axis=-1)), p, q, reference=exact_discrete)


@pytest.mark.parametrize("dtype", DTYPES)
def test_is_accurate_on_both_sides_of_the_switch(dtype):
    """Two outcomes, one of them with a ratio where a formula takes over from another, or anything else."""
    switches = [c * np.linspace(0.98, 1.02, 41) for c in (1 / 3, 2 / 3, 3 / 4, 1, 4 / 3, 3 / 2, 3)]
    ratios = np.concatenate([*switches, np.geomspace(1e-6, 1e6, 97)])
    q = 0.1 / np.maximum(ratios, 1)
    p = q * ratios
    assert_accurate(kl_discrete, *(np.stack([v, 1 - v], axis=-1).astype(dtype) for v in (p, q)))


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([0.5, 0.5], [5e-324, 1.0]),  # p/q overflows
        ([5e-324, 1.0], [0.5, 0.5]),
        ([1e-310, 1.0], [3e-310, 1.0]),
        ([1e-310, 1.0], [1e-320, 1.0]),
        ([5e-324, 1.0], [1e-323, 1.0]),
        ([1e-300, 1.0], [np.nextafter(1e-300, 1), 1.0]),  # underflows, but is not 0
        ([0.0, 1.0], [1e-17, 1.0]),
        ([0.0, 1.0], [0.0, 1 - 2**-53]),
        ([1.0, 1e-200], [1.0, 0.5e-200]),
        ([1.0, 0.0], [0.5, 0.5]),
        ([1e-20, 1.0], [1.0, 1e-20]),
    ],
)
def test_is_accurate_in_the_extremes(p, q):
    rows = np.array([p]), np.array([q])
    assert_accurate(kl_discrete, *rows)
    assert_accurate(cross_entropy_discrete, *rows)
    assert_accurate(entropy_discrete, *rows[:1])
    assert (kl_discrete(p, q) == 0) == vanishes(kl_discrete, p, q)


@pytest.mark.parametrize("outcomes", [2, 5, 16])
@pytest.mark.parametrize("dtype", DTYPES)
def test_is_accurate_for_the_smallest_numbers_and_both_zeros(dtype, outcomes):
    info = np.finfo(dtype)
    tiny = float(info.tiny)
    numbers = [0.0, -0.0, float(info.smallest_subnormal), tiny / 3, tiny, 3.9 * tiny, 4.1 * tiny, 2.0**29 * tiny, 0.5]
    p, q = np.zeros((2, len(numbers) ** 2, outcomes), dtype)
    p[:, 0], q[:, 0] = np.transpose(list(product(numbers, numbers)))
    p[:, 1], q[:, 1:] = 1 - p[:, 0], (1 - q[:, :1]) / (outcomes - 1)
    infinite = (p[:, 0] > 0) & (q[:, 0] == 0)
    value = kl_discrete(p, q)
    np.testing.assert_array_equal(value == np.inf, infinite)
    assert not value[np.all(p == q, axis=-1)].any()
    assert_accurate(kl_discrete, p[~infinite], q[~infinite])
    p[0], q[0] = np.nan, np.nan
    np.testing.assert_array_equal(kl_discrete(p, q)[1:], value[1:])


@pytest.mark.parametrize("dtype", DTYPES)
def test_entropies_never_go_below_zero(dtype):
    above = np.nextafter(dtype(1), dtype(2))
    for value in (entropy_discrete([above]), cross_entropy_discrete([above], [above]), entropy_discrete([0, 1])):
        assert value == 0
        assert not np.signbit(value)


def test_the_uniform_law_has_the_greatest_entropy():
    assert entropy_discrete(np.full(8, 0.125)) == pytest.approx(3 * np.log(2), rel=1e-15)
    p, _ = draw_discrete(np.float64)
    np.testing.assert_allclose(entropy_discrete(p), np.log(10) - kl_discrete(p, 0.1), rtol=1e-14)


laws = arrays(float, (2, 5), elements=st.floats(0, 1)).filter(lambda v: np.all(v.sum(axis=-1) > 0))


@given(laws)
def test_never_negative_zero_only_for_equal_laws_and_gibbs_inequality(weights):
    p, q = normalised(weights, float)
    value = kl_discrete(p, q)
    assert value >= 0
    assert value > 0 or vanishes(kl_discrete, p, q)
    assert kl_discrete(p, p) == 0
    assert cross_entropy_discrete(p, q) == pytest.approx(entropy_discrete(p) + value, rel=1e-13, abs=1e-15)


@given(laws, st.permutations(range(5)))
def test_the_order_of_the_outcomes_changes_nothing_but_rounding(weights, order):
    p, q = normalised(weights, float)
    assert kl_discrete(p[order], q[order]) == pytest.approx(kl_discrete(p, q), rel=1e-14, abs=1e-320)
