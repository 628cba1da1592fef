"""Tensors of torch and JAX: the accuracy of the NumPy kernels, through compilers and automatic derivatives too."""

from __future__ import annotations

import array_api_compat
import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kl_symbolic import numeric
from kl_symbolic.errors import RequestError
from kl_symbolic.numeric import (
    cross_entropy_discrete,
    entropy_discrete,
    in_bits,
    kl_diag_normal,
    kl_discrete,
    kl_normal,
    kl_standard_normal,
    vae_loss,
    vae_loss_value_and_grad,
)

EPS_ALLOWED = 16  # the accuracy contract of the package
DTYPES = [np.float64, np.float32]
DISTANCES = {np.float64: [10.0**-k for k in range(1, 13)], np.float32: [10.0**-k for k in range(1, 7)]}
WIDEST = {np.float64: 700, np.float32: 85}  # logarithms of variances
ROWS = 40


@pytest.fixture(autouse=True)
def _double_precision():
    """Let JAX have float64, and forget it afterwards."""
    with jax.enable_x64(True):
        yield


# References, on rows of parameters


def exact_normal(mu_1, sigma_1, mu_2, sigma_2):
    half = mpmath.mpf(1) / 2
    return mpmath.log(sigma_2 / sigma_1) + (sigma_1**2 + (mu_1 - mu_2) ** 2) / (2 * sigma_2**2) - half


def exact_diag_normal(mu_1, logvar_1, mu_2, logvar_2):
    return sum(
        (v_2 - v_1 + mpmath.exp(v_1 - v_2) + (m_1 - m_2) ** 2 * mpmath.exp(-v_2) - 1) / 2
        for m_1, v_1, m_2, v_2 in zip(mu_1, logvar_1, mu_2, logvar_2, strict=True)
    )


def exact_standard_normal(mu, logvar):
    zeros = [mpmath.mpf(0)] * len(mu)
    return exact_diag_normal(mu, logvar, zeros, zeros)


def plus_log(a, b, c):
    return a * mpmath.log(b / c) if a else mpmath.mpf(0)


def exact_discrete(p, q):
    return sum(plus_log(a, a, b) - a + b for a, b in zip(p, q, strict=True))


def exact_entropy(p):
    return -sum(plus_log(a, min(a, 1), 1) for a in p)


def exact_cross_entropy(p, q):
    return -sum(plus_log(a, min(b, 1), 1) for a, b in zip(p, q, strict=True))


EXACT = {
    kl_normal: exact_normal,
    kl_diag_normal: exact_diag_normal,
    kl_standard_normal: exact_standard_normal,
    kl_discrete: exact_discrete,
    entropy_discrete: exact_entropy,
    cross_entropy_discrete: exact_cross_entropy,
}
NORMALS = [kl_normal, kl_diag_normal, kl_standard_normal]


# Ways to compute: NumPy arrays in and out, another library in between


def by_torch(kernel, *arrays, **options):
    return kernel(*map(torch.tensor, arrays), **options).numpy()


def by_torch_vmap(kernel, *arrays):
    return torch.func.vmap(kernel)(*map(torch.tensor, arrays)).numpy()


def by_jax(kernel, *arrays, **options):
    return np.asarray(kernel(*map(jnp.asarray, arrays), **options))


def by_jax_jit(kernel, *arrays, **options):
    return np.asarray(jax.jit(lambda *tensors: kernel(*tensors, **options))(*map(jnp.asarray, arrays)))


def by_jax_vmap(kernel, *arrays):
    return np.asarray(jax.vmap(kernel)(*map(jnp.asarray, arrays)))


WAYS = [by_torch, by_jax_jit]
LIBRARIES = pytest.mark.parametrize("xp", [torch, jnp], ids=["torch", "jax"])


def call(xp, kernel, *arrays):
    """Return what a kernel makes of NumPy arrays and numbers as tensors of a library: JAX's compiled, to be quick."""
    if xp is torch:
        return kernel(*(torch.tensor(v) if isinstance(v, np.ndarray) else v for v in arrays))
    return jax.jit(kernel)(*arrays)


def smallest(way, dtype):
    """Return the least number that is told from 0: XLA has no subnormal ones."""
    info = np.finfo(dtype)
    return info.smallest_subnormal if "torch" in way.__name__ else info.smallest_normal


def exactly(values):
    return mpmath.mpf(float(values)) if np.ndim(values) == 0 else [mpmath.mpf(float(v)) for v in values]


