"""Tensors of torch and JAX: the gradient kernels, and automatic derivatives of the first and the second order."""

from __future__ import annotations

import numpy as np
import pytest
from numeric_arguments import BY_NAME
from numeric_draws import DTYPES, NORMALS
from numeric_exact import EPS_ALLOWED, flat
from numeric_tensors import LIBRARIES, arrays_of, call, draw, tensors_of

from kl_symbolic import numeric
from kl_symbolic.numeric import (
    cross_entropy_discrete,
    kl_diag_normal,
    kl_discrete,
    kl_normal,
    kl_standard_normal,
    vae_loss,
    vae_loss_value_and_grad,
)

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")
torch = pytest.importorskip("torch")

pytestmark = pytest.mark.usefixtures("double_precision")

SMOOTH = ["kl_normal", "kl_diag_normal", "kl_standard_normal", "vae_loss", "kl_discrete", "entropy_discrete"]
SMOOTH += ["cross_entropy_discrete", "in_bits"]


# The gradient kernels


@pytest.mark.sample(14)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("distance", [None, 1e-3, 1e-6])
@pytest.mark.parametrize("name", [n for n in numeric.__all__ if n.endswith("grad") and n not in BY_NAME])
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
            (0.0, 1e100, 0.0, 1e90),
            (0.0, 1e100, 0.0, 1.1e100),
            (1e100, 1.0, 0.0, 1e50),
            (1e-100, 1e-100, 0.0, 1e-99),
            (1.0, 1e100, 0.0, 1e60),
        ]
    ).T
    got = call(xp, numeric.kl_normal_grad, *parameters)
    for one, other in zip(got, numeric.kl_normal_grad(*parameters), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14, atol=1e-307)


# Automatic derivatives


@pytest.mark.sample(8)
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


@pytest.mark.sample(5)
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


def reverse_twice(function, which):
    """Return the second derivatives by torch without its forward mode, which takes seconds to be loaded."""
    return torch.func.jacrev(torch.func.jacrev(function, which), which)


def hessian_of_torch(function, which):
    return torch.func.hessian(function, which)


def hessian_of_jax(function, which):
    return jax.jit(jax.hessian(function, which))


@pytest.mark.sample(2)
@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")  # of torch's own
@pytest.mark.parametrize(
    "hessian", [reverse_twice, hessian_of_jax, pytest.param(hessian_of_torch, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("wide", [False, True])
def test_second_derivatives_are_the_fisher_information_where_the_laws_are_equal(hessian, wide):
    mu, logvar, sigma = (np.array(v) for v in ((0.3, -1e3 if wide else 0.0), (0.5, 300.0 if wide else 0), (0.7, 1.0)))
    for kernel, scale, information in [
        (kl_diag_normal, logvar, (np.exp(-logvar), np.full(2, 0.5))),
        (kl_normal, sigma, (sigma**-2, 2 * sigma**-2)),
    ]:
        array = jnp.asarray if hessian is hessian_of_jax else torch.tensor

        equal = (array(mu), array(scale))

        def total(m, s, kernel=kernel, other=equal):
            return kernel(m, s, *other).sum()

        found = hessian(total, (0, 1))(*equal)
        for row in (0, 1):
            np.testing.assert_allclose(found[row][row], np.diag(information[row]), rtol=1e-13)
            np.testing.assert_array_equal(found[row][1 - row], 0)


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
        kl_normal: [(0, 1e-100, 0, 1e50), (1e150, 1, -1e150, 1e5), (0, 1e100, 0, 1.0), (1e50, 1e-50, 0, 1e30)],
        kl_diag_normal: [
            (0, 0, 0, 0),
            (0, -700.0, 0, -700.0),
            (0, 709.0, 0, 0),
            (0, -1e308, 0, 0),
        ],
        kl_discrete: [(0, 1, 0.5, 0.5), (0, 1, 0, 1), (1, 0, 1, 0), (1e-300, 1, 1e-10, 1)],
        cross_entropy_discrete: [(0, 1, 0.5, 0.5), (0, 1, 0, 1), (0.5, 0.5, 1e-300, 1)],
    }
    for kernel, rows in cases.items():
        value_and_grad = by_autograd(way, kernel, 2 if "discrete" in kernel.__name__ else 4)
        for row in rows:
            values = np.reshape(np.array(row, float), (2, 2) if "discrete" in kernel.__name__ else (4, 1))
            value, derivatives = value_and_grad(values)
            assert np.isfinite(float(value)), row
            # The derivative by a probability of 0 is infinite where the other one is not 0.
            assert not any(np.isnan(np.asarray(v)).any() for v in derivatives), (kernel, row, derivatives)
            if "discrete" not in kernel.__name__ or 0 not in row:
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


def test_a_parameter_of_a_network_is_a_tensor():
    parameter = torch.nn.Parameter(torch.tensor([0.5, -0.5]))
    kl_standard_normal(parameter, 0.0).backward()
    torch.testing.assert_close(parameter.grad, parameter.detach(), rtol=0, atol=0)
    with torch.no_grad():
        assert not kl_standard_normal(parameter, 0.0).requires_grad
