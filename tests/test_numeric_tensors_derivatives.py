"""Automatic derivatives of the divergences by name, and of discrete laws where a probability is 0."""

from __future__ import annotations

import numpy as np
import pytest

from kl_symbolic.numeric import (
    cross_entropy_discrete,
    entropy_discrete,
    histogram_kl,
    kl,
    kl_discrete,
    kl_grad,
    kl_standard_normal,
    kl_standard_normal_value_and_grad,
    vae_loss,
)

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")
torch = pytest.importorskip("torch")

pytestmark = [
    pytest.mark.usefixtures("double_precision"),
    pytest.mark.filterwarnings("ignore:.*torch.jit.script.* is deprecated:DeprecationWarning"),  # of torch's own
]
INF = np.inf


def gamma(alpha_1, beta_1, alpha_2, beta_2):
    return kl("gamma", "gamma", alpha_1=alpha_1, beta_1=beta_1, alpha_2=alpha_2, beta_2=beta_2)


def poisson(lambda_1, lambda_2):
    return kl("poisson", "poisson", lambda_1=lambda_1, lambda_2=lambda_2)


LAWS = pytest.mark.parametrize(("function", "arguments"), [(gamma, 4), (poisson, 2)])


def positive(arguments, xp=torch):
    values = np.random.default_rng(1).uniform(0.3, 3, (arguments, 3))
    return [torch.tensor(v, requires_grad=True) if xp is torch else jnp.asarray(v) for v in values]


# Ordinary parameters


@pytest.mark.parametrize(("function", "arguments"), [(poisson, 2), pytest.param(gamma, 4, marks=pytest.mark.slow)])
def test_torch_checks_first_and_second_derivatives_in_both_modes(function, arguments):
    assert torch.autograd.gradcheck(function, positive(arguments), check_batched_grad=True)
    assert torch.autograd.gradgradcheck(function, positive(arguments))