def errors(way, kernel, cases):
    """Return the errors in eps of all cases; computed in one call, since each shape is compiled anew."""
    whole = [np.concatenate([case[k] for case in cases]) for k in range(len(cases[0]))]
    dtype = whole[0].dtype
    got, info, found = way(kernel, *whole), np.finfo(dtype), []
    assert got.dtype == dtype
    # What underflows in one of the terms is lost to XLA.
    floor = smallest(way, dtype) * (1 if "torch" in way.__name__ else 2 * whole[0][0].size)
    with mpmath.workdps(130):  # the textbook formula cancels up to 52 of them, e^-700 needs as many again
        for k, value in enumerate(got):
            exact = EXACT[kernel](*(exactly(v[k]) for v in whole))
            if exact > info.max:
                assert value == np.inf
                continue
            assert np.isfinite(value)
            assert value >= 0
            off = abs(mpmath.mpf(float(value)) - exact)
            found.append(0.0 if off <= float(floor) else float(off / exact / float(info.eps)))
    return found


def assert_accurate(way, kernel, *cases):
    assert max(errors(way, kernel, cases)) <= EPS_ALLOWED


def draw(kernel, dtype, distance=None, width=3, rows=ROWS):
    """Parameters of an array of laws; Q at the given relative distance from P, or independent of it."""
    random = np.random.default_rng(rows)
    shape = (rows,) if kernel is kl_normal else (rows, width)
    if kernel not in NORMALS:
        p = random.gamma(0.5, size=shape) + 1e-12
        q = random.permuted(p, axis=-1) if distance is None else p * (1 + distance * random.uniform(-1, 1, shape))
        laws = [(v / v.sum(axis=-1, keepdims=True)).astype(dtype) for v in (p, q)]
        return laws[:1] if kernel is entropy_discrete else laws
    location, scale = random.normal(0, 3, shape), random.normal(0, 2, shape)
    if kernel is kl_normal:
        scale = np.exp(scale)
    if kernel is kl_standard_normal:
        laws = [location, scale] if distance is None else [distance * location, distance * scale]
    elif distance is None:
        laws = [location, scale, location[::-1] + 1, scale[::-1]]
    else:
        laws = [location, scale, *(v * (1 + distance * random.uniform(-1, 1, shape)) for v in (location, scale))]
    return [v.astype(dtype) for v in laws]


def draw_wide(kernel, dtype):
    """Parameters of huge and tiny scales; pairs far apart, and pairs at a distance whose rounding error counts."""
    random, shape = np.random.default_rng(1), (ROWS, 3)
    m_1, m_2 = random.normal(0, 3, (2, *shape))
    v_1, v_2 = random.uniform(-WIDEST[dtype], WIDEST[dtype], (2, *shape))
    if kernel is kl_normal:
        scale = [np.exp(v[:, 0] / 2.5) for v in (v_1, v_2)]
        laws = [[m_1[:, 0], scale[0], m_2[:, 0], scale[1]]]
    elif kernel is kl_standard_normal:
        laws = [[m_1, v_1]]
    else:
        laws = [[m_1, v_1, m_2, v_2], [m_1, v_1, m_2, v_1 - random.uniform(0, 80, shape)]]
    return [[v.astype(dtype) for v in law] for law in laws]


# Accuracy


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

    EXACT[textbook] = exact_discrete
    try:
        assert max(errors(by_torch, textbook, [draw(kl_discrete, np.float64, 1e-8)])) > 1000
    finally:
        del EXACT[textbook]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("way", WAYS)
def test_is_accurate_on_both_sides_of_every_switch(way, dtype):
    switches = (-1, -0.7, -0.5, -0.4, 0.4, 0.5, 0.7, 1)
    log_ratios = np.array([c + d for c in switches for d in np.linspace(-0.02, 0.02, 5)])
    zeros, sigma_2 = np.zeros_like(log_ratios), np.full_like(log_ratios, 0.7)
    assert_accurate(way, kl_normal, [v.astype(dtype) for v in (zeros, sigma_2 * np.exp(log_ratios), zeros, sigma_2)])
    mu, logvar = zeros[:, None].astype(dtype), 2 * log_ratios[:, None].astype(dtype)
    assert_accurate(way, kl_standard_normal, [mu, logvar])
    assert_accurate(way, kl_diag_normal, [mu, logvar + dtype(0.3), mu, mu + dtype(0.3)])
    q = np.array([r * np.array([0.1, 0.2]) for r in np.exp([*log_ratios, -1.09, -1.11, 1.09, 1.11])])
    assert_accurate(way, kl_discrete, [np.full_like(q, 0.15).astype(dtype), q.astype(dtype)])


