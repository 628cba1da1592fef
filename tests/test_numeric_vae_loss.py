"""The loss of a variational autoencoder: its definition, its gradient, its weight and its reconstruction term."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from numeric_arguments import Own, assert_same, call, refusal
from numeric_draws import DTYPES, draw
from numeric_exact import EPS_ALLOWED, flat

from kl_symbolic.errors import RequestError
from kl_symbolic.numeric import kl_standard_normal, vae_loss, vae_loss_value_and_grad

pytestmark = pytest.mark.usefixtures("backend")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_vae_loss_is_its_definition_and_its_gradient_that_of_the_divergence(axis, dtype):
    mu, logvar = draw(kl_standard_normal, dtype)
    beta, batch = 0.25, mu.size // mu.shape[axis]
    expected = 7 + beta * kl_standard_normal(mu, logvar, axis=axis).astype(float).mean()
    loss = vae_loss(7.0, mu, logvar, beta, axis)
    value, (by_mu, by_logvar) = vae_loss_value_and_grad(7.0, mu, logvar, beta, axis)
    eps = float(np.finfo(dtype).eps)
    assert loss == pytest.approx(expected, rel=EPS_ALLOWED * eps)
    assert value == pytest.approx(expected, rel=EPS_ALLOWED * eps)
    assert loss.dtype == value.dtype == by_mu.dtype == by_logvar.dtype == dtype
    np.testing.assert_allclose(by_mu, beta * mu / batch, rtol=EPS_ALLOWED * eps)
    np.testing.assert_allclose(by_logvar, beta * np.expm1(logvar) / 2 / batch, rtol=EPS_ALLOWED * eps)


def test_vae_loss_moves_as_its_gradient_says():
    mu, logvar = (np.array(v) for v in ([[0.3, -0.2], [1.0, 0.1]], [[0.5, -0.7], [0.2, 0.0]]))
    _, (by_mu, by_logvar) = vae_loss_value_and_grad(1.0, mu, logvar, beta=3.0)
    step = 1e-6
    for index in np.ndindex(mu.shape):
        move = np.zeros_like(mu)
        move[index] = step
        slope = (vae_loss(1.0, mu + move, logvar, 3.0) - vae_loss(1.0, mu - move, logvar, 3.0)) / (2 * step)
        assert slope == pytest.approx(by_mu[index], abs=1e-8)
        slope = (vae_loss(1.0, mu, logvar + move, 3.0) - vae_loss(1.0, mu, logvar - move, 3.0)) / (2 * step)
        assert slope == pytest.approx(by_logvar[index], abs=1e-8)


@pytest.mark.parametrize("function", [vae_loss, vae_loss_value_and_grad])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 2.0], [1.0], 0.0), "reconstruction must be one number, the mean over the batch; got an array of the "),
        ((0.0, [1.0], 0.0, -1.0), "beta must be a finite number >= 0; got -1.0"),
        ((0.0, [1.0], 0.0, np.nan), "beta must be a finite number >= 0; got nan"),
        ((0.0, [1.0], 0.0, "1"), "beta must be a finite number >= 0; got '1'"),
        ((0.0, np.ones((0, 2)), 0.0), "the batch is empty: the divergences have the shape (0,)"),
        ((0.0, [np.inf], 0.0), "mu must be finite; got inf at index (0,)"),
        ((0.0, 1.0, 0.0), "axis must be one of the axes of the parameters"),
    ],
)
def test_vae_loss_names_what_is_wrong(function, arguments, message):
    with pytest.raises(RequestError) as caught:
        function(*arguments)
    assert str(caught.value).startswith(message)


# The reconstruction


@pytest.mark.parametrize(
    "value", [2.5, np.array(2.5), np.float16(2.5), np.longdouble(2.5), Own((), buffer=np.array(2.5))]
)
@pytest.mark.parametrize("name", ["vae_loss", "vae_loss_value_and_grad"])
def test_the_reconstruction_is_one_number_of_any_kind(name, value):
    assert_same(call(name, reconstruction=value), call(name))
    assert flat(call(name, reconstruction=np.nan))[0] != flat(call(name))[0]
    assert flat(call(name, reconstruction=np.inf))[0] == np.inf
    assert refusal(lambda: call(name, reconstruction=[value])).startswith("reconstruction must be one number")


# The weight


def betas():
    yield from [-1, -5e-324, np.nan, np.inf, -np.inf, "1", None, 1j, [1.0], np.ones(1), np.array(1.0), Decimal(1), {}]
    yield pytest.param(10**400, id="huge")
    yield pytest.param(-(10**400), id="huge-below-zero")
    yield pytest.param(np.ma.array([1.0, 2.0], mask=[0, 1]), id="masked")
    yield pytest.param(np.ones((3, 3)), id="matrix")
    yield pytest.param(np.longdouble("1e400"), id="longdouble")


@pytest.mark.parametrize("beta", [*betas()])
@pytest.mark.parametrize("name", ["vae_loss", "vae_loss_value_and_grad"])
def test_beta_must_be_a_finite_number(name, beta):
    assert refusal(lambda: call(name, beta=beta)).startswith("beta must be a finite number >= 0; got ")


def test_beta_is_a_number_of_any_kind():
    for beta in (1, True, np.float16(1), np.uint8(1), np.longdouble(1)):
        assert_same(call("vae_loss_value_and_grad", beta=beta), call("vae_loss_value_and_grad"))
    assert call("vae_loss", beta=-0.0) == call("vae_loss", beta=0) == 2.5


def test_the_weight_zero_leaves_the_reconstruction_whatever_the_divergence():
    assert vae_loss(2.5, [1e200], [0.0], 0) == 2.5


def test_the_mean_over_the_batch_does_not_overflow_before_it_must():
    assert vae_loss(0.0, [[1.8e154]] * 2, 0.0) == vae_loss(0.0, [[1.8e154]], 0.0) < np.inf


def test_a_large_weight_of_float32_gradients_spoils_no_zero():
    _, (by_mu, by_logvar) = vae_loss_value_and_grad(0.0, np.float32([1.0]), np.float32([0.0]), 1e300)
    assert (by_mu[0], by_logvar[0]) == (np.inf, 0)
