"""Tensors of torch and JAX: the kernels compiled by torch, and mapped over rows by both libraries."""

from __future__ import annotations

import numpy as np
import pytest
from numeric_arguments import BY_NAME
from numeric_exact import flat
from numeric_tensors import assert_accurate, draw, draw_wide, tensors_of

from kl_symbolic import numeric
from kl_symbolic.numeric import entropy_discrete, kl_diag_normal, kl_discrete, kl_standard_normal

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")
torch = pytest.importorskip("torch")

pytestmark = pytest.mark.usefixtures("double_precision")


def by_torch_vmap(kernel, *arrays):
    return torch.func.vmap(kernel)(*map(torch.tensor, arrays)).numpy()


def by_jax_vmap(kernel, *arrays):
    return np.asarray(jax.vmap(kernel)(*map(jnp.asarray, arrays)))


@pytest.mark.parametrize("kernel", [kl_diag_normal, kl_standard_normal, kl_discrete, entropy_discrete])
@pytest.mark.parametrize("way", [by_torch_vmap, by_jax_vmap])
def test_maps_over_rows(way, kernel):
    parameters = draw(kernel, np.float64)
    np.testing.assert_allclose(way(kernel, *parameters), kernel(*parameters), rtol=1e-14)


@pytest.mark.filterwarnings("ignore:.*script_method. is deprecated:DeprecationWarning")  # of torch's own, as it loads
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")
@pytest.mark.parametrize("backend", ["aot_eager", pytest.param("inductor", marks=pytest.mark.slow)])
def test_torch_compiles_the_kernels_in_one_graph(backend):
    cases = [draw(kl_diag_normal, np.float64, 1e-9), *draw_wide(kl_diag_normal, np.float64)]

    def by_torch_compile(kernel, *arrays):
        return torch.compile(kernel, fullgraph=True, backend=backend)(*map(torch.tensor, arrays)).numpy()

    assert_accurate(by_torch_compile, kl_diag_normal, *cases)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*script_method. is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")
@pytest.mark.parametrize("name", sorted(set(numeric.__all__) - {"kl_diag_normal"} - BY_NAME))
def test_torch_compiles_every_kernel_and_its_derivative(name):
    torch.compiler.reset()  # it gives up after eight compilations of the one function that calls all kernels
    kernel, parameters = getattr(numeric, name), tensors_of(name, torch)
    for tensor in parameters:
        tensor.requires_grad_()
    results = [flat(function(*parameters)) for function in (kernel, torch.compile(kernel, fullgraph=True))]
    for one, other in zip(*results, strict=True):
        # What is compiled takes exp(x) - 1 for expm1, which logits that are nearly equal need.
        torch.testing.assert_close(one, other, rtol=1e-14, atol=1e-16 if name == "kl_bernoulli_logits" else 0)
    totals = [sum(array.sum() for array in result) for result in results]
    for one, other in zip(*(torch.autograd.grad(total, parameters) for total in totals), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-13, atol=1e-13)