@pytest.mark.parametrize("way", WAYS)
def test_is_accurate_in_the_extremes(way):
    scales = [
        (1e150, 1.0, -1e150, 1.0),
        (1e160, 1.0, 0.0, 1.0),  # overflows, as it should
        (1e160, 1.0, 0.0, 1e10),
        (1.5e308, 1.0, -1.5e308, 1e300),  # the difference of the means overflows, the divergence does not
        (0.0, 1e-300, 0.0, 1e300),
        (0.0, 1e300, 0.0, 1e-300),
        (0.0, 1.8e154, 0.0, 1.0),  # the square of the ratio overflows, half of it does not
        (0.0, 1.0, 0.0, 1e9),
    ]
    if way is by_torch:
        scales += [(0.0, 5e-324, 0.0, 1e-320), (1e-320, 1e-320, 3e-320, 2e-320)]
    assert_accurate(way, kl_normal, list(np.array(scales).T))
    log_variances = [
        (0.0, 350.123, 0.0, -340.456),  # the rounding error of the difference, magnified 690-fold
        (0.0, -700.0, 0.0, 700.0),
        (0.0, 700.0, 0.0, -700.0),
        (1e150, 700.0, -1e150, 699.9),
        (1e300, 1500.0, 0.0, 1500.0),  # 1/sigma_2 underflows, the divergence does not
        (1e-300, -1500.0, 0.0, -1500.0),
        (0.0, -1e4, 0.0, -1e4 + 1),
        (1.0, -1e4, 0.0, -1e4 + 1),
        (0.0, -1e308, 0.0, 1e308),
        (0.0, 1e308, 0.0, -1e308),
        (0.0, 710.4, 0.0, 0.0),  # the exponential overflows, half of it does not
    ]
    assert_accurate(way, kl_diag_normal, [column[:, None] for column in np.array(log_variances).T])


@pytest.mark.parametrize("kernel", [kl_diag_normal, kl_standard_normal, kl_discrete, entropy_discrete])
@pytest.mark.parametrize("way", WAYS)
def test_long_sums_in_single_precision_lose_no_digits_along_any_axis(way, kernel):
    parameters = draw(kernel, np.float32, width=30_001, rows=1)
    expected = kernel(*(v.astype(np.float64) for v in parameters)) if kernel in NORMALS else kernel(*parameters)
    value = way(kernel, *parameters)
    assert value.dtype == np.float32
    np.testing.assert_allclose(value, expected, rtol=EPS_ALLOWED * np.finfo(np.float32).eps)
    np.testing.assert_array_equal(way(kernel, *(v.T for v in parameters), axis=0), value)


def test_jax_without_double_precision_is_as_accurate():
    with jax.enable_x64(False):
        for kernel in EXACT:
            cases = [draw(kernel, np.float32, distance) for distance in [None, *DISTANCES[np.float32]]]
            assert_accurate(by_jax_jit, kernel, *cases)
        assert kl_normal(jnp.ones(2, int), 1, 0, 1).dtype == np.float32
        long = draw(kl_standard_normal, np.float32, width=30_001, rows=1)
        expected = kl_standard_normal(*(v.astype(np.float64) for v in long))
        np.testing.assert_allclose(by_jax(kl_standard_normal, *long), expected, rtol=2e-6)


@pytest.mark.filterwarnings("ignore:.*script_method. is deprecated:DeprecationWarning")  # of torch's own, as it loads
def test_torch_compiles_the_kernels_in_one_graph():
    cases = [draw(kl_diag_normal, np.float64, 1e-9), *draw_wide(kl_diag_normal, np.float64)]

    def by_torch_compile(kernel, *arrays):
        return torch.compile(kernel, fullgraph=True)(*map(torch.tensor, arrays)).numpy()

    assert_accurate(by_torch_compile, kl_diag_normal, *cases)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*script_method. is deprecated:DeprecationWarning")
@pytest.mark.parametrize("name", sorted(set(numeric.__all__) - {"histogram_kl", "kl_diag_normal"}))
def test_torch_compiles_every_kernel_and_its_derivative(name):
    torch.compiler.reset()  # it gives up after eight compilations of the one function that calls all kernels
    kernel, parameters = getattr(numeric, name), tensors_of(name, torch)
    for tensor in parameters:
        tensor.requires_grad_()
    results = [flat(function(*parameters)) for function in (kernel, torch.compile(kernel, fullgraph=True))]
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-14, atol=0)
    totals = [sum(array.sum() for array in result) for result in results]
    for one, other in zip(*(torch.autograd.grad(total, parameters) for total in totals), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-13, atol=1e-13)


# Gradients


def flat(result):
    """Return all arrays of a result in one list."""
    return [array for part in result for array in flat(part)] if isinstance(result, tuple) else [result]