@pytest.mark.slow  # it takes seconds to load torch's forward mode
@LAWS
def test_torch_checks_the_forward_mode(function, arguments):
    assert torch.autograd.gradcheck(function, positive(arguments), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(function, positive(arguments), check_fwd_over_rev=True)


@pytest.mark.slow
@LAWS
def test_the_slopes_of_jax_are_those_of_the_gradient(function, arguments):
    laws = function.__name__, function.__name__
    names = function.__code__.co_varnames[:arguments]
    points = positive(arguments, jnp)
    expected = kl_grad(*laws, **{name: np.asarray(v) for name, v in zip(names, points, strict=True)})
    slopes = jax.jit(jax.grad(lambda *v: function(*v).sum(), tuple(range(arguments))))(*points)
    directions = [jnp.full(3, k + 1.0) for k in range(arguments)]
    _, along = jax.jit(lambda at, by: jax.jvp(function, at, by))(tuple(points), tuple(directions))
    for name, slope in zip(names, slopes, strict=True):
        np.testing.assert_allclose(slope, expected[name], rtol=1e-12, atol=1e-15)
    total = sum((k + 1.0) * expected[name] for k, name in enumerate(names))
    np.testing.assert_allclose(along, total, rtol=1e-12, atol=1e-14)


@pytest.mark.slow
def test_functions_by_name_are_mapped_over_rows():
    rows = [np.random.default_rng(k).uniform(0.3, 3, (4, 3)) for k in range(4)]
    right = gamma(*rows)
    np.testing.assert_allclose(torch.func.vmap(gamma)(*map(torch.tensor, rows)), right, rtol=1e-13)
    by_axis = torch.func.vmap(gamma, in_dims=(0, None, 1, 0))
    some = (rows[0], rows[1][0], rows[2].T.copy(), rows[3])
    np.testing.assert_allclose(
        by_axis(*map(torch.tensor, some)), gamma(rows[0], rows[1][0], rows[2], rows[3]), rtol=1e-13
    )
    np.testing.assert_allclose(jax.vmap(poisson)(*map(jnp.asarray, rows[:2])), poisson(*rows[:2]), rtol=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("library", ["torch", "jax"])
def test_the_second_derivatives_of_equal_gamma_laws_are_the_fisher_information(library):
    alpha, beta = 2.0, 3.0
    information = np.array([[np.pi**2 / 6 - 1, -1 / beta], [-1 / beta, alpha / beta**2]])
    if library == "torch":
        point = [torch.tensor(v, dtype=torch.float64) for v in (alpha, beta, alpha, beta)]
        found = torch.func.jacrev(torch.func.jacrev(gamma, (0, 1)), (0, 1))(*point)
    else:
        found = jax.jit(jax.hessian(gamma, (0, 1)))(alpha, beta, alpha, beta)
    np.testing.assert_allclose(np.array([[float(v) for v in row] for row in found]), information, rtol=1e-12)


def test_derivatives_keep_the_dtype():
    ones = torch.ones(2)
    for function, arguments in ((kl_standard_normal, 2), (gamma, 4), (poisson, 2)):
        leaves = [ones.clone().requires_grad_() for _ in range(arguments)]
        value = function(*leaves).sum()
        assert value.dtype == torch.float32
        assert all(slope.dtype == torch.float32 for slope in torch.autograd.grad(value, leaves))
        with torch.no_grad():
            assert not function(*leaves).requires_grad


@pytest.mark.slow
def test_the_forward_mode_keeps_the_dtype():
    ones = torch.ones(2)
    value, along = torch.func.jvp(kl_standard_normal, (ones, ones), (ones, ones))
    assert value.dtype == along.dtype == torch.float32


# Probabilities that are 0


def by_torch(function, *points):
    tensors = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in points]
    return [v.numpy() for v in torch.autograd.grad(function(*tensors), tensors)]


def by_jax(function, *points):
    slopes = jax.jit(jax.grad(function, tuple(range(len(points)))))(*map(jnp.asarray, points))
    largest = np.finfo(float).max  # in place of infinity
    return [np.where(abs(v) == largest, np.copysign(np.inf, v), v) for v in map(np.asarray, slopes)]


@pytest.mark.sample(9)
@pytest.mark.parametrize("way", [by_torch, by_jax])
@pytest.mark.parametrize(
    ("function", "points", "slopes"),
    [
        (kl_discrete, ([0.5, 0.5, 0.0], [0.25, 0.5, 0.25]), ([np.log(2), 0, -INF], [-1, 0, 1])),
        (kl_discrete, ([0.5, 0.25, 0.25], [0.5, 0.5, 0.0]), ([0, -np.log(2), INF], [0, 0.5, -INF])),
        (kl_discrete, ([0.5, 0.5, 0.0], [0.5, 0.5, 0.0]), ([0, 0, 0], [0, 0, 0])),
        (entropy_discrete, ([0.5, 0.5, 0.0],), ([np.log(2) - 1, np.log(2) - 1, INF],)),
        (cross_entropy_discrete, ([1.0, 0.0], [0.5, 0.5]), ([np.log(2), np.log(2)], [-2, 0])),
        (cross_entropy_discrete, ([1.0, 0.0], [1.0, 0.0]), ([0, 0], [-1, 0])),
        (poisson, (0.0, 2.0), (-INF, 1)),
        (histogram_kl, ([1.0, 1.0, 0.0], [1.0, 1.0, 2.0]), ([0.0, 0.0, -INF], [-0.25, -0.25, 0.25])),
    ],
)
def test_slopes_at_zeros_are_those_of_mathematics(way, function, points, slopes):
    for got, right in zip(way(function, *points), slopes, strict=True):
        np.testing.assert_allclose(got, right, rtol=1e-14, atol=1e-15)


P, Q = [0.5, 0.5, 0.0], [0.25, 0.5, 0.25]


def test_along_a_direction_that_leaves_a_zero_alone_the_slope_is_finite():
    along = jax.jit(lambda at, by: jax.jvp(kl_discrete, at, by)[1])
    at = (jnp.array(P), jnp.array(Q))
    assert float(along(at, (jnp.zeros(3), jnp.array([1.0, 0.0, 1.0])))) == 0
    assert float(along(at, (jnp.array([1.0, -1.0, 0.0]), jnp.zeros(3)))) == pytest.approx(np.log(2), rel=1e-14)
    assert float(jax.jit(lambda at, by: jax.jvp(poisson, at, by)[1])((0.0, 2.0), (0.0, 1.0))) == 1


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_second_derivatives_beside_a_zero_are_those_of_mathematics(library):
    """The outcome itself has an infinite derivative."""
    if library == "torch":
        found = torch.func.jacrev(torch.func.jacrev(kl_discrete, (0, 1)), (0, 1))(*map(torch.tensor, (P, Q)))
    else:
        found = jax.jit(jax.hessian(kl_discrete, (0, 1)))(jnp.array(P), jnp.array(Q))
    p, q = np.array(P), np.array(Q)
    with np.errstate(divide="ignore"):
        right = [[np.diag(1 / p), np.diag(-1 / q)], [np.diag(-1 / q), np.diag(p / q**2)]]
    for row, rights in zip(found, right, strict=True):
        for got, exact in zip(row, rights, strict=True):
            exact[~np.eye(3, dtype=bool)] = 0
            np.testing.assert_allclose(np.asarray(got)[:2, :2], exact[:2, :2], rtol=1e-6)


# Compiled by torch

NORMAL = {"mu_1": torch.tensor([1.0, 2.0]), "sigma_1": torch.tensor([1.0, 0.5])}
COMPILED = {
    "kl": lambda m, s: kl("normal", "normal", mu_1=m, sigma_1=s, mu_2=0.0, sigma_2=1.0),
    "kl_grad": lambda m, s: kl_grad("normal", "normal", mu_1=m, sigma_1=s, mu_2=0.0, sigma_2=1.0)["sigma_1"],
    "kl_standard_normal_value_and_grad": lambda m, s: kl_standard_normal_value_and_grad(m, s)[1][1],
    "vae_loss": lambda m, s: vae_loss(1.0, m, s),
    "histogram_kl": histogram_kl,
}


@pytest.mark.filterwarnings("ignore:.*script_method. is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")  # of torch's own
@pytest.mark.sample(2)
@pytest.mark.parametrize("name", COMPILED)
def test_torch_compiles_functions_by_name_in_one_graph(name):
    torch.compiler.reset()
    function = COMPILED[name]
    got = torch.compile(function, fullgraph=True, backend="eager")(*NORMAL.values())
    torch.testing.assert_close(got, function(*NORMAL.values()), rtol=1e-6, atol=0)
