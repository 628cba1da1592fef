"""Training: Adam on shuffled batches, as a pure function from the state before an epoch to the state after it.

An epoch that is interrupted therefore leaves nothing behind, and the state alone decides how training goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from examples.vae.data import Bytes
from examples.vae.model import Array, Losses, Sizes, as_network, encode, initial_parameters, losses_and_gradient
from examples.vae.regularisers import REGULARISERS

SIZES = Sizes()
BATCH = 128
WHITE = 255
CHUNK = 4096  # images that are encoded together; bounds the memory
LEARNING_RATE, DECAY_1, DECAY_2, EPSILON = 1e-4, 0.9, 0.999, 1e-7  # the last three are what Keras takes


@dataclass(frozen=True)
class State:
    """All that training goes on from."""

    parameters: Array
    first_moment: Array
    second_moment: Array
    steps: int
    random: dict[str, object]  # of NumPy's bit generator
    log: tuple[Losses, ...]  # per epoch, the mean over its batches
    seconds: tuple[float, ...]


OnBatch = Callable[[Losses], None]


def begin(seed: int) -> State:
    """Return the state before the first epoch."""
    random = np.random.default_rng(seed)
    parameters = initial_parameters(SIZES, random)
    zeros = np.zeros_like(parameters)
    return State(parameters, zeros, zeros, 0, dict(random.bit_generator.state), (), ())


def train_epoch(state: State, pixels: Bytes, regulariser: str, on_batch: OnBatch = lambda _: None) -> State:
    """Return the state after one more pass over the images.

    Parameters
    ----------
    state
        The state before, which is not changed.
    pixels
        Images of pixels from 0 to 255, of shape (images, 784).
    regulariser
        A key of `REGULARISERS`.
    on_batch
        Called after every batch with the mean losses of the epoch so far.
    """
    started = time.perf_counter()
    random = np.random.default_rng()
    random.bit_generator.state = state.random
    parameters, moments = state.parameters.copy(), (state.first_moment.copy(), state.second_moment.copy())
    sums, steps = np.zeros(2), state.steps
    order = random.permutation(len(pixels))
    for number, start in enumerate(range(0, len(order), BATCH), 1):
        images = scaled(pixels[order[start : start + BATCH]])
        noise = random.standard_normal((len(images), SIZES.latent), np.float32)
        losses, gradient = losses_and_gradient(parameters, SIZES, images, noise, REGULARISERS[regulariser])
        steps += 1
        adam(parameters, gradient, *moments, steps)
        sums += losses
        on_batch(_mean(sums, number))
    return State(
        parameters,
        *moments,
        steps,
        dict(random.bit_generator.state),
        (*state.log, _mean(sums, number)),
        (*state.seconds, time.perf_counter() - started),
    )


def adam(parameters: Array, gradient: Array, first_moment: Array, second_moment: Array, steps: int) -> None:
    """Take one step of Adam in place.

    References
    ----------
    Kingma and Ba, Adam: a method for stochastic optimization (2015), with epsilon where the end of section 2 has it.
    """
    first_moment += (1 - DECAY_1) * (gradient - first_moment)
    second_moment += (1 - DECAY_2) * (gradient * gradient - second_moment)
    rate = LEARNING_RATE * (1 - DECAY_2**steps) ** 0.5 / (1 - DECAY_1**steps)
    parameters -= rate * first_moment / (np.sqrt(second_moment) + EPSILON)


def scaled(pixels: Bytes) -> Array:
    """Return the pixels as float32 from 0 to 1."""
    return np.divide(pixels, WHITE, dtype=np.float32)


def latent_means(parameters: Array, pixels: Bytes) -> Array:
    """Return the latent mean of every image, of shape (images, 2)."""
    network = as_network(parameters, SIZES)
    chunks = range(0, len(pixels), CHUNK)
    return np.concatenate([encode(network, scaled(pixels[start : start + CHUNK]))[0] for start in chunks])


def evaluate(parameters: Array, pixels: Bytes, regulariser: str, seed: int) -> Losses:
    """Return the mean losses per full batch, as training counts them, on images that training has not seen."""
    random = np.random.default_rng(seed)
    size = min(BATCH, len(pixels))
    sums, starts = np.zeros(2), range(0, len(pixels) - size + 1, size)
    for start in starts:
        noise = random.standard_normal((size, SIZES.latent), np.float32)
        images = scaled(pixels[start : start + size])
        sums += losses_and_gradient(parameters, SIZES, images, noise, REGULARISERS[regulariser])[0]
    return _mean(sums, len(starts))


def _mean(sums: Array, number: int) -> Losses:
    return Losses(float(sums[0]) / number, float(sums[1]) / number)
