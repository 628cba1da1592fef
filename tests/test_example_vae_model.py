"""The network of the autoencoder examples: its losses, its hand-written gradient, its first weights, its optimiser."""

from __future__ import annotations

import numpy as np
import pytest

from examples.vae.model import Sizes, as_network, initial_parameters, losses_and_gradient
from examples.vae.regularisers import REGULARISERS
from examples.vae.train import BATCH, DECAY_1, DECAY_2, LEARNING_RATE, SIZES, adam

torch = pytest.importorskip("torch")

SMALL = Sizes(pixels=6, hidden=5, latent=2)


def small_batch(seed):
    random = np.random.default_rng(seed)
    parameters = random.normal(0, 0.5, initial_parameters(SMALL, random).size)
    return parameters, random.uniform(size=(4, SMALL.pixels)), random.normal(size=(4, SMALL.latent))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("regulariser", REGULARISERS)
def test_gradient_is_that_of_finite_differences(regulariser, seed):
    parameters, images, noise = small_batch(seed)
    regularise = REGULARISERS[regulariser]
    gradient = losses_and_gradient(parameters, SMALL, images, noise, regularise)[1]
    assert gradient.dtype == np.float64
    step = 1e-5
    for number, derivative in enumerate(gradient):
        ends = []
        for sign in (1, -1):
            moved = parameters.copy()
            moved[number] += sign * step
            ends.append(losses_and_gradient(moved, SMALL, images, noise, regularise)[0].total)
        assert derivative == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6, abs=1e-7)


def autograd(parameters, sizes, images, noise, regularise):
    """Return the losses and their gradient as torch finds it for the network as one would write it down."""
    vector = torch.tensor(parameters, requires_grad=True)
    (w_1, b_1), (w_mean, b_mean), (w_logvar, b_logvar), (w_2, b_2), (w_out, b_out) = as_network(vector, sizes)
    x, noise = torch.from_numpy(images), torch.from_numpy(noise)
    hidden = (x @ w_1 + b_1).relu()
    mean, logvar = hidden @ w_mean + b_mean, hidden @ w_logvar + b_logvar
    probability = (((mean + (logvar / 2).exp() * noise) @ w_2 + b_2).relu() @ w_out + b_out).sigmoid()
    entropy = -(x * probability.log() + (1 - x) * (1 - probability).log())
    reconstruction, penalty = entropy.mean(dim=1).sum(), regularise(mean, logvar)
    (reconstruction + penalty).backward()
    return (reconstruction.item(), penalty.item()), vector.grad.numpy()


