"""Tensors of torch and JAX: NaN and zeros, shapes, memory layouts, dtypes and devices."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from numeric_arguments import BY_NAME
from numeric_draws import DTYPES
from numeric_exact import flat
from numeric_tensors import LIBRARIES, arrays_of, call, draw, tensors_of

from kl_symbolic import numeric
from kl_symbolic.numeric import (
    cross_entropy_discrete,
    entropy_discrete,
    in_bits,
    kl_diag_normal,
    kl_discrete,
    kl_normal,
    kl_standard_normal,
    vae_loss,
)

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")
torch = pytest.importorskip("torch")

pytestmark = pytest.mark.usefixtures("double_precision")


# NaN, bad values, zeros


@pytest.mark.sample(14)
@pytest.mark.parametrize("name", [n for n in numeric.__all__ if n not in ("vae_loss_value_and_grad", *BY_NAME)])
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


def test_bits_are_nats_over_log_2():
    for xp in (torch, jnp):
        nats = xp.asarray([np.log(2), 0.0, np.inf, np.nan])
        np.testing.assert_allclose(in_bits(nats), [1.0, 0.0, np.inf, np.nan], rtol=1e-7)


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


@pytest.mark.sample(13)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [n for n in numeric.__all__ if n not in BY_NAME and not n.startswith("vae")])
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


@LIBRARIES
def test_the_widest_tensor_decides_the_dtype_and_numbers_do_not(xp):
    single, double = xp.ones(2, dtype=xp.float32), xp.ones(2, dtype=xp.float64)
    whole, truth = xp.ones(2, dtype=xp.int32), xp.ones(2, dtype=xp.bool if xp is torch else bool)
    default = xp.asarray(0.5).dtype
    function = numeric.kl_normal_value_and_grad
    function = function if xp is torch else partial(jax.eval_shape, function)
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
