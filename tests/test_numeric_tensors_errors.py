"""Tensors of torch and JAX: arguments that are refused, and how the library of an argument is told."""

from __future__ import annotations

import array_api_compat
import numpy as np
import pytest

from kl_symbolic import numeric
from kl_symbolic.errors import RequestError
from kl_symbolic.numeric import kl_diag_normal, kl_discrete, kl_normal, kl_standard_normal, vae_loss

jnp = pytest.importorskip("jax.numpy")
torch = pytest.importorskip("torch")

pytestmark = pytest.mark.usefixtures("double_precision")

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
            "reconstruction must be an array of real numbers; got None",
        ),
        (
            lambda: kl_discrete(ONES, ONES * 1j),
            "q must be real; got the dtype torch.complex64",
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
        (
            lambda: vae_loss(ONES, ONES, 0),
            "reconstruction must be one number, the mean over the batch; got an array of the shape (3,)",
        ),
        (lambda: vae_loss(0.0, ONES, 0, ONES), "beta must be one number; got an array of the shape (3,)"),
        (lambda: vae_loss(0.0, ONES, 0, -1.0), "beta must be a finite number >= 0; got -1.0"),
        (lambda: vae_loss(0.0, ONES, 0, "1"), "beta must be a finite number >= 0; got '1'"),
        (lambda: vae_loss(0.0, torch.ones(0, 2), 0), "the batch is empty: the divergences have the shape (0,)"),
    ],
)
def test_an_error_names_the_argument(call, message):
    with pytest.raises(RequestError) as caught:
        call()
    assert str(caught.value) == message


def test_a_tensor_among_the_options_does_not_make_numpy_arrays_tensors():
    with pytest.raises(RequestError, match=r"^axis must be an integer, a tuple of integers, or None; got a Tensor$"):
        kl_standard_normal(np.ones(3), 0.0, axis=torch.tensor(0))


def test_the_library_of_a_tensor_is_told_without_its_caches():
    assert array_api_compat.array_namespace(ONES) is numeric.libraries.namespace(ONES)
