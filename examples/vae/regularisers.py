"""What keeps the latent points together: the divergence from N(0, I), nothing, or a sum of squares."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.numeric import kl_standard_normal_value_and_grad

Array: TypeAlias = NDArray[np.floating]
Regulariser: TypeAlias = Callable[[Array, Array], tuple[float, Array, Array]]


def divergence(mean: Array, logvar: Array) -> tuple[float, Array, Array]:
    """Return the mean over the batch of KL(N(mean, e^logvar) || N(0, I)) in nats, and its two gradients."""
    values, (d_mean, d_logvar) = kl_standard_normal_value_and_grad(mean, logvar)
    return float(np.mean(values)), d_mean / len(mean), d_logvar / len(mean)


def nothing(mean: Array, logvar: Array) -> tuple[float, Array, Array]:
    """Return zeros: a plain autoencoder, but for the noise."""
    return 0.0, np.zeros_like(mean), np.zeros_like(logvar)


def squares(mean: Array, logvar: Array) -> tuple[float, Array, Array]:
    """Return the sum over the batch of the mean over the latents of mean^2 + (logvar - 1)^2, and its two gradients."""
    latent, excess = mean.shape[1], logvar - 1
    return float(np.sum(mean**2 + excess**2)) / latent, 2 * mean / latent, 2 * excess / latent


REGULARISERS: dict[str, Regulariser] = {"kl": divergence, "none": nothing, "mse": squares}
