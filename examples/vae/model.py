"""The network 784 -> 100 -> 2 -> 100 -> 784 with a random latent layer, its losses and their gradient, by hand.

All weights and biases lie in one vector, of which the layers are views: the optimiser, the checkpoint and the finite
differences that check the gradient then know nothing about layers.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from examples.vae.regularisers import Regulariser

Array: TypeAlias = NDArray[np.floating]


class Sizes(NamedTuple):
    """The widths of the layers."""

    pixels: int = 784
    hidden: int = 100
    latent: int = 2


class Layer(NamedTuple):
    """The affine map x -> x W + b."""

    weights: Array
    biases: Array

    def __call__(self, inputs: Array) -> Array:
        """Return the outputs for inputs of shape (batch, inputs)."""
        outputs: Array = inputs @ self.weights
        outputs += self.biases
        return outputs


class Network(NamedTuple):
    """The layers: pixels -> hidden -> (mean, logvar), and latent -> hidden -> logits of the pixels."""

    encoder: Layer
    mean: Layer
    logvar: Layer
    decoder: Layer
    output: Layer


class Losses(NamedTuple):
    """The two terms whose sum is minimised."""

    reconstruction: float
    regulariser: float

    @property
    def total(self) -> float:
        """The loss."""
        return self.reconstruction + self.regulariser


def layer_shapes(sizes: Sizes) -> tuple[tuple[int, int], ...]:
    """Return (inputs, outputs) of each layer, in the order of `Network`."""
    pixels, hidden, latent = sizes
    return (pixels, hidden), (hidden, latent), (hidden, latent), (latent, hidden), (hidden, pixels)


def as_network(parameters: Array, sizes: Sizes) -> Network:
    """Return the layers as views into the vector of parameters."""
    layers, start = [], 0
    for inputs, outputs in layer_shapes(sizes):
        middle, end = start + inputs * outputs, start + (inputs + 1) * outputs
        layers.append(Layer(parameters[start:middle].reshape(inputs, outputs), parameters[middle:end]))
        start = end
    return Network(*layers)


def initial_parameters(sizes: Sizes, random: np.random.Generator, dtype: type[np.floating] = np.float32) -> Array:
    """Draw weights uniformly from +-sqrt(6/(inputs + outputs)) (Glorot and Bengio, 2010); biases are zero."""
    parameters = np.zeros(sum((inputs + 1) * outputs for inputs, outputs in layer_shapes(sizes)), dtype)
    for layer in as_network(parameters, sizes):
        limit = np.sqrt(6 / sum(layer.weights.shape))
        layer.weights[:] = random.uniform(-limit, limit, layer.weights.shape)
    return parameters


def encode(network: Network, images: Array) -> tuple[Array, Array]:
    """Return the mean and the logarithm of the variance of the latent normal law of each image."""
    hidden = _relu(network.encoder(images))
    return network.mean(hidden), network.logvar(hidden)


def decode(network: Network, latent: Array) -> Array:
    """Return the image, with pixels from 0 to 1, of each latent point."""
    return _sigmoid(network.output(_relu(network.decoder(latent))))[0]


def losses_and_gradient(
    parameters: Array, sizes: Sizes, images: Array, noise: Array, regularise: Regulariser
) -> tuple[Losses, Array]:
    """Return the losses of a batch and the gradient of their sum.

    Parameters
    ----------
    parameters
        Weights and biases, in the order of `as_network`.
    sizes
        The widths of the layers.
    images
        Pixels from 0 to 1, of shape (batch, pixels).
    noise
        Standard normal draws of shape (batch, latent): the latent points are mean + exp(logvar/2) noise.
    regularise
        What acts on mean and logvar.

    Returns
    -------
    tuple
        The losses (reconstruction: the cross-entropy in nats, summed over the batch, averaged over the pixels), and
        the gradient, in the layout of `parameters`.
    """
    network, gradient = as_network(parameters, sizes), np.empty_like(parameters)
    slot = as_network(gradient, sizes)

    hidden = _relu(network.encoder(images))
    mean, logvar = network.mean(hidden), network.logvar(hidden)
    spread = np.exp(logvar / 2) * noise
    latent = mean + spread
    decoded = _relu(network.decoder(latent))
    reconstruction, d_logits = _cross_entropy(images, network.output(decoded))
    penalty, d_mean, d_logvar = regularise(mean, logvar)

    _fill(slot.output, decoded, d_logits)
    d_decoded = (d_logits @ network.output.weights.T) * (decoded > 0)
    _fill(slot.decoder, latent, d_decoded)
    d_latent = d_decoded @ network.decoder.weights.T
    d_mean = d_mean + d_latent  # latent = mean + exp(logvar/2) noise, so d latent/d logvar is half the spread
    d_logvar = d_logvar + d_latent * spread / 2
    _fill(slot.mean, hidden, d_mean)
    _fill(slot.logvar, hidden, d_logvar)
    d_hidden = (d_mean @ network.mean.weights.T + d_logvar @ network.logvar.weights.T) * (hidden > 0)
    _fill(slot.encoder, images, d_hidden)
    return Losses(reconstruction, penalty), gradient


def _fill(slot: Layer, inputs: Array, d_outputs: Array) -> None:
    """Write the gradient of an affine map's weights and biases."""
    np.matmul(inputs.T, d_outputs, out=slot.weights)
    np.sum(d_outputs, axis=0, out=slot.biases)


def _relu(values: Array) -> Array:
    return np.maximum(values, 0, out=values)


def _sigmoid(logits: Array) -> tuple[Array, Array]:
    """Return 1/(1 + e^-a), and e^-|a| from which it is computed because that never overflows."""
    decay = np.exp(-np.abs(logits))
    return np.where(logits < 0, decay, 1) / (1 + decay), decay


def _cross_entropy(images: Array, logits: Array) -> tuple[float, Array]:
    """Return sum over the batch of the mean over the pixels of -x log s - (1-x) log(1-s), s = sigmoid; its gradient."""
    pixels = images.shape[1]
    probability, decay = _sigmoid(logits)
    value = np.sum(np.maximum(logits, 0) - logits * images + np.log1p(decay)) / pixels
    probability -= images
    probability /= pixels
    return float(value), probability
