"""Dask arrays: the numbers of the NumPy kernels whatever the chunks, computed late, and more than a worker holds."""

from __future__ import annotations

import numpy as np
import pytest
from numeric_arguments import BY_NAME, REMAINDERS
from numeric_draws import DTYPES
from numeric_exact import flat

from kl_symbolic import numeric
from kl_symbolic.errors import RequestError
from kl_symbolic.numeric import kl_diag_normal, kl_discrete, kl_normal, kl_standard_normal, vae_loss

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")
torch = pytest.importorskip("torch")

SHAPE = (12, 10)
CHUNKS = [(12, 10), (5, 3), (1, 10), (12, 1)]
MEGABYTE = 10**6


@pytest.fixture(autouse=True)
def _one_thread():
    with dask.config.set(scheduler="synchronous"):
        yield


def draw(dtype=np.float64):
    """Locations, scales and laws, two of each."""
    random = np.random.default_rng(5)
    laws = random.dirichlet(np.ones(SHAPE[1]), (2, SHAPE[0]))
    locations, logvars = random.normal(size=(2, 2, *SHAPE))
    return {
        name: pair.astype(dtype)
        for name, pair in {"mu": locations, "sigma": np.exp(logvars), "logvar": logvars, "law": laws}.items()
    }


def arguments(name, dtype=np.float64):
    """Arguments of a kernel, as NumPy arrays."""
    given = draw(dtype)
    (m_1, m_2), (s_1, s_2), (v_1, v_2), (p, q) = (given[key] for key in ("mu", "sigma", "logvar", "law"))
    if name in {"entropy_discrete", "in_bits"}:
        return [p]
    if name in REMAINDERS:
        return [s_1, s_2, p, s_1 + s_2][: len(REMAINDERS[name])]
    if name.endswith("discrete") or name in {"histogram_kl", "kl_bernoulli"}:
        return [p, q]
    if name.startswith("vae_loss"):
        return [dtype(3), m_1, v_1]
    if name.startswith("kl_standard"):
        return [m_1, v_1]
    if name == "kl_bernoulli_logits":
        return [v_1, v_2]
    return [m_1, s_1, m_2, s_2] if name.startswith("kl_normal") else [m_1, v_1, m_2, v_2]


NAMES = sorted(set(numeric.__all__) - BY_NAME)
ELEMENTWISE = ("kl_normal", "kl_bernoulli", "in_bits", *REMAINDERS)
SUMMED = [name for name in NAMES if "normal" not in name or "value" in name or "grad" not in name]
SUMMED = [name for name in SUMMED if not name.startswith(ELEMENTWISE)]


def assert_same(lazy, expected):
    """Compare to the last bit, and what was announced with what came."""
    for one, other in zip(flat(lazy), flat(expected), strict=True):
        assert isinstance(one, da.Array)
        value = one.compute()
        assert (one.shape, one.dtype) == (np.shape(value), value.dtype) == (np.shape(other), other.dtype)
        assert type(one._meta) is np.ndarray
        np.testing.assert_array_equal(value, other)


@pytest.mark.sample(30)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("chunks", CHUNKS)
@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_are_those_of_numpy_whatever_the_chunks(name, chunks, dtype):
    kernel, given = getattr(numeric, name), arguments(name, dtype)
    chunked = [da.from_array(v, chunks) if v.ndim else v for v in given]
    assert_same(kernel(*chunked), kernel(*given))


@pytest.mark.sample(9)
@pytest.mark.parametrize("axis", [0, 1, -2])
@pytest.mark.parametrize("name", SUMMED)
def test_any_axis_may_be_summed_over(name, axis):
    kernel, given = getattr(numeric, name), arguments(name)
    if axis != 1 and "discrete" in name:
        given = [np.ascontiguousarray(v.T) for v in given]
    chunked = [da.from_array(v, (4, 5)) if v.ndim else v for v in given]
    assert_same(kernel(*chunked, axis=axis), kernel(*given, axis=axis))


def test_numbers_and_numpy_arrays_broadcast_and_keep_their_dtypes():
    mu, logvar = (v.astype(np.float32) for v in arguments("kl_standard_normal"))
    lazy = da.from_array(mu, (5, 3))
    assert_same(kl_standard_normal(lazy, 0.0), kl_standard_normal(mu, 0.0))
    assert_same(kl_standard_normal(lazy, logvar[0]), kl_standard_normal(mu, logvar[0]))
    assert_same(kl_standard_normal(lazy[:, None], logvar), kl_standard_normal(mu[:, None], logvar))
    assert_same(kl_normal(lazy, 1, logvar[3].astype(float), 2.0), kl_normal(mu, 1, logvar[3].astype(float), 2.0))
    assert_same(numeric.in_bits(da.arange(7, chunks=2)), numeric.in_bits(np.arange(7)))
    assert_same(kl_discrete(da.full((3, 10), 0.1, chunks=2), 0.1), kl_discrete(np.full((3, 10), 0.1), 0.1))
    assert_same(vae_loss(da.from_array(np.float64(2)), lazy, 0, 0.5), vae_loss(np.float64(2), mu, 0, 0.5))