IN_TORCH = {
    "kl": lambda mean, logvar: (-(1 + logvar - mean**2 - logvar.exp()) / 2).sum(dim=1).mean(),
    "none": lambda mean, logvar: torch.zeros((), dtype=mean.dtype),
    "mse": lambda mean, logvar: ((logvar - 1) ** 2 + mean**2).mean(dim=1).sum(),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sizes", [SMALL, SIZES], ids=["small", "real"])
@pytest.mark.parametrize("regulariser", REGULARISERS)
def test_gradient_is_that_of_autograd(regulariser, sizes, seed):
    random = np.random.default_rng(seed)
    parameters = initial_parameters(sizes, random, np.float64)
    parameters += random.normal(0, 0.05, parameters.size)  # biases too
    images, noise = random.uniform(size=(BATCH, sizes.pixels)), random.normal(size=(BATCH, sizes.latent))
    losses, gradient = losses_and_gradient(parameters, sizes, images, noise, REGULARISERS[regulariser])
    expected_losses, expected = autograd(parameters, sizes, images, noise, IN_TORCH[regulariser])
    assert tuple(losses) == pytest.approx(expected_losses, rel=1e-12)
    for found, layer in zip(as_network(gradient, sizes), as_network(expected, sizes), strict=True):
        for part, reference in zip(found, layer, strict=True):
            assert np.abs(reference).max() > 0
            np.testing.assert_allclose(part, reference, rtol=0, atol=1e-12 * np.abs(reference).max())


@pytest.mark.parametrize("regulariser", REGULARISERS)
def test_gradient_of_a_regulariser_is_that_of_autograd(regulariser):
    draws = np.random.default_rng(0).normal(size=(2, BATCH, SIZES.latent))
    value, *gradient = REGULARISERS[regulariser](*draws)
    variables = torch.tensor(draws, requires_grad=True)
    expected = IN_TORCH[regulariser](*variables)
    assert value == pytest.approx(expected.item(), rel=1e-12)
    if regulariser == "none":
        assert not np.any(gradient)
    else:
        expected.backward()
        np.testing.assert_allclose(gradient, variables.grad.numpy(), rtol=1e-12)


def test_losses_are_those_of_the_report():
    parameters, images, noise = small_batch(0)
    weights, start = [], 0
    for inputs, outputs in ((6, 5), (5, 2), (5, 2), (2, 5), (5, 6)):
        size = inputs * outputs
        weights.append(
            (parameters[start : start + size].reshape(inputs, outputs), parameters[start + size :][:outputs])
        )
        start += size + outputs
    encoder, to_mean, to_logvar, decoder, output = weights
    hidden = np.maximum(images @ encoder[0] + encoder[1], 0)
    mean, logvar = hidden @ to_mean[0] + to_mean[1], hidden @ to_logvar[0] + to_logvar[1]
    decoded = np.maximum((mean + np.exp(logvar / 2) * noise) @ decoder[0] + decoder[1], 0)
    image = 1 / (1 + np.exp(-(decoded @ output[0] + output[1])))
    reconstruction = np.sum(np.mean(-images * np.log(image) - (1 - images) * np.log(1 - image), axis=1))
    penalties = {
        "kl": np.mean(np.sum(-(1 + logvar - mean**2 - np.exp(logvar)) / 2, axis=1)),
        "none": 0,
        "mse": np.sum(np.mean((logvar - 1) ** 2, axis=1) + np.mean(mean**2, axis=1)),
    }
    assert penalties.keys() == REGULARISERS.keys()
    for name, penalty in penalties.items():
        losses = losses_and_gradient(parameters, SMALL, images, noise, REGULARISERS[name])[0]
        assert losses == pytest.approx((reconstruction, penalty), rel=1e-12)


def test_losses_of_saturated_pixels_are_finite():
    parameters, images, noise = small_batch(0)
    parameters[-SMALL.pixels :] = (-1e3, 1e3) * 3  # the biases of the output
    losses, gradient = losses_and_gradient(parameters, SMALL, images, noise, REGULARISERS["none"])
    assert np.isfinite(losses.total)
    assert np.all(np.isfinite(gradient))


def test_initial_weights_fill_their_interval_and_biases_are_zero():
    parameters = initial_parameters(SIZES, np.random.default_rng(0))
    assert parameters.dtype == np.float32
    first, limit = parameters[: 784 * 100], np.sqrt(6 / 884)
    assert 0.99 * limit < np.abs(first).max() <= limit
    assert not parameters[784 * 100 : 785 * 100].any()


def test_first_step_of_adam_has_the_length_of_the_learning_rate():
    gradient = np.array([1e-2, -3.0, 50.0])
    parameters = np.zeros(3)
    adam(parameters, gradient, np.zeros(3), np.zeros(3), 1)
    assert parameters == pytest.approx(-LEARNING_RATE * np.sign(gradient), rel=1e-3)


def test_adam_is_that_of_torch_but_for_where_epsilon_is_added():
    random = np.random.default_rng(0)
    parameters, moments = random.normal(size=50), (np.zeros(50), np.zeros(50))
    theirs = torch.tensor(parameters, requires_grad=True)
    optimiser = torch.optim.Adam([theirs], LEARNING_RATE, (DECAY_1, DECAY_2), eps=0)
    begun = parameters.copy()
    for number in range(1, 21):
        gradient = random.uniform(1, 100, 50) * random.choice((-1, 1), 50)  # epsilon is at most 3e-6 of it
        theirs.grad = torch.from_numpy(gradient)
        optimiser.step()
        adam(parameters, gradient, *moments, number)
    moved = theirs.detach().numpy() - begun
    np.testing.assert_allclose(parameters - begun, moved, rtol=0, atol=1e-5 * np.abs(moved).max())
