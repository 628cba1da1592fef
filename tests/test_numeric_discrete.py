"""Discrete laws and histograms against sums with digits to spare, at exactly the numbers that are given."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric import cross_entropy_discrete, entropy_discrete, histogram_kl, kl_discrete

pytestmark = pytest.mark.usefixtures("backend")

EPS_ALLOWED = 16  # the accuracy contract of the package
DTYPES = [np.float64, np.float32]
DISTANCES = {np.float64: [10.0**-k for k in range(1, 16)], np.float32: [10.0**-k for k in range(1, 7)]}
NEARLY_EQUAL = [(dtype, distance) for dtype, distances in DISTANCES.items() for distance in distances]
WIDTHS = np.array([0.5, 0.25, 1.0, 2.0, 0.125])
HALF, QUARTER = [0.5, 0.5], [0.25, 0.75]


def exact(row):
    return [mpmath.mpf(float(v)) for v in row]


def plus_log(a, b, c):
    """Return a log(b/c) with 0 log 0 = 0."""
    return a * mpmath.log(b / c) if a else mpmath.mpf(0)


def exact_kl(p, q):
    return sum(plus_log(a, a, b) - a + b for a, b in zip(exact(p), exact(q), strict=True))


def exact_entropy(p):
    return -sum(plus_log(a, min(a, 1), 1) for a in exact(p))


def exact_cross_entropy(p, q):
    return -sum(plus_log(a, min(b, 1), 1) for a, b in zip(exact(p), exact(q), strict=True))


def exact_counts(p, q):
    a, b = exact(p), exact(q)
    return sum(plus_log(x / sum(a), x / sum(a), y / sum(b)) for x, y in zip(a, b, strict=True))


def exact_densities(p, q, widths):
    rows = zip(exact(p), exact(q), exact(widths), strict=True)
    return sum((plus_log(a, a, b) - a + b) * w for a, b, w in rows)


def assert_accurate(kernel, reference, *rows, slack=0):
    got = np.atleast_1d(kernel(*rows))
    info = np.finfo(rows[0].dtype)
    assert got.dtype == info.dtype
    with mpmath.workdps(60):
        for *row, value in zip(*rows, got, strict=True):
            truth = reference(*row)
            allowed = EPS_ALLOWED * mpmath.mpf(float(info.eps)) * truth + float(info.smallest_subnormal) + slack
            assert np.isfinite(value), row
            assert value >= 0, row
            assert abs(mpmath.mpf(float(value)) - truth) <= allowed, (row, value, truth)


def normalised(weights, dtype):
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(dtype)


def draw(dtype, distance=None, outcomes=10, rows=60):
    random = np.random.default_rng(outcomes)
    p = random.gamma(0.5, size=(rows, outcomes)) + 1e-12
    q = random.permuted(p, axis=-1) if distance is None else p * (1 + distance * random.uniform(-1, 1, p.shape))
    return normalised(p, dtype), normalised(q, dtype)


def test_the_discrete_example_of_the_report():
    p, q, r = [0.1, 0.4, 0.5], [0.8, 0.15, 0.05], [0.85, 0.1, 0.05]
    assert kl_discrete(p, q) == pytest.approx(1.3356800935337299, rel=4e-16)
    assert kl_discrete(q, r) == pytest.approx(0.012320068763076841, rel=1e-14)  # the report's own sum cancels
    assert kl_discrete(p, p) == 0


@pytest.mark.parametrize("outcomes", [1, 2, 10, 1000])
@pytest.mark.parametrize("dtype", DTYPES)
def test_is_accurate(dtype, outcomes):
    p, q = draw(dtype, outcomes=outcomes, rows=20)
    assert_accurate(kl_discrete, exact_kl, p, q)
    assert_accurate(entropy_discrete, exact_entropy, p)
    assert_accurate(cross_entropy_discrete, exact_cross_entropy, p, q)


@pytest.mark.parametrize(("dtype", "distance"), NEARLY_EQUAL)
def test_is_accurate_when_p_is_nearly_q(dtype, distance):
    p, q = draw(dtype, distance)
    assert_accurate(kl_discrete, exact_kl, p, q)
    np.testing.assert_array_equal(kl_discrete(p, q) == 0, np.all(p == q, axis=-1))


@pytest.mark.parametrize("distance", DISTANCES[np.float64])
def test_differs_from_the_divergence_of_the_normalised_laws_by_eps_squared(distance):
    def twice_normalised(p, q):
        return exact_counts(p, q)

    p, q = draw(np.float64, distance)
    off = np.max(np.abs(p.sum(axis=-1) - q.sum(axis=-1))) + np.finfo(float).eps
    assert_accurate(kl_discrete, twice_normalised, p, q, slack=float(off**2))


def test_the_textbook_sum_is_negative_where_the_kernel_is_accurate():
    """This shows that the tests above are able to fail."""
    p, q = draw(np.float64, 1e-8)
    textbook = np.sum(p * np.log(p / q), axis=-1)
    assert 0.2 < np.mean(textbook < 0) < 0.8
    with pytest.raises(AssertionError):
        assert_accurate(lambda p, q: np.abs(np.sum(p * np.log(p / q), axis=-1)), exact_kl, p, q)


@pytest.mark.parametrize("dtype", DTYPES)
def test_is_accurate_on_both_sides_of_the_switch(dtype):
    """Two outcomes, one of them with a ratio about 3 or 1/3, or anything else."""
    ratios = np.concatenate([c * np.linspace(0.98, 1.02, 41) for c in (1 / 3, 1, 3)] + [np.geomspace(1e-6, 1e6, 97)])
    q = 0.1 / np.maximum(ratios, 1)
    p = q * ratios
    assert_accurate(kl_discrete, exact_kl, *(np.stack([v, 1 - v], axis=-1).astype(dtype) for v in (p, q)))


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
    assert_accurate(kl_discrete, exact_kl, *rows)
    assert_accurate(cross_entropy_discrete, exact_cross_entropy, *rows)
    assert_accurate(entropy_discrete, exact_entropy, *rows[:1])
    assert (kl_discrete(p, q) == 0) == (p == q)


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
def test_entropies_never_go_below_zero(dtype):
    above = np.nextafter(dtype(1), dtype(2))
    for value in (entropy_discrete([above]), cross_entropy_discrete([above], [above]), entropy_discrete([0, 1])):
        assert value == 0
        assert not np.signbit(value)


def test_the_uniform_law_has_the_greatest_entropy():
    assert entropy_discrete(np.full(8, 0.125)) == pytest.approx(3 * np.log(2), rel=1e-15)
    p, _ = draw(np.float64)
    np.testing.assert_allclose(entropy_discrete(p), np.log(10) - kl_discrete(p, 0.1), rtol=1e-14)


laws = arrays(float, (2, 5), elements=st.floats(0, 1)).filter(lambda v: np.all(v.sum(axis=-1) > 0))


@given(laws)
def test_never_negative_zero_only_for_equal_laws_and_gibbs_inequality(weights):
    p, q = normalised(weights, float)
    value = kl_discrete(p, q)
    assert value >= 0
    assert (value == 0) == np.array_equal(p, q)
    assert kl_discrete(p, p) == 0
    assert cross_entropy_discrete(p, q) == pytest.approx(entropy_discrete(p) + value, rel=1e-13, abs=1e-15)


@given(laws, st.permutations(range(5)))
def test_the_order_of_the_outcomes_changes_nothing_but_rounding(weights, order):
    p, q = normalised(weights, float)
    assert kl_discrete(p[order], q[order]) == pytest.approx(kl_discrete(p, q), rel=1e-14, abs=1e-320)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kernel", [kl_discrete, cross_entropy_discrete, histogram_kl])
def test_axis_layout_and_broadcasting_change_nothing(kernel, dtype):
    p, q = draw(dtype, outcomes=300)
    value = kernel(p, q)
    assert value.dtype == dtype
    np.testing.assert_array_equal(kernel(p.T, q.T, axis=0), value)
    np.testing.assert_array_equal(kernel(np.asfortranarray(p), q[:, ::-1][:, ::-1]), value)
    np.testing.assert_array_equal(kernel(p[:, None], q)[3], kernel(np.broadcast_to(p[3], q.shape), q))


@pytest.mark.parametrize("kernel", [kl_discrete, histogram_kl])
def test_blocks_change_nothing(kernel):
    p, q = draw(np.float64, outcomes=7, rows=5000)
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
    p, q = draw(np.float32)
    value = kl_discrete(p, q.astype(np.float64) / q.sum(axis=-1, keepdims=True, dtype=np.float64))
    assert value.dtype == np.float64
    np.testing.assert_allclose(value, kl_discrete(p, q), rtol=1e-5)


# Histograms


@pytest.mark.parametrize("step", [0, 1, 1000, 10**9])
def test_counts_are_accurate_when_they_are_nearly_proportional(step):
    random = np.random.default_rng(step)
    p = random.integers(10**8, 10**12, (40, 7))
    q = 3 * p + random.integers(-step, step + 1, p.shape)
    assert_accurate(histogram_kl, exact_counts, p.astype(float), q.astype(float))
    np.testing.assert_array_equal(histogram_kl(p, q), histogram_kl(p.astype(float), q.astype(float)))
    np.testing.assert_array_equal(histogram_kl(p, q) == 0, np.all(q == 3 * p, axis=-1))


@pytest.mark.parametrize("scale", [1e-310, 1e-150, 1.0, 1e150, 1.7e308])
def test_counts_of_any_size_are_normalised(scale):
    p, q = np.array([[1.0, 0.5, 0.25, 0.0]]), np.array([[0.125, 0.5, 1.0, 0.5]])
    assert histogram_kl(scale * p, q) == pytest.approx(histogram_kl(p, q), rel=1e-12)
    assert_accurate(histogram_kl, exact_counts, scale * p, q)


@pytest.mark.parametrize(("dtype", "distance"), [*NEARLY_EQUAL, (np.float64, None), (np.float32, None)])
def test_densities_are_accurate(dtype, distance):
    p, q = ((v / WIDTHS).astype(dtype) for v in draw(dtype, distance, outcomes=5))
    widths = np.broadcast_to(WIDTHS.astype(dtype), p.shape)
    assert_accurate(histogram_kl, exact_densities, p, q, widths)


def test_a_mass_that_underflows_is_not_mistaken_for_an_empty_bin():
    p, q, widths = ([[1e-290, 1e10]], [[1e-310, 1e10]], [[1e-15, 1e-10]])
    assert_accurate(histogram_kl, exact_densities, *map(np.array, (p, q, widths)))


@pytest.mark.parametrize("edges", [[0, 0.5, 1, 2], [0, 1, 1.5, 2]])
def test_counts_and_densities_agree(edges):
    random = np.random.default_rng(0)
    samples = [random.beta(2, 3, 500) * 2, random.beta(2, 2, 700) * 2]
    counts = [np.histogram(s, edges)[0] for s in samples]
    densities = [np.histogram(s, edges, density=True)[0] for s in samples]
    assert histogram_kl(*densities, np.diff(edges)) == pytest.approx(histogram_kl(*counts), rel=1e-13)


MASKED = np.ma.array(HALF, mask=[False, True])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kl_discrete([[1.5, -0.5]], HALF), "p must be non-negative; got -0.5 at index (0, 1)"),
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
            lambda: kl_discrete(np.array(HALF, object), HALF),
            "p must be an array of real numbers; got the dtype object",
        ),
        (
            lambda: histogram_kl([[3, 1], [0, 0]], [1, 1]),
            "the largest count of p along axis -1 must be positive; got 0.0 at index (1,)",
        ),
        (lambda: histogram_kl([1, 1], [2, -1]), "q must be non-negative; got -1.0 at index (1,)"),
        (lambda: histogram_kl([1, 1], [1, 1], [0.5, 0.0]), "widths must be positive; got 0.0 at index (1,)"),
        (
            lambda: histogram_kl([1, 1], [1, 2], 0.5),
            "the integral of q (the sum of q * widths along axis -1) must be 1; got 1.5",
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
