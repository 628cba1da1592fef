"""Divergences of histograms, of counts and of densities, against sums with digits to spare."""

from __future__ import annotations

import numpy as np
import pytest
from numeric_draws import DOWN_TO_EPS, draw_discrete, pairs
from numeric_exact import assert_accurate, exact_counts, plus_log

from kl_symbolic.numeric import histogram_kl

pytestmark = pytest.mark.usefixtures("backend")

WIDTHS = np.array([0.5, 0.25, 1.0, 2.0, 0.125])


def exact_densities(p, q, widths):
    return sum((plus_log(a, a, b) - a + b) * w for a, b, w in zip(p, q, widths, strict=True))


@pytest.mark.parametrize("step", [0, 1, 1000, 10**9])
def test_counts_are_accurate_when_they_are_nearly_proportional(step):
    random = np.random.default_rng(step)
    p = random.integers(10**8, 10**12, (40, 7))
    q = 3 * p + random.integers(-step, step + 1, p.shape)
    assert_accurate(histogram_kl, p.astype(float), q.astype(float), reference=exact_counts)
    np.testing.assert_array_equal(histogram_kl(p, q), histogram_kl(p.astype(float), q.astype(float)))
    np.testing.assert_array_equal(histogram_kl(p, q) == 0, np.all(q == 3 * p, axis=-1))


@pytest.mark.parametrize("scale", [1e-310, 1e-150, 1.0, 1e150, 1.7e308])
def test_counts_of_any_size_are_normalised(scale):
    p, q = np.array([[1.0, 0.5, 0.25, 0.0]]), np.array([[0.125, 0.5, 1.0, 0.5]])
    assert histogram_kl(scale * p, q) == pytest.approx(histogram_kl(p, q), rel=1e-12)
    assert_accurate(histogram_kl, scale * p, q, reference=exact_counts)


@pytest.mark.parametrize(("dtype", "distance"), [*pairs(DOWN_TO_EPS), (np.float64, None), (np.float32, None)])
def test_densities_are_accurate(dtype, distance):
    p, q = ((v / WIDTHS).astype(dtype) for v in draw_discrete(dtype, distance, outcomes=5))
    widths = np.broadcast_to(WIDTHS.astype(dtype), p.shape)
    assert_accurate(histogram_kl, p, q, widths, reference=exact_densities)


def test_a_mass_that_underflows_is_not_mistaken_for_an_empty_bin():
    p, q, widths = ([[1e-290, 1e10]], [[1e-310, 1e10]], [[1e-15, 1e-10]])
    assert_accurate(histogram_kl, *map(np.array, (p, q, widths)), reference=exact_densities)


@pytest.mark.parametrize("edges", [[0, 0.5, 1, 2], [0, 1, 1.5, 2]])
def test_counts_and_densities_agree(edges):
    random = np.random.default_rng(0)
    samples = [random.beta(2, 3, 500) * 2, random.beta(2, 2, 700) * 2]
    counts = [np.histogram(s, edges)[0] for s in samples]
    densities = [np.histogram(s, edges, density=True)[0] for s in samples]
    assert histogram_kl(*densities, np.diff(edges)) == pytest.approx(histogram_kl(*counts), rel=1e-13)
