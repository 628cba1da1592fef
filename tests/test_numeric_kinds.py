"""Arrays as people have them: tables with labels, sparse and masked arrays, columns of objects, half precision."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric import (
    cross_entropy_discrete,
    entropy_discrete,
    histogram_kl,
    kl,
    kl_discrete,
    kl_grad,
    kl_normal,
    kl_standard_normal,
    kl_standard_normal_value_and_grad,
    kl_value_and_grad,
    loops,
)

MU = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]])


@pytest.fixture(autouse=True)
def _without_numba(monkeypatch):
    monkeypatch.setattr(loops, "available", lambda: False)


def refusal(run):
    with pytest.raises(RequestError) as caught:
        run()
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Labels


@pytest.fixture
def pd():
    return pytest.importorskip("pandas")


def test_labels_are_those_of_the_axes_that_are_left(pd):
    table = pd.DataFrame(MU, index=["r", "s"], columns=["x", "y", "z"])
    right = kl_standard_normal(MU, 0.5)
    pd.testing.assert_series_equal(kl_standard_normal(table, 0.5), pd.Series(right, ["r", "s"]))
    by_column = kl_standard_normal(table, 0.5, axis=0)
    pd.testing.assert_series_equal(by_column, pd.Series(kl_standard_normal(MU, 0.5, axis=0), ["x", "y", "z"]))
    assert isinstance(kl_standard_normal(table, 0.5, axis=None), np.float64)
    whole = kl_normal(table, 1.0, 0.0, 2.0)
    pd.testing.assert_frame_equal(whole, pd.DataFrame(kl_normal(MU, 1.0, 0.0, 2.0), table.index, table.columns))
    value, slopes = kl_standard_normal_value_and_grad(table, 0.5)
    pd.testing.assert_series_equal(value, pd.Series(right, ["r", "s"]), rtol=1e-15)
    assert all(slope.index.equals(table.index) and slope.columns.equals(table.columns) for slope in slopes)
    by_name = kl_grad("exponential", "exponential", lambda_1=table["x"] + 1, lambda_2=1.0)
    assert all(list(slope.index) == ["r", "s"] for slope in by_name.values())


@pytest.mark.parametrize("name", ["dates", "duplicates", "pairs", "numbers"])
def test_labels_of_every_kind_are_kept(pd, name):
    labels = {
        "dates": lambda: pd.date_range("2020-02-28", periods=2),
        "duplicates": lambda: pd.Index(["a", "a"]),
        "pairs": lambda: pd.MultiIndex.from_tuples([("a", 1), ("a", 2)], names=["group", "place"]),
        "numbers": lambda: pd.RangeIndex(7, 9, name="sample"),
    }[name]()
    got = kl_normal(pd.Series(MU[0, :2], labels), 1.0, pd.Series(MU[1, :2], labels), 1.0)
    pd.testing.assert_series_equal(got, pd.Series(kl_normal(MU[0, :2], 1.0, MU[1, :2], 1.0), labels))
    table = pd.DataFrame([[0.5, 0.5], [0.25, 0.75]], labels)
    for found in (kl_discrete(table, 0.5), entropy_discrete(table), cross_entropy_discrete(table, 0.5)):
        assert found.index.equals(labels)
    assert histogram_kl(table, [1, 1]).index.equals(labels)
    assert histogram_kl(table, 0.5, 1.0).index.equals(labels)


def test_a_series_goes_with_the_columns_of_a_table(pd):
    table = pd.DataFrame(MU, index=["r", "s"], columns=["x", "y", "z"])
    scales = pd.Series([1.0, 2.0, 3.0], index=["x", "y", "z"])
    got = kl("diagonal_normal", "standard_normal", mu=table, sigma=scales)
    assert list(got.index) == ["r", "s"]
    np.testing.assert_array_equal(got, kl("diagonal_normal", "standard_normal", mu=MU, sigma=scales.to_numpy()))


def test_labels_that_differ_are_refused(pd):
    first = pd.Series([1.0, 2.0], index=["a", "b"])
    for other in (first[::-1], first.set_axis(["a", "c"]), first[:1]):
        message = refusal(lambda: kl_normal(first, 1.0, other, 1.0))  # noqa: B023 - called at once
        assert message.startswith(
            "mu_1 and mu_2 have different labels along axis -1: align them (mu_2.reindex_like(mu_1))"
        )
    table = pd.DataFrame(np.ones((2, 2)), index=["a", "b"])
    assert "different labels along axis -1" in refusal(lambda: kl_standard_normal(table, first))
    assert "different labels" in refusal(lambda: histogram_kl(first, first[::-1]))


def test_a_result_with_an_axis_that_has_no_labels_is_a_plain_array(pd):
    series = pd.Series([1.0, 2.0, 3.0], index=list("abc"))
    assert type(kl_normal(series, np.ones((2, 1)), 0.0, 1.0)) is np.ndarray
    assert type(kl_normal(series[:1], np.ones(3), 0.0, 1.0)) is np.ndarray


def test_missing_entries_of_a_table_are_nan(pd):
    got = kl_normal(pd.Series([1, None], dtype="Int64"), 1.0, 0.0, 1.0)
    np.testing.assert_array_equal(got, [0.5, np.nan])
    assert kl_normal(pd.Series([1, 2], dtype="Float32"), 1.0, 0.0, 1.0).dtype == np.float32


def test_columns_of_no_numbers_are_refused(pd):
    assert "dtype object, with '1' at index (0,)" in refusal(lambda: kl_normal(pd.Series(["1"]), 1.0, 0.0, 1.0))
    dates = pd.Series(pd.date_range("2020", periods=2))
    assert "mu_1 must be an array of real numbers; got the dtype datetime64" in refusal(
        lambda: kl_normal(dates, 1.0, 0.0, 1.0)
    )
    assert refusal(lambda: kl_normal(0.0, pd.Series([1.0, -1.0]), 0.0, 1.0)) == (
        "sigma_1 must be positive; got -1.0 at index (1,)"
    )


# Sparse, masked, of objects


def test_sparse_arrays_are_refused_by_name():
    sparse = pytest.importorskip("scipy.sparse")
    for kind in (sparse.csr_matrix, sparse.csc_array, sparse.coo_array):
        message = refusal(lambda: kl_standard_normal(kind(MU), 0.0))  # noqa: B023 - called at once
        assert message.startswith("mu must be a dense array; got scipy.sparse.")
        assert message.endswith(": call .toarray()")


@pytest.mark.parametrize("function", [kl_standard_normal, lambda mu, _: kl_normal(mu, 1.0, 0.0, 1.0)])
def test_sparse_tensors_are_refused_by_name(function):
    torch = pytest.importorskip("torch")
    message = refusal(lambda: function(torch.eye(2).to_sparse(), 0.0))
    assert "must be a dense array" in message


def test_masked_arrays_are_refused():
    masked = np.ma.array([1.0, 2.0], mask=[False, True])
    for given in (masked, [masked, masked]):
        assert refusal(lambda: kl_normal(given, 1.0, 0.0, 1.0)).startswith("mu_1 must be an array without a mask")  # noqa: B023


def test_objects_are_taken_if_they_are_numbers():
    numbers = np.array([1, 2.5, True, Decimal("0.5"), Fraction(1, 4)], object)
    np.testing.assert_array_equal(kl_normal(numbers, 1, 0, 1), kl_normal([1, 2.5, 1, 0.5, 0.25], 1, 0, 1))
    assert "with None at index (1,)" in refusal(lambda: kl_normal(np.array([1, None], object), 1, 0, 1))
    assert "got an integer beyond it" in refusal(lambda: kl_normal(np.array([10**400], object), 1, 0, 1))


@pytest.mark.parametrize("dtype", ["i1", "u1", ">i2", "i8", "u8", "?"])
def test_integers_and_truth_values_are_numbers(dtype):
    values = np.array([1, 0, 1], dtype)
    np.testing.assert_array_equal(kl_normal(values, 1, 0, values + 1), kl_normal([1.0, 0, 1], 1, 0, [2.0, 1, 2]))
    assert kl_normal(values.tolist(), 1, 0, 1).dtype == np.float64


# Half precision


def half(name):
    return np.float16 if name == "float16" else getattr(pytest.importorskip("ml_dtypes"), name)


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_single(name):
    mu = MU.astype(half(name))
    right = kl_standard_normal(mu.astype(np.float32), 0.5)
    got = kl_standard_normal(mu, 0.5)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, right)
    for found in (
        kl_standard_normal(mu, 0.5, dtype=half(name)),
        kl_standard_normal(mu, 0.5, out=np.empty(2, half(name))),
    ):
        assert found.dtype == half(name)
        np.testing.assert_array_equal(found, right.astype(half(name)))


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_probabilities_in_half_precision_sum_to_1_but_for_its_rounding(name):
    p, q = (np.array(row).astype(half(name)) for row in ([0.3, 0.3, 0.4], [0.1, 0.6, 0.3]))
    right = kl_discrete([0.3, 0.3, 0.4], [0.1, 0.6, 0.3])
    assert float(kl_discrete(p, q)) == pytest.approx(right, rel=0.05)
    assert float(kl_discrete(p, q, out=np.empty((), half(name)))) == pytest.approx(right, rel=0.05)
    out = np.empty((), half(name))
    assert histogram_kl(p, q, out=out) is out
    assert float(out) == pytest.approx(right, rel=0.05)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_what_is_beyond_a_dtype_is_infinite_without_a_warning(dtype):
    given = np.array([1e30, 1.0])
    np.testing.assert_array_equal(kl_normal(given, 1.0, 0.0, 1.0, dtype=dtype), np.array([np.inf, 0.5], dtype))
    out = np.empty(2, dtype)
    kl_normal(given, 1.0, 0.0, 1.0, dtype=dtype, out=out)
    np.testing.assert_array_equal(out, np.array([np.inf, 0.5], dtype))


def test_the_dtype_none_is_no_dtype():
    p, q = np.array([1, 2], np.float32), np.array([2, 1], np.float32)
    assert histogram_kl(p, q, dtype=None).dtype == kl_normal(p, q, p, q, dtype=None).dtype == np.float32


# Probabilities that are something else


@pytest.mark.parametrize("function", [kl_discrete, cross_entropy_discrete])
def test_logits_and_logarithms_are_recognised(function):
    logits, law = [-1.0, 2.0, 0.5], [0.25, 0.25, 0.5]
    assert refusal(lambda: function(logits, law)) == (
        "p must be non-negative; got -1.0 at index (0,): if these are logits, pass the softmax of p"
    )
    assert refusal(lambda: function(law, np.log(law))).endswith(
        ": if these are logarithms of probabilities, pass np.exp(q)"
    )
    assert refusal(lambda: function([0.5, 0.25, 0.5], law)) == "the sum of p along axis -1 must be 1; got 1.25"


# Histograms and checks in other libraries


def tensor(library, values):
    return pytest.importorskip(library).asarray(values)


@pytest.mark.parametrize("library", ["torch", "dask.array", pytest.param("jax.numpy", marks=pytest.mark.slow)])
def test_histograms_of_other_libraries_have_the_same_divergence(library):
    p, q = [[3.0, 0.0, 5.0], [1.0, 2.0, 1.0]], [[6.0, 6.0, 1.0], [2.0, 4.0, 2.0]]
    right = histogram_kl(p, q)
    np.testing.assert_allclose(np.asarray(histogram_kl(tensor(library, p), tensor(library, q))), right, rtol=3e-7)
    densities = [np.array(v) / np.sum(v, axis=1, keepdims=True) for v in (p, q)]
    got = histogram_kl(*(tensor(library, v) for v in densities), 1.0)
    np.testing.assert_allclose(np.asarray(got), right, rtol=3e-7)
    got = histogram_kl(tensor(library, p), tensor(library, q), axis=(0, 1))
    np.testing.assert_allclose(np.asarray(got), histogram_kl(p, q, axis=(0, 1)), rtol=3e-7)
    message = refusal(lambda: histogram_kl(tensor(library, p), tensor(library, q), out=np.empty(2)))
    assert message == "out is for NumPy arrays; arrays of other libraries are returned"
    message = refusal(lambda: histogram_kl(tensor(library, p), tensor(library, q), unit="bit"))
    assert message == "unit must be one of nats, bits; got 'bit'"


def test_the_dtype_of_a_dask_array_is_announced():
    da = pytest.importorskip("dask.array")
    ones = da.ones((4, 3), chunks=(2, 3))
    for lazy in (
        kl_normal(ones, 1, 0, 1, dtype=np.float32),
        histogram_kl(ones, ones, dtype=np.float32),
        kl_value_and_grad("normal", "normal", mu_1=ones, sigma_1=1, mu_2=0, sigma_2=1, dtype=np.float32)[1]["mu_1"],
    ):
        assert lazy.dtype == lazy.compute().dtype == np.float32
    assert kl_standard_normal(ones[:, :0], 0.0).compute().tolist() == [0.0] * 4


@pytest.mark.parametrize("library", ["torch", pytest.param("jax.numpy", marks=pytest.mark.slow)])
def test_values_of_tensors_are_looked_at_on_request(library):
    scale = tensor(library, [1.0, -1.0])
    arguments = {"mu_1": 0.0, "sigma_1": scale, "mu_2": 0.0, "sigma_2": 1.0}
    got = np.asarray(kl("normal", "normal", **arguments))
    assert got[0] == 0
    assert np.isnan(got[1])
    message = refusal(lambda: kl("normal", "normal", validate=True, **arguments))
    assert message.startswith("sigma_1 must be positive; got -1.0")
    assert message.endswith("at index (1,)")
    laws = [tensor(library, v) for v in ([0.5, 0.5], [0.5, 0.75])]
    assert np.isfinite(float(kl_discrete(*laws)))
    assert refusal(lambda: kl_discrete(*laws, validate=True)).startswith(
        "the sum of q along axis -1 must be 1; got 1.25"
    )
    assert float(kl_discrete(laws[0], laws[0], validate=True)) == 0
    assert refusal(lambda: histogram_kl(-laws[0], laws[1], validate=True)).startswith(
        "p must be non-negative; got -0.5"
    )