def arrays_of(name, dtype=np.float64, distance=None):
    """Arguments of a function, given its name."""
    if name == "in_bits":
        return draw(entropy_discrete, dtype)
    base = getattr(numeric, name.removesuffix("_grad").removesuffix("_value_and"))
    if base is vae_loss:
        return [np.array(3, dtype), *draw(kl_standard_normal, dtype, distance)]
    return draw(base, dtype, distance)


def tensors_of(name, xp, dtype=np.float64, distance=None):
    return [xp.asarray(v) for v in arrays_of(name, dtype, distance)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("distance", [None, 1e-3, 1e-6])
@pytest.mark.parametrize("name", [n for n in numeric.__all__ if n.endswith("grad")])
@LIBRARIES
def test_the_gradient_kernels_are_those_of_numpy(xp, name, distance, dtype):
    expected = flat(getattr(numeric, name)(*arrays_of(name, dtype, distance)))
    got = flat(call(xp, getattr(numeric, name), *arrays_of(name, dtype, distance)))
    for k, (one, other) in enumerate(zip(got, expected, strict=True)):
        assert one.shape == other.shape
        assert np.asarray(one).dtype == dtype
        allowed = EPS_ALLOWED * np.finfo(dtype).eps
        cancels = k == len(got) - 1 and distance is None  # two terms, in the derivative by the second scale
        np.testing.assert_allclose(one, other, rtol=allowed, atol=allowed if cancels else 1e-30)


@LIBRARIES
def test_the_gradient_kernels_do_not_overflow_before_their_values_do(xp):
    """XLA makes a / (b * c) of a / b / c."""
    parameters = np.array(
        [
            (1e150, 1.0, -1e150, 1.0),
            (1.5e308, 1.0, -1.5e308, 1e300),
            (0.0, 1e308, 0.0, 1e150),
            (0.0, 1e300, 0.0, 1.1e300),
            (1e300, 1.0, 0.0, 1e200),
            (1e-170, 1e-170, 0.0, 1e-169),
            (1.0, 1e300, 0.0, 1e160),
        ]
    ).T
    got = call(xp, numeric.kl_normal_grad, *parameters)
    for one, other in zip(got, numeric.kl_normal_grad(*parameters), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14, atol=1e-307)


SMOOTH = ["kl_normal", "kl_diag_normal", "kl_standard_normal", "vae_loss", "kl_discrete", "entropy_discrete"]
SMOOTH += ["cross_entropy_discrete", "in_bits"]


@pytest.mark.parametrize("distance", [None, 1e-3, 0.0])
@pytest.mark.parametrize("name", SMOOTH)
def test_torch_checks_first_and_second_derivatives(name, distance):
    parameters = [v[:2] if v.ndim else v for v in tensors_of(name, torch, distance=distance)]
    if name != "kl_normal":
        parameters = [v.abs() + 0.1 if "discrete" in name else v for v in parameters]
    for tensor in parameters:
        tensor.clamp_(-2, 2).requires_grad_()
    function = getattr(numeric, name)
    assert torch.autograd.gradcheck(function, parameters, rtol=1e-4, atol=1e-6)
    assert torch.autograd.gradgradcheck(function, parameters, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("distance", [None, 1e-3, 1e-6, 0.0])
@pytest.mark.parametrize("kernel", NORMALS)
def test_automatic_derivatives_are_those_of_the_gradient_kernels(kernel, distance, dtype):
    arrays = draw(kernel, dtype, distance)
    expected = getattr(numeric, kernel.__name__ + "_grad")(*arrays)
    tensors = [torch.tensor(v, requires_grad=True) for v in arrays]
    by_autograd = torch.autograd.grad(kernel(*tensors).sum(), tensors)
    which = tuple(range(len(arrays)))
    by_jax_grad = jax.jit(jax.grad(lambda *v: kernel(*v).sum(), which))(*map(jnp.asarray, arrays))
    for one, other, third in zip(by_autograd, by_jax_grad, expected, strict=True):
        allowed = {"rtol": 2 * EPS_ALLOWED * np.finfo(dtype).eps, "atol": 1e-30}
        if distance is None:
            allowed["atol"] = np.finfo(dtype).eps  # two terms may cancel
        np.testing.assert_allclose(one, third, **allowed)
        np.testing.assert_allclose(other, third, **allowed)


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")  # of torch's own
@pytest.mark.parametrize("wide", [False, True])
def test_second_derivatives_are_the_fisher_information_where_the_laws_are_equal(wide):
    mu, logvar, sigma = (np.array(v) for v in ((0.3, -1e3 if wide else 0.0), (0.5, 300.0 if wide else 0), (0.7, 1.0)))
    for kernel, scale, information in [
        (kl_diag_normal, logvar, (np.exp(-logvar), np.full(2, 0.5))),
        (kl_normal, sigma, (sigma**-2, 2 * sigma**-2)),
    ]:

        def total(m, s, kernel=kernel, other=(mu, scale)):
            library = torch.tensor if isinstance(m, torch.Tensor) else jnp.asarray
            return kernel(m, s, *map(library, other)).sum()

        by_torch_hessian = torch.func.hessian(total, (0, 1))(torch.tensor(mu), torch.tensor(scale))
        by_jax_hessian = jax.hessian(total, (0, 1))(jnp.asarray(mu), jnp.asarray(scale))
        for hessian in (by_torch_hessian, by_jax_hessian):
            for row in (0, 1):
                np.testing.assert_allclose(hessian[row][row], np.diag(information[row]), rtol=1e-13)
                np.testing.assert_array_equal(hessian[row][1 - row], 0)


def by_autograd(way, kernel, parameters):
    """Return a function of the parameters for the sum of the values and its automatic derivatives."""
    if way == "torch":

        def value_and_grad(values):
            tensors = [torch.tensor(v, requires_grad=True) for v in values]
            value = kernel(*tensors).sum()
            return value.detach(), torch.autograd.grad(value, tensors)

        return value_and_grad
    compiled = jax.jit(jax.value_and_grad(lambda *v: kernel(*v).sum(), tuple(range(parameters))))
    return lambda values: compiled(*values)


@pytest.mark.parametrize("way", ["torch", "jax"])
def test_derivatives_are_finite_wherever_the_divergence_is(way):
    """Branches that are not taken do not spoil them: 0 times infinity is NaN."""
    cases = {
        kl_normal: [(0, 1e-200, 0, 1e100), (1.5e308, 1, -1.5e308, 1e305), (0, 1e100, 0, 1.0), (1e100, 1e-300, 0, 1e30)],
        kl_diag_normal: [
            (0, 0, 0, -1e4 + 1e4),
            (0, -1e4, 0, -1e4),
            (0, 709.0, 0, 0),
            (0, -1e308, 0, 0),
            (1, 0, 1, -3e3),
        ],
        kl_discrete: [(0, 1, 0.5, 0.5), (0, 1, 0, 1), (1, 0, 1, 0), (1e-300, 1, 1e-10, 1)],
        cross_entropy_discrete: [(0, 1, 0.5, 0.5), (0, 1, 0, 1), (0.5, 0.5, 1e-300, 1)],
    }
    for kernel, rows in cases.items():
        value_and_grad = by_autograd(way, kernel, 2 if "discrete" in kernel.__name__ else 4)
        for row in rows:
            values = np.reshape(np.array(row, float), (2, 2) if "discrete" in kernel.__name__ else (4, 1))
            value, derivatives = value_and_grad(values)
            if kernel is kl_diag_normal and row[3] < -2e3 and row[1] > row[3]:
                assert np.isinf(float(value)), row
            else:
                assert np.isfinite(float(value)), row
                assert all(np.isfinite(np.asarray(v)).all() for v in derivatives), (kernel, row, derivatives)


@LIBRARIES
def test_derivatives_of_tiny_probabilities_are_accurate(xp):
    """As a softmax in single precision returns them; JAX's derivative of x/y overflows where y^2 underflows."""
    p = np.array([1e-30, 1e-25, 1e-36, 1e-30, 1e-25, 1.1e-22, 0.75, 0.25], np.float32)
    q = np.array([1e-10, 1e-36, 1e-25, 1.1e-30, 1e-25, 1e-22, 0.25, 0.75], np.float32)
    if xp is torch:
        tensors = [torch.tensor(v, requires_grad=True) for v in (p, q)]
        by_p, by_q = torch.autograd.grad(kl_discrete(*tensors), tensors)
    else:
        by_p, by_q = jax.jit(jax.grad(kl_discrete, (0, 1)))(p, q)
    a, b = p.astype(float), q.astype(float)
    np.testing.assert_allclose(by_p, np.log(a / b), rtol=3e-6)
    np.testing.assert_allclose(by_q, (b - a) / b, rtol=3e-6)


def test_a_loss_has_derivatives_by_all_its_arguments():
    mu, logvar = (torch.tensor(v, requires_grad=True) for v in draw(kl_standard_normal, np.float64))
    weights = torch.nn.Parameter(torch.tensor([1.0, 2.0], dtype=torch.float64))
    beta = torch.tensor(0.25, requires_grad=True)
    loss = vae_loss((weights**2).sum(), mu, logvar, beta)
    loss.backward()
    _, (by_mu, by_logvar) = vae_loss_value_and_grad(0.0, mu.detach(), logvar.detach(), 0.25)
    torch.testing.assert_close(mu.grad, by_mu, rtol=1e-14, atol=0)
    torch.testing.assert_close(logvar.grad, by_logvar, rtol=1e-13, atol=1e-17)
    torch.testing.assert_close(weights.grad, 2 * weights.detach(), rtol=0, atol=0)
    assert beta.grad == pytest.approx(kl_standard_normal(mu, logvar).mean().item(), rel=1e-6)
    expected = vae_loss(5.0, mu.detach().numpy(), logvar.detach().numpy(), 0.25)
    assert loss.item() == pytest.approx(expected, rel=1e-14)
    assert mu.is_leaf
    assert isinstance(weights, torch.nn.Parameter)


# Signs, zeros, NaN


reals = st.floats(-1e150, 1e150)
scales = st.floats(1e-150, 1e150)
log_variances = st.floats(-700, 700)


@LIBRARIES
@settings(deadline=None)
@given(st.lists(st.tuples(reals, scales, reals, scales), min_size=4, max_size=4), st.data())
def test_is_never_negative_and_zero_only_for_equal_laws(xp, rows, data):
    m_1, s_1, m_2, s_2 = np.array(rows).T
    value = np.asarray(call(xp, kl_normal, m_1, s_1, m_2, s_2))
    assert (value >= 0).all()
    apart = (m_1 != m_2) | (s_1 != s_2)
    if xp is jnp:  # a mean that is not normal is read as 0
        apart = (np.abs(m_1 - m_2) >= np.finfo(float).tiny) | (s_1 != s_2)
    np.testing.assert_array_equal(value == 0, ~apart)
    assert (call(xp, kl_normal, m_1, s_1, m_1, s_1) == 0).all()
    v_1, v_2 = np.array(data.draw(st.lists(st.tuples(log_variances, log_variances), min_size=4, max_size=4))).T
    value = np.asarray(call(xp, kl_diag_normal, *(v[:, None] for v in (m_1, v_1, m_2, v_2))))
    assert (value >= 0).all()
    if xp is torch:
        np.testing.assert_array_equal(value == 0, (m_1 == m_2) & (v_1 == v_2))
    assert (call(xp, kl_diag_normal, *(v[:, None] for v in (m_1, v_1, m_1, v_1))) == 0).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("way", WAYS)
def test_what_underflows_is_rounded_up_for_zero_says_that_the_laws_are_equal(way, dtype):
    least = smallest(way, dtype)
    tiny, zero, one = np.array([least]), np.zeros(1, dtype), np.ones(1, dtype)
    assert way(kl_normal, tiny, one, zero, one) == least
    assert way(kl_standard_normal, tiny, zero) == least
    assert way(kl_diag_normal, zero, tiny, zero, zero) == least
    law = np.array([1, 2 * least], dtype)
    assert way(kl_discrete, law, np.array([1, least], dtype)) >= least


@pytest.mark.parametrize("name", [n for n in numeric.__all__ if n not in ("histogram_kl", "vae_loss_value_and_grad")])
@LIBRARIES
def test_nan_spoils_its_own_row_only(xp, name):
    function, clean = getattr(numeric, name), arrays_of(name)
    before = [np.asarray(v) for v in flat(call(xp, function, *clean))]
    for k in range(len(clean)):
        if clean[k].ndim == 0:
            continue
        spoilt = [v.copy() for v in clean]
        spoilt[k][2] = np.nan
        after = [np.asarray(v) for v in flat(call(xp, function, *spoilt))]
        assert any(np.isnan(one).any() for one in after)
        for one, other in zip(before, after, strict=True):
            if one.ndim:
                np.testing.assert_array_equal(np.delete(one, 2, axis=0), np.delete(other, 2, axis=0))


@LIBRARIES
def test_a_bad_value_gives_nan_in_its_own_row_only(xp):
    sigma = np.array([1.0, 0.0, -1.0])
    for value in flat(call(xp, numeric.kl_normal_value_and_grad, 0.0, sigma, 0.0, sigma)):
        np.testing.assert_array_equal(value, [0.0, np.nan, np.nan])
    p, half = np.array([[0.5, 0.5], [1.5, -0.5], [np.nan, 1.0]]), np.full((3, 2), 0.5)
    certain = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    for kernel in (kl_discrete, cross_entropy_discrete):
        for one, other in ((p, p), (p, half), (half, p), (p, certain), (certain, p)):
            value = call(xp, kernel, one, other)
            np.testing.assert_array_equal(np.isnan(np.asarray(value)), [False, True, True])
    np.testing.assert_array_equal(np.isnan(np.asarray(call(xp, entropy_discrete, p))), [False, True, True])


@LIBRARIES
def test_the_conventions_for_0_log_0_are_those_of_numpy(xp):
    p, q = np.array([[0.5, 0.5], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), np.array([0.0, 1.0])
    for kernel in (kl_discrete, cross_entropy_discrete):
        np.testing.assert_allclose(call(xp, kernel, p, q), kernel(p, q), rtol=1e-15)
    entropy = np.asarray(call(xp, entropy_discrete, p))
    np.testing.assert_allclose(entropy, entropy_discrete(p), rtol=1e-15)
    assert not np.signbit(entropy).any()


# Shapes, layouts, dtypes, devices


@LIBRARIES
def test_broadcasts_as_numpy_does(xp):
    mu, logvar = draw(kl_standard_normal, np.float64)
    for arguments in [(mu[:, None], logvar, 0.0, logvar[0]), (mu, 1, mu[3], 0.5), (mu[0], logvar, 0, 0)]:
        value, gradient = call(xp, numeric.kl_diag_normal_value_and_grad, *arguments)
        np.testing.assert_allclose(value, kl_diag_normal(*arguments), rtol=1e-14)
        for one, other in zip(gradient, numeric.kl_diag_normal_grad(*arguments), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)
    assert kl_normal(xp.zeros(0), 1.0, 0.0, 1.0).shape == (0,)
    np.testing.assert_array_equal(kl_standard_normal(xp.ones((3, 0)), 0.0), np.zeros(3))
    wide = kl_standard_normal(xp.ones((2, 3, 4)), 0.0, axis=1)
    np.testing.assert_array_equal(wide, np.full((2, 4), 1.5))


def transposed(tensor):
    """Return the same numbers, in the opposite order in memory."""
    return tensor.T.contiguous().T if tensor.ndim > 1 else tensor.flip(0).clone().flip(0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [n for n in numeric.__all__ if n != "histogram_kl" and not n.startswith("vae")])
def test_memory_layout_changes_nothing_in_torch(name, dtype):
    function = getattr(numeric, name)
    tensors = [torch.tensor(np.tile(v, 40 if v.ndim > 1 else 1)) for v in arrays_of(name, dtype)]
    if "discrete" in name:
        tensors = [v / 40 for v in tensors]
    plain = flat(function(*tensors))
    for same in (
        [torch.repeat_interleave(v, 2, 0)[::2] for v in tensors],
        [transposed(v) for v in tensors],
        [torch.cat([v[:1], v])[1:] for v in tensors],
        [v.clone() if k % 2 else transposed(v) for k, v in enumerate(tensors)],
    ):
        for one, other in zip(plain, flat(function(*same)), strict=True):
            assert torch.equal(one, other)
    if name in ("kl_diag_normal", "kl_standard_normal") or "discrete" in name:
        assert torch.equal(plain[0], function(*(v.T for v in tensors), axis=0))


@pytest.mark.parametrize("kernel", [kl_diag_normal, kl_standard_normal, kl_discrete, entropy_discrete])
@pytest.mark.parametrize("way", [by_torch_vmap, by_jax_vmap])
def test_maps_over_rows(way, kernel):
    parameters = draw(kernel, np.float64)
    np.testing.assert_allclose(way(kernel, *parameters), kernel(*parameters), rtol=1e-14)


@LIBRARIES
def test_the_widest_tensor_decides_the_dtype_and_numbers_do_not(xp):
    single, double = xp.ones(2, dtype=xp.float32), xp.ones(2, dtype=xp.float64)
    whole, truth = xp.ones(2, dtype=xp.int32), xp.ones(2, dtype=xp.bool if xp is torch else bool)
    default = xp.asarray(0.5).dtype
    function = numeric.kl_normal_value_and_grad if xp is torch else jax.jit(numeric.kl_normal_value_and_grad)
    for arguments, dtype in [
        ((single, 1.0, 0, 1), xp.float32),
        ((single, True, double[0], 1), xp.float64),
        ((single, whole, truth, 1), xp.float32),
        ((whole, double, truth, 1), xp.float64),
        ((whole, truth, 0, 1.0), default),
    ]:
        assert all(result.dtype == dtype for result in flat(function(*arguments)))
    assert in_bits(single).dtype == xp.float32
    assert vae_loss(np.float64(0), single, np.float32(0)).dtype == xp.float32
    assert kl_standard_normal(xp.asarray([100], dtype=xp.int8), 0) == 100**2 / 2


def test_tensors_stay_on_their_device_and_arguments_are_left_alone():
    mu = torch.zeros((4, 3), device="meta")
    assert kl_diag_normal(mu, 0.0, 1.0, 0).device.type == "meta"
    for result in flat(numeric.kl_standard_normal_value_and_grad(mu, 0.0)):
        assert result.device.type == "meta"
    assert vae_loss(1.0, mu, 0.0).device.type == "meta"
    tensors = tensors_of("kl_diag_normal", torch)
    copies = [v.clone() for v in tensors]
    for component in numeric.kl_diag_normal_grad(*tensors):
        component.add_(1)
    numeric.kl_standard_normal_grad(*tensors[:2])[0].zero_()
    assert all(map(torch.equal, tensors, copies))


def test_a_parameter_of_a_network_is_a_tensor():
    parameter = torch.nn.Parameter(torch.tensor([0.5, -0.5]))
    kl_standard_normal(parameter, 0.0).backward()
    torch.testing.assert_close(parameter.grad, parameter.detach(), rtol=0, atol=0)
    with torch.no_grad():
        assert not kl_standard_normal(parameter, 0.0).requires_grad


def test_bits_are_nats_over_log_2():
    for xp in (torch, jnp):
        nats = xp.asarray([np.log(2), 0.0, np.inf, np.nan])
        np.testing.assert_allclose(in_bits(nats), [1.0, 0.0, np.inf, np.nan], rtol=1e-7)


# Errors


ONES = torch.ones(3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: kl_normal(ONES, np.ones(3), 0, 1),
            "sigma_1 must be a number or an array of torch, as another argument is; got numpy.ndarray",
        ),
        (
            lambda: kl_normal(0, [1.0, 2.0, 3.0], ONES, 1),
            "sigma_1 must be a number or an array of torch, as another argument is; got builtins.list",
        ),
        (
            lambda: kl_diag_normal(jnp.ones(3), 0, ONES, 1),
            "mu_2 must be a number or an array of jax.numpy, as another argument is; got torch.Tensor",
        ),
        (
            lambda: vae_loss(None, ONES, 0),
            "reconstruction must be a number or an array of torch, as another argument is; got builtins.NoneType",
        ),
        (
            lambda: kl_normal(ONES, ONES.to(torch.float16), 0, 1),
            "sigma_1 must be real and in single or double precision; got the dtype torch.float16",
        ),
        (
            lambda: kl_standard_normal(jnp.ones(3, jnp.bfloat16), 0),
            "mu must be real and in single or double precision; got the dtype bfloat16",
        ),
        (
            lambda: kl_discrete(ONES, ONES * 1j),
            "q must be real and in single or double precision; got the dtype torch.complex64",
        ),
        (lambda: kl_normal(ONES, 1, 0, 1, out=ONES), "out is for NumPy arrays; arrays of other libraries are returned"),
        (
            lambda: kl_standard_normal(np.ones(3), 0, out=ONES),
            "out is for NumPy arrays; arrays of other libraries are returned",
        ),
        (
            lambda: kl_normal(ONES, 1, torch.ones(2), 1),
            "the shapes of the parameters do not broadcast: mu_1 (3,), sigma_1 (), mu_2 (2,), sigma_2 ()",
        ),
        (
            lambda: kl_standard_normal(ONES, 0, axis=1),
            "axis must be one of the axes of the parameters; got 1 for the shape (3,)",
        ),
        (lambda: kl_normal(ONES, 1, 10**400, 1), "mu_2 must lie within the range of float64; got an integer beyond it"),
        (lambda: vae_loss(ONES, ONES, 0), "reconstruction must be one number; got an array of the shape (3,)"),
        (lambda: vae_loss(0.0, ONES, 0, ONES), "beta must be one number; got an array of the shape (3,)"),
        (lambda: vae_loss(0.0, ONES, 0, -1.0), "beta must be a finite number >= 0; got -1.0"),
        (lambda: vae_loss(0.0, ONES, 0, "1"), "beta must be a finite number >= 0; got '1'"),
        (lambda: vae_loss(0.0, torch.ones(0, 2), 0), "the batch is empty: the divergences have the shape (0,)"),
        (lambda: numeric.histogram_kl(ONES, ONES), "histogram_kl takes NumPy arrays; got torch.Tensor"),
    ],
)
def test_an_error_names_the_argument(call, message):
    with pytest.raises(RequestError) as caught:
        call()
    assert str(caught.value) == message


def test_a_tensor_among_the_options_does_not_make_numpy_arrays_tensors():
    with pytest.raises(RequestError, match=r"^mu or logvar must be a tensor, since another argument is$"):
        kl_standard_normal(np.ones(3), 0.0, axis=torch.tensor(0))


def test_the_library_of_a_tensor_is_told_without_its_caches():
    assert array_api_compat.array_namespace(ONES) is numeric.dispatch.namespace(ONES)