def explode(block):
    raise AssertionError(f"computed too early: {block.shape}")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_computed_before_the_result_is(name):
    given = arguments(name)
    lazy = [da.from_array(v, (4, 5)).map_blocks(explode, meta=np.empty((0, 0))) if v.ndim else v for v in given]
    results = flat(getattr(numeric, name)(*lazy))
    assert all(isinstance(result, da.Array) for result in results)
    with pytest.raises(AssertionError, match="too early"):
        results[0].compute()


def test_value_and_gradient_share_one_pass():
    calls = []

    def count(block):
        calls.append(block.size)
        return block

    mu, logvar = arguments("kl_standard_normal")
    lazy = da.from_array(mu, (6, 10)).map_blocks(count, meta=np.empty((0, 0)))
    dask.compute(numeric.kl_standard_normal_value_and_grad(lazy, logvar))
    assert calls == [60, 60]


def test_nan_spoils_its_own_row_only():
    mu, logvar = arguments("kl_standard_normal")
    expected = kl_standard_normal(mu, logvar)
    mu[3, 2] = expected[3] = np.nan
    np.testing.assert_array_equal(kl_standard_normal(da.from_array(mu, (5, 3)), logvar).compute(), expected)


def test_bad_values_are_refused_when_they_are_computed():
    sigma = da.from_array(np.array([1.0, 2.0, -3.0]), 2)
    value = kl_normal(0.0, sigma, 0.0, 1.0)
    with pytest.raises(RequestError, match=r"^sigma_1 must be positive; got -3\.0 at index \(0,\)$"):
        value.compute()


ONES = da.ones((4, 3), chunks=2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kl_normal(0, ONES, 0, -1), "sigma_2 must be positive; got -1.0"),
        (lambda: kl_normal(0, ONES, np.inf, 1), "mu_2 must be finite; got inf"),
        (lambda: kl_normal(0, ONES, 0, 1j), "sigma_2 must be an array of real numbers; got 1j"),
        (lambda: kl_normal(0, ONES, 0, [[1], [1, 2]]), "sigma_2 must be an array of real numbers; got nested lists"),
        (lambda: kl_standard_normal(ONES, 0, 1.5), "axis must be an integer, a tuple of integers, or None; got 1.5"),
        (
            lambda: kl_normal(ONES.astype(complex), 1, 0, 1),
            "mu_1 must be an array of real numbers; got the dtype compl",
        ),
        (
            lambda: kl_normal(ONES, 1, 0, np.ones(2)),
            "the shapes of the parameters do not broadcast: mu_1 (4, 3), sigma",
        ),
        (
            lambda: kl_diag_normal(ONES, 0, 0, 0, 2),
            "axis must be one of the axes of the parameters; got 2 for the shape",
        ),
        (
            lambda: kl_standard_normal(ONES, 0, out=np.ones(4)),
            "out is for NumPy arrays; arrays of other libraries are returned",
        ),
        (lambda: kl_normal(ONES, torch.ones(3), 0, 1), "sigma_1 must be a Dask or NumPy array or a number, as another"),
        (lambda: vae_loss(0, ONES, 0, -1.0), "beta must be a finite number >= 0; got -1.0"),
        (lambda: vae_loss(0, ONES, 0, da.ones(())), "beta must be a finite number >= 0; got an Array"),
        (
            lambda: vae_loss(ONES[0], ONES, 0),
            "reconstruction must be one number, the mean over the batch; got an array",
        ),
        (lambda: vae_loss(0, ONES[:0], 0), "the batch is empty: the divergences have the shape (0,)"),
    ],
)
def test_what_is_known_without_the_values_is_refused_at_once(call, message):
    with pytest.raises(RequestError) as caught:
        call()
    assert str(caught.value).startswith(message)


# A cluster

ROWS, WIDTH, STEP = 400_000, 64, 20_000
LIMIT = 350 * MEGABYTE  # a worker with its imports holds 200 MB before the first block comes


def parameters():
    """Means and logarithms of variances, drawn block by block: 410 MB."""
    random = da.random.default_rng(7)
    return [random.normal(size=(ROWS, WIDTH), chunks=(STEP, WIDTH)) for _ in range(2)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Port 8787 is already in use:UserWarning")
def test_a_cluster_computes_what_is_larger_than_the_memory_of_a_worker():
    from dask.distributed import Client, LocalCluster

    mu, logvar = parameters()
    assert mu.nbytes + logvar.nbytes > LIMIT + 50 * MEGABYTE
    divergence, loss = kl_standard_normal(mu, logvar), vae_loss(1.5, mu, logvar, 0.5)
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, memory_limit=LIMIT, dashboard_address=None
        ) as c,
        Client(c) as client,
    ):
        limits = [worker["memory_limit"] for worker in client.scheduler_info()["workers"].values()]
        assert limits == [LIMIT, LIMIT]
        got, got_loss = client.gather(client.compute([divergence, loss]))
        started = client.run(lambda dask_worker: dask_worker.nanny is not None)
        assert len(started) == 2
    streamed = [
        kl_standard_normal(*dask.compute(mu.blocks[k], logvar.blocks[k], scheduler="synchronous"))
        for k in range(mu.numblocks[0])
    ]
    np.testing.assert_array_equal(got, np.concatenate(streamed))
    assert got_loss == pytest.approx(1.5 + 0.5 * np.mean(got), rel=1e-14)
